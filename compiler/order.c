// The order of instructions in a block, as a compiler of C has it.
//
// A producer for a stack machine steps a counter wherever its code has room for it, and computes
// the condition of a `select` behind what that chooses from, as its operands come in that order.
// Instruction selection goes by the order it finds: then a counter's step takes a port of the
// processor from what the next turn waits for, and two values of it live at once; and what takes
// longest is computed last. C has steps at the end of a loop and conditions first.
#include "lower.h"

enum { MAX_DEPTH = 4 };

static bool uses(LLVMValueRef user, LLVMValueRef value) {
  for (LLVMUseRef use = LLVMGetFirstUse(value); use; use = LLVMGetNextUse(use))
    if (LLVMGetUser(use) == user)
      return true;
  return false;
}

static void move_before(struct wa_lower *lower, LLVMValueRef instr, LLVMValueRef place) {
  if (LLVMGetNextInstruction(instr) == place)
    return;
  LLVMInstructionRemoveFromParent(instr);
  LLVMPositionBuilderBefore(lower->builder, place);
  LLVMInsertIntoBuilder(lower->builder, instr);
}

// ---- Steps ----

static void sink_step(struct wa_lower *lower, LLVMValueRef step) {
  LLVMValueRef place = LLVMGetNextInstruction(step);
  while (!LLVMIsATerminatorInst(place) && !uses(place, step))
    place = LLVMGetNextInstruction(place);
  move_before(lower, step, place);
}

static void sink_steps(struct wa_lower *lower, LLVMBasicBlockRef header) {
  for (LLVMValueRef phi = LLVMGetFirstInstruction(header); phi && LLVMIsAPHINode(phi);
       phi = LLVMGetNextInstruction(phi))
    for (unsigned i = 0; i < LLVMCountIncoming(phi); i++) {
      LLVMValueRef next = LLVMGetIncomingValue(phi, i);
      if (LLVMIsAInstruction(next) && wa_step_of(phi, next) &&
          LLVMGetInstructionParent(next) == LLVMGetIncomingBlock(phi, i))
        sink_step(lower, next);
    }
}

// ---- Choices ----

static bool is_pure(LLVMValueRef instr) {
  return LLVMIsABinaryOperator(instr) || LLVMIsACastInst(instr) || LLVMIsAGetElementPtrInst(instr);
}

// Moves what only this place needs in front of it.
static void sink_operand(struct wa_lower *lower, LLVMValueRef value, LLVMValueRef place,
                         int depth) {
  if (depth == 0 || !LLVMIsAInstruction(value) || !is_pure(value) ||
      LLVMGetInstructionParent(value) != LLVMGetInstructionParent(place) ||
      LLVMGetNextUse(LLVMGetFirstUse(value)))
    return;
  move_before(lower, value, place);
  for (unsigned i = 0; i < (unsigned)LLVMGetNumOperands(value); i++)
    sink_operand(lower, LLVMGetOperand(value, i), value, depth - 1);
}

static void sink_choices(struct wa_lower *lower, LLVMBasicBlockRef block) {
  for (LLVMValueRef instr = LLVMGetFirstInstruction(block); instr;
       instr = LLVMGetNextInstruction(instr))
    if (LLVMIsASelectInst(instr))
      for (unsigned i = 1; i <= 2; i++)
        sink_operand(lower, LLVMGetOperand(instr, i), instr, MAX_DEPTH);
}

void wa_order_blocks(struct wa_lower *lower, LLVMValueRef function) {
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    sink_steps(lower, block);
    sink_choices(lower, block);
  }
}
