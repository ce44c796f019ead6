#include "compiler/wasm/decode.h"

#include "compiler/wasm/features.h"

#include <inttypes.h>
#include <string.h>

enum section {
  SECTION_CUSTOM,
  SECTION_TYPE,
  SECTION_IMPORT,
  SECTION_FUNCTION,
  SECTION_TABLE,
  SECTION_MEMORY,
  SECTION_GLOBAL,
  SECTION_EXPORT,
  SECTION_START,
  SECTION_ELEM,
  SECTION_CODE,
  SECTION_DATA,
  SECTION_DATA_COUNT,
  SECTION_TAG,
  SECTION_COUNT
};

static const struct {
  const char *name;
  int order; // sections come in rising order, each once (5.5.2); numbers came later
  bool (*decode)(struct wa_decoder *decoder);
} sections[SECTION_COUNT] = {
    [SECTION_CUSTOM] = {"custom", 0, wa_decode_custom},
    [SECTION_TYPE] = {"type", 1, wa_decode_types},
    [SECTION_IMPORT] = {"import", 2, wa_decode_imports},
    [SECTION_FUNCTION] = {"function", 3, wa_decode_functions},
    [SECTION_TABLE] = {"table", 4, wa_decode_tables},
    [SECTION_MEMORY] = {"memory", 5, wa_decode_memories},
    [SECTION_TAG] = {"tag", 6, wa_decode_tags},
    [SECTION_GLOBAL] = {"global", 7, wa_decode_globals},
    [SECTION_EXPORT] = {"export", 8, wa_decode_exports},
    [SECTION_START] = {"start", 9, wa_decode_start},
    [SECTION_ELEM] = {"elem", 10, wa_decode_elems},
    [SECTION_DATA_COUNT] = {"data count", 11, wa_decode_data_count},
    [SECTION_CODE] = {"code", 12, wa_decode_code},
    [SECTION_DATA] = {"data", 13, wa_decode_datas},
};

bool wa_invalid(struct wa_decoder *decoder, size_t offset, const char *format, ...) {
  char message[sizeof decoder->err->message];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(message, sizeof message, format, args);
  va_end(args);
  return wa_fail(decoder->err, WA_ERROR_INVALID, offset, "%s", message);
}

bool wa_malformed(struct wa_decoder *decoder, size_t offset, const char *format, ...) {
  char message[sizeof decoder->err->message];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(message, sizeof message, format, args);
  va_end(args);
  return wa_fail(decoder->err, WA_ERROR_MALFORMED, offset, "%s", message);
}

bool wa_decode_count(struct wa_decoder *decoder, const char *what, size_t element_size,
                     uint32_t limit, uint32_t *count) {
  size_t offset = decoder->reader.position;
  char number[64];
  (void)snprintf(number, sizeof number, "the number of %s", what);
  if (!wa_reader_count(&decoder->reader, number, element_size, count, decoder->err)) {
    return false;
  }
  return *count <= limit || wa_fail_limit(decoder->err, offset, what, *count, limit);
}

bool wa_decode_alloc(struct wa_decoder *decoder, size_t count, size_t size, void *result) {
  if (decoder->lock) {
    pthread_mutex_lock(decoder->lock);
  }
  void *memory = wa_arena_alloc(&decoder->module->arena, count, size);
  if (decoder->lock) {
    pthread_mutex_unlock(decoder->lock);
  }
  memcpy(result, &memory, sizeof memory);
  return memory || wa_fail_memory(decoder->err);
}

bool wa_decode_reserve(struct wa_decoder *decoder, void *rows, uint32_t used, uint32_t *capacity,
                       size_t size) {
  if (used < *capacity) {
    return true;
  }
  uint32_t larger = *capacity ? *capacity * 2 : 4;
  void *old, *grown;
  memcpy(&old, rows, sizeof old);
  if (!wa_decode_alloc(decoder, larger, size, &grown)) {
    return false;
  }
  if (used) {
    memcpy(grown, old, used * size);
  }
  memcpy(rows, &grown, sizeof grown);
  *capacity = larger;
  return true;
}

// The most for the fewest bytes: an imported function of 4 bytes takes a wa_import and, in arrays
// that double as they grow, up to four wa_functions: 72 times its size. Compact imports may have a
// byte each, of which there are not many: four of both rows.
size_t wa_module_memory_limit(size_t module_size) {
  size_t imports = module_size < WA_LIMIT_IMPORTS ? module_size : WA_LIMIT_IMPORTS;
  return module_size * 128 + imports * 384 + 65536;
}

static bool check_header(struct wa_decoder *decoder) {
  static const uint8_t magic[4] = {0, 'a', 's', 'm'};
  struct wa_reader *reader = &decoder->reader;
  if (wa_reader_left(reader) < 4 || memcmp(reader->start, magic, 4) != 0) {
    return wa_malformed(decoder, 0, "not a WebAssembly module: magic header not detected");
  }
  if (wa_reader_left(reader) < 8) {
    return wa_malformed(decoder, 4, "unexpected end: expected the version");
  }
  const uint8_t *version = reader->start + 4;
  if (version[0] == 0x0d && version[2] == 1) {
    return wa_fail_proposal(decoder->err, 4, "a component", "component model");
  }
  if (version[0] != 1 || version[1] || version[2] || version[3]) {
    return wa_malformed(decoder, 4, "unknown binary version %02x %02x %02x %02x: expected 1",
                        version[0], version[1], version[2], version[3]);
  }
  reader->position = 8;
  return true;
}

static bool check_order(struct wa_decoder *decoder, uint8_t id, size_t offset, uint8_t *last) {
  if (id == SECTION_CUSTOM) {
    return true;
  }
  if (*last && sections[id].order == sections[*last].order) {
    return wa_malformed(decoder, offset, "unexpected content: a second %s section",
                        sections[id].name);
  }
  if (*last && sections[id].order < sections[*last].order) {
    return wa_malformed(decoder, offset, "unexpected content: %s section after the %s section",
                        sections[id].name, sections[*last].name);
  }
  *last = id;
  return true;
}

// One section, id and size included; decoder->reader spans the file before and after.
static bool decode_section(struct wa_decoder *decoder, uint8_t *last) {
  struct wa_reader *reader = &decoder->reader;
  size_t offset = reader->position, file_end = reader->end;
  uint8_t id;
  uint32_t size;
  if (!wa_reader_byte(reader, "a section", &id, decoder->err)) {
    return false;
  }
  if (id >= SECTION_COUNT) {
    return wa_malformed(decoder, offset, "unknown section id %u", id);
  }
  if (!wa_reader_number(reader, "the size of a section", &size, decoder->err)) {
    return false;
  }
  if (size > wa_reader_left(reader)) {
    return wa_malformed(decoder, offset,
                        "length out of bounds: %s section of %" PRIu32 " bytes, found %zu",
                        sections[id].name, size, wa_reader_left(reader));
  }
  if (!check_order(decoder, id, offset, last)) {
    return false;
  }
  reader->end = reader->position + size;
  if (!sections[id].decode(decoder) || !wa_check_refused(decoder)) {
    return false;
  }
  if (reader->position != reader->end) {
    return wa_malformed(decoder, reader->position,
                        "section size mismatch: %zu bytes left in the %s section",
                        wa_reader_left(reader), sections[id].name);
  }
  reader->end = file_end;
  return true;
}

bool wa_decode_custom(struct wa_decoder *decoder) {
  struct wa_reader *reader = &decoder->reader;
  struct wa_bytes name, contents;
  if (!wa_reader_name(reader, "a custom section's name", &name, decoder->err) ||
      !wa_reader_bytes(reader, wa_reader_left(reader), "a custom section", &contents,
                       decoder->err)) {
    return false;
  }
  static const char *const known[] = {"name", "producers", "target_features",
                                      "metadata.code.branch_hint"};
  struct wa_bytes *places[] = {&decoder->name_section, &decoder->producers_section,
                               &decoder->target_features_section, &decoder->branch_hint_section};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (name.size == strlen(known[i]) && memcmp(name.data, known[i], name.size) == 0) {
      *places[i] = contents;
    }
  }
  static const char lines[] = ".debug_line";
  decoder->module->has_lines |=
      name.size == sizeof lines - 1 && memcmp(name.data, lines, name.size) == 0;
  return true;
}

static bool check_counts(struct wa_decoder *decoder) {
  const struct wa_module *module = decoder->module;
  uint32_t defined = module->function_count - module->imported_functions;
  if (decoder->body_count != defined) {
    return wa_malformed(decoder, decoder->reader.position,
                        "function and code section have inconsistent lengths: %" PRIu32
                        " and %" PRIu32,
                        defined, decoder->body_count);
  }
  if (module->has_data_count && decoder->declared_data != module->data_count) {
    return wa_malformed(decoder, decoder->reader.position,
                        "data count and data section have inconsistent lengths: %" PRIu32
                        " and %" PRIu32,
                        decoder->declared_data, module->data_count);
  }
  return true;
}

static bool decode_module(struct wa_decoder *decoder) {
  uint8_t last = 0;
  if (decoder->reader.end > WA_LIMIT_MODULE_SIZE) {
    return wa_fail_limit(decoder->err, 0, "bytes of a module", decoder->reader.end,
                         WA_LIMIT_MODULE_SIZE);
  }
  if (!check_header(decoder)) {
    return false;
  }
  while (wa_reader_left(&decoder->reader)) {
    if (!decode_section(decoder, &last)) {
      return false;
    }
  }
  if (!check_counts(decoder)) {
    return false;
  }
  decoder->module->features = decoder->features;
  wa_read_name_section(decoder->module, decoder->name_section);
  wa_read_producers(decoder->module, decoder->producers_section);
  wa_read_target_features(decoder->module, decoder->target_features_section);
  if (!(decoder->off & WA_FEATURE_BRANCH_HINTING)) {
    wa_read_branch_hints(decoder->module, decoder->branch_hint_section);
  }
  return true;
}

bool wa_check_refused(struct wa_decoder *decoder) {
  if (!decoder->refused) {
    return true;
  }
  const char *name = wa_feature_name(decoder->refused & -decoder->refused);
  return wa_fail(decoder->err, WA_ERROR_INVALID, decoder->refused_offset,
                 "needs the proposal %s, which is switched off: --features=+%s allows it", name,
                 name);
}

bool wa_module_init_without(struct wa_module *module, struct wa_bytes bytes, uint64_t off,
                            struct wa_error *err) {
  *module = (struct wa_module){.bytes = bytes, .start = WA_NONE};
  wa_arena_init(&module->arena, wa_module_memory_limit(bytes.size));
  wa_error_clear(err);
  struct wa_decoder decoder = {
      .module = module, .err = err, .reader = {bytes.data, 0, bytes.size}, .off = off};
  bool ok = decode_module(&decoder);
  if (!ok) {
    wa_module_deinit(module);
  }
  return ok;
}

bool wa_module_init(struct wa_module *module, struct wa_bytes bytes, struct wa_error *err) {
  return wa_module_init_without(module, bytes, 0, err);
}

void wa_module_deinit(struct wa_module *module) {
  wa_arena_deinit(&module->arena);
  *module = (struct wa_module){0};
}
