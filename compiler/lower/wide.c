// Wide arithmetic (proposal wide-arithmetic): 128-bit integers, of which the operand stack has the
// low half below the high one.
#include "compiler/lower/lower.h"
#include "compiler/wasm/families.h"

static LLVMValueRef pop_pair(struct wa_lower_function *f, LLVMTypeRef i128) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef high = LLVMBuildZExt(builder, wa_lower_pop(f), i128, "");
  LLVMValueRef low = LLVMBuildZExt(builder, wa_lower_pop(f), i128, "");
  high = LLVMBuildShl(builder, high, LLVMConstInt(i128, 64, false), "");
  return LLVMBuildOr(builder, high, low, "");
}

static LLVMValueRef multiply(struct wa_lower_function *f, LLVMTypeRef i128, bool is_signed) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMOpcode extend = is_signed ? LLVMSExt : LLVMZExt;
  LLVMValueRef b = LLVMBuildCast(builder, extend, wa_lower_pop(f), i128, "");
  LLVMValueRef a = LLVMBuildCast(builder, extend, wa_lower_pop(f), i128, "");
  return LLVMBuildMul(builder, a, b, "");
}

void wa_lower_wide(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMTypeRef i128 = LLVMIntTypeInContext(f->ir->context, 128);
  LLVMValueRef result = NULL;
  switch ((enum wa_wide_op)instr->op) {
  case WA_WIDE_i64_add128:
  case WA_WIDE_i64_sub128: {
    LLVMValueRef b = pop_pair(f, i128), a = pop_pair(f, i128);
    result = instr->op == WA_OP_i64_add128 ? LLVMBuildAdd(builder, a, b, "")
                                           : LLVMBuildSub(builder, a, b, "");
    break;
  }
  case WA_WIDE_i64_mul_wide_s:
  case WA_WIDE_i64_mul_wide_u:
    result = multiply(f, i128, instr->op == WA_OP_i64_mul_wide_s);
    break;
  }
  wa_lower_push(f, LLVMBuildTrunc(builder, result, f->ir->i64, ""));
  result = LLVMBuildLShr(builder, result, LLVMConstInt(i128, 64, false), "");
  wa_lower_push(f, LLVMBuildTrunc(builder, result, f->ir->i64, ""));
}
