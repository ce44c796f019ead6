#ifndef WA_STORE_H
#define WA_STORE_H

#include "object.h"
#include "prepared.h"

#include <pthread.h>

struct wa_store {
  pthread_mutex_t lock;      // of the lists: instances are made on several threads
  struct wa_object *objects; // newest first, so that an instance goes before what it was made from
  struct wa_prepared *prepared;
  struct wa_host_func *host_funcs;
  uint64_t max_memory_pages;
  uint64_t max_table_entries;
};

uint64_t wa_store_max_pages(const struct wa_store *store, bool index64);
uint64_t wa_store_max_table_entries(const struct wa_store *store);

// The store frees the object when it goes, unless wa_store_disown came first. Thread-safe.
void wa_store_own(struct wa_store *store, struct wa_object *object);
void wa_store_disown(struct wa_store *store, struct wa_object *object);

// The store's view of an artifact, made and kept (with a reference) at first use. Thread-safe.
// NULL when out of memory.
struct wa_prepared *wa_store_prepare(struct wa_store *store, struct wa_artifact *artifact);

#endif
