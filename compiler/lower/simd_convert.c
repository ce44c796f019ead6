// Conversions between lanes of integers and of floats (core spec 4.3.4, 4.4.3).
#include "compiler/lower/simd.h"

#include <elf.h>

// ---- Truncation on x86-64 ----
//
// cvttps2dq and cvttpd2dq give 0x80000000 for all that is no i32. LLVM has the saturating
// truncation lane by lane, so what the instructions lack is spelled out here.

static LLVMValueRef splat_real(struct wa_lower_function *f, LLVMTypeRef vector, double value) {
  LLVMValueRef lane = LLVMConstReal(LLVMGetElementType(vector), value);
  return wa_simd_splat(f, lane, LLVMGetVectorSize(vector));
}

// minps or maxps: `b` where either is NaN.
static LLVMValueRef pick(struct wa_lower_function *f, LLVMRealPredicate predicate, LLVMValueRef a,
                         LLVMValueRef b) {
  LLVMValueRef take_a = LLVMBuildFCmp(f->ir->builder, predicate, a, b, "");
  return LLVMBuildSelect(f->ir->builder, take_a, a, b, "");
}

// Four lanes of i32; of two doubles the upper two are 0.
static LLVMValueRef convert_x86(struct wa_lower_function *f, LLVMValueRef value) {
  bool is_f32 = LLVMGetVectorSize(LLVMTypeOf(value)) == 4;
  return wa_ir_intrinsic(f->ir, is_f32 ? WA_INTRINSIC_X86_CVTTPS2DQ : WA_INTRINSIC_X86_CVTTPD2DQ,
                         NULL, 0, &value, 1);
}

// All bits of the lanes where a float of `value` is at least `limit`.
static LLVMValueRef mask_from(struct wa_lower_function *f, LLVMValueRef value, double limit) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef beyond =
      LLVMBuildFCmp(builder, LLVMRealOGE, value, splat_real(f, LLVMTypeOf(value), limit), "");
  return LLVMBuildSExt(builder, beyond, wa_simd_vector(f->ir->i32, 4), "");
}

static LLVMValueRef signed_f32_x86(struct wa_lower_function *f, LLVMValueRef value) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef zero = LLVMConstNull(LLVMTypeOf(value));
  LLVMValueRef is_number = LLVMBuildFCmp(builder, LLVMRealORD, value, value, "");
  LLVMValueRef number = LLVMBuildSelect(builder, is_number, value, zero, "");
  LLVMValueRef beyond = mask_from(f, value, 0x1p31);
  return LLVMBuildXor(builder, convert_x86(f, number), beyond, "");
}

static LLVMValueRef signed_f64_x86(struct wa_lower_function *f, LLVMValueRef value) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMTypeRef type = LLVMTypeOf(value);
  LLVMValueRef is_number = LLVMBuildFCmp(builder, LLVMRealORD, value, value, "");
  LLVMValueRef most =
      LLVMBuildSelect(builder, is_number, splat_real(f, type, 0x1p31 - 1), LLVMConstNull(type), "");
  return convert_x86(f, pick(f, LLVMRealOLT, value, most));
}

// Of a value from 0 to 2^32: below 2^31 as it is; above, what it is more than that, with the top
// bit that the overflow has set.
static LLVMValueRef unsigned_in_range_x86(struct wa_lower_function *f, LLVMValueRef value) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef low = convert_x86(f, value);
  LLVMValueRef above = LLVMBuildFSub(builder, value, splat_real(f, LLVMTypeOf(value), 0x1p31), "");
  LLVMValueRef is_high = LLVMBuildAShr(builder, low, wa_simd_splat_int(f, LLVMTypeOf(low), 31), "");
  LLVMValueRef high = LLVMBuildAnd(builder, convert_x86(f, above), is_high, "");
  return LLVMBuildOr(builder, low, high, "");
}

// cvttps2udq and cvttpd2udq of AVX-512 give all bits for what is too large.
static LLVMValueRef unsigned_avx512(struct wa_lower_function *f, LLVMValueRef value) {
  bool is_f32 = LLVMGetVectorSize(LLVMTypeOf(value)) == 4;
  LLVMTypeRef i8 = LLVMInt8TypeInContext(f->ir->context);
  LLVMValueRef args[] = {value, LLVMConstNull(wa_simd_vector(f->ir->i32, 4)), LLVMConstAllOnes(i8)};
  return wa_ir_intrinsic(f->ir, is_f32 ? WA_INTRINSIC_X86_CVTTPS2UDQ : WA_INTRINSIC_X86_CVTTPD2UDQ,
                         NULL, 0, args, 3);
}

static LLVMValueRef unsigned_x86(struct wa_lower_function *f, LLVMValueRef value) {
  LLVMTypeRef type = LLVMTypeOf(value);
  value = pick(f, LLVMRealOGT, value, LLVMConstNull(type));
  if (wa_target_is(f->ir->target, EM_X86_64, WA_X86_AVX512VL)) {
    return unsigned_avx512(f, value);
  }
  if (LLVMGetVectorSize(type) == 2) {
    return unsigned_in_range_x86(f, pick(f, LLVMRealOLT, value, splat_real(f, type, 0x1p32 - 1)));
  }
  LLVMValueRef beyond = mask_from(f, value, 0x1p32);
  return LLVMBuildOr(f->ir->builder, unsigned_in_range_x86(f, value), beyond, "");
}

// ---- Truncation elsewhere ----

// Two lanes, then two of zero.
static LLVMValueRef widen_low(struct wa_lower_function *f, LLVMValueRef low) {
  return wa_simd_pick(f, low, LLVMConstNull(LLVMTypeOf(low)), 0, 1, 4);
}

// To integers as wide as the floats first: AArch64 has no narrower ones, but narrows with
// saturation.
static LLVMValueRef truncate_f64_arm64(struct wa_lower_function *f, LLVMValueRef value,
                                       bool is_signed) {
  LLVMTypeRef types[] = {wa_simd_vector(f->ir->i64, 2), LLVMTypeOf(value)};
  LLVMValueRef wide = wa_ir_intrinsic(
      f->ir, is_signed ? WA_INTRINSIC_FPTOSI_SAT : WA_INTRINSIC_FPTOUI_SAT, types, 2, &value, 1);
  LLVMTypeRef narrow = wa_simd_vector(f->ir->i32, 2);
  return wa_ir_intrinsic(f->ir, is_signed ? WA_INTRINSIC_ARM64_SQXTN : WA_INTRINSIC_ARM64_UQXTN,
                         &narrow, 1, &wide, 1);
}

static LLVMValueRef truncate_generic(struct wa_lower_function *f, LLVMValueRef value,
                                     bool is_signed) {
  LLVMTypeRef to = wa_simd_vector(f->ir->i32, LLVMGetVectorSize(LLVMTypeOf(value)));
  LLVMTypeRef types[] = {to, LLVMTypeOf(value)};
  enum wa_intrinsic id = is_signed ? WA_INTRINSIC_FPTOSI_SAT : WA_INTRINSIC_FPTOUI_SAT;
  return wa_ir_intrinsic(f->ir, id, types, 2, &value, 1);
}

void wa_simd_push_truncated(struct wa_lower_function *f, LLVMValueRef value, bool is_signed) {
  bool is_f64 = LLVMGetVectorSize(LLVMTypeOf(value)) == 2;
  LLVMValueRef result;
  if (!wa_target_is(f->ir->target, EM_X86_64, 0)) {
    result = is_f64 && wa_target_is(f->ir->target, EM_AARCH64, 0)
                 ? truncate_f64_arm64(f, value, is_signed)
                 : truncate_generic(f, value, is_signed);
    wa_simd_push(f, is_f64 ? widen_low(f, result) : result);
    return;
  }
  if (!is_signed) {
    result = unsigned_x86(f, value);
  } else {
    result = is_f64 ? signed_f64_x86(f, value) : signed_f32_x86(f, value);
  }
  wa_simd_push(f, result);
}

static void truncate_f32(struct wa_lower_function *f, const struct wa_instr *instr,
                         const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)shape;
  struct wa_shape from = wa_simd_shape(f->ir, 32, true);
  wa_simd_push_truncated(f, wa_simd_pop(f, &from), op->is_signed);
}

static void truncate_f64(struct wa_lower_function *f, const struct wa_instr *instr,
                         const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)shape;
  struct wa_shape from = wa_simd_shape(f->ir, 64, true);
  wa_simd_push_truncated(f, wa_simd_pop(f, &from), op->is_signed);
}

// ---- Others ----

static void convert_i32(struct wa_lower_function *f, const struct wa_instr *instr,
                        const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr;
  struct wa_shape from = wa_simd_shape(f->ir, 32, false);
  LLVMValueRef value = wa_simd_pop(f, &from);
  if (shape->lanes == 2) {
    value = wa_simd_pick(f, value, value, 0, 1, 2);
  }
  LLVMOpcode opcode = op->is_signed ? LLVMSIToFP : LLVMUIToFP;
  wa_simd_push(f, LLVMBuildCast(f->ir->builder, opcode, value, shape->vector, ""));
}

static void demote(struct wa_lower_function *f, const struct wa_instr *instr,
                   const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)shape, (void)op;
  struct wa_shape from = wa_simd_shape(f->ir, 64, true);
  LLVMTypeRef to = wa_simd_vector(f->ir->f32, 2);
  LLVMValueRef low = LLVMBuildFPTrunc(f->ir->builder, wa_simd_pop(f, &from), to, "");
  wa_simd_push(f, widen_low(f, low));
}

static void promote(struct wa_lower_function *f, const struct wa_instr *instr,
                    const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)op;
  struct wa_shape from = wa_simd_shape(f->ir, 32, true);
  LLVMValueRef value = wa_simd_pop(f, &from);
  LLVMValueRef low = wa_simd_pick(f, value, value, 0, 1, 2);
  wa_simd_push(f, LLVMBuildFPExt(f->ir->builder, low, shape->vector, ""));
}

const struct wa_simd_op wa_simd_convert_ops[] = {
    {"trunc_sat_f32x4_s", truncate_f32, 0, 0, true, false},
    {"trunc_sat_f32x4_u", truncate_f32, 0, 0, false, false},
    {"trunc_sat_f64x2_s_zero", truncate_f64, 0, 0, true, false},
    {"trunc_sat_f64x2_u_zero", truncate_f64, 0, 0, false, false},
    {"convert_*_s", convert_i32, 0, 0, true, false},
    {"convert_*_u", convert_i32, 0, 0, false, false},
    {"demote_f64x2_zero", demote, 0, 0, false, false},
    {"promote_low_f32x4", promote, 0, 0, false, false},
    {0},
};
