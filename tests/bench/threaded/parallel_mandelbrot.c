// The Mandelbrot set, its rows handed out one by one to four threads by an atomic counter.
#include "bench.h"
#include "threads.h"

enum { SIZE = 384, LIMIT = 200, THREADS = 4 };

const uint32_t bench_rounds = 10;

static int32_t next_row;
static uint32_t scale;
static uint64_t sums[SIZE];

static uint32_t escape(double cr, double ci) {
  double zr = 0, zi = 0;
  uint32_t count = 0;
  while (count < LIMIT && zr * zr + zi * zi <= 4) {
    double next = zr * zr - zi * zi + cr;
    zi = 2 * zr * zi + ci;
    zr = next;
    count++;
  }
  return count;
}

static void work(void *arg) {
  (void)arg;
  double width = 3.0 / scale;
  int y;
  while ((y = __atomic_fetch_add(&next_row, 1, __ATOMIC_RELAXED)) < SIZE) {
    uint64_t sum = 0;
    for (int x = 0; x < SIZE; x++)
      sum += (uint64_t)(x ^ y) * escape(x * width / SIZE - 2, y * width / SIZE - 1.5);
    sums[y] = sum;
  }
}

uint64_t bench(uint32_t rounds) {
  static struct thread threads[THREADS];
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    next_row = 0;
    scale = 1 + round % 4;
    for (int i = 0; i < THREADS; i++)
      thread_start_or_end(&threads[i], work, NULL);
    for (int i = 0; i < THREADS; i++)
      thread_join(&threads[i]);
    for (int y = 0; y < SIZE; y++)
      sum = bench_mix(sum, sums[y]);
  }
  return sum;
}
