// Vector arithmetic and comparisons (core spec 4.3, 4.4.3). What a lane does that LLVM leaves
// undefined is made up for as in numeric.c.
#include "compiler/lower/simd.h"

#include <elf.h>

static int choose(const struct wa_shape *shape, const struct wa_simd_op *op) {
  return shape->is_real ? op->real : op->integer;
}

static void binary(struct wa_lower_function *f, const struct wa_instr *instr,
                   const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr;
  LLVMValueRef b = wa_simd_pop(f, shape), a = wa_simd_pop(f, shape);
  LLVMOpcode opcode = (LLVMOpcode)choose(shape, op);
  wa_simd_push(f, shape->is_real ? wa_lower_float_op(f->ir, opcode, a, b)
                                 : LLVMBuildBinOp(f->ir->builder, opcode, a, b, ""));
}

static void binary_intrinsic(struct wa_lower_function *f, const struct wa_instr *instr,
                             const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr;
  LLVMValueRef b = wa_simd_pop(f, shape), args[] = {wa_simd_pop(f, shape), b};
  wa_simd_push(f, wa_simd_intrinsic(f, (enum wa_intrinsic)choose(shape, op), args, 2));
}

static LLVMValueRef canonical_nans(const struct wa_shape *shape) {
  LLVMValueRef lanes[4];
  for (unsigned i = 0; i < shape->lanes; i++) {
    lanes[i] = LLVMConstRealOfString(shape->lane, "nan");
  }
  return LLVMConstVector(lanes, shape->lanes);
}

// minps gives its second operand when neither is less: both ways round, the results differ in no
// more than the sign of a zero. A lane with a NaN in it is the canonical NaN.
static LLVMValueRef minmax_x86(struct wa_lower_function *f, const struct wa_shape *shape,
                               LLVMValueRef a, LLVMValueRef b, bool minimum) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMTypeRef bits = wa_simd_integers(f->ir, shape).vector;
  LLVMRealPredicate before = minimum ? LLVMRealOLT : LLVMRealOGT;
  LLVMValueRef one = LLVMBuildSelect(builder, LLVMBuildFCmp(builder, before, a, b, ""), a, b, "");
  LLVMValueRef other = LLVMBuildSelect(builder, LLVMBuildFCmp(builder, before, b, a, ""), b, a, "");
  one = LLVMBuildBitCast(builder, one, bits, "");
  other = LLVMBuildBitCast(builder, other, bits, "");
  LLVMValueRef both = LLVMBuildBinOp(builder, minimum ? LLVMOr : LLVMAnd, one, other, "");
  both = LLVMBuildBitCast(builder, both, shape->vector, "");
  LLVMValueRef is_nan = LLVMBuildFCmp(builder, LLVMRealUNO, a, b, "");
  return LLVMBuildSelect(builder, is_nan, canonical_nans(shape), both, "");
}

static void minmax(struct wa_lower_function *f, const struct wa_instr *instr,
                   const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr;
  LLVMValueRef b = wa_simd_pop(f, shape), a = wa_simd_pop(f, shape);
  if (wa_target_is(f->ir->target, EM_X86_64, 0)) {
    wa_simd_push(f, minmax_x86(f, shape, a, b, op->real == WA_INTRINSIC_MINIMUM));
    return;
  }
  wa_simd_push(f, wa_lower_minmax(f->ir, (enum wa_intrinsic)op->real, a, b));
}

static void unary_intrinsic(struct wa_lower_function *f, const struct wa_instr *instr,
                            const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr;
  LLVMValueRef args[] = {wa_simd_pop(f, shape), LLVMConstInt(f->ir->i1, 0, false)};
  enum wa_intrinsic id = (enum wa_intrinsic)choose(shape, op);
  wa_simd_push(f, wa_simd_intrinsic(f, id, args, id == WA_INTRINSIC_ABS ? 2 : 1));
}

static LLVMValueRef count_bits(struct wa_lower_function *f, LLVMValueRef *args,
                               const struct wa_shape *shape) {
  (void)shape;
  return wa_simd_intrinsic(f, WA_INTRINSIC_CTPOP, args, 1);
}

// In place it is 14 instructions, and three times as fast.
static void popcnt(struct wa_lower_function *f, const struct wa_instr *instr,
                   const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)op;
  LLVMValueRef vector = wa_simd_pop(f, shape);
  const struct wa_target *target = f->ir->target;
  bool is_cheap = wa_target_is(target, EM_X86_64, WA_X86_SSSE3) ||
                  wa_target_is(target, EM_AARCH64, 0) || !f->ir->outlines_bit_counts;
  wa_simd_push(f, is_cheap ? count_bits(f, &vector, shape)
                           : wa_simd_outline(f, WA_OUTLINED_POPCNT, shape, &vector, 1, count_bits));
}

static void negate(struct wa_lower_function *f, const struct wa_instr *instr,
                   const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)op;
  LLVMValueRef value = wa_simd_pop(f, shape);
  wa_simd_push(f, shape->is_real ? LLVMBuildFNeg(f->ir->builder, value, "")
                                 : LLVMBuildNeg(f->ir->builder, value, ""));
}

static void compare(struct wa_lower_function *f, const struct wa_instr *instr,
                    const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr;
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef b = wa_simd_pop(f, shape), a = wa_simd_pop(f, shape);
  LLVMValueRef result = shape->is_real
                            ? LLVMBuildFCmp(builder, (LLVMRealPredicate)op->real, a, b, "")
                            : LLVMBuildICmp(builder, (LLVMIntPredicate)op->integer, a, b, "");
  LLVMTypeRef mask = wa_simd_integers(f->ir, shape).vector;
  wa_simd_push(f, LLVMBuildSExt(builder, result, mask, ""));
}

// Eight bytes, each twice, as 16 bits: shifted by eight more they are what they were, widened.
static LLVMValueRef shift_widened(struct wa_lower_function *f, LLVMValueRef value, unsigned first,
                                  LLVMValueRef counts) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef mask[16];
  for (unsigned i = 0; i < 16; i++) {
    mask[i] = wa_ir_const_i32(f->ir, first + i / 2);
  }
  LLVMValueRef twice = LLVMBuildShuffleVector(builder, value, value, LLVMConstVector(mask, 16), "");
  twice = LLVMBuildBitCast(builder, twice, LLVMTypeOf(counts), "");
  return LLVMBuildAShr(builder, twice, counts, "");
}

// x86-64 shifts no bytes.
static LLVMValueRef shift_bytes_x86(struct wa_lower_function *f, LLVMValueRef value,
                                    LLVMValueRef count) {
  LLVMBuilderRef builder = f->ir->builder;
  count = LLVMBuildOr(builder, count, wa_ir_const_i32(f->ir, 8), "");
  count = LLVMBuildIntCast2(builder, count, f->ir->i16, false, "");
  LLVMValueRef counts = wa_simd_splat(f, count, 8);
  LLVMValueRef args[] = {shift_widened(f, value, 0, counts), shift_widened(f, value, 8, counts)};
  return wa_ir_intrinsic(f->ir, WA_INTRINSIC_X86_PACKSSWB, NULL, 0, args, 2);
}

// The count is one i32 for all lanes, modulo their width.
static void shift(struct wa_lower_function *f, const struct wa_instr *instr,
                  const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr;
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef count =
      LLVMBuildAnd(builder, wa_lower_pop(f), wa_ir_const_i32(f->ir, shape->bits - 1), "");
  LLVMValueRef value = wa_simd_pop(f, shape);
  if (shape->bits == 8 && op->integer == LLVMAShr && !LLVMIsConstant(count) &&
      wa_target_is(f->ir->target, EM_X86_64, 0)) {
    wa_simd_push(f, shift_bytes_x86(f, value, count));
    return;
  }
  count = LLVMBuildIntCast2(builder, count, shape->lane, false, "");
  LLVMValueRef counts = wa_simd_splat(f, count, shape->lanes);
  wa_simd_push(f, LLVMBuildBinOp(builder, (LLVMOpcode)op->integer, value, counts, ""));
}

// pmin is `b < a ? b : a`, pmax `a < b ? b : a`: NaN and zeros as the compare has them.
static void pseudo_minmax(struct wa_lower_function *f, const struct wa_instr *instr,
                          const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr;
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef b = wa_simd_pop(f, shape), a = wa_simd_pop(f, shape);
  LLVMValueRef take_b = LLVMBuildFCmp(builder, LLVMRealOLT, op->high ? a : b, op->high ? b : a, "");
  wa_simd_push(f, LLVMBuildSelect(builder, take_b, b, a, ""));
}

// ---- Widening and narrowing ----

static struct wa_shape half_shape(struct wa_lower_function *f, const struct wa_shape *shape) {
  return wa_simd_shape(f->ir, shape->bits / 2, false);
}

static LLVMValueRef extend(struct wa_lower_function *f, LLVMValueRef value, LLVMTypeRef to,
                           bool is_signed) {
  return LLVMBuildCast(f->ir->builder, is_signed ? LLVMSExt : LLVMZExt, value, to, "");
}

static LLVMValueRef signed_product(struct wa_lower_function *f, LLVMValueRef a, LLVMValueRef b,
                                   LLVMTypeRef to) {
  a = extend(f, a, to, true);
  b = extend(f, b, to, true);
  return LLVMBuildMul(f->ir->builder, a, b, "");
}

static LLVMValueRef pop_half(struct wa_lower_function *f, const struct wa_shape *shape,
                             const struct wa_simd_op *op) {
  struct wa_shape narrow = half_shape(f, shape);
  LLVMValueRef value = wa_simd_pop(f, &narrow);
  LLVMValueRef half = wa_simd_pick(f, value, value, op->high ? shape->lanes : 0, 1, shape->lanes);
  return extend(f, half, shape->vector, op->is_signed);
}

static void extend_half(struct wa_lower_function *f, const struct wa_instr *instr,
                        const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr;
  wa_simd_push(f, pop_half(f, shape, op));
}

static void multiply_half(struct wa_lower_function *f, const struct wa_instr *instr,
                          const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr;
  LLVMValueRef b = pop_half(f, shape, op), a = pop_half(f, shape, op);
  wa_simd_push(f, LLVMBuildMul(f->ir->builder, a, b, ""));
}

static LLVMValueRef every_other(struct wa_lower_function *f, LLVMValueRef value, unsigned first,
                                const struct wa_shape *shape, bool is_signed) {
  LLVMValueRef lanes = wa_simd_pick(f, value, value, first, 2, shape->lanes);
  return extend(f, lanes, shape->vector, is_signed);
}

// A product with ones whose pairs are added, or NULL: pmaddubsw takes its first operand unsigned
// and its second signed, pmaddwd both signed.
static LLVMValueRef add_pairs_x86(struct wa_lower_function *f, LLVMValueRef value,
                                  const struct wa_shape *shape, bool is_signed) {
  LLVMValueRef one = wa_simd_splat_int(f, LLVMTypeOf(value), 1);
  bool is_first = shape->bits == 32 || !is_signed;
  LLVMValueRef args[] = {is_first ? value : one, is_first ? one : value};
  if (shape->bits == 16 && wa_target_is(f->ir->target, EM_X86_64, WA_X86_SSSE3)) {
    return wa_ir_intrinsic(f->ir, WA_INTRINSIC_X86_PMADDUBSW, NULL, 0, args, 2);
  }
  if (shape->bits == 32 && is_signed && wa_target_is(f->ir->target, EM_X86_64, 0)) {
    return wa_ir_intrinsic(f->ir, WA_INTRINSIC_X86_PMADDWD, NULL, 0, args, 2);
  }
  return NULL;
}

static void add_pairs(struct wa_lower_function *f, const struct wa_instr *instr,
                      const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr;
  struct wa_shape narrow = half_shape(f, shape);
  LLVMValueRef value = wa_simd_pop(f, &narrow);
  LLVMValueRef sums = add_pairs_x86(f, value, shape, op->is_signed);
  if (!sums && wa_target_is(f->ir->target, EM_AARCH64, 0)) {
    LLVMTypeRef types[] = {shape->vector, narrow.vector};
    enum wa_intrinsic id = op->is_signed ? WA_INTRINSIC_ARM64_SADDLP : WA_INTRINSIC_ARM64_UADDLP;
    sums = wa_ir_intrinsic(f->ir, id, types, 2, &value, 1);
  }
  if (sums) {
    wa_simd_push(f, sums);
    return;
  }
  LLVMValueRef even = every_other(f, value, 0, shape, op->is_signed);
  LLVMValueRef odd = every_other(f, value, 1, shape, op->is_signed);
  wa_simd_push(f, LLVMBuildAdd(f->ir->builder, even, odd, ""));
}

// The sum wraps in the one case of four times -32768.
static LLVMValueRef dot_generic(struct wa_lower_function *f, LLVMValueRef *args,
                                const struct wa_shape *shape) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef products[2];
  for (unsigned i = 0; i < 2; i++) {
    LLVMValueRef a = every_other(f, args[0], i, shape, true);
    products[i] = LLVMBuildMul(builder, a, every_other(f, args[1], i, shape, true), "");
  }
  return LLVMBuildAdd(builder, products[0], products[1], "");
}

// All products, then neighbours added.
static LLVMValueRef dot_arm64(struct wa_lower_function *f, LLVMValueRef *args,
                              const struct wa_shape *shape) {
  LLVMValueRef products[2];
  for (unsigned i = 0; i < 2; i++) {
    LLVMValueRef a = wa_simd_pick(f, args[0], args[0], i * shape->lanes, 1, shape->lanes);
    LLVMValueRef b = wa_simd_pick(f, args[1], args[1], i * shape->lanes, 1, shape->lanes);
    products[i] = signed_product(f, a, b, shape->vector);
  }
  return wa_simd_intrinsic(f, WA_INTRINSIC_ARM64_ADDP, products, 2);
}

// pmaddwd wraps as wasm does.
static void dot(struct wa_lower_function *f, const struct wa_instr *instr,
                const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)op;
  struct wa_shape narrow = half_shape(f, shape);
  LLVMValueRef b = wa_simd_pop(f, &narrow), args[] = {wa_simd_pop(f, &narrow), b};
  if (wa_target_is(f->ir->target, EM_X86_64, 0)) {
    wa_simd_push(f, wa_ir_intrinsic(f->ir, WA_INTRINSIC_X86_PMADDWD, NULL, 0, args, 2));
  } else if (wa_target_is(f->ir->target, EM_AARCH64, 0)) {
    wa_simd_push(f, dot_arm64(f, args, shape));
  } else {
    wa_simd_push(f, dot_generic(f, args, shape));
  }
}

static LLVMValueRef clamp(struct wa_lower_function *f, LLVMValueRef value, int64_t low,
                          int64_t high) {
  LLVMValueRef args[] = {value, wa_simd_splat_int(f, LLVMTypeOf(value), (uint64_t)low)};
  args[0] = wa_simd_intrinsic(f, WA_INTRINSIC_SMAX, args, 2);
  args[1] = wa_simd_splat_int(f, LLVMTypeOf(value), (uint64_t)high);
  return wa_simd_intrinsic(f, WA_INTRINSIC_SMIN, args, 2);
}

// LLVM would use one instruction for both halves, of 256 bits, where there is AVX-512.
static LLVMValueRef narrow_x86(struct wa_lower_function *f, LLVMValueRef *args,
                               const struct wa_shape *shape, bool is_signed) {
  static const enum wa_intrinsic packs[2][2] = {
      {WA_INTRINSIC_X86_PACKUSWB, WA_INTRINSIC_X86_PACKUSDW},
      {WA_INTRINSIC_X86_PACKSSWB, WA_INTRINSIC_X86_PACKSSDW}};
  return wa_ir_intrinsic(f->ir, packs[is_signed][shape->bits == 16], NULL, 0, args, 2);
}

// The source lanes are signed either way; they saturate to the range of the result's.
static void narrow(struct wa_lower_function *f, const struct wa_instr *instr,
                   const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr;
  struct wa_shape wide = wa_simd_shape(f->ir, shape->bits * 2, false);
  int64_t range = (int64_t)1 << shape->bits;
  int64_t low = op->is_signed ? -range / 2 : 0;
  LLVMValueRef b = wa_simd_pop(f, &wide), args[] = {wa_simd_pop(f, &wide), b};
  uint64_t needed = shape->bits == 16 && !op->is_signed ? WA_X86_SSE41 : 0;
  if (wa_target_is(f->ir->target, EM_X86_64, needed)) {
    wa_simd_push(f, narrow_x86(f, args, shape, op->is_signed));
    return;
  }
  LLVMValueRef both = wa_simd_pick(f, args[0], b, 0, 1, shape->lanes);
  LLVMValueRef clamped = clamp(f, both, low, low + range - 1);
  wa_simd_push(f, LLVMBuildTrunc(f->ir->builder, clamped, shape->vector, ""));
}

static void average(struct wa_lower_function *f, const struct wa_instr *instr,
                    const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)op;
  LLVMBuilderRef builder = f->ir->builder;
  LLVMTypeRef wide_lane = LLVMIntTypeInContext(f->ir->context, shape->bits * 2);
  LLVMTypeRef wide = wa_simd_vector(wide_lane, shape->lanes);
  LLVMValueRef b = extend(f, wa_simd_pop(f, shape), wide, false);
  LLVMValueRef a = extend(f, wa_simd_pop(f, shape), wide, false);
  LLVMValueRef one = wa_simd_splat_int(f, wide, 1);
  LLVMValueRef sum = LLVMBuildAdd(builder, LLVMBuildAdd(builder, a, b, ""), one, "");
  sum = LLVMBuildLShr(builder, sum, one, "");
  wa_simd_push(f, LLVMBuildTrunc(builder, sum, shape->vector, ""));
}

// (a * b + 2^14) >> 15; only -1 * -1 leaves the range. pmulhrsw wraps there, to -32768, which no
// other product gives.
static LLVMValueRef q15_pmulhrsw(struct wa_lower_function *f, LLVMValueRef *args,
                                 const struct wa_shape *shape) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef product = wa_ir_intrinsic(f->ir, WA_INTRINSIC_X86_PMULHRSW, NULL, 0, args, 2);
  LLVMValueRef wrapped =
      LLVMBuildICmp(builder, LLVMIntEQ, product, wa_simd_splat_int(f, shape->vector, 0x8000), "");
  return LLVMBuildXor(builder, product, LLVMBuildSExt(builder, wrapped, shape->vector, ""), "");
}

static LLVMValueRef q15_generic(struct wa_lower_function *f, LLVMValueRef *args,
                                const struct wa_shape *shape) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMTypeRef wide = wa_simd_vector(f->ir->i32, shape->lanes);
  LLVMValueRef product = signed_product(f, args[0], args[1], wide);
  LLVMValueRef rounded = LLVMBuildAdd(builder, product, wa_simd_splat_int(f, wide, 0x4000), "");
  LLVMValueRef shifted = LLVMBuildAShr(builder, rounded, wa_simd_splat_int(f, wide, 15), "");
  return LLVMBuildTrunc(builder, clamp(f, shifted, -32768, 32767), shape->vector, "");
}

static void q15_multiply(struct wa_lower_function *f, const struct wa_instr *instr,
                         const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)op;
  LLVMValueRef b = wa_simd_pop(f, shape), args[] = {wa_simd_pop(f, shape), b};
  const struct wa_target *target = f->ir->target;
  LLVMTypeRef type = shape->vector;
  LLVMValueRef product;
  if (wa_target_is(target, EM_X86_64, WA_X86_SSSE3)) {
    product = q15_pmulhrsw(f, args, shape);
  } else if (wa_target_is(target, EM_AARCH64, 0)) { // rounds and saturates as wasm does
    product = wa_ir_intrinsic(f->ir, WA_INTRINSIC_ARM64_SQRDMULH, &type, 1, args, 2);
  } else {
    product = q15_generic(f, args, shape);
  }
  wa_simd_push(f, product);
}

// clang-format off
const struct wa_simd_op wa_simd_numeric_ops[] = {
    {"add", binary, LLVMAdd, LLVMFAdd, false, false},
    {"sub", binary, LLVMSub, LLVMFSub, false, false},
    {"mul", binary, LLVMMul, LLVMFMul, false, false},
    {"div", binary, 0, LLVMFDiv, false, false},
    {"and", binary, LLVMAnd, 0, false, false},
    {"or", binary, LLVMOr, 0, false, false},
    {"xor", binary, LLVMXor, 0, false, false},
    {"shl", shift, LLVMShl, 0, false, false},
    {"shr_s", shift, LLVMAShr, 0, false, false},
    {"shr_u", shift, LLVMLShr, 0, false, false},
    {"neg", negate, 0, 0, false, false},
    {"add_sat_s", binary_intrinsic, WA_INTRINSIC_SADD_SAT, 0, false, false},
    {"add_sat_u", binary_intrinsic, WA_INTRINSIC_UADD_SAT, 0, false, false},
    {"sub_sat_s", binary_intrinsic, WA_INTRINSIC_SSUB_SAT, 0, false, false},
    {"sub_sat_u", binary_intrinsic, WA_INTRINSIC_USUB_SAT, 0, false, false},
    {"min_s", binary_intrinsic, WA_INTRINSIC_SMIN, 0, false, false},
    {"min_u", binary_intrinsic, WA_INTRINSIC_UMIN, 0, false, false},
    {"max_s", binary_intrinsic, WA_INTRINSIC_SMAX, 0, false, false},
    {"max_u", binary_intrinsic, WA_INTRINSIC_UMAX, 0, false, false},
    {"min", minmax, 0, WA_INTRINSIC_MINIMUM, false, false},
    {"max", minmax, 0, WA_INTRINSIC_MAXIMUM, false, false},
    {"abs", unary_intrinsic, WA_INTRINSIC_ABS, WA_INTRINSIC_FABS, false, false},
    {"popcnt", popcnt, 0, 0, false, false},
    {"sqrt", unary_intrinsic, 0, WA_INTRINSIC_SQRT, false, false},
    {"ceil", unary_intrinsic, 0, WA_INTRINSIC_CEIL, false, false},
    {"floor", unary_intrinsic, 0, WA_INTRINSIC_FLOOR, false, false},
    {"trunc", unary_intrinsic, 0, WA_INTRINSIC_TRUNC, false, false},
    {"nearest", unary_intrinsic, 0, WA_INTRINSIC_NEARBYINT, false, false},
    {"eq", compare, LLVMIntEQ, LLVMRealOEQ, false, false},
    {"ne", compare, LLVMIntNE, LLVMRealUNE, false, false},
    {"lt", compare, 0, LLVMRealOLT, false, false},
    {"gt", compare, 0, LLVMRealOGT, false, false},
    {"le", compare, 0, LLVMRealOLE, false, false},
    {"ge", compare, 0, LLVMRealOGE, false, false},
    {"lt_s", compare, LLVMIntSLT, 0, false, false},
    {"lt_u", compare, LLVMIntULT, 0, false, false},
    {"gt_s", compare, LLVMIntSGT, 0, false, false},
    {"gt_u", compare, LLVMIntUGT, 0, false, false},
    {"le_s", compare, LLVMIntSLE, 0, false, false},
    {"le_u", compare, LLVMIntULE, 0, false, false},
    {"ge_s", compare, LLVMIntSGE, 0, false, false},
    {"ge_u", compare, LLVMIntUGE, 0, false, false},
    {"pmin", pseudo_minmax, 0, 0, false, false},
    {"pmax", pseudo_minmax, 0, 0, false, true},
    {"extend_low_*_s", extend_half, 0, 0, true, false},
    {"extend_low_*_u", extend_half, 0, 0, false, false},
    {"extend_high_*_s", extend_half, 0, 0, true, true},
    {"extend_high_*_u", extend_half, 0, 0, false, true},
    {"extmul_low_*_s", multiply_half, 0, 0, true, false},
    {"extmul_low_*_u", multiply_half, 0, 0, false, false},
    {"extmul_high_*_s", multiply_half, 0, 0, true, true},
    {"extmul_high_*_u", multiply_half, 0, 0, false, true},
    {"extadd_pairwise_*_s", add_pairs, 0, 0, true, false},
    {"extadd_pairwise_*_u", add_pairs, 0, 0, false, false},
    {"dot_i16x8_s", dot, 0, 0, true, false},
    {"narrow_*_s", narrow, 0, 0, true, false},
    {"narrow_*_u", narrow, 0, 0, false, false},
    {"avgr_u", average, 0, 0, false, false},
    {"q15mulr_sat_s", q15_multiply, 0, 0, true, false},
    {0},
};
// clang-format on
