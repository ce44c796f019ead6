#include "runtime/call/exception.h"

#include "runtime/object/store.h"
#include "runtime/thread/interrupt.h"

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
  uint16_t cells;    // of 8 bytes: at most two for each of 1,000 parameters
};

_Static_assert(sizeof(struct exception) <= WA_EXCEPTION_CELLS, "cells follow");

static void free_object(struct wa_object *object) {
  free(WA_OBJECT_OF(object, struct exception));
}

// What counts against the store's limit, with what the allocator takes for itself.
static uint64_t size_of(uint64_t cells) {
  return WA_EXCEPTION_CELLS + 8 * cells + 16;
}

// ---- The spare ----

// A program that throws most often throws one exception after another of the same few values: the
// one that was dropped last is kept for the next, still in the store's list and counted against its
// limit. Whoever takes it out of the store has it alone.
enum { SPARE_CELLS = 8 };

static struct exception *take_spare(struct wa_store *store) {
  if (atomic_load_explicit(&store->spare_exception, memory_order_relaxed) == NULL) {
    return NULL;
  }
  return atomic_exchange_explicit(&store->spare_exception, NULL, memory_order_acquire);
}

static bool leave_spare(struct exception *exception) {
  void *none = NULL;
  return exception->cells <= SPARE_CELLS &&
         atomic_compare_exchange_strong_explicit(&exception->store->spare_exception, &none,
                                                 exception, memory_order_release,
                                                 memory_order_relaxed);
}

static void free_exception(struct exception *exception) {
  wa_store_disown(exception->store, &exception->object);
  wa_budget_give(&exception->store->exceptions, size_of(exception->cells));
  free(exception);
}

static struct exception *reuse(struct wa_store *store, uint64_t cells) {
  struct exception *spare = take_spare(store);
  if (spare != NULL && spare->cells != cells) {
    free_exception(spare);
    spare = NULL;
  }
  return spare;
}

// ---- Exceptions ----

static struct exception *make(struct wa_store *store, uint64_t cells) {
  uint64_t size = size_of(cells);
  if (!wa_budget_take(&store->exceptions, size)) {
    wa_raise(WA_TRAP_HOST,
             "no room for an exception: those that the program keeps have all of their %llu bytes",
             (unsigned long long)store->exceptions.limit);
    return NULL;
  }
  struct exception *exception = calloc(1, WA_EXCEPTION_CELLS + 8 * cells);
  if (exception == NULL) {
    wa_budget_give(&store->exceptions, size);
    wa_raise(WA_TRAP_HOST, "out of memory for an exception");
    return NULL;
  }
  exception->cells = (uint16_t)cells;
  exception->store = store;
  exception->object.free = free_object;
  wa_store_own(store, &exception->object);
  return exception;
}

void *wa_exception_new(struct wa_store *store, const void *tag, uint64_t bytes) {
  struct exception *exception = reuse(store, bytes / 8);
  if (exception == NULL) {
    exception = make(store, bytes / 8);
  }
  if (exception != NULL) {
    exception->tag = tag;
    atomic_init(&exception->holds, 1);
  }
  return exception;
}

void *wa_exception_land(void *exception, uintptr_t registers[WA_SAVED_REGISTERS]) {
  struct wa_thread *thread = wa_thread_peek();
  // A thread that is to end is not taken further: a loop that only throws and catches spends hardly
  // any time in compiled code, where a signal could end it.
  if (wa_thread_stopping(thread) || !wa_landing_find(thread, registers)) {
    return NULL;
  }
  return exception;
}

// A hold is added by whoever has one: that of the only one who has any needs no atomic count.
static bool drops_last_hold(struct exception *exception) {
  return atomic_load_explicit(&exception->holds, memory_order_acquire) == 1 ||
         atomic_fetch_sub(&exception->holds, 1) == 1;
}

void wa_exception_settle(void *settled, enum wa_exception_fate fate) {
  struct exception *exception = settled;
  if (fate == WA_EXCEPTION_KEEP) {
    atomic_store(&exception->kept, true);
  } else if (fate == WA_EXCEPTION_HOLD) {
    atomic_fetch_add(&exception->holds, 1);
  } else if (!atomic_load(&exception->kept) && drops_last_hold(exception) &&
             !leave_spare(exception)) {
    free_exception(exception);
  }
}
