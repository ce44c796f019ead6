// Instructions by their row of opcodes.def: immediates are checked by their kind, operands by the
// signature; only rows with "*" have code of their own.
#include "compiler/wasm/validate.h"

#include <inttypes.h>

static const char *spelling(const struct wa_validator *validator) {
  return wa_op_infos[validator->instr.op].spelling;
}

// ---- Immediates ----

static bool check_memory(struct wa_validator *validator, uint32_t index) {
  uint32_t count = validator->decoder->module->memory_count;
  return index < count ||
         wa_reject(validator, "unknown memory %" PRIu32 ": the module has %" PRIu32, index, count);
}

static bool check_memarg(struct wa_validator *validator) {
  const struct wa_op_info *info = &wa_op_infos[validator->instr.op];
  const struct wa_memarg *memarg = &validator->instr.memarg;
  if (!check_memory(validator, memarg->memory)) {
    return false;
  }
  if (info->feature == WA_FEATURE_THREADS && memarg->align != info->align) {
    return wa_reject(validator,
                     "atomic alignment must be natural: %s expects 2^%u, found 2^%" PRIu32,
                     info->spelling, info->align, memarg->align);
  }
  if (memarg->align > info->align) {
    return wa_reject(validator,
                     "alignment must not be larger than natural: %s allows 2^%u, found 2^%" PRIu32,
                     info->spelling, info->align, memarg->align);
  }
  return memarg->offset <= UINT32_MAX ||
         validator->decoder->module->memories[memarg->memory].limits.index64 ||
         wa_reject(validator, "offset out of range: %s with offset %" PRIu64, info->spelling,
                   memarg->offset);
}

// The number of lanes of the shape that an instruction's name begins with: "i8x16.extract_lane_s".
static unsigned lane_count(const char *name) {
  while (*name && *name != 'x') {
    name++;
  }
  unsigned lanes = 0;
  for (name++; *name >= '0' && *name <= '9'; name++) {
    lanes = lanes * 10 + (unsigned)(*name - '0');
  }
  return lanes;
}

static bool check_lane(struct wa_validator *validator, unsigned lanes) {
  return validator->instr.lane < lanes ||
         wa_reject(validator, "invalid lane index %u: %s has %u lanes", validator->instr.lane,
                   spelling(validator), lanes);
}

static bool check_shuffle(struct wa_validator *validator) {
  for (unsigned i = 0; i < 16; i++) {
    uint8_t lane = wa_instr_byte(&validator->instr, i);
    if (lane >= 32) {
      return wa_reject(validator, "invalid lane index %u: a shuffle has 32 lanes", lane);
    }
  }
  return true;
}

static bool check_data(struct wa_validator *validator, uint32_t index) {
  struct wa_decoder *decoder = validator->decoder;
  if (!decoder->module->has_data_count) {
    return wa_malformed(decoder, validator->instr.offset, "data count section required by %s",
                        spelling(validator));
  }
  return index < decoder->declared_data ||
         wa_reject(validator, "unknown data segment %" PRIu32 ": the module has %" PRIu32, index,
                   decoder->declared_data);
}

static bool check_table_init(struct wa_validator *validator) {
  struct wa_module *module = validator->decoder->module;
  uint32_t elem = validator->instr.index, table = validator->instr.index2;
  if (!wa_check_table(validator, table) || !wa_check_elem(validator, elem)) {
    return false;
  }
  wa_note_fact(&module->tables[table].mutated);
  uint32_t expected = module->tables[table].type.elem, found = module->elems[elem].type;
  return wa_type_matches(module, found, expected) ||
         wa_reject(validator, "type mismatch: table.init of a table of %s from %s",
                   wa_valtype_spelling(expected), wa_valtype_spelling(found));
}

static bool check_table_copy(struct wa_validator *validator) {
  struct wa_module *module = validator->decoder->module;
  uint32_t to = validator->instr.index, from = validator->instr.index2;
  if (!wa_check_table(validator, to) || !wa_check_table(validator, from)) {
    return false;
  }
  wa_note_fact(&module->tables[to].mutated);
  wa_note_fact(&module->tables[from].mutated);
  uint32_t expected = module->tables[to].type.elem, found = module->tables[from].type.elem;
  return wa_type_matches(module, found, expected) ||
         wa_reject(validator, "type mismatch: table.copy to a table of %s from %s",
                   wa_valtype_spelling(expected), wa_valtype_spelling(found));
}

static bool check_immediates(struct wa_validator *validator) {
  const struct wa_op_info *info = &wa_op_infos[validator->instr.op];
  const struct wa_instr *instr = &validator->instr;
  switch (info->imm) {
  case WA_IMM_MEMARG:
    return check_memarg(validator);
  case WA_IMM_MEMARG_LANE:
    return check_memarg(validator) && check_lane(validator, 16u >> info->align);
  case WA_IMM_LANE:
    return check_lane(validator, lane_count(info->spelling));
  case WA_IMM_LANES:
    return check_shuffle(validator);
  case WA_IMM_MEMORY:
    return check_memory(validator, instr->index);
  case WA_IMM_MEMORY_MEMORY:
    return check_memory(validator, instr->index) && check_memory(validator, instr->index2);
  case WA_IMM_DATA:
    return check_data(validator, instr->index);
  case WA_IMM_DATA_MEMORY:
    return check_memory(validator, instr->index2) && check_data(validator, instr->index);
  case WA_IMM_TABLE:
    return wa_check_table(validator, instr->index);
  case WA_IMM_ELEM:
    return wa_check_elem(validator, instr->index);
  case WA_IMM_ELEM_TABLE:
    return check_table_init(validator);
  case WA_IMM_TABLE_TABLE:
    return check_table_copy(validator);
  default:
    return true; // constants need no check, the rest is checked with its operands
  }
}

// ---- Signatures ----

// The limits of the memory or table that the immediates name first, or second.
static const struct wa_limits *named_limits(const struct wa_validator *validator, bool second) {
  const struct wa_module *module = validator->decoder->module;
  const struct wa_instr *instr = &validator->instr;
  switch (wa_op_infos[instr->op].imm) {
  case WA_IMM_MEMARG:
  case WA_IMM_MEMARG_LANE:
    return &module->memories[instr->memarg.memory].limits;
  case WA_IMM_DATA_MEMORY:
    return &module->memories[instr->index2].limits;
  case WA_IMM_MEMORY:
  case WA_IMM_MEMORY_MEMORY:
    return &module->memories[second ? instr->index2 : instr->index].limits;
  case WA_IMM_ELEM_TABLE:
    return &module->tables[instr->index2].type.limits;
  default:
    return &module->tables[second ? instr->index2 : instr->index].type.limits;
  }
}

static uint32_t signature_type(const struct wa_validator *validator, char letter) {
  switch (letter) {
  case 'x':
    return wa_index_type(named_limits(validator, false));
  case 'y':
    return wa_index_type(named_limits(validator, true));
  case 'z':
    return named_limits(validator, false)->index64 ? wa_index_type(named_limits(validator, true))
                                                   : WA_I32;
  case 'i':
    return WA_I32;
  case 'I':
    return WA_I64;
  case 'f':
    return WA_F32;
  case 'F':
    return WA_F64;
  default:
    return WA_V128;
  }
}

static bool apply_signature(struct wa_validator *validator, const char *signature) {
  size_t operands = 0;
  while (signature[operands] != ':') {
    operands++;
  }
  for (size_t i = operands; i-- > 0;) {
    if (!wa_pop(validator, signature_type(validator, signature[i]))) {
      return false;
    }
  }
  for (const char *result = signature + operands + 1; *result; result++) {
    if (!wa_push(validator, signature_type(validator, *result))) {
      return false;
    }
  }
  return true;
}

// ---- Variables and parametric instructions ----

static bool local_type(struct wa_validator *validator, uint32_t *type) {
  uint32_t index = validator->instr.index;
  if (index >= validator->local_count) {
    return wa_reject(validator, "unknown local %" PRIu32 ": the function has %" PRIu32, index,
                     validator->local_count);
  }
  uint32_t low = 0, high = validator->span_count - 1;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (index < validator->locals[middle].end) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  *type = validator->locals[low].type;
  return true;
}

static bool local_access(struct wa_validator *validator) {
  uint32_t type = 0;
  if (!local_type(validator, &type)) {
    return false;
  }
  uint32_t index = validator->instr.index;
  if (validator->instr.op == WA_OP_local_get && validator->track_locals &&
      !validator->is_set[index]) {
    return wa_reject(validator, "uninitialized local: local %" PRIu32 " of %s is not set", index,
                     wa_valtype_spelling(type));
  }
  if (validator->instr.op != WA_OP_local_get) {
    if (!wa_pop(validator, type)) {
      return false;
    }
    wa_set_local(validator, index);
  }
  return validator->instr.op == WA_OP_local_set || wa_push(validator, type);
}

static bool global_access(struct wa_validator *validator) {
  const struct wa_module *module = validator->decoder->module;
  uint32_t index = validator->instr.index;
  if (index >= module->global_count) {
    return wa_reject(validator, "unknown global %" PRIu32 ": the module has %" PRIu32, index,
                     module->global_count);
  }
  const struct wa_globaltype *type = &module->globals[index].type;
  if (validator->instr.op == WA_OP_global_get) {
    return wa_push(validator, type->type);
  }
  if (!type->mut) {
    return wa_reject(validator, "global.set of immutable global %" PRIu32, index);
  }
  return wa_pop(validator, type->type);
}

static bool is_reference(uint32_t type) {
  return type == WA_REF_NON_NULL || wa_type_is_ref(type);
}

// The select without a type: numbers and vectors only, of one type (3.3.4).
static bool select_untyped(struct wa_validator *validator) {
  uint32_t first, second;
  if (!wa_pop(validator, WA_I32) || !wa_pop_any(validator, &second) ||
      !wa_pop_any(validator, &first)) {
    return false;
  }
  if (is_reference(first) || is_reference(second)) {
    return wa_reject(validator, "type mismatch: select of %s must carry its type",
                     wa_valtype_spelling(is_reference(first) ? first : second));
  }
  if (first && second && first != second) {
    return wa_reject(validator, "type mismatch: select expects %s, found %s",
                     wa_valtype_spelling(first), wa_valtype_spelling(second));
  }
  return wa_push(validator, first ? first : second);
}

static bool select_typed(struct wa_validator *validator) {
  uint32_t count = validator->instr.index, type = validator->instr.type;
  if (count != 1) {
    return wa_reject(validator, "invalid result arity: select has one result, found %" PRIu32,
                     count);
  }
  return wa_check_known(validator, type) && wa_pop(validator, WA_I32) && wa_pop(validator, type) &&
         wa_pop(validator, type) && wa_push(validator, type);
}

static bool validate_special(struct wa_validator *validator) {
  uint32_t dropped;
  switch (validator->instr.op) {
  case WA_OP_local_get:
  case WA_OP_local_set:
  case WA_OP_local_tee:
    return local_access(validator);
  case WA_OP_global_get:
  case WA_OP_global_set:
    return global_access(validator);
  case WA_OP_drop:
    return wa_pop_any(validator, &dropped);
  case WA_OP_select:
    return select_untyped(validator);
  case WA_OP_select_t:
    return select_typed(validator);
  case WA_OP_table_get:
  case WA_OP_table_set:
  case WA_OP_table_grow:
  case WA_OP_table_fill:
  case WA_OP_ref_null:
  case WA_OP_ref_is_null:
  case WA_OP_ref_func:
  case WA_OP_ref_as_non_null:
    return wa_validate_table_access(validator);
  default:
    return wa_validate_control(validator);
  }
}

bool wa_validate_instr(struct wa_validator *validator) {
  const struct wa_op_info *info = &wa_op_infos[validator->instr.op];
  wa_use(validator->decoder, validator->instr.offset, info->feature);
  if ((info->imm == WA_IMM_MEMARG || info->imm == WA_IMM_FENCE) &&
      validator->instr.memarg.has_order) {
    wa_use(validator->decoder, validator->instr.offset, WA_FEATURE_RELAXED_ATOMICS);
  }
  if (!wa_check_refused(validator->decoder)) {
    return false;
  }
  bool ok = info->signature[0] == '*'
                ? validate_special(validator)
                : check_immediates(validator) && apply_signature(validator, info->signature);
  return ok && wa_check_refused(validator->decoder);
}
