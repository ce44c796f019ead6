// Clipper2: unions, differences and offsets of stars that lie across each other.
#include "text.h"

#include <clipper2/clipper.h>

using Clipper2Lib::FillRule;
using Clipper2Lib::Path64;
using Clipper2Lib::Paths64;
using Clipper2Lib::Point64;

enum { STARS = 60, CORNERS = 50, FIELD = 100000, SIZE = 9000 };

const uint32_t bench_rounds = 5;

// Corners of a star go around a square, every other one half way to the middle.
static Path64 star(uint32_t *state) {
  Path64 path;
  int64_t x = bench_random(state) % FIELD;
  int64_t y = bench_random(state) % FIELD;
  for (int64_t i = 0; i < CORNERS; i++) {
    int64_t along = i * 4 * SIZE / CORNERS % SIZE * 2 - SIZE;
    int64_t side = i * 4 / CORNERS;
    int64_t reach = i % 2 != 0 ? 2 : 1;
    int64_t jitter = bench_random(state) % 200;
    int64_t dx = side == 0 ? along : side == 1 ? SIZE : side == 2 ? -along : -SIZE;
    int64_t dy = side == 0 ? -SIZE : side == 1 ? along : side == 2 ? SIZE : -along;
    path.push_back(Point64(x + dx / reach + jitter, y + dy / reach - jitter));
  }
  return path;
}

static Paths64 stars(uint32_t *state) {
  Paths64 paths;
  for (int i = 0; i < STARS; i++) {
    paths.push_back(star(state));
  }
  return paths;
}

static uint64_t add(uint64_t sum, const Paths64 &paths) {
  for (const Path64 &path : paths) {
    for (const Point64 &point : path) {
      sum = bench_mix(sum, (uint64_t)point.x * 31 + (uint64_t)point.y);
    }
  }
  return sum;
}

uint64_t bench(uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < rounds; i++) {
    uint32_t state = i * 2 + 1;
    Paths64 one = stars(&state);
    Paths64 other = stars(&state);
    Paths64 both = Clipper2Lib::Union(one, other, FillRule::NonZero);
    Paths64 rest = Clipper2Lib::Difference(one, other, FillRule::EvenOdd);
    Paths64 wider = Clipper2Lib::InflatePaths(both, 150, Clipper2Lib::JoinType::Miter,
                                              Clipper2Lib::EndType::Polygon);
    sum = add(add(add(sum, both), rest), wider);
    sum = add(
        sum, Clipper2Lib::SimplifyPaths(Clipper2Lib::Intersect(wider, one, FillRule::NonZero), 20));
  }
  return sum;
}
