#include "thread.h"

#include "signals.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIGNAL_STACK_SIZE = 65536, STACK_KEPT = 65536 };

// The record and the signal stack share one mapping; the stack is below, behind a guard page, which
// is as large as pages get.
struct home {
  uint8_t guard[65536];
  uint8_t signal_stack[SIGNAL_STACK_SIZE];
  struct wa_thread thread;
};

_Thread_local struct wa_thread *wa_thread_record;

static pthread_key_t key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static bool key_made;

size_t wa_stack_guard(void) {
  return WA_STACK_GUARD_SIZE;
}

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
static struct cache homes = {.lock = PTHREAD_MUTEX_INITIALIZER};

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

static void *map_stack(size_t size) {
  void *mapping =
      mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapping == MAP_FAILED) {
    return NULL;
  }
  if (mprotect((uint8_t *)mapping + wa_stack_guard(), size - wa_stack_guard(),
               PROT_READ | PROT_WRITE) != 0) {
    munmap(mapping, size);
    return NULL;
  }
  return mapping;
}

void *wa_stack_map(size_t size, size_t *mapped_size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t total;
  if (__builtin_add_overflow(size, wa_stack_guard() + page - 1, &total)) {
    return NULL;
  }
  total -= total % page;
  *mapped_size = total;
  void *mapping = take(&stacks, total);
  return mapping != NULL ? mapping : map_stack(total);
}

void wa_stack_trim(void *mapping, uintptr_t top) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  uintptr_t usable = (uintptr_t)mapping + wa_stack_guard();
  if (top - usable > STACK_KEPT) {
    madvise((void *)usable, (top - STACK_KEPT - usable) / page * page, MADV_DONTNEED);
  }
}

void wa_stack_unmap(void *mapping, size_t mapped_size) {
  wa_stack_trim(mapping, (uintptr_t)mapping + mapped_size);
  if (!leave(&stacks, mapping, mapped_size)) {
    munmap(mapping, mapped_size);
  }
}

// ---- Records ----

static struct home *map_home(void) {
  struct home *home =
      mmap(NULL, sizeof *home, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (home == MAP_FAILED) {
    return NULL;
  }
  if (mprotect(home, sizeof home->guard, PROT_NONE) != 0) {
    munmap(home, sizeof *home);
    return NULL;
  }
  return home;
}

static struct home *take_home(void) {
  struct home *home = take(&homes, sizeof *home);
  if (home == NULL) {
    return map_home();
  }
  // What follows is only read where it has been written.
  memset(&home->thread, 0, offsetof(struct wa_thread, reason));
  return home;
}

static void leave_home(struct home *home) {
  if (!leave(&homes, home, sizeof *home)) {
    munmap(home, sizeof *home);
  }
}

static struct home *home_of(struct wa_thread *thread) {
  return (struct home *)((uint8_t *)thread - offsetof(struct home, thread));
}

// ---- The list of all records ----

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct wa_thread *list;

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

// Destructor of the key: runs on the thread that ends.
static void free_thread(void *value) {
  struct wa_thread *thread = value;
  unlink_thread(thread);
  wa_thread_record = NULL;
  sigaltstack(&thread->previous_signal_stack, NULL);
  if (thread->own_stack != NULL) {
    wa_stack_unmap(thread->own_stack, thread->own_stack_size);
  }
  leave_home(home_of(thread));
}

static void make_key(void) {
  key_made = pthread_key_create(&key, free_thread) == 0;
}

struct wa_thread *wa_thread_reserve(void) {
  pthread_once(&key_once, make_key);
  if (!key_made || !wa_signals_install()) {
    return NULL;
  }
  struct home *home = take_home();
  return home == NULL ? NULL : &home->thread;
}

void wa_thread_release(struct wa_thread *thread) {
  leave_home(home_of(thread));
}

bool wa_thread_adopt(struct wa_thread *thread) {
  struct home *home = home_of(thread);
  stack_t stack = {.ss_sp = home->signal_stack, .ss_size = sizeof home->signal_stack};
  if (sigaltstack(&stack, &thread->previous_signal_stack) != 0) {
    leave_home(home);
    return false;
  }
  if (pthread_setspecific(key, thread) != 0) {
    sigaltstack(&thread->previous_signal_stack, NULL);
    leave_home(home);
    return false;
  }
  thread->pthread = pthread_self();
  link_thread(thread);
  wa_thread_record = thread;
  return true;
}

static struct wa_thread *new_thread(void) {
  struct wa_thread *thread = wa_thread_reserve();
  return thread != NULL && wa_thread_adopt(thread) ? thread : NULL;
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
    wa_stack_unmap(thread->own_stack, thread->own_stack_size);
    thread->stack_high = 0;
  }
  thread->own_stack = wa_stack_map(size, &thread->own_stack_size);
  if (thread->own_stack == NULL) {
    return false;
  }
  thread->own_stack_asked = size;
  thread->guard_low = (uintptr_t)thread->own_stack;
  thread->stack_low = thread->guard_low + wa_stack_guard();
  thread->stack_high = thread->guard_low + thread->own_stack_size;
  return true;
}
