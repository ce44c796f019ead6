// zlib: deflates text at the default level, inflates it a few times.
#include "text.h"

#include <string.h>
#include <zlib.h>

enum { SIZE = 4 << 20, INFLATES = 5 };

const uint32_t bench_rounds = 1;

uint64_t bench(uint32_t rounds) {
  uLong room = compressBound(SIZE);
  Bytef *text = bench_alloc(SIZE);
  Bytef *packed = bench_alloc(room);
  Bytef *back = bench_alloc(SIZE);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < rounds; i++) {
    uLongf packed_size = room;
    text_fill((char *)text, SIZE, i);
    if (compress2(packed, &packed_size, text, SIZE, 6) != Z_OK) {
      bench_fail("deflate");
    }
    for (int j = 0; j < INFLATES; j++) {
      uLongf size = SIZE;
      if (uncompress(back, &size, packed, packed_size) != Z_OK || size != SIZE) {
        bench_fail("inflate");
      }
    }
    if (memcmp(text, back, SIZE) != 0) {
      bench_fail("zlib lost something");
    }
    sum = bench_mix(sum, bytes_sum(packed, packed_size));
  }
  return sum;
}
