// Threads for guests: wasi-threads below, mutexes and condition variables on memory.atomic.wait32
// and notify.
#ifndef GUEST_THREAD_H
#define GUEST_THREAD_H

#include "guest.h"

struct thread {
  // The first word is where thread_start.s finds the stack.
  char *stack_top;
  void *tls;
  void (*function)(void *arg);
  void *arg;
  int32_t tid;
  int32_t done;
};

// Starts function(arg). False when the host starts no more threads.
bool thread_start(struct thread *thread, void (*function)(void *arg), void *arg);
void thread_join(struct thread *thread);

struct mutex {
  int32_t state; // 0 free, 1 locked, 2 locked and somebody waits
};
void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);

struct condition {
  int32_t sequence;
};
void condition_wait(struct condition *condition, struct mutex *mutex);
void condition_signal(struct condition *condition);
void condition_broadcast(struct condition *condition);

#endif
