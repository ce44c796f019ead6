// bzip2: compresses text at level 9, and back.
#include "text.h"

#include <bzlib.h>
#include <string.h>

enum { SIZE = 900000, ROOM = SIZE + SIZE / 64 + 1024 };

const uint32_t bench_rounds = 4;

void bz_internal_error(int code) {
  (void)code;
  bench_fail("bzip2 is inconsistent");
}

uint64_t bench(uint32_t rounds) {
  char *text = bench_alloc(SIZE);
  char *packed = bench_alloc(ROOM);
  char *back = bench_alloc(SIZE);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < rounds; i++) {
    unsigned packed_size = ROOM;
    unsigned size = SIZE;
    text_fill(text, SIZE, i);
    if (BZ2_bzBuffToBuffCompress(packed, &packed_size, text, SIZE, 9, 0, 30) != BZ_OK ||
        BZ2_bzBuffToBuffDecompress(back, &size, packed, packed_size, 0, 0) != BZ_OK ||
        size != SIZE || memcmp(text, back, SIZE) != 0) {
      bench_fail("bzip2 lost something");
    }
    sum = bench_mix(sum, bytes_sum(packed, packed_size));
  }
  return sum;
}
