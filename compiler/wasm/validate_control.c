// Control instructions and calls (core spec 3.3.8).
#include "compiler/wasm/validate.h"

#include <inttypes.h>

// One value type as a list of types. Uncommon ones live in the module's arena.
static bool single(struct wa_validator *validator, uint32_t type, struct wa_types *types) {
  static const uint32_t all[] = {WA_I32, WA_I64, WA_F32, WA_F64, WA_V128, WA_FUNCREF, WA_EXTERNREF};
  *types = (struct wa_types){0};
  if (!type) {
    return true;
  }
  if (!wa_check_known(validator, type)) {
    return false;
  }
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    if (all[i] == type) {
      *types = (struct wa_types){&all[i], 1};
      return true;
    }
  }
  uint32_t *list;
  if (!wa_decode_alloc(validator->decoder, 1, sizeof *list, &list)) {
    return false;
  }
  *list = type;
  *types = (struct wa_types){list, 1};
  return true;
}

static bool block_types(struct wa_validator *validator, struct wa_types *start,
                        struct wa_types *end) {
  struct wa_module *module = validator->decoder->module;
  const struct wa_block_type *block = &validator->instr.block;
  *start = (struct wa_types){0};
  if (block->type == WA_NONE) {
    return single(validator, block->result, end);
  }
  if (block->type >= module->type_count) {
    return wa_reject(validator, "unknown type %" PRIu32 ": the module has %" PRIu32, block->type,
                     module->type_count);
  }
  const struct wa_functype *type = &module->types[block->type];
  *start = (struct wa_types){type->params, type->param_count};
  *end = (struct wa_types){type->results, type->result_count};
  if (start->count || end->count > 1) {
    wa_use(validator->decoder, validator->instr.offset, WA_FEATURE_MULTI_VALUE);
  }
  return true;
}

static bool open_block(struct wa_validator *validator) {
  struct wa_types start, end;
  return block_types(validator, &start, &end) &&
         (validator->instr.op != WA_OP_if || wa_pop(validator, WA_I32)) &&
         wa_pop_types(validator, start) &&
         wa_push_frame(validator, validator->instr.op, start, end);
}

static bool else_branch(struct wa_validator *validator) {
  struct wa_frame frame;
  if (validator->frames[validator->depth - 1].op != WA_OP_if) {
    return wa_malformed(validator->decoder, validator->instr.offset, "else without an if");
  }
  return wa_pop_frame(validator, &frame) &&
         wa_push_frame(validator, WA_OP_else, frame.start, frame.end);
}

static bool types_match(const struct wa_validator *validator, struct wa_types types,
                        struct wa_types expected) {
  return types.count == expected.count &&
         wa_types_match(validator->decoder->module, types.data, expected.data, types.count);
}

static bool close_block(struct wa_validator *validator) {
  struct wa_frame frame;
  if (!wa_pop_frame(validator, &frame)) {
    return false;
  }
  if (frame.op == WA_OP_if && !types_match(validator, frame.start, frame.end)) {
    return wa_reject(validator,
                     "type mismatch: an if without else must have equal parameters and results");
  }
  return wa_push_types(validator, frame.end);
}

static bool find_label(struct wa_validator *validator, uint32_t label, struct wa_types *types) {
  if (label >= validator->depth) {
    return wa_reject(validator, "unknown label %" PRIu32 ": %" PRIu32 " are open", label,
                     validator->depth);
  }
  const struct wa_frame *frame = &validator->frames[validator->depth - 1 - label];
  *types = frame->op == WA_OP_loop ? frame->start : frame->end;
  return true;
}

static bool branch(struct wa_validator *validator) {
  struct wa_types types;
  if (!find_label(validator, validator->instr.index, &types) || !wa_pop_types(validator, types)) {
    return false;
  }
  wa_set_unreachable(validator);
  return true;
}

static bool branch_if(struct wa_validator *validator) {
  struct wa_types types;
  return find_label(validator, validator->instr.index, &types) && wa_pop(validator, WA_I32) &&
         wa_pop_types(validator, types) && wa_push_types(validator, types);
}

// The reference goes on when it is not null.
static bool branch_on_null(struct wa_validator *validator) {
  struct wa_types types;
  uint32_t found;
  return wa_pop_ref(validator, &found) && find_label(validator, validator->instr.index, &types) &&
         wa_pop_types(validator, types) && wa_push_types(validator, types) &&
         wa_push(validator, found | WA_REF_NON_NULL);
}

// The label's last type is that of the reference, which goes there when it is not null.
static bool branch_on_non_null(struct wa_validator *validator) {
  struct wa_types types;
  uint32_t found;
  if (!find_label(validator, validator->instr.index, &types)) {
    return false;
  }
  if (!types.count || !wa_type_is_ref(types.data[types.count - 1])) {
    return wa_reject(validator, "type mismatch: the label of br_on_non_null takes no reference");
  }
  if (!wa_pop_ref(validator, &found) || !wa_push(validator, found | WA_REF_NON_NULL) ||
      !wa_pop_types(validator, types)) {
    return false;
  }
  types.count--;
  return wa_push_types(validator, types);
}

static bool branch_table(struct wa_validator *validator) {
  const struct wa_label_table *labels = &validator->instr.labels;
  struct wa_reader reader = {validator->reader.start, labels->start, validator->reader.end};
  struct wa_types types, checked = {0};
  if (!wa_pop(validator, WA_I32)) {
    return false;
  }
  for (uint64_t i = 0; i <= labels->count; i++) {
    uint32_t label;
    if (!wa_reader_u32(&reader, &label, validator->decoder->err) ||
        !find_label(validator, label, &types)) {
      return false;
    }
    if (i && types.count != checked.count) {
      return wa_reject(validator,
                       "type mismatch: br_table labels of %" PRIu32 " and %" PRIu32 " values",
                       checked.count, types.count);
    }
    if ((!i || types.data != checked.data) && !wa_check_types(validator, types)) {
      return false;
    }
    checked = types;
  }
  wa_set_unreachable(validator);
  return true;
}

static bool return_from(struct wa_validator *validator) {
  if (!wa_pop_types(validator, validator->frames[0].end)) {
    return false;
  }
  wa_set_unreachable(validator);
  return true;
}

static bool call_type(struct wa_validator *validator, const struct wa_functype *type) {
  return wa_pop_types(validator, (struct wa_types){type->params, type->param_count}) &&
         wa_push_types(validator, (struct wa_types){type->results, type->result_count});
}

// A callee's results must be the caller's.
static bool return_call_type(struct wa_validator *validator, const struct wa_functype *type) {
  struct wa_types results = {type->results, type->result_count};
  if (!types_match(validator, results, validator->frames[0].end)) {
    return wa_reject(validator, "type mismatch: %s of a function with other results",
                     wa_op_infos[validator->instr.op].spelling);
  }
  if (!wa_pop_types(validator, (struct wa_types){type->params, type->param_count})) {
    return false;
  }
  wa_set_unreachable(validator);
  return true;
}

static bool is_return_call(const struct wa_validator *validator) {
  enum wa_op op = validator->instr.op;
  return op == WA_OP_return_call || op == WA_OP_return_call_indirect || op == WA_OP_return_call_ref;
}

static bool callee_type(struct wa_validator *validator, const struct wa_functype *type) {
  return is_return_call(validator) ? return_call_type(validator, type) : call_type(validator, type);
}

// The type of a call whose callee is a value.
static bool called_type(struct wa_validator *validator, uint32_t index) {
  struct wa_module *module = validator->decoder->module;
  wa_note_fact(&module->types[module->types[index].canonical].called);
  return callee_type(validator, &module->types[index]);
}

static bool call(struct wa_validator *validator) {
  const struct wa_module *module = validator->decoder->module;
  uint32_t index = validator->instr.index;
  return wa_check_function(validator, index) &&
         callee_type(validator, &module->types[module->functions[index].type]);
}

static bool call_indirect(struct wa_validator *validator) {
  struct wa_module *module = validator->decoder->module;
  const struct wa_instr *instr = &validator->instr;
  if (!wa_check_table(validator, instr->index2)) {
    return false;
  }
  uint32_t elem = module->tables[instr->index2].type.elem;
  if (!wa_type_matches(module, elem, WA_FUNCREF)) {
    return wa_reject(validator, "type mismatch: %s needs a table of funcref, found %s",
                     wa_op_infos[instr->op].spelling, wa_valtype_spelling(elem));
  }
  if (instr->index >= module->type_count) {
    return wa_reject(validator, "unknown type %" PRIu32 ": the module has %" PRIu32, instr->index,
                     module->type_count);
  }
  if (instr->index2) {
    wa_use(validator->decoder, validator->instr.offset, WA_FEATURE_REFERENCE_TYPES);
  }
  uint32_t index = wa_index_type(&module->tables[instr->index2].type.limits);
  return wa_pop(validator, index) && called_type(validator, instr->index);
}

static bool call_ref(struct wa_validator *validator) {
  struct wa_module *module = validator->decoder->module;
  uint32_t index = validator->instr.index;
  if (validator->instr.op == WA_OP_return_call_ref) {
    wa_use(validator->decoder, validator->instr.offset, WA_FEATURE_TAIL_CALL);
  }
  if (index >= module->type_count) {
    return wa_reject(validator, "unknown type %" PRIu32 ": the module has %" PRIu32, index,
                     module->type_count);
  }
  return wa_pop(validator, wa_type_with_index(WA_REF_INDEX, index)) &&
         called_type(validator, index);
}

static bool check_tag(struct wa_validator *validator, uint32_t index) {
  uint32_t count = validator->decoder->module->tag_count;
  return index < count ||
         wa_reject(validator, "unknown tag %" PRIu32 ": the module has %" PRIu32, index, count);
}

static bool throw_tag(struct wa_validator *validator) {
  const struct wa_module *module = validator->decoder->module;
  if (!check_tag(validator, validator->instr.index)) {
    return false;
  }
  const struct wa_functype *type = &module->types[module->tags[validator->instr.index].type];
  if (!wa_pop_types(validator, (struct wa_types){type->params, type->param_count})) {
    return false;
  }
  wa_set_unreachable(validator);
  return true;
}

static bool throw_ref(struct wa_validator *validator) {
  if (!wa_pop(validator, WA_EXNREF)) {
    return false;
  }
  wa_set_unreachable(validator);
  return true;
}

// What a clause gives its label: the tag's parameters, then the exception.
static bool check_catch(struct wa_validator *validator, const struct wa_catch *clause) {
  const struct wa_module *module = validator->decoder->module;
  struct wa_types label = {0}, params = {0};
  bool with_ref = clause->kind == WA_CATCH_REF || clause->kind == WA_CATCH_ALL_REF;
  if (clause->kind <= WA_CATCH_REF) {
    if (!check_tag(validator, clause->tag)) {
      return false;
    }
    const struct wa_functype *type = &module->types[module->tags[clause->tag].type];
    params = (struct wa_types){type->params, type->param_count};
  }
  if (!find_label(validator, clause->label, &label)) {
    return false;
  }
  bool ok =
      label.count == params.count + with_ref &&
      wa_types_match(module, params.data, label.data, params.count) &&
      (!with_ref || wa_type_matches(module, WA_EXNREF | WA_REF_NON_NULL, label.data[params.count]));
  return ok || wa_reject(validator, "type mismatch: a catch clause and its label %" PRIu32,
                         clause->label);
}

static bool try_table(struct wa_validator *validator) {
  const struct wa_label_table *catches = &validator->instr.labels;
  struct wa_reader reader = {validator->reader.start, catches->start, validator->reader.end};
  for (uint32_t i = 0; i < catches->count; i++) {
    struct wa_catch clause;
    if (!wa_reader_catch(&reader, &clause, validator->decoder->err) ||
        !check_catch(validator, &clause)) {
      return false;
    }
  }
  return open_block(validator);
}

// ---- Legacy exception handling: try, catch, catch_all, delegate, rethrow ----

// The body or a clause before this one ends here, and a clause begins with what its tag carries.
static bool open_clause(struct wa_validator *validator) {
  const struct wa_module *module = validator->decoder->module;
  enum wa_op op = validator->instr.op, opener = validator->frames[validator->depth - 1].op;
  struct wa_frame frame;
  struct wa_types params = {0};
  if (opener != WA_OP_try && opener != WA_OP_catch) {
    return wa_malformed(validator->decoder, validator->instr.offset, "%s without a try",
                        wa_op_infos[op].spelling);
  }
  if (op == WA_OP_catch) {
    if (!check_tag(validator, validator->instr.index)) {
      return false;
    }
    const struct wa_functype *type = &module->types[module->tags[validator->instr.index].type];
    params = (struct wa_types){type->params, type->param_count};
  }
  return wa_pop_frame(validator, &frame) && wa_push_frame(validator, op, params, frame.end);
}

// Ends a try that has no clauses; the label counts from outside.
static bool delegate(struct wa_validator *validator) {
  struct wa_frame frame;
  struct wa_types label;
  if (validator->frames[validator->depth - 1].op != WA_OP_try) {
    return wa_malformed(validator->decoder, validator->instr.offset, "delegate without a try");
  }
  return wa_pop_frame(validator, &frame) && find_label(validator, validator->instr.index, &label) &&
         wa_push_types(validator, frame.end);
}

static bool rethrow(struct wa_validator *validator) {
  uint32_t label = validator->instr.index;
  struct wa_types ignored;
  if (!find_label(validator, label, &ignored)) {
    return false;
  }
  enum wa_op op = validator->frames[validator->depth - 1 - label].op;
  if (op != WA_OP_catch && op != WA_OP_catch_all) {
    return wa_reject(validator, "invalid rethrow label %" PRIu32 ": it is no catch clause", label);
  }
  wa_set_unreachable(validator);
  return true;
}

bool wa_validate_control(struct wa_validator *validator) {
  switch (validator->instr.op) {
  case WA_OP_unreachable:
    wa_set_unreachable(validator);
    return true;
  case WA_OP_block:
  case WA_OP_loop:
  case WA_OP_if:
  case WA_OP_try:
    return open_block(validator);
  case WA_OP_catch:
  case WA_OP_catch_all:
    return open_clause(validator);
  case WA_OP_delegate:
    return delegate(validator);
  case WA_OP_rethrow:
    return rethrow(validator);
  case WA_OP_else:
    return else_branch(validator);
  case WA_OP_end:
    return close_block(validator);
  case WA_OP_br:
    return branch(validator);
  case WA_OP_br_if:
    return branch_if(validator);
  case WA_OP_throw:
    return throw_tag(validator);
  case WA_OP_throw_ref:
    return throw_ref(validator);
  case WA_OP_try_table:
    return try_table(validator);
  case WA_OP_br_on_null:
    return branch_on_null(validator);
  case WA_OP_br_on_non_null:
    return branch_on_non_null(validator);
  case WA_OP_call_ref:
  case WA_OP_return_call_ref:
    return call_ref(validator);
  case WA_OP_br_table:
    return branch_table(validator);
  case WA_OP_return:
    return return_from(validator);
  case WA_OP_call:
  case WA_OP_return_call:
    return call(validator);
  case WA_OP_call_indirect:
  case WA_OP_return_call_indirect:
    return call_indirect(validator);
  default:
    return wa_reject(validator, "%s has no validation rule",
                     wa_op_infos[validator->instr.op].spelling);
  }
}
