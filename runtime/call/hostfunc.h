#ifndef WA_RUNTIME_CALL_HOSTFUNC_H
#define WA_RUNTIME_CALL_HOSTFUNC_H

#include "runtime/call/binding.h"
#include "runtime/object/store.h"

struct wa_host_func {
  struct wa_func_ref ref;
  struct wa_binding binding;
  struct wa_object object;
  struct wa_host_func *previous; // in the store's list
  struct wa_host_func *next;
};

// Gives host functions whose type has no exit trampoline yet that of a module new in the store:
// whoever calls one through a reference is compiled code that knows the type, so by then some
// module has brought the trampoline. Under the store's lock.
void wa_host_funcs_offer(struct wa_store *store, const struct wa_prepared *prepared);

// Frees one before its store goes.
void wa_host_func_free(struct wa_store *store, struct wa_func_ref *func);

#endif
