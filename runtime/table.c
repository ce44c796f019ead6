// Tables (core spec 4.2.7). The null entry is all zero in both kinds.
#include "table.h"

#include "bulk.h"
#include "interrupt.h"
#include "store.h"

#include <stdlib.h>
#include <string.h>

static size_t entry_size(const struct wa_table_object *table) {
  return wa_type_is_func(table->elem_type) ? sizeof(struct wa_func_ref) : sizeof(void *);
}

static void free_object(struct wa_object *object) {
  wa_table_free(WA_OBJECT_OF(object, struct wa_table_object));
}

// Sets view and capacity of a new table. calloc, so that a big table costs only what is touched.
static bool allocate(struct wa_table_object *table, uint64_t min, struct wa_error *err) {
  if (min > table->limit) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                   "a table of %llu entries exceeds the limit of %llu; raise it (--max-table)",
                   (unsigned long long)min, (unsigned long long)table->limit);
  }
  if (!wa_budget_take(&table->store->table_entries, min)) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                   "a table of %llu entries is more than is left of the %llu for all tables "
                   "together; raise the limit (--max-table)",
                   (unsigned long long)min, (unsigned long long)table->store->table_entries.limit);
  }
  table->view.size = min; // what is given back, also after a failure below
  if (min != 0) {
    table->view.base = calloc(min, entry_size(table));
    if (table->view.base == NULL) {
      return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                     "out of memory for a table of %llu entries", (unsigned long long)min);
    }
  }
  table->capacity = min;
  return true;
}

struct wa_table_object *wa_table_make(struct wa_store *store, uint32_t elem_type, uint64_t min,
                                      uint64_t max, struct wa_error *err) {
  struct wa_table_object *table = calloc(1, sizeof *table);
  if (table == NULL) {
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
    return NULL;
  }
  table->object.free = free_object;
  table->store = store;
  table->elem_type = elem_type;
  table->max = max;
  uint64_t store_limit = wa_store_max_table_entries(store);
  table->limit = max < store_limit ? max : store_limit;
  if (!allocate(table, min, err)) {
    wa_table_free(table);
    return NULL;
  }
  return table;
}

void wa_table_free(struct wa_table_object *table) {
  if (table != NULL) {
    wa_budget_give(&table->store->table_entries, table->view.size);
    free(table->view.base);
    free(table);
  }
}

struct wa_table_object *wa_table_new(struct wa_store *store, uint32_t elem_type, uint64_t min,
                                     uint64_t max, struct wa_error *err) {
  struct wa_table_object *table = wa_table_make(store, elem_type, min, max, err);
  if (table != NULL) {
    wa_store_own(store, &table->object);
  }
  return table;
}

struct wa_table_object *wa_table_new64(struct wa_store *store, uint32_t elem_type, uint64_t min,
                                       uint64_t max, struct wa_error *err) {
  struct wa_table_object *table = wa_table_new(store, elem_type, min, max, err);
  if (table != NULL) {
    table->index64 = true;
  }
  return table;
}

uint64_t wa_table_size(const struct wa_table_object *table) {
  return table->view.size;
}

uint32_t wa_table_elem_type(const struct wa_table_object *table) {
  return table->elem_type;
}

void *wa_table_get(const struct wa_table_object *table, uint64_t index) {
  if (wa_type_is_func(table->elem_type)) {
    return ((const struct wa_func_ref *)table->view.base)[index].self;
  }
  return ((void *const *)table->view.base)[index];
}

static void write_entries(struct wa_table_object *table, uint64_t first, uint64_t count,
                          void *ref) {
  if (wa_type_is_func(table->elem_type)) {
    struct wa_func_ref entry = {0};
    if (ref != NULL) {
      entry = *(const struct wa_func_ref *)ref;
    }
    struct wa_func_ref *entries = table->view.base;
    for (uint64_t i = 0; i < count; i++) {
      entries[first + i] = entry;
    }
    return;
  }
  void **entries = table->view.base;
  for (uint64_t i = 0; i < count; i++) {
    entries[first + i] = ref;
  }
}

bool wa_table_write(struct wa_table_object *table, uint64_t first, uint64_t count, void *ref) {
  uint64_t each = WA_BULK_PIECE / entry_size(table);
  uint64_t done = 0;
  for (; count - done > each; done += each) {
    write_entries(table, first + done, each, ref);
    if (wa_interrupted()) {
      return false;
    }
  }
  write_entries(table, first + done, count - done, ref);
  return !wa_interrupted();
}

void wa_table_set(struct wa_table_object *table, uint64_t index, void *ref) {
  write_entries(table, index, 1, ref);
}

bool wa_table_move(struct wa_table_object *dst, uint64_t to, const struct wa_table_object *src,
                   uint64_t from, uint64_t count) {
  size_t size = entry_size(dst);
  return count == 0 || wa_bulk_move((uint8_t *)dst->view.base + to * size,
                                    (const uint8_t *)src->view.base + from * size, count * size);
}

// Doubles, so that growing one by one is not quadratic. `wanted` is within the limit.
static bool ensure_capacity(struct wa_table_object *table, uint64_t wanted) {
  if (wanted <= table->capacity) {
    return true;
  }
  uint64_t capacity = table->capacity * 2 > wanted ? table->capacity * 2 : wanted;
  if (capacity > table->limit) {
    capacity = table->limit;
  }
  size_t bytes;
  if (__builtin_mul_overflow(capacity, entry_size(table), &bytes)) {
    return false;
  }
  void *base = realloc(table->view.base, bytes);
  if (base == NULL) {
    return false;
  }
  table->view.base = base;
  table->capacity = capacity;
  return true;
}

int64_t wa_table_grow(struct wa_table_object *table, void *ref, uint64_t delta) {
  uint64_t old_size = table->view.size;
  uint64_t new_size;
  if (__builtin_add_overflow(old_size, delta, &new_size) || new_size > table->limit ||
      !wa_budget_take(&table->store->table_entries, delta)) {
    return -1;
  }
  if (!ensure_capacity(table, new_size) || !wa_table_write(table, old_size, delta, ref)) {
    wa_budget_give(&table->store->table_entries, delta);
    return -1;
  }
  table->view.size = new_size;
  return (int64_t)old_size;
}
