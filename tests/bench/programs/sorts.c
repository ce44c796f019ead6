// Merge sort, heap sort and radix sort of the same integers.
#include "bench.h"

enum { COUNT = 40000 };

const uint32_t bench_rounds = 30;

static uint32_t values[COUNT], other[COUNT];

static void fill(uint32_t seed) {
  for (int i = 0; i < COUNT; i++)
    values[i] = bench_random(&seed);
}

static void merge(const uint32_t *from, uint32_t *to, int start, int middle, int end) {
  int a = start, b = middle;
  for (int i = start; i < end; i++)
    to[i] = a < middle && (b >= end || from[a] <= from[b]) ? from[a++] : from[b++];
}

static void merge_sort(void) {
  uint32_t *from = values, *to = other;
  for (int width = 1; width < COUNT; width *= 2) {
    for (int start = 0; start < COUNT; start += 2 * width) {
      int middle = start + width < COUNT ? start + width : COUNT;
      int end = start + 2 * width < COUNT ? start + 2 * width : COUNT;
      merge(from, to, start, middle, end);
    }
    uint32_t *swap = from;
    from = to;
    to = swap;
  }
  if (from != values)
    memcpy(values, from, sizeof values);
}

static void sink(int parent, int end) {
  uint32_t value = values[parent];
  for (int child; (child = 2 * parent + 1) < end; parent = child) {
    if (child + 1 < end && values[child + 1] > values[child])
      child++;
    if (values[child] <= value)
      break;
    values[parent] = values[child];
  }
  values[parent] = value;
}

static void heap_sort(void) {
  for (int i = COUNT / 2; i-- > 0;)
    sink(i, COUNT);
  for (int end = COUNT - 1; end > 0; end--) {
    uint32_t top = values[0];
    values[0] = values[end];
    values[end] = top;
    sink(0, end);
  }
}

static void radix_pass(const uint32_t *from, uint32_t *to, int shift) {
  uint32_t starts[257] = {0};
  for (int i = 0; i < COUNT; i++)
    starts[(from[i] >> shift & 255) + 1]++;
  for (int i = 0; i < 256; i++)
    starts[i + 1] += starts[i];
  for (int i = 0; i < COUNT; i++)
    to[starts[from[i] >> shift & 255]++] = from[i];
}

static void radix_sort(void) {
  for (int shift = 0; shift < 32; shift += 16) {
    radix_pass(values, other, shift);
    radix_pass(other, values, shift + 8);
  }
}

uint64_t bench(uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    fill(round * 3 + 1);
    merge_sort();
    sum = bench_mix(sum, values[round % COUNT]);
    fill(round * 3 + 2);
    heap_sort();
    sum = bench_mix(sum, values[round % COUNT]);
    for (int i = 0; i < 4; i++) {
      fill(round * 12 + 3 + (uint32_t)i);
      radix_sort();
      sum = bench_mix(sum, values[round % COUNT]);
    }
  }
  return sum;
}
