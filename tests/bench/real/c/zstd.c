// zstd: compresses text at -DLEVEL, and back. -DWORK rounds take as long as other programs do.
#include "text.h"

#include <string.h>
#include <zstd.h>

enum { SIZE = 4 << 20 };

const uint32_t bench_rounds = WORK;

uint64_t bench(uint32_t rounds) {
  size_t room = ZSTD_compressBound(SIZE);
  char *text = bench_alloc(SIZE);
  char *packed = bench_alloc(room);
  char *back = bench_alloc(SIZE);
  ZSTD_CCtx *pack = ZSTD_createCCtx();
  ZSTD_DCtx *unpack = ZSTD_createDCtx();
  uint64_t sum = 0;
  for (uint32_t i = 0; i < rounds; i++) {
    text_fill(text, SIZE, i % 4);
    size_t packed_size = ZSTD_compressCCtx(pack, packed, room, text, SIZE, LEVEL);
    if (ZSTD_isError(packed_size) ||
        ZSTD_decompressDCtx(unpack, back, SIZE, packed, packed_size) != SIZE ||
        memcmp(text, back, SIZE) != 0) {
      bench_fail("zstd lost something");
    }
    sum = bench_mix(sum, bytes_sum(packed, packed_size));
  }
  ZSTD_freeCCtx(pack);
  ZSTD_freeDCtx(unpack);
  return sum;
}
