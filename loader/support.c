// Functions that LLVM invents calls to.
#include "loader/reloc.h"
#include "runtime/object/bulk.h"

#include <math.h>
#include <string.h>

struct support {
  const char *name;
  void (*function)(void);
};

#ifdef __SANITIZE_THREAD__
static void *move_guest_bytes(void *to, const void *from, size_t size) {
  WA_GUEST_BYTES_BEGIN;
  void *result = memmove(to, from, size);
  WA_GUEST_BYTES_END;
  return result;
}

static void *set_guest_bytes(void *to, int value, size_t size) {
  WA_GUEST_BYTES_BEGIN;
  void *result = memset(to, value, size);
  WA_GUEST_BYTES_END;
  return result;
}
#define memmove move_guest_bytes
#define memset set_guest_bytes
#endif

static const struct support support[] = {
#define WA_LIBCALL(name, function) {#name, (void (*)(void))(function)},
#include "runtime/libcalls.def"
#undef WA_LIBCALL
};

uint64_t wa_support_symbol(const char *name) {
  for (size_t i = 0; i < sizeof support / sizeof support[0]; i++) {
    if (strcmp(support[i].name, name) == 0) {
      return (uint64_t)(uintptr_t)support[i].function;
    }
  }
  return 0;
}
