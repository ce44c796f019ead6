// The Mandelbrot set, a point at a time: a long dependency of doubles and an unpredictable end.
#include "bench.h"

enum { SIZE = 128, LIMIT = 200 };

const uint32_t bench_rounds = 120;

static uint32_t escape(double cr, double ci) {
  double zr = 0, zi = 0;
  uint32_t count = 0;
  while (count < LIMIT && zr * zr + zi * zi <= 4) {
    double next = zr * zr - zi * zi + cr;
    zi = 2 * zr * zi + ci;
    zr = next;
    count++;
  }
  return count;
}

uint64_t bench(uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    double width = 3.0 / (1 + round * 0.01);
    for (int y = 0; y < SIZE; y++)
      for (int x = 0; x < SIZE; x++)
        sum += (uint64_t)(x ^ y) * escape(x * width / SIZE - 2, y * width / SIZE - 1.5);
  }
  return sum;
}
