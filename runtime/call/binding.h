// Host functions: the contexts that their references and import slots carry.
#ifndef WA_RUNTIME_CALL_BINDING_H
#define WA_RUNTIME_CALL_BINDING_H

#include "runtime/runtime.h"

// A host function as one importing instance sees it, or (instance NULL) as the store made it.
struct wa_binding {
  struct wa_host_binding abi; // compiled code and its exit trampolines know this part
  const void *exit;           // exit trampoline of the type; arch_*.S knows that it is second
  wa_host_fn *fn;
  struct wa_host_call call;
};

// Fills a binding so that exit trampolines call fn.
void wa_binding_init(struct wa_binding *binding, wa_host_fn *fn, void *env,
                     struct wa_instance *instance, const void *exit);

// Calls the function; false when it failed, with the reason in the thread's record.
bool wa_binding_call(struct wa_binding *binding, union wa_cell *cells);

// Whether a reference is to a host function; then its context is a struct wa_binding.
bool wa_func_is_host(const struct wa_func_ref *func);

#endif
