#include "cli/describe.h"

#include <stdlib.h>
#include <string.h>

const char *wa_describe_valtype(uint32_t type) {
  switch (type) {
#define WA_VALTYPE(id, spelling, non_null)                                                         \
  case id:                                                                                         \
    return spelling;
#include "runtime/valtypes.def"
#undef WA_VALTYPE
  default:
    if (wa_type_is_func(type)) {
      return type & WA_REF_NON_NULL ? "(ref func)" : "(ref null func)";
    }
    if (wa_type_is_extern(type)) {
      return "(ref extern)";
    }
    return wa_type_is_exn(type) ? "(ref exn)" : "unknown";
  }
}

const char *wa_describe_kind(enum wa_extern_kind kind) {
  static const char *const names[] = {"func", "table", "memory", "global", "tag"};
  return (unsigned)kind < WA_EXTERN_KIND_COUNT ? names[kind] : "unknown";
}

const struct wa_reliance wa_reliances[] = {{WA_RELIES_ON_GUARD_PAGES, "guard-pages"},
                                           {WA_RELIES_ON_TRAP_SIGNALS, "trap-signals"},
                                           {WA_RELIES_ON_STACK_PROBES, "stack-probes"},
                                           {WA_RELIES_ON_SHARED_MEMORY, "shared-memory"},
                                           {.name = NULL}};

static bool allocate(struct wa_description *description) {
  description->imports = calloc(description->import_count + 1u, sizeof(struct wa_described));
  description->exports = calloc(description->export_count + 1u, sizeof(struct wa_described));
  description->memories = calloc(description->memory_count + 1u, sizeof(struct wa_described));
  description->tables = calloc(description->table_count + 1u, sizeof(struct wa_described));
  if (description->imports != NULL && description->exports != NULL &&
      description->memories != NULL && description->tables != NULL) {
    return true;
  }
  wa_description_deinit(description);
  return false;
}

void wa_description_deinit(struct wa_description *description) {
  free(description->imports);
  free(description->exports);
  free(description->memories);
  free(description->tables);
  memset(description, 0, sizeof *description);
}

// ---- Modules ----

static struct wa_extern_type module_type(const struct wa_module *module, enum wa_extern_kind kind,
                                         uint32_t index) {
  struct wa_extern_type type = {.kind = kind};
  switch (kind) {
  case WA_EXTERN_FUNC: {
    const struct wa_functype *func = &module->types[module->functions[index].type];
    type.params = func->params;
    type.results = func->results;
    type.param_count = func->param_count;
    type.result_count = func->result_count;
    break;
  }
  case WA_EXTERN_TABLE:
    type.limits = module->tables[index].type.limits;
    type.type = module->tables[index].type.elem;
    break;
  case WA_EXTERN_MEMORY:
    type.limits = module->memories[index].limits;
    break;
  case WA_EXTERN_GLOBAL:
    type.type = module->globals[index].type.type;
    type.mut = module->globals[index].type.mut;
    break;
  case WA_EXTERN_TAG: {
    const struct wa_functype *tag = &module->types[module->tags[index].type];
    type.params = tag->params;
    type.param_count = tag->param_count;
    break;
  }
  case WA_EXTERN_KIND_COUNT:
    break;
  }
  return type;
}

static void module_rows(struct wa_description *description, const struct wa_module *module) {
  for (uint32_t i = 0; i < module->import_count; i++) {
    const struct wa_import *import = &module->imports[i];
    description->imports[i] = (struct wa_described){
        import->module, import->name, module_type(module, import->kind, import->index)};
  }
  for (uint32_t i = 0; i < module->export_count; i++) {
    const struct wa_export *export = &module->exports[i];
    description->exports[i].name = export->name;
    description->exports[i].type = module_type(module, export->kind, export->index);
  }
  for (uint32_t i = 0; i < module->memory_count; i++) {
    description->memories[i].type = module_type(module, WA_EXTERN_MEMORY, i);
  }
  for (uint32_t i = 0; i < module->table_count; i++) {
    description->tables[i].type = module_type(module, WA_EXTERN_TABLE, i);
  }
}

bool wa_describe_module(struct wa_description *description, const struct wa_module *module) {
  *description = (struct wa_description){
      .file_size = module->bytes.size,
      .name = module->name,
      .features = module->features,
      .type_count = module->type_count,
      .function_count = module->function_count,
      .table_count = module->table_count,
      .memory_count = module->memory_count,
      .global_count = module->global_count,
      .elem_count = module->elem_count,
      .data_count = module->data_count,
      .start = module->start,
      .import_count = module->import_count,
      .export_count = module->export_count,
      .module = module,
  };
  for (uint32_t i = module->imported_functions; i < module->function_count; i++) {
    description->code_size += module->functions[i].end_offset - module->functions[i].body_offset;
  }
  for (uint32_t i = 0; i < module->data_count; i++) {
    description->data_size += module->datas[i].bytes.size;
  }
  if (!allocate(description)) {
    return false;
  }
  module_rows(description, module);
  return true;
}

// ---- Artifacts ----

static struct wa_bytes meta_bytes(const struct wa_meta *meta, struct wa_meta_string string) {
  return (struct wa_bytes){(const uint8_t *)wa_meta_chars(meta, string), string.length};
}

static struct wa_limits meta_limits(uint32_t flags, uint64_t min, uint64_t max) {
  return (struct wa_limits){.min = min,
                            .max = max,
                            .has_max = (flags & WA_LIMITS_HAS_MAX) != 0,
                            .shared = (flags & WA_LIMITS_SHARED) != 0,
                            .index64 = (flags & WA_LIMITS_INDEX64) != 0};
}

static void meta_func_type(const struct wa_meta *meta, uint32_t index,
                           struct wa_extern_type *type) {
  const struct wa_meta_type *row = WA_META_ROW(meta, types, struct wa_meta_type, index);
  type->params = WA_META_ROW(meta, valtypes, uint32_t, row->valtypes);
  type->results = type->params + row->param_count;
  type->param_count = row->param_count;
  type->result_count = row->result_count;
}

static struct wa_extern_type meta_type(const struct wa_meta *meta, enum wa_extern_kind kind,
                                       uint32_t index) {
  struct wa_extern_type type = {.kind = kind};
  if (kind == WA_EXTERN_FUNC) {
    meta_func_type(meta, WA_META_ROW(meta, funcs, struct wa_meta_func, index)->type, &type);
  } else if (kind == WA_EXTERN_TAG) {
    meta_func_type(meta, WA_META_ROW(meta, tags, struct wa_meta_tag, index)->type, &type);
  } else if (kind == WA_EXTERN_TABLE) {
    const struct wa_meta_table *table = WA_META_ROW(meta, tables, struct wa_meta_table, index);
    type.limits = meta_limits(table->flags, table->min, table->max);
    type.type = (uint32_t)table->elem_type;
  } else if (kind == WA_EXTERN_MEMORY) {
    const struct wa_meta_memory *memory = WA_META_ROW(meta, memories, struct wa_meta_memory, index);
    type.limits = meta_limits(memory->flags, memory->min, memory->max);
    type.limits.page_log2 = memory->page_size_log2;
  } else {
    const struct wa_meta_global *global = WA_META_ROW(meta, globals, struct wa_meta_global, index);
    type.type = global->type;
    type.mut = global->mut != 0;
  }
  return type;
}

static void meta_rows(struct wa_description *description, const struct wa_meta *meta) {
  for (uint32_t i = 0; i < meta->imports.count; i++) {
    const struct wa_meta_import *row = WA_META_ROW(meta, imports, struct wa_meta_import, i);
    description->imports[i] =
        (struct wa_described){meta_bytes(meta, row->module), meta_bytes(meta, row->name),
                              meta_type(meta, (enum wa_extern_kind)row->kind, row->index)};
  }
  for (uint32_t i = 0; i < meta->exports.count; i++) {
    const struct wa_meta_export *row = WA_META_ROW(meta, exports, struct wa_meta_export, i);
    description->exports[i].name = meta_bytes(meta, row->name);
    description->exports[i].type = meta_type(meta, (enum wa_extern_kind)row->kind, row->index);
  }
  for (uint32_t i = 0; i < meta->memories.count; i++) {
    description->memories[i].type = meta_type(meta, WA_EXTERN_MEMORY, i);
  }
  for (uint32_t i = 0; i < meta->tables.count; i++) {
    description->tables[i].type = meta_type(meta, WA_EXTERN_TABLE, i);
  }
}

bool wa_describe_artifact(struct wa_description *description, const struct wa_artifact *artifact,
                          uint64_t file_size) {
  const struct wa_meta *meta = artifact->meta;
  *description = (struct wa_description){
      .file_size = file_size,
      .name = meta_bytes(meta, meta->module_name),
      .features = artifact->note.wasm_features,
      .code_size = artifact->code.text_size,
      .data_size = artifact->data_size,
      .metadata_size = meta->size,
      .type_count = meta->types.count,
      .function_count = meta->funcs.count,
      .table_count = meta->tables.count,
      .memory_count = meta->memories.count,
      .global_count = meta->globals.count,
      .elem_count = meta->elems.count,
      .data_count = meta->datas.count,
      .start = meta->start,
      .import_count = meta->imports.count,
      .export_count = meta->exports.count,
      .artifact = artifact,
  };
  if (!allocate(description)) {
    return false;
  }
  meta_rows(description, meta);
  return true;
}
