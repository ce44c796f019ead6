// Five bodies under gravity: square roots and divisions of doubles in one long dependency.
#include "bench.h"

enum { BODIES = 5, STEPS = 50000 };

const uint32_t bench_rounds = 70;

static struct body {
  double x[3], v[3], mass;
} bodies[BODIES] = {
    {{0, 0, 0}, {0, 0, 0}, 39.47},
    {{4.84, -1.16, -0.10}, {0.606, 2.81, -0.02}, 0.037},
    {{8.34, 4.12, -0.40}, {-1.01, 1.82, 0.008}, 0.011},
    {{12.89, -15.11, -0.22}, {1.08, 0.868, -0.010}, 0.0017},
    {{15.37, -25.91, 0.179}, {0.979, 0.594, -0.034}, 0.0020},
};

static void attract(struct body *a, struct body *b, double dt) {
  double d[3], squared = 0;
  for (int i = 0; i < 3; i++) {
    d[i] = a->x[i] - b->x[i];
    squared += d[i] * d[i];
  }
  double magnitude = dt / (squared * __builtin_sqrt(squared));
  for (int i = 0; i < 3; i++) {
    a->v[i] -= d[i] * b->mass * magnitude;
    b->v[i] += d[i] * a->mass * magnitude;
  }
}

static void advance(double dt) {
  for (int i = 0; i < BODIES; i++)
    for (int j = i + 1; j < BODIES; j++)
      attract(&bodies[i], &bodies[j], dt);
  for (int i = 0; i < BODIES; i++)
    for (int k = 0; k < 3; k++)
      bodies[i].x[k] += dt * bodies[i].v[k];
}

uint64_t bench(uint32_t rounds) {
  for (uint32_t round = 0; round < rounds; round++)
    for (int i = 0; i < STEPS; i++)
      advance(0.001);
  return bench_bits(bodies[1].x[0]);
}
