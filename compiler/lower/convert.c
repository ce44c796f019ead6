// Conversions (core spec 4.3.4). Truncation traps where LLVM's fptosi is poison.
#include "compiler/lower/lower.h"
#include "compiler/wasm/families.h"

// The open or closed interval of floats that truncate to an integer in range.
struct interval {
  double low, high;
  bool low_included; // high never is
};

static struct interval truncation_interval(bool to_64, bool is_signed, bool from_64) {
  if (!is_signed) {
    return (struct interval){-1.0, to_64 ? 0x1p64 : 0x1p32, false};
  }
  if (to_64) {
    return (struct interval){-0x1p63, 0x1p63, true};
  }
  if (from_64) {
    return (struct interval){-0x1p31 - 1, 0x1p31, false};
  }
  return (struct interval){-0x1p31, 0x1p31, true}; // no float lies between -2^31 - 1 and -2^31
}

// NaN fails both comparisons, so what is in range costs two compares and no third branch.
static void check_range(struct wa_lower_function *f, LLVMValueRef value,
                        const struct interval *range) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMTypeRef type = LLVMTypeOf(value);
  LLVMValueRef above = LLVMBuildFCmp(builder, range->low_included ? LLVMRealOGE : LLVMRealOGT,
                                     value, LLVMConstReal(type, range->low), "");
  LLVMValueRef below =
      LLVMBuildFCmp(builder, LLVMRealOLT, value, LLVMConstReal(type, range->high), "");
  LLVMBasicBlockRef outside = wa_new_block(f), inside = wa_new_block(f);
  LLVMBuildCondBr(builder, LLVMBuildAnd(builder, above, below, ""), inside, outside);
  LLVMPositionBuilderAtEnd(builder, outside);
  LLVMValueRef is_nan = LLVMBuildFCmp(builder, LLVMRealUNO, value, value, "");
  LLVMBasicBlockRef invalid = wa_trap_block(f, WA_TRAP_INVALID_CONVERSION);
  LLVMBasicBlockRef overflow = wa_trap_block(f, WA_TRAP_INTEGER_OVERFLOW);
  LLVMBuildCondBr(builder, is_nan, invalid, overflow);
  LLVMPositionBuilderAtEnd(builder, inside);
}

static LLVMValueRef truncate(struct wa_lower_function *f, LLVMTypeRef to, bool is_signed) {
  LLVMValueRef value = wa_freeze(f, wa_lower_pop(f));
  struct interval range =
      truncation_interval(to == f->ir->i64, is_signed, LLVMTypeOf(value) == f->ir->f64);
  check_range(f, value, &range);
  return is_signed ? LLVMBuildFPToSI(f->ir->builder, value, to, "")
                   : LLVMBuildFPToUI(f->ir->builder, value, to, "");
}

static LLVMValueRef truncate_saturating(struct wa_lower_function *f, LLVMTypeRef to,
                                        bool is_signed) {
  LLVMValueRef value = wa_lower_pop(f);
  LLVMTypeRef types[] = {to, LLVMTypeOf(value)};
  enum wa_intrinsic intrinsic = is_signed ? WA_INTRINSIC_FPTOSI_SAT : WA_INTRINSIC_FPTOUI_SAT;
  return wa_ir_intrinsic(f->ir, intrinsic, types, 2, &value, 1);
}

static LLVMValueRef cast(struct wa_lower_function *f, LLVMOpcode opcode, LLVMTypeRef to) {
  return LLVMBuildCast(f->ir->builder, opcode, wa_lower_pop(f), to, "");
}

static LLVMValueRef sign_extend(struct wa_lower_function *f, LLVMTypeRef from) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef value = wa_lower_pop(f);
  return LLVMBuildSExt(builder, LLVMBuildTrunc(builder, value, from, ""), LLVMTypeOf(value), "");
}

static LLVMValueRef convert(struct wa_lower_function *f, enum wa_convert_op op) {
  struct wa_ir *ir = f->ir;
  LLVMTypeRef i32 = ir->i32, i64 = ir->i64, f32 = ir->f32, f64 = ir->f64;
  switch (op) {
  case WA_CONVERT_i32_trunc_f32_s:
  case WA_CONVERT_i32_trunc_f64_s:
    return truncate(f, i32, true);
  case WA_CONVERT_i32_trunc_f32_u:
  case WA_CONVERT_i32_trunc_f64_u:
    return truncate(f, i32, false);
  case WA_CONVERT_i64_trunc_f32_s:
  case WA_CONVERT_i64_trunc_f64_s:
    return truncate(f, i64, true);
  case WA_CONVERT_i64_trunc_f32_u:
  case WA_CONVERT_i64_trunc_f64_u:
    return truncate(f, i64, false);
  case WA_CONVERT_i32_trunc_sat_f32_s:
  case WA_CONVERT_i32_trunc_sat_f64_s:
    return truncate_saturating(f, i32, true);
  case WA_CONVERT_i32_trunc_sat_f32_u:
  case WA_CONVERT_i32_trunc_sat_f64_u:
    return truncate_saturating(f, i32, false);
  case WA_CONVERT_i64_trunc_sat_f32_s:
  case WA_CONVERT_i64_trunc_sat_f64_s:
    return truncate_saturating(f, i64, true);
  case WA_CONVERT_i64_trunc_sat_f32_u:
  case WA_CONVERT_i64_trunc_sat_f64_u:
    return truncate_saturating(f, i64, false);
  case WA_CONVERT_i32_wrap_i64:
    return cast(f, LLVMTrunc, i32);
  case WA_CONVERT_i64_extend_i32_s:
    return cast(f, LLVMSExt, i64);
  case WA_CONVERT_i64_extend_i32_u:
    return cast(f, LLVMZExt, i64);
  case WA_CONVERT_f32_convert_i32_s:
  case WA_CONVERT_f32_convert_i64_s:
    return cast(f, LLVMSIToFP, f32);
  case WA_CONVERT_f32_convert_i32_u:
  case WA_CONVERT_f32_convert_i64_u:
    return cast(f, LLVMUIToFP, f32);
  case WA_CONVERT_f64_convert_i32_s:
  case WA_CONVERT_f64_convert_i64_s:
    return cast(f, LLVMSIToFP, f64);
  case WA_CONVERT_f64_convert_i32_u:
  case WA_CONVERT_f64_convert_i64_u:
    return cast(f, LLVMUIToFP, f64);
  case WA_CONVERT_f32_demote_f64:
    return cast(f, LLVMFPTrunc, f32);
  case WA_CONVERT_f64_promote_f32:
    return cast(f, LLVMFPExt, f64);
  case WA_CONVERT_i32_reinterpret_f32:
    return cast(f, LLVMBitCast, i32);
  case WA_CONVERT_i64_reinterpret_f64:
    return cast(f, LLVMBitCast, i64);
  case WA_CONVERT_f32_reinterpret_i32:
    return cast(f, LLVMBitCast, f32);
  case WA_CONVERT_f64_reinterpret_i64:
    return cast(f, LLVMBitCast, f64);
  case WA_CONVERT_i32_extend8_s:
  case WA_CONVERT_i64_extend8_s:
    return sign_extend(f, ir->i8);
  case WA_CONVERT_i32_extend16_s:
  case WA_CONVERT_i64_extend16_s:
    return sign_extend(f, ir->i16);
  case WA_CONVERT_i64_extend32_s:
    return sign_extend(f, i32);
  }
  return NULL; // no other value
}

void wa_lower_convert(struct wa_lower_function *f, const struct wa_instr *instr) {
  wa_lower_push(f, convert(f, (enum wa_convert_op)instr->op));
}
