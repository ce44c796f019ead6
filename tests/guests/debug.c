// debug HOW: what a debugger is tried on. The lines that the test names are marked; keep in step.
//   threads    two threads that work on a list
//   trap       a division by zero, three calls deep
#include "thread.h"

enum colour { RED, GREEN = 7 };

struct point {
  int x;
  double y;
  char name[8];
  enum colour colour;
  struct point *next;
};

union word {
  uint32_t number;
  unsigned char bytes[4];
};

int counter = 5;
struct point origin = {1, 2.5, "origin", RED, 0};
const char *greeting = "hello";
static volatile int zero;

static int divide(int by) {
  return 100 / by; // trap
}

static int middle(int by) {
  int result = divide(by);
  return result + 1;
}

static double measure(struct point *point, float factor, int64_t big) {
  int squares[4] = {0, 1, 4, 9};
  char text[6] = "local";
  union word word = {.number = 0x01020304};
  unsigned length = 0;
  for (struct point *at = point; at; at = at->next) {
    length++;
    squares[length % 4] += at->x;
  }
  counter += (int)length;
  double sum = point->y * factor + squares[1]; // look
  return sum + (double)big + text[0] + word.bytes[0];
}

static struct thread *volatile started;

// Whoever joins a thread waits on `done` and goes on waiting when woken early: one that could be
// woken is where the test looks for it.
static __attribute__((noinline)) void wait_until_joined(void) {
  while (__builtin_wasm_memory_atomic_notify(&started->done, 1) == 0)
    continue;
}

static void work(void *arg) {
  struct point *mine = arg;
  wait_until_joined();
  double result = measure(mine, 0.5f, 1000000000000); // enter
  mine->y = result;                                   // in thread
}

static void run_threads(void) {
  static struct thread threads[2];
  struct point points[2] = {{10, 1.25, "first", GREEN, &origin}, {20, 2.25, "second", RED, 0}};
  for (int i = 0; i < 2; i++) {
    started = &threads[i];
    if (!thread_start(&threads[i], work, &points[i]))
      fail("no thread");
    thread_join(&threads[i]);
  }
  print("counter ", number(0, counter), " at ", greeting, "\n", NULL);
}

int main(int argc, char **argv) {
  bool traps = argc > 1 && strcmp(argv[1], "trap") == 0;
  if (traps)
    return middle(zero); // call
  run_threads();
  return 0;
}
