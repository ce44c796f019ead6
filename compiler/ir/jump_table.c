#include "compiler/ir/jump_table.h"

#include <llvm/Config/llvm-config.h>

LLVMValueRef wa_switch_value(LLVMValueRef branch, unsigned i) {
#if LLVM_VERSION_MAJOR >= 22
  return LLVMGetSwitchCaseValue(branch, i);
#else
  return LLVMGetOperand(branch, 2 * i);
#endif
}

// Whether a block does nothing but lead on.
static bool only_collects(LLVMBasicBlockRef block) {
  LLVMValueRef last = LLVMGetBasicBlockTerminator(block);
  LLVMValueRef before = LLVMGetPreviousInstruction(last);
  return LLVMGetNumSuccessors(last) == 1 && (!before || LLVMIsAPHINode(before));
}

static unsigned edges_to(LLVMBasicBlockRef block, bool by_way) {
  unsigned edges = 0;
  LLVMUseRef use = LLVMGetFirstUse(LLVMBasicBlockAsValue(block));
  for (; use; use = LLVMGetNextUse(use)) {
    LLVMBasicBlockRef from = LLVMGetInstructionParent(LLVMGetUser(use));
    edges += by_way && only_collects(from) ? edges_to(from, false) : 1;
  }
  return edges;
}

unsigned wa_ways_to(LLVMBasicBlockRef block) {
  return edges_to(block, true);
}

void wa_add_edge(LLVMBasicBlockRef from, LLVMBasicBlockRef to) {
  LLVMValueRef phi = LLVMGetFirstInstruction(to);
  for (; LLVMIsAPHINode(phi); phi = LLVMGetNextInstruction(phi)) {
    unsigned i = 0;
    while (LLVMGetIncomingBlock(phi, i) != from) {
      i++;
    }
    LLVMValueRef value = LLVMGetIncomingValue(phi, i);
    LLVMAddIncoming(phi, &value, &from, 1);
  }
}

// The first case is the default, too: there it can go, if it never does.
static void bound(LLVMValueRef branch) {
  LLVMBasicBlockRef block = LLVMGetInstructionParent(branch);
  LLVMBasicBlockRef other = LLVMGetSwitchDefaultDest(branch);
  unsigned count = LLVMGetNumSuccessors(branch);
  if (count > 1 && LLVMIsAUnreachableInst(LLVMGetFirstInstruction(other)) &&
      (uint64_t)wa_ways_to(block) * count > WA_MOST_JUMP_EDGES) {
    LLVMBasicBlockRef first = LLVMGetSuccessor(branch, 1);
    wa_add_edge(block, first);
    LLVMSetSuccessor(branch, 0, first);
  }
}

void wa_bound_jump_tables(LLVMValueRef function) {
  LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function);
  for (; block; block = LLVMGetNextBasicBlock(block)) {
    LLVMValueRef last = LLVMGetBasicBlockTerminator(block);
    if (LLVMIsASwitchInst(last)) {
      bound(last);
    }
  }
}
