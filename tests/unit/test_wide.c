// 128-bit arithmetic against the C compiler's.
#include "runtime/runtime.h"
#include "tests/unit/guest_modules.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <string.h>

// Bytes, as wabt's wat2wasm has no 128-bit arithmetic.
//
// (module
//   (func (export "add") (param i64 i64 i64 i64) (result i64 i64) (i64.add128 ...))
//   (func (export "sub") (param i64 i64 i64 i64) (result i64 i64) (i64.sub128 ...))
//   (func (export "mul_s") (param i64 i64) (result i64 i64) (i64.mul_wide_s ...))
//   (func (export "mul_u") (param i64 i64) (result i64 i64) (i64.mul_wide_u ...)))
// clang-format off
static const uint8_t wide_wasm[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x11, 0x02, 0x60, 0x04, 0x7e, 0x7e, 0x7e,
    0x7e, 0x02, 0x7e, 0x7e, 0x60, 0x02, 0x7e, 0x7e, 0x02, 0x7e, 0x7e, 0x03, 0x05, 0x04, 0x00, 0x00,
    0x01, 0x01, 0x07, 0x1d, 0x04, 0x03, 0x61, 0x64, 0x64, 0x00, 0x00, 0x03, 0x73, 0x75, 0x62, 0x00,
    0x01, 0x05, 0x6d, 0x75, 0x6c, 0x5f, 0x73, 0x00, 0x02, 0x05, 0x6d, 0x75, 0x6c, 0x5f, 0x75, 0x00,
    0x03, 0x0a, 0x2d, 0x04, 0x0c, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0x20, 0x03, 0xfc, 0x13,
    0x0b, 0x0c, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0x20, 0x03, 0xfc, 0x14, 0x0b, 0x08, 0x00,
    0x20, 0x00, 0x20, 0x01, 0xfc, 0x15, 0x0b, 0x08, 0x00, 0x20, 0x00, 0x20, 0x01, 0xfc, 0x16, 0x0b,
};
// clang-format on

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 i128;

static const uint64_t values[] = {0,
                                  1,
                                  2,
                                  UINT64_MAX,
                                  UINT64_MAX - 1,
                                  UINT64_C(1) << 63,
                                  (UINT64_C(1) << 63) - 1,
                                  UINT64_C(0x0123456789abcdef),
                                  UINT64_C(0xfedcba9876543210)};
enum { COUNT = sizeof values / sizeof values[0] };

static struct wa_instance *instance;

static u128 call(const char *name, const uint64_t *arguments, int count) {
  union wa_cell cells[4] = {{.u64 = 0}};
  struct wa_extern function;
  struct wa_trap trap;
  for (int i = 0; i < count; i++) {
    cells[i].u64 = arguments[i];
  }
  ck_assert(wa_instance_export(instance, name, strlen(name), &function));
  ck_assert_msg(wa_func_call(function.func, cells, &trap), "%s", trap.message);
  return (u128)cells[1].u64 << 64 | cells[0].u64;
}

static void check_sums(const uint64_t *parts) {
  u128 a = (u128)parts[1] << 64 | parts[0], b = (u128)parts[3] << 64 | parts[2];
  ck_assert(call("add", parts, 4) == a + b);
  ck_assert(call("sub", parts, 4) == a - b);
}

static void check_products(uint64_t a, uint64_t b) {
  uint64_t factors[] = {a, b};
  ck_assert(call("mul_u", factors, 2) == (u128)a * b);
  ck_assert(call("mul_s", factors, 2) == (u128)((i128)(int64_t)a * (int64_t)b));
}

static void check_all(int level) {
  struct guest guest = start_guest(wide_wasm, sizeof wide_wasm, level);
  instance = guest.instance;
  for (int i = 0; i < COUNT; i++) {
    for (int k = 0; k < COUNT; k++) {
      check_products(values[i], values[k]);
      for (int n = 0; n < COUNT; n++) {
        check_sums((const uint64_t[]){values[i], values[k], values[n], values[(i + k) % COUNT]});
      }
    }
  }
  stop_guest(&guest);
}

START_TEST(without_optimisation) {
  check_all(0);
}
END_TEST

START_TEST(optimised) {
  check_all(3);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("wide");
  TCase *tests = tcase_create("wide");
  tcase_add_test(tests, without_optimisation);
  tcase_add_test(tests, optimised);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
