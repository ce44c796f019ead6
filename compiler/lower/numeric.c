// Constants, comparisons and arithmetic (core spec 4.3, 4.4.1). Where LLVM leaves undefined what
// wasm defines, the difference is made up here; see docs/design.md, "Semantics".
#include "compiler/lower/lower.h"

// ---- Integers ----

static LLVMValueRef int_compare(struct wa_lower_function *f, LLVMIntPredicate predicate) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef rhs = wa_lower_pop(f), lhs = wa_lower_pop(f);
  LLVMValueRef result = LLVMBuildICmp(builder, predicate, lhs, rhs, "");
  return LLVMBuildZExt(builder, result, f->ir->i32, "");
}

static LLVMValueRef equal_zero(struct wa_lower_function *f) {
  LLVMValueRef value = wa_lower_pop(f);
  wa_lower_push(f, value);
  wa_lower_push(f, LLVMConstNull(LLVMTypeOf(value)));
  return int_compare(f, LLVMIntEQ);
}

static LLVMValueRef binary(struct wa_lower_function *f, LLVMOpcode opcode) {
  LLVMValueRef rhs = wa_lower_pop(f), lhs = wa_lower_pop(f);
  return LLVMBuildBinOp(f->ir->builder, opcode, lhs, rhs, "");
}

static LLVMValueRef float_arithmetic(struct wa_lower_function *f, LLVMOpcode opcode) {
  LLVMValueRef rhs = wa_lower_pop(f), lhs = wa_lower_pop(f);
  return wa_lower_float_op(f->ir, opcode, lhs, rhs);
}

// Shift counts are taken modulo the width; LLVM's result past it is poison.
static LLVMValueRef shift(struct wa_lower_function *f, LLVMOpcode opcode) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef count = wa_lower_pop(f), value = wa_lower_pop(f);
  LLVMTypeRef type = LLVMTypeOf(value);
  LLVMValueRef mask = LLVMConstInt(type, LLVMGetIntTypeWidth(type) - 1, false);
  return LLVMBuildBinOp(builder, opcode, value, LLVMBuildAnd(builder, count, mask, ""), "");
}

static LLVMValueRef rotate(struct wa_lower_function *f, enum wa_intrinsic funnel_shift) {
  LLVMValueRef count = wa_lower_pop(f), value = wa_lower_pop(f);
  LLVMTypeRef type = LLVMTypeOf(value);
  LLVMValueRef args[] = {value, value, count};
  return wa_ir_intrinsic(f->ir, funnel_shift, &type, 1, args, 3);
}

// For zero both counts are the width.
static LLVMValueRef count_bits(struct wa_lower_function *f, enum wa_intrinsic intrinsic) {
  LLVMValueRef args[] = {wa_lower_pop(f), LLVMConstInt(f->ir->i1, 0, false)};
  LLVMTypeRef type = LLVMTypeOf(args[0]);
  unsigned arg_count = intrinsic == WA_INTRINSIC_CTPOP ? 1 : 2;
  return wa_ir_intrinsic(f->ir, intrinsic, &type, 1, args, arg_count);
}

static void check_divisor(struct wa_lower_function *f, LLVMValueRef divisor) {
  LLVMValueRef zero = LLVMConstNull(LLVMTypeOf(divisor));
  wa_trap_if(f, LLVMBuildICmp(f->ir->builder, LLVMIntEQ, divisor, zero, ""),
             WA_TRAP_INTEGER_DIVIDE_BY_ZERO);
}

static LLVMValueRef is_minus_one(struct wa_lower_function *f, LLVMValueRef value) {
  LLVMValueRef minus_one = LLVMConstAllOnes(LLVMTypeOf(value));
  return LLVMBuildICmp(f->ir->builder, LLVMIntEQ, value, minus_one, "");
}

static LLVMValueRef divide(struct wa_lower_function *f, bool is_signed) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef rhs = wa_freeze(f, wa_lower_pop(f)), lhs = wa_freeze(f, wa_lower_pop(f));
  check_divisor(f, rhs);
  if (!is_signed)
    return LLVMBuildUDiv(builder, lhs, rhs, "");
  LLVMTypeRef type = LLVMTypeOf(lhs);
  LLVMValueRef minimum = LLVMConstInt(type, 1ull << (LLVMGetIntTypeWidth(type) - 1), false);
  LLVMValueRef at_minimum = LLVMBuildICmp(builder, LLVMIntEQ, lhs, minimum, "");
  wa_trap_if(f, LLVMBuildAnd(builder, is_minus_one(f, rhs), at_minimum, ""),
             WA_TRAP_INTEGER_OVERFLOW);
  return LLVMBuildSDiv(builder, lhs, rhs, "");
}

// x rem -1 is 0, also for the minimum, where LLVM's srem is undefined: divide by 1 instead.
static LLVMValueRef take_remainder(struct wa_lower_function *f, bool is_signed) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef rhs = wa_freeze(f, wa_lower_pop(f)), lhs = wa_lower_pop(f);
  check_divisor(f, rhs);
  if (!is_signed)
    return LLVMBuildURem(builder, lhs, rhs, "");
  LLVMValueRef one = LLVMConstInt(LLVMTypeOf(rhs), 1, false);
  LLVMValueRef divisor = LLVMBuildSelect(builder, is_minus_one(f, rhs), one, rhs, "");
  return LLVMBuildSRem(builder, lhs, divisor, "");
}

// ---- Floats ----

static LLVMValueRef float_compare(struct wa_lower_function *f, LLVMRealPredicate predicate) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef rhs = wa_lower_pop(f), lhs = wa_lower_pop(f);
  LLVMValueRef result = LLVMBuildFCmp(builder, predicate, lhs, rhs, "");
  return LLVMBuildZExt(builder, result, f->ir->i32, "");
}

static LLVMValueRef float_unary(struct wa_lower_function *f, enum wa_intrinsic intrinsic) {
  LLVMValueRef value = wa_lower_pop(f);
  LLVMTypeRef type = LLVMTypeOf(value);
  return wa_ir_intrinsic(f->ir, intrinsic, &type, 1, &value, 1);
}

static LLVMValueRef float_minmax(struct wa_lower_function *f, enum wa_intrinsic intrinsic) {
  LLVMValueRef rhs = wa_lower_pop(f), lhs = wa_lower_pop(f);
  return wa_lower_minmax(f->ir, intrinsic, lhs, rhs);
}

static LLVMValueRef float_binary(struct wa_lower_function *f, enum wa_intrinsic intrinsic) {
  LLVMValueRef rhs = wa_lower_pop(f), lhs = wa_lower_pop(f);
  LLVMTypeRef type = LLVMTypeOf(lhs);
  LLVMValueRef args[] = {lhs, rhs};
  return wa_ir_intrinsic(f->ir, intrinsic, &type, 1, args, 2);
}

static LLVMValueRef constant(struct wa_lower_function *f, const struct wa_instr *instr) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef word = wa_ir_const_i32(ir, (uint32_t)instr->bits[0]);
  LLVMValueRef doubleword = wa_ir_const_i64(ir, instr->bits[0]);
  switch (instr->op) {
  case WA_OP_i32_const:
    return word;
  case WA_OP_i64_const:
    return doubleword;
  case WA_OP_f32_const:
    return LLVMConstBitCast(word, ir->f32);
  default:
    return LLVMConstBitCast(doubleword, ir->f64);
  }
}

// ---- Dispatch: i32 and i64, f32 and f64 share every shape ----

static LLVMValueRef compare(struct wa_lower_function *f, enum wa_op op) {
  static const LLVMIntPredicate ints[] = {
      LLVMIntEQ,  LLVMIntNE,  LLVMIntSLT, LLVMIntULT, LLVMIntSGT,
      LLVMIntUGT, LLVMIntSLE, LLVMIntULE, LLVMIntSGE, LLVMIntUGE,
  };
  static const LLVMRealPredicate reals[] = {
      LLVMRealOEQ, LLVMRealUNE, LLVMRealOLT, LLVMRealOGT, LLVMRealOLE, LLVMRealOGE,
  };
  if (op == WA_OP_i32_eqz || op == WA_OP_i64_eqz)
    return equal_zero(f);
  if (op < WA_OP_i64_eqz)
    return int_compare(f, ints[op - WA_OP_i32_eq]);
  if (op < WA_OP_f32_eq)
    return int_compare(f, ints[op - WA_OP_i64_eq]);
  if (op < WA_OP_f64_eq)
    return float_compare(f, reals[op - WA_OP_f32_eq]);
  return float_compare(f, reals[op - WA_OP_f64_eq]);
}

static LLVMValueRef integer(struct wa_lower_function *f, enum wa_op op) {
  switch (op) {
  case WA_OP_i32_clz:
    return count_bits(f, WA_INTRINSIC_CTLZ);
  case WA_OP_i32_ctz:
    return count_bits(f, WA_INTRINSIC_CTTZ);
  case WA_OP_i32_popcnt:
    return count_bits(f, WA_INTRINSIC_CTPOP);
  case WA_OP_i32_add:
    return binary(f, LLVMAdd);
  case WA_OP_i32_sub:
    return binary(f, LLVMSub);
  case WA_OP_i32_mul:
    return binary(f, LLVMMul);
  case WA_OP_i32_div_s:
  case WA_OP_i32_div_u:
    return divide(f, op == WA_OP_i32_div_s);
  case WA_OP_i32_rem_s:
  case WA_OP_i32_rem_u:
    return take_remainder(f, op == WA_OP_i32_rem_s);
  case WA_OP_i32_and:
    return binary(f, LLVMAnd);
  case WA_OP_i32_or:
    return binary(f, LLVMOr);
  case WA_OP_i32_xor:
    return binary(f, LLVMXor);
  case WA_OP_i32_shl:
    return shift(f, LLVMShl);
  case WA_OP_i32_shr_s:
    return shift(f, LLVMAShr);
  case WA_OP_i32_shr_u:
    return shift(f, LLVMLShr);
  case WA_OP_i32_rotl:
    return rotate(f, WA_INTRINSIC_FSHL);
  default:
    return rotate(f, WA_INTRINSIC_FSHR);
  }
}

static LLVMValueRef real(struct wa_lower_function *f, enum wa_op op) {
  switch (op) {
  case WA_OP_f32_abs:
    return float_unary(f, WA_INTRINSIC_FABS);
  case WA_OP_f32_neg:
    return LLVMBuildFNeg(f->ir->builder, wa_lower_pop(f), "");
  case WA_OP_f32_ceil:
    return float_unary(f, WA_INTRINSIC_CEIL);
  case WA_OP_f32_floor:
    return float_unary(f, WA_INTRINSIC_FLOOR);
  case WA_OP_f32_trunc:
    return float_unary(f, WA_INTRINSIC_TRUNC);
  case WA_OP_f32_nearest: // the rounding mode is always to nearest, ties to even
    return float_unary(f, WA_INTRINSIC_NEARBYINT);
  case WA_OP_f32_sqrt:
    return float_unary(f, WA_INTRINSIC_SQRT);
  case WA_OP_f32_add:
    return float_arithmetic(f, LLVMFAdd);
  case WA_OP_f32_sub:
    return float_arithmetic(f, LLVMFSub);
  case WA_OP_f32_mul:
    return float_arithmetic(f, LLVMFMul);
  case WA_OP_f32_div:
    return float_arithmetic(f, LLVMFDiv);
  case WA_OP_f32_min:
    return float_minmax(f, WA_INTRINSIC_MINIMUM);
  case WA_OP_f32_max:
    return float_minmax(f, WA_INTRINSIC_MAXIMUM);
  default:
    return float_binary(f, WA_INTRINSIC_COPYSIGN);
  }
}

void wa_lower_numeric(struct wa_lower_function *f, const struct wa_instr *instr) {
  enum wa_op op = instr->op;
  if (op <= WA_OP_f64_const)
    wa_lower_push(f, constant(f, instr));
  else if (op <= WA_OP_f64_ge)
    wa_lower_push(f, compare(f, op));
  else if (op < WA_OP_i64_clz)
    wa_lower_push(f, integer(f, op));
  else if (op < WA_OP_f32_abs)
    wa_lower_push(f, integer(f, op - WA_OP_i64_clz + WA_OP_i32_clz));
  else if (op < WA_OP_f64_abs)
    wa_lower_push(f, real(f, op));
  else
    wa_lower_push(f, real(f, op - WA_OP_f64_abs + WA_OP_f32_abs));
}
