// What every benchmark program is made of. A program is one C file that defines bench_rounds and
// bench(); lib/main.c prints the checksum and how long bench() took. The same file is compiled to
// native code and to WebAssembly, so it uses nothing but this header (and threads.h).
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define BENCH_NOTHROW noexcept
extern "C" {
#else
#define BENCH_NOTHROW
#endif

// The program's: how many rounds take about 0.3 s natively, and the work, which takes a few
// milliseconds a round and returns a checksum of its results.
extern const uint32_t bench_rounds;
uint64_t bench(uint32_t rounds);

// Memory that is never freed, aligned to 16, not cleared. Ends the program when there is none.
void *bench_alloc(size_t size);
// The monotonic clock.
int64_t bench_nanoseconds(void);
// Prints a figure of a micro-benchmark beside the checksum: nanoseconds, or bytes.
void bench_report(const char *name, int64_t value);

void *memcpy(void *__restrict to, const void *__restrict from, size_t size) BENCH_NOTHROW;
void *memmove(void *to, const void *from, size_t size) BENCH_NOTHROW;
void *memset(void *to, int value, size_t size) BENCH_NOTHROW;

#ifdef __cplusplus
}
#endif

// xorshift32: the same numbers everywhere; *state must not be 0.
static inline uint32_t bench_random(uint32_t *state) {
  uint32_t x = *state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}

// Adds a value to a checksum.
static inline uint64_t bench_mix(uint64_t sum, uint64_t value) {
  return (sum ^ value) * UINT64_C(0x9E3779B97F4A7C15) + (sum >> 29);
}

// The bits of a float: what a checksum of floats is made of.
static inline uint64_t bench_bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

#endif
