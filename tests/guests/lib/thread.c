#include "thread.h"

enum { STACK_SIZE = 65536 };

__attribute__((import_module("wasi"), import_name("thread-spawn"))) int32_t
wasi_thread_spawn(void *arg);

void __wasm_init_tls(void *tls);

bool thread_start(struct thread *thread, void (*function)(void *arg), void *arg) {
  if (thread->stack_top == NULL) {
    thread->stack_top = (char *)allocate(STACK_SIZE) + STACK_SIZE;
    thread->tls = allocate(__builtin_wasm_tls_size() + 16);
  }
  thread->function = function;
  thread->arg = arg;
  thread->done = 0;
  thread->tid = wasi_thread_spawn(thread);
  return thread->tid > 0;
}

// Called by wasi_thread_start, which has set the stack pointer.
void thread_main(int32_t tid, struct thread *thread);
void thread_main(int32_t tid, struct thread *thread) {
  (void)tid;
  __wasm_init_tls(thread->tls);
  thread->function(thread->arg);
  __atomic_store_n(&thread->done, 1, __ATOMIC_SEQ_CST);
  (void)__builtin_wasm_memory_atomic_notify(&thread->done, (unsigned)-1);
}

void thread_join(struct thread *thread) {
  while (__atomic_load_n(&thread->done, __ATOMIC_SEQ_CST) == 0)
    (void)__builtin_wasm_memory_atomic_wait32(&thread->done, 0, -1);
}

void mutex_lock(struct mutex *mutex) {
  int32_t seen = 0;
  if (__atomic_compare_exchange_n(&mutex->state, &seen, 1, false, __ATOMIC_SEQ_CST,
                                  __ATOMIC_SEQ_CST))
    return;
  if (seen != 2)
    seen = __atomic_exchange_n(&mutex->state, 2, __ATOMIC_SEQ_CST);
  while (seen != 0) {
    (void)__builtin_wasm_memory_atomic_wait32(&mutex->state, 2, -1);
    seen = __atomic_exchange_n(&mutex->state, 2, __ATOMIC_SEQ_CST);
  }
}

void mutex_unlock(struct mutex *mutex) {
  if (__atomic_exchange_n(&mutex->state, 0, __ATOMIC_SEQ_CST) == 2)
    (void)__builtin_wasm_memory_atomic_notify(&mutex->state, 1);
}

void condition_wait(struct condition *condition, struct mutex *mutex) {
  int32_t sequence = __atomic_load_n(&condition->sequence, __ATOMIC_SEQ_CST);
  mutex_unlock(mutex);
  (void)__builtin_wasm_memory_atomic_wait32(&condition->sequence, sequence, -1);
  mutex_lock(mutex);
}

void condition_signal(struct condition *condition) {
  (void)__atomic_fetch_add(&condition->sequence, 1, __ATOMIC_SEQ_CST);
  (void)__builtin_wasm_memory_atomic_notify(&condition->sequence, 1);
}

void condition_broadcast(struct condition *condition) {
  (void)__atomic_fetch_add(&condition->sequence, 1, __ATOMIC_SEQ_CST);
  (void)__builtin_wasm_memory_atomic_notify(&condition->sequence, (unsigned)-1);
}
