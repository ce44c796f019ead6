// Instances (core spec 4.5.4).
#include "capi/api.h"

#include "runtime/code/artifact.h"
#include "runtime/instance/instance.h"

#include <stdlib.h>

static wasm_instance_t *new_ref(wasm_store_t *store, struct wa_instance *instance) {
  wasm_instance_t *made = wa_api_ref_new(store, WA_API_INSTANCE, instance);
  if (made != NULL) {
    made->instance = instance;
  }
  return made;
}

// While a start function runs, a host function may have asked for its caller's exports.
static wasm_instance_t *find_or_make(wasm_store_t *store, struct wa_instance *instance) {
  wasm_instance_t *known = wa_api_ref_find(store, instance);
  return known != NULL ? known : new_ref(store, instance);
}

// Uses its imports until it ends. False when out of memory.
static bool keep_imports(wasm_instance_t *instance, const struct wa_api_imports *imports) {
  if (imports->linker != NULL) {
    return wa_api_ref_hold(&instance->ref, &imports->linker->ref);
  }
  for (size_t i = 0; imports->externs != NULL && i < imports->externs->size; i++) {
    if (!wa_api_ref_hold(&instance->ref, &imports->externs->data[i]->ref)) {
      return false;
    }
  }
  return true;
}

// The handle of a new instance; NULL when out of memory.
static wasm_instance_t *adopt(wasm_store_t *store, const wasm_module_t *module,
                              struct wa_instance *instance, const struct wa_api_imports *imports) {
  wasm_instance_t *made = find_or_make(store, instance);
  if (made == NULL) {
    return NULL; // it stays in the store, as long as that lives
  }
  if (!keep_imports(made, imports)) {
    made->ref.pinned = true;
    wasm_instance_delete(made);
    return NULL;
  }
  made->ref.pinned = made->ref.pinned || module->leaky;
  return made;
}

static bool fill_values(wasm_store_t *store, const wasm_extern_vec_t *imports,
                        struct wa_extern *values) {
  for (size_t i = 0; i < imports->size; i++) {
    const wasm_extern_t *import = imports->data[i];
    if (import == NULL || import->ref.store != store) {
      return wa_api_fail(WA_ERROR_USAGE, "import %zu is %s", i,
                         import == NULL ? "missing" : "an object of another store");
    }
    values[i] = import->value;
  }
  return true;
}

enum { FEW = 16 };

// By order. WA_INSTANTIATE_FAILED with the last error.
static enum wa_instantiate_result make_in_order(wasm_store_t *store, const wasm_module_t *module,
                                                const wasm_extern_vec_t *imports,
                                                struct wa_instance **instance,
                                                struct wa_trap *trap) {
  struct wa_extern few[FEW];
  struct wa_extern *values = few;
  size_t count = imports == NULL ? 0 : imports->size;
  uint32_t wanted = module->artifact->meta->imports.count;
  enum wa_instantiate_result result = WA_INSTANTIATE_FAILED;
  if (count != wanted) {
    (void)wa_api_fail(WA_ERROR_USAGE, "%zu imports given to a module that has %u", count, wanted);
    return result;
  }
  if (count > FEW) {
    values = malloc(count * sizeof *values);
  }
  if (values == NULL) {
    (void)wa_api_no_memory();
  } else if (count == 0 || fill_values(store, imports, values)) {
    result = wa_instance_new_with(store->store, module->artifact, count == 0 ? NULL : values,
                                  instance, trap, wa_api_last_error());
  }
  if (values != few) {
    free(values);
  }
  return result;
}

wasm_instance_t *wa_api_instantiate(wasm_store_t *store, const wasm_module_t *module,
                                    const struct wa_api_imports *imports, wasm_trap_t **trap) {
  struct wa_instance *instance;
  struct wa_trap reason;
  wasm_instance_t *made = NULL;
  wa_api_enter(store);
  enum wa_instantiate_result result =
      imports->linker == NULL
          ? make_in_order(store, module, imports->externs, &instance, &reason)
          : wa_instance_new(store->store, module->artifact, imports->linker->linker, &instance,
                            &reason, wa_api_last_error());
  if (result != WA_INSTANTIATE_FAILED) {
    made = adopt(store, module, instance, imports);
  }
  if (result == WA_INSTANTIATE_TRAPPED) {
    // It ends, unless others may refer to its functions.
    wasm_instance_delete(made);
    made = NULL;
    *trap = wa_api_trap_new(store, &reason);
    (void)wa_api_fail(WA_ERROR_UNLINKABLE, "the module trapped at its start: %s", reason.message);
  }
  wa_api_leave(store);
  return made;
}

wasm_instance_t *wasm_instance_new(wasm_store_t *store, const wasm_module_t *module,
                                   const wasm_extern_vec_t *imports, wasm_trap_t **trap) {
  struct wa_api_imports from = {.externs = imports};
  wasm_trap_t *reason = NULL;
  wasm_instance_t *made = wa_api_instantiate(store, module, &from, &reason);
  reason = wa_api_throw_on(reason);
  if (trap == NULL) {
    wasm_trap_delete(reason);
  } else {
    *trap = made == NULL && reason == NULL ? wa_api_trap_of_error(wa_api_last_error()) : reason;
  }
  return made;
}

// ---- Of frames ----

static const wasm_instance_t *as_instance(const struct wasm_ref_t *ref,
                                          const struct wa_artifact *artifact) {
  const wasm_instance_t *instance = (const wasm_instance_t *)ref;
  return ref->kind == WA_API_INSTANCE && wa_instance_artifact(instance->instance) == artifact
             ? instance
             : NULL;
}

// Where a function's context cannot be told, its instance can if the module has no other one.
static wasm_instance_t *find(const wasm_store_t *store, const struct wa_frame *frame) {
  const wasm_instance_t *only = NULL;
  size_t count = 0;
  for (size_t i = 0; i < store->bucket_count; i++) {
    for (const struct wasm_ref_t *ref = store->buckets[i]; ref != NULL; ref = ref->next) {
      const wasm_instance_t *instance = as_instance(ref, frame->origin);
      if (instance != NULL && (uintptr_t)instance->instance->ctx == frame->context) {
        return (wasm_instance_t *)(uintptr_t)instance;
      }
      if (instance != NULL) {
        only = instance;
        count++;
      }
    }
  }
  return frame->context == 0 && count == 1 ? (wasm_instance_t *)(uintptr_t)only : NULL;
}

struct wa_api_weak *wa_api_instance_of(wasm_store_t *store, const struct wa_frame *frame) {
  wasm_instance_t *instance = find(store, frame);
  if (instance == NULL) {
    return NULL;
  }
  if (instance->weak == NULL) {
    instance->weak = malloc(sizeof *instance->weak);
    if (instance->weak == NULL) {
      return NULL;
    }
    atomic_init(&instance->weak->references, 1); // the instance's own
    atomic_init(&instance->weak->instance, instance);
  }
  atomic_fetch_add_explicit(&instance->weak->references, 1, memory_order_relaxed);
  return instance->weak;
}

void wa_api_weak_release(struct wa_api_weak *weak) {
  if (weak != NULL && atomic_fetch_sub_explicit(&weak->references, 1, memory_order_acq_rel) == 1) {
    free(weak);
  }
}

void wa_api_weak_end(wasm_instance_t *instance) {
  if (instance->weak != NULL) {
    atomic_store(&instance->weak->instance, NULL);
    wa_api_weak_release(instance->weak);
    instance->weak = NULL;
  }
}

// ---- Exports ----

static wasm_extern_t *export_by_name(wasm_instance_t *instance, const char *name, size_t size) {
  struct wa_extern value;
  if (!wa_api_live(&instance->ref, "instance")) {
    return NULL;
  }
  if (!wa_instance_export(instance->instance, name, size, &value)) {
    (void)wa_api_fail(WA_ERROR_UNLINKABLE, "the instance has no export `%.*s`",
                      size > 200 ? 200 : (int)size, name);
    return NULL;
  }
  return wa_api_extern(instance->ref.store, value, instance);
}

wasm_extern_t *wasmaot_instance_export(const wasm_instance_t *instance, const char *name) {
  return export_by_name((wasm_instance_t *)(uintptr_t)instance, name, strlen(name));
}

wasm_extern_t *wasmaot_caller_export(const wasmaot_caller_t *caller, wasm_store_t *store,
                                     const char *name) {
  const struct wa_host_call *call = (const struct wa_host_call *)caller;
  if (call->instance == NULL) {
    (void)wa_api_fail(WA_ERROR_USAGE, "the host called this function: there is no caller");
    return NULL;
  }
  wasm_instance_t *instance = find_or_make(store, call->instance);
  wasm_extern_t *found = instance == NULL ? NULL : export_by_name(instance, name, strlen(name));
  wasm_instance_delete(instance);
  return found;
}

void wasm_instance_exports(const wasm_instance_t *instance, wasm_extern_vec_t *out) {
  wasm_extern_vec_new_empty(out);
  if (!wa_api_live(&instance->ref, "instance")) {
    return;
  }
  const struct wa_meta *meta = wa_instance_meta(instance->instance);
  wasm_extern_vec_new_uninitialized(out, meta->exports.count);
  for (uint32_t i = 0; i < out->size; i++) {
    struct wa_extern value;
    wa_instance_export_at(instance->instance, i, &value);
    out->data[i] =
        wa_api_extern(instance->ref.store, value, (wasm_instance_t *)(uintptr_t)instance);
    if (out->data[i] == NULL) {
      wasm_extern_vec_delete(out);
      return;
    }
  }
}
