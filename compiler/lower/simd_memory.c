// Vector loads and stores (core spec 4.4.7).
#include "compiler/lower/simd.h"

static LLVMValueRef load_from(struct wa_lower_function *f, const struct wa_instr *instr,
                              LLVMTypeRef type, LLVMValueRef index) {
  LLVMValueRef address =
      wa_memory_address(f, &instr->memarg, index, 1u << wa_op_infos[instr->op].align);
  LLVMValueRef value = wa_ir_load(f->ir, type, address, WA_ALIAS_MEMORY);
  LLVMSetAlignment(value, 1);
  wa_load_keep(f, instr->memarg.memory, value);
  return value;
}

static void store_to(struct wa_lower_function *f, const struct wa_instr *instr, LLVMValueRef value,
                     LLVMValueRef index) {
  LLVMValueRef address =
      wa_memory_address(f, &instr->memarg, index, 1u << wa_op_infos[instr->op].align);
  LLVMSetAlignment(wa_ir_store(f->ir, value, address, WA_ALIAS_MEMORY), 1);
}

static LLVMTypeRef access_type(struct wa_lower_function *f, const struct wa_instr *instr) {
  return LLVMIntTypeInContext(f->ir->context, 8u << wa_op_infos[instr->op].align);
}

static void load(struct wa_lower_function *f, const struct wa_instr *instr,
                 const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)op;
  wa_lower_push(f, load_from(f, instr, shape->vector, wa_lower_pop(f)));
}

static void store(struct wa_lower_function *f, const struct wa_instr *instr,
                  const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)shape, (void)op;
  LLVMValueRef value = wa_lower_pop(f);
  store_to(f, instr, value, wa_lower_pop(f));
}

// 64 bits of lanes of `op->integer` bits, each widened to twice that.
static void load_extended(struct wa_lower_function *f, const struct wa_instr *instr,
                          const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)shape;
  unsigned bits = (unsigned)op->integer;
  LLVMTypeRef narrow = LLVMIntTypeInContext(f->ir->context, bits);
  LLVMValueRef half = load_from(f, instr, wa_simd_vector(narrow, 64 / bits), wa_lower_pop(f));
  struct wa_shape wide = wa_simd_shape(f->ir, bits * 2, false);
  LLVMOpcode extend = op->is_signed ? LLVMSExt : LLVMZExt;
  wa_simd_push(f, LLVMBuildCast(f->ir->builder, extend, half, wide.vector, ""));
}

static void load_splat(struct wa_lower_function *f, const struct wa_instr *instr,
                       const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)shape, (void)op;
  LLVMTypeRef type = access_type(f, instr);
  LLVMValueRef lane = load_from(f, instr, type, wa_lower_pop(f));
  wa_simd_push(f, wa_simd_splat(f, lane, 128 / LLVMGetIntTypeWidth(type)));
}

static void load_zero(struct wa_lower_function *f, const struct wa_instr *instr,
                      const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)shape, (void)op;
  LLVMTypeRef type = access_type(f, instr);
  LLVMValueRef lane = load_from(f, instr, type, wa_lower_pop(f));
  LLVMValueRef zero = LLVMConstNull(wa_simd_vector(type, 128 / LLVMGetIntTypeWidth(type)));
  LLVMValueRef first = wa_ir_const_i32(f->ir, 0);
  wa_simd_push(f, LLVMBuildInsertElement(f->ir->builder, zero, lane, first, ""));
}

static void load_lane(struct wa_lower_function *f, const struct wa_instr *instr,
                      const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)shape, (void)op;
  LLVMTypeRef type = access_type(f, instr);
  struct wa_shape lanes = wa_simd_shape(f->ir, LLVMGetIntTypeWidth(type), false);
  LLVMValueRef vector = wa_simd_pop(f, &lanes);
  LLVMValueRef lane = load_from(f, instr, type, wa_lower_pop(f));
  LLVMValueRef index = wa_ir_const_i32(f->ir, instr->lane);
  wa_simd_push(f, LLVMBuildInsertElement(f->ir->builder, vector, lane, index, ""));
}

static void store_lane(struct wa_lower_function *f, const struct wa_instr *instr,
                       const struct wa_shape *shape, const struct wa_simd_op *op) {
  (void)shape, (void)op;
  LLVMTypeRef type = access_type(f, instr);
  struct wa_shape lanes = wa_simd_shape(f->ir, LLVMGetIntTypeWidth(type), false);
  LLVMValueRef index = wa_ir_const_i32(f->ir, instr->lane);
  LLVMValueRef vector = wa_simd_pop(f, &lanes);
  LLVMValueRef lane = LLVMBuildExtractElement(f->ir->builder, vector, index, "");
  store_to(f, instr, lane, wa_lower_pop(f));
}

const struct wa_simd_op wa_simd_memory_ops[] = {
    {"load", load, 0, 0, false, false},
    {"store", store, 0, 0, false, false},
    {"load8x8_s", load_extended, 8, 0, true, false},
    {"load8x8_u", load_extended, 8, 0, false, false},
    {"load16x4_s", load_extended, 16, 0, true, false},
    {"load16x4_u", load_extended, 16, 0, false, false},
    {"load32x2_s", load_extended, 32, 0, true, false},
    {"load32x2_u", load_extended, 32, 0, false, false},
    {"load*_splat", load_splat, 0, 0, false, false},
    {"load*_zero", load_zero, 0, 0, false, false},
    {"load*_lane", load_lane, 0, 0, false, false},
    {"store*_lane", store_lane, 0, 0, false, false},
    {0},
};
