// The one thread interface of the benchmark programs, under the names of the guests' library: that
// library itself in WebAssembly, pthreads where there is a C library.
#ifndef BENCH_THREADS_H
#define BENCH_THREADS_H

#ifdef BENCH_LIBC

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct thread {
  pthread_t id;
  void (*function)(void *arg);
  void *arg;
};

static void *thread_enter(void *opaque) {
  struct thread *thread = opaque;
  thread->function(thread->arg);
  return NULL;
}

static inline bool thread_start(struct thread *thread, void (*function)(void *arg), void *arg) {
  thread->function = function;
  thread->arg = arg;
  return pthread_create(&thread->id, NULL, thread_enter, thread) == 0;
}

static inline void thread_join(struct thread *thread) {
  pthread_join(thread->id, NULL);
}

// Zero bytes are a free mutex and a condition nobody waits for, here and in the guests' library.
struct mutex {
  pthread_mutex_t mutex;
};

static inline void mutex_lock(struct mutex *mutex) {
  pthread_mutex_lock(&mutex->mutex);
}

static inline void mutex_unlock(struct mutex *mutex) {
  pthread_mutex_unlock(&mutex->mutex);
}

struct condition {
  pthread_cond_t condition;
};

static inline void condition_wait(struct condition *condition, struct mutex *mutex) {
  pthread_cond_wait(&condition->condition, &mutex->mutex);
}

static inline void condition_signal(struct condition *condition) {
  pthread_cond_signal(&condition->condition);
}

static inline void condition_broadcast(struct condition *condition) {
  pthread_cond_broadcast(&condition->condition);
}

#else
#include "thread.h"
#endif

// Ends the program where no thread can be had: a result without it would be another one.
static inline void thread_start_or_end(struct thread *thread, void (*function)(void *arg),
                                       void *arg) {
  if (!thread_start(thread, function, arg))
    __builtin_trap();
}

#endif
