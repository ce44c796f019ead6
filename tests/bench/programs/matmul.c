// Dense linear algebra: the product of two matrices of doubles, row by row.
#include "bench.h"

enum { N = 200 };

const uint32_t bench_rounds = 300;

static double a[N][N], b[N][N], c[N][N];

static void multiply(void) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++)
      c[i][j] = 0;
    for (int k = 0; k < N; k++)
      for (int j = 0; j < N; j++)
        c[i][j] += a[i][k] * b[k][j];
  }
}

uint64_t bench(uint32_t rounds) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      a[i][j] = (double)((i * 7 + j) % 13) - 6;
      b[i][j] = (double)((i + j * 5) % 11) - 5;
    }
  double sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    multiply();
    sum += c[round % N][round * 2 % N];
    a[round % N][0] += 1;
  }
  return bench_bits(sum);
}
