#include "runtime/object/reuse.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

// Emptying a memory takes time by what was touched of it: of larger ones the kernel is rid sooner.
enum { CACHED = 1024, MAX_ACCESSIBLE = 16 << 20 };
// The part of the address space that may be kept from others.
enum { SHARE = 16 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct wa_reusable cache[CACHED];
static size_t count;
static size_t promised; // places for mappings that are being emptied

bool wa_reuse_take(size_t size, size_t context, struct wa_reusable *taken) {
  bool found = false;
  pthread_mutex_lock(&lock);
  for (size_t i = count; i > 0 && !found; i--) {
    if (cache[i - 1].size == size && cache[i - 1].context == context) {
      *taken = cache[i - 1];
      cache[i - 1] = cache[--count];
      found = true;
    }
  }
  pthread_mutex_unlock(&lock);
  return found;
}

// Where the process is allowed so much and no more, nothing is kept from it.
static bool unlimited;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_limit(void) {
  struct rlimit limit;
  unlimited = getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY;
}

// Mappings are made from the top of the address space down, so their addresses tell how much there
// is: 2^47 bytes, but 2^38 on some RISC-V.
static bool promise(const struct wa_reusable *left) {
  (void)pthread_once(&once, read_limit);
  pthread_mutex_lock(&lock);
  size_t wanted = count + promised + 1;
  bool room = unlimited && wanted <= CACHED &&
              (uint64_t)wanted * left->size <= (uintptr_t)left->mapping / SHARE;
  promised += room;
  pthread_mutex_unlock(&lock);
  return room;
}

static void keep_promise(const struct wa_reusable *left, bool emptied) {
  pthread_mutex_lock(&lock);
  promised--;
  if (emptied) {
    cache[count++] = *left;
  }
  pthread_mutex_unlock(&lock);
}

// The context's pages are in use by every instance, so they stay; the memory's are given back.
static bool empty(const struct wa_reusable *left) {
  memset(left->mapping, 0, left->context);
  return left->accessible == 0 ||
         madvise(left->mapping + left->context, left->accessible, MADV_DONTNEED) == 0;
}

void wa_reuse_leave(const struct wa_reusable *left) {
  bool kept = left->accessible <= MAX_ACCESSIBLE && promise(left);
  if (kept) {
    kept = empty(left);
    keep_promise(left, kept);
  }
  if (!kept) {
    munmap(left->mapping, left->size);
  }
}

bool wa_reuse_clear(void) {
  pthread_mutex_lock(&lock);
  bool any = count != 0;
  while (count != 0) {
    count--;
    munmap(cache[count].mapping, cache[count].size);
  }
  pthread_mutex_unlock(&lock);
  return any;
}
