// Indexes that are inside also where the processor runs ahead of the check (Spectre, variant 1): by
// arithmetic on the index itself, which it cannot guess. Only on demand:
// wa_compile_options.mask_indexes.
#include "compiler/lower/lower.h"

// A value about which the optimiser knows nothing: behind the check it would know the mask.
static LLVMValueRef hidden(struct wa_lower *lower, LLVMValueRef value) {
  LLVMTypeRef type = LLVMFunctionType(lower->i64, &lower->i64, 1, false);
  LLVMValueRef assembly =
      LLVMGetInlineAsm(type, "", 0, "=r,0", 4, false, false, LLVMInlineAsmDialectATT, false);
  return LLVMBuildCall2(lower->builder, type, assembly, &value, 1, "");
}

// All ones when index < size, else 0, for sizes below 2^63: neither the index nor what is left up
// to the size is negative.
static LLVMValueRef mask_of(struct wa_lower *lower, LLVMValueRef index, LLVMValueRef size) {
  LLVMBuilderRef builder = lower->builder;
  LLVMValueRef last = LLVMBuildSub(builder, size, wa_lower_const_i64(lower, 1), "");
  LLVMValueRef left = LLVMBuildSub(builder, last, index, "");
  LLVMValueRef inside = LLVMBuildNot(builder, LLVMBuildOr(builder, index, left, ""), "");
  return hidden(lower, LLVMBuildAShr(builder, inside, wa_lower_const_i64(lower, 63), ""));
}

LLVMValueRef wa_mask_index(struct wa_lower_function *f, LLVMValueRef index, LLVMValueRef size) {
  struct wa_lower *lower = f->lower;
  if (!lower->target->mask_indexes) {
    return index;
  }
  LLVMValueRef own = hidden(lower, index);
  return LLVMBuildAnd(lower->builder, own, mask_of(lower, own, size), "");
}

LLVMValueRef wa_clamp_index(struct wa_lower_function *f, LLVMValueRef index, uint32_t most) {
  struct wa_lower *lower = f->lower;
  LLVMBuilderRef builder = lower->builder;
  LLVMValueRef limit = wa_lower_const_i64(lower, most);
  LLVMValueRef own = hidden(lower, LLVMBuildZExt(builder, index, lower->i64, ""));
  LLVMValueRef mask = mask_of(lower, own, limit);
  LLVMValueRef inside = LLVMBuildAnd(builder, own, mask, "");
  LLVMValueRef outside = LLVMBuildAnd(builder, limit, LLVMBuildNot(builder, mask, ""), "");
  return LLVMBuildTrunc(builder, LLVMBuildOr(builder, inside, outside, ""), lower->i32, "");
}
