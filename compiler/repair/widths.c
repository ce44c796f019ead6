// Loads of which only a part is used.
//
// Shape: a load of which a part is enough, as far as is seen from what is computed from it: bits
//   of it leave (trunc, shifts, bswap, lanes that are taken), or what is known of another operand
//   may decide a bit of the result (passes_on, needs_all).
// Preconditions: not atomic. "vector-widths" runs in front of the vectoriser and looks at the
//   guest's vectors only; "widths" at all loads, behind the last pass.
// Rewrite (volatile instead where a freeze does not keep the width, on RISC-V an empty assembly):
//     %x = load i64, ptr %p                =>   %x = load i64, ptr %p
//     %y = trunc i64 %x to i32                  %f = freeze i64 %x
//                                               %y = trunc i64 %f to i32
//   and, where instruction selection may know the lanes that are needed without the load:
//     %v = insertelement <4 x i32> %a,     =>   %v = insertelement <4 x i32> %a, i32 %x, i32 1
//              i32 %x, i32 1                    call void asm sideeffect "", "x"(<4 x i32> %v)
//     %y = load <2 x i64>, ptr %p          =>   %y = load volatile <2 x i64>, ptr %p; freeze
// Right when the guest traps: an access that lies partly outside must trap, whatever part of it
//   anybody needs, and instruction selection loads no less than what is frozen. Addresses, aliases
//   and the number of accesses stay as they are; freezing a value that a race has made up gives one
//   of its values.
// If wrong: a trap is lost; still inside the reservation, for less is loaded and not more. What is
//   not listed here counts as taking a part.
#include "compiler/repair/repair.h"

#include <elf.h>

enum {
  MOST_VALUES = 32,
  BITS_OF_A_BYTE = 8, // that are not needed before the byte itself is not
  ALL_OR_NOTHING = -1,
};

struct keeper {
  struct wa_ir *ir;
  bool only_vectors;
  bool has_lanes; // somewhere in the function a scalar becomes a lane
};

// What is computed from a load: a part of that may need a part of the load only.
struct reach {
  const struct wa_ir *ir;
  bool has_lanes; // as the keeper has it
  LLVMValueRef values[MOST_VALUES];
  // Per value: bits at the load's upper end that have left it, or ALL_OR_NOTHING when any bit of it
  // needs all of the load.
  int lost[MOST_VALUES];
  uint32_t count;
  // Whether a part may be enough; whether it may be known of a lane that it is not needed at all.
  bool is_part, is_lane;
};

// Of a vector nobody looks further.
static void take_part(struct reach *reach, bool is_vector) {
  reach->is_part = true;
  reach->is_lane |= is_vector;
}

static void reach_further(struct reach *reach, LLVMValueRef value, int lost) {
  for (uint32_t i = 0; i < reach->count; i++) {
    if (reach->values[i] == value) {
      return;
    }
  }
  if (reach->count == MOST_VALUES) {
    take_part(reach, reach->has_lanes);
    return;
  }
  reach->values[reach->count] = value;
  reach->lost[reach->count++] = lost;
}

// Where a scalar may be needed in part, or as a whole only, its result may still become a lane.
static void reach_lanes(struct reach *reach, LLVMValueRef value) {
  if (reach->has_lanes) {
    reach_further(reach, value, ALL_OR_NOTHING);
  }
}

// Whether nobody knows a bit of a value: a whole load, a parameter, what a function returns.
static bool is_unknown(LLVMValueRef value) {
  return LLVMIsALoadInst(value) || LLVMIsAArgument(value) ||
         (LLVMIsACallInst(value) && LLVMGetIntrinsicID(LLVMGetCalledValue(value)) == 0);
}

// Whether no bit of a value is known to be one.
static bool has_no_known_ones(LLVMValueRef value) {
  if (LLVMIsABinaryOperator(value) && LLVMGetInstructionOpcode(value) == LLVMShl &&
      LLVMIsAConstantInt(LLVMGetOperand(value, 1))) {
    value = LLVMGetOperand(value, 0);
  }
  return is_unknown(LLVMIsAZExtInst(value) ? LLVMGetOperand(value, 0) : value);
}

// Bits at the upper end that leave a value when it is multiplied; too many where that is not known.
static int bits_lost_to(LLVMValueRef factor) {
  if (is_unknown(factor)) {
    return 0;
  }
  if (!LLVMIsAConstantInt(factor) || LLVMConstIntGetZExtValue(factor) == 0) {
    return BITS_OF_A_BYTE;
  }
  return __builtin_ctzll(LLVMConstIntGetZExtValue(factor));
}

static bool works_by_lane(const struct wa_ir *ir, LLVMValueRef call) {
  static const enum wa_intrinsic by_lane[] = {
      WA_INTRINSIC_CTLZ,       WA_INTRINSIC_CTTZ,      WA_INTRINSIC_CTPOP,
      WA_INTRINSIC_FABS,       WA_INTRINSIC_CEIL,      WA_INTRINSIC_FLOOR,
      WA_INTRINSIC_TRUNC,      WA_INTRINSIC_NEARBYINT, WA_INTRINSIC_SQRT,
      WA_INTRINSIC_MINIMUM,    WA_INTRINSIC_MAXIMUM,   WA_INTRINSIC_COPYSIGN,
      WA_INTRINSIC_FMA,        WA_INTRINSIC_FENCE,     WA_INTRINSIC_FPTOSI_SAT,
      WA_INTRINSIC_SADD_SAT,   WA_INTRINSIC_UADD_SAT,  WA_INTRINSIC_SSUB_SAT,
      WA_INTRINSIC_USUB_SAT,   WA_INTRINSIC_SMIN,      WA_INTRINSIC_SMAX,
      WA_INTRINSIC_UMIN,       WA_INTRINSIC_UMAX,      WA_INTRINSIC_ABS,
      WA_INTRINSIC_FPTOUI_SAT,
  };
  unsigned id = LLVMGetIntrinsicID(LLVMGetCalledValue(call));
  return wa_ir_is_one_of(ir, id, by_lane, sizeof by_lane / sizeof *by_lane);
}

static bool is_needed_whatever_comes(LLVMValueRef user) {
  switch (LLVMGetInstructionOpcode(user)) {
  case LLVMStore:
  case LLVMLoad:
  case LLVMRet:
  case LLVMBr:
  case LLVMSwitch:
  case LLVMInvoke:
  case LLVMAtomicRMW:
  case LLVMAtomicCmpXchg:
  case LLVMGetElementPtr:
    return true;
  case LLVMCall:
    return LLVMGetIntrinsicID(LLVMGetCalledValue(user)) == 0;
  default:
    return false;
  }
}

static LLVMValueRef other_operand(LLVMValueRef user, LLVMValueRef value) {
  return LLVMGetOperand(user, LLVMGetOperand(user, 0) == value ? 1 : 0);
}

// Whether no lane of a vector of numbers is constant, such as a NaN, which the sum would be, too.
static bool has_no_constant_lane(LLVMValueRef vector) {
  switch (LLVMIsAInstruction(vector) ? LLVMGetInstructionOpcode(vector) : LLVMUnreachable) {
  case LLVMFAdd:
  case LLVMFSub:
  case LLVMFMul:
  case LLVMFDiv:
  case LLVMFNeg:
  case LLVMFPExt:
  case LLVMPHI:
    return true;
  default:
    return is_unknown(vector);
  }
}

// Whether an instruction needs all of a value for any bit of its result.
static bool needs_all(const struct wa_ir *ir, LLVMValueRef user, LLVMValueRef value) {
  switch (LLVMGetInstructionOpcode(user)) {
  case LLVMICmp:
  case LLVMFCmp: // of a lane, a bit that is known may decide it
    return !wa_ir_is_vector(value) || is_unknown(other_operand(user, value));
  case LLVMUDiv:
  case LLVMSDiv:
  case LLVMURem:
  case LLVMSRem:
    return !LLVMIsConstant(other_operand(user, value));
  case LLVMUIToFP:
  case LLVMSIToFP:
  case LLVMFPToUI:
  case LLVMFPToSI:
  case LLVMFPTrunc:
  case LLVMFPExt:
  case LLVMFNeg:
    return true;
  case LLVMFAdd:
  case LLVMFSub:
  case LLVMFMul:
  case LLVMFDiv:
    return !wa_ir_is_vector(value) || has_no_constant_lane(other_operand(user, value));
  case LLVMCall:
    return works_by_lane(ir, user) &&
           (!wa_ir_is_vector(value) || LLVMGetNumArgOperands(user) != 2 ||
            has_no_constant_lane(other_operand(user, value)));
  default:
    return false;
  }
}

// Too many where that is not known.
static int bits_shifted_out(LLVMValueRef shl, LLVMValueRef value) {
  LLVMValueRef count = other_operand(shl, value);
  bool is_known = LLVMGetOperand(shl, 0) == value && LLVMIsAConstantInt(count) &&
                  LLVMConstIntGetZExtValue(count) < BITS_OF_A_BYTE;
  return is_known ? (int)LLVMConstIntGetZExtValue(count) : BITS_OF_A_BYTE;
}

static bool has_in_mask(LLVMValueRef shuffle, unsigned lane) {
  for (unsigned i = 0; i < LLVMGetNumMaskElements(shuffle); i++) {
    if (LLVMGetMaskValue(shuffle, i) == (int)lane) {
      return true;
    }
  }
  return false;
}

// Whether a shuffle takes all of the one lane that was put into a vector, as a splat does: maybe in
// parts, or in one with others of which nothing is set.
static bool takes_only_lane(LLVMValueRef shuffle, LLVMValueRef value) {
  LLVMValueRef made = value;
  while (LLVMIsABitCastInst(made) && wa_ir_is_vector(LLVMGetOperand(made, 0))) {
    made = LLVMGetOperand(made, 0);
  }
  if (!LLVMIsAInsertElementInst(made) || !LLVMIsUndef(LLVMGetOperand(made, 0)) ||
      !LLVMIsAConstantInt(LLVMGetOperand(made, 2)) || LLVMGetOperand(shuffle, 0) != value) {
    return false;
  }
  unsigned lanes = LLVMGetVectorSize(LLVMTypeOf(made));
  unsigned parts = LLVMGetVectorSize(LLVMTypeOf(value));
  unsigned lane = (unsigned)LLVMConstIntGetZExtValue(LLVMGetOperand(made, 2));
  unsigned first = lane * parts / lanes, end = (lane + 1) * parts / lanes;
  bool takes_all = has_in_mask(shuffle, first);
  for (unsigned i = first + 1; i < end; i++) {
    takes_all &= has_in_mask(shuffle, i);
  }
  return takes_all;
}

// Whether as much of a value is needed as of an instruction's result, and how many bits at its
// upper end leave it there.
static bool passes_on(LLVMValueRef user, LLVMValueRef value, int *lost) {
  switch (LLVMGetInstructionOpcode(user)) {
  case LLVMXor:
  case LLVMAdd:
  case LLVMSub:
  case LLVMBitCast:
  case LLVMFreeze:
  case LLVMPHI:
  case LLVMSelect:
  case LLVMZExt:
  case LLVMSExt:
  case LLVMInsertElement:
    return true;
  case LLVMShuffleVector:
    return takes_only_lane(user, value);
  case LLVMAnd:
    return is_unknown(other_operand(user, value));
  case LLVMOr:
    return has_no_known_ones(other_operand(user, value));
  case LLVMMul:
    *lost += bits_lost_to(other_operand(user, value));
    return *lost < BITS_OF_A_BYTE;
  case LLVMShl:
    *lost += bits_shifted_out(user, value);
    return *lost < BITS_OF_A_BYTE;
  default: // shifts right, divisions, what takes lanes, and what is not known
    return false;
  }
}

// Whether of a rotation only the count is taken from a value: a zero is not changed by it, so the
// result may be known without.
static bool is_count_of_rotation(const struct wa_ir *ir, LLVMValueRef user, LLVMValueRef value) {
  unsigned id = LLVMIsACallInst(user) ? LLVMGetIntrinsicID(LLVMGetCalledValue(user)) : 0;
  static const enum wa_intrinsic rotations[] = {WA_INTRINSIC_FSHL, WA_INTRINSIC_FSHR};
  return wa_ir_is_one_of(ir, id, rotations, 2) && LLVMGetOperand(user, 2) == value;
}

static void follow(struct reach *reach, LLVMValueRef user, LLVMValueRef value, int lost) {
  bool is_vector = wa_ir_is_vector(value);
  int left = lost == ALL_OR_NOTHING ? 0 : lost;
  if (is_needed_whatever_comes(user)) {
    return;
  }
  if (!is_vector && !wa_ir_is_vector(user) && lost == ALL_OR_NOTHING) {
    reach_lanes(reach, user);
  } else if (needs_all(reach->ir, user, value)) {
    is_vector ? reach_further(reach, user, 0) : reach_lanes(reach, user);
  } else if (passes_on(user, value, &left)) {
    reach_further(reach, user, left);
  } else {
    take_part(reach, is_vector || is_count_of_rotation(reach->ir, user, value));
    if (!is_vector) {
      reach_lanes(reach, user);
    }
  }
}

static void follow_all(struct reach *reach, LLVMValueRef value) {
  reach_further(reach, value, 0);
  for (uint32_t i = 0; i < reach->count && !reach->is_lane; i++) {
    for (LLVMUseRef use = LLVMGetFirstUse(reach->values[i]); use; use = LLVMGetNextUse(use)) {
      follow(reach, LLVMGetUser(use), reach->values[i], reach->lost[i]);
    }
  }
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

static void keep_width(struct keeper *keeper, LLVMValueRef load) {
  struct wa_ir *ir = keeper->ir;
  struct reach reach = {.ir = ir, .has_lanes = keeper->has_lanes};
  follow_all(&reach, load);
  bool is_byte = LLVMTypeOf(load) == ir->i8;
  if (!reach.is_part || (is_byte && !reach.is_lane)) {
    return;
  }
  if (LLVMTypeOf(load) == ir->i64 && wa_target_is(ir->target, EM_RISCV, 0)) {
    need_all(ir, load);
    return;
  }
  if (LLVMGetVolatile(load)) {
    return;
  }
  // Of many a lane instruction selection knows what it is, whatever was loaded, and a freeze goes
  // with it.
  bool may_be_known = reach.is_lane && !keeper->only_vectors;
  // Without vector registers a vector is loaded in parts, and those that nobody needs would go.
  bool in_parts = wa_ir_is_vector(load) && wa_target_is(ir->target, EM_RISCV, 0);
  if (may_be_known || in_parts || !WA_FREEZE_KEEPS_LOADS) {
    LLVMSetVolatile(load, true);
  }
  if (!in_parts && WA_FREEZE_KEEPS_LOADS) {
    LLVMPositionBuilderBefore(ir->builder, LLVMGetNextInstruction(load));
    LLVMValueRef frozen = LLVMBuildFreeze(ir->builder, load, "");
    LLVMReplaceAllUsesWith(load, frozen);
    LLVMSetOperand(frozen, 0, load);
  }
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

// Instruction selection drops a load of lanes that it knows without it. Whether that is all to be
// done about the load.
static bool keep_lanes(struct keeper *keeper, LLVMValueRef load) {
  bool is_all = !LLVMGetVolatile(load) && !wa_target_is(keeper->ir->target, EM_RISCV, 0);
  for (LLVMUseRef use = LLVMGetFirstUse(load); use && !LLVMGetVolatile(load);
       use = LLVMGetNextUse(use)) {
    LLVMValueRef user = LLVMGetUser(use);
    if (!is_widened(load, user) && !is_guest_lane(user, load)) {
      is_all = false;
      continue;
    }
    struct reach reach = {.ir = keeper->ir, .has_lanes = keeper->has_lanes};
    follow_all(&reach, user);
    if (reach.is_part) {
      need_lanes(keeper->ir, load, user);
    }
  }
  return is_all;
}

static void keep_load(struct keeper *keeper, LLVMValueRef load) {
  bool is_vector = wa_ir_is_vector(load);
  if (LLVMGetOrdering(load) != LLVMAtomicOrderingNotAtomic ||
      (keeper->only_vectors && !is_vector)) {
    return;
  }
  bool has_kept_lanes = is_vector && !keeper->only_vectors && keeper->ir->has_kept_vectors;
  if (has_kept_lanes || !keep_lanes(keeper, load)) {
    keep_width(keeper, load);
  }
}

static bool makes_lanes(LLVMValueRef function) {
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    for (LLVMValueRef instr = LLVMGetFirstInstruction(block); instr;
         instr = LLVMGetNextInstruction(instr)) {
      if (LLVMIsAInsertElementInst(instr)) {
        return true;
      }
    }
  }
  return false;
}

void wa_keep_widths(struct wa_ir *ir, LLVMValueRef function, bool only_vectors) {
  struct keeper keeper = {ir, only_vectors, makes_lanes(function)};
  ir->has_kept_vectors |= only_vectors;
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    for (LLVMValueRef instr = LLVMGetFirstInstruction(block); instr;
         instr = LLVMGetNextInstruction(instr)) {
      if (LLVMIsALoadInst(instr)) {
        keep_load(&keeper, instr);
      }
    }
  }
}
