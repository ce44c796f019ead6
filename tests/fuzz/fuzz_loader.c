// The loader's checks, and instantiation after them: any bytes are either an artifact whose every
// row can be read and which can be instantiated, or refused in words. What is native code in the
// input never runs: nothing here protects from that, and nothing is said to.
#include "tests/fuzz/fuzz.h"

#include "loader/loader.h"
#include "runtime/runtime.h"
#include "tests/fuzz/elf_find.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct wa_store_options limits = {.max_memory_pages = 64, .max_table_entries = 100000};

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  return 0;
}

// The input is for this host and version, so that inputs stay useful when the version changes, and
// has no start function.
static void make_current(uint8_t *bytes, size_t size) {
  struct elf_part note = elf_find(bytes, size, WA_SECTION_NOTE);
  const size_t header = sizeof(Elf64_Nhdr) + sizeof WA_NOTE_NAME;
  const uint32_t version = WA_ABI_VERSION, none = WA_NONE;
  if (note.size >= header + sizeof(struct wa_note)) {
    memcpy(note.bytes + header + offsetof(struct wa_note, abi_version), &version, sizeof version);
  }
  struct elf_part meta = elf_find(bytes, size, WA_SECTION_MODULE);
  if (meta.size >= sizeof(struct wa_meta)) {
    memcpy(meta.bytes + offsetof(struct wa_meta, start), &none, sizeof none);
  }
}

static bool define_import(struct wa_store *store, struct wa_linker *linker,
                          const struct wa_meta *meta, const struct wa_meta_import *import,
                          struct wa_error *err) {
  struct wa_extern value = {.kind = (enum wa_extern_kind)import->kind};
  const union wa_cell zero[2] = {{.u64 = 0}};
  if (import->kind == WA_EXTERN_MEMORY) {
    const struct wa_meta_memory *row =
        WA_META_ROW(meta, memories, struct wa_meta_memory, import->index);
    bool shared = (row->flags & WA_LIMITS_SHARED) != 0;
    uint64_t max = (row->flags & WA_LIMITS_HAS_MAX) != 0 ? row->max : UINT64_MAX;
    value.memory = (row->flags & WA_LIMITS_INDEX64) != 0
                       ? wa_memory_new64(store, row->min, max, shared, err)
                       : wa_memory_new(store, row->min, max, shared, err);
    if (value.memory == NULL) {
      return false;
    }
  } else if (import->kind == WA_EXTERN_TABLE) {
    const struct wa_meta_table *row =
        WA_META_ROW(meta, tables, struct wa_meta_table, import->index);
    uint64_t max = (row->flags & WA_LIMITS_HAS_MAX) != 0 ? row->max : UINT64_MAX;
    if (wa_type_has_index(row->elem_type)) {
      return false;
    }
    value.table = (row->flags & WA_LIMITS_INDEX64) != 0
                      ? wa_table_new64(store, row->elem_type, row->min, max, err)
                      : wa_table_new(store, row->elem_type, row->min, max, err);
    if (value.table == NULL) {
      return false;
    }
  } else if (import->kind == WA_EXTERN_GLOBAL) {
    const struct wa_meta_global *row =
        WA_META_ROW(meta, globals, struct wa_meta_global, import->index);
    if (wa_type_has_index(row->type) || (row->type & WA_REF_NON_NULL) != 0) {
      return false;
    }
    value.global = wa_global_new(store, row->type, row->mut != 0, zero, err);
    if (value.global == NULL) {
      return false;
    }
  } else {
    return true; // functions trap, tags fail
  }
  return wa_linker_define(linker, wa_meta_chars(meta, import->module), import->module.length,
                          wa_meta_chars(meta, import->name), import->name.length, value, err);
}

static uint64_t read_export(const struct wa_extern *value) {
  switch (value->kind) {
  case WA_EXTERN_FUNC:
    return wa_func_signature(value->func)->param_cells;
  case WA_EXTERN_TABLE:
    return wa_table_size(value->table) == 0
               ? 0
               : wa_table_get(value->table, wa_table_size(value->table) - 1) != NULL;
  case WA_EXTERN_MEMORY:
    return wa_memory_size(value->memory) == 0
               ? 0
               : wa_memory_base(value->memory)[wa_memory_size(value->memory) - 1];
  case WA_EXTERN_GLOBAL:
    return value->global->cell->u64;
  default:
    return 0;
  }
}

static void instantiate(struct wa_artifact *artifact) {
  static volatile uint64_t sink;
  const struct wa_meta *meta = artifact->meta;
  struct wa_error err;
  struct wa_trap trap;
  struct wa_instance *instance = NULL;
  struct wa_store *store = wa_store_new(&limits);
  struct wa_linker *linker = wa_linker_new(store);
  wa_error_clear(&err);
  wa_linker_trap_unknown(linker, true);
  bool linked = true;
  for (uint32_t i = 0; linked && i < meta->imports.count; i++) {
    linked = define_import(store, linker, meta,
                           WA_META_ROW(meta, imports, struct wa_meta_import, i), &err);
  }
  if (linked &&
      wa_instance_new(store, artifact, linker, &instance, &trap, &err) == WA_INSTANTIATED) {
    for (uint32_t i = 0; i < meta->exports.count; i++) {
      const struct wa_meta_export *row = WA_META_ROW(meta, exports, struct wa_meta_export, i);
      struct wa_extern value;
      if (wa_instance_export(instance, wa_meta_chars(meta, row->name), row->name.length, &value)) {
        sink = sink + read_export(&value);
      }
    }
  }
  wa_linker_free(linker);
  wa_store_free(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct wa_error err;
  uint8_t *bytes = malloc(size != 0 ? size : 1);
  if (bytes == NULL) {
    abort();
  }
  if (size != 0) {
    memcpy(bytes, data, size);
  }
  make_current(bytes, size);
  wa_error_clear(&err);
  struct wa_artifact *artifact = wa_artifact_load_memory(bytes, size, "input", NULL, &err);
  if (artifact == NULL && (err.kind == WA_ERROR_NONE || err.message[0] == '\0')) {
    abort();
  }
  if (artifact != NULL && artifact->meta->start == WA_NONE) {
    instantiate(artifact);
  }
  wa_artifact_release(artifact);
  free(bytes);
  return 0;
}
