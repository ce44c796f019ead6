// Pseudo-random numbers: the Mersenne twister, xoshiro256** and a permuted congruential generator,
// the latter two with 64-bit multiplications and rotations.
#include "bench.h"

enum { STATE = 624, MIDDLE = 397, NUMBERS = 100000 };

const uint32_t bench_rounds = 400;

static uint32_t twister[STATE];
static uint64_t xoshiro[4] = {1, 2, 3, 4}, congruential = 5;

static void twist(void) {
  for (int i = 0; i < STATE; i++) {
    uint32_t y = (twister[i] & 0x80000000) | (twister[(i + 1) % STATE] & 0x7FFFFFFF);
    twister[i] = twister[(i + MIDDLE) % STATE] ^ y >> 1 ^ (y & 1 ? 0x9908B0DF : 0);
  }
}

static uint32_t next_twister(void) {
  static uint32_t index = STATE;
  if (index == STATE) {
    twist();
    index = 0;
  }
  uint32_t y = twister[index++];
  y ^= y >> 11;
  y ^= y << 7 & 0x9D2C5680;
  y ^= y << 15 & 0xEFC60000;
  return y ^ y >> 18;
}

static uint64_t rotate(uint64_t x, int n) {
  return x << n | x >> (64 - n);
}

static uint64_t next_xoshiro(void) {
  uint64_t *s = xoshiro, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate(s[3], 45);
  return result;
}

static uint32_t next_congruential(void) {
  uint64_t old = congruential;
  congruential = old * UINT64_C(6364136223846793005) + 1442695040888963407;
  uint32_t x = (uint32_t)((old >> 18 ^ old) >> 27), turn = (uint32_t)(old >> 59);
  return x >> turn | x << (-turn & 31);
}

uint64_t bench(uint32_t rounds) {
  uint64_t sum = 0;
  twister[0] = 5489;
  for (uint32_t i = 1; i < STATE; i++)
    twister[i] = 1812433253 * (twister[i - 1] ^ twister[i - 1] >> 30) + i;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < NUMBERS; i++)
      sum += next_twister();
    for (int i = 0; i < NUMBERS; i++)
      sum ^= next_xoshiro();
    for (int i = 0; i < NUMBERS; i++)
      sum += next_congruential() % 1000;
  }
  return sum;
}
