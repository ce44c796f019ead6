// A benchmark kernel is one C file without a library: it exports run(), which does a fixed amount
// of work and returns a checksum that every engine must agree on.
#ifndef KERNEL_H
#define KERNEL_H

#include <stdint.h>

#ifdef __wasm__
#define KERNEL_EXPORT __attribute__((export_name("run")))
#else
#define KERNEL_EXPORT
#endif

uint32_t run(void);

// xorshift32: the same numbers everywhere.
static inline uint32_t kernel_random(uint32_t *state) {
  uint32_t x = *state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}

#endif
