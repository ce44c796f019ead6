#include "cli/report.h"

#include "cli/report_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// ---- Codes ----

static const struct {
  const char *name, *severity;
} codes[] = {
#define WA_ERROR_KIND(id, code, meaning) {code, "error"},
#define WA_EVENT(id, code, severity, meaning) {code, severity},
#include "include/wa_codes.def"
};

const char *wa_report_code_name(enum wa_report_code code) {
  return codes[code].name;
}

const char *wa_report_severity(enum wa_report_code code) {
  return codes[code].severity;
}

// Both begin with the kinds of errors, in one order.
static enum wa_report_code code_of(enum wa_error_kind kind) {
  _Static_assert((int)WA_REPORT_MISSING + 1 == (int)WA_ERROR_MISSING, "kinds come first");
  return kind == WA_ERROR_NONE ? WA_REPORT_SYSTEM : (enum wa_report_code)(kind - 1);
}

// ---- Messages ----

static bool as_json;

void wa_report_as_json(bool json) {
  as_json = json;
}

bool wa_report_is_json(void) {
  return as_json;
}

// A line of stderr, written at once so that those of several processes do not mix.
struct line {
  char text[16384];
  size_t used;
};

static void put(struct line *line, const char *text) {
  size_t length = strlen(text);
  size_t room = sizeof line->text - line->used;
  if (length > room) {
    length = room;
  }
  memcpy(line->text + line->used, text, length);
  line->used += length;
}

// Names come from files that anyone may have written: no line breaks, no terminal codes.
static void put_visible(struct line *line, const char *text) {
  for (; *text != '\0'; text++) {
    unsigned char byte = (unsigned char)*text;
    char shown[8] = {*text, '\0'};
    if (byte < 0x20 || byte == 0x7f) {
      (void)snprintf(shown, sizeof shown, "\\x%02x", byte);
    }
    put(line, shown);
  }
}

static void end_line(struct line *line) {
  if (line->used == sizeof line->text) {
    line->used--;
  }
  line->text[line->used] = '\n';
  (void)fwrite(line->text, 1, line->used + 1, stderr);
}

static void put_place(struct line *line, const struct wa_message *message) {
  char offset[32];
  if (message->file == NULL) {
    return;
  }
  put_visible(line, message->file[0] != '\0' ? message->file : "''");
  (void)snprintf(offset, sizeof offset, ":0x%llx", (unsigned long long)message->offset);
  put(line, message->offset != WA_NO_OFFSET ? offset : "");
  put(line, ": ");
}

static void report(const struct wa_message *message) {
  if (as_json && wa_message_write_json(message, stderr)) {
    return;
  }
  struct line line = {.used = 0};
  bool colour = isatty(STDERR_FILENO) == 1;
  put(&line, colour ? "\033[1;31mwasmaot:\033[0m " : "wasmaot: ");
  put_place(&line, message);
  put(&line, message->code == WA_REPORT_WARNING ? "warning: " : "");
  put_visible(&line, message->text);
  put(&line, message->hint != NULL ? "; " : "");
  put_visible(&line, message->hint != NULL ? message->hint : "");
  end_line(&line);
}

static struct wa_message message_of(enum wa_report_code code, const char *file, const char *text) {
  return (struct wa_message){
      .code = code, .file = file, .text = text, .function = WA_NO_FUNCTION, .offset = WA_NO_OFFSET};
}

__attribute__((format(printf, 3, 0))) static void
report_list(enum wa_report_code code, const char *file, const char *format, va_list args) {
  char text[8192];
  (void)vsnprintf(text, sizeof text, format, args);
  struct wa_message message = message_of(code, file, text);
  report(&message);
}

void wa_report(const char *format, ...) {
  va_list args;
  va_start(args, format);
  report_list(WA_REPORT_USAGE, NULL, format, args);
  va_end(args);
}

void wa_report_as(enum wa_report_code code, const char *file, const char *format, ...) {
  va_list args;
  va_start(args, format);
  report_list(code, file, format, args);
  va_end(args);
}

static int status_of(const struct wa_error *err) {
  return err->kind == WA_ERROR_USAGE ? WA_EXIT_USAGE : WA_EXIT_FAILURE;
}

int wa_report_error(const char *file, const struct wa_error *err) {
  struct wa_message message = message_of(code_of(err->kind), file, err->message);
  message.offset = file != NULL ? err->offset : WA_NO_OFFSET;
  message.function = err->function;
  report(&message);
  return status_of(err);
}

int wa_report_error_advice(const char *file, const struct wa_error *err, const char *advice) {
  struct wa_message message = message_of(code_of(err->kind), file, err->message);
  message.hint = advice;
  report(&message);
  return status_of(err);
}

static void put_frame(uint32_t number, const struct wa_frame *frame) {
  struct line line = {.used = 0};
  char text[32];
  (void)snprintf(text, sizeof text, "  #%u ", number);
  put(&line, text);
  (void)snprintf(text, sizeof text, "function %u", frame->function);
  put_visible(&line, frame->name[0] != '\0' ? frame->name : text);
  (void)snprintf(text, sizeof text, " + 0x%x in ", frame->offset);
  put(&line, frame->inlined ? " inlined in " : text);
  put_visible(&line, frame->artifact);
  if (frame->line != 0) {
    (void)snprintf(text, sizeof text, ":%u", frame->line);
    put(&line, " at ");
    put_visible(&line, frame->file);
    put(&line, text);
  }
  end_line(&line);
}

// ---- Frames of a panic ----

static bool begins_as_one_of(const char *name, const char *const *beginnings) {
  for (; *beginnings != NULL; beginnings++) {
    if (strncmp(name, *beginnings, strlen(*beginnings)) == 0) {
      return true;
    }
  }
  return false;
}

// Functions of Rust's that are only called to panic, and those that may stand among them.
static const char *const panicking[] = {
    "std::panicking::",  "core::panicking::",          "rust_panic",
    "rust_begin_unwind", "__rustc::rust_begin_unwind", NULL};
static const char *const around[] = {"abort",
                                     "__rust",
                                     "__rustc::",
                                     "panic_abort::",
                                     "panic_unwind::",
                                     "std::process::abort",
                                     "std::sys::",
                                     "std::alloc::",
                                     "alloc::alloc::handle_alloc_error",
                                     "alloc::raw_vec::",
                                     "core::option::unwrap_failed",
                                     "core::option::expect_failed",
                                     "core::result::unwrap_failed",
                                     "core::slice::index::slice_",
                                     "core::str::slice_error_fail",
                                     "core::cell::panic_",
                                     "core::ops::function::FnOnce::call_once",
                                     NULL};

// How many of the innermost frames are a panic's own, which say nothing of why it came to it.
static uint32_t panic_frames(const struct wa_trap *trap) {
  bool panics = false;
  uint32_t count = 0;
  for (; count < trap->frame_count; count++) {
    const char *name = trap->frames[count].name;
    bool panic = begins_as_one_of(name, panicking);
    if (!panic && !begins_as_one_of(name, around)) {
      break;
    }
    panics |= panic;
  }
  return panics && count < trap->frame_count ? count : 0;
}

static void put_frames(const struct wa_trap *trap, bool all_frames) {
  uint32_t first = all_frames ? 0 : panic_frames(trap);
  if (first > 0) {
    (void)fprintf(stderr, "  ... %u of the panic itself (--backtrace=full shows them)\n", first);
  }
  for (uint32_t i = first; i < trap->frame_count; i++) {
    put_frame(i, &trap->frames[i]);
  }
  if (trap->frames_dropped > 0) {
    (void)fprintf(stderr, "  ... %u more\n", trap->frames_dropped);
  }
}

void wa_report_thread(int32_t thread, const char *text, const struct wa_trap *trap) {
  struct wa_message message = message_of(WA_REPORT_QUIT, NULL, text);
  message.thread = &thread;
  message.trap = trap;
  if (as_json && wa_message_write_json(&message, stderr)) {
    return;
  }
  (void)fprintf(stderr, "thread %d%s %s\n", thread, thread == 0 ? ", the main one," : "", text);
  put_frames(trap, true);
}

static const char lines_hint[] = "the module has source lines: -g keeps them";

void wa_report_trap(const struct wa_trap *trap, bool all_frames, bool left_lines) {
  const char *name = wa_trap_name(trap->code);
  bool hint = left_lines && trap->frame_count > 0;
  // The message is the trap's name, or what a host function had to say.
  struct wa_message message =
      message_of(WA_REPORT_TRAP, NULL, trap->message[0] != '\0' ? trap->message : name);
  message.trap = trap;
  message.trap_name = name;
  message.hint = hint ? lines_hint : NULL;
  if (as_json && wa_message_write_json(&message, stderr)) {
    return;
  }
  wa_report_as(WA_REPORT_TRAP, NULL, "trap: %s", message.text);
  put_frames(trap, all_frames);
  if (hint) {
    (void)fprintf(stderr, "  (%s)\n", lines_hint);
  }
}
