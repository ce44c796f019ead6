// The ChaCha20 stream cipher (RFC 8439) over a buffer: 32-bit additions, xors and rotations.
#include "bench.h"

enum { SIZE = 1 << 16 };

const uint32_t bench_rounds = 1500;

static uint8_t buffer[SIZE];

static uint32_t rotate(uint32_t x, int n) {
  return x << n | x >> (32 - n);
}

static void quarter(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d) {
  *a += *b;
  *d = rotate(*d ^ *a, 16);
  *c += *d;
  *b = rotate(*b ^ *c, 12);
  *a += *b;
  *d = rotate(*d ^ *a, 8);
  *c += *d;
  *b = rotate(*b ^ *c, 7);
}

static void block(const uint32_t input[16], uint8_t *data) {
  uint32_t x[16];
  for (int i = 0; i < 16; i++)
    x[i] = input[i];
  for (int i = 0; i < 10; i++) {
    for (int j = 0; j < 4; j++)
      quarter(&x[j], &x[j + 4], &x[j + 8], &x[j + 12]);
    for (int j = 0; j < 4; j++)
      quarter(&x[j], &x[(j + 1) % 4 + 4], &x[(j + 2) % 4 + 8], &x[(j + 3) % 4 + 12]);
  }
  for (int i = 0; i < 16; i++) {
    uint32_t word;
    memcpy(&word, data + i * 4, sizeof word);
    word ^= x[i] + input[i];
    memcpy(data + i * 4, &word, sizeof word);
  }
}

uint64_t bench(uint32_t rounds) {
  uint32_t state[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  for (uint32_t i = 4; i < 12; i++)
    state[i] = i * 0x01010101;
  for (uint32_t round = 0; round < rounds; round++) {
    state[13] = round;
    state[12] = 0;
    for (int i = 0; i < SIZE; i += 64) {
      block(state, buffer + i);
      state[12]++;
    }
  }
  uint64_t sum = 0;
  for (int i = 0; i < SIZE; i++)
    sum = bench_mix(sum, buffer[i]);
  return sum;
}
