// Two threads that wake each other in turn through a mutex and a condition variable each way.
#include "bench.h"
#include "threads.h"

enum { STEPS = 1000 };

const uint32_t bench_rounds = 20;

static struct mutex mutex;
static struct condition conditions[2];
static uint32_t turn, steps;

static void work(void *arg) {
  uint32_t self = *(uint32_t *)arg;
  for (uint32_t i = 0; i < steps; i++) {
    mutex_lock(&mutex);
    while (turn % 2 != self)
      condition_wait(&conditions[self], &mutex);
    turn++;
    condition_signal(&conditions[1 - self]);
    mutex_unlock(&mutex);
  }
}

uint64_t bench(uint32_t rounds) {
  static struct thread other;
  static uint32_t numbers[2] = {0, 1};
  steps = STEPS * rounds;
  int64_t start = bench_nanoseconds();
  thread_start_or_end(&other, work, &numbers[1]);
  work(&numbers[0]);
  thread_join(&other);
  bench_report("condition-round-trip", (bench_nanoseconds() - start) / steps);
  return turn;
}
