// Among the files of the room: each scheme's reader, and what they write with.
#ifndef WA_COMPILER_DEMANGLE_SCHEMES_H
#define WA_COMPILER_DEMANGLE_SCHEMES_H

#include "compiler/demangle/demangle.h"

#include <string.h>

// Text of a bounded size. What does not fit sets `full` and is dropped.
struct wa_text {
  char *bytes; // WA_DEMANGLED_SIZE
  size_t size;
  bool full;
};

static inline void wa_text_add(struct wa_text *text, const char *bytes, size_t size) {
  if (size > WA_DEMANGLED_SIZE - 1 - text->size) {
    text->full = true;
    return;
  }
  if (size > 0) {
    memcpy(text->bytes + text->size, bytes, size);
  }
  text->size += size;
}

static inline void wa_text_put(struct wa_text *text, const char *string) {
  wa_text_add(text, string, strlen(string));
}

static inline bool wa_is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

// Each reads all of a name, its prefix ("_R", "_ZN", "_Z") included.
bool wa_demangle_rust(const char *name, size_t size, struct wa_text *to);
bool wa_demangle_rust_legacy(const char *name, size_t size, struct wa_text *to);
bool wa_demangle_itanium(const char *name, size_t size, struct wa_text *to);

#endif
