// Tables: entries that never move, of which a growing prefix is in use. Threads may read, write and
// grow one at the same time; references are read and written whole.
#ifndef WA_RUNTIME_OBJECT_TABLE_H
#define WA_RUNTIME_OBJECT_TABLE_H

#include "runtime/object/object.h"

#include <pthread.h>

struct wa_table_object {
  struct wa_table_view view; // first: what compiled code sees
  struct wa_object object;
  struct wa_store *store;
  pthread_mutex_t lock; // of growing
  size_t mapping_size;  // of the reservation at view.base; 0: all entries are allocated there
  size_t committed;     // bytes of the reservation that are accessible
  uint64_t max;         // as declared; UINT64_MAX for none
  uint64_t limit;       // entries it may really have
  uint32_t elem_type;
  bool index64; // set right after wa_table_make: nothing here depends on it but linking
};

// Like wa_table_new, but not in the store's list: free it with wa_table_free.
struct wa_table_object *wa_table_make(struct wa_store *store, uint32_t elem_type, uint64_t min,
                                      uint64_t max, struct wa_error *err);
void wa_table_free(struct wa_table_object *table); // NULL is fine

// Writes one reference to entries [first, first + count), which are in range. False when the thread
// is to end, and some are not written.
bool wa_table_write(struct wa_table_object *table, uint64_t first, uint64_t count, void *ref);
// Entries move as by memmove; both ranges are checked by the caller, both tables of one type. False
// when the thread is to end, and some have not moved.
bool wa_table_move(struct wa_table_object *dst, uint64_t to, const struct wa_table_object *src,
                   uint64_t from, uint64_t count);

#endif
