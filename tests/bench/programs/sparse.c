// Conjugate gradients on a sparse matrix in compressed rows: gathers through an index, dot
// products.
#include "bench.h"

enum { SIDE = 96, N = SIDE * SIDE, STEPS = 12 };

const uint32_t bench_rounds = 200;

static double values[N * 5], x[N], r[N], p[N], q[N];
static uint32_t columns[N * 5], rows[N + 1];

static void add_entry(uint32_t *count, int column, double value) {
  columns[*count] = (uint32_t)column;
  values[(*count)++] = value;
}

static void make_matrix(void) {
  uint32_t count = 0;
  for (int i = 0; i < N; i++) {
    int px = i % SIDE, py = i / SIDE;
    rows[i] = count;
    add_entry(&count, i, 4.5 + (double)(i % 7) / 8);
    if (px > 0)
      add_entry(&count, i - 1, -1);
    if (px < SIDE - 1)
      add_entry(&count, i + 1, -1);
    if (py > 0)
      add_entry(&count, i - SIDE, -1);
    if (py < SIDE - 1)
      add_entry(&count, i + SIDE, -1);
  }
  rows[N] = count;
}

static void multiply(const double *from, double *to) {
  for (int i = 0; i < N; i++) {
    double sum = 0;
    for (uint32_t j = rows[i]; j < rows[i + 1]; j++)
      sum += values[j] * from[columns[j]];
    to[i] = sum;
  }
}

static double dot(const double *a, const double *b) {
  double sum = 0;
  for (int i = 0; i < N; i++)
    sum += a[i] * b[i];
  return sum;
}

static double solve(void) {
  for (int i = 0; i < N; i++) {
    x[i] = 0;
    p[i] = r[i];
  }
  double norm = dot(r, r);
  for (int step = 0; step < STEPS; step++) {
    multiply(p, q);
    double alpha = norm / dot(p, q);
    for (int i = 0; i < N; i++) {
      x[i] += alpha * p[i];
      r[i] -= alpha * q[i];
    }
    double next = dot(r, r), beta = next / norm;
    norm = next;
    for (int i = 0; i < N; i++)
      p[i] = r[i] + beta * p[i];
  }
  return norm;
}

uint64_t bench(uint32_t rounds) {
  uint64_t sum = 0;
  make_matrix();
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < N; i++)
      r[i] = (double)((i * 7 + (int)round) % 13);
    sum = bench_mix(sum, bench_bits(solve()));
    sum = bench_mix(sum, bench_bits(x[round % N]));
  }
  return sum;
}
