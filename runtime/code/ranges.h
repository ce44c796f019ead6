// A set of address ranges that a signal handler may search at any moment: finding takes no lock and
// allocates nothing, whatever other threads add or remove meanwhile. Two sets exist in a process:
// the text of loaded artifacts and the reservations of memories.
#ifndef WA_RUNTIME_CODE_RANGES_H
#define WA_RUNTIME_CODE_RANGES_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One range. `version` is odd while the slot changes, so that a reader never sees the start of one
// range with the end of another.
struct wa_range {
  atomic_uint version;
  _Atomic(uintptr_t) start;
  _Atomic(uintptr_t) end; // 0: the slot is free
  _Atomic(void *) owner;
  struct wa_range *next_free; // of writers, while the slot is free
};

enum { WA_RANGES_PER_CHUNK = 64 };

struct wa_range_chunk {
  struct wa_range ranges[WA_RANGES_PER_CHUNK];
  _Atomic(struct wa_range_chunk *) next; // chunks are never freed: a handler may be in one
};

struct wa_ranges {
  pthread_mutex_t lock;        // of writers, with all that follows up to `first`
  struct wa_range *free;       // slots that were used before
  struct wa_range_chunk *last; // NULL: `first`
  size_t last_used;            // slots of `last` that have been used
  struct wa_range_chunk first;
};

#define WA_RANGES_INIT                                                                             \
  { .lock = PTHREAD_MUTEX_INITIALIZER }

// NULL when out of memory. The range must stay valid until it is removed.
struct wa_range *wa_ranges_add(struct wa_ranges *set, const void *start, size_t size, void *owner);
void wa_ranges_remove(struct wa_ranges *set, struct wa_range *range); // NULL is fine
// The owner of the range that holds the address, or NULL. Async-signal-safe.
void *wa_ranges_find(struct wa_ranges *set, uintptr_t address);

// The reservations of all memories. Their owners are struct wa_memory_object.
extern struct wa_ranges wa_reservations;
// Whether an address lies in one of them. Async-signal-safe.
bool wa_is_reserved(uintptr_t address);

#endif
