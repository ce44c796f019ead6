// Vector constants, lanes, shuffles and tests (core spec 4.4.3).
#include "compiler/lower/simd.h"

#include <elf.h>

static void constant(struct wa_lower_function *f, const struct wa_instr *instr,
                     const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)op;
  LLVMValueRef lanes[16];
  for (unsigned i = 0; i < 16; i++) {
    lanes[i] = LLVMConstInt(shape->lane, wa_instr_byte(instr, i), false);
  }
  wa_lower_push(f, LLVMConstVector(lanes, 16));
}

static void shuffle(struct wa_lower_function *f, const struct wa_instr *instr,
                    const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)op;
  LLVMValueRef b = wa_simd_pop(f, shape), a = wa_simd_pop(f, shape);
  LLVMValueRef mask[16];
  for (unsigned i = 0; i < 16; i++) {
    mask[i] = wa_ir_const_i32(f->ir, wa_instr_byte(instr, i));
  }
  wa_simd_push(f, LLVMBuildShuffleVector(f->ir->builder, a, b, LLVMConstVector(mask, 16), ""));
}

// For targets without a byte shuffle.
static LLVMValueRef swizzle_generic(struct wa_lower_function *f, LLVMValueRef *args,
                                    const struct wa_shape *shape) {
  LLVMValueRef count = wa_simd_splat_int(f, shape->vector, 16);
  LLVMValueRef inside = LLVMBuildICmp(f->ir->builder, LLVMIntULT, args[1], count, "");
  return wa_simd_swizzle_lanes(f, args[0], args[1], inside);
}

// pshufb gives zero for an index with its top bit set and else looks at four bits: adding 0x70 with
// saturation sets the top bit of just the indexes from 16 up.
static LLVMValueRef swizzle_pshufb(struct wa_lower_function *f, LLVMValueRef vector,
                                   LLVMValueRef indexes, const struct wa_shape *shape) {
  LLVMTypeRef type = shape->vector;
  LLVMValueRef args[] = {indexes, wa_simd_splat_int(f, type, 0x70)};
  args[1] = wa_ir_intrinsic(f->ir, WA_INTRINSIC_UADD_SAT, &type, 1, args, 2);
  args[0] = vector;
  return wa_ir_intrinsic(f->ir, WA_INTRINSIC_X86_PSHUFB, NULL, 0, args, 2);
}

static void swizzle(struct wa_lower_function *f, const struct wa_instr *instr,
                    const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)op;
  LLVMValueRef indexes = wa_simd_pop(f, shape), vector = wa_simd_pop(f, shape);
  const struct wa_target *target = f->ir->target;
  LLVMTypeRef type = shape->vector;
  LLVMValueRef args[] = {vector, indexes}, picked;
  if (wa_target_is(target, EM_X86_64, WA_X86_SSSE3)) {
    picked = swizzle_pshufb(f, vector, indexes, shape);
  } else if (wa_target_is(target, EM_AARCH64, 0)) { // zero for an index past the end, as in wasm
    picked = wa_ir_intrinsic(f->ir, WA_INTRINSIC_ARM64_TBL1, &type, 1, args, 2);
  } else {
    picked = wa_simd_swizzle(f, WA_OUTLINED_SWIZZLE, shape, args, swizzle_generic);
  }
  wa_simd_push(f, picked);
}

// i8 and i16 lanes come from and go to an i32.
static void splat(struct wa_lower_function *f, const struct wa_instr *instr,
                  const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)op;
  LLVMValueRef value = wa_lower_pop(f);
  if (shape->bits < 32) {
    value = LLVMBuildTrunc(f->ir->builder, value, shape->lane, "");
  }
  wa_simd_push(f, wa_simd_splat(f, value, shape->lanes));
}

static void extract(struct wa_lower_function *f, const struct wa_instr *instr,
                    const struct wa_shape *shape, const struct wa_simd_op *op) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef index = wa_ir_const_i32(f->ir, instr->lane);
  LLVMValueRef lane = LLVMBuildExtractElement(builder, wa_simd_pop(f, shape), index, "");
  if (shape->bits < 32) {
    lane = op->is_signed ? LLVMBuildSExt(builder, lane, f->ir->i32, "")
                         : LLVMBuildZExt(builder, lane, f->ir->i32, "");
  }
  wa_lower_push(f, lane);
}

static void replace(struct wa_lower_function *f, const struct wa_instr *instr,
                    const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)op;
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef lane = wa_lower_pop(f);
  if (shape->bits < 32) {
    lane = LLVMBuildTrunc(builder, lane, shape->lane, "");
  }
  LLVMValueRef index = wa_ir_const_i32(f->ir, instr->lane);
  wa_simd_push(f, LLVMBuildInsertElement(builder, wa_simd_pop(f, shape), lane, index, ""));
}

// ---- Tests: one i32 for all lanes ----

// One bit per lane, as an integer of as many bits.
static LLVMValueRef lane_bits(struct wa_lower_function *f, LLVMIntPredicate predicate,
                              const struct wa_shape *shape) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef zero = LLVMConstNull(shape->vector);
  LLVMValueRef bits = LLVMBuildICmp(builder, predicate, wa_simd_pop(f, shape), zero, "");
  LLVMTypeRef integer = LLVMIntTypeInContext(f->ir->context, shape->lanes);
  return LLVMBuildBitCast(builder, bits, integer, "");
}

static void bitmask(struct wa_lower_function *f, const struct wa_instr *instr,
                    const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)op;
  LLVMValueRef bits = lane_bits(f, LLVMIntSLT, shape);
  wa_lower_push(f, LLVMBuildZExt(f->ir->builder, bits, f->ir->i32, ""));
}

static void push_is_nonzero(struct wa_lower_function *f, LLVMValueRef value) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef zero = LLVMConstNull(LLVMTypeOf(value));
  LLVMValueRef nonzero = LLVMBuildICmp(builder, LLVMIntNE, value, zero, "");
  wa_lower_push(f, LLVMBuildZExt(builder, nonzero, f->ir->i32, ""));
}

static void all_true(struct wa_lower_function *f, const struct wa_instr *instr,
                     const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)op;
  LLVMBuilderRef builder = f->ir->builder;
  if (shape->bits < 64 && wa_target_is(f->ir->target, EM_AARCH64, 0)) {
    LLVMValueRef value = wa_simd_pop(f, shape);
    push_is_nonzero(f, wa_simd_intrinsic(f, WA_INTRINSIC_REDUCE_UMIN, &value, 1));
    return;
  }
  LLVMValueRef zeros = lane_bits(f, LLVMIntEQ, shape);
  LLVMValueRef none =
      LLVMBuildICmp(builder, LLVMIntEQ, zeros, LLVMConstNull(LLVMTypeOf(zeros)), "");
  wa_lower_push(f, LLVMBuildZExt(builder, none, f->ir->i32, ""));
}

static void any_true(struct wa_lower_function *f, const struct wa_instr *instr,
                     const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)shape, (void)op;
  LLVMBuilderRef builder = f->ir->builder;
  if (wa_target_is(f->ir->target, EM_AARCH64, 0)) {
    struct wa_shape words = wa_simd_shape(f->ir, 32, false);
    LLVMValueRef value = wa_simd_pop(f, &words), args[] = {value, value};
    value = wa_simd_intrinsic(f, WA_INTRINSIC_ARM64_UMAXP, args, 2);
    value = LLVMBuildBitCast(builder, value, wa_simd_shape(f->ir, 64, false).vector, "");
    push_is_nonzero(f, LLVMBuildExtractElement(builder, value, wa_ir_const_i32(f->ir, 0), ""));
    return;
  }
  LLVMTypeRef i128 = LLVMIntTypeInContext(f->ir->context, 128);
  push_is_nonzero(f, LLVMBuildBitCast(builder, wa_lower_pop(f), i128, ""));
}

// ---- Bits ----

static void not(struct wa_lower_function * f, const struct wa_instr *instr,
                const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)shape, (void)op;
  wa_lower_push(f, LLVMBuildNot(f->ir->builder, wa_lower_pop(f), ""));
}

static void andnot(struct wa_lower_function *f, const struct wa_instr *instr,
                   const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)shape, (void)op;
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef b = wa_lower_pop(f), a = wa_lower_pop(f);
  wa_lower_push(f, LLVMBuildAnd(builder, a, LLVMBuildNot(builder, b, ""), ""));
}

static void bitselect(struct wa_lower_function *f, const struct wa_instr *instr,
                      const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)instr, (void)shape, (void)op;
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef mask = wa_lower_pop(f), b = wa_lower_pop(f), a = wa_lower_pop(f);
  LLVMValueRef chosen = LLVMBuildAnd(builder, a, mask, "");
  LLVMValueRef rest = LLVMBuildAnd(builder, b, LLVMBuildNot(builder, mask, ""), "");
  wa_lower_push(f, LLVMBuildOr(builder, chosen, rest, ""));
}

const struct wa_simd_op wa_simd_lane_ops[] = {
    {"const", constant, 0, 0, false, false},
    {"shuffle", shuffle, 0, 0, false, false},
    {"swizzle", swizzle, 0, 0, false, false},
    {"splat", splat, 0, 0, false, false},
    {"extract_lane_s", extract, 0, 0, true, false},
    {"extract_lane_u", extract, 0, 0, false, false},
    {"extract_lane", extract, 0, 0, false, false},
    {"replace_lane", replace, 0, 0, false, false},
    {"bitmask", bitmask, 0, 0, false, false},
    {"all_true", all_true, 0, 0, false, false},
    {"any_true", any_true, 0, 0, false, false},
    {"not", not, 0, 0, false, false},
    {"andnot", andnot, 0, 0, false, false},
    {"bitselect", bitselect, 0, 0, false, false},
    {0},
};
