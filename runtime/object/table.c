// Tables (core spec 4.2.7). The null entry is a null pointer.
#include "runtime/object/table.h"

#include "runtime/object/bulk.h"
#include "runtime/object/pages.h"
#include "runtime/object/reuse.h"
#include "runtime/object/store.h"
#include "runtime/thread/interrupt.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// A table that can have no more bytes than this gets them at once, which costs less than reserving
// address space; so does one that cannot grow.
#define AT_ONCE ((uint64_t)16 << 10)

static void free_object(struct wa_object *object) {
  wa_table_free(WA_OBJECT_OF(object, struct wa_table_object));
}

static size_t page_size(void) {
  return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t whole_pages(uint64_t entries) {
  size_t page = page_size();
  return ((size_t)entries * sizeof(void *) + page - 1) / page * page;
}

// Makes the first `entries`, which are within the limit, accessible. Doubles what is, so that
// growing one by one costs few calls of the kernel.
static bool commit(struct wa_table_object *table, uint64_t entries) {
  size_t wanted = table->mapping_size == 0 ? 0 : whole_pages(entries);
  if (wanted <= table->committed) {
    return true;
  }
  size_t end = wanted > 2 * table->committed ? wanted : 2 * table->committed;
  end = end < table->mapping_size ? end : table->mapping_size;
  if (mprotect((uint8_t *)table->view.base + table->committed, end - table->committed,
               PROT_READ | PROT_WRITE) != 0) {
    return false;
  }
  wa_pages_in_dumps((uint8_t *)table->view.base + table->committed, end - table->committed, true);
  table->committed = end;
  return true;
}

static void *map(size_t size) {
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void *mapping = mmap(NULL, size, PROT_NONE, flags, -1, 0);
  if (mapping == MAP_FAILED && wa_reuse_clear()) {
    mapping = mmap(NULL, size, PROT_NONE, flags, -1, 0);
  }
  if (mapping == MAP_FAILED) {
    return NULL;
  }
  wa_pages_in_dumps(mapping, size, false);
  return mapping;
}

// Where the address space for all that the table may become is not to be had, half of it, and so
// on: the table will refuse to grow beyond. The first page is accessible at once.
static bool reserve(struct wa_table_object *table, uint64_t min) {
  table->mapping_size = whole_pages(table->limit);
  struct wa_reusable taken;
  if (wa_reuse_take(table->mapping_size, page_size(), &taken)) {
    table->view.base = (void **)(void *)taken.mapping;
    table->committed = taken.context + taken.accessible;
    return commit(table, min);
  }
  table->view.base = map(table->mapping_size);
  while (table->view.base == NULL && table->limit / 2 > min) {
    table->limit /= 2;
    table->mapping_size = whole_pages(table->limit);
    table->view.base = map(table->mapping_size);
  }
  return table->view.base != NULL && commit(table, min == 0 ? 1 : min);
}

static void unreserve(const struct wa_table_object *table) {
  size_t page = page_size();
  if (table->committed < page) {
    munmap(table->view.base, table->mapping_size);
    return;
  }
  wa_reuse_leave(&(struct wa_reusable){
      .mapping = (uint8_t *)table->view.base,
      .size = table->mapping_size,
      .context = page,
      .accessible = table->committed - page,
  });
}

// Room for the entries that the table may have. Big ones cost only what is touched.
static bool make_room(struct wa_table_object *table, uint64_t min) {
  if (min < table->limit && table->limit > AT_ONCE / sizeof(void *)) {
    return reserve(table, min);
  }
  table->view.base = table->limit == 0 ? NULL : calloc(table->limit, sizeof(void *));
  return table->limit == 0 || table->view.base != NULL;
}

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
  return make_room(table, min) ||
         wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory for a table of %llu entries",
                 (unsigned long long)min);
}

struct wa_table_object *wa_table_make(struct wa_store *store, uint32_t elem_type, uint64_t min,
                                      uint64_t max, struct wa_error *err) {
  struct wa_table_object *table = calloc(1, sizeof *table);
  if (table == NULL) {
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
    return NULL;
  }
  pthread_mutex_init(&table->lock, NULL);
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
  if (table == NULL) {
    return;
  }
  wa_budget_give(&table->store->table_entries, table->view.size);
  if (table->mapping_size == 0) {
    free(table->view.base);
  } else if (table->view.base != NULL) {
    unreserve(table);
  }
  pthread_mutex_destroy(&table->lock);
  free(table);
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
  return __atomic_load_n(&table->view.size, __ATOMIC_ACQUIRE);
}

uint32_t wa_table_elem_type(const struct wa_table_object *table) {
  return table->elem_type;
}

// ---- Entries ----

static void *load(void *const *entry) {
  return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

// Whoever sees the reference sees what it refers to as the writer did.
static void store(void **entry, void *ref) {
  __atomic_store_n(entry, ref, __ATOMIC_RELEASE);
}

void *wa_table_get(const struct wa_table_object *table, uint64_t index) {
  return load(&table->view.base[index]);
}

void wa_table_set(struct wa_table_object *table, uint64_t index, void *ref) {
  store(&table->view.base[index], ref);
}

// Entries between two looks at whether the thread is to end.
#define AT_A_TIME (WA_BULK_PIECE / sizeof(void *))

bool wa_table_write(struct wa_table_object *table, uint64_t first, uint64_t count, void *ref) {
  void **to = table->view.base + first;
  for (uint64_t i = 0; i < count; i++) {
    store(&to[i], ref);
    if ((i + 1) % AT_A_TIME == 0 && wa_interrupted()) {
      return false;
    }
  }
  return !wa_interrupted();
}

bool wa_table_move(struct wa_table_object *dst, uint64_t to, const struct wa_table_object *src,
                   uint64_t from, uint64_t count) {
  void **target = dst->view.base + to;
  void *const *source = src->view.base + from;
  bool up = (uintptr_t)target <= (uintptr_t)source;
  for (uint64_t i = 0; i < count; i++) {
    uint64_t at = up ? i : count - 1 - i;
    store(&target[at], load(&source[at]));
    if ((i + 1) % AT_A_TIME == 0 && wa_interrupted()) {
      return false;
    }
  }
  return !wa_interrupted();
}

// Under the lock. The size is published when the new entries are there.
static int64_t grow(struct wa_table_object *table, void *ref, uint64_t delta) {
  uint64_t old_size = table->view.size;
  uint64_t new_size;
  if (__builtin_add_overflow(old_size, delta, &new_size) || new_size > table->limit ||
      !wa_budget_take(&table->store->table_entries, delta)) {
    return -1;
  }
  if (!commit(table, new_size) || !wa_table_write(table, old_size, delta, ref)) {
    wa_budget_give(&table->store->table_entries, delta);
    return -1;
  }
  __atomic_store_n(&table->view.size, new_size, __ATOMIC_RELEASE);
  return (int64_t)old_size;
}

int64_t wa_table_grow(struct wa_table_object *table, void *ref, uint64_t delta) {
  pthread_mutex_lock(&table->lock);
  int64_t old_size = grow(table, ref, delta);
  pthread_mutex_unlock(&table->lock);
  return old_size;
}
