// Dense linear algebra: the product of two matrices of doubles, row by row.
#include "kernel.h"

enum { N = 400, ROUNDS = 60 };

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

KERNEL_EXPORT uint32_t run(void) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      a[i][j] = (double)((i * 7 + j) % 13) - 6;
      b[i][j] = (double)((i + j * 5) % 11) - 5;
    }
  double sum = 0;
  for (int round = 0; round < ROUNDS; round++) {
    multiply();
    sum += c[round][round * 2 % N];
    a[round][0] += 1;
  }
  return (uint32_t)(int32_t)sum;
}
