// Externals: handles of the runtime's functions, globals, tables, memories and tags.
#include "capi/api.h"

#include "runtime/call/binding.h"
#include "runtime/code/artifact.h"
#include "runtime/instance/instance.h"

enum wa_api_kind wa_api_kind_of(enum wa_extern_kind kind) {
  static const enum wa_api_kind kinds[] = {
      [WA_EXTERN_FUNC] = WA_API_FUNC,     [WA_EXTERN_TABLE] = WA_API_TABLE,
      [WA_EXTERN_MEMORY] = WA_API_MEMORY, [WA_EXTERN_GLOBAL] = WA_API_GLOBAL,
      [WA_EXTERN_TAG] = WA_API_TAG,
  };
  return kinds[kind];
}

// The cell is what instances that import a mutable global share; the object is each one's own.
static const void *identity_of(const struct wa_extern *value) {
  switch (value->kind) {
  case WA_EXTERN_GLOBAL:
    return value->global->cell;
  case WA_EXTERN_TABLE:
    return value->table;
  case WA_EXTERN_MEMORY:
    return value->memory;
  default:
    return value->tag;
  }
}

// The instance a function lies in, when it is one of an embedder's; one more handle.
static wasm_instance_t *instance_of(wasm_store_t *store, const struct wa_func_ref *func) {
  const struct wa_instance *instance =
      wa_func_is_host(func) ? ((const struct wa_binding *)func->context)->call.instance
                            : wa_context_instance(func->context);
  return instance == NULL ? NULL : wa_api_ref_find(store, instance);
}

wasm_func_t *wa_api_func(wasm_store_t *store, struct wa_func_ref *func) {
  wasm_func_t *own = wa_api_own_func(func);
  if (own != NULL) {
    wa_api_ref_retain(&own->base.ref);
    return own;
  }
  func = func->self;
  wasm_func_t *known = wa_api_ref_find(store, func);
  if (known != NULL) {
    return known;
  }
  wasm_func_t *made = wa_api_ref_new(store, WA_API_FUNC, func);
  if (made == NULL) {
    return NULL;
  }
  wa_api_func_init(made, func);
  wasm_instance_t *owner = instance_of(store, func);
  if (owner != NULL) {
    wa_api_ref_adopt(&made->base.ref, owner);
    wa_api_ref_release(&owner->ref);
  }
  return made;
}

wasm_extern_t *wa_api_extern(wasm_store_t *store, struct wa_extern value, wasm_instance_t *owner) {
  if (value.kind == WA_EXTERN_FUNC) {
    return (wasm_extern_t *)wa_api_func(store, value.func);
  }
  const void *identity = identity_of(&value);
  wasm_extern_t *known = wa_api_ref_find(store, identity);
  if (known != NULL) {
    return known;
  }
  wasm_extern_t *made = wa_api_ref_new(store, wa_api_kind_of(value.kind), identity);
  if (made != NULL) {
    made->value = value;
    if (owner != NULL) {
      wa_api_ref_adopt(&made->ref, owner);
    }
  }
  return made;
}

// ---- Types ----

wasm_externtype_t *wa_api_extern_type(const struct wa_extern *value) {
  switch (value->kind) {
  case WA_EXTERN_FUNC:
    return wasm_functype_as_externtype(wa_api_functype((uint32_t)value->func->type));
  case WA_EXTERN_GLOBAL:
    return wasm_globaltype_as_externtype(
        wa_api_globaltype(value->global->type, value->global->mut));
  case WA_EXTERN_TABLE: {
    struct wa_api_limits limits = {.min = wa_table_size(value->table),
                                   .max = value->table->max,
                                   .index64 = value->table->index64};
    return wasm_tabletype_as_externtype(wa_api_tabletype(value->table->elem_type, &limits));
  }
  case WA_EXTERN_MEMORY: {
    struct wa_api_limits limits = {
        .min = wa_memory_pages(value->memory),
        .max = value->memory->max_pages,
        .shared = value->memory->shared,
        .index64 = value->memory->index64,
        .bytes = value->memory->page_log2 == WA_BYTE_PAGE_LOG2,
    };
    return wasm_memorytype_as_externtype(wa_api_memorytype(&limits));
  }
  default:
    return wa_api_tagtype(value->tag->type);
  }
}

wasm_externkind_t wasm_extern_kind(const wasm_extern_t *external) {
  return (wasm_externkind_t)external->ref.kind;
}

wasm_externtype_t *wasm_extern_type(const wasm_extern_t *external) {
  return wa_api_live(&external->ref, "object") ? wa_api_extern_type(&external->value) : NULL;
}

// ---- Casts ----

#define DEFINE_CASTS(name, wanted)                                                                 \
  wasm_extern_t *wasm_##name##_as_extern(wasm_##name##_t *handle) {                                \
    return (wasm_extern_t *)handle;                                                                \
  }                                                                                                \
  const wasm_extern_t *wasm_##name##_as_extern_const(const wasm_##name##_t *handle) {              \
    return (const wasm_extern_t *)handle;                                                          \
  }                                                                                                \
  wasm_##name##_t *wasm_extern_as_##name(wasm_extern_t *external) {                                \
    return external != NULL && external->ref.kind == (wanted) ? (wasm_##name##_t *)external        \
                                                              : NULL;                              \
  }                                                                                                \
  const wasm_##name##_t *wasm_extern_as_##name##_const(const wasm_extern_t *external) {            \
    return external != NULL && external->ref.kind == (wanted) ? (const wasm_##name##_t *)external  \
                                                              : NULL;                              \
  }

DEFINE_CASTS(func, WA_API_FUNC)
DEFINE_CASTS(global, WA_API_GLOBAL)
DEFINE_CASTS(table, WA_API_TABLE)
DEFINE_CASTS(memory, WA_API_MEMORY)

const wasmaot_tag_t *wasmaot_extern_as_tag(const wasm_extern_t *external) {
  return external != NULL && external->ref.kind == WA_API_TAG ? (const wasmaot_tag_t *)external
                                                              : NULL;
}
