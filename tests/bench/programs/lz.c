// LZ77 compression with a table of hashed positions, and decompression, of text-like bytes.
#include "bench.h"

enum { SIZE = 1 << 17, HASH_BITS = 14, MINIMUM = 4, MAXIMUM = 255 + MINIMUM };

const uint32_t bench_rounds = 240;

static uint8_t input[SIZE], packed[SIZE * 2], output[SIZE];

static void make_input(uint32_t seed) {
  static const char *const words[16] = {"the ",  "module ", "of ",   "memory ", "and ", "table ",
                                        "code ", "is ",     "a ",    "value ",  "in ",  "stack ",
                                        "call ", "trap ",   "loop ", "type "};
  for (int i = 0; i < SIZE;) {
    uint32_t random = bench_random(&seed);
    for (const char *word = words[random >> 8 & 15]; *word != '\0' && i < SIZE; word++)
      input[i++] = (uint8_t)*word;
    if (random % 8 == 0 && i < SIZE)
      input[i++] = (uint8_t)(random >> 16);
  }
}

static uint32_t load32(const uint8_t *from) {
  uint32_t value;
  memcpy(&value, from, sizeof value);
  return value;
}

static uint8_t *put_literals(uint8_t *to, const uint8_t *from, int count) {
  while (count > 0) {
    int run = count < 127 ? count : 127;
    *to++ = (uint8_t)run;
    for (int i = 0; i < run; i++)
      *to++ = *from++;
    count -= run;
  }
  return to;
}

// Tokens: 1..127 is that many literals; 128 is a match: distance in two bytes, length - MINIMUM.
static int compress(void) {
  static int32_t positions[1 << HASH_BITS];
  memset(positions, 255, sizeof positions);
  uint8_t *to = packed;
  int literals = 0;
  for (int i = 0; i < SIZE;) {
    if (i + MINIMUM > SIZE) {
      i = SIZE;
      break;
    }
    uint32_t hash = load32(input + i) * 2654435761u >> (32 - HASH_BITS);
    int candidate = positions[hash], length = 0;
    positions[hash] = i;
    if (candidate >= 0 && i - candidate < 65536)
      while (length < MAXIMUM && i + length < SIZE &&
             input[candidate + length] == input[i + length])
        length++;
    if (length < MINIMUM) {
      i++;
      continue;
    }
    to = put_literals(to, input + literals, i - literals);
    int distance = i - candidate;
    *to++ = 128;
    *to++ = (uint8_t)distance;
    *to++ = (uint8_t)(distance >> 8);
    *to++ = (uint8_t)(length - MINIMUM);
    i += length;
    literals = i;
  }
  to = put_literals(to, input + literals, SIZE - literals);
  return (int)(to - packed);
}

static int decompress(int size) {
  uint8_t *to = output;
  for (int i = 0; i < size;) {
    int token = packed[i++];
    if (token < 128) {
      for (int j = 0; j < token; j++)
        *to++ = packed[i++];
    } else {
      const uint8_t *from = to - (packed[i] | packed[i + 1] << 8);
      for (int j = packed[i + 2] + MINIMUM; j > 0; j--)
        *to++ = *from++;
      i += 3;
    }
  }
  return (int)(to - output);
}

uint64_t bench(uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    if (round % 8 == 0)
      make_input(round + 1);
    int size = compress();
    int restored = decompress(size);
    sum = bench_mix(sum, (uint64_t)size << 32 | (uint32_t)restored);
    for (int i = 0; i < SIZE; i++)
      sum += output[i] != input[i];
  }
  return sum;
}
