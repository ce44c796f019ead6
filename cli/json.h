// Writing JSON (RFC 8259) to a stream, indented or in one line; the writer keeps commas and nesting
// right.
#ifndef WA_CLI_JSON_H
#define WA_CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct wa_json {
  FILE *to;
  int depth;
  bool one_line;
  bool first; // nothing was written at this depth yet
};

void wa_json_init(struct wa_json *json, FILE *to);
void wa_json_init_line(struct wa_json *json, FILE *to); // for streams of objects, one a line
// Before a value: its key in an object, or NULL in an array or at the top.
void wa_json_open(struct wa_json *json, const char *key, char bracket); // '{' or '['
void wa_json_close(struct wa_json *json, char bracket);                 // '}' or ']'
// Any bytes; what is not UTF-8 becomes U+FFFD.
void wa_json_string(struct wa_json *json, const char *key, const void *bytes, size_t size);
void wa_json_text(struct wa_json *json, const char *key, const char *text);
void wa_json_number(struct wa_json *json, const char *key, uint64_t number);
void wa_json_bool(struct wa_json *json, const char *key, bool value);

#endif
