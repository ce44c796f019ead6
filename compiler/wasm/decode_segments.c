// Element and data segments (core spec 5.5.12, 5.5.14) and the data count (5.5.16).
#include "compiler/wasm/decode.h"

#include <inttypes.h>

enum {
  FLAG_NOT_ACTIVE = 1,
  FLAG_INDEX = 2, // explicit table; with FLAG_NOT_ACTIVE: declarative
  FLAG_EXPRESSIONS = 4,
  ELEM_FLAGS = 7,
  DATA_ACTIVE = 0,
  DATA_PASSIVE = 1,
  DATA_ACTIVE_MEMORY = 2
};

static bool read_elem_table(struct wa_decoder *decoder, uint32_t flags, struct wa_elem *elem) {
  struct wa_reader *reader = &decoder->reader;
  size_t offset = reader->position;
  if ((flags & FLAG_INDEX) &&
      !wa_reader_number(reader, "a table index", &elem->table, decoder->err)) {
    return false;
  }
  if (elem->table >= decoder->module->table_count) {
    return wa_invalid(decoder, offset, "unknown table %" PRIu32 ": the module has %" PRIu32,
                      elem->table, decoder->module->table_count);
  }
  uint32_t type = wa_index_type(&decoder->module->tables[elem->table].type.limits);
  return wa_decode_constexpr(decoder, type, decoder->module->global_count, &elem->offset);
}

static bool read_elem_type(struct wa_decoder *decoder, uint32_t flags, struct wa_elem *elem) {
  struct wa_reader *reader = &decoder->reader;
  size_t offset = reader->position;
  // Function indexes are never null.
  elem->type = flags & FLAG_EXPRESSIONS ? WA_FUNCREF : WA_FUNCREF | WA_REF_NON_NULL;
  if (!(flags & (FLAG_NOT_ACTIVE | FLAG_INDEX))) {
    return true;
  }
  if (flags & FLAG_EXPRESSIONS) {
    return wa_reader_reftype(reader, &elem->type, decoder->err) &&
           wa_check_type(decoder, offset, elem->type);
  }
  uint8_t kind;
  if (!wa_reader_byte(reader, "an element kind", &kind, decoder->err)) {
    return false;
  }
  return kind == 0 || wa_malformed(decoder, offset, "malformed element kind 0x%02x", kind);
}

static bool read_elem_function(struct wa_decoder *decoder, struct wa_constexpr *item) {
  struct wa_module *module = decoder->module;
  size_t offset = decoder->reader.position;
  uint32_t index;
  if (!wa_reader_number(&decoder->reader, "a function index", &index, decoder->err)) {
    return false;
  }
  if (index >= module->function_count) {
    return wa_invalid(decoder, offset, "unknown function %" PRIu32 ": the module has %" PRIu32,
                      index, module->function_count);
  }
  module->functions[index].address_taken = true;
  *item = (struct wa_constexpr){WA_EXPR_REF_FUNC, wa_function_reference(module, index), index, {0}};
  return true;
}

static bool read_elem_items(struct wa_decoder *decoder, uint32_t flags, struct wa_elem *elem) {
  bool expressions = flags & FLAG_EXPRESSIONS;
  uint32_t count;
  if (!wa_decode_count(decoder, "elements", expressions ? 3 : 1, WA_LIMIT_TABLE_ENTRIES, &count) ||
      !wa_decode_alloc(decoder, count, sizeof *elem->items, &elem->items)) {
    return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    bool ok = expressions ? wa_decode_constexpr(decoder, elem->type, decoder->module->global_count,
                                                &elem->items[i])
                          : read_elem_function(decoder, &elem->items[i]);
    if (!ok) {
      return false;
    }
  }
  elem->count = count;
  return true;
}

static bool read_elem(struct wa_decoder *decoder, struct wa_elem *elem) {
  struct wa_module *module = decoder->module;
  size_t offset = decoder->reader.position;
  uint32_t flags;
  if (!wa_reader_number(&decoder->reader, "the flags of an elem segment", &flags, decoder->err)) {
    return false;
  }
  if (flags > ELEM_FLAGS) {
    return wa_malformed(decoder, offset, "malformed elements segment kind %" PRIu32 "%s", flags,
                        flags <= (ELEM_FLAGS | 8) ? WA_SHARED_EVERYTHING("segment") : "");
  }
  elem->mode = !(flags & FLAG_NOT_ACTIVE) ? WA_SEGMENT_ACTIVE
               : flags & FLAG_INDEX       ? WA_SEGMENT_DECLARATIVE
                                          : WA_SEGMENT_PASSIVE;
  if (flags) {
    wa_use(decoder, offset, WA_FEATURE_BULK_MEMORY);
  }
  if (elem->mode == WA_SEGMENT_ACTIVE && !read_elem_table(decoder, flags, elem)) {
    return false;
  }
  if (!read_elem_type(decoder, flags, elem)) {
    return false;
  }
  if (elem->mode == WA_SEGMENT_ACTIVE &&
      !wa_type_matches(module, elem->type, module->tables[elem->table].type.elem)) {
    return wa_invalid(decoder, offset, "elem segment of %s in table %" PRIu32 " of %s",
                      wa_valtype_spelling(elem->type), elem->table,
                      wa_valtype_spelling(module->tables[elem->table].type.elem));
  }
  return read_elem_items(decoder, flags, elem);
}

bool wa_decode_elems(struct wa_decoder *decoder) {
  struct wa_module *module = decoder->module;
  uint32_t count;
  if (!wa_decode_count(decoder, "elem segments", 2, WA_LIMIT_ELEM_SEGMENTS, &count) ||
      !wa_decode_alloc(decoder, count, sizeof *module->elems, &module->elems)) {
    return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (!read_elem(decoder, &module->elems[i])) {
      return false;
    }
  }
  module->elem_count = count;
  return true;
}

bool wa_decode_data_count(struct wa_decoder *decoder) {
  size_t offset = decoder->reader.position;
  if (!wa_reader_number(&decoder->reader, "the data count", &decoder->declared_data,
                        decoder->err)) {
    return false;
  }
  decoder->module->has_data_count = true;
  wa_use(decoder, offset, WA_FEATURE_BULK_MEMORY);
  return decoder->declared_data <= WA_LIMIT_DATA_SEGMENTS ||
         wa_fail_limit(decoder->err, offset, "data segments", decoder->declared_data,
                       WA_LIMIT_DATA_SEGMENTS);
}

static bool read_data_memory(struct wa_decoder *decoder, uint32_t flags, struct wa_data *data) {
  size_t offset = decoder->reader.position;
  if (flags == DATA_ACTIVE_MEMORY &&
      !wa_reader_number(&decoder->reader, "a memory index", &data->memory, decoder->err)) {
    return false;
  }
  if (data->memory >= decoder->module->memory_count) {
    return wa_invalid(decoder, offset, "unknown memory %" PRIu32 ": the module has %" PRIu32,
                      data->memory, decoder->module->memory_count);
  }
  uint32_t type = wa_index_type(&decoder->module->memories[data->memory].limits);
  return wa_decode_constexpr(decoder, type, decoder->module->global_count, &data->offset);
}

static bool read_data(struct wa_decoder *decoder, struct wa_data *data) {
  struct wa_reader *reader = &decoder->reader;
  size_t offset = reader->position;
  uint32_t flags, size;
  if (!wa_reader_number(reader, "the flags of a data segment", &flags, decoder->err)) {
    return false;
  }
  if (flags > DATA_ACTIVE_MEMORY) {
    return wa_malformed(decoder, offset, "malformed data segment kind %" PRIu32 "%s", flags,
                        (flags & ~3u) == 8 ? WA_SHARED_EVERYTHING("segment") : "");
  }
  if (flags) {
    wa_use(decoder, offset, WA_FEATURE_BULK_MEMORY);
  }
  data->mode = flags == DATA_PASSIVE ? WA_SEGMENT_PASSIVE : WA_SEGMENT_ACTIVE;
  if (data->mode == WA_SEGMENT_ACTIVE && !read_data_memory(decoder, flags, data)) {
    return false;
  }
  return wa_reader_number(reader, "the size of a data segment", &size, decoder->err) &&
         wa_reader_bytes(reader, size, "a data segment", &data->bytes, decoder->err);
}

bool wa_decode_datas(struct wa_decoder *decoder) {
  struct wa_module *module = decoder->module;
  uint32_t count;
  if (!wa_decode_count(decoder, "data segments", 2, WA_LIMIT_DATA_SEGMENTS, &count) ||
      !wa_decode_alloc(decoder, count, sizeof *module->datas, &module->datas)) {
    return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (!read_data(decoder, &module->datas[i])) {
      return false;
    }
  }
  module->data_count = count;
  return true;
}
