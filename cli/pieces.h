// The cache as the compiler's store of pieces.
#ifndef WA_CLI_PIECES_H
#define WA_CLI_PIECES_H

#include "cli/cache.h"

#include <stdatomic.h>

struct wa_pieces {
  struct wa_piece_store store; // for wa_compile_options.pieces
  const struct wa_cache *cache;
  atomic_uint_fast64_t kept; // bytes since there was made room
};

// What a store for pieces of a kind says of this compiler.
void wa_pieces_identity(const char *kind, uint8_t identity[WA_SHA256_SIZE]);

// Both must stay as long as the store is used.
void wa_pieces_init(struct wa_pieces *pieces, const struct wa_cache *cache);

#endif
