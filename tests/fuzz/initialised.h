// Whether the guest's memory holds nothing but what somebody wrote: padding and the rest of a
// buffer may hold the host's data. Known under MemorySanitizer only; tests/fuzz/memory.sh builds
// with it.
#ifndef INITIALISED_H
#define INITIALISED_H

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#define WA_MEMORY_SANITIZER 1
#endif
#endif

#ifdef WA_MEMORY_SANITIZER
#include <sanitizer/msan_interface.h>

// The first byte that nobody wrote; -1: there is none.
static inline ptrdiff_t first_uninitialised(const void *memory, size_t size) {
  return __msan_test_shadow(memory, size);
}
#else
static inline ptrdiff_t first_uninitialised(const void *memory, size_t size) {
  (void)memory;
  (void)size;
  return -1;
}
#endif

#endif
