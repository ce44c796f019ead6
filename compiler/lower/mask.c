// Indexes that are inside also where the processor runs ahead of the check (Spectre, variant 1): by
// arithmetic on the index itself, which it cannot guess. Addresses of functions of another type
// than is called, likewise: they become zero. Only on demand: wa_compile_options.mask_indexes.
#include "compiler/lower/lower.h"

// A value about which the optimiser knows nothing: behind the check it would know the mask.
static LLVMValueRef hidden(struct wa_ir *ir, LLVMValueRef value) {
  LLVMTypeRef type = LLVMFunctionType(ir->i64, &ir->i64, 1, false);
  LLVMValueRef assembly =
      LLVMGetInlineAsm(type, "", 0, "=r,0", 4, false, false, LLVMInlineAsmDialectATT, false);
  return LLVMBuildCall2(ir->builder, type, assembly, &value, 1, "");
}

// All ones when index < size, else 0, for sizes below 2^63: neither the index nor what is left up
// to the size is negative.
static LLVMValueRef mask_of(struct wa_ir *ir, LLVMValueRef index, LLVMValueRef size) {
  LLVMBuilderRef builder = ir->builder;
  LLVMValueRef last = LLVMBuildSub(builder, size, wa_ir_const_i64(ir, 1), "");
  LLVMValueRef left = LLVMBuildSub(builder, last, index, "");
  LLVMValueRef inside = LLVMBuildNot(builder, LLVMBuildOr(builder, index, left, ""), "");
  return hidden(ir, LLVMBuildAShr(builder, inside, wa_ir_const_i64(ir, 63), ""));
}

LLVMValueRef wa_mask_index(struct wa_lower_function *f, LLVMValueRef index, LLVMValueRef size) {
  struct wa_ir *ir = f->ir;
  if (!ir->target->mask_indexes) {
    return index;
  }
  LLVMValueRef own = hidden(ir, index);
  return LLVMBuildAnd(ir->builder, own, mask_of(ir, own, size), "");
}

LLVMValueRef wa_clamp_index(struct wa_lower_function *f, LLVMValueRef index, uint32_t most) {
  struct wa_ir *ir = f->ir;
  LLVMBuilderRef builder = ir->builder;
  LLVMValueRef limit = wa_ir_const_i64(ir, most);
  LLVMValueRef own = hidden(ir, LLVMBuildZExt(builder, index, ir->i64, ""));
  LLVMValueRef mask = mask_of(ir, own, limit);
  LLVMValueRef inside = LLVMBuildAnd(builder, own, mask, "");
  LLVMValueRef outside = LLVMBuildAnd(builder, limit, LLVMBuildNot(builder, mask, ""), "");
  return LLVMBuildTrunc(builder, LLVMBuildOr(builder, inside, outside, ""), ir->i32, "");
}

LLVMValueRef wa_mask_equal(struct wa_lower_function *f, LLVMValueRef a, LLVMValueRef b) {
  struct wa_ir *ir = f->ir;
  LLVMBuilderRef builder = ir->builder;
  if (!ir->target->mask_indexes) {
    return NULL;
  }
  LLVMValueRef differ = LLVMBuildZExt(builder, LLVMBuildXor(builder, a, b, ""), ir->i64, "");
  // Nothing but zero becomes negative.
  LLVMValueRef less = LLVMBuildSub(builder, hidden(ir, differ), wa_ir_const_i64(ir, 1), "");
  return LLVMBuildAShr(builder, less, wa_ir_const_i64(ir, 63), "");
}

LLVMValueRef wa_mask_true(struct wa_lower_function *f, LLVMValueRef condition) {
  struct wa_ir *ir = f->ir;
  if (!ir->target->mask_indexes) {
    return NULL;
  }
  return LLVMBuildNeg(ir->builder, hidden(ir, LLVMBuildZExt(ir->builder, condition, ir->i64, "")),
                      "");
}

LLVMValueRef wa_mask_code(struct wa_lower_function *f, LLVMValueRef code, LLVMValueRef mask) {
  struct wa_ir *ir = f->ir;
  if (!mask) {
    return code;
  }
  LLVMValueRef address = LLVMBuildPtrToInt(ir->builder, code, ir->i64, "");
  return LLVMBuildIntToPtr(ir->builder, LLVMBuildAnd(ir->builder, address, mask, ""), ir->ptr, "");
}
