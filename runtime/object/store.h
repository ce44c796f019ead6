#ifndef WA_RUNTIME_OBJECT_STORE_H
#define WA_RUNTIME_OBJECT_STORE_H

#include "runtime/object/object.h"
#include "runtime/object/prepared.h"
#include "runtime/thread/thread.h"

#include <pthread.h>
#include <stdatomic.h>

// What all objects of a kind may have together.
struct wa_budget {
  uint64_t limit;
  _Atomic uint64_t used;
};

struct wa_store {
  pthread_mutex_t lock;      // of the lists: instances are made on several threads
  struct wa_object *objects; // newest first, so that an instance goes before what it was made from
  struct wa_prepared *prepared;
  struct wa_host_func *host_funcs;
  struct wa_budget pages;          // of all memories
  struct wa_budget table_entries;  // of all tables
  struct wa_budget exceptions;     // bytes of all exceptions that are not freed yet
  struct wa_budget instances;      // bytes of all instances, without their memories and tables
  _Atomic(void *) spare_exception; // among the objects, for the next throw; see exception.c
  size_t stack_size;               // of calls outside of groups
  bool no_huge_pages;              // for memories that grow large
  struct wa_calls calls;
};

// Most pages that one memory may have.
uint64_t wa_store_max_pages(const struct wa_store *store, bool index64);
// Most entries that one table may have.
uint64_t wa_store_max_table_entries(const struct wa_store *store);

// Takes so much of what all may have together; false, having taken nothing, when less is left.
// Thread-safe.
bool wa_budget_take(struct wa_budget *budget, uint64_t amount);
void wa_budget_give(struct wa_budget *budget, uint64_t amount);

// The store frees the object when it goes, unless wa_store_disown came first. Thread-safe.
void wa_store_own(struct wa_store *store, struct wa_object *object);
void wa_store_disown(struct wa_store *store, struct wa_object *object);

#endif
