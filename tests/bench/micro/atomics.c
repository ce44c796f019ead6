// Atomic additions and compare-and-exchange: alone, and two threads on the same word.
#include "bench.h"
#include "threads.h"

enum { STEPS = 100000 };

const uint32_t bench_rounds = 30;

static _Alignas(64) uint64_t word;
static uint32_t steps;

static void add(void *arg) {
  (void)arg;
  for (uint32_t i = 0; i < steps; i++)
    (void)__atomic_fetch_add(&word, 1, __ATOMIC_SEQ_CST);
}

static void exchange(void *arg) {
  (void)arg;
  for (uint32_t i = 0; i < steps; i++) {
    uint64_t seen = __atomic_load_n(&word, __ATOMIC_SEQ_CST);
    while (!__atomic_compare_exchange_n(&word, &seen, seen + 3, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST))
      ;
  }
}

static int64_t alone(void (*function)(void *arg)) {
  int64_t start = bench_nanoseconds();
  function(NULL);
  return (bench_nanoseconds() - start) * 1000 / steps;
}

static int64_t together(void (*function)(void *arg)) {
  static struct thread other;
  int64_t start = bench_nanoseconds();
  thread_start_or_end(&other, function, NULL);
  function(NULL);
  thread_join(&other);
  return (bench_nanoseconds() - start) * 500 / steps;
}

uint64_t bench(uint32_t rounds) {
  steps = STEPS * rounds;
  bench_report("atomic-add(ps)", alone(add));
  bench_report("atomic-add,2-threads(ps)", together(add));
  bench_report("atomic-exchange(ps)", alone(exchange));
  bench_report("atomic-exchange,2-threads(ps)", together(exchange));
  return word;
}
