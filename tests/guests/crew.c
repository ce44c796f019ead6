// crew: three threads that hand a turn around ten times, waiting for it on a condition, and one
// that sleeps meanwhile. Short, for runs that are repeated for every call they make.
#include "thread.h"

enum { MEMBERS = 3, ROUNDS = 10 };

static struct thread members[MEMBERS];
static struct thread sleeper;
static struct mutex mutex;
static struct condition changed;
static int turn;

static void work(void *arg) {
  int self = (int)(intptr_t)arg;
  mutex_lock(&mutex);
  for (int round = 0; round < ROUNDS; round++) {
    while (turn % MEMBERS != self)
      condition_wait(&changed, &mutex);
    turn++;
    condition_broadcast(&changed);
  }
  mutex_unlock(&mutex);
}

static void nap(void *arg) {
  struct subscription in = {.tag = EVENT_CLOCK};
  struct event out;
  size_t events;
  (void)arg;
  in.clock.id = CLOCK_MONOTONIC;
  in.clock.timeout = 2000000;
  if (wasi_poll_oneoff(&in, &out, 1, &events) != E_SUCCESS)
    fail("poll_oneoff");
}

int main(int argc, char **argv) {
  (void)argc;
  (void)argv;
  if (!thread_start(&sleeper, nap, NULL))
    fail("thread_start");
  for (int i = 0; i < MEMBERS; i++) {
    if (!thread_start(&members[i], work, (void *)(intptr_t)i))
      fail("thread_start");
  }
  for (int i = 0; i < MEMBERS; i++)
    thread_join(&members[i]);
  thread_join(&sleeper);
  print("turns: ", number(0, turn), "\n", NULL);
  return turn != MEMBERS * ROUNDS;
}
