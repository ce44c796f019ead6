// trap KIND: ends in the trap of that name, three calls deep.
#include "guest.h"

static volatile int zero;
static int (*volatile no_function)(int);
typedef double other_type(double);
static other_type *volatile wrong_function;

static int any_function(int value) {
  return value;
}

// Nothing in linear memory: it is the native stack that must end.
__attribute__((noinline)) static int deeper(int depth) {
  if (depth < zero)
    return depth;
  return deeper(depth + 1) + zero;
}

__attribute__((noinline)) static int level_three(const char *kind) {
  if (strcmp(kind, "unreachable") == 0)
    __builtin_trap();
  if (strcmp(kind, "divide") == 0)
    return 7 / zero; // 1 / x is no division to clang
  if (strcmp(kind, "overflow") == 0)
    return (zero - 2147483647 - 1) / (zero - 1);
  if (strcmp(kind, "memory") == 0)
    return *(volatile int *)(0xfffffff0u + (unsigned)zero);
  if (strcmp(kind, "null-call") == 0)
    return no_function(1);
  if (strcmp(kind, "type-call") == 0) {
    wrong_function = (other_type *)(uintptr_t)any_function;
    return (int)wrong_function(1.0);
  }
  if (strcmp(kind, "stack") == 0)
    return deeper(0);
  return 0;
}

__attribute__((noinline)) static int level_two(const char *kind) {
  return level_three(kind) + zero;
}

int main(int argc, char **argv) {
  if (argc < 2)
    fail("which trap?");
  int result = level_two(argv[1]);
  print("no trap: ", number(0, result), "\n", NULL);
  return 0;
}
