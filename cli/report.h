// What the command says on stderr when something goes wrong: one line, `wasmaot: ` in front, colour
// only on a terminal, control characters of hostile names made visible.
#ifndef WA_CLI_REPORT_H
#define WA_CLI_REPORT_H

#include "include/wa_error.h"
#include "runtime/runtime.h"

enum wa_exit_status {
  WA_EXIT_OK = 0,
  WA_EXIT_FAILURE = 1, // wasmaot's own errors
  WA_EXIT_USAGE = 2,
  WA_EXIT_TIMEOUT = 124, // as timeout(1) has it
  WA_EXIT_TRAP = 134,    // as a shell shows SIGABRT
  WA_EXIT_QUIT = 131,    // and SIGQUIT
};

__attribute__((format(printf, 1, 2))) void wa_report(const char *format, ...);
// "wasmaot: FILE:0xOFFSET: message"; the exit status for it. `file` may be NULL.
int wa_report_error(const char *file, const struct wa_error *err);
// The frames of a trap, one a line: all of them, or without what a panic of Rust is made of.
void wa_report_frames(const struct wa_trap *trap, bool all_frames);
// The trap and its backtrace, innermost frame first: all of it, or without what a panic of Rust is
// made of. `left_lines`: -g would have kept source lines.
void wa_report_trap(const struct wa_trap *trap, bool all_frames, bool left_lines);

#endif
