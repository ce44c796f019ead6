// Partitions that were compiled before: what names one, and what of it is kept (options.h has the
// store). Its name, the key, is a hash of the IR that lowering makes of it, and of the few facts
// that are not in the IR and that later steps look at. So the key cannot lack anything that
// lowering looks at, whatever that is, and nothing else is in it: no index of a function, since the
// IR has the partition's own numbers (artifact/symbols.h).
#ifndef WA_COMPILER_PIECE_H
#define WA_COMPILER_PIECE_H

#include "compiler/base/sha256.h"
#include "compiler/partition.h"

struct wa_piece_key {
  uint8_t digest[WA_SHA256_SIZE];
};

// Of what lowering has just made of all of the partition's bodies, to be compiled at `level`.
void wa_piece_key(struct wa_piece_key *key, const struct wa_ir *ir, const struct wa_worker *worker,
                  const struct wa_partition *partition, int level);

// Fills the outputs from the store, and adds to the worker what it would have counted. False when
// the store has nothing intact under the key.
bool wa_piece_find(const struct wa_piece_key *key, struct wa_worker *worker,
                   struct wa_compiled *compiled);

// `cheaper` as the worker counted it, for this partition.
void wa_piece_keep(const struct wa_piece_key *key, const struct wa_worker *worker,
                   const struct wa_compiled *compiled, uint32_t cheaper);

#endif
