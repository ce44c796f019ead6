// What became of each command of a script, counted where the parent process can read it even when
// the process that runs the script dies.
#ifndef SPEC_REPORT_H
#define SPEC_REPORT_H

#include <pthread.h>
#include <stdbool.h>

enum { MOST_REASONS = 24, LONGEST_REASON = 64 };

// Plain data, in memory that parent and child share.
struct tally {
  unsigned total; // commands in the script
  unsigned passed, failed, skipped;
  unsigned line; // of the command that ran last
  unsigned reason_count;
  struct {
    char text[LONGEST_REASON];
    unsigned count;
  } reasons[MOST_REASONS]; // of skipped commands
};

// One script's report; its functions are thread-safe.
struct report {
  struct tally *tally;
  const char *file;
  bool verbose; // print every failure, not just the first few
  pthread_mutex_t lock;
};

void report_init(struct report *report, struct tally *tally, const char *file, bool verbose);
void report_deinit(struct report *report);

void report_line(struct report *report, unsigned line);
void report_pass(struct report *report);
__attribute__((format(printf, 3, 4))) void report_fail(struct report *report, unsigned line,
                                                       const char *format, ...);
void report_skip(struct report *report, const char *reason);
// Prints a message that belongs to no command: why a module did not load.
__attribute__((format(printf, 3, 4))) void report_note(struct report *report, unsigned line,
                                                       const char *format, ...);

void tally_skip(struct tally *tally, const char *reason, unsigned count);
void tally_add(struct tally *sum, const struct tally *more);

#endif
