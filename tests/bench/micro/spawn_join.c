// Starting a thread and joining it: one at a time, and eight at a time.
#include "bench.h"
#include "threads.h"

enum { ONE = 200, GROUPS = 25, GROUP = 8 };

const uint32_t bench_rounds = 10;

static uint32_t started;

static void work(void *arg) {
  (void)arg;
  (void)__atomic_fetch_add(&started, 1, __ATOMIC_RELAXED);
}

uint64_t bench(uint32_t rounds) {
  static struct thread threads[GROUP];
  int64_t start = bench_nanoseconds();
  for (uint32_t i = 0; i < ONE * rounds; i++) {
    thread_start_or_end(&threads[0], work, NULL);
    thread_join(&threads[0]);
  }
  bench_report("spawn+join", (bench_nanoseconds() - start) / (ONE * rounds));
  start = bench_nanoseconds();
  for (uint32_t i = 0; i < GROUPS * rounds; i++) {
    for (int j = 0; j < GROUP; j++)
      thread_start_or_end(&threads[j], work, NULL);
    for (int j = 0; j < GROUP; j++)
      thread_join(&threads[j]);
  }
  bench_report("spawn+join,8-at-once", (bench_nanoseconds() - start) / (GROUPS * GROUP * rounds));
  return started;
}
