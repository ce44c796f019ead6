#include "runtime/thread/thread.h"

#include "runtime/thread/host_stack.h"
#include "runtime/thread/signals.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// The guard of a signal stack is as large as pages get.
enum { SIGNAL_GUARD_SIZE = 65536, SIGNAL_STACK_SIZE = 65536, STACK_KEPT = 65536 };

// Below a guest stack: what its probes need, under the spare part.
#define GUARD_SIZE (WA_STACK_GUARD_SIZE + WA_HOST_SPARE_SIZE)

_Thread_local struct wa_thread *wa_thread_record;

static pthread_key_t key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static bool key_made;

// ---- Mappings that threads leave to later threads ----

// Making and unmaking a thread's mappings costs as much as the thread itself.
enum { CACHED = 32 };

struct cache {
  pthread_mutex_t lock;
  size_t count;
  struct {
    void *mapping;
    size_t size;
  } entries[CACHED];
};

static struct cache stacks = {.lock = PTHREAD_MUTEX_INITIALIZER};
static struct cache records = {.lock = PTHREAD_MUTEX_INITIALIZER};

// A mapping of just this size, the last one left; NULL when there is none.
static void *take(struct cache *cache, size_t size) {
  void *mapping = NULL;
  pthread_mutex_lock(&cache->lock);
  for (size_t i = cache->count; i > 0 && mapping == NULL; i--) {
    if (cache->entries[i - 1].size == size) {
      mapping = cache->entries[i - 1].mapping;
      cache->entries[i - 1] = cache->entries[--cache->count];
    }
  }
  pthread_mutex_unlock(&cache->lock);
  return mapping;
}

static bool leave(struct cache *cache, void *mapping, size_t size) {
  pthread_mutex_lock(&cache->lock);
  bool kept = cache->count < CACHED;
  if (kept) {
    cache->entries[cache->count].mapping = mapping;
    cache->entries[cache->count].size = size;
    cache->count++;
  }
  pthread_mutex_unlock(&cache->lock);
  return kept;
}

// ---- Stacks ----

static size_t page_size(void) {
  return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t whole_pages(size_t size) {
  return (size + page_size() - 1) / page_size() * page_size();
}

// Readable and writable, but for a guard of so many bytes at `guard`.
static uint8_t *map_guarded(size_t size, size_t guard, size_t guard_size) {
  uint8_t *mapping = mmap(NULL, size, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapping == MAP_FAILED) {
    return NULL;
  }
  if (mprotect(mapping + guard, guard_size, PROT_NONE) != 0) {
    munmap(mapping, size);
    return NULL;
  }
  return mapping;
}

// Beyond this no host has the address space, and sums would overflow.
static bool is_possible(size_t stack_size) {
  return stack_size <= SIZE_MAX / 2;
}

// A guest stack of `size` bytes above its guard, for a thread that is the host's.
static void *map_stack(size_t size, size_t *mapped_size) {
  if (!is_possible(size)) {
    return NULL;
  }
  *mapped_size = GUARD_SIZE + whole_pages(size);
  void *mapping = take(&stacks, *mapped_size);
  return mapping != NULL ? mapping : map_guarded(*mapped_size, 0, GUARD_SIZE);
}

static void trim(uintptr_t low, uintptr_t top) {
  if (top - low > STACK_KEPT) {
    madvise((void *)low, (top - STACK_KEPT - low) / page_size() * page_size(), MADV_DONTNEED);
  }
}

static void unmap_stack(void *mapping, size_t mapped_size) {
  trim((uintptr_t)mapping + GUARD_SIZE, (uintptr_t)mapping + mapped_size);
  if (!leave(&stacks, mapping, mapped_size)) {
    munmap(mapping, mapped_size);
  }
}

// ---- Records ----

// What a thread without traps and throws touches of its record.
#define FIRST_PART ((offsetof(struct wa_thread, reason) + 63) / 64 * 64)

// Offsets in a record's mapping: a guard, the signal stack, with a group's thread another guard and
// the guest stack, then the record. Its first part ends where a page does, so it shares that page
// with the top of the stack, and what is hardly ever touched begins the next.
struct layout {
  size_t stack; // of which the guard lies below
  size_t record;
  size_t size;
};

static struct layout lay_out(size_t stack_size) {
  struct layout layout;
  layout.stack = SIGNAL_GUARD_SIZE + SIGNAL_STACK_SIZE + (stack_size == 0 ? 0 : GUARD_SIZE);
  layout.record = layout.stack + whole_pages(stack_size + FIRST_PART) - FIRST_PART;
  layout.size = whole_pages(layout.record + sizeof(struct wa_thread));
  return layout;
}

static uint8_t *map_record(const struct layout *layout) {
  uint8_t *mapping = map_guarded(layout->size, 0, SIGNAL_GUARD_SIZE);
  size_t guard = SIGNAL_GUARD_SIZE + SIGNAL_STACK_SIZE;
  if (mapping != NULL && layout->stack != guard &&
      mprotect(mapping + guard, layout->stack - guard, PROT_NONE) != 0) {
    munmap(mapping, layout->size);
    return NULL;
  }
  return mapping;
}

// A record with a guest stack below it, or without one when `stack_size` is 0.
static struct wa_thread *make_record(size_t stack_size) {
  if (!is_possible(stack_size)) {
    return NULL;
  }
  struct layout layout = lay_out(stack_size);
  uint8_t *mapping = take(&records, layout.size);
  mapping = mapping != NULL ? mapping : map_record(&layout);
  if (mapping == NULL) {
    return NULL;
  }
  struct wa_thread *thread = (struct wa_thread *)(mapping + layout.record);
  // What follows is only read where it has been written.
  memset(thread, 0, offsetof(struct wa_thread, reason));
  thread->mapping = mapping;
  thread->mapping_size = layout.size;
  thread->signal_stack = mapping + SIGNAL_GUARD_SIZE;
  if (stack_size != 0) {
    thread->stack_low = (uintptr_t)mapping + layout.stack;
    thread->guard_low = thread->stack_low - GUARD_SIZE;
    thread->stack_high = (uintptr_t)thread;
  }
  return thread;
}

static void free_record(struct wa_thread *thread) {
  void *mapping = thread->mapping;
  size_t size = thread->mapping_size;
  if (!leave(&records, mapping, size)) {
    munmap(mapping, size);
  }
}

// ---- The list of all records ----

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct wa_thread *list;

static pid_t kernel_id(void) {
  return (pid_t)syscall(SYS_gettid);
}

static void link_thread(struct wa_thread *thread) {
  pthread_mutex_lock(&list_lock);
  thread->next = list;
  if (list != NULL) {
    list->previous = thread;
  }
  list = thread;
  pthread_mutex_unlock(&list_lock);
}

static void unlink_thread(struct wa_thread *thread) {
  pthread_mutex_lock(&list_lock);
  if (thread->previous != NULL) {
    thread->previous->next = thread->next;
  } else {
    list = thread->next;
  }
  if (thread->next != NULL) {
    thread->next->previous = thread->previous;
  }
  pthread_mutex_unlock(&list_lock);
}

void wa_threads_visit(void (*visit)(struct wa_thread *thread, void *arg), void *arg) {
  pthread_mutex_lock(&list_lock);
  for (struct wa_thread *thread = list; thread != NULL; thread = thread->next) {
    visit(thread, arg);
  }
  pthread_mutex_unlock(&list_lock);
}

// ---- Signal stacks ----

static bool has_signal_stack(const struct wa_thread *thread) {
  stack_t now;
  return sigaltstack(NULL, &now) == 0 && now.ss_sp == thread->signal_stack;
}

static bool take_signal_stack(struct wa_thread *thread) {
  stack_t stack = {.ss_sp = thread->signal_stack, .ss_size = SIGNAL_STACK_SIZE};
  return sigaltstack(&stack, &thread->previous_signal_stack) == 0;
}

// One that the host has taken since stays.
static void leave_signal_stack(const struct wa_thread *thread) {
  if (has_signal_stack(thread)) {
    sigaltstack(&thread->previous_signal_stack, NULL);
  }
}

// ---- Threads ----

// Destructor of the key: runs on the thread that ends.
static void leave_thread(void *value) {
  struct wa_thread *thread = value;
  unlink_thread(thread);
  wa_thread_record = NULL;
  wa_host_stack_restore(thread);
  leave_signal_stack(thread);
  if (thread->own_stack != NULL) {
    unmap_stack(thread->own_stack, thread->own_stack_size);
  }
  if (thread->made_here) {
    free_record(thread);
  }
}

// ---- Forks ----

// The child has this thread alone. Whoever else had a lock is gone with what it was doing.
static void lock_all(void) {
  pthread_mutex_lock(&list_lock);
  pthread_mutex_lock(&stacks.lock);
  pthread_mutex_lock(&records.lock);
}

static void unlock_all(void) {
  pthread_mutex_unlock(&records.lock);
  pthread_mutex_unlock(&stacks.lock);
  pthread_mutex_unlock(&list_lock);
}

static void begin_child(void) {
  struct wa_thread *thread = wa_thread_record;
  list = thread;
  if (thread != NULL) {
    thread->previous = NULL;
    thread->next = NULL;
    atomic_store(&thread->tid, kernel_id());
  }
  unlock_all();
}

#ifdef __GLIBC__
// What its pthread_atfork calls, which is not in the shared C library but in an archive that a
// module's shared library is not linked with. No handle: the handlers stay.
int __register_atfork(void (*before)(void), void (*parent)(void), void (*child)(void),
                      void *handle);

static bool watch_forks(void) {
  return __register_atfork(lock_all, unlock_all, begin_child, NULL) == 0;
}
#else
static bool watch_forks(void) {
  return pthread_atfork(lock_all, unlock_all, begin_child) == 0;
}
#endif

static void make_key(void) {
  key_made = pthread_key_create(&key, leave_thread) == 0 && watch_forks();
}

static bool is_ready(void) {
  pthread_once(&key_once, make_key);
  return key_made && wa_signals_install();
}

struct wa_thread *wa_thread_reserve(size_t stack_size) {
  return is_ready() ? make_record(stack_size) : NULL;
}

void wa_thread_trim(const struct wa_thread *thread, uintptr_t top) {
  trim(thread->stack_low, top);
}

void wa_thread_release(struct wa_thread *thread) {
  wa_thread_trim(thread, thread->stack_high);
  free_record(thread);
}

bool wa_thread_adopt(struct wa_thread *thread) {
  if (!take_signal_stack(thread)) {
    return false;
  }
  if (pthread_setspecific(key, thread) != 0) {
    leave_signal_stack(thread);
    return false;
  }
  atomic_store(&thread->tid, kernel_id());
  link_thread(thread);
  wa_thread_record = thread;
  return true;
}

static struct wa_thread *new_thread(void) {
  struct wa_thread *thread = is_ready() ? make_record(0) : NULL;
  if (thread != NULL && !wa_thread_adopt(thread)) {
    free_record(thread);
    return NULL;
  }
  if (thread != NULL) {
    sigset_t blocked;
    thread->made_here = true;
    thread->blocks_signals = wa_signals_blocked(&blocked);
  }
  return thread;
}

bool wa_thread_refresh(void) {
  struct wa_thread *thread = wa_thread_record;
  if (thread == NULL) {
    return true; // has made no call yet
  }
  sigset_t blocked;
  thread->blocks_signals = wa_signals_blocked(&blocked);
  return has_signal_stack(thread) || take_signal_stack(thread);
}

struct wa_thread *wa_thread_current(void) {
  return wa_thread_record != NULL ? wa_thread_record : new_thread();
}

bool wa_thread_need_stack(struct wa_thread *thread, size_t size) {
  bool replace =
      thread->own_stack != NULL && thread->activation == NULL && thread->own_stack_asked != size;
  if (thread->stack_high != 0 && !replace) {
    return true;
  }
  if (replace) {
    unmap_stack(thread->own_stack, thread->own_stack_size);
    thread->stack_high = 0;
  }
  thread->own_stack = map_stack(size, &thread->own_stack_size);
  if (thread->own_stack == NULL) {
    return false;
  }
  thread->own_stack_asked = size;
  thread->guard_low = (uintptr_t)thread->own_stack;
  thread->stack_low = thread->guard_low + GUARD_SIZE;
  thread->stack_high = thread->guard_low + thread->own_stack_size;
  return true;
}
