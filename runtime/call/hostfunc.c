#include "runtime/call/hostfunc.h"

#include "runtime/arch/arch.h"

#include <stdlib.h>

_Static_assert(offsetof(struct wa_binding, exit) == WA_BINDING_EXIT, "arch_*.S");

// What exit trampolines call.
static _Bool call_host(struct wa_host_binding *abi, void *cells) {
  struct wa_binding *binding = (struct wa_binding *)abi;
  return wa_binding_call(binding, cells);
}

void wa_binding_init(struct wa_binding *binding, wa_host_fn *fn, void *env,
                     struct wa_instance *instance, const void *exit) {
  *binding = (struct wa_binding){
      .abi = {.call = call_host},
      .exit = exit,
      .fn = fn,
      .call = {.env = env, .instance = instance},
  };
}

bool wa_func_is_host(const struct wa_func_ref *func) {
  return func->code == (const void *)(uintptr_t)wa_arch_host_stub;
}

static void free_object(struct wa_object *object) {
  free(WA_OBJECT_OF(object, struct wa_host_func));
}

void wa_host_funcs_offer(struct wa_store *store, const struct wa_prepared *prepared) {
  for (struct wa_host_func *func = store->host_funcs; func != NULL; func = func->next) {
    if (func->binding.exit == NULL) {
      // Compiled code of other threads may just look whether there is one.
      __atomic_store_n(&func->binding.exit, wa_prepared_exit(prepared, func->ref.type),
                       __ATOMIC_RELEASE);
    }
  }
}

static void find_exit(struct wa_store *store, struct wa_host_func *func) {
  for (struct wa_prepared *prepared = store->prepared;
       prepared != NULL && func->binding.exit == NULL; prepared = prepared->next) {
    func->binding.exit = wa_prepared_exit(prepared, func->ref.type);
  }
}

struct wa_func_ref *wa_host_func_new(struct wa_store *store, uint32_t type, wa_host_fn *fn,
                                     void *env, struct wa_error *err) {
  struct wa_host_func *func = calloc(1, sizeof *func);
  if (func == NULL) {
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
    return NULL;
  }
  func->object.free = free_object;
  wa_binding_init(&func->binding, fn, env, NULL, NULL);
  func->ref = (struct wa_func_ref){
      .code = (const void *)(uintptr_t)wa_arch_host_stub,
      .context = &func->binding,
      .type = type,
      .self = &func->ref,
  };
  pthread_mutex_lock(&store->lock);
  find_exit(store, func);
  func->next = store->host_funcs;
  if (func->next != NULL) {
    func->next->previous = func;
  }
  store->host_funcs = func;
  pthread_mutex_unlock(&store->lock);
  wa_store_own(store, &func->object);
  return &func->ref;
}

void wa_host_func_free(struct wa_store *store, struct wa_func_ref *ref) {
  struct wa_host_func *func =
      (struct wa_host_func *)((uint8_t *)ref - offsetof(struct wa_host_func, ref));
  wa_store_disown(store, &func->object);
  pthread_mutex_lock(&store->lock);
  if (func->previous != NULL) {
    func->previous->next = func->next;
  } else {
    store->host_funcs = func->next;
  }
  if (func->next != NULL) {
    func->next->previous = func->previous;
  }
  pthread_mutex_unlock(&store->lock);
  free(func);
}
