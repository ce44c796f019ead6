// A five-point stencil over a grid of floats, back and forth between two buffers.
#include "bench.h"

enum { N = 1024 };

const uint32_t bench_rounds = 1200;

static float grids[2][N * N];

static void step(const float *from, float *to) {
  for (int y = 1; y < N - 1; y++)
    for (int x = 1; x < N - 1; x++) {
      int i = y * N + x;
      to[i] = 0.2f * (from[i] + from[i - 1] + from[i + 1] + from[i - N] + from[i + N]);
    }
}

uint64_t bench(uint32_t rounds) {
  for (int i = 0; i < N * N; i++)
    grids[0][i] = (float)(i % 17);
  for (uint32_t round = 0; round < rounds; round++)
    step(grids[round % 2], grids[(round + 1) % 2]);
  double sum = 0;
  for (int i = 0; i < N * N; i += 97)
    sum += grids[rounds % 2][i];
  return bench_bits(sum);
}
