// Indirect calls: shapes with tables of methods, a different one at nearly every call.
#include "bench.h"

enum { SHAPES = 4096 };

const uint32_t bench_rounds = 8000;

struct shape;
struct methods {
  int64_t (*area)(const struct shape *shape);
  void (*scale)(struct shape *shape, int32_t factor);
  int32_t (*corners)(const struct shape *shape);
};
struct shape {
  const struct methods *methods;
  int32_t a, b;
};

static int64_t square_area(const struct shape *shape) {
  return (int64_t)shape->a * shape->a;
}
static int64_t rectangle_area(const struct shape *shape) {
  return (int64_t)shape->a * shape->b;
}
static int64_t triangle_area(const struct shape *shape) {
  return (int64_t)shape->a * shape->b / 2;
}
static int64_t circle_area(const struct shape *shape) {
  return (int64_t)shape->a * shape->a * 355 / 113;
}
static void scale_one(struct shape *shape, int32_t factor) {
  shape->a = (shape->a * factor & 1023) + 1;
}
static void scale_both(struct shape *shape, int32_t factor) {
  shape->a = (shape->a * factor & 1023) + 1;
  shape->b = (shape->b + factor & 1023) + 1;
}
static int32_t four(const struct shape *shape) {
  return 4 + (shape->a & 1);
}
static int32_t three(const struct shape *shape) {
  return 3 + (shape->b & 1);
}
static int32_t none(const struct shape *shape) {
  (void)shape;
  return 0;
}

static const struct methods kinds[4] = {
    {square_area, scale_one, four},
    {rectangle_area, scale_both, four},
    {triangle_area, scale_both, three},
    {circle_area, scale_one, none},
};

uint64_t bench(uint32_t rounds) {
  static struct shape shapes[SHAPES];
  uint32_t seed = 77;
  for (int i = 0; i < SHAPES; i++) {
    uint32_t random = bench_random(&seed);
    // Kinds come in short runs, so that a branch predictor has a chance.
    const struct methods *kind = i % 8 != 0 ? shapes[i - 1].methods : &kinds[random % 4];
    shapes[i] = (struct shape){kind, (int32_t)(random >> 8 & 255), (int32_t)(random >> 16 & 255)};
  }
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++)
    for (int i = 0; i < SHAPES; i++) {
      struct shape *shape = &shapes[i];
      shape->methods->scale(shape, (int32_t)round | 1);
      sum += (uint64_t)shape->methods->area(shape) * (uint64_t)shape->methods->corners(shape);
    }
  return sum;
}
