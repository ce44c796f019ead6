// Loops that are unrolled as clang does it, and some that only look so: what the compiler makes of
// them against a model in C, traps and what is in memory then included.
#include "tests/unit/loop_model.h"
#include "tests/unit/suite.h"

#include <stdlib.h>

static const uint8_t unrolled_wasm[] = {
#include "unrolled.inc"
};

static uint32_t model_sum(const uint32_t *args) {
  uint32_t p = args[0], n = args[1], x = args[2], sum = 0, xor = 0, last = 0;
  do {
    for (uint32_t i = 0; i < 16; i += 4) {
      last = load(p + 0, i);
      sum += last != x;
      xor ^= (p + i) * last;
    }
    p += 16;
    n -= 4;
  } while (n != 0 && !trapped);
  return sum + xor*3 + last * 5 + p;
}

static uint32_t model_map(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], end = args[2], x = args[3];
  do {
    store(p, 16, load(q, 0) * 3 + x);
    store(p, 20, load(q, 4) * 3 + x);
    q += 8;
    p += 8;
  } while (p != end && !trapped);
  return q;
}

static uint32_t model_index(const uint32_t *args) {
  uint32_t p = args[0], end = args[1], i = 0, was;
  do {
    was = i;
    for (uint32_t j = 0; j < 4; j++) {
      store8(p + (i | j), 0, i | j);
    }
    i += 4;
  } while (i + p != end && !trapped);
  return was;
}

static uint32_t model_threes(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], n = args[2], x = args[3];
  do {
    for (uint32_t j = 0; j < 3; j++) {
      store(p, j * 4, x + load8(q, j));
    }
    p += 12;
    q += 3;
    n -= 3;
  } while (n != 0 && !trapped);
  return p;
}

static uint32_t model_pairs(const uint32_t *args) {
  uint32_t p = args[0], n = args[1], x = args[2], i = 0;
  do {
    store(p + i, 64, x);
    store(p + i, 4096, n);
    store(p + 68 + i, 0, x);
    store(p + 4100 + i, 0, n);
  } while ((i += 8) != n && !trapped);
  return i;
}

static uint32_t model_down(const uint32_t *args) {
  uint32_t p = args[0], n = args[1], x = args[2];
  do {
    store(p, 0, load(p, 0) + x);
    store(p - 4, 0, load(p - 4, 0) + x);
    p -= 8;
    n -= 2;
  } while (n != 0 && !trapped);
  return p;
}

static uint32_t float_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static uint32_t model_floats(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], n = args[2], i = 0;
  float x = (float)(int32_t)args[3];
  do {
    store(p + i, 0, float_bits(x * (float)load8(q + i, 0)));
    store(p + i, 4, float_bits(x * (float)load8(q + i, 4)));
  } while ((i += 8) != n && !trapped);
  return i;
}

static uint32_t model_or(const uint32_t *args) {
  uint32_t p = args[0], n = args[1], x = args[2], i = 0;
  do {
    store(p + (i | 4), 0, x ^ (i | 4));
    store(p + i + 8, 0, x ^ (i + 8));
  } while ((i += 8) != n && !trapped);
  return i;
}

static uint32_t model_loads_first(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], n = args[2];
  do {
    uint32_t a = load(q, 0), b = load(q, 4);
    store(p, 0, a + 1);
    store(p, 4, b + 1);
    p += 8;
    q += 8;
    n -= 2;
  } while (n != 0 && !trapped);
  return p;
}

static uint32_t model_stores_down(const uint32_t *args) {
  uint32_t p = args[0], x = args[1], n = args[2];
  do {
    for (uint32_t j = 4; j-- > 0;) {
      store(p, j * 4, x);
    }
    p += 16;
    n -= 4;
  } while (n != 0 && !trapped);
  return p;
}

static uint32_t model_by_twos(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], n = args[2];
  do {
    store8(p, 0, 1);
    store8(q, 0, 2);
    store8(q, 1, 2);
    store8(p, 1, 1);
    p += 2;
    q += 2;
    n -= 2;
  } while (n != 0 && !trapped);
  return p;
}

static uint32_t model_unlike(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], n = args[2], sum = 0;
  do {
    store(p, 0, load(q, 0) + 5);
    store(p, 4, load(q, 4) + 6);
    sum += load(q, 8) + load(q, 16);
    p += 8;
    q += 8;
    n -= 2;
  } while (n != 0 && !trapped);
  return sum + args[3];
}

// ---- The comparison ----

// Numbers of turns and others that the counters step over, so that only a trap ends the loop.
static const uint32_t counts[] = {0, 1, 6, 8, 12, 24, 96, 100, 192, 1536};
enum { COUNTS = sizeof counts / sizeof counts[0] };

// p in all places, and where its last access is about to leave memory.
static void check_one(uint32_t p, uint32_t n) {
  compare("sum", model_sum, p, n, 0x0b040d06, 0);
  compare("index", model_index, p, p + n, 0, 0);
  compare("pairs", model_pairs, p, n * 4, 0x12345678, 0);
  compare("or", model_or, p, n * 4, 0x87654321, 0);
  compare("down", model_down, p, n, 0x01010101, 0);
  compare("stores_down", model_stores_down, p, 0xabcdef01, n, 0);
}

// Streams that are apart and that overlap.
static void check_two(uint32_t p, uint32_t q, uint32_t n) {
  compare("map", model_map, p, q, p + n * 4, 77);
  compare("threes", model_threes, p, q, n, 0x10000);
  compare("floats", model_floats, p, q, n * 4, 0xfffffff3);
  compare("loads_first", model_loads_first, p, q, n, 0);
  compare("by_twos", model_by_twos, p, q, n, 0);
  compare("unlike", model_unlike, p, q, n, 5);
}

static void check_level(int level) {
  struct guest guest = start_guest(unrolled_wasm, sizeof unrolled_wasm, level);
  start_model(&guest, NULL);
  for (int n = 0; n < COUNTS; n++) {
    for (int p = 0; p < PLACES; p++) {
      check_one(places[p], counts[n]);
      check_one(SIZE - counts[n] * 4 + 2 * (uint32_t)p, counts[n]);
      for (int q = 0; q < PLACES; q += 3) {
        check_two(places[p], places[q] + 128, counts[n]);
      }
      check_two(30000, 30000 - 26 + 4 * (uint32_t)p, counts[n]);
      check_two(SIZE - counts[n] * 4 - 16 + 4 * (uint32_t)p, 30000, counts[n]);
    }
  }
  stop_guest(&guest);
}

START_TEST(unrolled_loops_behave_alike_at_every_level) {
  check_level(_i);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("unrolled");
  TCase *tests = tcase_create("unrolled");
  tcase_add_loop_test(tests, unrolled_loops_behave_alike_at_every_level, 0, 4);
  tcase_set_timeout(tests, 120);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
