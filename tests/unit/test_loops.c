// Loops that step through memory at several addresses, loops around a switch, and values that are
// stored in halves: what the compiler makes of them against a model in C, traps and what is in
// memory then included.
#include "tests/unit/loop_model.h"
#include "tests/unit/suite.h"

static const uint8_t loops_wasm[] = {
#include "loops.inc"
};

static uint32_t model_add(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], r = args[2], n = args[3], i = 0;
  do {
    store8(r + i, 0, load8(p + i, 0) + load8(q + i, 0));
  } while (++i < n && !trapped);
  return i;
}

static uint32_t model_from_minus(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], i = (uint32_t)-64, sum = 0;
  do {
    sum += load(p + i, 64) * load(i - q, 64);
    store(p + i, 64, sum);
  } while ((i += 4) && !trapped);
  return sum;
}

static uint32_t model_sometimes(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], n = args[2], i = 0, sum = 0;
  do {
    if (i < 16) {
      continue;
    }
    sum += load(p + i, 0) + load(q + i, 0);
    store(q + i, 1024, sum);
  } while ((i += 4) < n && !trapped);
  return sum;
}

static uint32_t model_interpret(const uint32_t *args) {
  uint32_t pc = args[0], a = args[1], b = 0, old;
  while (!trapped) {
    switch (load8(pc, 0)) {
    case 0:
      pc += 1;
      break;
    case 1:
      b = load8(pc, 1);
      pc += 2;
      break;
    case 2:
      a += b;
      pc += 1;
      break;
    case 3:
      b -= 1;
      pc = b ? load8(pc, 1) : pc + 2;
      break;
    case 4:
      a <<= 1;
      store8(pc, 0, 5);
      break;
    case 5:
      old = a;
      a = b;
      b = old;
      pc += 1;
      break;
    default:
      return a - b;
    }
  }
  return 0;
}

static void copy(uint32_t to, uint32_t from) {
  memcpy(at(to, 0, 8), at(from, 0, 8), 8);
}

static uint32_t model_halves(const uint32_t *args) {
  uint32_t p = args[0], x = args[1], y = args[2];
  store(p, 0, x);
  store(p, 4, y);
  copy(p + 16, p);
  store(p, 8, y);
  store(p, 12, x);
  copy(p + 24, p + 8);
  store(p, 36, x);
  store(p, 32, y);
  store8(p, 33, 0xAB);
  copy(p + 40, p + 32);
  return load(p, 24);
}

// ---- The comparison ----

// What `interpret` runs.
static void write_program(uint8_t *bytes) {
  static const uint8_t code[] = {0, 1, 3, 2, 0, 5, 4, 5, 1, 9, 2, 3, 9, 5, 7};
  memcpy(bytes + 16, code, sizeof code);
}

static void check_walks(void) {
  for (int p = 0; p < PLACES; p++) {
    for (int q = 0; q < PLACES; q++) {
      compare("add", model_add, places[p], places[q], 128, 40);
      compare("add", model_add, places[p], 256, places[q], 40);
      compare("add", model_add, 512, places[p], places[q], 70000);
      compare("from_minus", model_from_minus, places[p], places[q], 0, 0);
      compare("from_minus", model_from_minus, places[p], -places[q], 0, 0);
      compare("sometimes", model_sometimes, places[p], places[q], 64, 0);
      compare("sometimes", model_sometimes, places[p], 2048, 16, 0);
    }
  }
}

static void check_dispatch(void) {
  for (uint32_t a = 0; a < 40; a++) {
    compare("interpret", model_interpret, 16, a * 12345, 0, 0);
  }
  compare("interpret", model_interpret, 65536, 0, 0, 0);
}

static void check_halves(void) {
  static const uint32_t values[] = {0,          1,          0x7fa00000, 0xffa00001,
                                    0x7fc00000, 0xffffffff, 0x80000000};
  enum { VALUES = sizeof values / sizeof values[0] };
  for (int x = 0; x < VALUES; x++) {
    for (int y = 0; y < VALUES; y++) {
      for (int p = 0; p < PLACES; p++) {
        compare("halves", model_halves, places[p], values[x], values[y], 0);
      }
    }
  }
}

static void check_level(int level) {
  struct guest guest = start_guest(loops_wasm, sizeof loops_wasm, level);
  start_model(&guest, write_program);
  check_walks();
  check_dispatch();
  check_halves();
  stop_guest(&guest);
}

START_TEST(loops_behave_alike_at_every_level) {
  check_level(_i);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("loops");
  TCase *tests = tcase_create("loops");
  tcase_add_loop_test(tests, loops_behave_alike_at_every_level, 0, 4);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
