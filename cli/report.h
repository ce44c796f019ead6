// What the command says on stderr when something goes wrong: one line, `wasmaot: ` in front, colour
// only on a terminal, control characters of hostile names made visible. Or, for programs that read
// it (--message-format=json), one JSON object a line; docs/machines.md has its keys.
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
};

enum wa_report_code {
#define WA_ERROR_KIND(id, code, meaning) WA_REPORT_##id,
#define WA_EVENT(id, code, severity, meaning) WA_REPORT_##id,
#include "include/wa_codes.def"
  WA_REPORT_COUNT
};

// How a code is spelled, and "error", "warning" or "note".
const char *wa_report_code_name(enum wa_report_code code);
const char *wa_report_severity(enum wa_report_code code);

// From now on; until then it is text.
void wa_report_as_json(bool json);
bool wa_report_is_json(void);

// A wrong command line.
__attribute__((format(printf, 1, 2))) void wa_report(const char *format, ...);
// "wasmaot: FILE: message", of a warning "wasmaot: FILE: warning: message"; `file` may be NULL.
__attribute__((format(printf, 3, 4))) void wa_report_as(enum wa_report_code code, const char *file,
                                                        const char *format, ...);
// "wasmaot: FILE:0xOFFSET: message"; the exit status for it. `file` may be NULL.
int wa_report_error(const char *file, const struct wa_error *err);
// The same, without the offset, and with what to do about it.
int wa_report_error_advice(const char *file, const struct wa_error *err, const char *advice);
// A thread's place, `text` in words, and its frames.
void wa_report_thread(int32_t thread, const char *text, const struct wa_trap *trap);
// The trap and its backtrace, innermost frame first: all of it, or without what a panic of Rust is
// made of. `left_lines`: -g would have kept source lines.
void wa_report_trap(const struct wa_trap *trap, bool all_frames, bool left_lines);

#endif
