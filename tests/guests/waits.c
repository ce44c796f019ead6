// waits: threads that spin on plain memory, each in another way, until the main thread has stored
// to it plainly. C's volatile is no more than a plain load in wasm.
#include "thread.h"

enum { STACK = 16384 };

static volatile int flag, flags[4], spins, seen;
static struct box { volatile int is_done; } box;
static struct box *volatile chosen = &box;
static volatile char byte;
static int32_t started;

static void begin(void) {
  (void)__atomic_fetch_add(&started, 1, __ATOMIC_SEQ_CST);
}

static void nothing_else(void *arg) {
  (void)arg;
  begin();
  while (flag == 0) {
  }
}

static void counting(void *arg) {
  unsigned rounds = 0;
  (void)arg;
  begin();
  while (byte == 0)
    rounds++;
  seen = (int)rounds;
}

static void counting_in_memory(void *arg) {
  (void)arg;
  begin();
  while (flag == 0)
    spins = spins + 1;
}

static void through_memory(void *arg) {
  (void)arg;
  begin();
  do
    seen = flag;
  while (seen == 0);
}

static void through_a_local(void *arg) {
  bool is_done = false;
  (void)arg;
  begin();
  while (!is_done) {
    if (flag != 0)
      is_done = true;
    else
      spins = 0;
  }
}

static void any_of_four(void *arg) {
  (void)arg;
  begin();
  for (;;)
    for (int i = 0; i < 4; i++)
      if (flags[i] != 0)
        return;
}

static void through_a_pointer(void *arg) {
  (void)arg;
  begin();
  while (chosen->is_done == 0) {
  }
}

static void one_after_the_other(void *arg) {
  (void)arg;
  begin();
  do
    while (byte == 0) {
    }
  while (flag == 0);
}

static void *yielding_at_times(volatile int *word, bool yields) {
  while (*word == 0)
    if (yields)
      (void)wasi_sched_yield();
  return NULL;
}

static void never_yielding(void *arg) {
  begin();
  (void)yielding_at_times(&flag, arg != NULL);
}

static void (*const ways[])(void *) = {
    nothing_else, counting,          counting_in_memory,  through_memory, through_a_local,
    any_of_four,  through_a_pointer, one_after_the_other, never_yielding,
};
enum { WAYS = sizeof ways / sizeof ways[0] };
static struct thread threads[WAYS];

// Long enough for every thread to be in its loop.
static void let_them_spin(void) {
  struct subscription clock = {.tag = EVENT_CLOCK};
  struct event event;
  size_t events;
  while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < WAYS)
    (void)wasi_sched_yield();
  clock.clock.id = CLOCK_MONOTONIC;
  clock.clock.timeout = 50000000;
  (void)wasi_poll_oneoff(&clock, &event, 1, &events);
}

int main(int argc, char **argv) {
  (void)argc;
  (void)argv;
  for (int i = 0; i < WAYS; i++) {
    threads[i].stack_top = (char *)allocate(STACK) + STACK;
    threads[i].tls = allocate(__builtin_wasm_tls_size() + 16);
    if (!thread_start(&threads[i], ways[i], NULL))
      fail("thread_start");
  }
  let_them_spin();
  flag = 1;
  byte = 1;
  flags[2] = 1;
  box.is_done = 1;
  for (int i = 0; i < WAYS; i++)
    thread_join(&threads[i]);
  print("every thread saw it\n", NULL);
  return 0;
}
