// Image filters on bytes: grey from colours, a 3x3 blur, Sobel's edges, a histogram and a
// threshold.
#include "bench.h"

enum { WIDTH = 512, HEIGHT = 384 };

const uint32_t bench_rounds = 700;

static uint8_t colours[HEIGHT][WIDTH][3], grey[HEIGHT][WIDTH], blurred[HEIGHT][WIDTH],
    edges[HEIGHT][WIDTH];

static void make_grey(void) {
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++) {
      const uint8_t *c = colours[y][x];
      grey[y][x] = (uint8_t)((c[0] * 77 + c[1] * 151 + c[2] * 28) >> 8);
    }
}

static void blur(void) {
  static const int weights[3] = {1, 2, 1};
  for (int y = 1; y < HEIGHT - 1; y++)
    for (int x = 1; x < WIDTH - 1; x++) {
      int sum = 0;
      for (int dy = 0; dy < 3; dy++)
        for (int dx = 0; dx < 3; dx++)
          sum += weights[dy] * weights[dx] * grey[y + dy - 1][x + dx - 1];
      blurred[y][x] = (uint8_t)(sum >> 4);
    }
}

static int magnitude(int value) {
  return value < 0 ? -value : value;
}

static void find_edges(void) {
  for (int y = 1; y < HEIGHT - 1; y++) {
    const uint8_t *above = blurred[y - 1], *here = blurred[y], *below = blurred[y + 1];
    for (int x = 1; x < WIDTH - 1; x++) {
      int h = above[x + 1] + 2 * here[x + 1] + below[x + 1] - above[x - 1] - 2 * here[x - 1] -
              below[x - 1];
      int v =
          below[x - 1] + 2 * below[x] + below[x + 1] - above[x - 1] - 2 * above[x] - above[x + 1];
      int sum = magnitude(h) + magnitude(v);
      edges[y][x] = (uint8_t)(sum > 255 ? 255 : sum);
    }
  }
}

static uint64_t histogram(void) {
  uint32_t counts[256] = {0};
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      counts[edges[y][x]]++;
  uint64_t sum = 0;
  for (int i = 0; i < 256; i++)
    sum = bench_mix(sum, counts[i]);
  return sum;
}

static uint32_t count_above(int threshold) {
  uint32_t count = 0;
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      count += edges[y][x] > threshold;
  return count;
}

uint64_t bench(uint32_t rounds) {
  uint32_t seed = 33;
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      for (int c = 0; c < 3; c++)
        colours[y][x][c] = (uint8_t)((x * (c + 1) ^ y) + (int)(bench_random(&seed) % 16));
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    colours[round % HEIGHT][round % WIDTH][0] ^= 255;
    make_grey();
    blur();
    find_edges();
    sum = bench_mix(sum, histogram() + count_above((int)(round % 256)));
  }
  return sum;
}
