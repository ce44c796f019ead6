// As many threads as there are rounds, all alive at once, ended together. The harness runs it with
// few and with many and divides what the process needed more by the difference: memory per thread.
#include "bench.h"
#include "threads.h"

enum { MAXIMUM = 1024 };

const uint32_t bench_rounds = 8;

static struct thread threads[MAXIMUM];
static struct mutex mutex;
static struct condition changed;
static uint32_t running, count;
static bool over;

static void work(void *arg) {
  (void)arg;
  mutex_lock(&mutex);
  running++;
  condition_broadcast(&changed);
  while (!over)
    condition_wait(&changed, &mutex);
  mutex_unlock(&mutex);
}

uint64_t bench(uint32_t rounds) {
  count = rounds < MAXIMUM ? rounds : MAXIMUM;
  for (uint32_t i = 0; i < count; i++)
    thread_start_or_end(&threads[i], work, NULL);
  mutex_lock(&mutex);
  while (running < count)
    condition_wait(&changed, &mutex);
  over = true;
  condition_broadcast(&changed);
  mutex_unlock(&mutex);
  for (uint32_t i = 0; i < count; i++)
    thread_join(&threads[i]);
  return running;
}
