// Functions that LLVM invents calls to. The compiler refuses to emit any other undefined symbol,
// and the loader to resolve one.
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

#define SUPPORT(name)                                                                              \
  { #name, (void (*)(void))(name) }

static const struct support support[] = {
    SUPPORT(memcpy), SUPPORT(memmove), SUPPORT(memset),    SUPPORT(fma),        SUPPORT(fmaf),
    SUPPORT(rint),   SUPPORT(rintf),   SUPPORT(nearbyint), SUPPORT(nearbyintf), SUPPORT(floor),
    SUPPORT(floorf), SUPPORT(ceil),    SUPPORT(ceilf),     SUPPORT(trunc),      SUPPORT(truncf),
    SUPPORT(sqrt),   SUPPORT(sqrtf),   SUPPORT(fmin),      SUPPORT(fminf),      SUPPORT(fmax),
    SUPPORT(fmaxf),
};

// Round half to even, whatever the rounding mode: C23's, which older C libraries lack. Guest code
// always runs in the default mode, in which nearbyint is the same.
static const struct support aliases[] = {
    {"roundeven", (void (*)(void))nearbyint},
    {"roundevenf", (void (*)(void))nearbyintf},
};

static uint64_t find(const struct support *rows, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(rows[i].name, name) == 0) {
      return (uint64_t)(uintptr_t)rows[i].function;
    }
  }
  return 0;
}

uint64_t wa_support_symbol(const char *name) {
  uint64_t address = find(support, sizeof support / sizeof support[0], name);
  return address != 0 ? address : find(aliases, sizeof aliases / sizeof aliases[0], name);
}
