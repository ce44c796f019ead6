// states STATE: some threads keep themselves busy in STATE, the main one too unless it is to end
// them; tests/threads/termination.c, which provides the module "host", says how and when all end.
#include "thread.h"

enum { THREADS = 3 };

// What the host wants of a thread that asks it.
enum { GO_ON, TRAP, EXIT };

#define HOST(symbol)                                                                               \
  __attribute__((import_module("host"), import_name(#symbol))) int32_t host_##symbol
HOST(busy)(void);    // the host's own function takes its time
HOST(ready)(void);   // all are busy: whether the main thread is to ask (else it is busy as well)
HOST(verdict)(void); // blocks until it is time: GO_ON, TRAP or EXIT

static struct thread threads[THREADS], asker, child;
static int32_t never;
static int64_t never_long;
static int32_t started;
static volatile int zero;
static const char *state;
static char block[1 << 20], other_block[1 << 20];

static bool is(const char *name) {
  return strcmp(state, name) == 0;
}

static void wait_for(int64_t nanoseconds) {
  (void)__builtin_wasm_memory_atomic_wait32(&never, 0, nanoseconds);
}

static void sleep_for(uint64_t nanoseconds) {
  struct subscription clock = {.tag = EVENT_CLOCK};
  struct event event;
  size_t events;
  clock.clock.id = CLOCK_MONOTONIC;
  clock.clock.timeout = nanoseconds;
  (void)wasi_poll_oneoff(&clock, &event, 1, &events);
}

static void read_input(void) {
  char byte;
  struct iovec iovec = {&byte, 1};
  size_t size;
  if (wasi_fd_read(0, &iovec, 1, &size) != E_SUCCESS)
    fail("fd_read");
}

__attribute__((import_module("wasi_snapshot_preview1"), import_name("sock_accept"))) uint32_t
wasi_sock_accept(uint32_t fd, uint32_t flags, uint32_t *connection);

static void accept_one(void) {
  uint32_t connection;
  if (wasi_sock_accept(2, 0, &connection) != E_SUCCESS)
    fail("sock_accept");
}

static void nothing(void *arg) {
  (void)arg;
}

static struct mutex spawning;

// One at a time, so that there is one child.
static void spawn_and_join(void) {
  mutex_lock(&spawning);
  if (thread_start(&child, nothing, NULL))
    thread_join(&child);
  mutex_unlock(&spawning);
}

__attribute__((noinline)) static void do_once(void) {
  const int64_t hour = 3600ll * 1000000000;
  if (is("wait"))
    wait_for(-1);
  else if (is("wait-hour"))
    (void)__builtin_wasm_memory_atomic_wait64(&never_long, 0, hour);
  else if (is("wait-20us"))
    wait_for(20000);
  else if (is("poll"))
    sleep_for((uint64_t)hour);
  else if (is("poll-20us"))
    sleep_for(20000);
  else if (is("read"))
    read_input();
  else if (is("accept"))
    accept_one();
  else if (is("yield"))
    (void)wasi_sched_yield();
  else if (is("host"))
    (void)host_busy();
  else if (is("fill"))
    memset(block, 1, sizeof block);
  else if (is("copy"))
    memcpy(block, other_block, sizeof block);
  else if (is("grow"))
    (void)__builtin_wasm_memory_grow(0, 0);
  else if (is("spawn"))
    spawn_and_join();
  else
    fail("no such state");
}

static void be_busy(void *arg) {
  (void)arg;
  (void)__atomic_fetch_add(&started, 1, __ATOMIC_SEQ_CST);
  if (is("spin"))
    for (;;)
      __asm__ volatile("");
  if (is("atomics"))
    while (__atomic_fetch_add(&never_long, 0, __ATOMIC_SEQ_CST) == 0) {
    }
  for (;;)
    do_once();
}

// The name is in the report of the trap.
__attribute__((noinline)) static void end_by_trap(void) {
  zero = 7 / zero;
}

static void ask(void *arg) {
  (void)arg;
  int32_t verdict = host_verdict();
  if (verdict == TRAP)
    end_by_trap();
  if (verdict == EXIT)
    wasi_proc_exit(9);
}

int main(int argc, char **argv) {
  if (argc < 2)
    fail("which state?");
  state = argv[1];
  for (int i = 0; i < THREADS; i++) {
    if (!thread_start(&threads[i], be_busy, NULL))
      fail("thread_start");
  }
  while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < THREADS)
    (void)wasi_sched_yield();
  if (host_ready() != 0) {
    ask(NULL);
    return 0;
  }
  if (!thread_start(&asker, ask, NULL))
    fail("thread_start");
  be_busy(NULL);
  return 0;
}
