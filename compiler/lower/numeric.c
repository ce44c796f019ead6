// Constants, comparisons and arithmetic (core spec 4.3, 4.4.1). Where LLVM leaves undefined what
// wasm defines, the difference is made up here; see docs/design/compiler.md, "Semantics".
#include "compiler/lower/lower.h"
#include "compiler/wasm/families.h"

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
  if (!is_signed) {
    return LLVMBuildUDiv(builder, lhs, rhs, "");
  }
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
  if (!is_signed) {
    return LLVMBuildURem(builder, lhs, rhs, "");
  }
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

// ---- Dispatch: i32 and i64, f32 and f64 share every shape ----

static LLVMValueRef numeric(struct wa_lower_function *f, const struct wa_instr *instr) {
  enum wa_numeric_op op = (enum wa_numeric_op)instr->op;
  switch (op) {
  case WA_NUMERIC_i32_const:
    return wa_ir_const_i32(f->ir, (uint32_t)instr->bits[0]);
  case WA_NUMERIC_i64_const:
    return wa_ir_const_i64(f->ir, instr->bits[0]);
  case WA_NUMERIC_f32_const:
    return LLVMConstBitCast(wa_ir_const_i32(f->ir, (uint32_t)instr->bits[0]), f->ir->f32);
  case WA_NUMERIC_f64_const:
    return LLVMConstBitCast(wa_ir_const_i64(f->ir, instr->bits[0]), f->ir->f64);
  case WA_NUMERIC_i32_eqz:
  case WA_NUMERIC_i64_eqz:
    return equal_zero(f);
  case WA_NUMERIC_i32_eq:
  case WA_NUMERIC_i64_eq:
    return int_compare(f, LLVMIntEQ);
  case WA_NUMERIC_i32_ne:
  case WA_NUMERIC_i64_ne:
    return int_compare(f, LLVMIntNE);
  case WA_NUMERIC_i32_lt_s:
  case WA_NUMERIC_i64_lt_s:
    return int_compare(f, LLVMIntSLT);
  case WA_NUMERIC_i32_lt_u:
  case WA_NUMERIC_i64_lt_u:
    return int_compare(f, LLVMIntULT);
  case WA_NUMERIC_i32_gt_s:
  case WA_NUMERIC_i64_gt_s:
    return int_compare(f, LLVMIntSGT);
  case WA_NUMERIC_i32_gt_u:
  case WA_NUMERIC_i64_gt_u:
    return int_compare(f, LLVMIntUGT);
  case WA_NUMERIC_i32_le_s:
  case WA_NUMERIC_i64_le_s:
    return int_compare(f, LLVMIntSLE);
  case WA_NUMERIC_i32_le_u:
  case WA_NUMERIC_i64_le_u:
    return int_compare(f, LLVMIntULE);
  case WA_NUMERIC_i32_ge_s:
  case WA_NUMERIC_i64_ge_s:
    return int_compare(f, LLVMIntSGE);
  case WA_NUMERIC_i32_ge_u:
  case WA_NUMERIC_i64_ge_u:
    return int_compare(f, LLVMIntUGE);
  case WA_NUMERIC_f32_eq:
  case WA_NUMERIC_f64_eq:
    return float_compare(f, LLVMRealOEQ);
  case WA_NUMERIC_f32_ne:
  case WA_NUMERIC_f64_ne:
    return float_compare(f, LLVMRealUNE);
  case WA_NUMERIC_f32_lt:
  case WA_NUMERIC_f64_lt:
    return float_compare(f, LLVMRealOLT);
  case WA_NUMERIC_f32_gt:
  case WA_NUMERIC_f64_gt:
    return float_compare(f, LLVMRealOGT);
  case WA_NUMERIC_f32_le:
  case WA_NUMERIC_f64_le:
    return float_compare(f, LLVMRealOLE);
  case WA_NUMERIC_f32_ge:
  case WA_NUMERIC_f64_ge:
    return float_compare(f, LLVMRealOGE);
  case WA_NUMERIC_i32_clz:
  case WA_NUMERIC_i64_clz:
    return count_bits(f, WA_INTRINSIC_CTLZ);
  case WA_NUMERIC_i32_ctz:
  case WA_NUMERIC_i64_ctz:
    return count_bits(f, WA_INTRINSIC_CTTZ);
  case WA_NUMERIC_i32_popcnt:
  case WA_NUMERIC_i64_popcnt:
    return count_bits(f, WA_INTRINSIC_CTPOP);
  case WA_NUMERIC_i32_add:
  case WA_NUMERIC_i64_add:
    return binary(f, LLVMAdd);
  case WA_NUMERIC_i32_sub:
  case WA_NUMERIC_i64_sub:
    return binary(f, LLVMSub);
  case WA_NUMERIC_i32_mul:
  case WA_NUMERIC_i64_mul:
    return binary(f, LLVMMul);
  case WA_NUMERIC_i32_div_s:
  case WA_NUMERIC_i64_div_s:
    return divide(f, true);
  case WA_NUMERIC_i32_div_u:
  case WA_NUMERIC_i64_div_u:
    return divide(f, false);
  case WA_NUMERIC_i32_rem_s:
  case WA_NUMERIC_i64_rem_s:
    return take_remainder(f, true);
  case WA_NUMERIC_i32_rem_u:
  case WA_NUMERIC_i64_rem_u:
    return take_remainder(f, false);
  case WA_NUMERIC_i32_and:
  case WA_NUMERIC_i64_and:
    return binary(f, LLVMAnd);
  case WA_NUMERIC_i32_or:
  case WA_NUMERIC_i64_or:
    return binary(f, LLVMOr);
  case WA_NUMERIC_i32_xor:
  case WA_NUMERIC_i64_xor:
    return binary(f, LLVMXor);
  case WA_NUMERIC_i32_shl:
  case WA_NUMERIC_i64_shl:
    return shift(f, LLVMShl);
  case WA_NUMERIC_i32_shr_s:
  case WA_NUMERIC_i64_shr_s:
    return shift(f, LLVMAShr);
  case WA_NUMERIC_i32_shr_u:
  case WA_NUMERIC_i64_shr_u:
    return shift(f, LLVMLShr);
  case WA_NUMERIC_i32_rotl:
  case WA_NUMERIC_i64_rotl:
    return rotate(f, WA_INTRINSIC_FSHL);
  case WA_NUMERIC_i32_rotr:
  case WA_NUMERIC_i64_rotr:
    return rotate(f, WA_INTRINSIC_FSHR);
  case WA_NUMERIC_f32_abs:
  case WA_NUMERIC_f64_abs:
    return float_unary(f, WA_INTRINSIC_FABS);
  case WA_NUMERIC_f32_neg:
  case WA_NUMERIC_f64_neg:
    return LLVMBuildFNeg(f->ir->builder, wa_lower_pop(f), "");
  case WA_NUMERIC_f32_ceil:
  case WA_NUMERIC_f64_ceil:
    return float_unary(f, WA_INTRINSIC_CEIL);
  case WA_NUMERIC_f32_floor:
  case WA_NUMERIC_f64_floor:
    return float_unary(f, WA_INTRINSIC_FLOOR);
  case WA_NUMERIC_f32_trunc:
  case WA_NUMERIC_f64_trunc:
    return float_unary(f, WA_INTRINSIC_TRUNC);
  case WA_NUMERIC_f32_nearest:
  case WA_NUMERIC_f64_nearest: // the rounding mode is always to nearest, ties to even
    return float_unary(f, WA_INTRINSIC_NEARBYINT);
  case WA_NUMERIC_f32_sqrt:
  case WA_NUMERIC_f64_sqrt:
    return float_unary(f, WA_INTRINSIC_SQRT);
  case WA_NUMERIC_f32_add:
  case WA_NUMERIC_f64_add:
    return float_arithmetic(f, LLVMFAdd);
  case WA_NUMERIC_f32_sub:
  case WA_NUMERIC_f64_sub:
    return float_arithmetic(f, LLVMFSub);
  case WA_NUMERIC_f32_mul:
  case WA_NUMERIC_f64_mul:
    return float_arithmetic(f, LLVMFMul);
  case WA_NUMERIC_f32_div:
  case WA_NUMERIC_f64_div:
    return float_arithmetic(f, LLVMFDiv);
  case WA_NUMERIC_f32_min:
  case WA_NUMERIC_f64_min:
    return float_minmax(f, WA_INTRINSIC_MINIMUM);
  case WA_NUMERIC_f32_max:
  case WA_NUMERIC_f64_max:
    return float_minmax(f, WA_INTRINSIC_MAXIMUM);
  case WA_NUMERIC_f32_copysign:
  case WA_NUMERIC_f64_copysign:
    return float_binary(f, WA_INTRINSIC_COPYSIGN);
  }
  return NULL; // no other value
}

void wa_lower_numeric(struct wa_lower_function *f, const struct wa_instr *instr) {
  wa_lower_push(f, numeric(f, instr));
}
