// The stacks of the validation algorithm, and a function body from its locals to its end.
#include "compiler/wasm/validate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// Operands at once: far above what compilers emit. It bounds what a few calls with a thousand
// results each can make the validator and everything behind it allocate.
enum { OPERAND_LIMIT = 1000000 };

bool wa_reject(struct wa_validator *validator, const char *format, ...) {
  char message[sizeof validator->decoder->err->message];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(message, sizeof message, format, args);
  va_end(args);
  return wa_fail(validator->decoder->err, WA_ERROR_INVALID, validator->instr.offset, "%s", message);
}

static const char *spelling(const struct wa_validator *validator) {
  return wa_op_infos[validator->instr.op].spelling;
}

// Makes room for `more` rows behind `used`, at least doubling; the array is malloc's.
static bool grow(struct wa_validator *validator, void *rows, uint32_t used, uint32_t more,
                 uint32_t *capacity, size_t size) {
  if (*capacity - used >= more) {
    return true;
  }
  uint32_t larger = *capacity ? *capacity * 2 : 64;
  while (larger - used < more) {
    larger *= 2;
  }
  void *old, *grown;
  memcpy(&old, rows, sizeof old);
  grown = realloc(old, larger * size);
  if (!grown) {
    return wa_fail_memory(validator->decoder->err);
  }
  memcpy(rows, &grown, sizeof grown);
  *capacity = larger;
  return true;
}

// ---- Operands ----

static bool grow_operands(struct wa_validator *validator, uint32_t more) {
  if (validator->height + more > OPERAND_LIMIT) {
    return wa_fail_limit(validator->decoder->err, validator->instr.offset, "operands on the stack",
                         validator->height + more, OPERAND_LIMIT);
  }
  return grow(validator, &validator->operands, validator->height, more,
              &validator->operand_capacity, sizeof *validator->operands);
}

bool wa_push(struct wa_validator *validator, uint32_t type) {
  if (validator->height == validator->operand_capacity && !grow_operands(validator, 1)) {
    return false;
  }
  validator->operands[validator->height++] = type;
  return true;
}

bool wa_push_types(struct wa_validator *validator, struct wa_types types) {
  if (!types.count) {
    return true;
  }
  if (!grow_operands(validator, types.count)) {
    return false;
  }
  memcpy(validator->operands + validator->height, types.data, types.count * sizeof *types.data);
  validator->height += types.count;
  return true;
}

static bool fail_empty(struct wa_validator *validator, uint32_t expected) {
  return wa_reject(validator, "type mismatch: %s expects %s, but the stack is empty",
                   spelling(validator), wa_valtype_spelling(expected));
}

static bool fail_operand(struct wa_validator *validator, uint32_t expected, uint32_t found) {
  return wa_reject(validator, "type mismatch: %s expects %s, found %s", spelling(validator),
                   wa_valtype_spelling(expected), wa_valtype_spelling(found));
}

bool wa_pop_any(struct wa_validator *validator, uint32_t *found) {
  const struct wa_frame *frame = &validator->frames[validator->depth - 1];
  if (validator->height == frame->height) {
    *found = 0;
    return frame->unreachable || fail_empty(validator, 0);
  }
  *found = validator->operands[--validator->height];
  return true;
}

bool wa_pop(struct wa_validator *validator, uint32_t expected) {
  const struct wa_frame *frame = &validator->frames[validator->depth - 1];
  if (validator->height == frame->height) {
    return frame->unreachable || fail_empty(validator, expected);
  }
  uint32_t found = validator->operands[--validator->height];
  return found == expected || wa_type_matches(validator->decoder->module, found, expected) ||
         fail_operand(validator, expected, found);
}

bool wa_pop_ref(struct wa_validator *validator, uint32_t *found) {
  if (!wa_pop_any(validator, found)) {
    return false;
  }
  return !*found || *found == WA_REF_NON_NULL || wa_type_is_ref(*found) ||
         wa_reject(validator, "type mismatch: %s expects a reference, found %s",
                   spelling(validator), wa_valtype_spelling(*found));
}

bool wa_check_types(struct wa_validator *validator, struct wa_types types) {
  const struct wa_frame *frame = &validator->frames[validator->depth - 1];
  uint32_t available = validator->height - frame->height;
  // The common case by one compare: labels of a br_table may have a thousand types each.
  if (!types.count ||
      (available >= types.count && memcmp(validator->operands + validator->height - types.count,
                                          types.data, types.count * sizeof *types.data) == 0)) {
    return true;
  }
  for (uint32_t i = 0; i < types.count; i++) {
    uint32_t expected = types.data[types.count - 1 - i];
    if (i == available) {
      return frame->unreachable || fail_empty(validator, expected);
    }
    uint32_t found = validator->operands[validator->height - 1 - i];
    if (!wa_type_matches(validator->decoder->module, found, expected)) {
      return fail_operand(validator, expected, found);
    }
  }
  return true;
}

bool wa_pop_types(struct wa_validator *validator, struct wa_types types) {
  if (!wa_check_types(validator, types)) {
    return false;
  }
  uint32_t available = validator->height - validator->frames[validator->depth - 1].height;
  validator->height -= available < types.count ? available : types.count;
  return true;
}

// ---- Frames ----

bool wa_push_frame(struct wa_validator *validator, enum wa_op op, struct wa_types start,
                   struct wa_types end) {
  if (validator->depth > WA_LIMIT_NESTING) {
    return wa_fail_limit(validator->decoder->err, validator->instr.offset, "nested blocks",
                         validator->depth, WA_LIMIT_NESTING);
  }
  if (!grow(validator, &validator->frames, validator->depth, 1, &validator->frame_capacity,
            sizeof *validator->frames)) {
    return false;
  }
  validator->frames[validator->depth++] = (struct wa_frame){.op = op,
                                                            .height = validator->height,
                                                            .set_count = validator->set_count,
                                                            .start = start,
                                                            .end = end};
  return wa_push_types(validator, start);
}

bool wa_pop_frame(struct wa_validator *validator, struct wa_frame *frame) {
  *frame = validator->frames[validator->depth - 1];
  if (!wa_pop_types(validator, frame->end)) {
    return false;
  }
  if (validator->height != frame->height) {
    return wa_reject(validator,
                     "type mismatch: values remaining on the stack at the end of the block: "
                     "%" PRIu32 " more than its %" PRIu32 " results",
                     validator->height - frame->height, frame->end.count);
  }
  validator->depth--;
  while (validator->set_count > frame->set_count) {
    validator->is_set[validator->set_order[--validator->set_count]] = false;
  }
  return true;
}

void wa_set_unreachable(struct wa_validator *validator) {
  struct wa_frame *frame = &validator->frames[validator->depth - 1];
  validator->height = frame->height;
  frame->unreachable = true;
}

// ---- Function bodies ----

static bool add_locals(struct wa_validator *validator, uint64_t *total, uint32_t count,
                       uint32_t type) {
  *total += count;
  // Beyond the limit nothing is looked up any more, but the declarations are still decoded.
  if (!count || *total > WA_LIMIT_LOCALS) {
    return true;
  }
  if (validator->span_count && validator->locals[validator->span_count - 1].type == type) {
    validator->locals[validator->span_count - 1].end = (uint32_t)*total;
    return true;
  }
  if (!grow(validator, &validator->locals, validator->span_count, 1, &validator->span_capacity,
            sizeof *validator->locals)) {
    return false;
  }
  validator->locals[validator->span_count++] = (struct wa_local_span){(uint32_t)*total, type};
  return true;
}

static bool has_default(uint32_t type) {
  return !(type & WA_REF_NON_NULL);
}

// Parameters are set; so are locals that have a default value. Functions without others, which are
// nearly all, keep no account.
static bool init_set_locals(struct wa_validator *validator) {
  validator->set_count = 0;
  bool all = true;
  for (uint32_t i = 0; i < validator->span_count; i++) {
    all = all && has_default(validator->locals[i].type);
  }
  validator->track_locals = !all;
  if (all) {
    return true;
  }
  if (!grow(validator, &validator->is_set, 0, validator->local_count, &validator->set_capacity,
            sizeof *validator->is_set) ||
      !grow(validator, &validator->set_order, 0, validator->local_count, &validator->order_capacity,
            sizeof *validator->set_order)) {
    return false;
  }
  uint32_t index = 0;
  for (uint32_t i = 0; i < validator->span_count; i++) {
    for (; index < validator->locals[i].end; index++) {
      validator->is_set[index] =
          index < validator->type->param_count || has_default(validator->locals[i].type);
    }
  }
  return true;
}

void wa_set_local(struct wa_validator *validator, uint32_t index) {
  if (!validator->track_locals || validator->is_set[index]) {
    return;
  }
  validator->is_set[index] = true;
  validator->set_order[validator->set_count++] = index;
}

static bool read_locals(struct wa_validator *validator) {
  struct wa_reader *reader = &validator->reader;
  struct wa_error *err = validator->decoder->err;
  size_t offset = reader->position;
  uint64_t total = 0;
  uint32_t runs;
  validator->span_count = 0;
  for (uint32_t i = 0; i < validator->type->param_count; i++) {
    if (!add_locals(validator, &total, 1, validator->type->params[i])) {
      return false;
    }
  }
  if (!wa_reader_count(reader, "the number of local declarations", 2, &runs, err)) {
    return false;
  }
  for (uint32_t i = 0; i < runs; i++) {
    uint32_t count;
    uint32_t type;
    if (!wa_reader_number(reader, "a number of locals", &count, err) ||
        !wa_decode_valtype(validator->decoder, reader, &type) ||
        !add_locals(validator, &total, count, type)) {
      return false;
    }
    if (total > UINT32_MAX) {
      return wa_fail(err, WA_ERROR_MALFORMED, offset, "too many locals");
    }
  }
  validator->local_count = (uint32_t)total;
  if (total > WA_LIMIT_LOCALS) {
    return wa_fail_limit(err, offset, "locals", total, WA_LIMIT_LOCALS);
  }
  return init_set_locals(validator);
}

bool wa_validate_function(struct wa_validator *validator, struct wa_function *function) {
  const struct wa_module *module = validator->decoder->module;
  struct wa_reader *reader = &validator->reader;
  *reader = (struct wa_reader){module->bytes.data, function->body_offset, function->end_offset};
  validator->type = &module->types[function->type];
  validator->height = 0;
  validator->depth = 0;
  if (!read_locals(validator)) {
    return false;
  }
  function->code_offset = reader->position;
  struct wa_types results = {validator->type->results, validator->type->result_count};
  if (!wa_push_frame(validator, WA_OP_block, (struct wa_types){0}, results)) {
    return false;
  }
  while (validator->depth) {
    if (!wa_instr_read(reader, &validator->instr, validator->decoder->err) ||
        !wa_validate_instr(validator)) {
      return false;
    }
  }
  return reader->position == reader->end ||
         wa_fail(validator->decoder->err, WA_ERROR_MALFORMED, reader->position,
                 "section size mismatch: %zu bytes after the end of the function",
                 wa_reader_left(reader));
}

void wa_validator_deinit(struct wa_validator *validator) {
  free(validator->operands);
  free(validator->frames);
  free(validator->locals);
  free(validator->is_set);
  free(validator->set_order);
}
