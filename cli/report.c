#include "cli/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

void wa_report(const char *format, ...) {
  char text[8192];
  struct line line = {.used = 0};
  va_list args;
  va_start(args, format);
  (void)vsnprintf(text, sizeof text, format, args);
  va_end(args);
  bool colour = isatty(STDERR_FILENO) == 1;
  put(&line, colour ? "\033[1;31mwasmaot:\033[0m " : "wasmaot: ");
  put_visible(&line, text);
  end_line(&line);
}

int wa_report_error(const char *file, const struct wa_error *err) {
  if (file != NULL && file[0] == '\0') {
    file = "''";
  }
  if (file == NULL) {
    wa_report("%s", err->message);
  } else if (err->offset == WA_NO_OFFSET) {
    wa_report("%s: %s", file, err->message);
  } else {
    wa_report("%s:0x%llx: %s", file, (unsigned long long)err->offset, err->message);
  }
  return err->kind == WA_ERROR_USAGE ? WA_EXIT_USAGE : WA_EXIT_FAILURE;
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

void wa_report_frames(const struct wa_trap *trap, bool all_frames) {
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

void wa_report_trap(const struct wa_trap *trap, bool all_frames, bool left_lines) {
  // The message is the trap's name, or what a host function had to say.
  wa_report("trap: %s", trap->message[0] != '\0' ? trap->message : wa_trap_name(trap->code));
  wa_report_frames(trap, all_frames);
  if (left_lines && trap->frame_count > 0) {
    (void)fprintf(stderr, "  (the module has source lines: -g keeps them)\n");
  }
}
