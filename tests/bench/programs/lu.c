// Linear algebra: LU decomposition with partial pivoting, and the solution of a system.
#include "bench.h"

enum { N = 256 };

const uint32_t bench_rounds = 90;

static double matrix[N][N], vector[N];

static void fill(uint32_t *seed) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++)
      matrix[i][j] = (double)(bench_random(seed) % 2000) / 1000 - 1;
    vector[i] = i;
  }
}

static int pivot_of(int column) {
  int best = column;
  for (int i = column + 1; i < N; i++)
    if (__builtin_fabs(matrix[i][column]) > __builtin_fabs(matrix[best][column]))
      best = i;
  return best;
}

static void swap_rows(int a, int b) {
  for (int j = 0; j < N; j++) {
    double value = matrix[a][j];
    matrix[a][j] = matrix[b][j];
    matrix[b][j] = value;
  }
  double value = vector[a];
  vector[a] = vector[b];
  vector[b] = value;
}

static void eliminate(int column) {
  for (int i = column + 1; i < N; i++) {
    double factor = matrix[i][column] / matrix[column][column];
    for (int j = column; j < N; j++)
      matrix[i][j] -= factor * matrix[column][j];
    vector[i] -= factor * vector[column];
  }
}

static void solve(void) {
  for (int i = N - 1; i >= 0; i--) {
    for (int j = i + 1; j < N; j++)
      vector[i] -= matrix[i][j] * vector[j];
    vector[i] /= matrix[i][i];
  }
}

uint64_t bench(uint32_t rounds) {
  uint64_t sum = 0;
  uint32_t seed = 7;
  for (uint32_t round = 0; round < rounds; round++) {
    fill(&seed);
    for (int column = 0; column < N; column++) {
      swap_rows(column, pivot_of(column));
      eliminate(column);
    }
    solve();
    sum = bench_mix(sum, bench_bits(vector[round % N]));
  }
  return sum;
}
