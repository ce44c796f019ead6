// Relaxed vector instructions (core spec 4.3.2 and 4.3.3, relaxed operations). Of the results that
// the specification allows, each has the one that the x86-64 instruction gives, on every x86-64
// CPU, so that a module behaves the same wherever it runs; only a multiply-add rounds once where
// the CPU it is compiled for has FMA, and twice where not. The table is in docs/semantics.md. On
// the other machines it rounds once, swizzle, truncation and q15mulr are as the strict ones, and
// AArch64 takes both operands of a dot product as signed.
#include "compiler/lower/simd.h"

#include <elf.h>

static bool is_x86(const struct wa_lower_function *f, uint64_t features) {
  return wa_target_is(f->ir->target, EM_X86_64, features);
}

static bool is_arm64(const struct wa_lower_function *f) {
  return wa_target_is(f->ir->target, EM_AARCH64, 0);
}

// pshufb: zero for an index with its top bit set, else the lane that the low four bits name.
static LLVMValueRef swizzle_generic(struct wa_lower_function *f, LLVMValueRef *args,
                                    const struct wa_shape *shape) {
  LLVMValueRef zero = LLVMConstNull(shape->vector);
  LLVMValueRef inside = LLVMBuildICmp(f->ir->builder, LLVMIntSGE, args[1], zero, "");
  return wa_simd_swizzle_lanes(f, args[0], args[1], inside);
}

static void swizzle(struct wa_lower_function *f, const struct wa_instr *instr,
                    const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)op;
  LLVMValueRef indexes = wa_simd_pop(f, shape), vector = wa_simd_pop(f, shape);
  LLVMValueRef args[] = {vector, indexes};
  LLVMValueRef picked;
  if (is_x86(f, WA_X86_SSSE3)) {
    picked = wa_ir_intrinsic(f->ir, WA_INTRINSIC_X86_PSHUFB, NULL, 0, args, 2);
  } else if (is_arm64(f)) {
    picked = wa_simd_intrinsic(f, WA_INTRINSIC_ARM64_TBL1, args, 2);
  } else {
    picked = wa_simd_swizzle(f, WA_OUTLINED_RELAXED_SWIZZLE, shape, args, swizzle_generic);
  }
  wa_simd_push(f, picked);
}

// cvttps2dq and cvttpd2dq: 0x80000000 for what does not fit.
static void truncate_signed(struct wa_lower_function *f, const struct wa_instr *instr,
                            const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)shape;
  struct wa_shape from = wa_simd_shape(f->ir, (unsigned)op->real, true);
  LLVMValueRef value = wa_simd_pop(f, &from);
  enum wa_intrinsic id = (enum wa_intrinsic)op->integer;
  if (!is_x86(f, 0)) {
    wa_simd_push_truncated(f, value, true);
  } else {
    wa_simd_push(f, wa_ir_intrinsic(f->ir, id, NULL, 0, &value, 1));
  }
}

static void truncate_unsigned(struct wa_lower_function *f, const struct wa_instr *instr,
                              const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)shape;
  struct wa_shape from = wa_simd_shape(f->ir, (unsigned)op->real, true);
  wa_simd_push_truncated(f, wa_simd_pop(f, &from), false);
}

// a * b + c, or c - a * b.
static void multiply_add(struct wa_lower_function *f, const struct wa_instr *instr,
                         const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr;
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef c = wa_simd_pop(f, shape), b = wa_simd_pop(f, shape), a = wa_simd_pop(f, shape);
  bool negate = op->high;
  if (is_x86(f, WA_X86_FMA) || !is_x86(f, 0)) {
    LLVMValueRef args[] = {negate ? LLVMBuildFNeg(builder, a, "") : a, b, c};
    wa_simd_push(f, wa_simd_intrinsic(f, WA_INTRINSIC_FMA, args, 3));
    return;
  }
  LLVMValueRef product = LLVMBuildFMul(builder, a, b, "");
  wa_simd_push(f, negate ? LLVMBuildFSub(builder, c, product, "")
                         : LLVMBuildFAdd(builder, product, c, ""));
}

// As bitselect, whatever the lanes.
static void lane_select(struct wa_lower_function *f, const struct wa_instr *instr,
                        const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)shape, (void)op;
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef mask = wa_lower_pop(f), b = wa_lower_pop(f), a = wa_lower_pop(f);
  LLVMValueRef chosen = LLVMBuildAnd(builder, a, mask, "");
  LLVMValueRef rest = LLVMBuildAnd(builder, b, LLVMBuildNot(builder, mask, ""), "");
  wa_lower_push(f, LLVMBuildOr(builder, chosen, rest, ""));
}

// minps and maxps: the second operand when either is NaN or both are zero.
static void minmax(struct wa_lower_function *f, const struct wa_instr *instr,
                   const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr;
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef b = wa_simd_pop(f, shape), a = wa_simd_pop(f, shape);
  LLVMValueRef take_a = LLVMBuildFCmp(builder, (LLVMRealPredicate)op->real, a, b, "");
  wa_simd_push(f, LLVMBuildSelect(builder, take_a, a, b, ""));
}

static LLVMValueRef extend(struct wa_lower_function *f, LLVMValueRef value, LLVMTypeRef lane,
                           bool is_signed) {
  LLVMTypeRef to = wa_simd_vector(lane, LLVMGetVectorSize(LLVMTypeOf(value)));
  return LLVMBuildCast(f->ir->builder, is_signed ? LLVMSExt : LLVMZExt, value, to, "");
}

static LLVMValueRef signed_product(struct wa_lower_function *f, LLVMValueRef a, LLVMValueRef b,
                                   LLVMTypeRef lane) {
  a = extend(f, a, lane, true);
  b = extend(f, b, lane, true);
  return LLVMBuildMul(f->ir->builder, a, b, "");
}

// pmulhrsw: (a * b + 2^14) >> 15, where -1 * -1 wraps.
static void q15_multiply(struct wa_lower_function *f, const struct wa_instr *instr,
                         const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)op;
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef b = wa_simd_pop(f, shape), args[] = {wa_simd_pop(f, shape), b};
  if (is_x86(f, WA_X86_SSSE3)) {
    wa_simd_push(f, wa_ir_intrinsic(f->ir, WA_INTRINSIC_X86_PMULHRSW, NULL, 0, args, 2));
    return;
  }
  if (is_arm64(f)) {
    wa_simd_push(f, wa_simd_intrinsic(f, WA_INTRINSIC_ARM64_SQRDMULH, args, 2));
    return;
  }
  LLVMTypeRef i32 = f->ir->i32, wide = wa_simd_vector(i32, shape->lanes);
  LLVMValueRef product = signed_product(f, args[0], args[1], i32);
  LLVMValueRef rounded = LLVMBuildAdd(builder, product, wa_simd_splat_int(f, wide, 0x4000), "");
  LLVMValueRef shifted = LLVMBuildAShr(builder, rounded, wa_simd_splat_int(f, wide, 15), "");
  wa_simd_push(f, LLVMBuildTrunc(builder, shifted, shape->vector, ""));
}

static LLVMValueRef dot_half(struct wa_lower_function *f, LLVMValueRef a, LLVMValueRef b,
                             unsigned first) {
  LLVMTypeRef i16 = f->ir->i16;
  LLVMValueRef x = extend(f, wa_simd_pick(f, a, a, first, 2, 8), i16, true);
  LLVMValueRef y = extend(f, wa_simd_pick(f, b, b, first, 2, 8), i16, false);
  return LLVMBuildMul(f->ir->builder, x, y, ""); // at most 128 * 255: it fits
}

// smull, smull2, addp: both signed, and -128 * -128 twice wraps.
static LLVMValueRef dot_arm64(struct wa_lower_function *f, LLVMValueRef a, LLVMValueRef b) {
  LLVMTypeRef i16 = f->ir->i16;
  LLVMValueRef products[2];
  for (unsigned i = 0; i < 2; i++) {
    LLVMValueRef x = wa_simd_pick(f, a, a, i * 8, 1, 8);
    LLVMValueRef y = wa_simd_pick(f, b, b, i * 8, 1, 8);
    products[i] = signed_product(f, x, y, i16);
  }
  return wa_simd_intrinsic(f, WA_INTRINSIC_ARM64_ADDP, products, 2);
}

// pmaddubsw: signed times unsigned lanes, pairs added with saturation.
static LLVMValueRef pop_dot(struct wa_lower_function *f) {
  struct wa_shape bytes = wa_simd_shape(f->ir, 8, false);
  LLVMValueRef b = wa_simd_pop(f, &bytes), a = wa_simd_pop(f, &bytes);
  if (is_arm64(f)) {
    return dot_arm64(f, a, b);
  }
  if (is_x86(f, WA_X86_SSSE3)) {
    LLVMValueRef args[] = {b, a};
    return wa_ir_intrinsic(f->ir, WA_INTRINSIC_X86_PMADDUBSW, NULL, 0, args, 2);
  }
  LLVMValueRef args[] = {dot_half(f, a, b, 0), dot_half(f, a, b, 1)};
  return wa_simd_intrinsic(f, WA_INTRINSIC_SADD_SAT, args, 2);
}

static void dot(struct wa_lower_function *f, const struct wa_instr *instr,
                const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)shape, (void)op;
  wa_simd_push(f, pop_dot(f));
}

// Of eight i16 lanes, as four i32.
static LLVMValueRef add_pairs(struct wa_lower_function *f, LLVMValueRef value) {
  LLVMTypeRef i32 = f->ir->i32;
  if (is_arm64(f)) {
    LLVMTypeRef types[] = {wa_simd_vector(i32, 4), LLVMTypeOf(value)};
    return wa_ir_intrinsic(f->ir, WA_INTRINSIC_ARM64_SADDLP, types, 2, &value, 1);
  }
  LLVMValueRef even = extend(f, wa_simd_pick(f, value, value, 0, 2, 4), i32, true);
  LLVMValueRef odd = extend(f, wa_simd_pick(f, value, value, 1, 2, 4), i32, true);
  return LLVMBuildAdd(f->ir->builder, even, odd, "");
}

static void dot_add(struct wa_lower_function *f, const struct wa_instr *instr,
                    const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)op;
  LLVMValueRef sum = wa_simd_pop(f, shape);
  LLVMValueRef dots = pop_dot(f);
  LLVMValueRef args[] = {dots, wa_simd_splat_int(f, LLVMTypeOf(dots), 1)};
  LLVMValueRef pairs = is_x86(f, 0)
                           ? wa_ir_intrinsic(f->ir, WA_INTRINSIC_X86_PMADDWD, NULL, 0, args, 2)
                           : add_pairs(f, dots);
  wa_simd_push(f, LLVMBuildAdd(f->ir->builder, pairs, sum, ""));
}

// clang-format off
const struct wa_simd_op wa_simd_relaxed_ops[] = {
    {"relaxed_swizzle", swizzle, 0, 0, false, false},
    {"relaxed_trunc_f32x4_s", truncate_signed, WA_INTRINSIC_X86_CVTTPS2DQ, 32, true, false},
    {"relaxed_trunc_f32x4_u", truncate_unsigned, 0, 32, false, false},
    {"relaxed_trunc_f64x2_s_zero", truncate_signed, WA_INTRINSIC_X86_CVTTPD2DQ, 64, true, false},
    {"relaxed_trunc_f64x2_u_zero", truncate_unsigned, 0, 64, false, false},
    {"relaxed_madd", multiply_add, 0, 0, false, false},
    {"relaxed_nmadd", multiply_add, 0, 0, false, true},
    {"relaxed_laneselect", lane_select, 0, 0, false, false},
    {"relaxed_min", minmax, 0, LLVMRealOLT, false, false},
    {"relaxed_max", minmax, 0, LLVMRealOGT, false, false},
    {"relaxed_q15mulr_s", q15_multiply, 0, 0, true, false},
    {"relaxed_dot_i8x16_i7x16_s", dot, 0, 0, true, false},
    {"relaxed_dot_i8x16_i7x16_add_s", dot_add, 0, 0, true, false},
    {0},
};
// clang-format on
