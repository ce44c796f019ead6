// Text, made up and the same everywhere: words of syllables, frequent ones much more often than
// rare ones, in sentences and lines.
#ifndef REAL_TEXT_H
#define REAL_TEXT_H

#include "bench.h"

enum { TEXT_WORDS = 4096, TEXT_WORD_SIZE = 16, TEXT_LINE = 72 };

static inline void text_word(char word[TEXT_WORD_SIZE], uint32_t *state) {
  static const char syllables[][4] = {"ba", "con", "de", "er",  "fi", "gra", "in",  "ka",
                                      "lo", "men", "no", "per", "re", "sto", "ter", "un"};
  size_t size = 0;
  uint32_t count = 1 + bench_random(state) % 4;
  for (uint32_t i = 0; i < count; i++) {
    const char *syllable = syllables[bench_random(state) % 16];
    while (*syllable != '\0') {
      word[size++] = *syllable++;
    }
  }
  word[size] = '\0';
}

// Fills `size` bytes; there is no end mark.
static inline void text_fill(char *text, size_t size, uint32_t seed) {
  static char words[TEXT_WORDS][TEXT_WORD_SIZE];
  uint32_t state = 1;
  for (int i = 0; i < TEXT_WORDS; i++) {
    text_word(words[i], &state);
  }
  state = seed * 2 + 1;
  size_t at = 0;
  size_t column = 0;
  while (at < size) {
    // The smaller of three numbers: small ones are the likeliest.
    uint32_t index = TEXT_WORDS;
    for (int i = 0; i < 3; i++) {
      uint32_t other = bench_random(&state) % TEXT_WORDS;
      index = other < index ? other : index;
    }
    for (const char *word = words[index]; *word != '\0' && at < size; column++) {
      text[at++] = *word++;
    }
    uint32_t mark = bench_random(&state) % 24;
    if (mark < 3 && at < size) {
      text[at++] = ".,;"[mark];
      column++;
    }
    if (at < size) {
      text[at++] = column >= TEXT_LINE ? '\n' : ' ';
    }
    column = column >= TEXT_LINE ? 0 : column + 1;
  }
}

static inline uint64_t bytes_sum(const void *data, size_t size) {
  const unsigned char *bytes = (const unsigned char *)data;
  uint64_t sum = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < size; i++) {
    sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
  }
  return sum;
}

// What a driver that cannot go on ends with.
#ifdef __cplusplus
extern "C" void bench_fail(const char *why);
#else
void bench_fail(const char *why);
#endif

#endif
