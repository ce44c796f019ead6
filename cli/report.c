#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// Names come from files that anyone may have written: no line breaks, no terminal codes.
static void put_visible(const char *text) {
  for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
    if (*c < 0x20 || *c == 0x7f)
      (void)fprintf(stderr, "\\x%02x", *c);
    else
      (void)fputc(*c, stderr);
  }
}

static void put_line(const char *text) {
  bool colour = isatty(STDERR_FILENO) == 1;
  (void)fputs(colour ? "\033[1;31mwasmaot:\033[0m " : "wasmaot: ", stderr);
  put_visible(text);
  (void)fputc('\n', stderr);
}

void wa_report(const char *format, ...) {
  char line[8192];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(line, sizeof line, format, args);
  va_end(args);
  put_line(line);
}

int wa_report_error(const char *file, const struct wa_error *err) {
  if (file != NULL && file[0] == '\0')
    file = "''";
  if (file == NULL)
    wa_report("%s", err->message);
  else if (err->offset == WA_NO_OFFSET)
    wa_report("%s: %s", file, err->message);
  else
    wa_report("%s:0x%llx: %s", file, (unsigned long long)err->offset, err->message);
  return err->kind == WA_ERROR_USAGE ? WA_EXIT_USAGE : WA_EXIT_FAILURE;
}

void wa_report_trap(const struct wa_trap *trap) {
  // The message is the trap's name, or what a host function had to say.
  wa_report("trap: %s", trap->message[0] != '\0' ? trap->message : wa_trap_name(trap->code));
  for (uint32_t i = 0; i < trap->frame_count; i++) {
    const struct wa_frame *frame = &trap->frames[i];
    char name[32];
    (void)snprintf(name, sizeof name, "function %u", frame->function);
    (void)fprintf(stderr, "  #%u ", i);
    put_visible(frame->name[0] != '\0' ? frame->name : name);
    (void)fprintf(stderr, " + 0x%x in ", frame->offset);
    put_visible(frame->artifact);
    (void)fputc('\n', stderr);
  }
  if (trap->frames_dropped > 0)
    (void)fprintf(stderr, "  ... %u more\n", trap->frames_dropped);
}
