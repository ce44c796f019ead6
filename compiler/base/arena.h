// Memory that lives as long as its arena: many small allocations, one deinit.
#ifndef WA_COMPILER_BASE_ARENA_H
#define WA_COMPILER_BASE_ARENA_H

#include <stddef.h>

struct wa_arena_block;

struct wa_arena {
  struct wa_arena_block *blocks;
  size_t used;  // bytes handed out so far
  size_t limit; // bytes it may hand out; 0 for no limit
};

void wa_arena_init(struct wa_arena *arena, size_t limit);
void wa_arena_deinit(struct wa_arena *arena);

// Zeroed memory for `count` objects of `size` bytes, aligned for any type. NULL when the limit or
// the system's memory is reached or the product overflows; never NULL for a count of 0.
void *wa_arena_alloc(struct wa_arena *arena, size_t count, size_t size);

#endif
