#include "compiler/lower/lower.h"

// The bits of both, combined: what differs between equal floats is the sign of a zero.
static LLVMValueRef combine_bits(struct wa_ir *ir, LLVMOpcode opcode, LLVMValueRef a,
                                 LLVMValueRef b) {
  LLVMTypeRef type = LLVMTypeOf(a);
  bool is_vector = LLVMGetTypeKind(type) == LLVMVectorTypeKind;
  LLVMTypeRef lane = is_vector ? LLVMGetElementType(type) : type;
  LLVMTypeRef integer = lane == ir->f32 ? ir->i32 : ir->i64;
  if (is_vector) {
    integer = LLVMVectorType(integer, LLVMGetVectorSize(type));
  }
  LLVMValueRef a_bits = LLVMBuildBitCast(ir->builder, a, integer, "");
  LLVMValueRef b_bits = LLVMBuildBitCast(ir->builder, b, integer, "");
  LLVMValueRef bits = LLVMBuildBinOp(ir->builder, opcode, a_bits, b_bits, "");
  return LLVMBuildBitCast(ir->builder, bits, type, "");
}

LLVMValueRef wa_lower_float_op(struct wa_ir *ir, LLVMOpcode opcode, LLVMValueRef a,
                               LLVMValueRef b) {
  LLVMTypeRef type = LLVMTypeOf(a);
  if (LLVMIsConstant(a) && LLVMIsConstant(b)) {
    a = wa_ir_intrinsic(ir, WA_INTRINSIC_FENCE, &type, 1, &a, 1);
  }
  return LLVMBuildBinOp(ir->builder, opcode, a, b, "");
}

LLVMValueRef wa_lower_minmax(struct wa_ir *ir, enum wa_intrinsic intrinsic, LLVMValueRef a,
                             LLVMValueRef b) {
  LLVMBuilderRef builder = ir->builder;
  LLVMTypeRef type = LLVMTypeOf(a);
  if (WA_EXPANDS_MINIMUM) {
    return wa_ir_intrinsic(ir, intrinsic, &type, 1, (LLVMValueRef[]){a, b}, 2);
  }
  bool minimum = intrinsic == WA_INTRINSIC_MINIMUM;
  LLVMValueRef equal = combine_bits(ir, minimum ? LLVMOr : LLVMAnd, a, b);
  LLVMValueRef nan = LLVMBuildFAdd(builder, a, b, "");
  LLVMValueRef is_nan = LLVMBuildFCmp(builder, LLVMRealUNO, a, b, "");
  LLVMValueRef take_a = LLVMBuildFCmp(builder, minimum ? LLVMRealOLT : LLVMRealOGT, a, b, "");
  LLVMValueRef take_b = LLVMBuildFCmp(builder, minimum ? LLVMRealOGT : LLVMRealOLT, a, b, "");
  LLVMValueRef other = LLVMBuildSelect(builder, is_nan, nan, equal, "");
  other = LLVMBuildSelect(builder, take_b, b, other, "");
  return LLVMBuildSelect(builder, take_a, a, other, "");
}

void wa_lower_probe_stack(struct wa_ir *ir, uint32_t bytes) {
  LLVMValueRef stack_pointer = wa_ir_intrinsic(ir, WA_INTRINSIC_STACKSAVE, &ir->ptr, 1, NULL, 0);
  LLVMValueRef probe =
      LLVMBuildLoad2(ir->builder, ir->i8, wa_ir_offset(ir, stack_pointer, -(int64_t)bytes), "");
  LLVMSetVolatile(probe, true);
}

LLVMValueRef wa_lower_call(struct wa_ir *ir, LLVMTypeRef type, LLVMValueRef callee,
                           unsigned convention, LLVMValueRef *args, unsigned arg_count) {
  LLVMValueRef call = LLVMBuildCall2(ir->builder, type, callee, args, arg_count, "");
  LLVMSetInstructionCallConv(call, convention);
  if (convention) {
    LLVMAddCallSiteAttribute(call, 1, ir->swiftself);
  }
  return call;
}

unsigned wa_lower_last_vector(struct wa_ir *ir, LLVMTypeRef type, LLVMValueRef *args,
                              unsigned arg_count) {
  if (LLVMCountParamTypes(type) > arg_count) {
    args[arg_count++] = LLVMGetUndef(wa_ir_valtype(ir, WA_V128));
  }
  return arg_count;
}

void wa_lower_return_call(struct wa_ir *ir, LLVMValueRef call) {
  if (LLVMGetTypeKind(LLVMTypeOf(call)) == LLVMVoidTypeKind) {
    LLVMBuildRetVoid(ir->builder);
  } else {
    LLVMBuildRet(ir->builder, call);
  }
}
uint32_t wa_lower_cells_size(const uint32_t *types, uint32_t count) {
  uint32_t size = 0;
  for (uint32_t i = 0; i < count; i++) {
    size += types[i] == WA_V128 ? 16 : 8;
  }
  return size;
}
