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

#ifndef __GLIBC__
// Rounding makes a signalling NaN quiet in WebAssembly and in glibc; musl gives it back as it is.
#define QUIET(type, name)                                                                          \
  static type quiet_##name(type value) {                                                           \
    return isnan(value) ? value + value : name(value);                                             \
  }
QUIET(double, ceil)
QUIET(float, ceilf)
QUIET(double, floor)
QUIET(float, floorf)
QUIET(double, trunc)
QUIET(float, truncf)
QUIET(double, nearbyint)
QUIET(float, nearbyintf)
QUIET(double, rint)
QUIET(float, rintf)
#define ceil quiet_ceil
#define ceilf quiet_ceilf
#define floor quiet_floor
#define floorf quiet_floorf
#define trunc quiet_trunc
#define truncf quiet_truncf
#define nearbyint quiet_nearbyint
#define nearbyintf quiet_nearbyintf
#define rint quiet_rint
#define rintf quiet_rintf
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
