#include "compiler/blocks.h"

// Passes of LLVM's code generator take a time that grows with the square of a block's length: 16 s
// for a chain of 16,000 instructions. A function with a block of more than LONG_BLOCK is generated
// as at -O0. (Of eleven programs the longest block had 1,300 instructions.) Instruction selection
// does the same there, so that its blocks are cut: 57 s for 25,000 shifts of vectors of bytes.
enum { LONG_BLOCK = 4000, PIECE = 500 };

static bool is_vector_shift(LLVMValueRef instr) {
  LLVMOpcode opcode = LLVMGetInstructionOpcode(instr);
  return (opcode == LLVMShl || opcode == LLVMLShr || opcode == LLVMAShr) && wa_ir_is_vector(instr);
}

// Shifts of bytes, and intrinsics that the target lacks, are done lane by lane or by as many
// operations.
static uint32_t weight_of(LLVMValueRef instr) {
  LLVMTypeRef type = LLVMTypeOf(instr);
  bool is_call = LLVMIsACallInst(instr) && LLVMGetTypeKind(type) == LLVMVectorTypeKind;
  if (is_call || (is_vector_shift(instr) && !LLVMIsConstant(LLVMGetOperand(instr, 1)))) {
    uint32_t lanes = LLVMGetVectorSize(type);
    return is_call || lanes >= 16 ? lanes : 1;
  }
  return 1;
}

static bool is_longer(LLVMBasicBlockRef block, uint32_t most) {
  uint32_t weight = 0;
  for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i)) {
    weight += weight_of(i);
    if (weight > most) {
      return true;
    }
  }
  return false;
}

bool wa_has_long_block(LLVMValueRef function) {
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    if (is_longer(block, LONG_BLOCK)) {
      return true;
    }
  }
  return false;
}

// The instruction that the second piece begins with; NULL when there is one piece. Variables stay
// in the first, with what is in front of them.
static LLVMValueRef first_to_move(LLVMBasicBlockRef block) {
  LLVMValueRef first = NULL;
  uint32_t weight = 0;
  for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i)) {
    if (LLVMIsAAllocaInst(i)) {
      weight = 0;
      first = NULL;
    }
    weight += weight_of(i);
    if (!first && weight > PIECE && !LLVMIsAPHINode(i) && !LLVMIsALandingPadInst(i)) {
      first = i;
    }
  }
  return first && !LLVMIsATerminatorInst(first) ? first : NULL;
}

// Makes a phi anew that expects `to` where it expects `from`: the C API cannot change it.
static void expect(LLVMBuilderRef builder, LLVMValueRef phi, LLVMBasicBlockRef from,
                   LLVMBasicBlockRef to) {
  LLVMPositionBuilderBefore(builder, phi);
  LLVMValueRef other = LLVMBuildPhi(builder, LLVMTypeOf(phi), "");
  for (unsigned i = 0; i < LLVMCountIncoming(phi); i++) {
    LLVMValueRef value = LLVMGetIncomingValue(phi, i);
    LLVMBasicBlockRef block = LLVMGetIncomingBlock(phi, i);
    block = block == from ? to : block;
    LLVMAddIncoming(other, &value, &block, 1);
  }
  LLVMReplaceAllUsesWith(phi, other);
  LLVMInstructionEraseFromParent(phi);
}

static bool expects(LLVMValueRef phi, LLVMBasicBlockRef block) {
  for (unsigned i = 0; i < LLVMCountIncoming(phi); i++) {
    if (LLVMGetIncomingBlock(phi, i) == block) {
      return true;
    }
  }
  return false;
}

static void expect_in_successors(LLVMBuilderRef builder, LLVMBasicBlockRef from,
                                 LLVMBasicBlockRef to) {
  LLVMValueRef end = LLVMGetBasicBlockTerminator(to);
  for (unsigned i = 0; i < LLVMGetNumSuccessors(end); i++) {
    LLVMValueRef next, phi = LLVMGetFirstInstruction(LLVMGetSuccessor(end, i));
    for (; phi && LLVMIsAPHINode(phi) && expects(phi, from); phi = next) {
      next = LLVMGetNextInstruction(phi);
      expect(builder, phi, from, to);
    }
  }
}

// A block behind another, to which that one leads.
static LLVMBasicBlockRef new_piece(struct wa_ir *ir, LLVMBasicBlockRef last) {
  LLVMBasicBlockRef next = LLVMGetNextBasicBlock(last);
  LLVMBasicBlockRef piece =
      next ? LLVMInsertBasicBlockInContext(ir->context, next, "")
           : LLVMAppendBasicBlockInContext(ir->context, LLVMGetBasicBlockParent(last), "");
  LLVMPositionBuilderAtEnd(ir->builder, last);
  LLVMBuildBr(ir->builder, piece);
  LLVMPositionBuilderAtEnd(ir->builder, piece);
  return piece;
}

// Instruction selection shifts all lanes by one number where it sees in the same block that it is
// one.
static void bring_splat(LLVMBuilderRef builder, LLVMValueRef shift, LLVMBasicBlockRef piece) {
  LLVMValueRef splat = LLVMGetOperand(shift, 1);
  if (!LLVMIsAShuffleVectorInst(splat) || LLVMGetInstructionParent(splat) == piece ||
      !LLVMIsAInsertElementInst(LLVMGetOperand(splat, 0))) {
    return;
  }
  LLVMValueRef lane = LLVMInstructionClone(LLVMGetOperand(splat, 0));
  LLVMValueRef copy = LLVMInstructionClone(splat);
  LLVMInsertIntoBuilder(builder, lane);
  LLVMInsertIntoBuilder(builder, copy);
  LLVMSetOperand(copy, 0, lane);
  LLVMSetOperand(shift, 1, copy);
}

// The last piece ends as the block did: a tail call stays with the return that must follow it. What
// is left in the block until then stands in front of the branch to the second piece.
static void cut(struct wa_ir *ir, LLVMBasicBlockRef block) {
  LLVMSetCurrentDebugLocation2(ir->builder, NULL); // or what is moved would get it
  LLVMValueRef next, instr = first_to_move(block);
  LLVMValueRef end = LLVMGetBasicBlockTerminator(block);
  LLVMBasicBlockRef piece = block;
  uint32_t weight = PIECE;
  for (; instr; instr = instr == end ? NULL : next) {
    next = LLVMGetNextInstruction(instr);
    if (weight >= PIECE && instr != end) {
      piece = new_piece(ir, piece);
      weight = 0;
    }
    LLVMInstructionRemoveFromParent(instr);
    if (is_vector_shift(instr)) {
      bring_splat(ir->builder, instr, piece);
    }
    LLVMInsertIntoBuilder(ir->builder, instr);
    weight += weight_of(instr);
  }
  if (piece != block) {
    expect_in_successors(ir->builder, block, piece);
  }
}

void wa_cut_blocks(struct wa_ir *ir, LLVMValueRef function) {
  LLVMBasicBlockRef next;
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block; block = next) {
    next = LLVMGetNextBasicBlock(block);
    cut(ir, block);
  }
}
