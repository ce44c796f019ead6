// stress WHAT [N]: as much as there can be of everything that threads do.
//   spawns N    N threads, one after the other
//   crowd N     N threads at once
//   grow N      one thread grows the memory to its maximum, N times a page or more, while others
//               read, write, copy and wait at its end
//   traps N     N threads trap at the same moment
//   spin N      N threads and the main one never end
//   exhaust WHERE   recursion without end, in the main thread or (WHERE = thread) another one
#include "thread.h"

enum { MOST = 4096, SMALL_STACK = 4096, PAGE = 65536 };

static struct thread threads[MOST];
static int32_t arrived, go;
static int32_t failures;
static volatile int zero;

static void begin(struct thread *thread, void (*function)(void *arg)) {
  if (thread->stack_top == NULL) {
    thread->stack_top = (char *)allocate(SMALL_STACK) + SMALL_STACK;
    thread->tls = allocate(__builtin_wasm_tls_size() + 16);
  }
  if (!thread_start(thread, function, thread))
    fail("thread_start");
}

static void join_all(int count) {
  for (int i = 0; i < count; i++)
    thread_join(&threads[i]);
}

static void wait_for_go(void) {
  (void)__atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(&go, __ATOMIC_SEQ_CST) == 0)
    (void)__builtin_wasm_memory_atomic_wait32(&go, 0, -1);
}

static void start_all(int count) {
  while (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) < count)
    (void)wasi_sched_yield();
  __atomic_store_n(&go, 1, __ATOMIC_SEQ_CST);
  (void)__builtin_wasm_memory_atomic_notify(&go, (unsigned)-1);
}

static void count_up(void *arg) {
  (void)arg;
  (void)__atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
}

static void spawns(int count) {
  for (int i = 0; i < count; i++) {
    begin(&threads[0], count_up);
    thread_join(&threads[0]);
  }
  if (arrived != count)
    fail("a thread did not run");
}

static void stay(void *arg) {
  (void)arg;
  wait_for_go();
}

static void crowd(int count) {
  for (int i = 0; i < count; i++)
    begin(&threads[i], stay);
  start_all(count);
  join_all(count);
}

// ---- Growth ----

static size_t pages(void) {
  return __builtin_wasm_memory_size(0);
}

// The last bytes there are belong to a thread each.
static char *last_bytes(int which) {
  return (char *)(pages() * PAGE - 64 * (size_t)(which + 1));
}

static bool growing(void) {
  return __atomic_load_n(&go, __ATOMIC_SEQ_CST) == 1;
}

static void check(bool right) {
  if (!right)
    (void)__atomic_fetch_add(&failures, 1, __ATOMIC_SEQ_CST);
}

static void write_and_read(void *arg) {
  int which = (int)((struct thread *)arg - threads);
  wait_for_go();
  while (growing()) {
    char *bytes = last_bytes(which);
    __atomic_store_n(bytes, (char)which, __ATOMIC_SEQ_CST);
    check(__atomic_load_n(bytes, __ATOMIC_SEQ_CST) == (char)which);
  }
}

static void copy_page(void *arg) {
  int which = (int)((struct thread *)arg - threads);
  static char page[PAGE];
  wait_for_go();
  while (growing()) {
    char *bytes = last_bytes(which);
    memset(bytes, which, 32);
    memcpy(page + 64 * which, bytes, 32);
    check(page[64 * which + 31] == (char)which);
  }
}

static void wait_there(void *arg) {
  int which = (int)((struct thread *)arg - threads);
  wait_for_go();
  while (growing()) {
    int32_t *word = (int32_t *)(void *)last_bytes(which);
    check(__builtin_wasm_memory_atomic_wait32(word, 12345, 1000) == 1);
    (void)__builtin_wasm_memory_atomic_notify(word, 1);
  }
}

static void grow(int by) {
  enum { OTHERS = 6 };
  void (*const others[])(void *) = {write_and_read, copy_page, wait_there};
  for (int i = 0; i < OTHERS; i++)
    begin(&threads[i], others[i % 3]);
  start_all(OTHERS);
  size_t before = pages();
  size_t grown = 0;
  for (size_t old; (old = __builtin_wasm_memory_grow(0, (size_t)by)) != (size_t)-1;) {
    check(old == before + grown);
    grown += (size_t)by;
    check(*(volatile char *)(old * PAGE) == 0);
  }
  __atomic_store_n(&go, 2, __ATOMIC_SEQ_CST);
  join_all(OTHERS);
  print("grew by ", number(0, (int64_t)grown), " pages\n", NULL);
  if (failures != 0 || grown == 0)
    fail("something was not as it should be");
}

// ---- Ends ----

static void divide(void *arg) {
  (void)arg;
  wait_for_go();
  zero = 7 / zero;
}

static void traps(int count) {
  for (int i = 0; i < count; i++)
    begin(&threads[i], divide);
  start_all(count);
  join_all(count);
}

static void spin(void *arg) {
  (void)arg;
  for (;;)
    __asm__ volatile("");
}

static void spin_all(int count) {
  for (int i = 0; i < count; i++)
    begin(&threads[i], spin);
  print("spinning\n", NULL);
  spin(NULL);
}

static volatile int depth;

// Not a tail call, and no C stack: only the host's is used up.
__attribute__((noinline)) static int deeper(int level) {
  depth = level;
  if (level < 0)
    return 0;
  return deeper(level + 1) + zero;
}

static void recurse(void *arg) {
  (void)arg;
  zero = deeper(0);
}

int main(int argc, char **argv) {
  const char *what = argc < 2 ? "" : argv[1];
  int count = argc < 3 ? 1 : (int)parse(argv[2]);
  if (count > MOST && strcmp(what, "spawns") != 0)
    fail("too many");
  if (strcmp(what, "exhaust") == 0) {
    if (argc < 3 || strcmp(argv[2], "thread") != 0)
      recurse(NULL);
    begin(&threads[0], recurse);
    thread_join(&threads[0]);
    return 0;
  }
  if (strcmp(what, "spawns") == 0)
    spawns(count);
  else if (strcmp(what, "crowd") == 0)
    crowd(count);
  else if (strcmp(what, "grow") == 0)
    grow(count);
  else if (strcmp(what, "traps") == 0)
    traps(count);
  else if (strcmp(what, "spin") == 0)
    spin_all(count);
  else
    fail("what?");
  print("done\n", NULL);
  return 0;
}
