// Loops that step through memory at several addresses, loops around a switch, and values that are
// stored in halves: what the compiler makes of them against a model in C, traps and what is in
// memory then included.
#include "tests/unit/loop_model.h"
#include "tests/unit/suite.h"

// (module
//   (memory (export "memory") 1)
//   (func (export "add") (param $p i32) (param $q i32) (param $r i32) (param $n i32) (result i32)
//     (local $i i32)
//     (loop $next
//       (i32.store8 (i32.add (local.get $r) (local.get $i))
//         (i32.add (i32.load8_u (i32.add (local.get $p) (local.get $i)))
//                  (i32.load8_u (i32.add (local.get $q) (local.get $i)))))
//       (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
//                              (local.get $n))))
//     (local.get $i))
//   (func (export "from_minus") (param $p i32) (param $q i32) (result i32)
//     (local $i i32) (local $sum i32)
//     (local.set $i (i32.const -64))
//     (loop $next
//       (local.set $sum (i32.add (local.get $sum)
//         (i32.mul (i32.load offset=64 (i32.add (local.get $p) (local.get $i)))
//                  (i32.load offset=64 (i32.sub (local.get $i) (local.get $q))))))
//       (i32.store offset=64 (i32.add (local.get $p) (local.get $i)) (local.get $sum))
//       (br_if $next (local.tee $i (i32.add (local.get $i) (i32.const 4)))))
//     (local.get $sum))
//   (func (export "sometimes") (param $p i32) (param $q i32) (param $n i32) (result i32)
//     (local $i i32) (local $sum i32)
//     (loop $next
//       (if (i32.ge_u (local.get $i) (i32.const 16))
//         (then
//           (local.set $sum (i32.add (local.get $sum) (i32.add
//             (i32.load (i32.add (local.get $p) (local.get $i)))
//             (i32.load (i32.add (local.get $q) (local.get $i))))))
//           (i32.store offset=1024 (i32.add (local.get $q) (local.get $i)) (local.get $sum))))
//       (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4)))
//                              (local.get $n))))
//     (local.get $sum))
//   (func (export "interpret") (param $pc i32) (param $a i32) (result i32)
//     (local $b i32)
//     (loop $next
//       (block $end (block $swap (block $double (block $jump (block $add (block $load (block $nop
//         (br_table $nop $load $add $jump $double $swap $next $end
//           (i32.load8_u (local.get $pc))))
//         (; 0: nothing ;)
//         (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
//         (br $next))
//         (; 1: b = operand ;)
//         (local.set $b (i32.load8_u offset=1 (local.get $pc)))
//         (local.set $pc (i32.add (local.get $pc) (i32.const 2)))
//         (br $next))
//         (; 2: a += b ;)
//         (local.set $a (i32.add (local.get $a) (local.get $b)))
//         (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
//         (br $next))
//         (; 3: to operand if --b ;)
//         (local.set $b (i32.sub (local.get $b) (i32.const 1)))
//         (local.set $pc (select (i32.load8_u offset=1 (local.get $pc))
//                                (i32.add (local.get $pc) (i32.const 2)) (local.get $b)))
//         (br $next))
//         (; 4: a *= 2, the operand becomes 5 ;)
//         (local.set $a (i32.shl (local.get $a) (i32.const 1)))
//         (i32.store8 (local.get $pc) (i32.const 5))
//         (br $next))
//         (; 5: a and b change places ;)
//         (local.get $a)
//         (local.set $a (local.get $b))
//         (local.set $b)
//         (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
//         (br $next)))
//     (i32.sub (local.get $a) (local.get $b)))
//   (func (export "halves") (param $p i32) (param $x i32) (param $y i32) (result i32)
//     (i32.store (local.get $p) (local.get $x))
//     (i32.store offset=4 (local.get $p) (local.get $y))
//     (i64.store offset=16 (local.get $p) (i64.load (local.get $p)))
//     (f32.store offset=8 (local.get $p) (f32.reinterpret_i32 (local.get $y)))
//     (f32.store offset=12 (local.get $p) (f32.reinterpret_i32 (local.get $x)))
//     (i64.store offset=24 (local.get $p) (i64.load offset=8 (local.get $p)))
//     (i32.store offset=36 (local.get $p) (local.get $x))
//     (i32.store offset=32 (local.get $p) (local.get $y))
//     (i32.store8 offset=33 (local.get $p) (i32.const 0xAB))
//     (i64.store offset=40 (local.get $p) (i64.load offset=32 (local.get $p)))
//     (i32.load offset=24 (local.get $p)))
// )
// clang-format off
static const uint8_t loops_wasm[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x16, 0x03, 0x60, 0x04, 0x7f, 0x7f, 0x7f,
    0x7f, 0x01, 0x7f, 0x60, 0x02, 0x7f, 0x7f, 0x01, 0x7f, 0x60, 0x03, 0x7f, 0x7f, 0x7f, 0x01, 0x7f,
    0x03, 0x06, 0x05, 0x00, 0x01, 0x02, 0x01, 0x02, 0x05, 0x03, 0x01, 0x00, 0x01, 0x07, 0x3e, 0x06,
    0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 0x02, 0x00, 0x03, 0x61, 0x64, 0x64, 0x00, 0x00, 0x0a,
    0x66, 0x72, 0x6f, 0x6d, 0x5f, 0x6d, 0x69, 0x6e, 0x75, 0x73, 0x00, 0x01, 0x09, 0x73, 0x6f, 0x6d,
    0x65, 0x74, 0x69, 0x6d, 0x65, 0x73, 0x00, 0x02, 0x09, 0x69, 0x6e, 0x74, 0x65, 0x72, 0x70, 0x72,
    0x65, 0x74, 0x00, 0x03, 0x06, 0x68, 0x61, 0x6c, 0x76, 0x65, 0x73, 0x00, 0x04, 0x0a, 0x94, 0x03,
    0x05, 0x2e, 0x01, 0x01, 0x7f, 0x03, 0x40, 0x20, 0x02, 0x20, 0x04, 0x6a, 0x20, 0x00, 0x20, 0x04,
    0x6a, 0x2d, 0x00, 0x00, 0x20, 0x01, 0x20, 0x04, 0x6a, 0x2d, 0x00, 0x00, 0x6a, 0x3a, 0x00, 0x00,
    0x20, 0x04, 0x41, 0x01, 0x6a, 0x22, 0x04, 0x20, 0x03, 0x49, 0x0d, 0x00, 0x0b, 0x20, 0x04, 0x0b,
    0x36, 0x01, 0x02, 0x7f, 0x41, 0x40, 0x21, 0x02, 0x03, 0x40, 0x20, 0x03, 0x20, 0x00, 0x20, 0x02,
    0x6a, 0x28, 0x02, 0x40, 0x20, 0x02, 0x20, 0x01, 0x6b, 0x28, 0x02, 0x40, 0x6c, 0x6a, 0x21, 0x03,
    0x20, 0x00, 0x20, 0x02, 0x6a, 0x20, 0x03, 0x36, 0x02, 0x40, 0x20, 0x02, 0x41, 0x04, 0x6a, 0x22,
    0x02, 0x0d, 0x00, 0x0b, 0x20, 0x03, 0x0b, 0x3e, 0x01, 0x02, 0x7f, 0x03, 0x40, 0x20, 0x03, 0x41,
    0x10, 0x4f, 0x04, 0x40, 0x20, 0x04, 0x20, 0x00, 0x20, 0x03, 0x6a, 0x28, 0x02, 0x00, 0x20, 0x01,
    0x20, 0x03, 0x6a, 0x28, 0x02, 0x00, 0x6a, 0x6a, 0x21, 0x04, 0x20, 0x01, 0x20, 0x03, 0x6a, 0x20,
    0x04, 0x36, 0x02, 0x80, 0x08, 0x0b, 0x20, 0x03, 0x41, 0x04, 0x6a, 0x22, 0x03, 0x20, 0x02, 0x49,
    0x0d, 0x00, 0x0b, 0x20, 0x04, 0x0b, 0x92, 0x01, 0x01, 0x01, 0x7f, 0x03, 0x40, 0x02, 0x40, 0x02,
    0x40, 0x02, 0x40, 0x02, 0x40, 0x02, 0x40, 0x02, 0x40, 0x02, 0x40, 0x20, 0x00, 0x2d, 0x00, 0x00,
    0x0e, 0x07, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x07, 0x06, 0x0b, 0x20, 0x00, 0x41, 0x01, 0x6a,
    0x21, 0x00, 0x0c, 0x06, 0x0b, 0x20, 0x00, 0x2d, 0x00, 0x01, 0x21, 0x02, 0x20, 0x00, 0x41, 0x02,
    0x6a, 0x21, 0x00, 0x0c, 0x05, 0x0b, 0x20, 0x01, 0x20, 0x02, 0x6a, 0x21, 0x01, 0x20, 0x00, 0x41,
    0x01, 0x6a, 0x21, 0x00, 0x0c, 0x04, 0x0b, 0x20, 0x02, 0x41, 0x01, 0x6b, 0x21, 0x02, 0x20, 0x00,
    0x2d, 0x00, 0x01, 0x20, 0x00, 0x41, 0x02, 0x6a, 0x20, 0x02, 0x1b, 0x21, 0x00, 0x0c, 0x03, 0x0b,
    0x20, 0x01, 0x41, 0x01, 0x74, 0x21, 0x01, 0x20, 0x00, 0x41, 0x05, 0x3a, 0x00, 0x00, 0x0c, 0x02,
    0x0b, 0x20, 0x01, 0x20, 0x02, 0x21, 0x01, 0x21, 0x02, 0x20, 0x00, 0x41, 0x01, 0x6a, 0x21, 0x00,
    0x0c, 0x01, 0x0b, 0x0b, 0x20, 0x01, 0x20, 0x02, 0x6b, 0x0b, 0x59, 0x00, 0x20, 0x00, 0x20, 0x01,
    0x36, 0x02, 0x00, 0x20, 0x00, 0x20, 0x02, 0x36, 0x02, 0x04, 0x20, 0x00, 0x20, 0x00, 0x29, 0x03,
    0x00, 0x37, 0x03, 0x10, 0x20, 0x00, 0x20, 0x02, 0xbe, 0x38, 0x02, 0x08, 0x20, 0x00, 0x20, 0x01,
    0xbe, 0x38, 0x02, 0x0c, 0x20, 0x00, 0x20, 0x00, 0x29, 0x03, 0x08, 0x37, 0x03, 0x18, 0x20, 0x00,
    0x20, 0x01, 0x36, 0x02, 0x24, 0x20, 0x00, 0x20, 0x02, 0x36, 0x02, 0x20, 0x20, 0x00, 0x41, 0xab,
    0x01, 0x3a, 0x00, 0x21, 0x20, 0x00, 0x20, 0x00, 0x29, 0x03, 0x20, 0x37, 0x03, 0x28, 0x20, 0x00,
    0x28, 0x02, 0x18, 0x0b,
};
// clang-format on

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
    if (i < 16)
      continue;
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
  for (int p = 0; p < PLACES; p++)
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

static void check_dispatch(void) {
  for (uint32_t a = 0; a < 40; a++)
    compare("interpret", model_interpret, 16, a * 12345, 0, 0);
  compare("interpret", model_interpret, 65536, 0, 0, 0);
}

static void check_halves(void) {
  static const uint32_t values[] = {0,          1,          0x7fa00000, 0xffa00001,
                                    0x7fc00000, 0xffffffff, 0x80000000};
  enum { VALUES = sizeof values / sizeof values[0] };
  for (int x = 0; x < VALUES; x++)
    for (int y = 0; y < VALUES; y++)
      for (int p = 0; p < PLACES; p++)
        compare("halves", model_halves, places[p], values[x], values[y], 0);
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
