// ending HOW WHERE: how a program with four threads ends. The other threads are parked in wait,
// spin in a loop without a call, sleep in poll_oneoff, and read standard input, so that whatever
// ends the program must get each of them out.
//   return     main returns 7 while they go on
//   exit       proc_exit(9), by the main thread or (WHERE = thread) by a fifth one
//   trap       a division by zero, likewise
//   wait       not at all: the main thread is parked, too
#include "thread.h"

static struct thread waiter, spinner, sleeper, reader, ender;
static int32_t never;
static int32_t started;
static volatile int zero;
static bool by_exit;

static void begin(void) {
  (void)__atomic_fetch_add(&started, 1, __ATOMIC_SEQ_CST);
}

static void wait_forever(void *arg) {
  (void)arg;
  begin();
  for (;;)
    (void)__builtin_wasm_memory_atomic_wait32(&never, 0, -1);
}

static void spin(void *arg) {
  (void)arg;
  begin();
  while (__atomic_load_n(&never, __ATOMIC_SEQ_CST) == 0) {
  }
}

static void sleep_long(void *arg) {
  struct subscription hour = {.tag = EVENT_CLOCK};
  struct event event;
  size_t events;
  (void)arg;
  hour.clock.id = CLOCK_MONOTONIC;
  hour.clock.timeout = 3600ull * 1000000000;
  begin();
  (void)wasi_poll_oneoff(&hour, &event, 1, &events);
}

static void read_input(void *arg) {
  char byte;
  struct iovec iovec = {&byte, 1};
  size_t size;
  (void)arg;
  begin();
  (void)wasi_fd_read(0, &iovec, 1, &size);
}

__attribute__((noinline)) static void end_here(void) {
  if (by_exit)
    wasi_proc_exit(9);
  zero = 7 / zero;
}

static void end_in_thread(void *arg) {
  (void)arg;
  end_here();
}

static void start(struct thread *thread, void (*function)(void *arg)) {
  if (!thread_start(thread, function, NULL))
    fail("thread_start");
}

int main(int argc, char **argv) {
  if (argc < 3)
    fail("how and where?");
  start(&waiter, wait_forever);
  start(&spinner, spin);
  start(&sleeper, sleep_long);
  start(&reader, read_input);
  while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < 4)
    (void)wasi_sched_yield();
  print("started\n", NULL);
  by_exit = strcmp(argv[1], "exit") == 0;
  if (strcmp(argv[1], "return") == 0)
    return 7;
  if (strcmp(argv[1], "wait") == 0)
    wait_forever(NULL);
  if (strcmp(argv[2], "thread") != 0)
    end_here();
  start(&ender, end_in_thread);
  wait_forever(NULL);
  return 0;
}
