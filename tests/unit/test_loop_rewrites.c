// Loops that the compiler rewrites: vector loops in other loops and such that count up and down,
// and loops that step by what they read. What it makes of them against a model in C, traps and what
// is in memory then included.
#include "tests/unit/loop_model.h"
#include "tests/unit/suite.h"

#include <stdlib.h>

static const uint8_t module_wasm[] = {
#include "loop_rewrites.inc"
};

enum { ROW = 1024 };

// ---- The model ----

static uint32_t model_rows(const uint32_t *args) {
  uint32_t a = args[0], b = args[1], c = args[2], n = args[3], k = 0;
  do {
    uint32_t factor = load(a + k * 4, 0), j = 0;
    do {
      store(c + j, 0, load(c + j, 0) + factor * load(b + j, 0));
      store(c + j, 4, load(c + j, 4) + factor * load(b + j, 4));
    } while ((j += 8) != ROW && !trapped);
    b += ROW;
  } while (++k < n && !trapped);
  return k;
}

static uint32_t model_down(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], i = args[2] * 4;
  do {
    i -= 4;
    store(i, 16384, args[2]);
    store(q + i, 0, load(p + i, 0) + 1);
  } while (i && !trapped);
  return i;
}

static uint32_t model_up(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], end = args[2] * 4, i = 0;
  do {
    store(i, 16384, args[2]);
    store(q + i, 0, load(p + i, 0) + 1);
  } while ((i += 4) != end && !trapped);
  return i;
}

static uint32_t model_steps(const uint32_t *args) {
  uint32_t x = args[0], count = 0;
  do {
    count++;
    x = x % 2 ? x * 3 + 1 : x / 2;
  } while (x > 1);
  return count;
}

static uint32_t model_skip(const uint32_t *args) {
  uint32_t p = args[0];
  while (load8(p, 0) != 34 && !trapped) {
    p += load8(p, 0) == 92 ? 2 : 1;
  }
  return p;
}

static uint32_t model_jump(const uint32_t *args) {
  uint32_t p = args[0], by = args[1];
  do {
    p += (by & 127) + 1;
    by = load8(p, 0);
  } while (by < 100 && !trapped);
  return p;
}

static uint32_t model_back(const uint32_t *args) {
  uint32_t p = args[0], by = load8(p, 0);
  return trapped ? 0 : model_jump((uint32_t[]){p - 16, by});
}

static uint32_t load16(uint32_t address) {
  const uint8_t *bytes = at(address, 0, 2);
  return bytes[0] | (uint32_t)bytes[1] << 8;
}

static uint32_t model_seldom(const uint32_t *args) {
  uint32_t p = args[0], n = args[1], by = load16(p);
  while (!trapped) {
    p += (by & 4095) + 1;
    if (p < SIZE - 1) {
      by = load16(p);
    }
    if (--n == 0) {
      break;
    }
  }
  return p;
}

// ---- The comparison ----

static const uint32_t ends[] = {0,           1,          8,           1020,       4096,
                                SIZE - 4096, SIZE - ROW, SIZE - 1020, SIZE - 260, SIZE - 4,
                                0x80000000,  0xffffe000, 0xfffffc00,  0xffffff00, 0xfffffffc};
enum { ENDS = sizeof ends / sizeof ends[0] };

// With the rows in front of what they are added to, behind it, partly or wholly in it, and outside.
static void check_rows(void) {
  for (int i = 0; i < ENDS; i++) {
    for (int j = 0; j < ENDS; j++) {
      compare("rows", model_rows, 20000, ends[i], ends[j], 4);
      compare("rows", model_rows, ends[i], 30000, ends[j], 3);
      compare("rows", model_rows, ends[i], 30000 + (uint32_t)i * 300, 31000, 5);
      compare("rows", model_rows, ends[i], ends[j], SIZE - ROW, 4);
    }
  }
}

static void check_both_ways(void) {
  static const uint32_t counts[] = {1, 8, 64, 65, 256, SIZE / 4, 0x3fffff00};
  for (int i = 0; i < ENDS; i++) {
    for (int j = 0; j < ENDS; j++) {
      for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
        compare("up", model_up, ends[i], ends[j], counts[k], 0);
        compare("down", model_down, ends[i], ends[j], counts[k], 0);
      }
    }
  }
}

static void check_steps(void) {
  for (uint32_t x = 1; x < 200; x++) {
    compare("steps", model_steps, x, 0, 0, 0);
  }
}

static void check_steps_by_data(void) {
  for (uint32_t p = SIZE - 300; p <= SIZE; p++) {
    compare("skip", model_skip, p, 0, 0, 0);
    compare("jump", model_jump, p, 5, 0, 0);
  }
  for (uint32_t p = 0; p < 300; p++) {
    compare("skip", model_skip, p, 0, 0, 0);
    compare("jump", model_jump, p - 150, p, 0, 0);
    compare("back", model_back, p, 0, 0, 0);
  }
  // beyond 4 GiB and in memory again
  compare("seldom", model_seldom, SIZE - 2, 3000000, 0, 0);
}

START_TEST(loops_behave_alike_at_every_level) {
  struct guest guest = start_guest(module_wasm, sizeof module_wasm, _i);
  start_model(&guest, NULL);
  check_rows();
  check_both_ways();
  check_steps();
  check_steps_by_data();
  stop_guest(&guest);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("loop_rewrites");
  TCase *tests = tcase_create("loop_rewrites");
  tcase_add_loop_test(tests, loops_behave_alike_at_every_level, 0, 4);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
