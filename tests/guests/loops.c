// Loops that the compiler must vectorise: multiplying by a constant, by a variable, and adding up.
// The first three are as they stand here; the others clang unrolls for WebAssembly, which leaves
// several accesses along each pointer. The last is about atomic instructions, which only modules
// with a shared memory have.
#include "guest.h"

#define PLAIN_LOOP _Pragma("clang loop unroll(disable)")

EXPORT("constant")
void multiply_by_constant(float *results, const float *values, int count) {
  PLAIN_LOOP
  for (int i = 0; i < count; i++)
    results[i] = values[i] * 3.5f;
}

EXPORT("variable")
void multiply_by_variable(float *results, const float *values, int count, float factor) {
  PLAIN_LOOP
  for (int i = 0; i < count; i++)
    results[i] = values[i] * factor;
}

EXPORT("sum") unsigned sum_of_words(const unsigned *words, int count) {
  unsigned sum = 0;
  PLAIN_LOOP
  for (int i = 0; i < count; i++)
    sum += words[i];
  return sum;
}

EXPORT("unrolled")
void subtract_row(double *row, const double *pivot, int count, double factor) {
  for (int i = 0; i < count; i++)
    row[i] -= factor * pivot[i];
}

unsigned char colours[480][640][3], grey[480][640];

EXPORT("grey") void make_grey(void) {
  for (int y = 0; y < 480; y++)
    for (int x = 0; x < 640; x++) {
      const unsigned char *c = colours[y][x];
      grey[y][x] = (unsigned char)((c[0] * 77 + c[1] * 151 + c[2] * 28) >> 8);
    }
}

EXPORT("unlike") unsigned count_unlike(const unsigned *words, int count, unsigned sought) {
  unsigned found = 0;
  for (int i = 0; i < count; i++)
    found += words[i] != sought;
  return found;
}

unsigned long long word;

EXPORT("exchange") void add_by_exchange(void) {
  unsigned long long old = __atomic_load_n(&word, __ATOMIC_SEQ_CST), seen;
  do {
    seen = old;
    old = __sync_val_compare_and_swap(&word, seen, seen + 3);
  } while (seen != old);
}
