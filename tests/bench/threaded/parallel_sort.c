// Merge sort in parallel: the left half of a part gets a thread of its own until there are four.
#include "bench.h"
#include "threads.h"

enum { COUNT = 1 << 20, THREADS = 4 };

const uint32_t bench_rounds = 4;

static uint32_t values[COUNT], other[COUNT];

// A tree of halves: part n is made of the parts 2n and 2n + 1.
static struct part {
  struct thread thread;
  int start, count, number;
} parts[THREADS * 2];

static void insertion_sort(uint32_t *from, int count) {
  for (int i = 1; i < count; i++) {
    uint32_t value = from[i];
    int j = i;
    for (; j > 0 && from[j - 1] > value; j--)
      from[j] = from[j - 1];
    from[j] = value;
  }
}

static void merge(int start, int half, int count) {
  memcpy(other + start, values + start, (size_t)half * sizeof *values);
  int a = start, b = start + half, end = start + count;
  for (int to = start; a < start + half; to++)
    values[to] = b < end && values[b] < other[a] ? values[b++] : other[a++];
}

static void sort(int start, int count) {
  if (count <= 16) {
    insertion_sort(values + start, count);
  } else {
    sort(start, count / 2);
    sort(start + count / 2, count - count / 2);
    merge(start, count / 2, count);
  }
}

static void sort_part(void *arg) {
  struct part *part = arg;
  if (part->number >= THREADS) {
    sort(part->start, part->count);
    return;
  }
  struct part *left = &parts[part->number * 2], *right = left + 1;
  int half = part->count / 2;
  left->start = part->start;
  left->count = half;
  right->start = part->start + half;
  right->count = part->count - half;
  thread_start_or_end(&left->thread, sort_part, left);
  sort_part(right);
  thread_join(&left->thread);
  merge(part->start, half, part->count);
}

uint64_t bench(uint32_t rounds) {
  uint64_t sum = 0;
  uint32_t seed = 8;
  for (int i = 1; i < THREADS * 2; i++)
    parts[i].number = i;
  parts[1].count = COUNT;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < COUNT; i++)
      values[i] = bench_random(&seed);
    sort_part(&parts[1]);
    for (int i = 0; i < COUNT; i += 101)
      sum = bench_mix(sum, values[i]);
  }
  return sum;
}
