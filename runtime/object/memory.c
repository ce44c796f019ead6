#include "runtime/object/memory.h"

#include "runtime/code/artifact.h"
#include "runtime/object/pages.h"
#include "runtime/object/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void free_object(struct wa_object *object) {
  wa_memory_free(WA_OBJECT_OF(object, struct wa_memory_object));
}

static uint64_t bytes_of(const struct wa_memory_object *memory, uint64_t pages) {
  return pages << memory->page_log2;
}

// What must be accessible for so many pages: no less than a page of any host's is committed.
static uint64_t committed(const struct wa_memory_object *memory, uint64_t pages) {
  return (bytes_of(memory, pages) + WA_PAGE_SIZE - 1) / WA_PAGE_SIZE * WA_PAGE_SIZE;
}

// Makes bytes [start, end) accessible.
static bool open_pages(struct wa_memory_object *memory, uint64_t start, uint64_t end) {
  uint8_t *first = memory->view.base + start;
  size_t size = (size_t)(end - start);
  if (size != 0 && mprotect(first, size, PROT_READ | PROT_WRITE) != 0) {
    return false;
  }
  if (size != 0) {
    wa_pages_in_dumps(first, size, true);
  }
  return true;
}

// Makes pages [old, new) accessible. The reservation is inaccessible beyond what is committed.
static bool commit(struct wa_memory_object *memory, uint64_t old_pages, uint64_t new_pages) {
  uint64_t old_end = committed(memory, old_pages);
  uint64_t new_end = committed(memory, new_pages);
  return open_pages(memory, old_end, new_end);
}

// A memory that has grown by so much asks for huge pages for what it grows by: walking through that
// many small ones misses the TLB all the time. What it began with keeps small ones, as does all of
// a memory that stays smaller: a program that hardly touches its memory shall not pay for 2 MiB at
// a time.
#define HUGE_PAGES_FROM ((uint64_t)4 << 20)

// To be called when pages [old, new) have become accessible. A kernel that refuses costs speed
// alone.
static void ask_for_huge_pages(struct wa_memory_object *memory, uint64_t old_pages,
                               uint64_t new_pages) {
  uint64_t start = committed(memory, old_pages);
  if (memory->has_huge_pages || memory->store->no_huge_pages ||
      committed(memory, new_pages) - committed(memory, memory->min_pages) <= HUGE_PAGES_FROM) {
    return;
  }
  memory->has_huge_pages = true;
  (void)madvise(memory->view.base + start, memory->extent - start, MADV_HUGEPAGE);
}

// Makes just so many pages accessible of those that a mapping left from before may have had.
static bool commit_first(struct wa_memory_object *memory, uint64_t accessible, uint64_t pages) {
  uint64_t wanted = committed(memory, pages);
  if (wanted >= accessible) {
    return open_pages(memory, accessible, wanted);
  }
  return mprotect(memory->view.base + wanted, accessible - wanted, PROT_NONE) == 0;
}

uint64_t wa_memory_accessible(const struct wa_memory_object *memory) {
  return committed(memory, memory->view.pages);
}

// What a memory takes of the store's budget, which counts what is committed.
static uint64_t budget_pages(const struct wa_memory_object *memory, uint64_t old_pages,
                             uint64_t new_pages) {
  return (committed(memory, new_pages) - committed(memory, old_pages)) / WA_PAGE_SIZE;
}

static bool take_more(struct wa_memory_object *memory, uint64_t old_pages, uint64_t new_pages) {
  return wa_budget_take(&memory->store->pages, budget_pages(memory, old_pages, new_pages));
}

static void give_back(struct wa_memory_object *memory, uint64_t pages, uint64_t left) {
  wa_budget_give(&memory->store->pages, budget_pages(memory, left, pages));
}

static uint64_t wanted_extent(const struct wa_memory_object *memory) {
  if (!memory->unguarded && !memory->index64) {
    return WA_MEMORY_EXTENT;
  }
  uint64_t most = committed(memory, memory->limit) + (memory->unguarded ? 0 : WA_MEMORY32_GUARD);
  return most != 0 ? most : WA_PAGE_SIZE;
}

static void *map_extent(struct wa_memory_object *memory) {
  memory->extent = wanted_extent(memory);
  return mmap(NULL, memory->extent, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

// Whether it may grow to less than it could, for want of address space, and now does.
static bool want_less(struct wa_memory_object *memory, uint64_t min_pages) {
  bool can = (memory->index64 || memory->unguarded) && memory->limit / 2 > min_pages;
  memory->limit /= can ? 2 : 1;
  return can;
}

// Where the address space for all that a memory may become is not to be had, half of what is: the
// memory will refuse to grow beyond, and something is left for others. One that needs all of its
// guard regions fails.
static bool reserve(struct wa_memory_object *memory, uint64_t min_pages, struct wa_error *err) {
  void *mapping = map_extent(memory);
  bool was_short = mapping == MAP_FAILED;
  while (mapping == MAP_FAILED && want_less(memory, min_pages)) {
    mapping = map_extent(memory);
  }
  if (was_short && mapping != MAP_FAILED && want_less(memory, min_pages)) {
    (void)munmap(mapping, memory->extent);
    mapping = map_extent(memory);
  }
  if (mapping == MAP_FAILED) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                   "cannot reserve %llu MiB of address space for a memory: %s; raise the limit on "
                   "virtual memory (ulimit -v)%s",
                   (unsigned long long)(memory->extent >> 20), strerror(errno),
                   memory->index64 || memory->unguarded ? "" : WA_MEMORY_CHECKS_HINT);
  }
  wa_pages_in_dumps(mapping, memory->extent, false);
  memory->mapping = mapping;
  memory->mapping_size = memory->extent;
  memory->view.base = mapping;
  return true;
}

// The parts of a new memory that can fail.
static bool setup(struct wa_memory_object *memory, uint64_t accessible, uint64_t min_pages,
                  struct wa_error *err) {
  if (min_pages > memory->limit) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                   "a memory of %llu bytes exceeds the limit of %llu; raise it (--max-memory)",
                   (unsigned long long)bytes_of(memory, min_pages),
                   (unsigned long long)bytes_of(memory, memory->limit));
  }
  if (!take_more(memory, 0, min_pages)) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                   "a memory of %llu bytes is more than is left of the %llu for all memories "
                   "together; raise the limit (--max-memory)",
                   (unsigned long long)bytes_of(memory, min_pages),
                   (unsigned long long)memory->store->pages.limit * WA_PAGE_SIZE);
  }
  memory->view.pages = min_pages; // what is given back, also after a failure below
  if (memory->view.base == NULL && !reserve(memory, min_pages, err)) {
    return false;
  }
  memory->reserved = wa_ranges_add(&wa_reservations, memory->view.base, memory->extent, memory);
  if (memory->reserved == NULL || !commit_first(memory, accessible, min_pages)) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot commit a memory of %llu pages: %s",
                   (unsigned long long)min_pages, strerror(errno));
  }
  memory->view.size = bytes_of(memory, min_pages);
  return true;
}

static uint64_t page_limit(const struct wa_store *store, const struct wa_memory_type *type) {
  uint64_t limit = wa_store_max_pages(store, type->index64);
  if (type->page_log2 == WA_BYTE_PAGE_LOG2) {
    uint64_t range = wa_memory_page_range(type->index64, type->page_log2);
    limit = limit * WA_PAGE_SIZE < range ? limit * WA_PAGE_SIZE : range;
  } else if (!type->index64 && type->min_pages <= WA_MEMORY32_MAX_GROWN_PAGES &&
             limit > WA_MEMORY32_MAX_GROWN_PAGES) {
    limit = WA_MEMORY32_MAX_GROWN_PAGES;
  }
  return type->max_pages < limit ? type->max_pages : limit;
}

struct wa_memory_type wa_memory_type_of(const struct wa_artifact *artifact, uint32_t index) {
  const struct wa_meta_memory *row =
      WA_META_ROW(artifact->meta, memories, struct wa_meta_memory, index);
  return (struct wa_memory_type){
      .min_pages = row->min,
      .max_pages = (row->flags & WA_LIMITS_HAS_MAX) != 0 ? row->max : UINT64_MAX,
      .shared = (row->flags & WA_LIMITS_SHARED) != 0,
      .index64 = (row->flags & WA_LIMITS_INDEX64) != 0,
      .page_log2 = row->page_size_log2,
      .unguarded = !wa_artifact_needs_guards(artifact),
  };
}

struct wa_memory_object *wa_memory_make(struct wa_store *store, uint8_t *base, uint64_t accessible,
                                        const struct wa_memory_type *type, struct wa_error *err) {
  struct wa_memory_object *memory = calloc(1, sizeof *memory);
  if (memory == NULL) {
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
    return NULL;
  }
  pthread_mutex_init(&memory->lock, NULL);
  memory->object.free = free_object;
  memory->store = store;
  memory->view.base = base;
  memory->extent = WA_MEMORY_EXTENT;
  memory->shared = type->shared;
  memory->index64 = type->index64;
  memory->unguarded = type->unguarded;
  memory->page_log2 = type->page_log2;
  memory->min_pages = type->min_pages;
  memory->max_pages = type->max_pages;
  memory->limit = page_limit(store, type);
  if (!setup(memory, accessible, type->min_pages, err)) {
    wa_memory_free(memory);
    return NULL;
  }
  return memory;
}

void wa_memory_free(struct wa_memory_object *memory) {
  if (memory == NULL) {
    return;
  }
  give_back(memory, memory->view.pages, 0);
  wa_ranges_remove(&wa_reservations, memory->reserved);
  if (memory->mapping != NULL) {
    munmap(memory->mapping, memory->mapping_size);
  }
  pthread_mutex_destroy(&memory->lock);
  free(memory);
}

struct wa_memory_object *wa_memory_new_typed(struct wa_store *store,
                                             const struct wa_memory_type *type,
                                             struct wa_error *err) {
  uint64_t range = wa_memory_page_range(type->index64, type->page_log2);
  if (type->page_log2 != WA_PAGE_LOG2 && type->page_log2 != WA_BYTE_PAGE_LOG2) {
    wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "a page of 2^%u bytes: a page has 1 or 65536",
            type->page_log2);
    return NULL;
  }
  if (type->min_pages > range) {
    wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "a memory of %llu pages: its index reaches %llu",
            (unsigned long long)type->min_pages, (unsigned long long)range);
    return NULL;
  }
  if (type->shared && type->max_pages == UINT64_MAX) {
    wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "a shared memory needs a maximum");
    return NULL;
  }
  struct wa_memory_object *memory = wa_memory_make(store, NULL, 0, type, err);
  if (memory != NULL) {
    wa_store_own(store, &memory->object);
  }
  return memory;
}

struct wa_memory_object *wa_memory_new(struct wa_store *store, uint64_t min_pages,
                                       uint64_t max_pages, bool shared, struct wa_error *err) {
  const struct wa_memory_type type = {
      .min_pages = min_pages, .max_pages = max_pages, .shared = shared, .page_log2 = WA_PAGE_LOG2};
  return wa_memory_new_typed(store, &type, err);
}

struct wa_memory_object *wa_memory_new64(struct wa_store *store, uint64_t min_pages,
                                         uint64_t max_pages, bool shared, struct wa_error *err) {
  const struct wa_memory_type type = {.min_pages = min_pages,
                                      .max_pages = max_pages,
                                      .shared = shared,
                                      .index64 = true,
                                      .page_log2 = WA_PAGE_LOG2};
  return wa_memory_new_typed(store, &type, err);
}

uint8_t *wa_memory_base(const struct wa_memory_object *memory) {
  return memory->view.base;
}

uint64_t wa_memory_size(const struct wa_memory_object *memory) {
  return wa_view_size(&memory->view);
}

uint64_t wa_memory_pages(const struct wa_memory_object *memory) {
  return __atomic_load_n(&memory->view.pages, __ATOMIC_ACQUIRE);
}

bool wa_memory_is_shared(const struct wa_memory_object *memory) {
  return memory->shared;
}

int64_t wa_memory_grow(struct wa_memory_object *memory, uint64_t delta_pages) {
  pthread_mutex_lock(&memory->lock);
  uint64_t old_pages = memory->view.pages;
  int64_t result = -1;
  uint64_t new_pages;
  if (!__builtin_add_overflow(old_pages, delta_pages, &new_pages) && new_pages <= memory->limit &&
      take_more(memory, old_pages, new_pages)) {
    if (commit(memory, old_pages, new_pages)) {
      ask_for_huge_pages(memory, old_pages, new_pages);
      // Published only after the pages are accessible: whoever sees the size may touch them.
      __atomic_store_n(&memory->view.size, bytes_of(memory, new_pages), __ATOMIC_SEQ_CST);
      __atomic_store_n(&memory->view.pages, new_pages, __ATOMIC_SEQ_CST);
      result = (int64_t)old_pages;
    } else {
      give_back(memory, new_pages, old_pages);
    }
  }
  pthread_mutex_unlock(&memory->lock);
  if (result < 0) {
    atomic_store(&memory->refused, true);
  }
  return result;
}

bool wa_memory_refused(const struct wa_memory_object *memory) {
  return atomic_load(&memory->refused);
}

// Below this a copy is cheaper than a mapping.
#define MIN_MAPPED ((uint64_t)64 << 10)

// Whole pages at `to`, which lies in the reservation, become a private copy of those at `from`.
static bool map_pages(uint8_t *to, const struct wa_artifact *artifact, const uint8_t *from,
                      uint64_t size) {
  uint64_t offset = artifact->data_offset + (uint64_t)(from - artifact->data);
  if (artifact->file >= 0) {
    return mmap(to, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, artifact->file,
                (off_t)offset) != MAP_FAILED;
  }
  void *made = artifact->repeatable ? wa_pages_repeat(from, size) : NULL;
  if (made == NULL) {
    return false;
  }
  // Not at once: should one fail, then before anything of the reservation is unmapped.
  bool moved = mprotect(made, size, PROT_READ | PROT_WRITE) == 0 &&
               mremap(made, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, to) != MAP_FAILED;
  if (!moved) {
    (void)munmap(made, size);
  }
  return moved;
}

void wa_memory_load(struct wa_memory_object *memory, uint64_t dst,
                    const struct wa_artifact *artifact, uint64_t first, uint64_t length) {
  uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
  uint8_t *to = memory->view.base + dst;
  const uint8_t *from = artifact->data + first;
  uint64_t before = (page - dst % page) % page;
  uint64_t size = length < before ? 0 : (length - before) / page * page;
  if (dst % page != (uintptr_t)from % page || size < MIN_MAPPED ||
      !map_pages(to + before, artifact, from + before, size)) {
    memcpy(to, from, length);
    return;
  }
  memory->has_file = true;
  memcpy(to, from, before);
  memcpy(to + before + size, from + before + size, length - before - size);
}
