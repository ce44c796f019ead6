#include "runtime/call/hostfunc.h"

#include "runtime/arch/arch.h"
#include "runtime/thread/host_stack.h"

#include <stdlib.h>

_Static_assert(offsetof(struct wa_binding, exit) == WA_BINDING_EXIT, "arch_*.S");

static bool exhausted(const char *what) {
  return wa_raise(WA_TRAP_STACK_EXHAUSTED, "call stack exhausted: a host function %s", what);
}

// What exit trampolines call, on the guest stack.
static _Bool call_host(struct wa_host_binding *abi, void *cells) {
  struct wa_binding *binding = (struct wa_binding *)abi;
  struct wa_thread *thread = wa_thread_peek();
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  if (!wa_host_stack_suffices(thread, here, thread->activation->calls->host_stack)) {
    return exhausted("would have less stack than it is guaranteed");
  }
  bool returned = wa_binding_call(binding, cells);
  if (!thread->spare_open) {
    return returned;
  }
  wa_host_stack_restore(thread);
  // What it failed with itself says more: it may be the program's exit.
  return returned && exhausted("needed more stack than it is guaranteed");
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
