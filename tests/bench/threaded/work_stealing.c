// Work stealing: every thread has a queue of intervals, splits what it takes, and takes from others
// when its own is empty. The queues are the Chase-Lev kind: one atomic compare per steal.
#include "bench.h"
#include "threads.h"

enum { THREADS = 2, CAPACITY = 1024, LEAF = 64, TOTAL = 1 << 18 };

const uint32_t bench_rounds = 12;

static struct queue {
  _Alignas(64) int32_t top;
  _Alignas(64) int32_t bottom;
  uint64_t tasks[CAPACITY];
} queues[THREADS];

static _Alignas(64) int32_t left;
static _Alignas(64) uint64_t total;

static void push(struct queue *queue, uint64_t task) {
  int32_t bottom = __atomic_load_n(&queue->bottom, __ATOMIC_RELAXED);
  __atomic_store_n(&queue->tasks[bottom % CAPACITY], task, __ATOMIC_RELAXED);
  __atomic_store_n(&queue->bottom, bottom + 1, __ATOMIC_SEQ_CST);
}

static bool pop(struct queue *queue, uint64_t *task) {
  int32_t bottom = __atomic_load_n(&queue->bottom, __ATOMIC_RELAXED) - 1;
  __atomic_store_n(&queue->bottom, bottom, __ATOMIC_SEQ_CST);
  int32_t top = __atomic_load_n(&queue->top, __ATOMIC_SEQ_CST);
  bool got = top <= bottom;
  if (got)
    *task = __atomic_load_n(&queue->tasks[bottom % CAPACITY], __ATOMIC_RELAXED);
  if (top < bottom)
    return true;
  // The last one: a thief may be about to take it.
  if (got)
    got = __atomic_compare_exchange_n(&queue->top, &top, top + 1, false, __ATOMIC_SEQ_CST,
                                      __ATOMIC_SEQ_CST);
  __atomic_store_n(&queue->bottom, bottom + 1, __ATOMIC_SEQ_CST);
  return got;
}

static bool steal(struct queue *queue, uint64_t *task) {
  int32_t top = __atomic_load_n(&queue->top, __ATOMIC_SEQ_CST);
  if (top >= __atomic_load_n(&queue->bottom, __ATOMIC_SEQ_CST))
    return false;
  *task = __atomic_load_n(&queue->tasks[top % CAPACITY], __ATOMIC_RELAXED);
  return __atomic_compare_exchange_n(&queue->top, &top, top + 1, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST);
}

// How many steps 3n+1 takes to 1.
static uint32_t steps(uint64_t n) {
  uint32_t count = 0;
  for (; n > 1; count++)
    n = n % 2 != 0 ? 3 * n + 1 : n / 2;
  return count;
}

static void perform(struct queue *own, uint64_t task) {
  uint32_t start = (uint32_t)(task >> 32), count = (uint32_t)task;
  while (count > LEAF) {
    count /= 2;
    push(own, (uint64_t)(start + count) << 32 | count);
  }
  uint64_t sum = 0;
  for (uint32_t i = 0; i < count; i++)
    sum += steps(start + i + 1);
  __atomic_fetch_add(&total, sum, __ATOMIC_RELAXED);
  __atomic_fetch_sub(&left, (int32_t)count, __ATOMIC_SEQ_CST);
}

static void work(void *arg) {
  struct queue *own = arg;
  uint64_t task;
  int victim = (int)(own - queues);
  while (__atomic_load_n(&left, __ATOMIC_SEQ_CST) > 0) {
    if (pop(own, &task) || steal(&queues[victim = (victim + 1) % THREADS], &task))
      perform(own, task);
  }
}

uint64_t bench(uint32_t rounds) {
  static struct thread threads[THREADS];
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    left = TOTAL;
    total = 0;
    push(&queues[0], (uint64_t)(round * 1000) << 32 | TOTAL);
    for (int i = 0; i < THREADS; i++)
      thread_start_or_end(&threads[i], work, &queues[i]);
    for (int i = 0; i < THREADS; i++)
      thread_join(&threads[i]);
    sum = bench_mix(sum, total);
  }
  return sum;
}
