// An artifact as one store sees it: what depends on the process (canonical type ids) and what the
// metadata does not index. Made once per store, shared by all instances, never changed.
#ifndef WA_RUNTIME_OBJECT_PREPARED_H
#define WA_RUNTIME_OBJECT_PREPARED_H

#include "runtime/code/artifact.h"

// A distinct type of the module.
struct wa_prepared_type {
  uint32_t id;    // canonical
  uint32_t entry; // text offset of the entry trampoline, or WA_NONE
  uint32_t exit;  // text offset of the exit trampoline, or WA_NONE
};

struct wa_prepared {
  struct wa_prepared *next; // in the store's list
  struct wa_artifact *artifact;
  uint32_t *type_ids;             // canonical id by type index
  struct wa_prepared_type *types; // sorted by id
  uint32_t distinct_types;
  uint32_t *ref_funcs; // function index by func_ref index, WA_NONE where none
};

// Takes a reference to the artifact. NULL when out of memory.
struct wa_prepared *wa_prepared_new(struct wa_artifact *artifact);
void wa_prepared_free(struct wa_prepared *prepared); // NULL is fine

// A value type of the artifact's metadata with the canonical id in the place of a type index.
uint32_t wa_prepared_type(const struct wa_prepared *prepared, uint32_t type);

// The trampolines of a canonical type; NULL when the module has none.
const void *wa_prepared_entry(const struct wa_prepared *prepared, uint64_t type_id);
const void *wa_prepared_exit(const struct wa_prepared *prepared, uint64_t type_id);

#endif
