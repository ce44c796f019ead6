#include "cli/json.h"

#include "compiler/base/utf8.h"

#include <string.h>

void wa_json_init(struct wa_json *json, FILE *to) {
  *json = (struct wa_json){.to = to, .first = true};
}

void wa_json_init_line(struct wa_json *json, FILE *to) {
  *json = (struct wa_json){.to = to, .one_line = true, .first = true};
}

static void put_string(FILE *to, const uint8_t *bytes, size_t size);

static void new_line(const struct wa_json *json) {
  if (!json->one_line) {
    (void)fprintf(json->to, "\n%*s", json->depth * 2, "");
  }
}

static void begin_value(struct wa_json *json, const char *key) {
  if (json->depth > 0) {
    (void)fputs(json->first ? "" : json->one_line ? ", " : ",", json->to);
    new_line(json);
  }
  json->first = false;
  if (key != NULL) {
    put_string(json->to, (const uint8_t *)key, strlen(key));
    (void)fputs(": ", json->to);
  }
}

void wa_json_open(struct wa_json *json, const char *key, char bracket) {
  begin_value(json, key);
  (void)fputc(bracket, json->to);
  json->depth++;
  json->first = true;
}

void wa_json_close(struct wa_json *json, char bracket) {
  json->depth--;
  if (!json->first) {
    new_line(json);
  }
  (void)fputc(bracket, json->to);
  json->first = false;
  if (json->depth == 0) {
    (void)fputc('\n', json->to);
  }
}

static void put_string(FILE *to, const uint8_t *bytes, size_t size) {
  (void)fputc('"', to);
  for (size_t i = 0; i < size;) {
    size_t length = wa_utf8_length(bytes + i, size - i);
    if (length == 0) {
      (void)fputs("\\ufffd", to);
      length = 1;
    } else if (bytes[i] == '"' || bytes[i] == '\\') {
      (void)fprintf(to, "\\%c", bytes[i]);
    } else if (bytes[i] < 0x20 || bytes[i] == 0x7f) {
      (void)fprintf(to, "\\u%04x", bytes[i]);
    } else {
      (void)fwrite(bytes + i, 1, length, to);
    }
    i += length;
  }
  (void)fputc('"', to);
}

void wa_json_string(struct wa_json *json, const char *key, const void *bytes, size_t size) {
  begin_value(json, key);
  put_string(json->to, bytes, size);
}

void wa_json_text(struct wa_json *json, const char *key, const char *text) {
  wa_json_string(json, key, text, strlen(text));
}

void wa_json_number(struct wa_json *json, const char *key, uint64_t number) {
  begin_value(json, key);
  (void)fprintf(json->to, "%llu", (unsigned long long)number);
}

void wa_json_bool(struct wa_json *json, const char *key, bool value) {
  begin_value(json, key);
  (void)fputs(value ? "true" : "false", json->to);
}
