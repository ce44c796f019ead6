// Starts threads that stay until the host refuses, and expects an error and not a trap; then starts
// and joins many, one after the other.
#include "thread.h"

enum { MANY = 300 };

static struct thread threads[MANY];
static int32_t go;

static void stay(void *arg) {
  (void)arg;
  while (__atomic_load_n(&go, __ATOMIC_SEQ_CST) == 0)
    (void)__builtin_wasm_memory_atomic_wait32(&go, 0, -1);
}

static void come_and_go(void *arg) {
  (void)__atomic_fetch_add((int32_t *)arg, 1, __ATOMIC_SEQ_CST);
}

int main(int argc, char **argv) {
  int limit = argc > 1 ? (int)parse(argv[1]) : 8;
  int started = 0;
  while (started < MANY && thread_start(&threads[started], stay, NULL))
    started++;
  print("started ", number(0, started), " threads\n", NULL);
  __atomic_store_n(&go, 1, __ATOMIC_SEQ_CST);
  (void)__builtin_wasm_memory_atomic_notify(&go, (unsigned)-1);
  for (int i = 0; i < started; i++)
    thread_join(&threads[i]);
  if (started != limit)
    fail("another number than the limit");
  int32_t count = 0;
  for (int i = 0; i < MANY; i++) {
    // The last thread's place is free a moment after it is done.
    while (!thread_start(&threads[0], come_and_go, &count))
      (void)wasi_sched_yield();
    thread_join(&threads[0]);
  }
  if (count != MANY)
    fail("a thread did not run");
  print("all ran\n", NULL);
  return 0;
}
