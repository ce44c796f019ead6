// Loads of which only a part is used.
//
// Shape: a load from which trunc, a shift right, `and` with a constant, extractelement or a shuffle
//   may take a part, directly or behind what works bit by bit, carries upwards, or works lane by
//   lane (leads_to_part).
// Preconditions: not atomic. "vector-widths" runs in front of the vectoriser and looks at the
//   guest's vectors only; "widths" at all loads, behind the last pass.
// Rewrite (volatile instead where a freeze does not keep the width, on RISC-V an empty assembly):
//     %x = load i64, ptr %p                =>   %x = load i64, ptr %p
//     %y = trunc i64 %x to i32                  %f = freeze i64 %x
//                                               %y = trunc i64 %f to i32
//   and, where instruction selection may know the lanes that are needed without the load:
//     %v = insertelement <4 x i32> %a,     =>   %v = insertelement <4 x i32> %a, i32 %x, i32 1
//              i32 %x, i32 1                    call void asm sideeffect "", "x"(<4 x i32> %v)
// Right when the guest traps: an access that lies partly outside must trap, whatever part of it
//   anybody needs, and instruction selection loads no less than what is frozen. Addresses, aliases
//   and the number of accesses stay as they are; freezing a value that a race has made up gives one
//   of its values.
// If wrong: a trap is lost; still inside the reservation, for less is loaded and not more.
#include "compiler/repair/repair.h"

#include <elf.h>

enum { LONGEST_CHAIN = 8 };

// Whether of what is computed from a value only a part may be used. Every instruction on vectors
// works lane by lane or combines some: it leaves a lane unused as soon as its own result does.
static bool leads_to_part(LLVMValueRef value, int depth) {
  if (depth == LONGEST_CHAIN) {
    return true;
  }
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
      if (LLVMIsConstant(LLVMGetOperand(user, 1)) || leads_to_part(user, depth + 1)) {
        return true;
      }
      break;
    case LLVMOr:
    case LLVMXor:
    case LLVMAdd:
    case LLVMSub:
    case LLVMMul:
    case LLVMShl:
    case LLVMBitCast:
      if (leads_to_part(user, depth + 1)) {
        return true;
      }
      break;
    case LLVMPHI: // of a loop maybe, and what follows was looked at for the loads in it
      break;
    default:
      if (wa_ir_is_vector(value) && wa_ir_is_vector(user) && leads_to_part(user, depth + 1)) {
        return true;
      }
      break;
    }
  }
  return false;
}

// RISC-V's code generator loads 32 bits of 64 when it extends their sign, a volatile load's too. An
// empty assembly needs all of them.
static void need_all(struct wa_ir *ir, LLVMValueRef load) {
  LLVMTypeRef operand = LLVMTypeOf(load);
  LLVMTypeRef type = LLVMFunctionType(ir->void_type, &operand, 1, false);
  LLVMValueRef needs =
      LLVMGetInlineAsm(type, "", 0, "r", 1, true, false, LLVMInlineAsmDialectATT, false);
  LLVMPositionBuilderBefore(ir->builder, LLVMGetNextInstruction(load));
  wa_ir_keep_apart(ir, LLVMBuildCall2(ir->builder, type, needs, &load, 1, ""));
}

static void keep_width(struct wa_ir *ir, LLVMValueRef load) {
  if (LLVMGetOrdering(load) != LLVMAtomicOrderingNotAtomic || !leads_to_part(load, 0)) {
    return;
  }
  if (LLVMTypeOf(load) == ir->i64 && wa_target_is(ir->target, EM_RISCV, 0)) {
    need_all(ir, load);
    return;
  }
  if (LLVMGetVolatile(load)) {
    return;
  }
  // Without vector registers a vector is loaded in parts, and those that nobody needs would go.
  bool in_parts = wa_ir_is_vector(load) && wa_target_is(ir->target, EM_RISCV, 0);
  if (in_parts || !WA_FREEZE_KEEPS_LOADS) {
    LLVMSetVolatile(load, true);
    return;
  }
  LLVMPositionBuilderBefore(ir->builder, LLVMGetNextInstruction(load));
  LLVMValueRef frozen = LLVMBuildFreeze(ir->builder, load, "");
  LLVMReplaceAllUsesWith(load, frozen);
  LLVMSetOperand(frozen, 0, load);
}

// Whether a guest's load is put into a vector here. The vectoriser's are put into one of which
// nothing is set yet, or which has got another the same way.
static bool is_guest_lane(LLVMValueRef user, LLVMValueRef load) {
  if (!LLVMIsAInsertElementInst(user) || LLVMGetOperand(user, 1) != load) {
    return false;
  }
  LLVMValueRef vector = LLVMGetOperand(user, 0);
  return !LLVMIsUndef(vector) && !LLVMIsAInsertElementInst(vector);
}

// Whether a guest's load of half a vector is made a whole one here.
static bool is_widened(LLVMValueRef load, LLVMValueRef user) {
  return wa_ir_is_vector(load) && (LLVMIsAZExtInst(user) || LLVMIsASExtInst(user));
}

static bool is_whole_vector(LLVMTypeRef type) {
  LLVMTypeRef lane = LLVMGetElementType(type);
  unsigned bits = LLVMGetTypeKind(lane) == LLVMIntegerTypeKind  ? LLVMGetIntTypeWidth(lane)
                  : LLVMGetTypeKind(lane) == LLVMFloatTypeKind  ? 32
                  : LLVMGetTypeKind(lane) == LLVMDoubleTypeKind ? 64
                                                                : 0;
  return bits * LLVMGetVectorSize(type) == 128;
}

// An empty assembly needs all lanes of `vector`, in a register where they are anyway, and so what
// was loaded into it. A volatile load would need an instruction of its own.
static void need_lanes(struct wa_ir *ir, LLVMValueRef load, LLVMValueRef vector) {
  // LLVM 16 does not take a pointer to const.
  char *constraint = wa_target_is(ir->target, EM_X86_64, 0)    ? "x"
                     : wa_target_is(ir->target, EM_AARCH64, 0) ? "w"
                                                               : NULL;
  if (!constraint || !is_whole_vector(LLVMTypeOf(vector))) {
    LLVMSetVolatile(load, true);
    return;
  }
  LLVMTypeRef operand = LLVMTypeOf(vector);
  LLVMTypeRef type = LLVMFunctionType(ir->void_type, &operand, 1, false);
  LLVMValueRef needs =
      LLVMGetInlineAsm(type, "", 0, constraint, 1, true, false, LLVMInlineAsmDialectATT, false);
  LLVMPositionBuilderBefore(ir->builder, LLVMGetNextInstruction(vector));
  LLVMValueRef call = LLVMBuildCall2(ir->builder, type, needs, &vector, 1, "");
  wa_ir_keep_apart(ir, call);
  LLVMAddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                           wa_ir_attribute(ir->context, "memory", 0));
}

// Instruction selection knows of some lanes what they are, whatever was loaded, and drops a load
// that others would have needed.
static void keep_lanes(struct wa_ir *ir, LLVMValueRef load) {
  if (LLVMGetVolatile(load) || LLVMGetOrdering(load) != LLVMAtomicOrderingNotAtomic) {
    return;
  }
  for (LLVMUseRef use = LLVMGetFirstUse(load); use; use = LLVMGetNextUse(use)) {
    LLVMValueRef user = LLVMGetUser(use);
    if ((is_widened(load, user) || is_guest_lane(user, load)) && leads_to_part(user, 0)) {
      need_lanes(ir, load, user);
    }
  }
}

void wa_keep_widths(struct wa_ir *ir, LLVMValueRef function, bool only_vectors) {
  ir->has_kept_vectors |= only_vectors;
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    for (LLVMValueRef instr = LLVMGetFirstInstruction(block); instr;
         instr = LLVMGetNextInstruction(instr)) {
      if (LLVMIsALoadInst(instr) && (wa_ir_is_vector(instr) || !only_vectors)) {
        if (only_vectors || !wa_ir_is_vector(instr) || !ir->has_kept_vectors) {
          keep_lanes(ir, instr);
        }
        keep_width(ir, instr);
      }
    }
  }
}
