// Locking and unlocking a mutex: alone, and with two and four threads that want the same one.
#include "bench.h"
#include "threads.h"

enum { ALONE = 100000, STEPS = 20000, MAXIMUM = 4 };

const uint32_t bench_rounds = 20;

static struct mutex mutex;
static uint64_t value;
static uint32_t steps;

static void work(void *arg) {
  (void)arg;
  for (uint32_t i = 0; i < steps; i++) {
    mutex_lock(&mutex);
    value++;
    mutex_unlock(&mutex);
  }
}

// Nanoseconds for a lock and unlock of all the threads together.
static int64_t contend(int count) {
  static struct thread threads[MAXIMUM];
  int64_t start = bench_nanoseconds();
  for (int i = 0; i < count; i++)
    thread_start_or_end(&threads[i], work, NULL);
  for (int i = 0; i < count; i++)
    thread_join(&threads[i]);
  return (bench_nanoseconds() - start) / ((int64_t)steps * count);
}

uint64_t bench(uint32_t rounds) {
  steps = ALONE * rounds;
  int64_t start = bench_nanoseconds();
  work(NULL);
  bench_report("mutex", (bench_nanoseconds() - start) / steps);
  steps = STEPS * rounds;
  bench_report("mutex,2-threads", contend(2));
  bench_report("mutex,4-threads", contend(4));
  return value;
}
