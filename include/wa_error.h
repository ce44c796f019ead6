// The one way to fail: a function that can fail returns false or NULL and fills a wa_error that its
// caller owns. Nothing in it is allocated, so nothing is freed.
#ifndef WA_ERROR_H
#define WA_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum wa_error_kind {
  WA_ERROR_NONE = 0,
#define WA_ERROR_KIND(id, code, meaning) WA_ERROR_##id,
#include "include/wa_codes.def"
  // WA_ERROR_MISSING is UNLINKABLE, as the API calls it.
};

// The offset of an error that belongs to no place in a file.
#define WA_NO_OFFSET UINT64_MAX
// The function of an error that belongs to none.
#define WA_NO_FUNCTION UINT32_MAX

struct wa_error {
  enum wa_error_kind kind;
  uint32_t function; // its index in the module, or WA_NO_FUNCTION
  uint64_t offset;   // bytes from the start of the file, or WA_NO_OFFSET
  char message[480]; // one line, no newline, no file name
};

static inline void wa_error_clear(struct wa_error *err) {
  err->kind = WA_ERROR_NONE;
  err->function = WA_NO_FUNCTION;
  err->offset = WA_NO_OFFSET;
  err->message[0] = '\0';
}

// Fills err and returns false, so that a failing function can end in `return wa_fail(...)`.
__attribute__((format(printf, 4, 5))) static inline bool
wa_fail(struct wa_error *err, enum wa_error_kind kind, uint64_t offset, const char *format, ...) {
  va_list args;
  va_start(args, format);
  err->kind = kind;
  err->function = WA_NO_FUNCTION;
  err->offset = offset;
  (void)vsnprintf(err->message, sizeof err->message, format, args);
  va_end(args);
  return false;
}

#endif
