// snappy: compresses text, and back. How it hashes depends on the CPU, and so does what it makes of
// the text: only what comes back is compared.
#include "text.h"

#include <snappy.h>
#include <string>

enum { SIZE = 4 << 20 };

const uint32_t bench_rounds = 25;

uint64_t bench(uint32_t rounds) {
  std::string text(SIZE, ' ');
  std::string packed;
  std::string back;
  uint64_t sum = 0;
  for (uint32_t i = 0; i < rounds; i++) {
    if (i % 10 == 0) {
      text_fill(&text[0], SIZE, i);
    }
    snappy::Compress(text.data(), text.size(), &packed);
    if (!snappy::Uncompress(packed.data(), packed.size(), &back) || back != text) {
      bench_fail("snappy lost something");
    }
    sum = bench_mix(sum, back.size());
  }
  return bench_mix(sum, bytes_sum(back.data(), back.size()));
}
