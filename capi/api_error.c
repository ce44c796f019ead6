// Errors: the thread's last one, and those that functions of wasmaot.h return.
#include "capi/error.h"

#include <stdlib.h>

struct wasmaot_error_t {
  struct wa_error error;
};

static _Thread_local struct wa_error last;

// What is returned when there is no memory for an error; never freed.
static struct wasmaot_error_t no_memory = {{.kind = WA_ERROR_SYSTEM,
                                            .function = WA_NO_FUNCTION,
                                            .offset = WA_NO_OFFSET,
                                            .message = "out of memory"}};

static wasmaot_error_kind_t public_kind(enum wa_error_kind kind) {
  return (wasmaot_error_kind_t)(kind == WA_ERROR_MISSING ? WA_ERROR_UNLINKABLE : kind);
}

struct wa_error *wa_api_last_error(void) {
  return &last;
}

bool wa_api_fail(enum wa_error_kind kind, const char *format, ...) {
  va_list args;
  va_start(args, format);
  last.kind = kind;
  last.function = WA_NO_FUNCTION;
  last.offset = WA_NO_OFFSET;
  (void)vsnprintf(last.message, sizeof last.message, format, args);
  va_end(args);
  return false;
}

bool wa_api_no_memory(void) {
  return wa_api_fail(WA_ERROR_SYSTEM, "out of memory");
}

wasmaot_error_t *wa_api_error(void) {
  wasmaot_error_t *error = malloc(sizeof *error);
  if (error == NULL) {
    return &no_memory;
  }
  error->error = last;
  return error;
}

void wasmaot_error_delete(wasmaot_error_t *error) {
  if (error != &no_memory) {
    free(error);
  }
}

wasmaot_error_kind_t wasmaot_error_kind(const wasmaot_error_t *error) {
  return public_kind(error->error.kind);
}

const char *wasmaot_error_message(const wasmaot_error_t *error) {
  return error->error.message;
}

uint64_t wasmaot_error_offset(const wasmaot_error_t *error) {
  return error->error.offset;
}

const char *wasmaot_last_error_message(void) {
  return last.message;
}

wasmaot_error_kind_t wasmaot_last_error_kind(void) {
  return public_kind(last.kind);
}

const char *wasmaot_version(void) {
  return WASMAOT_VERSION;
}

_Static_assert((int)WASMAOT_ERROR_USAGE == (int)WA_ERROR_USAGE &&
                   (int)WASMAOT_ERROR_MALFORMED == (int)WA_ERROR_MALFORMED,
               "the kinds of errors are the runtime's");
