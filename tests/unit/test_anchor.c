// Addresses that are computed from others: sums that wrap must still wrap.
#include "runtime/runtime.h"
#include "tests/unit/guest_modules.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t anchor_wasm[] = {
#include "anchor.inc"
};

static struct wa_instance *instance;
static uint8_t *memory;

static bool call(const char *name, uint32_t a, uint32_t b, uint32_t *result) {
  union wa_cell cells[2] = {{.u32 = a}, {.u32 = b}};
  struct wa_extern function;
  struct wa_trap trap;
  ck_assert(wa_instance_export(instance, name, strlen(name), &function));
  bool returned = wa_func_call(function.func, cells, &trap);
  if (!returned) {
    ck_assert_int_eq(trap.code, WA_TRAP_MEMORY_OUT_OF_BOUNDS);
  }
  *result = cells[0].u32;
  return returned;
}

static void expect(const char *name, uint32_t a, uint32_t b, uint32_t expected) {
  uint32_t result;
  ck_assert_msg(call(name, a, b, &result), "%s(%u) traps", name, a);
  ck_assert_msg(result == expected, "%s(%u) = %u", name, a, result);
}

static void expect_trap(const char *name, uint32_t a) {
  uint32_t result;
  ck_assert_msg(!call(name, a, 0, &result), "%s(%u) = %u", name, a, result);
}

static void check_sums(void) {
  static const uint32_t outside[] = {65533, 65536, 0x7ffffff8, 0xffff0000, 0xfffffff0, 0xfffffff8};
  for (uint32_t i = 0; i < 16; i++) {
    memory[4 * i] = (uint8_t)i;
  }
  expect("up", 4, 0, 1 + 3);
  expect("down", 4, 0, 1 + 3);
  expect("far", 12, 0, 3 + 1);
  expect("up", 65524, 0, 0);
  for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
    expect_trap("up", outside[i]);
    expect_trap("down", outside[i]);
    expect_trap("far", outside[i]);
  }
  expect_trap("far", 4);
  expect_trap("far", 7);
}

// What wraps to an address in range is in range, and what is stored there stays.
static void check_wrapping(void) {
  expect("branch", 0xfffffff8, 0, 0);
  expect("branch", 0xfffffffc, 0, 1);
  expect("branch", 4, 1, 3);
  uint32_t result;
  ck_assert(!call("branch", 0xfffffffc, 1, &result));
  expect_trap("store_first", 0xfffffffc);
#ifdef __x86_64__
  // Elsewhere LLVM schedules the load first: the store that a trap follows may be missing then.
  ck_assert_uint_eq(memory[4], 42);
#endif
  expect("store_first", 16, 0, 4);
  ck_assert_uint_eq(memory[24], 42);
}

static void check_level(int level) {
  struct guest guest = start_guest(anchor_wasm, sizeof anchor_wasm, level);
  instance = guest.instance;
  memory = wa_memory_base(wa_instance_memory(instance, 0));
  check_sums();
  check_wrapping();
  stop_guest(&guest);
}

START_TEST(sums_wrap_at_every_level) {
  check_level(_i);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("anchor");
  TCase *tests = tcase_create("anchor");
  tcase_add_loop_test(tests, sums_wrap_at_every_level, 0, 4);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
