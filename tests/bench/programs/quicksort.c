// Quicksort with a comparison callback: indirect calls, unpredictable branches.
#include "bench.h"

enum { COUNT = 50000 };

const uint32_t bench_rounds = 50;

static uint32_t values[COUNT];

typedef int compare(const uint32_t *a, const uint32_t *b);

static int ascending(const uint32_t *a, const uint32_t *b) {
  return (*a > *b) - (*a < *b);
}

static int by_low_bits(const uint32_t *a, const uint32_t *b) {
  uint32_t x = *a << 16 | *a >> 16, y = *b << 16 | *b >> 16;
  return (x > y) - (x < y);
}

static void swap(uint32_t *a, uint32_t *b) {
  uint32_t t = *a;
  *a = *b;
  *b = t;
}

static void sort(uint32_t *from, int count, compare *less) {
  while (count > 1) {
    swap(from, from + count / 2);
    int last = 0;
    for (int i = 1; i < count; i++)
      if (less(from + i, from) < 0)
        swap(from + ++last, from + i);
    swap(from, from + last);
    sort(from, last, less);
    from += last + 1;
    count -= last + 1;
  }
}

uint64_t bench(uint32_t rounds) {
  static compare *volatile const orders[] = {ascending, by_low_bits};
  uint64_t sum = 0;
  uint32_t seed = 2463534242u;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < COUNT; i++)
      values[i] = bench_random(&seed);
    sort(values, COUNT, orders[round % 2]);
    sum = bench_mix(sum, values[COUNT / 3]);
  }
  return sum;
}
