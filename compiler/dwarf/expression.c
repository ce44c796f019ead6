#include "compiler/dwarf/expression.h"

#include "compiler/dwarf/dwarf.h"

static bool is_between(unsigned code, unsigned first, unsigned last) {
  return code >= first && code <= last;
}

static void read_wasm_location(struct wa_cursor *cursor, struct wa_operation *operation) {
  operation->kind = wa_cursor_fixed(cursor, 1);
  operation->operand =
      operation->kind == WA_WASM_GLOBAL32 ? wa_cursor_fixed(cursor, 4) : wa_cursor_uleb(cursor);
}

static bool read_operand(struct wa_cursor *cursor, unsigned address_size,
                         struct wa_operation *operation) {
  switch (operation->code) {
  case DW_OP_addr:
    operation->operand = wa_cursor_fixed(cursor, address_size);
    return true;
  case DW_OP_const1u:
  case DW_OP_const1s:
  case DW_OP_deref_size:
    operation->operand = wa_cursor_fixed(cursor, 1);
    return true;
  case DW_OP_const2u:
  case DW_OP_const2s:
    operation->operand = wa_cursor_fixed(cursor, 2);
    return true;
  case DW_OP_const4u:
  case DW_OP_const4s:
    operation->operand = wa_cursor_fixed(cursor, 4);
    return true;
  case DW_OP_const8u:
  case DW_OP_const8s:
    operation->operand = wa_cursor_fixed(cursor, 8);
    return true;
  case DW_OP_constu:
  case DW_OP_plus_uconst:
  case DW_OP_piece:
  case DW_OP_addrx:
  case DW_OP_constx:
  case DW_OP_convert:
    operation->operand = wa_cursor_uleb(cursor);
    return true;
  case DW_OP_consts:
  case DW_OP_fbreg:
    operation->operand = (uint64_t)wa_cursor_sleb(cursor);
    return true;
  case DW_OP_regx:
    operation->reg = wa_cursor_uleb(cursor);
    return true;
  case DW_OP_bregx:
    operation->reg = wa_cursor_uleb(cursor);
    operation->operand = (uint64_t)wa_cursor_sleb(cursor);
    return true;
  case DW_OP_implicit_value:
    operation->operand = wa_cursor_uleb(cursor);
    wa_cursor_skip(cursor, operation->operand);
    return true;
  case DW_OP_WASM_location:
    read_wasm_location(cursor, operation);
    return true;
  case DW_OP_deref:
  case DW_OP_dup:
  case DW_OP_drop:
  case DW_OP_over:
  case DW_OP_swap:
  case DW_OP_and:
  case DW_OP_minus:
  case DW_OP_mul:
  case DW_OP_neg:
  case DW_OP_not:
  case DW_OP_or:
  case DW_OP_plus:
  case DW_OP_shl:
  case DW_OP_shr:
  case DW_OP_shra:
  case DW_OP_xor:
  case DW_OP_call_frame_cfa:
  case DW_OP_stack_value:
    return true;
  default:
    return is_between(operation->code, DW_OP_lit0, DW_OP_lit31);
  }
}

bool wa_operation_read(struct wa_cursor *cursor, unsigned address_size,
                       struct wa_operation *operation) {
  const uint8_t *start = cursor->at;
  *operation = (struct wa_operation){.code = (uint8_t)wa_cursor_fixed(cursor, 1)};
  if (is_between(operation->code, DW_OP_reg0, DW_OP_reg31)) {
    operation->reg = operation->code - DW_OP_reg0;
  } else if (is_between(operation->code, DW_OP_breg0, DW_OP_breg31)) {
    operation->reg = operation->code - DW_OP_breg0;
    operation->operand = (uint64_t)wa_cursor_sleb(cursor);
  } else if (!read_operand(cursor, address_size, operation)) {
    cursor->failed = true;
  }
  operation->bytes = (struct wa_bytes){start, (size_t)(cursor->at - start)};
  return !cursor->failed;
}
