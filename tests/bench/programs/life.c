// Conway's life on a torus, 64 cells in a word: bitwise logic and shifts of 64-bit integers.
#include "bench.h"

enum { WORDS = 16, HEIGHT = 1024, GENERATIONS = 8 };

const uint32_t bench_rounds = 250;

static uint64_t boards[2][HEIGHT][WORDS];

// Adds one bit to each of 64 three-bit counters that stop at 4.
static void count(uint64_t bits, uint64_t *one, uint64_t *two, uint64_t *four) {
  uint64_t carry = *one & bits;
  *one ^= bits;
  *four |= *two & carry;
  *two ^= carry;
}

static void count_row(const uint64_t *row, int word, bool middle, uint64_t *sums) {
  uint64_t here = row[word];
  uint64_t left = here << 1 | row[(word + WORDS - 1) % WORDS] >> 63;
  uint64_t right = here >> 1 | row[(word + 1) % WORDS] << 63;
  count(left, &sums[0], &sums[1], &sums[2]);
  count(right, &sums[0], &sums[1], &sums[2]);
  if (!middle)
    count(here, &sums[0], &sums[1], &sums[2]);
}

static void step(uint64_t (*from)[WORDS], uint64_t (*to)[WORDS]) {
  for (int y = 0; y < HEIGHT; y++)
    for (int word = 0; word < WORDS; word++) {
      uint64_t sums[3] = {0};
      count_row(from[(y + HEIGHT - 1) % HEIGHT], word, false, sums);
      count_row(from[y], word, true, sums);
      count_row(from[(y + 1) % HEIGHT], word, false, sums);
      to[y][word] = ~sums[2] & sums[1] & (sums[0] | from[y][word]);
    }
}

uint64_t bench(uint32_t rounds) {
  uint32_t seed = 6;
  for (int y = 0; y < HEIGHT; y++)
    for (int word = 0; word < WORDS; word++)
      boards[0][y][word] = (uint64_t)bench_random(&seed) << 32 | bench_random(&seed);
  for (uint32_t round = 0; round < rounds; round++)
    for (int i = 0; i < GENERATIONS; i++)
      step(boards[i % 2], boards[1 - i % 2]);
  uint64_t sum = 0;
  for (int y = 0; y < HEIGHT; y++)
    for (int word = 0; word < WORDS; word++)
      sum = bench_mix(sum, boards[0][y][word]);
  return sum;
}
