// A reactor: _initialize first, then exports of every numeric type.
#include "guest.h"

static int initialized;

EXPORT("_initialize") void _initialize(void) {
  initialized++;
}

EXPORT("initialized") int count_initialized(void) {
  return initialized;
}

EXPORT("add") int add(int a, int b) {
  return (int)((unsigned)a + (unsigned)b);
}

EXPORT("multiply64") int64_t multiply64(int64_t a, int64_t b) {
  return (int64_t)((uint64_t)a * (uint64_t)b);
}

EXPORT("half") float half(float value) {
  return value / 2;
}

EXPORT("third") double third(double value) {
  return value / 3;
}

EXPORT("divide") int divide(int a, int b) {
  return a / b;
}

EXPORT("nothing") void nothing(void) {
}
