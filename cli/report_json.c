#include "cli/report_json.h"

#include "cli/json.h"

#include <stdlib.h>
#include <string.h>

// "what is wrong; what to do" is how messages are written.
static void put_text(struct wa_json *json, const struct wa_message *message) {
  const char *cut = message->hint == NULL ? strstr(message->text, "; ") : NULL;
  size_t size = cut == NULL ? strlen(message->text) : (size_t)(cut - message->text);
  wa_json_string(json, "message", message->text, size);
  if (message->hint != NULL || cut != NULL) {
    wa_json_text(json, "hint", cut != NULL ? cut + 2 : message->hint);
  }
}

static void put_frame(struct wa_json *json, const struct wa_frame *frame) {
  wa_json_open(json, NULL, '{');
  wa_json_text(json, "artifact", frame->artifact);
  wa_json_number(json, "function", frame->function);
  if (frame->name[0] != '\0') {
    wa_json_text(json, "name", frame->name);
  }
  wa_json_number(json, "code_offset", frame->offset);
  wa_json_bool(json, "inlined", frame->inlined);
  if (frame->line != 0) {
    wa_json_text(json, "source", frame->file);
    wa_json_number(json, "line", frame->line);
  }
  wa_json_close(json, '}');
}

static void put_frames(struct wa_json *json, const struct wa_trap *trap) {
  wa_json_open(json, "frames", '[');
  for (uint32_t i = 0; i < trap->frame_count; i++) {
    put_frame(json, &trap->frames[i]);
  }
  wa_json_close(json, ']');
  wa_json_number(json, "frames_dropped", trap->frames_dropped);
}

static void put_message(struct wa_json *json, const struct wa_message *message) {
  wa_json_open(json, NULL, '{');
  wa_json_text(json, "severity", wa_report_severity(message->code));
  wa_json_text(json, "code", wa_report_code_name(message->code));
  put_text(json, message);
  if (message->file != NULL) {
    wa_json_text(json, "file", message->file);
  }
  if (message->offset != WA_NO_OFFSET) {
    wa_json_number(json, "offset", message->offset);
  }
  if (message->function != WA_NO_FUNCTION) {
    wa_json_number(json, "function", message->function);
  }
  if (message->thread != NULL) {
    wa_json_number(json, "thread", (uint64_t)*message->thread);
  }
  if (message->trap_name != NULL) {
    wa_json_text(json, "trap", message->trap_name);
  }
  if (message->trap != NULL) {
    put_frames(json, message->trap);
  }
  wa_json_close(json, '}');
}

bool wa_message_write_json(const struct wa_message *message, FILE *to) {
  struct wa_json json;
  char *text = NULL;
  size_t size = 0;
  FILE *line = open_memstream(&text, &size);
  if (line == NULL) {
    return false;
  }
  wa_json_init_line(&json, line);
  put_message(&json, message);
  bool whole = ferror(line) == 0;
  whole = fclose(line) == 0 && whole;
  if (whole) {
    (void)fwrite(text, 1, size, to);
  }
  free(text);
  return whole;
}
