#include "compiler/lower/simd.h"

#include <fnmatch.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// ---- Shapes ----

LLVMTypeRef wa_simd_vector(LLVMTypeRef lane, unsigned count) {
  return LLVMVectorType(lane, count);
}

struct wa_shape wa_simd_shape(const struct wa_ir *ir, unsigned bits, bool is_real) {
  struct wa_shape shape = {.bits = bits, .lanes = 128 / bits, .is_real = is_real};
  if (is_real) {
    shape.lane = bits == 32 ? ir->f32 : ir->f64;
  } else {
    shape.lane = LLVMIntTypeInContext(ir->context, bits);
  }
  shape.vector = wa_simd_vector(shape.lane, shape.lanes);
  return shape;
}

struct wa_shape wa_simd_integers(const struct wa_ir *ir, const struct wa_shape *shape) {
  return wa_simd_shape(ir, shape->bits, false);
}

static struct wa_shape shape_of(const struct wa_ir *ir, const char *spelling) {
  if (spelling[0] == 'v') {
    return wa_simd_shape(ir, 8, false);
  }
  return wa_simd_shape(ir, (unsigned)strtoul(spelling + 1, NULL, 10), spelling[0] == 'f');
}

// ---- Small pieces ----

LLVMValueRef wa_simd_pop(struct wa_lower_function *f, const struct wa_shape *shape) {
  return LLVMBuildBitCast(f->ir->builder, wa_lower_pop(f), shape->vector, "");
}

void wa_simd_push(struct wa_lower_function *f, LLVMValueRef vector) {
  wa_lower_push(f, LLVMBuildBitCast(f->ir->builder, vector, f->ir->v128, ""));
}

LLVMValueRef wa_simd_splat(struct wa_lower_function *f, LLVMValueRef lane, unsigned count) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMTypeRef vector = wa_simd_vector(LLVMTypeOf(lane), count);
  LLVMValueRef zero = wa_ir_const_i32(f->ir, 0);
  LLVMValueRef one = LLVMBuildInsertElement(builder, LLVMGetPoison(vector), lane, zero, "");
  LLVMValueRef mask = LLVMConstNull(wa_simd_vector(f->ir->i32, count));
  return LLVMBuildShuffleVector(builder, one, LLVMGetPoison(vector), mask, "");
}

LLVMValueRef wa_simd_splat_int(struct wa_lower_function *f, LLVMTypeRef vector, uint64_t value) {
  LLVMValueRef lane = LLVMConstInt(LLVMGetElementType(vector), value, false);
  return wa_simd_splat(f, lane, LLVMGetVectorSize(vector));
}

LLVMValueRef wa_simd_intrinsic(struct wa_lower_function *f, enum wa_intrinsic id,
                               LLVMValueRef *args, unsigned count) {
  LLVMTypeRef type = LLVMTypeOf(args[0]);
  return wa_ir_intrinsic(f->ir, id, &type, 1, args, count);
}

LLVMValueRef wa_simd_pick(struct wa_lower_function *f, LLVMValueRef a, LLVMValueRef b,
                          unsigned first, unsigned step, unsigned count) {
  LLVMValueRef mask[16];
  for (unsigned i = 0; i < count; i++) {
    mask[i] = wa_ir_const_i32(f->ir, first + i * step);
  }
  return LLVMBuildShuffleVector(f->ir->builder, a, b, LLVMConstVector(mask, count), "");
}

LLVMValueRef wa_simd_swizzle_lanes(struct wa_lower_function *f, LLVMValueRef vector,
                                   LLVMValueRef indexes, LLVMValueRef inside) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMTypeRef type = LLVMTypeOf(vector);
  LLVMValueRef masked = LLVMBuildAnd(builder, indexes, wa_simd_splat_int(f, type, 15), "");
  LLVMValueRef picked = LLVMGetPoison(type);
  for (unsigned i = 0; i < 16; i++) {
    LLVMValueRef at = wa_ir_const_i32(f->ir, i);
    LLVMValueRef index = LLVMBuildExtractElement(builder, masked, at, "");
    LLVMValueRef lane = LLVMBuildExtractElement(builder, vector, index, "");
    picked = LLVMBuildInsertElement(builder, picked, lane, at, "");
  }
  return LLVMBuildSelect(builder, inside, picked, LLVMConstNull(type), "");
}

static LLVMValueRef emit_outlined(struct wa_lower_function *f, enum wa_outlined which,
                                  const struct wa_shape *shape, LLVMTypeRef type,
                                  wa_simd_builder *build) {
  struct wa_ir *ir = f->ir;
  LLVMBasicBlockRef current = LLVMGetInsertBlock(ir->builder);
  LLVMMetadataRef location = LLVMGetCurrentDebugLocation2(ir->builder);
  char name[WA_SYMBOL_NAME_SIZE];
  wa_ir_spell(ir, name, WA_SYMBOL_LANES, which);
  LLVMValueRef function = wa_ir_add_function(ir, name, type, LLVMCCallConv);
  LLVMSetVisibility(function, LLVMDefaultVisibility);
  LLVMSetLinkage(function, LLVMInternalLinkage);
  static const char *const attributes[] = {"nounwind", "willreturn", "memory"};
  for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
    LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                            wa_ir_attribute(ir->context, attributes[i], 0));
  }
  LLVMSetCurrentDebugLocation2(ir->builder, NULL);
  LLVMPositionBuilderAtEnd(ir->builder, LLVMAppendBasicBlockInContext(ir->context, function, ""));
  LLVMValueRef args[2];
  LLVMGetParams(function, args);
  for (unsigned i = 0; i < LLVMCountParams(function); i++) {
    args[i] = LLVMBuildBitCast(ir->builder, args[i], shape->vector, "");
  }
  LLVMTypeRef halves = LLVMGetReturnType(type);
  LLVMBuildRet(ir->builder, LLVMBuildBitCast(ir->builder, build(f, args, shape), halves, ""));
  LLVMPositionBuilderAtEnd(ir->builder, current);
  LLVMSetCurrentDebugLocation2(ir->builder, location);
  return function;
}

LLVMValueRef wa_simd_outline(struct wa_lower_function *f, enum wa_outlined which,
                             const struct wa_shape *shape, LLVMValueRef *args, unsigned count,
                             wa_simd_builder *build) {
  struct wa_ir *ir = f->ir;
  // Two registers where there are no vectors, and not 16.
  LLVMTypeRef halves = LLVMVectorType(ir->i64, 2), params[] = {halves, halves};
  LLVMTypeRef type = LLVMFunctionType(halves, params, count, false);
  LLVMValueRef *function = &ir->outlined[which];
  if (!*function) {
    *function = emit_outlined(f, which, shape, type, build);
  }
  LLVMValueRef operands[2];
  for (unsigned i = 0; i < count; i++) {
    operands[i] = LLVMBuildBitCast(ir->builder, args[i], halves, "");
  }
  LLVMValueRef call = LLVMBuildCall2(ir->builder, type, *function, operands, count, "");
  return LLVMBuildBitCast(ir->builder, call, shape->vector, "");
}

LLVMValueRef wa_simd_swizzle(struct wa_lower_function *f, enum wa_outlined which,
                             const struct wa_shape *shape, LLVMValueRef args[2],
                             wa_simd_builder *build) {
  return LLVMIsConstant(args[1]) ? build(f, args, shape)
                                 : wa_simd_outline(f, which, shape, args, 2, build);
}

// ---- Dispatch ----

static const struct wa_simd_op *found[WA_OP_COUNT];

static const struct wa_simd_op *find_in(const struct wa_simd_op *ops, const char *name) {
  for (; ops->pattern; ops++) {
    if (fnmatch(ops->pattern, name, 0) == 0) {
      return ops;
    }
  }
  return NULL;
}

static void find_all(void) {
  for (int op = WA_OP_v128_load; op < WA_OP_memory_atomic_notify; op++) {
    const char *name = strchr(wa_op_infos[op].spelling, '.') + 1;
    found[op] = find_in(wa_simd_memory_ops, name);
    if (!found[op]) {
      found[op] = find_in(wa_simd_lane_ops, name);
    }
    if (!found[op]) {
      found[op] = find_in(wa_simd_numeric_ops, name);
    }
    if (!found[op]) {
      found[op] = find_in(wa_simd_convert_ops, name);
    }
    if (!found[op]) {
      found[op] = find_in(wa_simd_relaxed_ops, name);
    }
  }
}

const struct wa_simd_op *wa_simd_find(enum wa_op op) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, find_all);
  return found[op];
}

void wa_lower_simd(struct wa_lower_function *f, const struct wa_instr *instr) {
  const struct wa_simd_op *op = wa_simd_find(instr->op);
  struct wa_shape shape = shape_of(f->ir, wa_op_infos[instr->op].spelling);
  op->lower(f, instr, &shape, op);
}
