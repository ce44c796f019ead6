#include "compiler/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1024 * 1024 };

struct wa_arena_block {
  struct wa_arena_block *next;
  size_t used, size; // of bytes[]
  alignas(max_align_t) unsigned char bytes[];
};

void wa_arena_init(struct wa_arena *arena, size_t limit) {
  *arena = (struct wa_arena){.limit = limit};
}

void wa_arena_deinit(struct wa_arena *arena) {
  struct wa_arena_block *block = arena->blocks;
  while (block) {
    struct wa_arena_block *next = block->next;
    free(block);
    block = next;
  }
  *arena = (struct wa_arena){0};
}

static struct wa_arena_block *add_block(struct wa_arena *arena, size_t need) {
  size_t size = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
  if (size > LARGEST_BLOCK) {
    size = LARGEST_BLOCK;
  }
  if (size < need) {
    size = need;
  }
  struct wa_arena_block *block = calloc(1, sizeof *block + size);
  if (!block) {
    return NULL;
  }
  block->size = size;
  block->next = arena->blocks;
  arena->blocks = block;
  return block;
}

void *wa_arena_alloc(struct wa_arena *arena, size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes) ||
      __builtin_add_overflow(bytes, alignof(max_align_t) - 1, &bytes)) {
    return NULL;
  }
  bytes &= ~(alignof(max_align_t) - 1);
  if (arena->limit && (bytes > arena->limit || arena->used > arena->limit - bytes)) {
    return NULL;
  }
  struct wa_arena_block *block = arena->blocks;
  if (!block || block->size - block->used < bytes) {
    block = add_block(arena, bytes);
    if (!block) {
      return NULL;
    }
  }
  void *result = block->bytes + block->used;
  block->used += bytes;
  arena->used += bytes;
  return result;
}
