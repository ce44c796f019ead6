// Constant expressions (core spec 3.3.10). Each instruction appends a row to the module's expr_ops;
// an operator whose operands are constant rows folds them into one. What is left is the expression:
// a single row is taken out again.
#include "compiler/wasm/decode.h"

#include <inttypes.h>

struct expression {
  uint32_t first; // of its rows
  uint32_t global_count;
  uint32_t operands[WA_EXPR_DEPTH];
  uint32_t height;
};

static bool push(struct wa_decoder *decoder, struct expression *expr, const struct wa_instr *instr,
                 uint32_t type) {
  if (expr->height == WA_EXPR_DEPTH) {
    return wa_fail_limit(decoder->err, instr->offset, "operands in a constant expression",
                         expr->height + 1, WA_EXPR_DEPTH);
  }
  expr->operands[expr->height++] = type;
  return true;
}

static bool append(struct wa_decoder *decoder, struct wa_constexpr row) {
  struct wa_module *module = decoder->module;
  if (!wa_decode_reserve(decoder, &module->expr_ops, module->expr_op_count,
                         &decoder->expr_op_capacity, sizeof row)) {
    return false;
  }
  module->expr_ops[module->expr_op_count++] = row;
  return true;
}

static bool operand(struct wa_decoder *decoder, struct expression *expr,
                    const struct wa_instr *instr, struct wa_constexpr row) {
  return push(decoder, expr, instr, row.type) && append(decoder, row);
}

static bool global_get(struct wa_decoder *decoder, struct expression *expr,
                       const struct wa_instr *instr) {
  struct wa_module *module = decoder->module;
  if (instr->index >= expr->global_count) {
    return wa_invalid(decoder, instr->offset,
                      "unknown global %" PRIu32 ": %" PRIu32 " can be read here", instr->index,
                      expr->global_count);
  }
  const struct wa_global *global = &module->globals[instr->index];
  if (global->type.mut) {
    return wa_invalid(decoder, instr->offset,
                      "constant expression required: global %" PRIu32 " is mutable", instr->index);
  }
  if (!global->imported) {
    wa_use(decoder, instr->offset, WA_FEATURE_EXTENDED_CONST);
  }
  return operand(decoder, expr, instr,
                 (struct wa_constexpr){WA_EXPR_GLOBAL_GET, global->type.type, instr->index, {0}});
}

static bool ref_func(struct wa_decoder *decoder, struct expression *expr,
                     const struct wa_instr *instr) {
  struct wa_module *module = decoder->module;
  if (instr->index >= module->function_count) {
    return wa_invalid(decoder, instr->offset,
                      "unknown function %" PRIu32 ": the module has %" PRIu32, instr->index,
                      module->function_count);
  }
  module->functions[instr->index].address_taken = true;
  return operand(
      decoder, expr, instr,
      (struct wa_constexpr){
          WA_EXPR_REF_FUNC, wa_function_reference(module, instr->index), instr->index, {0}});
}

static bool constant(struct wa_decoder *decoder, struct expression *expr,
                     const struct wa_instr *instr, uint32_t type) {
  return operand(decoder, expr, instr,
                 (struct wa_constexpr){WA_EXPR_CONST, type, 0, {instr->bits[0], instr->bits[1]}});
}

static uint64_t fold(enum wa_op op, uint64_t a, uint64_t b) {
  switch (op) {
  case WA_OP_i32_add:
    return (uint32_t)(a + b);
  case WA_OP_i32_sub:
    return (uint32_t)(a - b);
  case WA_OP_i32_mul:
    return (uint32_t)(a * b);
  case WA_OP_i64_add:
    return a + b;
  case WA_OP_i64_sub:
    return a - b;
  default:
    return a * b;
  }
}

static bool apply(struct wa_decoder *decoder, const struct wa_instr *instr, uint32_t type,
                  enum wa_expr_kind kind) {
  struct wa_module *module = decoder->module;
  struct wa_constexpr *a = &module->expr_ops[module->expr_op_count - 2], *b = a + 1;
  if (a->kind != WA_EXPR_CONST || b->kind != WA_EXPR_CONST) {
    return append(decoder, (struct wa_constexpr){.kind = kind, .type = type});
  }
  a->bits[0] = fold(instr->op, a->bits[0], b->bits[0]);
  module->expr_op_count--;
  return true;
}

// i32 and i64 add, sub and mul.
static bool extended(struct wa_decoder *decoder, struct expression *expr,
                     const struct wa_instr *instr, uint32_t type, enum wa_expr_kind kind) {
  for (int i = 0; i < 2; i++) {
    if (!expr->height) {
      return wa_invalid(decoder, instr->offset, "%s expects %s, but the stack is empty",
                        wa_op_infos[instr->op].spelling, wa_valtype_spelling(type));
    }
    uint32_t found = expr->operands[--expr->height];
    if (found != type) {
      return wa_invalid(decoder, instr->offset, "%s expects %s, found %s",
                        wa_op_infos[instr->op].spelling, wa_valtype_spelling(type),
                        wa_valtype_spelling(found));
    }
  }
  wa_use(decoder, instr->offset, WA_FEATURE_EXTENDED_CONST);
  return push(decoder, expr, instr, type) && apply(decoder, instr, type, kind);
}

static bool add_instruction(struct wa_decoder *decoder, struct expression *expr,
                            const struct wa_instr *instr) {
  wa_use(decoder, instr->offset, wa_op_infos[instr->op].feature);
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
    if (!wa_check_type(decoder, instr->offset, instr->type)) {
      return false;
    }
    return operand(decoder, expr, instr,
                   (struct wa_constexpr){.kind = WA_EXPR_REF_NULL, .type = instr->type});
  case WA_OP_ref_func:
    return ref_func(decoder, expr, instr);
  case WA_OP_global_get:
    return global_get(decoder, expr, instr);
  case WA_OP_i32_add:
    return extended(decoder, expr, instr, WA_I32, WA_EXPR_I32_ADD);
  case WA_OP_i32_sub:
    return extended(decoder, expr, instr, WA_I32, WA_EXPR_I32_SUB);
  case WA_OP_i32_mul:
    return extended(decoder, expr, instr, WA_I32, WA_EXPR_I32_MUL);
  case WA_OP_i64_add:
    return extended(decoder, expr, instr, WA_I64, WA_EXPR_I64_ADD);
  case WA_OP_i64_sub:
    return extended(decoder, expr, instr, WA_I64, WA_EXPR_I64_SUB);
  case WA_OP_i64_mul:
    return extended(decoder, expr, instr, WA_I64, WA_EXPR_I64_MUL);
  default:
    return wa_invalid(decoder, instr->offset, "constant expression required, found %s",
                      wa_op_infos[instr->op].spelling);
  }
}

static bool check_result(struct wa_decoder *decoder, const struct expression *expr, size_t offset,
                         uint32_t type) {
  if (!expr->height) {
    return wa_invalid(decoder, offset, "a constant expression of %s expected, but it has no value",
                      wa_valtype_spelling(type));
  }
  if (expr->height > 1) {
    return wa_invalid(decoder, offset, "a constant expression has one value, found %" PRIu32,
                      expr->height);
  }
  if (!wa_type_matches(decoder->module, expr->operands[0], type)) {
    return wa_invalid(decoder, offset, "a constant expression of %s expected, found %s",
                      wa_valtype_spelling(type), wa_valtype_spelling(expr->operands[0]));
  }
  return true;
}

static void take_rows(struct wa_module *module, const struct expression *expr,
                      struct wa_constexpr *result) {
  uint32_t count = module->expr_op_count - expr->first;
  if (count == 1) {
    *result = module->expr_ops[--module->expr_op_count];
  } else {
    *result = (struct wa_constexpr){WA_EXPR_SEQUENCE, expr->operands[0], expr->first, {count}};
  }
}

bool wa_decode_constexpr(struct wa_decoder *decoder, uint32_t type, uint32_t global_count,
                         struct wa_constexpr *result) {
  struct expression expr = {.first = decoder->module->expr_op_count, .global_count = global_count};
  size_t offset = decoder->reader.position;
  struct wa_instr instr;
  for (;;) {
    if (!wa_instr_read(&decoder->reader, &instr, decoder->err)) {
      return false;
    }
    if (instr.op == WA_OP_end) {
      break;
    }
    if (!add_instruction(decoder, &expr, &instr)) {
      return false;
    }
  }
  if (!check_result(decoder, &expr, offset, type)) {
    return false;
  }
  take_rows(decoder->module, &expr, result);
  return true;
}
