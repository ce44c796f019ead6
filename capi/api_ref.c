// Handles, their objects' lives, host information.
#include "capi/api.h"

#include "runtime/code/artifact.h"
#include "runtime/instance/instance.h"
#include "wasi/wasi.h"

#include <stdlib.h>

// ---- The index ----

static size_t bucket_of(const wasm_store_t *store, const void *identity) {
  uint64_t hash = (uint64_t)(uintptr_t)identity * 0x9e3779b97f4a7c15u;
  return (size_t)(hash >> 32) & (store->bucket_count - 1);
}

static bool make_room(wasm_store_t *store) {
  if (store->ref_count < store->bucket_count) {
    return true;
  }
  size_t old_count = store->bucket_count;
  struct wasm_ref_t **old = store->buckets;
  size_t count = old_count == 0 ? 16 : old_count * 2;
  struct wasm_ref_t **buckets = calloc(count, sizeof(struct wasm_ref_t *));
  if (buckets == NULL) {
    return false;
  }
  store->buckets = buckets;
  store->bucket_count = count;
  for (size_t i = 0; i < old_count; i++) {
    for (struct wasm_ref_t *ref = old[i], *next = NULL; ref != NULL; ref = next) {
      next = ref->next;
      size_t bucket = bucket_of(store, ref->identity);
      ref->next = buckets[bucket];
      buckets[bucket] = ref;
    }
  }
  free(old);
  return true;
}

static void remove_from_index(wasm_store_t *store, const struct wasm_ref_t *ref) {
  struct wasm_ref_t **place = &store->buckets[bucket_of(store, ref->identity)];
  while (*place != ref) {
    place = &(*place)->next;
  }
  *place = ref->next;
  store->ref_count--;
}

static size_t size_of(enum wa_api_kind kind) {
  switch (kind) {
  case WA_API_FUNC:
    return sizeof(struct wasm_func_t);
  case WA_API_MEMORY:
    return sizeof(struct wasm_memory_t);
  case WA_API_INSTANCE:
    return sizeof(struct wasm_instance_t);
  case WA_API_FOREIGN:
    return sizeof(struct wasm_foreign_t);
  case WA_API_LINKER:
    return sizeof(struct wasmaot_linker_t);
  default:
    return sizeof(struct wasm_extern_t);
  }
}

void wa_api_ref_init(struct wasm_ref_t *ref, enum wa_api_kind kind) {
  ref->kind = kind;
  atomic_init(&ref->handles, 1);
  atomic_init(&ref->uses, 0);
}

void *wa_api_ref_new(wasm_store_t *store, enum wa_api_kind kind, const void *identity) {
  struct wasm_ref_t *ref = make_room(store) ? calloc(1, size_of(kind)) : NULL;
  if (ref == NULL) {
    (void)wa_api_no_memory();
    return NULL;
  }
  wa_api_ref_init(ref, kind);
  ref->store = store;
  ref->identity = identity == NULL ? ref : identity;
  size_t bucket = bucket_of(store, ref->identity);
  ref->next = store->buckets[bucket];
  store->buckets[bucket] = ref;
  store->ref_count++;
  return ref;
}

void *wa_api_ref_find(wasm_store_t *store, const void *identity) {
  if (store->bucket_count == 0) {
    return NULL;
  }
  struct wasm_ref_t *ref = store->buckets[bucket_of(store, identity)];
  while (ref != NULL && ref->identity != identity) {
    ref = ref->next;
  }
  wa_api_ref_retain(ref);
  return ref;
}

// ---- Ends ----

static void finalize(struct wasm_ref_t *ref) {
  if (ref->finalizer != NULL) {
    void (*finalizer)(void *) = ref->finalizer;
    ref->finalizer = NULL;
    finalizer(ref->host_info);
  }
  if (ref->kind == WA_API_FUNC) {
    wasm_func_t *func = (wasm_func_t *)ref;
    if (func->env_finalizer != NULL) {
      void (*finalizer)(void *) = func->env_finalizer;
      func->env_finalizer = NULL;
      finalizer(func->env);
    }
  }
}

static void free_ref(struct wasm_ref_t *ref) {
  if (ref->kind == WA_API_MODULE) {
    wa_artifact_release(((wasm_module_t *)ref)->artifact);
    wa_prepared_free(((wasm_module_t *)ref)->prepared);
  } else if (ref->kind == WA_API_TRAP) {
    wa_api_trap_deinit(ref);
  }
  free(ref->held);
  free(ref);
}

static void unlink_from_owner(struct wasm_ref_t *ref) {
  if (ref->previous_of_owner != NULL) {
    ref->previous_of_owner->next_of_owner = ref->next_of_owner;
  } else {
    ref->owner->exports = ref->next_of_owner;
  }
  if (ref->next_of_owner != NULL) {
    ref->next_of_owner->previous_of_owner = ref->previous_of_owner;
  }
}

// What is not the runtime's own, and what this used.
static void let_go(struct wasm_ref_t *ref) {
  if (ref->kind == WA_API_MEMORY) {
    wasmaot_sharedmemory_delete(((wasm_memory_t *)ref)->shared);
    ((wasm_memory_t *)ref)->shared = NULL;
  } else if (ref->kind == WA_API_LINKER) {
    wa_linker_free(((wasmaot_linker_t *)ref)->linker);
    wa_wasi_free(((wasmaot_linker_t *)ref)->wasi);
  }
  for (size_t i = 0; i < ref->held_count; i++) {
    wa_api_ref_unuse(ref->held[i]);
  }
  ref->held_count = 0;
}

static void end_exports(wasm_store_t *store, wasm_instance_t *instance) {
  while (instance->exports != NULL) {
    struct wasm_ref_t *ref = instance->exports;
    unlink_from_owner(ref);
    remove_from_index(store, ref);
    finalize(ref);
    free_ref(ref);
  }
}

// Nothing is left that refers to it, and no call is in progress.
static void end(struct wasm_ref_t *ref) {
  wasm_store_t *store = ref->store;
  remove_from_index(store, ref);
  if (ref->kind == WA_API_INSTANCE) {
    wa_api_weak_end((wasm_instance_t *)ref);
    end_exports(store, (wasm_instance_t *)ref);
  }
  finalize(ref);
  if (ref->kind == WA_API_INSTANCE) {
    wa_instance_free(((wasm_instance_t *)ref)->instance);
  } else if (ref->kind <= WA_API_TAG && ((struct wasm_extern_t *)ref)->own) {
    wa_extern_free(store->store, ((struct wasm_extern_t *)ref)->value);
  }
  let_go(ref);
  free_ref(ref);
}

static void condemn(struct wasm_ref_t *ref) {
  if (!ref->condemned) {
    ref->condemned = true;
    ref->next_condemned = ref->store->condemned;
    ref->store->condemned = ref;
  }
}

// An export that nobody has a handle of: forgotten, unless it has host information to keep.
static void retire_export(struct wasm_ref_t *ref) {
  wasm_instance_t *owner = ref->owner;
  bool active = ref->active;
  ref->active = false;
  if (ref->host_info == NULL && ref->finalizer == NULL) {
    unlink_from_owner(ref);
    remove_from_index(ref->store, ref);
    free_ref(ref);
  }
  if (active) {
    wa_api_ref_unuse(&owner->ref);
  }
}

// Neither handle nor use is left.
static void drop(struct wasm_ref_t *ref) {
  if (ref->kind == WA_API_TRAP || ref->kind == WA_API_MODULE) {
    finalize(ref);
    free_ref(ref);
  } else if (ref->store == NULL) {
    free_ref(ref);
  } else if (ref->pinned) {
    return;
  } else if (ref->owner != NULL) {
    retire_export(ref);
  } else if (ref->store->depth != 0) {
    condemn(ref);
  } else {
    end(ref);
  }
}

// Whether this count was the last. Refs that threads share, modules, have handles only.
static bool was_last(atomic_uint *count, atomic_uint *other) {
  return atomic_fetch_sub_explicit(count, 1, memory_order_acq_rel) == 1 &&
         atomic_load_explicit(other, memory_order_acquire) == 0;
}

static void activate(struct wasm_ref_t *ref) {
  if (ref->owner != NULL && !ref->active && ref->store != NULL) {
    ref->active = true;
    wa_api_ref_use(&ref->owner->ref);
  }
}

void wa_api_ref_retain(struct wasm_ref_t *ref) {
  if (ref != NULL) {
    atomic_fetch_add_explicit(&ref->handles, 1, memory_order_relaxed);
    activate(ref);
  }
}

void wa_api_ref_release(struct wasm_ref_t *ref) {
  if (ref != NULL && was_last(&ref->handles, &ref->uses)) {
    drop(ref);
  }
}

void wa_api_ref_use(struct wasm_ref_t *ref) {
  atomic_fetch_add_explicit(&ref->uses, 1, memory_order_relaxed);
  activate(ref);
}

void wa_api_ref_unuse(struct wasm_ref_t *ref) {
  if (was_last(&ref->uses, &ref->handles)) {
    drop(ref);
  }
}

bool wa_api_ref_hold(struct wasm_ref_t *ref, struct wasm_ref_t *other) {
  // Room grows by doubling: at every power of two.
  size_t count = ref->held_count;
  if ((count & (count - 1)) == 0) {
    size_t room = count == 0 ? 1 : count * 2;
    struct wasm_ref_t **held = realloc(ref->held, room * sizeof(struct wasm_ref_t *));
    if (held == NULL) {
      return wa_api_no_memory();
    }
    ref->held = held;
  }
  ref->held[ref->held_count++] = other;
  wa_api_ref_use(other);
  return true;
}

void wa_api_ref_adopt(struct wasm_ref_t *ref, wasm_instance_t *owner) {
  ref->owner = owner;
  ref->next_of_owner = owner->exports;
  if (ref->next_of_owner != NULL) {
    ref->next_of_owner->previous_of_owner = ref;
  }
  owner->exports = ref;
  activate(ref);
}

static bool pin_foreign(wasm_store_t *store, struct wasm_ref_t *ref) {
  for (size_t i = 0; i < store->foreign_pin_count; i++) {
    if (store->foreign_pins[i] == ref) {
      return true;
    }
  }
  size_t size = (store->foreign_pin_count + 1) * sizeof(struct wasm_ref_t *);
  struct wasm_ref_t **pins = realloc(store->foreign_pins, size);
  if (pins == NULL) {
    return wa_api_no_memory();
  }
  store->foreign_pins = pins;
  pins[store->foreign_pin_count++] = ref;
  wa_api_ref_retain(ref);
  return true;
}

bool wa_api_ref_pin(wasm_store_t *store, struct wasm_ref_t *ref) {
  if (ref->kind == WA_API_TRAP || ref->kind == WA_API_MODULE) {
    return pin_foreign(store, ref);
  }
  if (ref->store != store) {
    return wa_api_fail(WA_ERROR_USAGE, "a reference to an object of another store");
  }
  ref->pinned = true;
  return true;
}

void wa_api_leave(wasm_store_t *store) {
  if (--store->depth != 0) {
    return;
  }
  while (store->condemned != NULL) {
    struct wasm_ref_t *ref = store->condemned;
    store->condemned = ref->next_condemned;
    ref->condemned = false;
    if (atomic_load(&ref->handles) == 0 && atomic_load(&ref->uses) == 0 && !ref->pinned) {
      end(ref);
    }
  }
  if (store->deleted) {
    wa_api_store_close(store);
  }
}

// All refs as a list, by `next`. They belong to no store from then on.
static struct wasm_ref_t *detach_all(wasm_store_t *store) {
  struct wasm_ref_t *list = NULL;
  for (size_t i = 0; i < store->bucket_count; i++) {
    for (struct wasm_ref_t *ref = store->buckets[i], *next = NULL; ref != NULL; ref = next) {
      next = ref->next;
      ref->next = list;
      list = ref;
      ref->store = NULL;
      ref->owner = NULL;
      if (ref->kind == WA_API_INSTANCE) {
        wa_api_weak_end((wasm_instance_t *)ref);
      }
      // Held until all finalizers have run: they may delete handles.
      atomic_fetch_add(&ref->uses, 1);
    }
  }
  free(store->buckets);
  store->buckets = NULL;
  store->bucket_count = 0;
  return list;
}

void wa_api_refs_end(wasm_store_t *store) {
  struct wasm_ref_t *list = detach_all(store);
  for (struct wasm_ref_t *ref = list; ref != NULL; ref = ref->next) {
    finalize(ref);
  }
  wa_store_free(store->store);
  for (size_t i = 0; i < store->foreign_pin_count; i++) {
    wa_api_ref_release(store->foreign_pins[i]);
  }
  free(store->foreign_pins);
  for (struct wasm_ref_t *ref = list; ref != NULL; ref = ref->next) {
    let_go(ref);
  }
  for (struct wasm_ref_t *ref = list, *next = NULL; ref != NULL; ref = next) {
    next = ref->next;
    // The uses that an active export was counted for are gone with the store.
    atomic_store(&ref->uses, 0);
    if (atomic_load(&ref->handles) == 0) {
      free_ref(ref);
    }
  }
}

// ---- Host information ----

static void set_host_info(struct wasm_ref_t *ref, void *info, void (*finalizer)(void *)) {
  if (ref->finalizer != NULL) {
    ref->finalizer(ref->host_info);
  }
  ref->host_info = info;
  ref->finalizer = finalizer;
}

bool wa_api_live(const struct wasm_ref_t *ref, const char *what) {
  return ref->store != NULL ||
         wa_api_fail(WA_ERROR_USAGE, "the store that this %s lived in was deleted", what);
}

// ---- The functions that every reference has ----

#define DEFINE_REF_BASE(name)                                                                      \
  void wasm_##name##_delete(wasm_##name##_t *handle) {                                             \
    wa_api_ref_release((struct wasm_ref_t *)handle);                                               \
  }                                                                                                \
  wasm_##name##_t *wasm_##name##_copy(const wasm_##name##_t *handle) {                             \
    struct wasm_ref_t *ref = (struct wasm_ref_t *)(uintptr_t)handle;                               \
    wa_api_ref_retain(ref);                                                                        \
    return (wasm_##name##_t *)ref;                                                                 \
  }                                                                                                \
  bool wasm_##name##_same(const wasm_##name##_t *a, const wasm_##name##_t *b) {                    \
    return a == b;                                                                                 \
  }                                                                                                \
  void *wasm_##name##_get_host_info(const wasm_##name##_t *handle) {                               \
    return ((const struct wasm_ref_t *)handle)->host_info;                                         \
  }                                                                                                \
  void wasm_##name##_set_host_info(wasm_##name##_t *handle, void *info) {                          \
    set_host_info((struct wasm_ref_t *)handle, info, NULL);                                        \
  }                                                                                                \
  void wasm_##name##_set_host_info_with_finalizer(wasm_##name##_t *handle, void *info,             \
                                                  void (*finalizer)(void *)) {                     \
    set_host_info((struct wasm_ref_t *)handle, info, finalizer);                                   \
  }

#define DEFINE_REF(name, wanted)                                                                   \
  DEFINE_REF_BASE(name)                                                                            \
  wasm_ref_t *wasm_##name##_as_ref(wasm_##name##_t *handle) {                                      \
    return (wasm_ref_t *)handle;                                                                   \
  }                                                                                                \
  const wasm_ref_t *wasm_##name##_as_ref_const(const wasm_##name##_t *handle) {                    \
    return (const wasm_ref_t *)handle;                                                             \
  }                                                                                                \
  wasm_##name##_t *wasm_ref_as_##name(wasm_ref_t *ref) {                                           \
    return is_of_kind(ref, wanted) ? (wasm_##name##_t *)ref : NULL;                                \
  }                                                                                                \
  const wasm_##name##_t *wasm_ref_as_##name##_const(const wasm_ref_t *ref) {                       \
    return is_of_kind(ref, wanted) ? (const wasm_##name##_t *)ref : NULL;                          \
  }

enum { ANY_EXTERN = -1 };

static bool is_of_kind(const struct wasm_ref_t *ref, int wanted) {
  return ref != NULL &&
         (wanted == ANY_EXTERN ? ref->kind <= WA_API_TAG : ref->kind == (enum wa_api_kind)wanted);
}

DEFINE_REF_BASE(ref)
DEFINE_REF(trap, WA_API_TRAP)
DEFINE_REF(foreign, WA_API_FOREIGN)
DEFINE_REF(module, WA_API_MODULE)
DEFINE_REF(func, WA_API_FUNC)
DEFINE_REF(global, WA_API_GLOBAL)
DEFINE_REF(table, WA_API_TABLE)
DEFINE_REF(memory, WA_API_MEMORY)
DEFINE_REF(extern, ANY_EXTERN)
DEFINE_REF(instance, WA_API_INSTANCE)

wasm_foreign_t *wasm_foreign_new(wasm_store_t *store) {
  return wa_api_ref_new(store, WA_API_FOREIGN, NULL);
}
