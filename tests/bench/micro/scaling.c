// The same work by one thread and by two: arithmetic alone, and arithmetic over memory of its own.
#include "bench.h"
#include "threads.h"

enum { PARTS = 16, STEPS = 200000, SIZE = 1 << 14 };

const uint32_t bench_rounds = 8;

static struct part {
  _Alignas(64) uint64_t result;
  uint32_t table[SIZE];
} parts[PARTS];
static int32_t next_part;
static uint32_t steps;

static uint64_t arithmetic(uint32_t seed) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < steps; i++)
    sum = bench_mix(sum, bench_random(&seed));
  return sum;
}

static uint64_t memory(struct part *part, uint32_t seed) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < steps; i++) {
    uint32_t *slot = &part->table[bench_random(&seed) % SIZE];
    sum += *slot += i;
  }
  return sum;
}

static void work(void *arg) {
  bool use_memory = *(bool *)arg;
  int i;
  while ((i = __atomic_fetch_add(&next_part, 1, __ATOMIC_SEQ_CST)) < PARTS) {
    struct part *part = &parts[i];
    uint32_t seed = (uint32_t)i + 1;
    part->result = bench_mix(part->result, use_memory ? memory(part, seed) : arithmetic(seed));
  }
}

static int64_t measure(bool use_memory, bool two) {
  static struct thread other;
  next_part = 0;
  int64_t start = bench_nanoseconds();
  if (two)
    thread_start_or_end(&other, work, &use_memory);
  work(&use_memory);
  if (two)
    thread_join(&other);
  return (bench_nanoseconds() - start) / 1000;
}

uint64_t bench(uint32_t rounds) {
  steps = STEPS / 4 * rounds;
  bench_report("arithmetic,1-thread(us)", measure(false, false));
  bench_report("arithmetic,2-threads(us)", measure(false, true));
  bench_report("memory,1-thread(us)", measure(true, false));
  bench_report("memory,2-threads(us)", measure(true, true));
  uint64_t sum = 0;
  for (int i = 0; i < PARTS; i++)
    sum = bench_mix(sum, parts[i].result);
  return sum;
}
