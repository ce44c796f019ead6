// Linear memories: a reservation that never moves, of which a growing prefix is committed.
#ifndef WA_RUNTIME_OBJECT_MEMORY_H
#define WA_RUNTIME_OBJECT_MEMORY_H

#include "runtime/code/ranges.h"
#include "runtime/object/object.h"

struct wa_artifact;

struct wa_memory_object {
  struct wa_memory_view view; // first: what compiled code sees
  struct wa_object object;
  struct wa_range *reserved;
  void *mapping; // NULL when the instance's mapping holds the memory
  size_t mapping_size;
  uint64_t extent;     // bytes of address space from the first byte on, guard included
  uint64_t min_pages;  // that it was made with
  uint64_t max_pages;  // as declared; UINT64_MAX for none
  bool has_huge_pages; // asked for: the mapping is not for another memory
  bool has_file;       // some of its pages are a file's
  uint64_t limit;      // pages it may really have; of its own size
  atomic_bool refused; // to grow
  bool shared;
  bool index64;
  bool unguarded;     // see wa_memory_type
  uint32_t page_log2; // log2 of the page size
  struct wa_store *store;
  pthread_mutex_t lock; // of growing
};

// Bytes to reserve from the first byte on of a memory of 32-bit index.
#define WA_MEMORY_EXTENT (WA_MEMORY32_RESERVATION + WA_MEMORY32_GUARD)
// What a refusal of address space ends with.
#define WA_MEMORY_CHECKS_HINT                                                                      \
  ", or compile with --memory-checks=explicit, which needs no guard regions"
// Pages of a memory of 64-bit index that are reserved at most: it can never have more.
#define WA_MEMORY64_RESERVED_PAGES ((uint64_t)1 << 20)

// A memory at `base`, which has WA_MEMORY_EXTENT bytes of inaccessible address space reserved that
// stay the caller's; or, with base NULL, one that reserves its own. It is not in the store's list:
// free it with wa_memory_free.
// At `base` the first `accessible` bytes are accessible already, and zero; a multiple of 64 KiB.
struct wa_memory_object *wa_memory_make(struct wa_store *store, uint8_t *base, uint64_t accessible,
                                        const struct wa_memory_type *type, struct wa_error *err);
// How many of its bytes are accessible.
uint64_t wa_memory_accessible(const struct wa_memory_object *memory);
void wa_memory_free(struct wa_memory_object *memory); // NULL is fine

// Makes bytes [dst, dst + length), which are in range, a private copy of those of the artifact's
// data that begin at `first`. Whole pages are mapped rather than copied when offset and address
// allow it: what nobody touches costs nothing.
void wa_memory_load(struct wa_memory_object *memory, uint64_t dst,
                    const struct wa_artifact *artifact, uint64_t first, uint64_t length);

// `size` may be raised by another thread at any time.
static inline uint64_t wa_view_size(const struct wa_memory_view *view) {
  return __atomic_load_n(&view->size, __ATOMIC_ACQUIRE);
}

#endif
