// What a debugger is to find in optimised code: each line that is marked with "//:" is where a
// breakpoint goes, and the mark says what variables must be there, as Python has it: `s` is the
// seed of the thread. A name with "^" in front is one of the caller's. See tests/e2e/places.py.
#include "thread.h"

#define NOINLINE __attribute__((noinline))

struct pair {
  int first, second;
};

struct mixed {
  int64_t wide;
  double real;
  int small;
};

int seed;
static volatile int64_t sink;

static NOINLINE void use(int64_t value) {
  sink = sink + value;
}

static NOINLINE int leaf(int depth, int value) {
  int twice = value * 2;
  use(twice);           //: depth: 0, value: 7 * s, twice: 14 * s
  return twice + depth; //: depth: 0, value: 7 * s, twice: 14 * s
}

static NOINLINE int descend(int depth, int value) {
  int here = value + depth;
  if (depth == 0)
    return leaf(depth, value); //: depth: 0, value: 7 * s, here: 7 * s, ^depth: 1, ^here: 7 * s + 1
  int below = descend(depth - 1, value);
  use(here);
  return below + here; //: below: 14 * s, here: 7 * s + 1, depth: 1, ^depth: 2
}

// Counters and sums of loops.
static NOINLINE int64_t loop(int count, const int *values) {
  int64_t total = 0;
  for (int i = 0; i < count; i++) {
    total += values[i];
    use(total); //: i: 0, total: s, count: 5, values[4]: s + 4, ^numbers[1]: s + 1
    if (i == 3)
      use(i); //: i: 3, total: 4 * s + 6, count: 5
  }
  use(total + count); //: total: 5 * s + 10, count: 5
  return total;
}

// Structures of which only parts are anywhere.
static NOINLINE int split(int a, int b) {
  struct pair pair = {a + 1, b + 2};
  use(pair.first);
  use(pair.second); //: pair.first: s + 1, pair.second: s + 22, a: s, b: s + 20
  int sum = pair.first + pair.second;
  use(sum);   //: pair.first: s + 1, pair.second: s + 22, sum: 2 * s + 23
  return sum; //: pair.first: s + 1, sum: 2 * s + 23
}

static NOINLINE double real(float small, double large, int64_t wide) {
  struct mixed mixed = {wide * 3, large * 2, (int)small};
  use(mixed.wide); //: small: 1.5, large: s + 0.25, wide: 1 << 40, mixed.real: 2 * s + 0.5
  double result = mixed.real + small;
  use((int64_t)result); //: result: 2 * s + 2, small: 1.5, wide: 1 << 40, mixed.wide: 3 << 40
  return result;        //: result: 2 * s + 2
}

// Inlined, and what it is inlined in.
static inline int scale(int factor, int number) {
  int scaled = factor * number;
  use(scaled); //: factor: 3, number: s + 1, scaled: 3 * s + 3, ^outer: s + 1
  return scaled;
}

static NOINLINE int inlined(int outer) {
  int first = scale(3, outer);
  int second = first + 1;
  use(second); //: first: 3 * s + 3, second: 3 * s + 4, outer: s + 1
  return second;
}

// Pointers, and what lies on the shadow stack.
static NOINLINE void fill(struct mixed *to, int number) {
  to->small = number; //: to.wide: 5, number: s, ^mixed.wide: 5
  to->real = number;
  use(to->wide); //: to.small: s, to.real: s, number: s
}

static NOINLINE int addressed(int number) {
  struct mixed mixed = {5, 1.5, 0};
  struct mixed *pointer = &mixed;
  fill(pointer, number);
  use(mixed.small); //: mixed.small: s, mixed.real: s, number: s, pointer.wide: 5
  return mixed.small;
}

// More arguments than there are registers for.
static NOINLINE int many(int a, int b, int c, int d, int e, int f, int g, int h) {
  use(a + b * c + d * e + f * g + h); //: a: s, h: s + 7, ^there: s + 9, ^b: s + 1
  return a * h;
}

static NOINLINE void change(int *number) {
  *number += 9;
}

static NOINLINE int pushing(int a, int b) {
  int there = a;
  change(&there);
  int result = many(a, b, b + 1, a + 3, b * 2, a * b, a + 6, a + 7);
  use(there); //: there: s + 9
  return result + there;
}

static void work(void *arg) {
  int *numbers = arg;
  int mine = numbers[0];
  int64_t all = descend(2, 7 * mine);
  all += loop(5, numbers); //: mine: s, numbers[3]: s + 3
  all += split(mine, mine + 20);
  double result = real(1.5f, mine + 0.25, (int64_t)1 << 40); //: mine: s
  all += inlined(mine + 1);                                  //: mine: s, result: 2 * s + 2
  all += addressed(mine);                                    //: result: 2 * s + 2
  all += pushing(mine, mine + 1);
  use(all + (int64_t)result); //: result: 2 * s + 2
}

int main(int argc, char **argv) {
  (void)argc;
  (void)argv;
  static struct thread threads[2];
  static int numbers[2][5];
  for (int i = 0; i < 2; i++) {
    seed = 10 * i + 3;
    for (int j = 0; j < 5; j++)
      numbers[i][j] = seed + j;
    if (!thread_start(&threads[i], work, numbers[i]))
      fail("no thread");
    thread_join(&threads[i]);
  }
  print("sum ", number(0, (uint64_t)sink), "\n", NULL);
  return 0;
}
