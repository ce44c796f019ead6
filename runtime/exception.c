#include "exception.h"

#include "store.h"
#include "thread.h"

#include <stdatomic.h>
#include <stdlib.h>

// A struct wa_exception, whose reserved words are the rest.
struct exception {
  const void *tag;
  struct wa_object object;
  struct wa_store *store;
  // Once it is kept, any number of threads may throw and drop it at the same time. Before that one
  // thread alone has it.
  atomic_uint holds; // see enum wa_exception_fate
  atomic_bool kept;  // a guest has, or had, a reference
};

_Static_assert(sizeof(struct exception) <= WA_EXCEPTION_CELLS, "cells follow");

static void free_object(struct wa_object *object) {
  free(WA_OBJECT_OF(object, struct exception));
}

void *wa_exception_new(struct wa_store *store, const void *tag, uint64_t bytes) {
  struct exception *exception = calloc(1, WA_EXCEPTION_CELLS + bytes);
  if (exception == NULL) {
    wa_raise(WA_TRAP_HOST, "out of memory for an exception");
    return NULL;
  }
  exception->tag = tag;
  exception->store = store;
  atomic_init(&exception->holds, 1);
  exception->object.free = free_object;
  wa_store_own(store, &exception->object);
  return exception;
}

void wa_exception_throw(void *exception) {
  struct wa_thread *thread = wa_thread_peek();
  thread->exception = exception;
}

void wa_exception_settle(void *settled, enum wa_exception_fate fate) {
  struct exception *exception = settled;
  if (fate == WA_EXCEPTION_KEEP) {
    atomic_store(&exception->kept, true);
  } else if (fate == WA_EXCEPTION_HOLD) {
    atomic_fetch_add(&exception->holds, 1);
  } else if (!atomic_load(&exception->kept) && atomic_fetch_sub(&exception->holds, 1) == 1) {
    wa_store_disown(exception->store, &exception->object);
    free(exception);
  }
}
