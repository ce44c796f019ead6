// Functions that the guest's own compiler puts into others.
#include "guest.h"

static volatile int zero;

static inline __attribute__((always_inline)) int innermost(int value) {
  return value / zero; // divided
}

static inline __attribute__((always_inline)) int inner(int value) {
  return innermost(value + 1); // called innermost
}

__attribute__((noinline)) static int outer(int value) {
  return inner(value) + 1; // called inner
}

int main(int argc, char **argv) {
  (void)argv;
  return outer(argc); // called outer
}
