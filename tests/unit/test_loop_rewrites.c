// Loops that the compiler rewrites: vector loops in other loops and such that count up and down,
// and loops that step by what they read. What it makes of them against a model in C, traps and what
// is in memory then included.
#include "tests/unit/loop_model.h"
#include "tests/unit/suite.h"

#include <stdlib.h>

// (module
//   (memory (export "memory") 1)
//   (func (export "rows") (param $a i32) (param $b i32) (param $c i32) (param $n i32) (result i32)
//     (local $k i32) (local $j i32) (local $f i32)
//     (loop $row
//       (local.set $f (i32.load (i32.add (local.get $a) (i32.shl (local.get $k) (i32.const 2)))))
//       (local.set $j (i32.const 0))
//       (loop $next
//         (i32.store (i32.add (local.get $c) (local.get $j))
//           (i32.add (i32.load (i32.add (local.get $c) (local.get $j)))
//             (i32.mul (local.get $f) (i32.load (i32.add (local.get $b) (local.get $j))))))
//         (i32.store offset=4 (i32.add (local.get $c) (local.get $j))
//           (i32.add (i32.load offset=4 (i32.add (local.get $c) (local.get $j)))
//             (i32.mul (local.get $f) (i32.load offset=4 (i32.add (local.get $b) (local.get
//             $j))))))
//         (br_if $next (i32.ne (local.tee $j (i32.add (local.get $j) (i32.const 8)))
//                              (i32.const 1024))))
//       (local.set $b (i32.add (local.get $b) (i32.const 1024)))
//       (br_if $row (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1)))
//                             (local.get $n))))
//     (local.get $k))
//   (func (export "down") (param $p i32) (param $q i32) (param $n i32) (result i32)
//     (local $i i32)
//     (local.set $i (i32.shl (local.get $n) (i32.const 2)))
//     (loop $next
//       (local.set $i (i32.sub (local.get $i) (i32.const 4)))
//       (i32.store offset=16384 (local.get $i) (local.get $n))
//       (i32.store (i32.add (local.get $q) (local.get $i))
//         (i32.add (i32.load (i32.add (local.get $p) (local.get $i))) (i32.const 1)))
//       (br_if $next (local.get $i)))
//     (local.get $i))
//   (func (export "up") (param $p i32) (param $q i32) (param $n i32) (result i32)
//     (local $i i32)
//     (loop $next
//       (i32.store offset=16384 (local.get $i) (local.get $n))
//       (i32.store (i32.add (local.get $q) (local.get $i))
//         (i32.add (i32.load (i32.add (local.get $p) (local.get $i))) (i32.const 1)))
//       (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 4)))
//                            (i32.shl (local.get $n) (i32.const 2)))))
//     (local.get $i))
//   (func (export "steps") (param $x i32) (result i32)
//     (local $count i32)
//     (loop $next
//       (local.set $count (i32.add (local.get $count) (i32.const 1)))
//       (br_if $next (i32.gt_u
//         (local.tee $x (select
//           (i32.shr_u (local.get $x) (i32.const 1))
//           (i32.add (i32.mul (local.get $x) (i32.const 3)) (i32.const 1))
//           (i32.eqz (i32.and (local.get $x) (i32.const 1)))))
//         (i32.const 1))))
//     (local.get $count))
//   (func (export "skip") (param $p i32) (result i32)
//     (block $end
//       (loop $next
//         (br_if $end (i32.eq (i32.load8_u (local.get $p)) (i32.const 34)))
//         (local.set $p (i32.add (local.get $p)
//           (select (i32.const 2) (i32.const 1)
//             (i32.eq (i32.load8_u (local.get $p)) (i32.const 92)))))
//         (br $next)))
//     (local.get $p))
//   (func (export "jump") (param $p i32) (param $by i32) (result i32)
//     (loop $next
//       (local.set $p (i32.add (local.get $p)
//         (i32.add (i32.and (local.get $by) (i32.const 127)) (i32.const 1))))
//       (local.set $by (i32.load8_u (local.get $p)))
//       (br_if $next (i32.lt_u (local.get $by) (i32.const 100))))
//     (local.get $p))
//   (func (export "back") (param $p i32) (result i32)
//     (local $by i32)
//     (local.set $by (i32.load8_u (local.get $p)))
//     (local.set $p (i32.sub (local.get $p) (i32.const 16)))
//     (loop $next
//       (local.set $p (i32.add (local.get $p)
//         (i32.add (i32.and (local.get $by) (i32.const 127)) (i32.const 1))))
//       (local.set $by (i32.load8_u (local.get $p)))
//       (br_if $next (i32.lt_u (local.get $by) (i32.const 100))))
//     (local.get $p))
//   (func (export "seldom") (param $p i32) (param $n i32) (result i32)
//     (local $by i32)
//     (local.set $by (i32.load16_u (local.get $p)))
//     (loop $next
//       (local.set $p (i32.add (local.get $p)
//         (i32.add (i32.and (local.get $by) (i32.const 4095)) (i32.const 1))))
//       (if (i32.lt_u (local.get $p) (i32.const 65535))
//         (then (local.set $by (i32.load16_u (local.get $p)))))
//       (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
//     (local.get $p))
// )
// clang-format off
static const uint8_t module_wasm[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x1b, 0x04, 0x60, 0x04, 0x7f, 0x7f, 0x7f,
    0x7f, 0x01, 0x7f, 0x60, 0x03, 0x7f, 0x7f, 0x7f, 0x01, 0x7f, 0x60, 0x01, 0x7f, 0x01, 0x7f, 0x60,
    0x02, 0x7f, 0x7f, 0x01, 0x7f, 0x03, 0x09, 0x08, 0x00, 0x01, 0x01, 0x02, 0x02, 0x03, 0x02, 0x03,
    0x05, 0x03, 0x01, 0x00, 0x01, 0x07, 0x43, 0x09, 0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 0x02,
    0x00, 0x04, 0x72, 0x6f, 0x77, 0x73, 0x00, 0x00, 0x04, 0x64, 0x6f, 0x77, 0x6e, 0x00, 0x01, 0x02,
    0x75, 0x70, 0x00, 0x02, 0x05, 0x73, 0x74, 0x65, 0x70, 0x73, 0x00, 0x03, 0x04, 0x73, 0x6b, 0x69,
    0x70, 0x00, 0x04, 0x04, 0x6a, 0x75, 0x6d, 0x70, 0x00, 0x05, 0x04, 0x62, 0x61, 0x63, 0x6b, 0x00,
    0x06, 0x06, 0x73, 0x65, 0x6c, 0x64, 0x6f, 0x6d, 0x00, 0x07, 0x0a, 0xce, 0x03, 0x08, 0x76, 0x01,
    0x03, 0x7f, 0x03, 0x40, 0x20, 0x00, 0x20, 0x04, 0x41, 0x02, 0x74, 0x6a, 0x28, 0x02, 0x00, 0x21,
    0x06, 0x41, 0x00, 0x21, 0x05, 0x03, 0x40, 0x20, 0x02, 0x20, 0x05, 0x6a, 0x20, 0x02, 0x20, 0x05,
    0x6a, 0x28, 0x02, 0x00, 0x20, 0x06, 0x20, 0x01, 0x20, 0x05, 0x6a, 0x28, 0x02, 0x00, 0x6c, 0x6a,
    0x36, 0x02, 0x00, 0x20, 0x02, 0x20, 0x05, 0x6a, 0x20, 0x02, 0x20, 0x05, 0x6a, 0x28, 0x02, 0x04,
    0x20, 0x06, 0x20, 0x01, 0x20, 0x05, 0x6a, 0x28, 0x02, 0x04, 0x6c, 0x6a, 0x36, 0x02, 0x04, 0x20,
    0x05, 0x41, 0x08, 0x6a, 0x22, 0x05, 0x41, 0x80, 0x08, 0x47, 0x0d, 0x00, 0x0b, 0x20, 0x01, 0x41,
    0x80, 0x08, 0x6a, 0x21, 0x01, 0x20, 0x04, 0x41, 0x01, 0x6a, 0x22, 0x04, 0x20, 0x03, 0x49, 0x0d,
    0x00, 0x0b, 0x20, 0x04, 0x0b, 0x37, 0x01, 0x01, 0x7f, 0x20, 0x02, 0x41, 0x02, 0x74, 0x21, 0x03,
    0x03, 0x40, 0x20, 0x03, 0x41, 0x04, 0x6b, 0x21, 0x03, 0x20, 0x03, 0x20, 0x02, 0x36, 0x02, 0x80,
    0x80, 0x01, 0x20, 0x01, 0x20, 0x03, 0x6a, 0x20, 0x00, 0x20, 0x03, 0x6a, 0x28, 0x02, 0x00, 0x41,
    0x01, 0x6a, 0x36, 0x02, 0x00, 0x20, 0x03, 0x0d, 0x00, 0x0b, 0x20, 0x03, 0x0b, 0x34, 0x01, 0x01,
    0x7f, 0x03, 0x40, 0x20, 0x03, 0x20, 0x02, 0x36, 0x02, 0x80, 0x80, 0x01, 0x20, 0x01, 0x20, 0x03,
    0x6a, 0x20, 0x00, 0x20, 0x03, 0x6a, 0x28, 0x02, 0x00, 0x41, 0x01, 0x6a, 0x36, 0x02, 0x00, 0x20,
    0x03, 0x41, 0x04, 0x6a, 0x22, 0x03, 0x20, 0x02, 0x41, 0x02, 0x74, 0x47, 0x0d, 0x00, 0x0b, 0x20,
    0x03, 0x0b, 0x2b, 0x01, 0x01, 0x7f, 0x03, 0x40, 0x20, 0x01, 0x41, 0x01, 0x6a, 0x21, 0x01, 0x20,
    0x00, 0x41, 0x01, 0x76, 0x20, 0x00, 0x41, 0x03, 0x6c, 0x41, 0x01, 0x6a, 0x20, 0x00, 0x41, 0x01,
    0x71, 0x45, 0x1b, 0x22, 0x00, 0x41, 0x01, 0x4b, 0x0d, 0x00, 0x0b, 0x20, 0x01, 0x0b, 0x29, 0x00,
    0x02, 0x40, 0x03, 0x40, 0x20, 0x00, 0x2d, 0x00, 0x00, 0x41, 0x22, 0x46, 0x0d, 0x01, 0x20, 0x00,
    0x41, 0x02, 0x41, 0x01, 0x20, 0x00, 0x2d, 0x00, 0x00, 0x41, 0xdc, 0x00, 0x46, 0x1b, 0x6a, 0x21,
    0x00, 0x0c, 0x00, 0x0b, 0x0b, 0x20, 0x00, 0x0b, 0x24, 0x00, 0x03, 0x40, 0x20, 0x00, 0x20, 0x01,
    0x41, 0xff, 0x00, 0x71, 0x41, 0x01, 0x6a, 0x6a, 0x21, 0x00, 0x20, 0x00, 0x2d, 0x00, 0x00, 0x21,
    0x01, 0x20, 0x01, 0x41, 0xe4, 0x00, 0x49, 0x0d, 0x00, 0x0b, 0x20, 0x00, 0x0b, 0x34, 0x01, 0x01,
    0x7f, 0x20, 0x00, 0x2d, 0x00, 0x00, 0x21, 0x01, 0x20, 0x00, 0x41, 0x10, 0x6b, 0x21, 0x00, 0x03,
    0x40, 0x20, 0x00, 0x20, 0x01, 0x41, 0xff, 0x00, 0x71, 0x41, 0x01, 0x6a, 0x6a, 0x21, 0x00, 0x20,
    0x00, 0x2d, 0x00, 0x00, 0x21, 0x01, 0x20, 0x01, 0x41, 0xe4, 0x00, 0x49, 0x0d, 0x00, 0x0b, 0x20,
    0x00, 0x0b, 0x38, 0x01, 0x01, 0x7f, 0x20, 0x00, 0x2f, 0x01, 0x00, 0x21, 0x02, 0x03, 0x40, 0x20,
    0x00, 0x20, 0x02, 0x41, 0xff, 0x1f, 0x71, 0x41, 0x01, 0x6a, 0x6a, 0x21, 0x00, 0x20, 0x00, 0x41,
    0xff, 0xff, 0x03, 0x49, 0x04, 0x40, 0x20, 0x00, 0x2f, 0x01, 0x00, 0x21, 0x02, 0x0b, 0x20, 0x01,
    0x41, 0x01, 0x6b, 0x22, 0x01, 0x0d, 0x00, 0x0b, 0x20, 0x00, 0x0b,
};
// clang-format on

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
  while (load8(p, 0) != 34 && !trapped)
    p += load8(p, 0) == 92 ? 2 : 1;
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
    if (p < SIZE - 1)
      by = load16(p);
    if (--n == 0)
      break;
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
  for (int i = 0; i < ENDS; i++)
    for (int j = 0; j < ENDS; j++) {
      compare("rows", model_rows, 20000, ends[i], ends[j], 4);
      compare("rows", model_rows, ends[i], 30000, ends[j], 3);
      compare("rows", model_rows, ends[i], 30000 + (uint32_t)i * 300, 31000, 5);
      compare("rows", model_rows, ends[i], ends[j], SIZE - ROW, 4);
    }
}

static void check_both_ways(void) {
  static const uint32_t counts[] = {1, 8, 64, 65, 256, SIZE / 4, 0x3fffff00};
  for (int i = 0; i < ENDS; i++)
    for (int j = 0; j < ENDS; j++)
      for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
        compare("up", model_up, ends[i], ends[j], counts[k], 0);
        compare("down", model_down, ends[i], ends[j], counts[k], 0);
      }
}

static void check_steps(void) {
  for (uint32_t x = 1; x < 200; x++)
    compare("steps", model_steps, x, 0, 0, 0);
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
