// The dominator tree of a function's basic blocks, which LLVM's C API does not give out.
#ifndef WA_COMPILER_IR_DOMINATORS_H
#define WA_COMPILER_IR_DOMINATORS_H

#include "compiler/base/arena.h"
#include "compiler/target/llvm_compat.h"

#include <stdbool.h>
#include <stdint.h>

// A hash table from blocks to their numbers in postorder.
struct wa_block_numbers {
  LLVMBasicBlockRef *keys;
  uint32_t *numbers;
  uint32_t mask;
};

struct wa_dominators {
  LLVMBasicBlockRef *blocks; // those that the entry reaches, in reverse postorder
  uint32_t count;
  uint32_t *first, *size; // of a block's subtree, in preorder
  // Predecessors, as indices into `blocks`: block b's are edges[edge_starts[b] to
  // edge_starts[b + 1]), one that has several edges to it as often.
  uint32_t *edge_starts, *edges;
  struct wa_block_numbers numbers;
};

enum { WA_NO_BLOCK = UINT32_MAX };

// For tables of 2^n slots: its lowest bits are as good as any.
static inline uint32_t wa_hash_pointer(const void *pointer) {
  uint32_t hash = (uint32_t)(((uintptr_t)pointer >> 4) * 0x9e3779b1u);
  return hash ^ hash >> 15;
}

// What it makes lives as long as the arena; aborts when there is no memory, as LLVM does.
void wa_dominators_init(struct wa_dominators *dominators, LLVMValueRef function,
                        struct wa_arena *arena);

// The index of a block, or WA_NO_BLOCK when the entry does not reach it.
uint32_t wa_dominators_number(const struct wa_dominators *dominators, LLVMBasicBlockRef block);

// Whether block `a` dominates block `b`, both as indices into `blocks`; every block dominates
// itself.
static inline bool wa_dominates(const struct wa_dominators *dominators, uint32_t a, uint32_t b) {
  return dominators->first[b] - dominators->first[a] < dominators->size[a];
}

// The same, made for a function when the first question comes. Zeroed but for the function; the
// caller inits and deinits the arena.
struct wa_lazy_dominators {
  struct wa_arena arena;
  struct wa_dominators dominators;
  LLVMValueRef function;
  bool is_made;
};

// Whether an edge goes back to the header of a loop.
bool wa_goes_back(struct wa_lazy_dominators *order, LLVMBasicBlockRef from, LLVMBasicBlockRef to);

#endif
