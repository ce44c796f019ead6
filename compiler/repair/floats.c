// Operations that LLVM folds to their operand, signalling or not.
//
// Shape: fadd and fsub of 0, fmul and fdiv of 1 or -1, any of them with a constant vector; fptrunc
//   of fpext; minimum and maximum; on RISC-V rounding, which leaves NaN alone.
// Preconditions: SSA form, and nothing folded yet, on every function at every level; is_quiet():
//   what arithmetic gives is never signalling and is left alone.
// Rewrite, with %one loaded from a constant that only the support partition defines, or a vector
//   behind llvm.arithmetic.fence:
//     %y = fmul double %x, 1.0             =>   %y = fmul double %x, %one
//     %y = fptrunc (fpext %x)              =>   %q = fmul double %wide, %one
//                                                %y = fptrunc double %q to float
//     %y = minimum(%x, %z), all uses of it =>   fmul double %y, %one
// Right because a multiplication by 1 makes a signalling NaN quiet and changes nothing else.
//   Nothing here traps, wraps, aliases or races.
// If wrong: a NaN stays signalling; nothing depends on that in the compiler.
#include "compiler/repair/repair.h"

#include <elf.h>

// Whether an operand makes `x op c` or `c op x` foldable to x or -x. Any constant vector may.
static bool is_neutral(LLVMOpcode opcode, LLVMValueRef operand) {
  if (wa_ir_is_vector(operand)) {
    return LLVMIsConstant(operand);
  }
  if (!LLVMIsAConstantFP(operand)) {
    return false;
  }
  LLVMBool loses;
  double value = LLVMConstRealGetDouble(operand, &loses);
  if (opcode == LLVMFAdd || opcode == LLVMFSub) {
    return value == 0;
  }
  return value == 1 || value == -1;
}

// Scalar constants are hidden where vectorised loops may have them; vectors are vectorised already.
static LLVMValueRef hidden(struct wa_ir *ir, LLVMValueRef constant) {
  if (!wa_ir_is_vector(constant)) {
    return wa_ir_opaque_constant(ir, constant);
  }
  LLVMTypeRef type = LLVMTypeOf(constant);
  return wa_ir_intrinsic(ir, WA_INTRINSIC_FENCE, &type, 1, &constant, 1);
}

static void hide_neutral_operands(struct wa_ir *ir, LLVMValueRef instr, LLVMOpcode opcode) {
  for (unsigned i = 0; i < 2; i++) {
    LLVMValueRef operand = LLVMGetOperand(instr, i);
    if (!is_neutral(opcode, operand)) {
      continue;
    }
    LLVMPositionBuilderBefore(ir->builder, instr);
    LLVMSetOperand(instr, i, hidden(ir, operand));
  }
}

static LLVMValueRef ones(LLVMTypeRef type) {
  if (LLVMGetTypeKind(type) != LLVMVectorTypeKind) {
    return LLVMConstReal(type, 1.0);
  }
  LLVMValueRef lanes[16];
  unsigned count = LLVMGetVectorSize(type);
  for (unsigned i = 0; i < count; i++) {
    lanes[i] = LLVMConstReal(LLVMGetElementType(type), 1.0);
  }
  return LLVMConstVector(lanes, count);
}

// Multiplies by a one that LLVM cannot see, which makes a signalling NaN quiet and changes nothing
// else.
static LLVMValueRef quieted(struct wa_ir *ir, LLVMValueRef value) {
  return LLVMBuildFMul(ir->builder, value, hidden(ir, ones(LLVMTypeOf(value))), "");
}

// demote(promote x) is folded to x.
static void finish_demotion(struct wa_ir *ir, LLVMValueRef instr) {
  LLVMValueRef operand = LLVMGetOperand(instr, 0);
  if (!LLVMIsAFPExtInst(operand)) {
    return;
  }
  LLVMPositionBuilderBefore(ir->builder, instr);
  LLVMSetOperand(instr, 0, quieted(ir, operand));
}

// Whether a value can be no signalling NaN: what arithmetic gives never is one.
static bool is_quiet(LLVMValueRef value) {
  if (LLVMIsAConstantFP(value) && !wa_ir_is_vector(value)) {
    LLVMBool loses;
    double number = LLVMConstRealGetDouble(value, &loses);
    return number == number;
  }
  if (!LLVMIsAInstruction(value)) {
    return false;
  }
  switch (LLVMGetInstructionOpcode(value)) {
  case LLVMFAdd:
  case LLVMFSub:
  case LLVMFMul:
  case LLVMFDiv:
  case LLVMFPExt:
  case LLVMFPTrunc:
  case LLVMSIToFP:
  case LLVMUIToFP:
    return true;
  default:
    return false;
  }
}

// Where LLVM has no instruction for minimum and maximum it selects an operand, signalling or not,
// and it folds min(x, x) to x on every target. RISC-V's rounding leaves alone what is an integer
// already, NaN among it.
static bool may_signal(const struct wa_ir *ir, LLVMValueRef call) {
  static const enum wa_intrinsic minmax[] = {WA_INTRINSIC_MINIMUM, WA_INTRINSIC_MAXIMUM};
  static const enum wa_intrinsic rounding[] = {WA_INTRINSIC_CEIL, WA_INTRINSIC_FLOOR,
                                               WA_INTRINSIC_TRUNC, WA_INTRINSIC_NEARBYINT};
  unsigned id = LLVMGetIntrinsicID(LLVMGetCalledValue(call));
  if (id == 0) {
    return false;
  }
  if (wa_ir_is_one_of(ir, id, minmax, 2)) {
    return !is_quiet(LLVMGetOperand(call, 0)) || !is_quiet(LLVMGetOperand(call, 1));
  }
  return wa_target_is(ir->target, EM_RISCV, 0) && wa_ir_is_one_of(ir, id, rounding, 4) &&
         !is_quiet(LLVMGetOperand(call, 0));
}

static void finish_call(struct wa_ir *ir, LLVMValueRef call) {
  if (!may_signal(ir, call)) {
    return;
  }
  LLVMPositionBuilderBefore(ir->builder, LLVMGetNextInstruction(call));
  LLVMValueRef value = quieted(ir, call);
  LLVMReplaceAllUsesWith(call, value);
  LLVMSetOperand(value, 0, call);
}

static void finish_instruction(struct wa_ir *ir, LLVMValueRef instr) {
  LLVMOpcode opcode = LLVMGetInstructionOpcode(instr);
  switch (opcode) {
  case LLVMFAdd:
  case LLVMFSub:
  case LLVMFMul:
  case LLVMFDiv:
    hide_neutral_operands(ir, instr, opcode);
    break;
  case LLVMFPTrunc:
    finish_demotion(ir, instr);
    break;
  case LLVMCall:
    finish_call(ir, instr);
    break;
  default:
    break;
  }
}

void wa_repair_floats(struct wa_ir *ir, LLVMValueRef function) {
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    LLVMValueRef instr = LLVMGetFirstInstruction(block);
    while (instr) {
      LLVMValueRef next = LLVMGetNextInstruction(instr);
      finish_instruction(ir, instr);
      instr = next;
    }
  }
}
