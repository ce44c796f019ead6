// Throwing and catching a C++ exception, with one frame and with twenty between throw and handler,
// and the same frames without a throw.
#include "bench.h"

enum { STEPS = 10000, DEPTH = 20 };

const uint32_t bench_rounds = 10;

// Changed behind each call, so that no call is the last thing that its function does.
static volatile uint32_t passed;

__attribute__((noinline)) static uint32_t descend(uint32_t frames, uint32_t what, bool throws) {
  if (frames > 1) {
    uint32_t result = descend(frames - 1, what, throws);
    passed = passed + 1;
    return result;
  }
  if (throws)
    throw static_cast<int>(what);
  return what;
}

__attribute__((noinline)) static uint32_t caught(uint32_t frames, uint32_t what, bool throws) {
  try {
    return descend(frames, what, throws);
  } catch (int value) {
    return static_cast<uint32_t>(value) + 1;
  }
}

static uint64_t measure(const char *name, uint32_t frames, bool throws, uint32_t steps) {
  uint64_t sum = 0;
  int64_t start = bench_nanoseconds();
  for (uint32_t i = 0; i < steps; i++)
    sum = bench_mix(sum, caught(frames, i, throws));
  bench_report(name, (bench_nanoseconds() - start) / steps);
  return sum;
}

uint64_t bench(uint32_t rounds) {
  uint32_t steps = STEPS * rounds;
  uint64_t sum = measure("throw,1-frame", 1, true, steps);
  sum = bench_mix(sum, measure("throw,20-frames", DEPTH, true, steps));
  return bench_mix(sum, measure("no-throw,20-frames", DEPTH, false, steps));
}
