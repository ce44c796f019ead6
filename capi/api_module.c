// Modules: compiled, loaded, described.
#include "capi/api.h"

#include "capi/compile_module.h"
#include "loader/loader.h"
#include "runtime/instance/instance.h"
#include "runtime/object/prepared.h"

#include <stdlib.h>

wasm_module_t *wa_api_module(struct wa_artifact *artifact) {
  if (artifact == NULL) {
    return NULL;
  }
  wasm_module_t *module = calloc(1, sizeof *module);
  struct wa_prepared *prepared = module == NULL ? NULL : wa_prepared_new(artifact);
  if (prepared == NULL) {
    free(module);
    wa_artifact_release(artifact);
    (void)wa_api_no_memory();
    return NULL;
  }
  wa_api_ref_init(&module->ref, WA_API_MODULE);
  module->artifact = artifact;
  module->prepared = prepared;
  module->leaky = wa_artifact_leak(artifact) != NULL;
  return module;
}

static const char default_name[] = "module";

wasm_module_t *wasm_module_new(wasm_store_t *store, const wasm_byte_vec_t *binary) {
  return wa_api_module(
      wa_api_compile(store->engine, binary->data, binary->size, wa_api_last_error()));
}

bool wasm_module_validate(wasm_store_t *store, const wasm_byte_vec_t *binary) {
  return wa_api_validate(store->engine, binary->data, binary->size, wa_api_last_error());
}

wasm_module_t *wasm_module_deserialize(wasm_store_t *store, const wasm_byte_vec_t *bytes) {
  const struct wa_load_options options = {.features_off = store->engine->config.features_off};
  return wa_api_module(wa_artifact_load_memory(bytes->data, bytes->size, default_name, &options,
                                               wa_api_last_error()));
}

void wasm_module_serialize(const wasm_module_t *module, wasm_byte_vec_t *out) {
  wasm_byte_vec_new_uninitialized(out, wa_artifact_size(module->artifact));
  if (out->data != NULL && !wa_artifact_copy(module->artifact, out->data, wa_api_last_error())) {
    wasm_byte_vec_delete(out);
  }
}

// ---- wasmaot.h ----

static wasmaot_error_t *give(wasm_module_t *module, wasm_module_t **out) {
  if (module == NULL) {
    return wa_api_error();
  }
  *out = module;
  return NULL;
}

wasmaot_error_t *wasmaot_module_new(wasm_engine_t *engine, const void *binary, size_t size,
                                    wasm_module_t **out) {
  return give(wa_api_module(wa_api_compile(engine, binary, size, wa_api_last_error())), out);
}

wasmaot_error_t *wasmaot_module_validate(const void *binary, size_t size) {
  return wa_api_validate(NULL, binary, size, wa_api_last_error()) ? NULL : wa_api_error();
}

wasmaot_error_t *wasmaot_module_load_file(const char *path, wasm_module_t **out) {
  return give(wa_api_module(wa_artifact_load_file(path, NULL, wa_api_last_error())), out);
}

wasmaot_error_t *wasmaot_module_load(const void *bytes, size_t size, const char *name,
                                     wasm_module_t **out) {
  return give(wa_api_module(wa_artifact_load_memory(bytes, size, name == NULL ? default_name : name,
                                                    NULL, wa_api_last_error())),
              out);
}

// ---- Sharing ----

struct wasm_shared_module_t {
  wasm_module_t module;
};

wasm_shared_module_t *wasm_module_share(const wasm_module_t *module) {
  return (wasm_shared_module_t *)wasm_module_copy(module);
}

wasm_module_t *wasm_module_obtain(wasm_store_t *store, const wasm_shared_module_t *shared) {
  (void)store;
  return wasm_module_copy(&shared->module);
}

void wasm_shared_module_delete(wasm_shared_module_t *shared) {
  wasm_module_delete((wasm_module_t *)shared);
}

// ---- What it asks for and offers ----

static struct wa_api_limits limits_of(uint32_t flags, uint64_t min, uint64_t max) {
  return (struct wa_api_limits){
      .min = min,
      .max = (flags & WA_LIMITS_HAS_MAX) != 0 ? max : UINT64_MAX,
      .shared = (flags & WA_LIMITS_SHARED) != 0,
      .index64 = (flags & WA_LIMITS_INDEX64) != 0,
  };
}

static wasm_externtype_t *type_of(const wasm_module_t *module, uint32_t kind, uint32_t index) {
  const struct wa_meta *meta = module->artifact->meta;
  const struct wa_prepared *prepared = module->prepared;
  switch (kind) {
  case WA_EXTERN_FUNC: {
    uint32_t type = WA_META_ROW(meta, funcs, struct wa_meta_func, index)->type;
    return wasm_functype_as_externtype(wa_api_functype(prepared->type_ids[type]));
  }
  case WA_EXTERN_GLOBAL: {
    const struct wa_meta_global *row = WA_META_ROW(meta, globals, struct wa_meta_global, index);
    return wasm_globaltype_as_externtype(
        wa_api_globaltype(wa_prepared_type(prepared, row->type), row->mut != 0));
  }
  case WA_EXTERN_TABLE: {
    const struct wa_meta_table *row = WA_META_ROW(meta, tables, struct wa_meta_table, index);
    struct wa_api_limits limits = limits_of(row->flags, row->min, row->max);
    return wasm_tabletype_as_externtype(
        wa_api_tabletype(wa_prepared_type(prepared, row->elem_type), &limits));
  }
  case WA_EXTERN_MEMORY: {
    const struct wa_meta_memory *row = WA_META_ROW(meta, memories, struct wa_meta_memory, index);
    struct wa_api_limits limits = limits_of(row->flags, row->min, row->max);
    limits.bytes = row->page_size_log2 == WA_BYTE_PAGE_LOG2;
    return wasm_memorytype_as_externtype(wa_api_memorytype(&limits));
  }
  default:
    return wa_api_tagtype(
        prepared->type_ids[WA_META_ROW(meta, tags, struct wa_meta_tag, index)->type]);
  }
}

static wasm_name_t name_of(const struct wa_meta *meta, struct wa_meta_string string) {
  wasm_name_t name;
  wasm_name_new(&name, string.length, wa_meta_chars(meta, string));
  return name;
}

void wasm_module_imports(const wasm_module_t *module, wasm_importtype_vec_t *out) {
  const struct wa_meta *meta = module->artifact->meta;
  wasm_importtype_vec_new_uninitialized(out, meta->imports.count);
  for (uint32_t i = 0; i < out->size; i++) {
    const struct wa_meta_import *row = WA_META_ROW(meta, imports, struct wa_meta_import, i);
    wasm_name_t from = name_of(meta, row->module);
    wasm_name_t name = name_of(meta, row->name);
    out->data[i] = wasm_importtype_new(&from, &name, type_of(module, row->kind, row->index));
    if (out->data[i] == NULL) {
      wasm_importtype_vec_delete(out);
      return;
    }
  }
}

void wasm_module_exports(const wasm_module_t *module, wasm_exporttype_vec_t *out) {
  const struct wa_meta *meta = module->artifact->meta;
  wasm_exporttype_vec_new_uninitialized(out, meta->exports.count);
  for (uint32_t i = 0; i < out->size; i++) {
    const struct wa_meta_export *row = WA_META_ROW(meta, exports, struct wa_meta_export, i);
    wasm_name_t name = name_of(meta, row->name);
    out->data[i] = wasm_exporttype_new(&name, type_of(module, row->kind, row->index));
    if (out->data[i] == NULL) {
      wasm_exporttype_vec_delete(out);
      return;
    }
  }
}
