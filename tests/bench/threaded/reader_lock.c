// A table that many read and few write, under a lock of our own for many readers or one writer: a
// counter of readers, changed atomically, and a mutex and a condition for who has to wait.
#include "bench.h"
#include "threads.h"

enum { THREADS = 4, STEPS = 12000, SIZE = 64, WRITER = 1 << 30 };

const uint32_t bench_rounds = 25;

// Readers inside, plus WRITER while a writer is inside or waits for readers to leave.
static _Alignas(64) int32_t state;
static struct mutex writers, gate;
static struct condition changed;
static _Alignas(64) uint32_t table[SIZE];
static uint64_t torn;
static uint32_t steps;

static void lock_shared(void) {
  while (__atomic_add_fetch(&state, 1, __ATOMIC_SEQ_CST) >= WRITER) {
    mutex_lock(&gate);
    // The writer may wait for this very reader to leave again.
    (void)__atomic_sub_fetch(&state, 1, __ATOMIC_SEQ_CST);
    condition_broadcast(&changed);
    while (__atomic_load_n(&state, __ATOMIC_SEQ_CST) >= WRITER)
      condition_wait(&changed, &gate);
    mutex_unlock(&gate);
  }
}

static void unlock_shared(void) {
  if (__atomic_sub_fetch(&state, 1, __ATOMIC_SEQ_CST) == WRITER) {
    mutex_lock(&gate);
    condition_broadcast(&changed);
    mutex_unlock(&gate);
  }
}

static void lock_alone(void) {
  mutex_lock(&writers);
  if (__atomic_add_fetch(&state, WRITER, __ATOMIC_SEQ_CST) != WRITER) {
    mutex_lock(&gate);
    while (__atomic_load_n(&state, __ATOMIC_SEQ_CST) != WRITER)
      condition_wait(&changed, &gate);
    mutex_unlock(&gate);
  }
}

static void unlock_alone(void) {
  mutex_lock(&gate);
  (void)__atomic_sub_fetch(&state, WRITER, __ATOMIC_SEQ_CST);
  condition_broadcast(&changed);
  mutex_unlock(&gate);
  mutex_unlock(&writers);
}

static void work(void *arg) {
  uint32_t seed = *(uint32_t *)arg;
  uint64_t wrong = 0;
  for (uint32_t i = 0; i < steps; i++) {
    if (bench_random(&seed) % 128 == 0) {
      lock_alone();
      for (int j = 0; j < SIZE; j++)
        table[j]++;
      unlock_alone();
    } else {
      lock_shared();
      for (int j = 0; j < SIZE; j++)
        wrong += table[j] != table[seed % SIZE];
      unlock_shared();
    }
  }
  (void)__atomic_fetch_add(&torn, wrong, __ATOMIC_SEQ_CST);
}

uint64_t bench(uint32_t rounds) {
  static struct thread threads[THREADS];
  static uint32_t seeds[THREADS] = {1, 2, 3, 4};
  steps = rounds * STEPS;
  for (int i = 0; i < THREADS; i++)
    thread_start_or_end(&threads[i], work, &seeds[i]);
  for (int i = 0; i < THREADS; i++)
    thread_join(&threads[i]);
  return bench_mix(table[0], torn);
}
