// Loops that the compiler must vectorise: multiplying by a constant, by a variable, and adding up.
// clang would unroll them for WebAssembly already, which leaves addresses that may wrap between two
// lanes.
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
