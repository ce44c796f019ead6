// Tables and references (core spec 3.3.3, 3.3.6), and the index checks that they share.
#include "compiler/wasm/validate.h"

#include <inttypes.h>

bool wa_check_known(struct wa_validator *validator, uint32_t type) {
  return wa_check_type(validator->decoder, validator->instr.offset, type);
}

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
static uint32_t touched_table(struct wa_validator *validator) {
  struct wa_table *table = &validator->decoder->module->tables[validator->instr.index];
  wa_note_fact(&table->mutated);
  return table->type.elem;
}

static bool ref_is_null(struct wa_validator *validator) {
  uint32_t found;
  return wa_pop_ref(validator, &found) && wa_push(validator, WA_I32);
}

static bool ref_as_non_null(struct wa_validator *validator) {
  uint32_t found;
  return wa_pop_ref(validator, &found) && wa_push(validator, found | WA_REF_NON_NULL);
}

static bool ref_func(struct wa_validator *validator) {
  struct wa_module *module = validator->decoder->module;
  uint32_t index = validator->instr.index;
  if (!wa_check_function(validator, index)) {
    return false;
  }
  // Exports, elem segments and initialisers come before the code: all of C.refs is known.
  if (!module->functions[index].address_taken) {
    return wa_reject(validator, "undeclared function reference %" PRIu32, index);
  }
  wa_note_fact(&module->functions[index].ref_func);
  return wa_push(validator, wa_function_reference(module, index));
}

bool wa_validate_table_access(struct wa_validator *validator) {
  switch (validator->instr.op) {
  case WA_OP_ref_as_non_null:
    return ref_as_non_null(validator);
  case WA_OP_ref_null:
    return wa_check_known(validator, validator->instr.type) &&
           wa_push(validator, validator->instr.type);
  case WA_OP_ref_is_null:
    return ref_is_null(validator);
  case WA_OP_ref_func:
    return ref_func(validator);
  default:
    break;
  }
  if (!wa_check_table(validator, validator->instr.index)) {
    return false;
  }
  uint32_t elem = touched_table(validator);
  const struct wa_table *table = &validator->decoder->module->tables[validator->instr.index];
  uint32_t index = wa_index_type(&table->type.limits);
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
