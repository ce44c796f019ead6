// The type section (core spec 5.5.4): recursion groups of function types.
#include "compiler/wasm/decode.h"

#include <inttypes.h>

bool wa_check_type(struct wa_decoder *decoder, size_t offset, uint32_t type) {
  if (type == WA_V128) {
    wa_use(decoder, offset, WA_FEATURE_SIMD);
  }
  if (wa_type_is_ref(type)) {
    wa_use(decoder, offset, WA_FEATURE_REFERENCE_TYPES);
  }
  if ((type & WA_REF_NON_NULL) || type == WA_NULLFUNCREF || type == WA_NULLEXTERNREF ||
      wa_type_has_index(type)) {
    wa_use(decoder, offset, WA_FEATURE_FUNCTION_REFERENCES);
  }
  if (wa_type_is_exn(type)) {
    wa_use(decoder, offset, WA_FEATURE_EXCEPTION_HANDLING);
  }
  return !wa_type_has_index(type) || wa_type_index(type) < decoder->type_limit ||
         wa_invalid(decoder, offset, "unknown type %" PRIu32 ": the module has %" PRIu32,
                    wa_type_index(type), decoder->type_limit);
}

bool wa_decode_valtype(struct wa_decoder *decoder, struct wa_reader *reader, uint32_t *type) {
  size_t offset = reader->position;
  return wa_reader_valtype(reader, type, decoder->err) && wa_check_type(decoder, offset, *type);
}

static bool read_result_type(struct wa_decoder *decoder, const char *what, uint32_t limit,
                             const uint32_t **types, uint32_t *count) {
  uint32_t *list;
  if (!wa_decode_count(decoder, what, 1, limit, count) ||
      !wa_decode_alloc(decoder, *count, sizeof *list, &list)) {
    return false;
  }
  *types = list;
  for (uint32_t i = 0; i < *count; i++) {
    if (!wa_decode_valtype(decoder, &decoder->reader, &list[i])) {
      return false;
    }
  }
  return true;
}

// The proposal that a byte in the place of a function type belongs to, or NULL.
static const char *form_proposal(uint8_t form) {
  switch (form) {
  case 0x4c:
  case 0x4d:
    return "custom descriptors";
  case 0x5d:
    return "stack switching";
  case 0x5e:
  case 0x5f:
    return "garbage collection";
  case 0x65:
    return "shared-everything threads";
  default:
    return NULL;
  }
}

static bool read_functype(struct wa_decoder *decoder, struct wa_functype *type) {
  size_t offset = decoder->reader.position;
  uint8_t form;
  if (!wa_reader_byte(&decoder->reader, "a function type", &form, decoder->err)) {
    return false;
  }
  const char *proposal = form_proposal(form);
  if (proposal != NULL) {
    char name[16];
    (void)snprintf(name, sizeof name, "type 0x%02x", form);
    return wa_fail_proposal(decoder->err, offset, name, proposal);
  }
  if (form != 0x60) {
    return wa_malformed(decoder, offset, "expected a function type 0x60, found 0x%02x", form);
  }
  if (!read_result_type(decoder, "parameters", WA_LIMIT_PARAMETERS, &type->params,
                        &type->param_count) ||
      !read_result_type(decoder, "results", WA_LIMIT_RESULTS, &type->results,
                        &type->result_count)) {
    return false;
  }
  if (type->result_count > 1) {
    wa_use(decoder, offset, WA_FEATURE_MULTI_VALUE);
  }
  return true;
}

// 0x50 and 0x4f (final) begin a list of supertypes, of which there can be one.
static bool read_subtype(struct wa_decoder *decoder, struct wa_functype *type, uint32_t index) {
  struct wa_reader *reader = &decoder->reader;
  size_t offset = reader->position;
  uint8_t form = wa_reader_left(reader) ? reader->start[offset] : 0x60;
  type->supertype = WA_NONE;
  type->is_final = form != 0x50;
  if (form != 0x50 && form != 0x4f) {
    return read_functype(decoder, type);
  }
  uint32_t count;
  reader->position++;
  wa_use(decoder, offset, WA_FEATURE_FUNCTION_REFERENCES);
  if (!wa_reader_count(reader, "the number of supertypes", 1, &count, decoder->err)) {
    return false;
  }
  if (count > 1) {
    return wa_invalid(decoder, offset, "a type has one supertype at most, found %" PRIu32, count);
  }
  if (count && !wa_reader_number(reader, "a supertype", &type->supertype, decoder->err)) {
    return false;
  }
  if (count && type->supertype >= index) {
    return wa_invalid(decoder, offset, "unknown type %" PRIu32 ": a supertype comes first",
                      type->supertype);
  }
  // In a group the supertype is a row that is there already, like those of groups before.
  type->depth = count ? decoder->module->types[type->supertype].depth + 1 : 0;
  if (type->depth > WA_LIMIT_SUBTYPING) {
    return wa_fail_limit(decoder->err, offset, "supertypes above a type", type->depth,
                         WA_LIMIT_SUBTYPING);
  }
  return read_functype(decoder, type);
}

// Parameters may widen and results narrow (3.3.4); a final type has no subtypes.
static bool check_supertype(struct wa_decoder *decoder, size_t offset, uint32_t index) {
  const struct wa_module *module = decoder->module;
  const struct wa_functype *type = &module->types[index];
  if (type->supertype == WA_NONE) {
    return true;
  }
  const struct wa_functype *super = &module->types[type->supertype];
  bool ok = !super->is_final && type->param_count == super->param_count &&
            type->result_count == super->result_count &&
            wa_types_match(module, super->params, type->params, type->param_count) &&
            wa_types_match(module, type->results, super->results, type->result_count);
  return ok ||
         wa_invalid(decoder, offset, "sub type %" PRIu32 " does not match super type %" PRIu32,
                    index, type->supertype);
}

static bool read_group(struct wa_decoder *decoder, struct wa_canonizer *canonizer) {
  struct wa_module *module = decoder->module;
  struct wa_reader *reader = &decoder->reader;
  size_t offset = reader->position;
  uint32_t first = module->type_count, count = 1;
  if (wa_reader_left(reader) && reader->start[offset] == 0x4e) {
    reader->position++;
    wa_use(decoder, offset, WA_FEATURE_FUNCTION_REFERENCES);
    if (!wa_reader_count(reader, "the number of types in a group", 2, &count, decoder->err)) {
      return false;
    }
  }
  if (count > WA_LIMIT_TYPES - first) {
    return wa_fail_limit(decoder->err, offset, "types", (uint64_t)first + count, WA_LIMIT_TYPES);
  }
  decoder->type_limit = first + count;
  for (uint32_t i = first; i < first + count; i++) {
    struct wa_functype type = {.canonical = i, .group_first = first, .group_count = count};
    if (!read_subtype(decoder, &type, i) ||
        !wa_decode_reserve(decoder, &module->types, i, &decoder->type_capacity, sizeof type)) {
      return false;
    }
    module->types[i] = type;
    module->type_count = i + 1;
  }
  if (count && !wa_canonize_group(canonizer, first, count)) {
    return false;
  }
  for (uint32_t i = first; i < first + count; i++) {
    if (!check_supertype(decoder, offset, i)) {
      return false;
    }
  }
  return true;
}

bool wa_decode_types(struct wa_decoder *decoder) {
  struct wa_canonizer canonizer = {.decoder = decoder};
  uint32_t count;
  if (!wa_decode_count(decoder, "types", 2, WA_LIMIT_TYPES, &count)) {
    return false;
  }
  bool ok = true;
  for (uint32_t i = 0; i < count && ok; i++) {
    ok = read_group(decoder, &canonizer);
  }
  wa_canonizer_deinit(&canonizer);
  return ok;
}
