// Repairs between SSA construction and optimisation: what wasm promises and LLVM's passes would
// take away. Runs on every function at every optimisation level.
#include "compiler/lower/lower.h"

#include <elf.h>

// ---- Operations that LLVM folds to their operand, signalling or not ----

static bool is_vector(LLVMValueRef value) {
  return LLVMGetTypeKind(LLVMTypeOf(value)) == LLVMVectorTypeKind;
}

// Whether an operand makes `x op c` or `c op x` foldable to x or -x. Any constant vector may.
static bool is_neutral(LLVMOpcode opcode, LLVMValueRef operand) {
  if (is_vector(operand))
    return LLVMIsConstant(operand);
  if (!LLVMIsAConstantFP(operand))
    return false;
  LLVMBool loses;
  double value = LLVMConstRealGetDouble(operand, &loses);
  if (opcode == LLVMFAdd || opcode == LLVMFSub)
    return value == 0;
  return value == 1 || value == -1;
}

// Scalar constants are hidden where vectorised loops may have them; vectors are vectorised already.
static LLVMValueRef hidden(struct wa_lower *lower, LLVMValueRef constant) {
  if (!is_vector(constant))
    return wa_lower_opaque_constant(lower, constant);
  LLVMTypeRef type = LLVMTypeOf(constant);
  return wa_lower_intrinsic(lower, WA_INTRINSIC_FENCE, &type, 1, &constant, 1);
}

static void hide_neutral_operands(struct wa_lower *lower, LLVMValueRef instr, LLVMOpcode opcode) {
  for (unsigned i = 0; i < 2; i++) {
    LLVMValueRef operand = LLVMGetOperand(instr, i);
    if (!is_neutral(opcode, operand))
      continue;
    LLVMPositionBuilderBefore(lower->builder, instr);
    LLVMSetOperand(instr, i, hidden(lower, operand));
  }
}

static LLVMValueRef ones(LLVMTypeRef type) {
  if (LLVMGetTypeKind(type) != LLVMVectorTypeKind)
    return LLVMConstReal(type, 1.0);
  LLVMValueRef lanes[16];
  unsigned count = LLVMGetVectorSize(type);
  for (unsigned i = 0; i < count; i++)
    lanes[i] = LLVMConstReal(LLVMGetElementType(type), 1.0);
  return LLVMConstVector(lanes, count);
}

// Multiplies by a one that LLVM cannot see, which makes a signalling NaN quiet and changes nothing
// else.
static LLVMValueRef quieted(struct wa_lower *lower, LLVMValueRef value) {
  return LLVMBuildFMul(lower->builder, value, hidden(lower, ones(LLVMTypeOf(value))), "");
}

// demote(promote x) is folded to x.
static void finish_demotion(struct wa_lower *lower, LLVMValueRef instr) {
  LLVMValueRef operand = LLVMGetOperand(instr, 0);
  if (!LLVMIsAFPExtInst(operand))
    return;
  LLVMPositionBuilderBefore(lower->builder, instr);
  LLVMSetOperand(instr, 0, quieted(lower, operand));
}

// Whether a value can be no signalling NaN: what arithmetic gives never is one.
static bool is_quiet(LLVMValueRef value) {
  if (LLVMIsAConstantFP(value) && !is_vector(value)) {
    LLVMBool loses;
    double number = LLVMConstRealGetDouble(value, &loses);
    return number == number;
  }
  if (!LLVMIsAInstruction(value))
    return false;
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

static bool is_one_of(const struct wa_lower *lower, unsigned id, const enum wa_intrinsic *wanted,
                      size_t count) {
  for (size_t i = 0; i < count; i++)
    if (id == lower->intrinsics[wanted[i]])
      return true;
  return false;
}

// Where LLVM has no instruction for minimum and maximum it selects an operand, signalling or not,
// and it folds min(x, x) to x on every target. RISC-V's rounding leaves alone what is an integer
// already, NaN among it.
static bool may_signal(const struct wa_lower *lower, LLVMValueRef call) {
  static const enum wa_intrinsic minmax[] = {WA_INTRINSIC_MINIMUM, WA_INTRINSIC_MAXIMUM};
  static const enum wa_intrinsic rounding[] = {WA_INTRINSIC_CEIL, WA_INTRINSIC_FLOOR,
                                               WA_INTRINSIC_TRUNC, WA_INTRINSIC_NEARBYINT};
  unsigned id = LLVMGetIntrinsicID(LLVMGetCalledValue(call));
  if (id == 0)
    return false;
  if (is_one_of(lower, id, minmax, 2))
    return !is_quiet(LLVMGetOperand(call, 0)) || !is_quiet(LLVMGetOperand(call, 1));
  return wa_target_is(lower->target, EM_RISCV, 0) && is_one_of(lower, id, rounding, 4) &&
         !is_quiet(LLVMGetOperand(call, 0));
}

static void finish_call(struct wa_lower *lower, LLVMValueRef call) {
  if (!may_signal(lower, call))
    return;
  LLVMPositionBuilderBefore(lower->builder, LLVMGetNextInstruction(call));
  LLVMValueRef value = quieted(lower, call);
  LLVMReplaceAllUsesWith(call, value);
  LLVMSetOperand(value, 0, call);
}

static void finish_instruction(struct wa_lower *lower, LLVMValueRef instr) {
  LLVMOpcode opcode = LLVMGetInstructionOpcode(instr);
  switch (opcode) {
  case LLVMFAdd:
  case LLVMFSub:
  case LLVMFMul:
  case LLVMFDiv:
    hide_neutral_operands(lower, instr, opcode);
    break;
  case LLVMFPTrunc:
    finish_demotion(lower, instr);
    break;
  case LLVMCall:
    finish_call(lower, instr);
    break;
  default:
    break;
  }
}

void wa_finish_floats(struct wa_lower *lower, LLVMValueRef function) {
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    LLVMValueRef instr = LLVMGetFirstInstruction(block);
    while (instr) {
      LLVMValueRef next = LLVMGetNextInstruction(instr);
      finish_instruction(lower, instr);
      instr = next;
    }
  }
}

// ---- Loads of which only a part is used ----

enum { LONGEST_CHAIN = 8 };

// Whether of what is computed from a value only a part may be used. Every instruction on vectors
// works lane by lane or combines some: it leaves a lane unused as soon as its own result does.
static bool leads_to_part(LLVMValueRef value, int depth) {
  if (depth == LONGEST_CHAIN)
    return true;
  for (LLVMUseRef use = LLVMGetFirstUse(value); use; use = LLVMGetNextUse(use)) {
    LLVMValueRef user = LLVMGetUser(use);
    switch (LLVMGetInstructionOpcode(user)) {
    case LLVMTrunc:
    case LLVMLShr:
    case LLVMAShr:
    case LLVMExtractElement:
    case LLVMShuffleVector:
      return true;
    case LLVMAnd:
      if (LLVMIsConstant(LLVMGetOperand(user, 1)) || leads_to_part(user, depth + 1))
        return true;
      break;
    case LLVMOr:
    case LLVMXor:
    case LLVMAdd:
    case LLVMSub:
    case LLVMMul:
    case LLVMShl:
    case LLVMBitCast:
      if (leads_to_part(user, depth + 1))
        return true;
      break;
    case LLVMPHI: // of a loop maybe, and what follows was looked at for the loads in it
      break;
    default:
      if (is_vector(value) && is_vector(user) && leads_to_part(user, depth + 1))
        return true;
      break;
    }
  }
  return false;
}

// RISC-V's code generator loads 32 bits of 64 when it extends their sign, a volatile load's too. An
// empty assembly needs all of them.
static void need_all(struct wa_lower *lower, LLVMValueRef load) {
  LLVMTypeRef operand = LLVMTypeOf(load);
  LLVMTypeRef type = LLVMFunctionType(lower->void_type, &operand, 1, false);
  LLVMValueRef needs =
      LLVMGetInlineAsm(type, "", 0, "r", 1, true, false, LLVMInlineAsmDialectATT, false);
  LLVMPositionBuilderBefore(lower->builder, LLVMGetNextInstruction(load));
  wa_debug_keep_apart(lower, LLVMBuildCall2(lower->builder, type, needs, &load, 1, ""));
}

static void keep_width(struct wa_lower *lower, LLVMValueRef load) {
  if (LLVMGetOrdering(load) != LLVMAtomicOrderingNotAtomic || !leads_to_part(load, 0))
    return;
  if (LLVMTypeOf(load) == lower->i64 && wa_target_is(lower->target, EM_RISCV, 0)) {
    need_all(lower, load);
    return;
  }
  if (LLVMGetVolatile(load))
    return;
  // Without vector registers a vector is loaded in parts, and those that nobody needs would go.
  bool in_parts = is_vector(load) && wa_target_is(lower->target, EM_RISCV, 0);
  if (in_parts || !WA_FREEZE_KEEPS_LOADS) {
    LLVMSetVolatile(load, true);
    return;
  }
  LLVMPositionBuilderBefore(lower->builder, LLVMGetNextInstruction(load));
  LLVMValueRef frozen = LLVMBuildFreeze(lower->builder, load, "");
  LLVMReplaceAllUsesWith(load, frozen);
  LLVMSetOperand(frozen, 0, load);
}

void wa_keep_widths(struct wa_lower *lower, LLVMValueRef function, bool only_vectors) {
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block))
    for (LLVMValueRef instr = LLVMGetFirstInstruction(block); instr;
         instr = LLVMGetNextInstruction(instr))
      if (LLVMIsALoadInst(instr) && (is_vector(instr) || !only_vectors))
        keep_width(lower, instr);
}
