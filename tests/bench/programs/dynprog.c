// Dynamic programming: edit distance and longest common subsequence of strings, and a knapsack.
#include "bench.h"

enum { LENGTH = 600, CAPACITY = 20000, ITEMS = 40 };

const uint32_t bench_rounds = 120;

static uint8_t left[LENGTH], right[LENGTH];
static int32_t table[LENGTH + 1][LENGTH + 1], best[CAPACITY + 1];

static int32_t least(int32_t a, int32_t b) {
  return a < b ? a : b;
}

static int32_t most(int32_t a, int32_t b) {
  return a > b ? a : b;
}

static int32_t edit_distance(void) {
  for (int i = 0; i <= LENGTH; i++)
    table[i][0] = table[0][i] = i;
  for (int i = 1; i <= LENGTH; i++)
    for (int j = 1; j <= LENGTH; j++) {
      int32_t change = table[i - 1][j - 1] + (left[i - 1] != right[j - 1]);
      table[i][j] = least(change, least(table[i - 1][j], table[i][j - 1]) + 1);
    }
  return table[LENGTH][LENGTH];
}

static int32_t common_subsequence(void) {
  for (int i = 0; i <= LENGTH; i++)
    table[i][0] = table[0][i] = 0;
  for (int i = 1; i <= LENGTH; i++)
    for (int j = 1; j <= LENGTH; j++)
      table[i][j] = left[i - 1] == right[j - 1] ? table[i - 1][j - 1] + 1
                                                : most(table[i - 1][j], table[i][j - 1]);
  return table[LENGTH][LENGTH];
}

static int32_t knapsack(uint32_t *seed) {
  memset(best, 0, sizeof best);
  for (int item = 0; item < ITEMS; item++) {
    int weight = 1 + (int)(bench_random(seed) % 500);
    int32_t value = (int32_t)(bench_random(seed) % 1000);
    for (int room = CAPACITY; room >= weight; room--)
      best[room] = most(best[room], best[room - weight] + value);
  }
  return best[CAPACITY / 4];
}

uint64_t bench(uint32_t rounds) {
  uint64_t sum = 0;
  uint32_t seed = 12;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < LENGTH; i++) {
      left[i] = (uint8_t)(bench_random(&seed) % 8);
      right[i] = (uint8_t)(bench_random(&seed) % 8);
    }
    sum = bench_mix(sum, (uint32_t)edit_distance());
    sum = bench_mix(sum, (uint32_t)common_subsequence());
    sum = bench_mix(sum, (uint32_t)knapsack(&seed));
  }
  return sum;
}
