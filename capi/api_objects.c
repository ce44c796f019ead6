// Globals, tables, memories: made by the embedder, read and written.
#include "capi/api.h"

#include "runtime/code/artifact.h"
#include "runtime/object/memory.h"
#include "runtime/object/table.h"
#include "runtime/object/types.h"

#include <stdlib.h>

// A handle of an object that was just made for the embedder.
static void *own_extern(wasm_store_t *store, struct wa_extern value) {
  wasm_extern_t *made = wa_api_extern(store, value, NULL);
  if (made == NULL) {
    wa_extern_free(store->store, value);
    return NULL;
  }
  made->own = true;
  return made;
}

// ---- Globals ----

wasm_global_t *wasm_global_new(wasm_store_t *store, const wasm_globaltype_t *type,
                               const wasm_val_t *val) {
  uint32_t content = wa_api_type_of(wasm_globaltype_content(type));
  union wa_cell cell[2] = {{.u64 = 0}, {.u64 = 0}};
  if (!wa_api_val_to_cell(store, val, content, cell)) {
    return NULL;
  }
  struct wa_extern value = {.kind = WA_EXTERN_GLOBAL};
  value.global = wa_global_new(store->store, content, wasm_globaltype_mutability(type) == WASM_VAR,
                               cell, wa_api_last_error());
  return value.global == NULL ? NULL : own_extern(store, value);
}

wasm_globaltype_t *wasm_global_type(const wasm_global_t *global) {
  return wasm_externtype_as_globaltype(wasm_extern_type(&global->base));
}

void wasm_global_get(const wasm_global_t *global, wasm_val_t *out) {
  *out = (wasm_val_t)WASM_INIT_VAL;
  if (wa_api_live(&global->base.ref, "global")) {
    const struct wa_global_object *object = global->base.value.global;
    // Once, and whole: a guest thread may write a reference.
    union wa_cell cell = {.u64 = __atomic_load_n(&object->cell->u64, __ATOMIC_ACQUIRE)};
    (void)wa_api_val_from_cell(global->base.ref.store, &cell, object->type, out);
  }
}

void wasm_global_set(wasm_global_t *global, const wasm_val_t *val) {
  if (!wa_api_live(&global->base.ref, "global")) {
    return;
  }
  struct wa_global_object *object = global->base.value.global;
  union wa_cell cell = {.u64 = 0};
  if (!object->mut) {
    (void)wa_api_fail(WA_ERROR_USAGE, "a global that is immutable cannot be set");
  } else if (wa_api_val_to_cell(global->base.ref.store, val, object->type, &cell)) {
    __atomic_store_n(&object->cell->u64, cell.u64, __ATOMIC_RELEASE);
  }
}

// ---- Tables ----

wasm_table_t *wasm_table_new(wasm_store_t *store, const wasm_tabletype_t *type, wasm_ref_t *init) {
  uint32_t element = wa_api_type_of(wasm_tabletype_element(type));
  const struct wa_api_limits *limits = wa_api_tabletype_limits(type);
  void *cell = NULL;
  // A null `init` of a type that has no null fills nothing when there is no entry.
  if ((init != NULL || limits->min != 0) && !wa_api_ref_to_cell(store, init, element, &cell)) {
    return NULL;
  }
  struct wa_extern value = {.kind = WA_EXTERN_TABLE};
  struct wa_error *err = wa_api_last_error();
  value.table = limits->index64
                    ? wa_table_new64(store->store, element, limits->min, limits->max, err)
                    : wa_table_new(store->store, element, limits->min, limits->max, err);
  if (value.table == NULL) {
    return NULL;
  }
  if (cell != NULL) {
    wa_table_write(value.table, 0, limits->min, cell);
  }
  return own_extern(store, value);
}

wasm_tabletype_t *wasm_table_type(const wasm_table_t *table) {
  return wasm_externtype_as_tabletype(wasm_extern_type(&table->base));
}

static bool has_entry(const wasm_table_t *table, uint64_t index) {
  if (!wa_api_live(&table->base.ref, "table")) {
    return false;
  }
  uint64_t size = wa_table_size(table->base.value.table);
  return index < size || wa_api_fail(WA_ERROR_USAGE, "entry %llu of a table of %llu",
                                     (unsigned long long)index, (unsigned long long)size);
}

wasm_ref_t *wasm_table_get(const wasm_table_t *table, wasm_table_size_t index) {
  wasm_ref_t *ref = NULL;
  if (has_entry(table, index)) {
    struct wa_table_object *object = table->base.value.table;
    (void)wa_api_ref_from_cell(table->base.ref.store, wa_table_get(object, index),
                               object->elem_type, &ref);
  }
  return ref;
}

bool wasm_table_set(wasm_table_t *table, wasm_table_size_t index, wasm_ref_t *ref) {
  void *cell;
  if (!has_entry(table, index) ||
      !wa_api_ref_to_cell(table->base.ref.store, ref, table->base.value.table->elem_type, &cell)) {
    return false;
  }
  wa_table_set(table->base.value.table, index, cell);
  return true;
}

wasm_table_size_t wasm_table_size(const wasm_table_t *table) {
  return wa_api_live(&table->base.ref, "table")
             ? (wasm_table_size_t)wa_table_size(table->base.value.table)
             : 0;
}

bool wasm_table_grow(wasm_table_t *table, wasm_table_size_t delta, wasm_ref_t *init) {
  void *cell;
  if (!wa_api_live(&table->base.ref, "table") ||
      !wa_api_ref_to_cell(table->base.ref.store, init, table->base.value.table->elem_type, &cell)) {
    return false;
  }
  return wa_table_grow(table->base.value.table, cell, delta) >= 0 ||
         wa_api_fail(WA_ERROR_UNSUPPORTED, "the table cannot grow by %u entries", delta);
}

// ---- Memories ----

static struct wa_memory_object *make_memory(struct wa_store *store,
                                            const struct wa_api_limits *limits) {
  struct wa_memory_type type = {
      .min_pages = limits->min,
      .max_pages = limits->max,
      .shared = limits->shared,
      .index64 = limits->index64,
      .page_log2 = limits->bytes ? WA_BYTE_PAGE_LOG2 : WA_PAGE_LOG2,
  };
  return wa_memory_new_typed(store, &type, wa_api_last_error());
}

wasm_memory_t *wasm_memory_new(wasm_store_t *store, const wasm_memorytype_t *type) {
  struct wa_extern value = {.kind = WA_EXTERN_MEMORY};
  value.memory = make_memory(store->store, wa_api_memorytype_limits(type));
  return value.memory == NULL ? NULL : own_extern(store, value);
}

wasm_memorytype_t *wasm_memory_type(const wasm_memory_t *memory) {
  return wasm_externtype_as_memorytype(wasm_extern_type(&memory->base));
}

byte_t *wasm_memory_data(wasm_memory_t *memory) {
  return wa_api_live(&memory->base.ref, "memory")
             ? (byte_t *)wa_memory_base(memory->base.value.memory)
             : NULL;
}

size_t wasm_memory_data_size(const wasm_memory_t *memory) {
  return wa_api_live(&memory->base.ref, "memory")
             ? (size_t)wa_memory_size(memory->base.value.memory)
             : 0;
}

uint64_t wasmaot_memory_size(const wasm_memory_t *memory) {
  return wa_api_live(&memory->base.ref, "memory") ? wa_memory_pages(memory->base.value.memory) : 0;
}

wasm_memory_pages_t wasm_memory_size(const wasm_memory_t *memory) {
  return (wasm_memory_pages_t)wasmaot_memory_size(memory);
}

uint64_t wasmaot_memory_grow(wasm_memory_t *memory, uint64_t delta) {
  if (!wa_api_live(&memory->base.ref, "memory")) {
    return UINT64_MAX;
  }
  int64_t old = wa_memory_grow(memory->base.value.memory, delta);
  if (old < 0) {
    (void)wa_api_fail(WA_ERROR_UNSUPPORTED, "the memory cannot grow by %llu pages",
                      (unsigned long long)delta);
  }
  return (uint64_t)old;
}

bool wasm_memory_grow(wasm_memory_t *memory, wasm_memory_pages_t delta) {
  return wasmaot_memory_grow(memory, delta) != UINT64_MAX;
}

// ---- Memories of several stores ----

struct wasmaot_sharedmemory_t {
  atomic_uint references;
  struct wa_store *store; // of the memory alone
  struct wa_memory_object *memory;
};

static bool make_shared(wasmaot_sharedmemory_t *shared, const wasm_engine_t *engine,
                        const struct wa_api_limits *limits) {
  if (!limits->shared) {
    return wa_api_fail(WA_ERROR_USAGE, "the type of a memory that is not shared");
  }
  shared->store = wa_store_new(&engine->config.limits);
  if (shared->store == NULL) {
    return wa_api_no_memory();
  }
  shared->memory = make_memory(shared->store, limits);
  if (shared->memory == NULL) {
    wa_store_free(shared->store);
  }
  return shared->memory != NULL;
}

wasmaot_error_t *wasmaot_sharedmemory_new(wasm_engine_t *engine, const wasm_memorytype_t *type,
                                          wasmaot_sharedmemory_t **out) {
  wasmaot_sharedmemory_t *shared = calloc(1, sizeof *shared);
  if (shared == NULL) {
    (void)wa_api_no_memory();
    return wa_api_error();
  }
  if (!make_shared(shared, engine, wa_api_memorytype_limits(type))) {
    free(shared);
    return wa_api_error();
  }
  atomic_init(&shared->references, 1);
  *out = shared;
  return NULL;
}

void wasmaot_sharedmemory_delete(wasmaot_sharedmemory_t *shared) {
  if (shared != NULL &&
      atomic_fetch_sub_explicit(&shared->references, 1, memory_order_acq_rel) == 1) {
    wa_store_free(shared->store);
    free(shared);
  }
}

wasmaot_sharedmemory_t *wasmaot_sharedmemory_copy(wasmaot_sharedmemory_t *shared) {
  atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
  return shared;
}

uint8_t *wasmaot_sharedmemory_data(const wasmaot_sharedmemory_t *shared) {
  return wa_memory_base(shared->memory);
}

size_t wasmaot_sharedmemory_data_size(const wasmaot_sharedmemory_t *shared) {
  return (size_t)wa_memory_size(shared->memory);
}

wasm_memory_t *wasmaot_sharedmemory_obtain(wasm_store_t *store, wasmaot_sharedmemory_t *shared) {
  struct wa_extern value = {.kind = WA_EXTERN_MEMORY, .memory = shared->memory};
  wasm_memory_t *memory = (wasm_memory_t *)wa_api_extern(store, value, NULL);
  if (memory != NULL && memory->shared == NULL) {
    memory->shared = wasmaot_sharedmemory_copy(shared);
  }
  return memory;
}
