// Comparisons of what a compare-and-exchange returned with what it expected.
//
// WebAssembly's returns the old value only, so guests compare that to see whether they have written
// theirs. The machine knows already: the comparison becomes the flag that LLVM's instruction also
// returns. Its own rule for this wants the operands in one order.
#include "lower.h"

static bool is_equality(LLVMValueRef value) {
  if (!LLVMIsAICmpInst(value))
    return false;
  LLVMIntPredicate predicate = LLVMGetICmpPredicate(value);
  return predicate == LLVMIntEQ || predicate == LLVMIntNE;
}

// Whether a user of the old value compares it with the expected one.
static bool compares(LLVMValueRef user, LLVMValueRef old, LLVMValueRef expected) {
  if (!is_equality(user))
    return false;
  LLVMValueRef left = LLVMGetOperand(user, 0), right = LLVMGetOperand(user, 1);
  return (left == old && right == expected) || (left == expected && right == old);
}

static void use_flag(LLVMBuilderRef builder, LLVMValueRef exchange, LLVMValueRef comparison) {
  LLVMPositionBuilderBefore(builder, LLVMGetNextInstruction(exchange));
  LLVMValueRef flag = LLVMBuildExtractValue(builder, exchange, 1, "");
  if (LLVMGetICmpPredicate(comparison) == LLVMIntNE)
    flag = LLVMBuildNot(builder, flag, "");
  LLVMReplaceAllUsesWith(comparison, flag);
  LLVMInstructionEraseFromParent(comparison);
}

static void look_at_users(LLVMBuilderRef builder, LLVMValueRef exchange, LLVMValueRef old) {
  LLVMValueRef expected = LLVMGetOperand(exchange, 1);
  for (LLVMUseRef use = LLVMGetFirstUse(old), next; use; use = next) {
    LLVMValueRef user = LLVMGetUser(use);
    next = LLVMGetNextUse(use);
    if (compares(user, old, expected))
      use_flag(builder, exchange, user);
  }
}

static void look_at_results(LLVMBuilderRef builder, LLVMValueRef exchange) {
  for (LLVMUseRef use = LLVMGetFirstUse(exchange); use; use = LLVMGetNextUse(use)) {
    LLVMValueRef part = LLVMGetUser(use);
    if (LLVMIsAExtractValueInst(part) && LLVMGetIndices(part)[0] == 0)
      look_at_users(builder, exchange, part);
  }
}

void wa_test_exchanges(struct wa_lower *lower, LLVMValueRef function) {
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    for (LLVMValueRef instruction = LLVMGetFirstInstruction(block); instruction;
         instruction = LLVMGetNextInstruction(instruction)) {
      if (LLVMIsAAtomicCmpXchgInst(instruction))
        look_at_results(lower->builder, instruction);
    }
  }
}
