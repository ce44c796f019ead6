// What the two halves of "versions" share: versions.c finds and copies loops, ranges.c says what
// they access.
#ifndef WA_COMPILER_REPAIR_VERSIONS_H
#define WA_COMPILER_REPAIR_VERSIONS_H

#include "compiler/ir/ir.h"

enum { WA_LOOP_MOST_BLOCKS = 64, WA_LOOP_MOST_INSTRS = 1500 };

// An innermost loop that ends in its one latch, and in what it has.
struct wa_loop {
  struct wa_ir *ir;
  LLVMValueRef ctx;
  LLVMBasicBlockRef header, latch;
  LLVMBasicBlockRef preheader, exit; // NULL when it is not as the vectoriser wants it
  LLVMBasicBlockRef blocks[WA_LOOP_MOST_BLOCKS];
  uint32_t block_count;
  bool has_store;
};

static inline bool wa_loop_has(const struct wa_loop *loop, LLVMValueRef value) {
  if (!LLVMIsAInstruction(value)) {
    return false;
  }
  LLVMBasicBlockRef block = LLVMGetInstructionParent(value);
  for (uint32_t i = 0; i < loop->block_count; i++) {
    if (loop->blocks[i] == block) {
      return true;
    }
  }
  return false;
}

// Builds, at the end of the preheader, whether every access of every iteration lies inside of its
// memory, no address wrapping between the first and the last. NULL when that cannot be told.
LLVMValueRef wa_loop_stays_inside(const struct wa_loop *loop);

// Hides from LLVM what it takes for a straight line of addresses although it wraps around before a
// constant trip count is reached (llvm-project, pull request 225086). False when there is no way
// to.
bool wa_loop_hide_wraps(const struct wa_loop *loop);

#endif
