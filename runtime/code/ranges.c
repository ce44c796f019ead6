#include "runtime/code/ranges.h"

#include <stdlib.h>

// A slot that has never been used, in a new chunk when there is none; NULL when out of memory.
static struct wa_range *new_slot(struct wa_ranges *set) {
  struct wa_range_chunk *chunk = set->last == NULL ? &set->first : set->last;
  if (set->last_used == WA_RANGES_PER_CHUNK) {
    struct wa_range_chunk *next = calloc(1, sizeof *next);
    if (next == NULL) {
      return NULL;
    }
    atomic_store_explicit(&chunk->next, next, memory_order_release);
    set->last = next;
    set->last_used = 0;
    chunk = next;
  }
  return &chunk->ranges[set->last_used++];
}

static struct wa_range *free_slot(struct wa_ranges *set) {
  struct wa_range *range = set->free;
  if (range == NULL) {
    return new_slot(set);
  }
  set->free = range->next_free;
  return range;
}

static void write_slot(struct wa_range *range, uintptr_t start, uintptr_t end, void *owner) {
  atomic_fetch_add(&range->version, 1);
  atomic_store(&range->start, start);
  atomic_store(&range->end, end);
  atomic_store(&range->owner, owner);
  atomic_fetch_add(&range->version, 1);
}

struct wa_range *wa_ranges_add(struct wa_ranges *set, const void *start, size_t size, void *owner) {
  pthread_mutex_lock(&set->lock);
  struct wa_range *range = free_slot(set);
  if (range != NULL) {
    write_slot(range, (uintptr_t)start, (uintptr_t)start + size, owner);
  }
  pthread_mutex_unlock(&set->lock);
  return range;
}

void wa_ranges_remove(struct wa_ranges *set, struct wa_range *range) {
  if (range == NULL) {
    return;
  }
  pthread_mutex_lock(&set->lock);
  write_slot(range, 0, 0, NULL);
  range->next_free = set->free;
  set->free = range;
  pthread_mutex_unlock(&set->lock);
}

// A slot that changes while it is read does not hold the address: whoever asks runs in the text or
// touches the memory he asks about, which is therefore not being removed.
static void *owner_if_inside(struct wa_range *range, uintptr_t address) {
  unsigned before = atomic_load(&range->version);
  uintptr_t start = atomic_load(&range->start);
  uintptr_t end = atomic_load(&range->end);
  void *owner = atomic_load(&range->owner);
  if ((before & 1u) != 0 || atomic_load(&range->version) != before) {
    return NULL;
  }
  return address >= start && address < end ? owner : NULL;
}

void *wa_ranges_find(struct wa_ranges *set, uintptr_t address) {
  for (struct wa_range_chunk *chunk = &set->first; chunk != NULL;
       chunk = atomic_load_explicit(&chunk->next, memory_order_acquire)) {
    for (size_t i = 0; i < WA_RANGES_PER_CHUNK; i++) {
      void *owner = owner_if_inside(&chunk->ranges[i], address);
      if (owner != NULL) {
        return owner;
      }
    }
  }
  return NULL;
}

struct wa_ranges wa_reservations = WA_RANGES_INIT;

bool wa_is_reserved(uintptr_t address) {
  return wa_ranges_find(&wa_reservations, address) != NULL;
}
