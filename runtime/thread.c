#include "thread.h"

#include "signals.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIGNAL_STACK_SIZE = 65536 };

// The record and the signal stack share one mapping; the stack is below, behind a guard page.
struct home {
  uint8_t guard[4096];
  uint8_t signal_stack[SIGNAL_STACK_SIZE];
  struct wa_thread thread;
};

// initial-exec: the signal handler reads it, and the general model may allocate at first use.
static _Thread_local struct wa_thread *current __attribute__((tls_model("initial-exec")));

static pthread_key_t key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static bool key_made;

size_t wa_stack_guard(void) {
  return WA_STACK_GUARD_SIZE;
}

void *wa_stack_map(size_t size, size_t *mapped_size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t total;
  if (__builtin_add_overflow(size, wa_stack_guard() + page - 1, &total)) {
    return NULL;
  }
  total -= total % page;
  void *mapping =
      mmap(NULL, total, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapping == MAP_FAILED) {
    return NULL;
  }
  if (mprotect((uint8_t *)mapping + wa_stack_guard(), total - wa_stack_guard(),
               PROT_READ | PROT_WRITE) != 0) {
    munmap(mapping, total);
    return NULL;
  }
  *mapped_size = total;
  return mapping;
}

void wa_stack_unmap(void *mapping, size_t mapped_size) {
  munmap(mapping, mapped_size);
}

// Destructor of the key: runs on the thread that ends.
static void free_thread(void *value) {
  struct wa_thread *thread = value;
  current = NULL;
  sigaltstack(&thread->previous_signal_stack, NULL);
  if (thread->own_stack != NULL) {
    wa_stack_unmap(thread->own_stack, thread->own_stack_size);
  }
  uint8_t *home = (uint8_t *)thread - offsetof(struct home, thread);
  munmap(home, sizeof(struct home));
}

static void make_key(void) {
  key_made = pthread_key_create(&key, free_thread) == 0;
}

static struct wa_thread *new_thread(void) {
  pthread_once(&key_once, make_key);
  if (!key_made || !wa_signals_install()) {
    return NULL;
  }
  struct home *home =
      mmap(NULL, sizeof *home, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (home == MAP_FAILED) {
    return NULL;
  }
  struct wa_thread *thread = &home->thread;
  stack_t stack = {.ss_sp = home->signal_stack, .ss_size = sizeof home->signal_stack};
  if (mprotect(home, sizeof home->guard, PROT_NONE) != 0 ||
      sigaltstack(&stack, &thread->previous_signal_stack) != 0) {
    munmap(home, sizeof *home);
    return NULL;
  }
  if (pthread_setspecific(key, thread) != 0) {
    sigaltstack(&thread->previous_signal_stack, NULL);
    munmap(home, sizeof *home);
    return NULL;
  }
  current = thread;
  return thread;
}

struct wa_thread *wa_thread_current(void) {
  return current != NULL ? current : new_thread();
}

struct wa_thread *wa_thread_peek(void) {
  return current;
}

bool wa_thread_need_stack(struct wa_thread *thread) {
  if (thread->stack_high != 0) {
    return true;
  }
  thread->own_stack = wa_stack_map(WA_DEFAULT_STACK_SIZE, &thread->own_stack_size);
  if (thread->own_stack == NULL) {
    return false;
  }
  thread->guard_low = (uintptr_t)thread->own_stack;
  thread->stack_low = thread->guard_low + wa_stack_guard();
  thread->stack_high = thread->guard_low + thread->own_stack_size;
  return true;
}
