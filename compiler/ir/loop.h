// Natural loops: what they consist of, how they are entered and left, and what their induction
// variables and the comparison at their latch are.
#ifndef WA_COMPILER_IR_LOOP_H
#define WA_COMPILER_IR_LOOP_H

#include "compiler/ir/dominators.h"

// ---- Every loop of a function ----

// The loop that was looked for last.
struct wa_loop_search {
  const struct wa_dominators *dominators;
  uint32_t header;
  uint32_t *blocks; // indices into the dominators' blocks: the header, then what goes back to it
  uint32_t block_count;
  uint32_t number;  // of the search, from 1
  uint32_t *stamps; // per block: the number of the last search that has found it
};

// What it needs lives as long as the arena; aborts when there is no memory, as LLVM does.
void wa_loop_search_init(struct wa_loop_search *search, const struct wa_dominators *dominators,
                         struct wa_arena *arena);
// Finds the natural loop of a header: what reaches an edge back to it without passing it. False
// when nothing goes back. A loop of more than `most` blocks is found in part: it has more then.
bool wa_loop_search_find(struct wa_loop_search *search, uint32_t header, uint32_t most);
// Whether the loop, found whole, has no other loop inside.
bool wa_loop_search_is_innermost(const struct wa_loop_search *search);

static inline bool wa_loop_search_has(const struct wa_loop_search *search,
                                      LLVMBasicBlockRef block) {
  uint32_t number = wa_dominators_number(search->dominators, block);
  return number != WA_NO_BLOCK && search->stamps[number] == search->number;
}

// ---- One loop of few blocks ----

enum { WA_LOOP_MOST_BLOCKS = 64 };

struct wa_loop {
  LLVMBasicBlockRef header, latch;
  LLVMBasicBlockRef preheader; // NULL when there are several ways in
  LLVMBasicBlockRef exit;      // of wa_loop_find_exit
  LLVMBasicBlockRef blocks[WA_LOOP_MOST_BLOCKS];
  uint32_t block_count;
};

// The header, its latch and the preheader, without blocks. False when not just one block goes back
// to the header.
bool wa_loop_find(struct wa_loop *loop, const struct wa_dominators *dominators, uint32_t header);
// Adds the blocks, which `search` is left with. False when they are too many.
bool wa_loop_find_blocks(struct wa_loop *loop, struct wa_loop_search *search);
// Whether it is left at the latch alone, by a branch: `exit` is then the block that it goes to.
bool wa_loop_find_exit(struct wa_loop *loop);
// Takes a block for all of a loop. False when it is none, or has more than one way in or out.
bool wa_loop_of_block(struct wa_loop *loop, LLVMBasicBlockRef block);

static inline bool wa_loop_has_block(const struct wa_loop *loop, LLVMBasicBlockRef block) {
  for (uint32_t i = 0; i < loop->block_count; i++) {
    if (loop->blocks[i] == block) {
      return true;
    }
  }
  return false;
}

// Whether a value is computed in the loop.
static inline bool wa_loop_has(const struct wa_loop *loop, LLVMValueRef value) {
  return LLVMIsAInstruction(value) && wa_loop_has_block(loop, LLVMGetInstructionParent(value));
}

// Lets a terminator go to another block wherever it goes to this one, whose phis stay as they are.
void wa_redirect(LLVMValueRef terminator, LLVMBasicBlockRef from, LLVMBasicBlockRef to);

// ---- Induction variables ----

// What a phi is when control comes from a block; NULL when it never does.
LLVMValueRef wa_phi_from(LLVMValueRef phi, LLVMBasicBlockRef block);

// Of a phi of the header: its value in the first iteration, and the one that it has in the next.
static inline LLVMValueRef wa_loop_initial(const struct wa_loop *loop, LLVMValueRef phi) {
  return wa_phi_from(phi, loop->preheader);
}

static inline LLVMValueRef wa_loop_next(const struct wa_loop *loop, LLVMValueRef phi) {
  return wa_phi_from(phi, loop->latch);
}

// The constant that an induction variable grows by; NULL when the phi is none of this loop.
LLVMValueRef wa_loop_step(const struct wa_loop *loop, LLVMValueRef phi);

// What holds when the other does not.
LLVMIntPredicate wa_predicate_inverted(LLVMIntPredicate predicate);

// The loop goes on while this holds at the latch.
struct wa_loop_condition {
  LLVMIntPredicate predicate;
  LLVMValueRef left, right;
};

// Of a latch that ends in a conditional branch; false when that does not depend on a comparison of
// integers.
bool wa_loop_find_condition(const struct wa_loop *loop, struct wa_loop_condition *condition);
// The same condition with its operands in the other order.
struct wa_loop_condition wa_loop_condition_swapped(const struct wa_loop_condition *condition);

#endif
