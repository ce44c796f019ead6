#include "runtime/object/store.h"

#include "runtime/object/memory.h"
#include "runtime/thread/host_stack.h"
#include "runtime/thread/interrupt.h"

#include <stdlib.h>

// As the JS API has it for each.
#define MAX_TABLE_ENTRIES UINT64_C(10000000)

// What exceptions may take: as much as memories may, within these.
#define MAX_EXCEPTION_BYTES (UINT64_C(256) << 20)
#define MIN_EXCEPTION_BYTES (UINT64_C(1) << 20)

// The same of instances, of which each thread of a program has one.
#define MAX_INSTANCE_BYTES (UINT64_C(4) << 30)
#define MIN_INSTANCE_BYTES (UINT64_C(16) << 20)

static uint64_t bytes_between(uint64_t least, uint64_t most, uint64_t pages) {
  if (pages == 0 || pages > most / WA_PAGE_SIZE) {
    return most;
  }
  uint64_t bytes = pages * WA_PAGE_SIZE;
  return bytes < least ? least : bytes;
}

// With room for the guest above what host functions are guaranteed, which is half of the smallest
// stack there is.
static size_t stack_size(const struct wa_store_options *options, size_t host_stack) {
  size_t size = wa_stack_size_for(options == NULL ? 0 : options->stack_size);
  size_t least = host_stack + WA_DEFAULT_HOST_STACK;
  return size < least ? least : size;
}

struct wa_store *wa_store_new(const struct wa_store_options *options) {
  struct wa_store *store = calloc(1, sizeof *store);
  if (store == NULL) {
    return NULL;
  }
  pthread_mutex_init(&store->lock, NULL);
  uint64_t pages = options == NULL ? 0 : options->max_memory_pages;
  uint64_t entries = options == NULL ? 0 : options->max_table_entries;
  store->pages.limit = pages == 0 ? UINT64_MAX : pages;
  store->table_entries.limit = entries == 0 ? MAX_TABLE_ENTRIES : entries;
  store->exceptions.limit = bytes_between(MIN_EXCEPTION_BYTES, MAX_EXCEPTION_BYTES, pages);
  store->instances.limit = bytes_between(MIN_INSTANCE_BYTES, MAX_INSTANCE_BYTES, pages);
  size_t host_stack = options == NULL ? 0 : options->host_stack;
  store->calls.host_stack = host_stack == 0 ? WA_DEFAULT_HOST_STACK : host_stack;
  store->stack_size = stack_size(options, store->calls.host_stack);
  store->no_huge_pages = options != NULL && options->no_huge_pages;
  return store;
}

void wa_store_free(struct wa_store *store) {
  if (store == NULL) {
    return;
  }
  while (store->objects != NULL) {
    struct wa_object *object = store->objects;
    store->objects = object->next;
    object->free(object);
  }
  while (store->prepared != NULL) {
    struct wa_prepared *prepared = store->prepared;
    store->prepared = prepared->next;
    wa_prepared_free(prepared);
  }
  pthread_mutex_destroy(&store->lock);
  free(store);
}

uint64_t wa_store_max_pages(const struct wa_store *store, bool index64) {
  uint64_t most = index64 ? WA_MEMORY64_RESERVED_PAGES : WA_MEMORY32_PAGES;
  return store->pages.limit < most ? store->pages.limit : most;
}

uint64_t wa_store_max_table_entries(const struct wa_store *store) {
  return store->table_entries.limit < MAX_TABLE_ENTRIES ? store->table_entries.limit
                                                        : MAX_TABLE_ENTRIES;
}

bool wa_budget_take(struct wa_budget *budget, uint64_t amount) {
  uint64_t used = atomic_load(&budget->used);
  do {
    if (amount > budget->limit - used) {
      return false;
    }
  } while (!atomic_compare_exchange_weak(&budget->used, &used, used + amount));
  return true;
}

void wa_budget_give(struct wa_budget *budget, uint64_t amount) {
  atomic_fetch_sub(&budget->used, amount);
}

void wa_store_own(struct wa_store *store, struct wa_object *object) {
  pthread_mutex_lock(&store->lock);
  object->previous = NULL;
  object->next = store->objects;
  if (object->next != NULL) {
    object->next->previous = object;
  }
  store->objects = object;
  pthread_mutex_unlock(&store->lock);
}

void wa_store_disown(struct wa_store *store, struct wa_object *object) {
  pthread_mutex_lock(&store->lock);
  if (object->previous != NULL) {
    object->previous->next = object->next;
  } else {
    store->objects = object->next;
  }
  if (object->next != NULL) {
    object->next->previous = object->previous;
  }
  pthread_mutex_unlock(&store->lock);
}

bool wa_store_interrupt(struct wa_store *store, int64_t wait) {
  return wa_calls_interrupt(&store->calls, wait);
}

void wa_store_resume(struct wa_store *store) {
  atomic_store(&store->calls.interrupted, false);
}
