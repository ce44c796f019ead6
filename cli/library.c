#include "cli/library.h"

#include "cli/library_names.h"

#include <stdio.h>
#include <string.h>

// What every library has besides its exports; see start/shared.c.
static const char *const common[][2] = {
    {"create", "wasmaot_library_create"}, {"destroy", "wasmaot_library_destroy"},
    {"trap", "wasmaot_library_trap"},     {"exit_status", "wasmaot_library_exit_status"},
    {"user", "wasmaot_library_user"},     {"raise", "wasmaot_library_raise"},
    {"func", "wasmaot_library_func"},
};
enum { COMMON_COUNT = sizeof common / sizeof common[0] };

// Functions of start/shared.c behind the functions for exports.
#define CALLEE(name) "wasmaot_library_" name

static const uint32_t i64_type[] = {WA_I64};

struct builder {
  struct wa_library *library;
  const struct wa_module *module;
  struct wa_library_names names;
  struct wa_glue_function *imports;
  struct wa_glue_function *exports;
};

static struct wa_bytes bytes_of(const char *text) {
  return (struct wa_bytes){(const uint8_t *)text, strlen(text)};
}

// NULL, too, for a name that C's strings cannot hold.
static const char *as_string(struct wa_arena *arena, struct wa_bytes name) {
  if (memchr(name.data, 0, name.size) != NULL) {
    return NULL;
  }
  char *text = wa_arena_alloc(arena, name.size + 1, 1);
  if (text != NULL && name.size > 0) {
    memcpy(text, name.data, name.size);
  }
  return text;
}

// ---- What C can have ----

static bool is_for_c(uint32_t type) {
  return !wa_type_is_exn(type);
}

static bool are_for_c(const uint32_t *types, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (!is_for_c(types[i])) {
      return false;
    }
  }
  return true;
}

static bool is_functype_for_c(const struct wa_functype *type) {
  return are_for_c(type->params, type->param_count) && are_for_c(type->results, type->result_count);
}

static bool has_references(const struct wa_functype *type) {
  for (uint32_t i = 0; i < type->param_count; i++) {
    if (wa_type_is_ref(type->params[i])) {
      return true;
    }
  }
  return false;
}

static bool is_wasi(struct wa_bytes module) {
  static const char *const names[] = {"wasi_snapshot_preview1", "wasi_unstable", "wasi"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (strlen(names[i]) == module.size && memcmp(names[i], module.data, module.size) == 0) {
      return true;
    }
  }
  return false;
}

static bool same(struct wa_bytes bytes, const char *text) {
  return strlen(text) == bytes.size && memcmp(text, bytes.data, bytes.size) == 0;
}

// ---- Imports ----

static bool add_import(struct builder *b, const struct wa_import *import, struct wa_error *err) {
  struct wa_glue *glue = &b->library->glue;
  struct wa_glue_function *function = &b->imports[glue->import_count];
  if (import->kind == WA_EXTERN_MEMORY || is_wasi(import->module)) {
    return true; // made by its own limits, or WASI
  }
  if (import->kind != WA_EXTERN_FUNC) {
    return wa_fail(err, WA_ERROR_UNSUPPORTED, import->offset,
                   "imports something that is neither a function nor a memory, which a shared "
                   "library cannot be given");
  }
  function->type = &b->module->types[b->module->functions[import->index].type];
  if (!is_functype_for_c(function->type)) {
    return wa_fail(err, WA_ERROR_UNSUPPORTED, import->offset,
                   "imports a function with references to exceptions, which C has no types for");
  }
  for (uint32_t i = 0; i < glue->import_count; i++) {
    if (same(import->module, b->imports[i].module) && same(import->name, b->imports[i].name)) {
      return true;
    }
  }
  function->module = as_string(&b->library->arena, import->module);
  function->name = as_string(&b->library->arena, import->name);
  if (function->module == NULL || function->name == NULL) {
    return wa_fail(err, WA_ERROR_UNSUPPORTED, import->offset, "imports a name that C cannot hold");
  }
  function->symbol = wa_library_member(&b->names, import->module, import->name);
  glue->import_count++;
  return function->symbol != NULL || wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
}

// ---- Exports ----

static const struct wa_functype *make_type(struct builder *b, const uint32_t *params,
                                           uint32_t param_count, const uint32_t *result) {
  struct wa_functype *type = wa_arena_alloc(&b->library->arena, 1, sizeof *type);
  if (type != NULL) {
    *type = (struct wa_functype){.params = params,
                                 .param_count = param_count,
                                 .results = result,
                                 .result_count = result != NULL};
  }
  return type;
}

// A function of C for an export; `type` NULL when memory is short.
static bool add_function(struct builder *b, uint32_t row, const char *suffix, const char *callee,
                         const struct wa_functype *type, const char *comment) {
  struct wa_glue_function *function = &b->exports[b->library->glue.export_count];
  *function = (struct wa_glue_function){
      .symbol = wa_library_name(&b->names, bytes_of(b->library->prefix),
                                b->module->exports[row].name, suffix),
      .type = type,
      .callee = callee,
      .row = row,
      .comment = comment,
  };
  b->library->glue.export_count++;
  return function->symbol != NULL;
}

static bool add_accessor(struct builder *b, uint32_t row, const char *suffix, const char *callee,
                         const struct wa_functype *type, const char *comment) {
  return type != NULL && add_function(b, row, suffix, callee, type, comment);
}

static bool add_global(struct builder *b, uint32_t row, const struct wa_globaltype *global) {
  const uint32_t *type = &global->type;
  if (!is_for_c(global->type)) {
    b->library->left_out++;
    return true;
  }
  return add_accessor(b, row, "_get", CALLEE("global_get"), make_type(b, NULL, 0, type), "") &&
         (!global->mut ||
          add_accessor(b, row, "_set", CALLEE("global_set"), make_type(b, type, 1, NULL), ""));
}

static bool add_table(struct builder *b, uint32_t row, const struct wa_tabletype *table) {
  if (!is_for_c(table->elem)) {
    b->library->left_out++;
    return true;
  }
  uint32_t *both = wa_arena_alloc(&b->library->arena, 2, sizeof *both);
  if (both == NULL) {
    return false;
  }
  both[0] = WA_I64;
  both[1] = table->elem;
  return add_accessor(b, row, "_size", CALLEE("table_size"), make_type(b, NULL, 0, i64_type),
                      ": entries") &&
         add_accessor(b, row, "_get", CALLEE("table_get"), make_type(b, i64_type, 1, both + 1),
                      ": an entry") &&
         add_accessor(b, row, "_set", CALLEE("table_set"), make_type(b, both, 2, NULL),
                      ": an entry and what becomes of it") &&
         add_accessor(b, row, "_grow", CALLEE("table_grow"), make_type(b, both, 2, i64_type),
                      ": by so many entries; the old size, or -1");
}

static bool add_memory(struct builder *b, uint32_t row) {
  return add_accessor(b, row, "_size", CALLEE("memory_size"), make_type(b, NULL, 0, i64_type),
                      ": pages") &&
         add_accessor(b, row, "_grow", CALLEE("memory_grow"), make_type(b, i64_type, 1, i64_type),
                      ": by so many pages; the old size, or -1");
}

// Functions and the bytes of memories come first, so that their names depend on each other alone.
static bool add_plain(struct builder *b, uint32_t row) {
  const struct wa_export *export = &b->module->exports[row];
  if (export->kind == WA_EXTERN_MEMORY) {
    return add_function(b, row, "", CALLEE("memory"), NULL,
                        ": the bytes now, until the module grows it");
  }
  if (export->kind != WA_EXTERN_FUNC) {
    return true;
  }
  const struct wa_functype *type = &b->module->types[b->module->functions[export->index].type];
  if (is_functype_for_c(type)) {
    return add_function(b, row, "", has_references(type) ? CALLEE("call_checked") : CALLEE("call"),
                        type, "");
  }
  b->library->left_out++;
  return true;
}

static bool add_accessors(struct builder *b, uint32_t row) {
  const struct wa_export *export = &b->module->exports[row];
  switch (export->kind) {
  case WA_EXTERN_GLOBAL:
    return add_global(b, row, &b->module->globals[export->index].type);
  case WA_EXTERN_TABLE:
    return add_table(b, row, &b->module->tables[export->index].type);
  case WA_EXTERN_MEMORY:
    return add_memory(b, row);
  case WA_EXTERN_TAG:
    b->library->left_out++;
    return true;
  default:
    return true;
  }
}

static bool add_common(struct builder *b) {
  const char **forwards =
      wa_arena_alloc(&b->library->arena, (size_t)2 * COMMON_COUNT, sizeof(const char *));
  if (forwards == NULL) {
    return false;
  }
  for (size_t i = 0; i < COMMON_COUNT; i++) {
    forwards[2 * i] =
        wa_library_name(&b->names, bytes_of(b->library->prefix), bytes_of(common[i][0]), "");
    forwards[2 * i + 1] = common[i][1];
    if (forwards[2 * i] == NULL) {
      return false;
    }
  }
  b->library->glue.forwards = forwards;
  b->library->glue.forward_count = COMMON_COUNT;
  return true;
}

static bool add_exports(struct builder *b) {
  if (!add_common(b)) {
    return false;
  }
  for (uint32_t i = 0; i < b->module->export_count; i++) {
    if (!add_plain(b, i)) {
      return false;
    }
  }
  for (uint32_t i = 0; i < b->module->export_count; i++) {
    if (!add_accessors(b, i)) {
      return false;
    }
  }
  return true;
}

// ---- All ----

// At most four functions for an export.
static bool make_room(struct builder *b) {
  struct wa_arena *arena = &b->library->arena;
  size_t imports = (size_t)b->module->import_count + 1;
  size_t exports = (size_t)4 * b->module->export_count + 1;
  b->imports = wa_arena_alloc(arena, imports, sizeof *b->imports);
  b->exports = wa_arena_alloc(arena, exports, sizeof *b->exports);
  b->library->glue.imports = b->imports;
  b->library->glue.exports = b->exports;
  return b->imports != NULL && b->exports != NULL && b->library->prefix != NULL &&
         wa_library_names_init(&b->names, arena, exports + COMMON_COUNT);
}

static bool fill(struct builder *b, struct wa_error *err) {
  if (!make_room(b) || !add_exports(b) ||
      // Members of a structure, apart from the functions.
      !wa_library_names_init(&b->names, &b->library->arena, b->module->import_count)) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  for (uint32_t i = 0; i < b->module->import_count; i++) {
    if (!add_import(b, &b->module->imports[i], err)) {
      return false;
    }
  }
  return true;
}

bool wa_library_init(struct wa_library *library, const struct wa_module *module, const char *output,
                     struct wa_error *err) {
  *library = (struct wa_library){.prefix = NULL};
  wa_arena_init(&library->arena, 0);
  library->prefix = wa_library_prefix(&library->arena, output);
  struct builder builder = {.library = library, .module = module};
  if (fill(&builder, err)) {
    return true;
  }
  wa_library_deinit(library);
  return false;
}

void wa_library_deinit(struct wa_library *library) {
  wa_arena_deinit(&library->arena);
}
