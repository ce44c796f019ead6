// A five-point stencil over a grid of floats, back and forth between two buffers.
#include "kernel.h"

enum { N = 1024, ROUNDS = 2000 };

static float grids[2][N * N];

static void step(const float *from, float *to) {
  for (int y = 1; y < N - 1; y++)
    for (int x = 1; x < N - 1; x++) {
      int i = y * N + x;
      to[i] = 0.2f * (from[i] + from[i - 1] + from[i + 1] + from[i - N] + from[i + N]);
    }
}

KERNEL_EXPORT uint32_t run(void) {
  for (int i = 0; i < N * N; i++)
    grids[0][i] = (float)(i % 17);
  for (int round = 0; round < ROUNDS; round++)
    step(grids[round % 2], grids[(round + 1) % 2]);
  float sum = 0;
  for (int i = 0; i < N * N; i += 97)
    sum += grids[ROUNDS % 2][i];
  return (uint32_t)(int32_t)sum;
}
