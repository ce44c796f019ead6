// Four threads add to one counter: some under a mutex, some by an atomic addition, some in a table
// of counters with a lock each.
#include "bench.h"
#include "threads.h"

enum { THREADS = 4, STEPS = 20000, CELLS = 16 };

const uint32_t bench_rounds = 25;

static struct mutex mutex;
static uint64_t guarded;
static _Alignas(64) uint64_t atomic;
static struct cell {
  _Alignas(64) struct mutex mutex;
  uint64_t value;
} cells[CELLS];
static uint32_t steps;

static void work(void *arg) {
  uint32_t seed = *(uint32_t *)arg;
  for (uint32_t i = 0; i < steps; i++) {
    struct cell *cell = &cells[bench_random(&seed) % CELLS];
    mutex_lock(&cell->mutex);
    cell->value += i;
    mutex_unlock(&cell->mutex);
    (void)__atomic_fetch_add(&atomic, i, __ATOMIC_SEQ_CST);
    if (i % 4 == 0) {
      mutex_lock(&mutex);
      guarded += i;
      mutex_unlock(&mutex);
    }
  }
}

uint64_t bench(uint32_t rounds) {
  static struct thread threads[THREADS];
  static uint32_t seeds[THREADS] = {1, 2, 3, 4};
  steps = rounds * STEPS;
  for (int i = 0; i < THREADS; i++)
    thread_start_or_end(&threads[i], work, &seeds[i]);
  for (int i = 0; i < THREADS; i++)
    thread_join(&threads[i]);
  uint64_t sum = bench_mix(guarded, atomic);
  for (int i = 0; i < CELLS; i++)
    sum = bench_mix(sum, cells[i].value);
  return sum;
}
