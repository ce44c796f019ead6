#include "tests/spec/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_FAILURES = 8 };

void report_init(struct report *report, struct tally *tally, const char *file, bool verbose) {
  *report = (struct report){.tally = tally, .file = file, .verbose = verbose};
  pthread_mutex_init(&report->lock, NULL);
}

void report_deinit(struct report *report) {
  pthread_mutex_destroy(&report->lock);
}

void report_line(struct report *report, unsigned line) {
  pthread_mutex_lock(&report->lock);
  report->tally->line = line;
  pthread_mutex_unlock(&report->lock);
}

void report_pass(struct report *report) {
  pthread_mutex_lock(&report->lock);
  report->tally->passed++;
  pthread_mutex_unlock(&report->lock);
}

static void print(struct report *report, unsigned line, const char *format, va_list args) {
  char message[1024];
  (void)vsnprintf(message, sizeof message, format, args);
  (void)fprintf(stderr, "%s:%u: %s\n", report->file, line, message);
}

void report_fail(struct report *report, unsigned line, const char *format, ...) {
  va_list args;
  va_start(args, format);
  pthread_mutex_lock(&report->lock);
  report->tally->failed++;
  if (report->verbose || report->tally->failed <= SHOWN_FAILURES) {
    print(report, line, format, args);
  } else if (report->tally->failed == SHOWN_FAILURES + 1) {
    (void)fprintf(stderr, "%s: more failures, shown with --verbose\n", report->file);
  }
  pthread_mutex_unlock(&report->lock);
  va_end(args);
}

void report_note(struct report *report, unsigned line, const char *format, ...) {
  va_list args;
  va_start(args, format);
  pthread_mutex_lock(&report->lock);
  if (report->verbose || report->tally->failed <= SHOWN_FAILURES) {
    print(report, line, format, args);
  }
  pthread_mutex_unlock(&report->lock);
  va_end(args);
}

void tally_skip(struct tally *tally, const char *reason, unsigned count) {
  unsigned i = 0;
  tally->skipped += count;
  while (i < tally->reason_count &&
         strncmp(tally->reasons[i].text, reason, LONGEST_REASON - 1) != 0) {
    i++;
  }
  if (i == MOST_REASONS) {
    i--; // the last one stands for all that do not fit
  }
  if (i == tally->reason_count) {
    (void)snprintf(tally->reasons[i].text, LONGEST_REASON, "%s", reason);
    tally->reason_count++;
  }
  tally->reasons[i].count += count;
}

void report_skip(struct report *report, const char *reason) {
  pthread_mutex_lock(&report->lock);
  tally_skip(report->tally, reason, 1);
  pthread_mutex_unlock(&report->lock);
}

void tally_add(struct tally *sum, const struct tally *more) {
  sum->total += more->total;
  sum->passed += more->passed;
  sum->failed += more->failed;
  for (unsigned i = 0; i < more->reason_count; i++) {
    tally_skip(sum, more->reasons[i].text, more->reasons[i].count);
  }
}
