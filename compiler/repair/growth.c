// How values of a loop grow from iteration to iteration.
#include "compiler/ir/address.h"
#include "compiler/repair/ranges.h"

unsigned wa_width_of(LLVMValueRef value) {
  return LLVMGetIntTypeWidth(LLVMTypeOf(value));
}

bool wa_is_integer(LLVMValueRef value) {
  return LLVMGetTypeKind(LLVMTypeOf(value)) == LLVMIntegerTypeKind && wa_width_of(value) <= 64;
}

// A number of so many bits as it is with a sign.
static int64_t signed_in(int64_t value, unsigned width) {
  return width == 64 ? value : (int64_t)((uint64_t)value << (64 - width)) >> (64 - width);
}

bool wa_is_stride(int64_t step) {
  return signed_in(step, WA_MOST_STRIDE_BITS) == step;
}

void wa_add_condition(struct wa_ranges *r, LLVMValueRef outside) {
  bool is_first = LLVMIsAConstantInt(r->outside) && LLVMIsNull(r->outside);
  r->outside = is_first ? outside : LLVMBuildOr(r->builder, r->outside, outside, "");
}

LLVMValueRef wa_build_sum(const struct wa_ranges *r, LLVMValueRef a, LLVMValueRef b) {
  if (LLVMIsAConstantInt(a) && LLVMIsNull(a)) {
    return b;
  }
  return LLVMIsAConstantInt(b) && LLVMIsNull(b) ? a : LLVMBuildAdd(r->builder, a, b, "");
}

LLVMValueRef wa_number(const struct wa_ranges *r, int64_t value) {
  return LLVMConstInt(r->i64, (uint64_t)value, true);
}

LLVMValueRef wa_distance(const struct wa_ranges *r, int64_t step) {
  return LLVMBuildMul(r->builder, r->last, wa_number(r, step), "");
}

// ---- Values that grow ----

static bool induction_form(const struct wa_loop *loop, LLVMValueRef phi, struct wa_form *form) {
  LLVMValueRef step = wa_loop_step(loop, phi);
  if (!step) {
    return false;
  }
  form->start = wa_loop_initial(loop, phi);
  form->step = LLVMConstIntGetSExtValue(step);
  return true;
}

// A sum may be written as `or` where its operands have no bit in common.
static bool is_sum(LLVMValueRef value) {
  return LLVMGetInstructionOpcode(value) == LLVMOr && WA_IS_DISJOINT(value);
}

static bool sum_form(struct wa_ranges *r, LLVMValueRef value, const struct wa_form operands[2],
                     struct wa_form *form) {
  LLVMOpcode opcode = LLVMGetInstructionOpcode(value);
  bool negative = opcode == LLVMSub;
  form->step = operands[0].step + (negative ? -operands[1].step : operands[1].step);
  form->start = negative ? LLVMBuildSub(r->builder, operands[0].start, operands[1].start, "")
                         : wa_build_sum(r, operands[0].start, operands[1].start);
  return true;
}

// Times a constant, or shifted by one.
static bool product_form(struct wa_ranges *r, LLVMValueRef value, const struct wa_form operands[2],
                         struct wa_form *form) {
  LLVMOpcode opcode = LLVMGetInstructionOpcode(value);
  int64_t step = 0;
  if (operands[0].step != 0 || operands[1].step != 0) {
    LLVMValueRef by = LLVMGetOperand(value, 1);
    if (!LLVMIsAConstantInt(by) ||
        (opcode == LLVMShl && LLVMConstIntGetZExtValue(by) >= wa_width_of(value))) {
      return false;
    }
    int64_t factor = opcode == LLVMShl ? (int64_t)(1ull << LLVMConstIntGetZExtValue(by))
                                       : LLVMConstIntGetSExtValue(by);
    step = (int64_t)((uint64_t)operands[0].step * (uint64_t)factor);
  }
  form->step = step;
  form->start = LLVMBuildBinOp(r->builder, opcode, operands[0].start, operands[1].start, "");
  return true;
}

// What is the same in every iteration although it stands in the loop.
static bool constant_form(struct wa_ranges *r, LLVMValueRef value, const struct wa_form operands[2],
                          struct wa_form *form) {
  LLVMOpcode opcode = LLVMGetInstructionOpcode(value);
  LLVMValueRef by = LLVMGetOperand(value, 1);
  bool shifts = opcode == LLVMLShr || opcode == LLVMAShr;
  if (operands[0].step != 0 || operands[1].step != 0 ||
      (shifts && (!LLVMIsAConstantInt(by) || LLVMConstIntGetZExtValue(by) >= wa_width_of(value)))) {
    return false;
  }
  form->start = LLVMBuildBinOp(r->builder, opcode, operands[0].start, operands[1].start, "");
  return true;
}

static bool binary_form(struct wa_ranges *r, LLVMValueRef value, int depth, struct wa_form *form) {
  struct wa_form operands[2];
  for (unsigned i = 0; i < 2; i++) {
    if (!wa_find_form(r, LLVMGetOperand(value, i), depth - 1, &operands[i])) {
      return false;
    }
  }
  switch (LLVMGetInstructionOpcode(value)) {
  case LLVMAdd:
  case LLVMSub:
    return sum_form(r, value, operands, form);
  case LLVMMul:
  case LLVMShl:
    return product_form(r, value, operands, form);
  default:
    return is_sum(value) ? sum_form(r, value, operands, form)
                         : constant_form(r, value, operands, form);
  }
}

// Grows in more bits only as long as it does not wrap in those it has.
static bool extension_form(struct wa_ranges *r, LLVMValueRef value, const struct wa_form *operand,
                           struct wa_form *form) {
  LLVMOpcode opcode = LLVMGetInstructionOpcode(value);
  form->start = LLVMBuildCast(r->builder, opcode, operand->start, LLVMTypeOf(value), "");
  form->step = operand->step;
  if (operand->step == 0) {
    return true;
  }
  unsigned width = wa_width_of(operand->start);
  if (width >= 64 || !wa_is_stride(operand->step) || r->extension_count == WA_MOST_RANGES) {
    return false;
  }
  r->extensions[r->extension_count++] = (struct wa_extension){
      .start = LLVMBuildCast(r->builder, opcode, operand->start, r->i64, ""),
      .step = operand->step,
      .width = width,
      .is_signed = opcode == LLVMSExt,
  };
  return true;
}

static bool cast_form(struct wa_ranges *r, LLVMValueRef value, int depth, struct wa_form *form) {
  struct wa_form operand;
  if (!wa_is_integer(LLVMGetOperand(value, 0)) ||
      !wa_find_form(r, LLVMGetOperand(value, 0), depth - 1, &operand)) {
    return false;
  }
  switch (LLVMGetInstructionOpcode(value)) {
  case LLVMFreeze:
    form->start = operand.start;
    form->step = operand.step;
    return true;
  case LLVMTrunc:
    form->start = LLVMBuildTrunc(r->builder, operand.start, LLVMTypeOf(value), "");
    form->step = operand.step;
    return true;
  default:
    return extension_form(r, value, &operand, form);
  }
}

static bool compute_form(struct wa_ranges *r, LLVMValueRef value, int depth, struct wa_form *form) {
  switch (LLVMGetInstructionOpcode(value)) {
  case LLVMPHI:
    return induction_form(r->loop, value, form);
  case LLVMAdd:
  case LLVMSub:
  case LLVMMul:
  case LLVMShl:
  case LLVMOr:
  case LLVMAnd:
  case LLVMXor:
  case LLVMLShr:
  case LLVMAShr:
    return binary_form(r, value, depth, form);
  case LLVMFreeze:
  case LLVMTrunc:
  case LLVMZExt:
  case LLVMSExt:
    return cast_form(r, value, depth, form);
  default:
    return false;
  }
}

bool wa_find_form(struct wa_ranges *r, LLVMValueRef value, int depth, struct wa_form *form) {
  if (!wa_is_integer(value) || depth == 0) {
    return false;
  }
  for (uint32_t i = 0; i < r->form_count; i++) {
    if (r->forms[i].value == value) {
      *form = r->forms[i];
      return form->start != NULL;
    }
  }
  *form = (struct wa_form){.value = value, .start = value};
  if (!wa_loop_has(r->loop, value)) {
    return true;
  }
  if (r->form_count == WA_MOST_FORMS) {
    return false;
  }
  if (!compute_form(r, value, depth, form)) {
    form->start = NULL;
  }
  form->step = signed_in(form->step, wa_width_of(value));
  if (r->form_count < WA_MOST_FORMS) {
    r->forms[r->form_count++] = *form;
  }
  return form->start != NULL;
}

void wa_check_extension(struct wa_ranges *r, const struct wa_extension *extension) {
  LLVMBuilderRef builder = r->builder;
  LLVMValueRef end = LLVMBuildAdd(builder, extension->start, wa_distance(r, extension->step), "");
  if (extension->is_signed) {
    end = LLVMBuildAdd(builder, end, wa_number(r, (int64_t)1 << (extension->width - 1)), "");
  }
  LLVMValueRef most = wa_number(r, (int64_t)((1ull << extension->width) - 1));
  wa_add_condition(r, LLVMBuildICmp(builder, LLVMIntUGT, end, most, ""));
}

bool wa_is_inductive(const struct wa_ranges *r, LLVMValueRef value, int depth) {
  if (depth == 0 || !wa_loop_has(r->loop, value)) {
    return false;
  }
  switch (LLVMGetInstructionOpcode(value)) {
  case LLVMPHI: {
    LLVMValueRef next = wa_loop_next(r->loop, value);
    return LLVMGetInstructionParent(value) == r->loop->header && next && wa_is_integer(value) &&
           !LLVMIsALoadInst(next) && LLVMIsABinaryOperator(next) &&
           LLVMIsAConstantInt(LLVMGetOperand(next, 1));
  }
  case LLVMAdd:
  case LLVMSub:
  case LLVMMul:
  case LLVMShl:
  case LLVMAnd:
  case LLVMLShr:
  case LLVMAShr:
  case LLVMTrunc:
  case LLVMZExt:
  case LLVMSExt:
    return wa_is_inductive(r, LLVMGetOperand(value, 0), depth - 1) ||
           (LLVMGetNumOperands(value) > 1 &&
            wa_is_inductive(r, LLVMGetOperand(value, 1), depth - 1));
  default:
    return false;
  }
}
