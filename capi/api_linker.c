// Linking by names.
#include "capi/api.h"

#include "capi/wasi_config.h"
#include "runtime/code/artifact.h"

#include <stdlib.h>

wasmaot_linker_t *wasmaot_linker_new(wasm_store_t *store) {
  wasmaot_linker_t *linker = wa_api_ref_new(store, WA_API_LINKER, NULL);
  if (linker == NULL) {
    return NULL;
  }
  linker->linker = wa_linker_new(store->store);
  if (linker->linker == NULL) {
    (void)wa_api_no_memory();
    wasmaot_linker_delete(linker);
    return NULL;
  }
  return linker;
}

void wasmaot_linker_delete(wasmaot_linker_t *linker) {
  wa_api_ref_release((struct wasm_ref_t *)linker);
}

static bool is_of_store(const wasmaot_linker_t *linker, const struct wasm_ref_t *ref) {
  return wa_api_live(&linker->ref, "linker") &&
         (linker->ref.store == ref->store ||
          wa_api_fail(WA_ERROR_USAGE, "an object of another store than the linker's"));
}

wasmaot_error_t *wasmaot_linker_define(wasmaot_linker_t *linker, const char *module,
                                       const char *name, const wasm_extern_t *value) {
  struct wasm_ref_t *ref = (struct wasm_ref_t *)(uintptr_t)value;
  bool defined = is_of_store(linker, ref) && wa_api_ref_hold(&linker->ref, ref) &&
                 wa_linker_define(linker->linker, module, strlen(module), name, strlen(name),
                                  value->value, wa_api_last_error());
  return defined ? NULL : wa_api_error();
}

wasmaot_error_t *wasmaot_linker_define_instance(wasmaot_linker_t *linker, const char *module,
                                                const wasm_instance_t *instance) {
  struct wasm_ref_t *ref = (struct wasm_ref_t *)(uintptr_t)instance;
  bool defined = is_of_store(linker, ref) && wa_api_ref_hold(&linker->ref, ref) &&
                 wa_linker_define_instance(linker->linker, module, strlen(module),
                                           instance->instance, wa_api_last_error());
  return defined ? NULL : wa_api_error();
}

wasmaot_error_t *wasmaot_linker_define_wasi(wasmaot_linker_t *linker,
                                            const wasmaot_wasi_config_t *config) {
  if (!wa_api_live(&linker->ref, "linker")) {
    return wa_api_error();
  }
  if (linker->wasi != NULL) {
    (void)wa_api_fail(WA_ERROR_USAGE, "WASI is defined already in this linker");
    return wa_api_error();
  }
  linker->wasi = wa_api_wasi_new(config, wa_api_last_error());
  bool defined = linker->wasi != NULL &&
                 wa_wasi_define(linker->wasi, linker->linker, NULL, wa_api_last_error());
  return defined ? NULL : wa_api_error();
}

void wasmaot_linker_trap_unknown(wasmaot_linker_t *linker, bool on) {
  if (wa_api_live(&linker->ref, "linker")) {
    wa_linker_trap_unknown(linker->linker, on);
  }
}

wasm_extern_t *wasmaot_linker_get(const wasmaot_linker_t *linker, const char *module,
                                  const char *name) {
  struct wa_extern value;
  if (!wa_api_live(&linker->ref, "linker")) {
    return NULL;
  }
  if (!wa_linker_get(linker->linker, module, strlen(module), name, strlen(name), &value)) {
    (void)wa_api_fail(WA_ERROR_UNLINKABLE, "`%.90s`.`%.90s` is not defined", module, name);
    return NULL;
  }
  wasm_extern_t *found = wa_api_extern(linker->ref.store, value, NULL);
  // What nobody has a handle of, a function of WASI, lives in the linker.
  if (found != NULL && !found->own && found->ref.owner == NULL) {
    (void)wa_api_ref_pin(linker->ref.store, (struct wasm_ref_t *)(uintptr_t)linker);
  }
  return found;
}

wasmaot_error_t *wa_api_linker_instantiate(wasmaot_linker_t *linker, const wasm_module_t *module,
                                           wasm_instance_t **out, wasm_trap_t **trap) {
  *out = NULL;
  *trap = NULL;
  if (!wa_api_live(&linker->ref, "linker") ||
      !wa_wasi_define_memories(linker->ref.store->store, module->artifact, linker->linker,
                               wa_api_last_error())) {
    return wa_api_error();
  }
  struct wa_api_imports imports = {.linker = linker};
  *out = wa_api_instantiate(linker->ref.store, module, &imports, trap);
  return *out == NULL && *trap == NULL ? wa_api_error() : NULL;
}

wasmaot_error_t *wasmaot_linker_instantiate(wasmaot_linker_t *linker, const wasm_module_t *module,
                                            wasm_instance_t **out, wasm_trap_t **trap) {
  wasmaot_error_t *error = wa_api_linker_instantiate(linker, module, out, trap);
  *trap = wa_api_throw_on(*trap);
  return error;
}
