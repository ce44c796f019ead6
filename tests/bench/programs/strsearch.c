// String search: Knuth-Morris-Pratt, Boyer-Moore-Horspool, a naive scan, and counting of words.
#include "bench.h"

enum { SIZE = 1 << 18, LONGEST = 32 };

const uint32_t bench_rounds = 120;

static uint8_t text[SIZE];

static uint32_t naive(const uint8_t *needle, int length) {
  uint32_t found = 0;
  for (int i = 0; i + length <= SIZE; i++) {
    int j = 0;
    while (j < length && text[i + j] == needle[j])
      j++;
    found += j == length;
  }
  return found;
}

static uint32_t knuth_morris_pratt(const uint8_t *needle, int length) {
  int borders[LONGEST + 1] = {-1};
  for (int i = 0, border = -1; i < length; i++) {
    while (border >= 0 && needle[border] != needle[i])
      border = borders[border];
    borders[i + 1] = ++border;
  }
  uint32_t found = 0;
  for (int i = 0, matched = 0; i < SIZE; i++) {
    while (matched >= 0 && (matched == length || needle[matched] != text[i]))
      matched = borders[matched];
    found += ++matched == length;
  }
  return found;
}

static uint32_t horspool(const uint8_t *needle, int length) {
  int skips[256];
  for (int i = 0; i < 256; i++)
    skips[i] = length;
  for (int i = 0; i + 1 < length; i++)
    skips[needle[i]] = length - 1 - i;
  uint32_t found = 0;
  for (int i = 0; i + length <= SIZE; i += skips[text[i + length - 1]]) {
    int j = length - 1;
    while (j >= 0 && text[i + j] == needle[j])
      j--;
    found += j < 0;
  }
  return found;
}

static uint32_t words(void) {
  uint32_t count = 0;
  bool inside = false;
  for (int i = 0; i < SIZE; i++) {
    bool letter = text[i] >= 'c';
    count += letter && !inside;
    inside = letter;
  }
  return count;
}

uint64_t bench(uint32_t rounds) {
  uint32_t seed = 4;
  for (int i = 0; i < SIZE; i++)
    text[i] = (uint8_t)('a' + bench_random(&seed) % 6 * (bench_random(&seed) % 6) / 5);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    int length = 4 + (int)(round % (LONGEST - 4));
    const uint8_t *needle = text + bench_random(&seed) % (SIZE - LONGEST);
    sum = bench_mix(sum, naive(needle, length));
    sum = bench_mix(sum, knuth_morris_pratt(needle, length));
    sum = bench_mix(sum, horspool(needle, length));
    sum = bench_mix(sum, words());
    text[bench_random(&seed) % SIZE] = 'z';
  }
  return sum;
}
