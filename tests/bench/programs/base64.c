// Base64 (RFC 4648): a buffer is encoded and decoded again through tables.
#include "bench.h"

enum { SIZE = 3 << 16 };

const uint32_t bench_rounds = 1000;

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static uint8_t input[SIZE], output[SIZE], values[256];
static char text[SIZE / 3 * 4];

static void encode(void) {
  char *to = text;
  for (int i = 0; i < SIZE; i += 3) {
    uint32_t group = (uint32_t)input[i] << 16 | (uint32_t)input[i + 1] << 8 | input[i + 2];
    *to++ = alphabet[group >> 18];
    *to++ = alphabet[group >> 12 & 63];
    *to++ = alphabet[group >> 6 & 63];
    *to++ = alphabet[group & 63];
  }
}

static bool decode(void) {
  uint8_t *to = output;
  uint32_t wrong = 0;
  for (int i = 0; i < SIZE / 3 * 4; i += 4) {
    const uint8_t *from = (const uint8_t *)text + i;
    uint32_t a = values[from[0]], b = values[from[1]], c = values[from[2]], d = values[from[3]];
    wrong |= a | b | c | d;
    uint32_t group = a << 18 | b << 12 | c << 6 | d;
    *to++ = (uint8_t)(group >> 16);
    *to++ = (uint8_t)(group >> 8);
    *to++ = (uint8_t)group;
  }
  return wrong < 64;
}

uint64_t bench(uint32_t rounds) {
  uint32_t seed = 64;
  for (int i = 0; i < SIZE; i++)
    input[i] = (uint8_t)bench_random(&seed);
  memset(values, 64, sizeof values);
  for (uint8_t i = 0; i < 64; i++)
    values[(uint8_t)alphabet[i]] = i;
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    encode();
    text[round % sizeof text] ^= 1;
    bool right = decode();
    sum = bench_mix(sum, (uint64_t)output[round * 7 % SIZE] << 1 | right);
    input[round % SIZE] = output[SIZE - 1 - round % SIZE];
  }
  return sum;
}
