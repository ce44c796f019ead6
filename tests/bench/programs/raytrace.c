// A ray tracer: spheres over a floor, shadows and reflections; structures of floats, square roots.
#include "bench.h"

enum { WIDTH = 96, HEIGHT = 72, SPHERES = 8, BOUNCES = 4 };

const uint32_t bench_rounds = 600;

typedef struct {
  float x, y, z;
} vector;

static struct sphere {
  vector center;
  float radius, shine;
} spheres[SPHERES];

static vector plus(vector a, vector b) {
  return (vector){a.x + b.x, a.y + b.y, a.z + b.z};
}
static vector times(vector a, float f) {
  return (vector){a.x * f, a.y * f, a.z * f};
}
static float dot(vector a, vector b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
static vector unit(vector a) {
  return times(a, 1 / __builtin_sqrtf(dot(a, a)));
}

// The nearest sphere that the ray meets, or NULL; its distance.
static const struct sphere *hit(vector from, vector direction, float *distance) {
  const struct sphere *nearest = NULL;
  *distance = 1e9f;
  for (int i = 0; i < SPHERES; i++) {
    vector to = plus(spheres[i].center, times(from, -1));
    float along = dot(to, direction);
    float inside = along * along - dot(to, to) + spheres[i].radius * spheres[i].radius;
    if (inside < 0)
      continue;
    float d = along - __builtin_sqrtf(inside);
    if (d > 1e-3f && d < *distance) {
      *distance = d;
      nearest = &spheres[i];
    }
  }
  return nearest;
}

static float floor_shade(vector point, vector light) {
  float distance;
  bool dark = ((int)(point.x + 1000) ^ (int)(point.z + 1000)) & 1;
  return hit(point, light, &distance) != NULL ? 0.1f : dark ? 0.4f : 0.9f;
}

static float trace(vector from, vector direction) {
  static const vector light = {0.4f, 0.8f, -0.45f};
  float shade = 0, weight = 1;
  for (int bounce = 0; bounce < BOUNCES; bounce++) {
    float distance;
    const struct sphere *sphere = hit(from, direction, &distance);
    if (sphere == NULL) {
      if (direction.y >= -1e-3f)
        return shade + weight * (0.5f + 0.5f * direction.y);
      vector point = plus(from, times(direction, -from.y / direction.y));
      return shade + weight * floor_shade(point, light);
    }
    from = plus(from, times(direction, distance));
    vector normal = unit(plus(from, times(sphere->center, -1)));
    float lit = dot(normal, light);
    shade += weight * (1 - sphere->shine) * (lit > 0 ? lit : 0);
    weight *= sphere->shine;
    direction = plus(direction, times(normal, -2 * dot(direction, normal)));
  }
  return shade;
}

uint64_t bench(uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < SPHERES; i++) {
      float step = (float)((int)round * 3 + i * 7);
      spheres[i] = (struct sphere){
          {(float)(i % 4) * 2 - 3 + step / 100, 1 + (float)(i % 3) / 2, 4 + (float)(i / 2)},
          0.5f + (float)(i % 4) / 6,
          0.2f + (float)(i % 5) / 8};
    }
    for (int y = 0; y < HEIGHT; y++)
      for (int x = 0; x < WIDTH; x++) {
        vector direction = {(float)(x - WIDTH / 2) / WIDTH, (float)(HEIGHT / 2 - y) / WIDTH, 1};
        sum += (uint64_t)(trace((vector){0, 1.5f, -3}, unit(direction)) * 4096);
      }
  }
  return sum;
}
