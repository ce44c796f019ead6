// Sections up to start but types: imports, and what the module defines (core spec 5.5.4 to 5.5.11).
#include "compiler/wasm/decode.h"

#include <inttypes.h>
#include <string.h>

// ---- Types of tables, memories and globals ----

// The page size of a memory, as its log2, behind the limits.
static bool read_page_size(struct wa_decoder *decoder, uint32_t *log2) {
  size_t offset = decoder->reader.position;
  if (!wa_reader_number(&decoder->reader, "a page size", log2, decoder->err)) {
    return false;
  }
  if (*log2 >= 64) {
    return wa_malformed(decoder, offset, "malformed page size 2^%" PRIu32, *log2);
  }
  return *log2 == WA_PAGE_LOG2 || *log2 == WA_BYTE_PAGE_LOG2 ||
         wa_invalid(decoder, offset,
                    "invalid custom page size 2^%" PRIu32 ": a page has 1 or 65536 bytes", *log2);
}

// The flag byte of limits (5.3.11) with what later proposals add to it.
static bool read_limits(struct wa_decoder *decoder, bool is_memory, struct wa_limits *limits) {
  size_t offset = decoder->reader.position;
  uint8_t flags;
  if (!wa_reader_byte(&decoder->reader, "the flags of limits", &flags, decoder->err)) {
    return false;
  }
  if (flags > 15 || (!is_memory && (flags & 10))) {
    return wa_malformed(decoder, offset, "malformed limits flags 0x%02x%s", flags,
                        (flags & ~5u) == 2 ? WA_SHARED_EVERYTHING("table") : "");
  }
  limits->has_max = flags & 1;
  limits->shared = flags & 2;
  limits->index64 = flags & 4;
  if (limits->index64) {
    wa_use(decoder, offset, WA_FEATURE_MEMORY64);
  }
  if (!wa_reader_u64(&decoder->reader, "a minimum", &limits->min, decoder->err)) {
    return false;
  }
  if (limits->has_max &&
      !wa_reader_u64(&decoder->reader, "a maximum", &limits->max, decoder->err)) {
    return false;
  }
  limits->page_log2 = WA_PAGE_LOG2;
  if (!(flags & 8)) {
    return true;
  }
  wa_use(decoder, offset, WA_FEATURE_CUSTOM_PAGE_SIZES);
  return read_page_size(decoder, &limits->page_log2);
}

static bool check_limits(struct wa_decoder *decoder, size_t offset, const struct wa_limits *limits,
                         const char *what, uint64_t range) {
  uint64_t largest = limits->has_max && limits->max > limits->min ? limits->max : limits->min;
  if (largest > range) {
    return wa_invalid(decoder, offset, "%s size must be at most %" PRIu64 ", found %" PRIu64, what,
                      range, largest);
  }
  if (limits->has_max && limits->max < limits->min) {
    return wa_invalid(decoder, offset,
                      "size minimum must not be greater than maximum: %" PRIu64 " and %" PRIu64,
                      limits->min, limits->max);
  }
  return true;
}

bool wa_decode_tabletype(struct wa_decoder *decoder, struct wa_tabletype *type) {
  struct wa_reader *reader = &decoder->reader;
  size_t offset = reader->position;
  if (!wa_reader_reftype(reader, &type->elem, decoder->err) ||
      (type->elem != WA_FUNCREF && !wa_check_type(decoder, offset, type->elem)) ||
      !read_limits(decoder, false, &type->limits) ||
      !check_limits(decoder, offset, &type->limits, "table",
                    type->limits.index64 ? UINT64_MAX : UINT32_MAX)) {
    return false;
  }
  return type->limits.min <= WA_LIMIT_TABLE_ENTRIES ||
         wa_fail_limit(decoder->err, offset, "table entries", type->limits.min,
                       WA_LIMIT_TABLE_ENTRIES);
}

bool wa_decode_memtype(struct wa_decoder *decoder, struct wa_limits *limits) {
  size_t offset = decoder->reader.position;
  if (!read_limits(decoder, true, limits) ||
      !check_limits(decoder, offset, limits, "memory",
                    wa_memory_page_range(limits->index64, limits->page_log2))) {
    return false;
  }
  if (!limits->shared) {
    return true;
  }
  wa_use(decoder, offset, WA_FEATURE_THREADS);
  return limits->has_max || wa_invalid(decoder, offset, "shared memory must have a maximum");
}

bool wa_decode_globaltype(struct wa_decoder *decoder, struct wa_globaltype *type) {
  uint8_t mutability;
  if (!wa_decode_valtype(decoder, &decoder->reader, &type->type) ||
      !wa_reader_byte(&decoder->reader, "a mutability", &mutability, decoder->err)) {
    return false;
  }
  if (mutability > 1) {
    return wa_malformed(decoder, decoder->reader.position - 1, "malformed mutability 0x%02x%s",
                        mutability, mutability <= 3 ? WA_SHARED_EVERYTHING("global") : "");
  }
  type->mut = mutability;
  return true;
}

// ---- Imports ----

// What may stand in place of an import's kind: groups of the compact-imports proposal, and what is
// refused by name.
enum { COMPACT_ITEMS = 0x7f, COMPACT_ALIKE = 0x7e, EXACT_FUNCTION = 0x20 };

static bool read_type_index(struct wa_decoder *decoder, uint32_t *type) {
  size_t offset = decoder->reader.position;
  if (!wa_reader_number(&decoder->reader, "a type index", type, decoder->err)) {
    return false;
  }
  return *type < decoder->module->type_count ||
         wa_invalid(decoder, offset, "unknown type %" PRIu32 ": the module has %" PRIu32, *type,
                    decoder->module->type_count);
}

static bool import_function(struct wa_decoder *decoder, uint32_t *index) {
  struct wa_module *module = decoder->module;
  uint32_t type;
  if (!read_type_index(decoder, &type) ||
      !wa_decode_reserve(decoder, &module->functions, module->function_count,
                         &decoder->function_capacity, sizeof *module->functions)) {
    return false;
  }
  *index = module->function_count++;
  module->imported_functions++;
  module->functions[*index] = (struct wa_function){.type = type, .imported = true};
  return true;
}

static bool import_table(struct wa_decoder *decoder, uint32_t *index) {
  struct wa_module *module = decoder->module;
  struct wa_table table = {.imported = true};
  if (!wa_decode_tabletype(decoder, &table.type) ||
      !wa_decode_reserve(decoder, &module->tables, module->table_count, &decoder->table_capacity,
                         sizeof *module->tables)) {
    return false;
  }
  *index = module->table_count++;
  module->imported_tables++;
  module->tables[*index] = table;
  return true;
}

static bool import_memory(struct wa_decoder *decoder, uint32_t *index) {
  struct wa_module *module = decoder->module;
  struct wa_memory memory = {.imported = true};
  if (!wa_decode_memtype(decoder, &memory.limits) ||
      !wa_decode_reserve(decoder, &module->memories, module->memory_count,
                         &decoder->memory_capacity, sizeof *module->memories)) {
    return false;
  }
  *index = module->memory_count++;
  module->imported_memories++;
  module->memories[*index] = memory;
  return true;
}

static bool import_global(struct wa_decoder *decoder, uint32_t *index) {
  struct wa_module *module = decoder->module;
  size_t offset = decoder->reader.position;
  struct wa_global global = {.imported = true};
  if (!wa_decode_globaltype(decoder, &global.type) ||
      !wa_decode_reserve(decoder, &module->globals, module->global_count, &decoder->global_capacity,
                         sizeof *module->globals)) {
    return false;
  }
  if (global.type.mut) {
    wa_use(decoder, offset, WA_FEATURE_MUTABLE_GLOBALS);
  }
  *index = module->global_count++;
  module->imported_globals++;
  module->globals[*index] = global;
  return true;
}

// An attribute, which is zero, and a type without results.
static bool read_tag(struct wa_decoder *decoder, struct wa_tag *tag) {
  size_t offset = decoder->reader.position;
  uint8_t attribute;
  wa_use(decoder, offset, WA_FEATURE_EXCEPTION_HANDLING);
  if (!wa_reader_byte(&decoder->reader, "a tag's attribute", &attribute, decoder->err)) {
    return false;
  }
  if (attribute) {
    return wa_malformed(decoder, offset, "malformed tag attribute 0x%02x", attribute);
  }
  if (!read_type_index(decoder, &tag->type)) {
    return false;
  }
  return !decoder->module->types[tag->type].result_count ||
         wa_invalid(decoder, offset, "non-empty tag result type");
}

static bool import_tag(struct wa_decoder *decoder, uint32_t *index) {
  struct wa_module *module = decoder->module;
  struct wa_tag tag;
  if (!read_tag(decoder, &tag) ||
      !wa_decode_reserve(decoder, &module->tags, module->tag_count, &decoder->tag_capacity,
                         sizeof *module->tags)) {
    return false;
  }
  *index = module->tag_count++;
  module->imported_tags++;
  module->tags[*index] = tag;
  return true;
}

// What is imported, behind its names.
static bool read_external(struct wa_decoder *decoder, struct wa_import *import) {
  struct wa_reader *reader = &decoder->reader;
  uint8_t kind;
  if (!wa_reader_byte(reader, "an import's kind", &kind, decoder->err)) {
    return false;
  }
  import->kind = (enum wa_extern_kind)kind;
  switch (kind) {
  case WA_EXTERN_FUNC:
    return import_function(decoder, &import->index);
  case WA_EXTERN_TABLE:
    return import_table(decoder, &import->index);
  case WA_EXTERN_MEMORY:
    return import_memory(decoder, &import->index);
  case WA_EXTERN_GLOBAL:
    return import_global(decoder, &import->index);
  case WA_EXTERN_TAG:
    return import_tag(decoder, &import->index);
  default:
    if (kind == EXACT_FUNCTION) {
      return wa_fail_proposal(decoder->err, reader->position - 1, "an exact function import",
                              "custom descriptors");
    }
    return wa_malformed(decoder, reader->position - 1, "malformed import kind 0x%02x", kind);
  }
}

// Takes back what was added to an index space last.
static void drop_external(struct wa_module *module, enum wa_extern_kind kind) {
  uint32_t *const counts[][2] = {{&module->function_count, &module->imported_functions},
                                 {&module->table_count, &module->imported_tables},
                                 {&module->memory_count, &module->imported_memories},
                                 {&module->global_count, &module->imported_globals},
                                 {&module->tag_count, &module->imported_tags}};
  --*counts[kind][0];
  --*counts[kind][1];
}

// The next row; what it points to is gone when another is added.
static bool add_import(struct wa_decoder *decoder, const struct wa_import *import) {
  struct wa_module *module = decoder->module;
  if (module->import_count == WA_LIMIT_IMPORTS) {
    return wa_fail_limit(decoder->err, import->offset, "imports", module->import_count + 1,
                         WA_LIMIT_IMPORTS);
  }
  if (!wa_decode_reserve(decoder, &module->imports, module->import_count, &decoder->import_capacity,
                         sizeof *module->imports)) {
    return false;
  }
  module->imports[module->import_count++] = *import;
  return true;
}

// Compact: from one module, each with a name and what it is.
static bool read_items(struct wa_decoder *decoder, struct wa_import *import) {
  struct wa_reader *reader = &decoder->reader;
  uint32_t count;
  if (!wa_decode_count(decoder, "imports from a module", 3, WA_LIMIT_IMPORTS, &count)) {
    return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    import->offset = reader->position;
    if (!wa_reader_name(reader, "an import's name", &import->name, decoder->err) ||
        !read_external(decoder, import) || !add_import(decoder, import)) {
      return false;
    }
  }
  return true;
}

// Compact: what all of them are, then their names. Each is an item of its own, so what they are is
// read once for each.
static bool read_named_alike(struct wa_decoder *decoder, struct wa_import *import) {
  struct wa_reader *reader = &decoder->reader;
  size_t external = reader->position;
  uint32_t count;
  if (!read_external(decoder, import)) {
    return false;
  }
  drop_external(decoder->module, import->kind);
  if (!wa_decode_count(decoder, "names of imports", 1, WA_LIMIT_IMPORTS, &count)) {
    return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    import->offset = reader->position;
    if (!wa_reader_name(reader, "an import's name", &import->name, decoder->err)) {
      return false;
    }
    size_t next = reader->position;
    reader->position = external;
    if (!read_external(decoder, import) || !add_import(decoder, import)) {
      return false;
    }
    reader->position = next;
  }
  return true;
}

// An import, or behind an empty name a byte that says that several follow.
static bool read_imports(struct wa_decoder *decoder) {
  struct wa_reader *reader = &decoder->reader;
  struct wa_import import = {.offset = reader->position};
  if (!wa_reader_name(reader, "an import's module name", &import.module, decoder->err) ||
      !wa_reader_name(reader, "an import's name", &import.name, decoder->err)) {
    return false;
  }
  uint8_t form = wa_reader_left(reader) ? reader->start[reader->position] : 0;
  if (import.name.size > 0 || (form != COMPACT_ITEMS && form != COMPACT_ALIKE)) {
    return read_external(decoder, &import) && add_import(decoder, &import);
  }
  wa_use(decoder, reader->position++, WA_FEATURE_COMPACT_IMPORTS);
  return form == COMPACT_ITEMS ? read_items(decoder, &import) : read_named_alike(decoder, &import);
}

static bool check_memory_count(struct wa_decoder *decoder, size_t offset) {
  if (decoder->module->memory_count > WA_LIMIT_MEMORIES) {
    return wa_fail_limit(decoder->err, offset, "memories", decoder->module->memory_count,
                         WA_LIMIT_MEMORIES);
  }
  if (decoder->module->memory_count > 1) {
    wa_use(decoder, offset, WA_FEATURE_MULTI_MEMORY);
  }
  return true;
}

static bool check_table_count(struct wa_decoder *decoder, size_t offset) {
  if (decoder->module->table_count > 1) {
    wa_use(decoder, offset, WA_FEATURE_REFERENCE_TYPES);
  }
  return decoder->module->table_count <= WA_LIMIT_TABLES ||
         wa_fail_limit(decoder->err, offset, "tables", decoder->module->table_count,
                       WA_LIMIT_TABLES);
}

bool wa_decode_imports(struct wa_decoder *decoder) {
  size_t offset = decoder->reader.position;
  uint32_t count;
  // Two names, a kind, and at least one byte more.
  if (!wa_decode_count(decoder, "imports", 4, WA_LIMIT_IMPORTS, &count)) {
    return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (!read_imports(decoder)) {
      return false;
    }
  }
  return check_memory_count(decoder, offset) && check_table_count(decoder, offset);
}

// ---- Definitions ----

// The array of an index space: the imported rows, which it moves, and `defined` rows more.
static bool extend(struct wa_decoder *decoder, void *rows, uint32_t imported, uint32_t defined,
                   size_t size) {
  void *old, *grown;
  memcpy(&old, rows, sizeof old);
  if (!wa_decode_alloc(decoder, (size_t)imported + defined, size, &grown)) {
    return false;
  }
  if (imported) {
    memcpy(grown, old, imported * size);
  }
  memcpy(rows, &grown, sizeof grown);
  return true;
}

bool wa_decode_functions(struct wa_decoder *decoder) {
  struct wa_module *module = decoder->module;
  size_t offset = decoder->reader.position;
  uint32_t count;
  if (!wa_decode_count(decoder, "functions", 1, WA_LIMIT_FUNCTIONS, &count)) {
    return false;
  }
  uint32_t imported = module->imported_functions;
  if (imported + count > WA_LIMIT_FUNCTIONS) {
    return wa_fail_limit(decoder->err, offset, "functions", imported + count, WA_LIMIT_FUNCTIONS);
  }
  if (!extend(decoder, &module->functions, imported, count, sizeof *module->functions)) {
    return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (!read_type_index(decoder, &module->functions[imported + i].type)) {
      return false;
    }
  }
  module->function_count = imported + count;
  return true;
}

// 0x40 0x00 begins a table whose entries all start as the value that follows its type.
static bool read_table(struct wa_decoder *decoder, struct wa_table *table) {
  struct wa_reader *reader = &decoder->reader;
  size_t offset = reader->position;
  uint8_t zero;
  table->has_init = wa_reader_left(reader) && reader->start[offset] == 0x40;
  if (table->has_init) {
    reader->position++;
    wa_use(decoder, offset, WA_FEATURE_FUNCTION_REFERENCES);
    if (!wa_reader_byte(reader, "the zero byte of a table", &zero, decoder->err)) {
      return false;
    }
    if (zero) {
      return wa_malformed(decoder, offset, "zero byte expected in a table, found 0x%02x", zero);
    }
  }
  if (!wa_decode_tabletype(decoder, &table->type)) {
    return false;
  }
  if (table->has_init) {
    return wa_decode_constexpr(decoder, table->type.elem, decoder->module->global_count,
                               &table->init);
  }
  return !(table->type.elem & WA_REF_NON_NULL) ||
         wa_invalid(decoder, offset, "type mismatch: a table of %s needs a value for its entries",
                    wa_valtype_spelling(table->type.elem));
}

bool wa_decode_tables(struct wa_decoder *decoder) {
  struct wa_module *module = decoder->module;
  size_t offset = decoder->reader.position;
  uint32_t count;
  if (!wa_decode_count(decoder, "tables", 3, WA_LIMIT_TABLES, &count) ||
      !extend(decoder, &module->tables, module->table_count, count, sizeof *module->tables)) {
    return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (!read_table(decoder, &module->tables[module->imported_tables + i])) {
      return false;
    }
  }
  module->table_count += count;
  return check_table_count(decoder, offset);
}

bool wa_decode_memories(struct wa_decoder *decoder) {
  struct wa_module *module = decoder->module;
  size_t offset = decoder->reader.position;
  uint32_t count;
  if (!wa_decode_count(decoder, "memories", 2, WA_LIMIT_MEMORIES, &count) ||
      !extend(decoder, &module->memories, module->memory_count, count, sizeof *module->memories)) {
    return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (!wa_decode_memtype(decoder, &module->memories[module->imported_memories + i].limits)) {
      return false;
    }
  }
  module->memory_count += count;
  return check_memory_count(decoder, offset);
}

bool wa_decode_tags(struct wa_decoder *decoder) {
  struct wa_module *module = decoder->module;
  size_t offset = decoder->reader.position;
  uint32_t count;
  if (!wa_decode_count(decoder, "tags", 2, WA_LIMIT_TAGS, &count)) {
    return false;
  }
  if (module->tag_count + count > WA_LIMIT_TAGS) {
    return wa_fail_limit(decoder->err, offset, "tags", module->tag_count + count, WA_LIMIT_TAGS);
  }
  if (!extend(decoder, &module->tags, module->tag_count, count, sizeof *module->tags)) {
    return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (!read_tag(decoder, &module->tags[module->tag_count])) {
      return false;
    }
    module->tag_count++;
  }
  return true;
}

bool wa_decode_globals(struct wa_decoder *decoder) {
  struct wa_module *module = decoder->module;
  size_t offset = decoder->reader.position;
  uint32_t count;
  // A type, a mutability and `end`: an empty expression is invalid, not malformed.
  if (!wa_decode_count(decoder, "globals", 3, WA_LIMIT_GLOBALS, &count)) {
    return false;
  }
  if (module->global_count + count > WA_LIMIT_GLOBALS) {
    return wa_fail_limit(decoder->err, offset, "globals", module->global_count + count,
                         WA_LIMIT_GLOBALS);
  }
  if (!extend(decoder, &module->globals, module->global_count, count, sizeof *module->globals)) {
    return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    struct wa_global *global = &module->globals[module->global_count];
    if (!wa_decode_globaltype(decoder, &global->type) ||
        !wa_decode_constexpr(decoder, global->type.type, module->global_count, &global->init)) {
      return false;
    }
    module->global_count++;
  }
  return true;
}

// ---- Exports and start ----

static bool unknown_export(struct wa_decoder *decoder, size_t offset, const char *what,
                           uint32_t index, uint32_t count) {
  return wa_invalid(decoder, offset, "unknown %s %" PRIu32 ": the module has %" PRIu32, what, index,
                    count);
}

static bool mark_exported(struct wa_decoder *decoder, size_t offset,
                          const struct wa_export *export) {
  struct wa_module *module = decoder->module;
  uint32_t index = export->index;
  switch (export->kind) {
  case WA_EXTERN_FUNC:
    if (index >= module->function_count) {
      return unknown_export(decoder, offset, "function", index, module->function_count);
    }
    module->functions[index].address_taken = true;
    return true;
  case WA_EXTERN_TABLE:
    if (index >= module->table_count) {
      return unknown_export(decoder, offset, "table", index, module->table_count);
    }
    module->tables[index].exported = true;
    return true;
  case WA_EXTERN_MEMORY:
    if (index >= module->memory_count) {
      return unknown_export(decoder, offset, "memory", index, module->memory_count);
    }
    module->memories[index].exported = true;
    return true;
  case WA_EXTERN_GLOBAL:
    if (index >= module->global_count) {
      return unknown_export(decoder, offset, "global", index, module->global_count);
    }
    module->globals[index].exported = true;
    if (module->globals[index].type.mut) {
      wa_use(decoder, offset, WA_FEATURE_MUTABLE_GLOBALS);
    }
    return true;
  case WA_EXTERN_TAG:
    return index < module->tag_count ||
           unknown_export(decoder, offset, "tag", index, module->tag_count);
  case WA_EXTERN_KIND_COUNT:
    break;
  }
  return false;
}

static bool read_export(struct wa_decoder *decoder, struct wa_export *export) {
  struct wa_reader *reader = &decoder->reader;
  size_t offset = reader->position;
  uint8_t kind;
  if (!wa_reader_name(reader, "an export's name", &export->name, decoder->err) ||
      !wa_reader_byte(reader, "an export's kind", &kind, decoder->err)) {
    return false;
  }
  if (kind >= WA_EXTERN_KIND_COUNT) {
    return wa_malformed(decoder, reader->position - 1, "malformed export kind 0x%02x", kind);
  }
  export->kind = (enum wa_extern_kind)kind;
  return wa_reader_number(reader, "an export's index", &export->index, decoder->err) &&
         mark_exported(decoder, offset, export);
}

bool wa_decode_exports(struct wa_decoder *decoder) {
  struct wa_module *module = decoder->module;
  size_t offset = decoder->reader.position;
  uint32_t count, duplicate;
  if (!wa_decode_count(decoder, "exports", 3, WA_LIMIT_EXPORTS, &count) ||
      !wa_decode_alloc(decoder, count, sizeof *module->exports, &module->exports)) {
    return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (!read_export(decoder, &module->exports[i])) {
      return false;
    }
  }
  module->export_count = count;
  if (!wa_find_duplicate_export(decoder, &duplicate)) {
    return false;
  }
  if (duplicate == WA_NONE) {
    return true;
  }
  struct wa_bytes name = module->exports[duplicate].name;
  return wa_invalid(decoder, offset, "duplicate export name \"%.*s\"",
                    (int)(name.size < 200 ? name.size : 200), (const char *)name.data);
}

bool wa_decode_start(struct wa_decoder *decoder) {
  struct wa_module *module = decoder->module;
  size_t offset = decoder->reader.position;
  uint32_t index;
  if (!wa_reader_number(&decoder->reader, "the start function", &index, decoder->err)) {
    return false;
  }
  if (index >= module->function_count) {
    return unknown_export(decoder, offset, "function", index, module->function_count);
  }
  const struct wa_functype *type = &module->types[module->functions[index].type];
  if (type->param_count || type->result_count) {
    return wa_invalid(decoder, offset,
                      "the start function must have no parameters and results, found %" PRIu32
                      " and %" PRIu32,
                      type->param_count, type->result_count);
  }
  module->start = index;
  return true;
}
