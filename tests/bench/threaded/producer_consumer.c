// Producers and consumers around a bounded buffer: one mutex, two condition variables.
#include "bench.h"
#include "threads.h"

enum { PAIRS = 2, ROOM = 64, ITEMS = 4000 };

const uint32_t bench_rounds = 25;

static struct mutex mutex;
static struct condition not_full, not_empty;
static uint32_t buffer[ROOM], head, tail, items;
static uint64_t sums[PAIRS];

static void produce(void *arg) {
  uint32_t seed = *(uint32_t *)arg;
  for (uint32_t i = 0; i < items; i++) {
    uint32_t value = bench_random(&seed);
    mutex_lock(&mutex);
    while (tail - head == ROOM)
      condition_wait(&not_full, &mutex);
    buffer[tail++ % ROOM] = value;
    condition_signal(&not_empty);
    mutex_unlock(&mutex);
  }
}

static void consume(void *arg) {
  uint64_t *sum = arg;
  for (uint32_t i = 0; i < items; i++) {
    mutex_lock(&mutex);
    while (tail == head)
      condition_wait(&not_empty, &mutex);
    uint32_t value = buffer[head++ % ROOM];
    condition_signal(&not_full);
    mutex_unlock(&mutex);
    *sum += value;
  }
}

uint64_t bench(uint32_t rounds) {
  static struct thread producers[PAIRS], consumers[PAIRS];
  static uint32_t seeds[PAIRS] = {1, 2};
  items = rounds * ITEMS;
  for (int i = 0; i < PAIRS; i++) {
    thread_start_or_end(&consumers[i], consume, &sums[i]);
    thread_start_or_end(&producers[i], produce, &seeds[i]);
  }
  for (int i = 0; i < PAIRS; i++) {
    thread_join(&producers[i]);
    thread_join(&consumers[i]);
  }
  return sums[0] + sums[1];
}
