#include "cli/pieces.h"

#include "compiler/base/sha256.h"
#include "runtime/abi.h"

#include <stdio.h>

static bool find(void *arg, const uint8_t key[WA_SHA256_SIZE], struct wa_buffer *piece) {
  const struct wa_pieces *pieces = arg;
  return wa_cache_find_piece(pieces->cache, key, piece);
}

// How much more than its bound the cache may hold until room is made.
enum { PART_OF_LIMIT = 16 };

static void keep(void *arg, const uint8_t key[WA_SHA256_SIZE], struct wa_bytes piece) {
  struct wa_pieces *pieces = arg;
  uint64_t most = pieces->cache->limit / PART_OF_LIMIT;
  if (piece.size > most || !wa_cache_store_piece(pieces->cache, key, piece)) {
    return;
  }
  uint64_t before = atomic_fetch_add(&pieces->kept, piece.size);
  if (before < most && before + piece.size >= most) {
    wa_cache_make_room(pieces->cache);
    atomic_store(&pieces->kept, 0);
  }
}

void wa_pieces_identity(const char *kind, uint8_t identity[WA_SHA256_SIZE]) {
  char compiler[WA_COMPILER_IDENTITY_SIZE];
  char text[WA_COMPILER_IDENTITY_SIZE + 256];
  wa_compiler_identity(compiler);
  // Level, CPU and options are the compiler's to say.
  int length = snprintf(text, sizeof text, "wasmaot %s abi %u api %x llvm %s compiler %s %s",
                        WASMAOT_VERSION, WA_ABI_VERSION, WA_COMPILER_API_VERSION,
                        WASMAOT_LLVM_VERSION, compiler, kind);
  wa_sha256(text, (size_t)length, identity);
}

void wa_pieces_init(struct wa_pieces *pieces, const struct wa_cache *cache) {
  pieces->store = (struct wa_piece_store){.find = find, .keep = keep, .arg = pieces};
  wa_pieces_identity("piece", pieces->store.identity);
  pieces->cache = cache;
  atomic_init(&pieces->kept, 0);
}
