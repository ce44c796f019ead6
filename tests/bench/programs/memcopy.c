// Copying and clearing memory: blocks from a few bytes to many pages, overlapping ones too.
#include "bench.h"

enum { SIZE = 1 << 20, SMALL = 20000 };

const uint32_t bench_rounds = 500;

static uint8_t from[SIZE], to[SIZE];

static void large_blocks(uint32_t round) {
  memcpy(to, from + round % 64, SIZE - 64);
  memmove(to + round % 100, to, SIZE / 2);
  memset(from + SIZE / 2, (int)round, SIZE / 8);
}

static void small_blocks(uint32_t *seed) {
  for (int i = 0; i < SMALL; i++) {
    uint32_t random = bench_random(seed);
    uint32_t size = random % 96, a = random >> 8 & 0xFFFF, b = random >> 16;
    switch (random >> 7 & 3) {
    case 0:
      memcpy(to + a, from + b, size);
      break;
    case 1:
      memmove(from + a, from + a + size / 2, size);
      break;
    case 2:
      memset(to + b, (int)a, size);
      break;
    default:
      memcpy(to + a, from + b, 24);
    }
  }
}

uint64_t bench(uint32_t rounds) {
  uint32_t seed = 21;
  for (int i = 0; i < SIZE; i++)
    from[i] = (uint8_t)bench_random(&seed);
  for (uint32_t round = 0; round < rounds; round++) {
    large_blocks(round);
    small_blocks(&seed);
  }
  uint64_t sum = 0;
  for (int i = 0; i < SIZE; i += 5)
    sum = bench_mix(sum, (uint64_t)to[i] << 8 | from[i]);
  return sum;
}
