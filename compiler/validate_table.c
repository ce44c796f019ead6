// Tables and references (core spec 3.3.3, 3.3.6), and the index checks that they share.
#include "validate.h"

#include <inttypes.h>

bool wa_check_function(struct wa_validator *validator, uint32_t index) {
  uint32_t count = validator->decoder->module->function_count;
  return index < count ||
         wa_reject(validator, "unknown function %" PRIu32 ": the module has %" PRIu32, index,
                   count);
}

bool wa_check_table(struct wa_validator *validator, uint32_t index) {
  uint32_t count = validator->decoder->module->table_count;
  return index < count ||
         wa_reject(validator, "unknown table %" PRIu32 ": the module has %" PRIu32, index, count);
}

bool wa_check_elem(struct wa_validator *validator, uint32_t index) {
  uint32_t count = validator->decoder->module->elem_count;
  return index < count ||
         wa_reject(validator, "unknown elem segment %" PRIu32 ": the module has %" PRIu32, index,
                   count);
}

// The element type of the table that the instruction names. Whatever reads or writes entries other
// than a call keeps the table from becoming constant data.
static uint8_t touched_table(struct wa_validator *validator) {
  struct wa_table *table = &validator->decoder->module->tables[validator->instr.index];
  table->mutated = true;
  return table->type.elem;
}

static bool ref_is_null(struct wa_validator *validator) {
  uint8_t found;
  if (!wa_pop_any(validator, &found))
    return false;
  if (found && found != WA_FUNCREF && found != WA_EXTERNREF)
    return wa_reject(validator, "type mismatch: ref.is_null expects a reference, found %s",
                     wa_valtype_spelling(found));
  return wa_push(validator, WA_I32);
}

static bool ref_func(struct wa_validator *validator) {
  struct wa_module *module = validator->decoder->module;
  uint32_t index = validator->instr.index;
  if (!wa_check_function(validator, index))
    return false;
  // Exports, elem segments and initialisers come before the code: all of C.refs is known.
  if (!module->functions[index].address_taken)
    return wa_reject(validator, "undeclared function reference %" PRIu32, index);
  module->functions[index].ref_func = true;
  return wa_push(validator, WA_FUNCREF);
}

bool wa_validate_table_access(struct wa_validator *validator) {
  switch (validator->instr.op) {
  case WA_OP_ref_null:
    return wa_push(validator, validator->instr.type);
  case WA_OP_ref_is_null:
    return ref_is_null(validator);
  case WA_OP_ref_func:
    return ref_func(validator);
  default:
    break;
  }
  if (!wa_check_table(validator, validator->instr.index))
    return false;
  uint8_t elem = touched_table(validator);
  const struct wa_table *table = &validator->decoder->module->tables[validator->instr.index];
  uint8_t index = wa_index_type(&table->type.limits);
  switch (validator->instr.op) {
  case WA_OP_table_get:
    return wa_pop(validator, index) && wa_push(validator, elem);
  case WA_OP_table_set:
    return wa_pop(validator, elem) && wa_pop(validator, index);
  case WA_OP_table_grow:
    return wa_pop(validator, index) && wa_pop(validator, elem) && wa_push(validator, index);
  case WA_OP_table_fill:
    return wa_pop(validator, index) && wa_pop(validator, elem) && wa_pop(validator, index);
  default:
    return wa_reject(validator, "%s has no validation rule",
                     wa_op_infos[validator->instr.op].spelling);
  }
}
