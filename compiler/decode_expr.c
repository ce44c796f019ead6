// Constant expressions (core spec 3.3.10): in 2.0 a single instruction. Longer ones that the
// extended-const proposal allows are told apart from wrong ones, by typing them.
#include "decode.h"

#include <inttypes.h>

enum { LONGEST_EXPRESSION = 256 }; // operands at once, in what is refused anyway

struct expression {
  struct wa_constexpr *result;
  uint32_t global_count;
  uint8_t operands[LONGEST_EXPRESSION];
  uint32_t height;
  const char *proposal;   // what it needs beyond 2.0, or NULL
  size_t proposal_offset; // of the instruction that does
  const char *proposal_what;
};

static bool push(struct wa_decoder *decoder, struct expression *expr, const struct wa_instr *instr,
                 uint8_t type) {
  if (expr->height == LONGEST_EXPRESSION)
    return wa_fail_limit(decoder->err, instr->offset, "operands in a constant expression",
                         expr->height + 1, LONGEST_EXPRESSION);
  expr->operands[expr->height++] = type;
  return true;
}

static bool global_get(struct wa_decoder *decoder, struct expression *expr,
                       const struct wa_instr *instr) {
  struct wa_module *module = decoder->module;
  if (instr->index >= expr->global_count)
    return wa_invalid(decoder, instr->offset,
                      "unknown global %" PRIu32 ": %" PRIu32 " can be read here", instr->index,
                      expr->global_count);
  const struct wa_global *global = &module->globals[instr->index];
  if (global->type.mut)
    return wa_invalid(decoder, instr->offset,
                      "constant expression required: global %" PRIu32 " is mutable", instr->index);
  if (!global->imported) {
    expr->proposal = "garbage collection";
    expr->proposal_offset = instr->offset;
    expr->proposal_what = "reading the module's own global in a constant expression";
  }
  *expr->result = (struct wa_constexpr){WA_EXPR_GLOBAL_GET, global->type.type, instr->index, {0}};
  return push(decoder, expr, instr, global->type.type);
}

static bool ref_func(struct wa_decoder *decoder, struct expression *expr,
                     const struct wa_instr *instr) {
  struct wa_module *module = decoder->module;
  if (instr->index >= module->function_count)
    return wa_invalid(decoder, instr->offset,
                      "unknown function %" PRIu32 ": the module has %" PRIu32, instr->index,
                      module->function_count);
  module->functions[instr->index].address_taken = true;
  *expr->result = (struct wa_constexpr){WA_EXPR_REF_FUNC, WA_FUNCREF, instr->index, {0}};
  return push(decoder, expr, instr, WA_FUNCREF);
}

static bool constant(struct wa_decoder *decoder, struct expression *expr,
                     const struct wa_instr *instr, uint8_t type) {
  *expr->result = (struct wa_constexpr){WA_EXPR_CONST, type, 0, {instr->bits[0], instr->bits[1]}};
  return push(decoder, expr, instr, type);
}

// i32 and i64 add, sub and mul.
static bool extended(struct wa_decoder *decoder, struct expression *expr,
                     const struct wa_instr *instr, uint8_t type) {
  for (int i = 0; i < 2; i++) {
    if (!expr->height)
      return wa_invalid(decoder, instr->offset, "%s expects %s, but the stack is empty",
                        wa_op_infos[instr->op].spelling, wa_valtype_spelling(type));
    uint8_t found = expr->operands[--expr->height];
    if (found != type)
      return wa_invalid(decoder, instr->offset, "%s expects %s, found %s",
                        wa_op_infos[instr->op].spelling, wa_valtype_spelling(type),
                        wa_valtype_spelling(found));
  }
  expr->proposal = "extended constant expressions";
  expr->proposal_offset = instr->offset;
  expr->proposal_what = wa_op_infos[instr->op].spelling;
  return push(decoder, expr, instr, type);
}

static bool add_instruction(struct wa_decoder *decoder, struct expression *expr,
                            const struct wa_instr *instr) {
  decoder->module->features |= wa_op_infos[instr->op].feature;
  switch (instr->op) {
  case WA_OP_i32_const:
    return constant(decoder, expr, instr, WA_I32);
  case WA_OP_i64_const:
    return constant(decoder, expr, instr, WA_I64);
  case WA_OP_f32_const:
    return constant(decoder, expr, instr, WA_F32);
  case WA_OP_f64_const:
    return constant(decoder, expr, instr, WA_F64);
  case WA_OP_v128_const:
    return constant(decoder, expr, instr, WA_V128);
  case WA_OP_ref_null:
    *expr->result = (struct wa_constexpr){.kind = WA_EXPR_REF_NULL, .type = instr->type};
    return push(decoder, expr, instr, instr->type);
  case WA_OP_ref_func:
    return ref_func(decoder, expr, instr);
  case WA_OP_global_get:
    return global_get(decoder, expr, instr);
  case WA_OP_i32_add:
  case WA_OP_i32_sub:
  case WA_OP_i32_mul:
    return extended(decoder, expr, instr, WA_I32);
  case WA_OP_i64_add:
  case WA_OP_i64_sub:
  case WA_OP_i64_mul:
    return extended(decoder, expr, instr, WA_I64);
  default:
    return wa_invalid(decoder, instr->offset, "constant expression required, found %s",
                      wa_op_infos[instr->op].spelling);
  }
}

static bool check_result(struct wa_decoder *decoder, const struct expression *expr, size_t offset,
                         uint8_t type) {
  if (!expr->height)
    return wa_invalid(decoder, offset, "a constant expression of %s expected, but it has no value",
                      wa_valtype_spelling(type));
  if (expr->height > 1)
    return wa_invalid(decoder, offset, "a constant expression has one value, found %" PRIu32,
                      expr->height);
  if (expr->operands[0] != type)
    return wa_invalid(decoder, offset, "a constant expression of %s expected, found %s",
                      wa_valtype_spelling(type), wa_valtype_spelling(expr->operands[0]));
  return !expr->proposal ||
         wa_fail_proposal(decoder->err, expr->proposal_offset, expr->proposal_what, expr->proposal);
}

bool wa_decode_constexpr(struct wa_decoder *decoder, uint8_t type, uint32_t global_count,
                         struct wa_constexpr *result) {
  struct expression expr = {.result = result, .global_count = global_count};
  size_t offset = decoder->reader.position;
  struct wa_instr instr;
  for (;;) {
    if (!wa_instr_read(&decoder->reader, &instr, decoder->err))
      return false;
    if (instr.op == WA_OP_end)
      return check_result(decoder, &expr, offset, type);
    if (!add_instruction(decoder, &expr, &instr))
      return false;
  }
}
