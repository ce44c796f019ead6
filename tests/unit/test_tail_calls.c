// Tail calls: a million of them in a row through direct, indirect and imported calls, between two
// instances, with arguments on the stack, all on the ordinary guest stack.
#include "loader/cpu.h"
#include "runtime/runtime.h"
#include "tests/unit/guest_modules.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t odd_wasm[] = {
#include "tail_odd.inc"
};

static const uint8_t even_wasm[] = {
#include "tail_even.inc"
};

enum { MILLION = 1000000 };

static struct object odd_object, even_object;
static int opt_level;
static struct wa_artifact *odd_artifact, *even_artifact;
static struct wa_store *store;
static struct wa_linker *linker;
static struct wa_instance *even;
static struct wa_trap trap;

static bool twice(const struct wa_host_call *call, union wa_cell *cells) {
  (void)call;
  cells[0].i32 = (int32_t)(cells[0].i64 * 2);
  return true;
}

static void setup(void) {
  struct wa_error err;
  struct wa_instance *odd;
  odd_artifact = load_guest(&odd_object);
  even_artifact = load_guest(&even_object);
  store = wa_store_new(NULL);
  linker = wa_linker_new(store);
  ck_assert_int_eq(wa_instance_new(store, odd_artifact, linker, &odd, &trap, &err),
                   WA_INSTANTIATED);
  ck_assert(wa_linker_define_instance(linker, "odd", 3, odd, &err));
  ck_assert(wa_linker_define_func(linker, "odd", "host", "I:i", twice, NULL, &err));
  ck_assert_msg(wa_instance_new(store, even_artifact, linker, &even, &trap, &err) ==
                    WA_INSTANTIATED,
                "%s", err.message);
}

static void teardown(void) {
  wa_linker_free(linker);
  wa_store_free(store);
  wa_artifact_release(odd_artifact);
  wa_artifact_release(even_artifact);
}

static bool call(const char *name, union wa_cell *cells) {
  struct wa_extern function;
  ck_assert(wa_instance_export(even, name, strlen(name), &function));
  return wa_func_call(function.func, cells, &trap);
}

static union wa_cell call1(const char *name, int64_t argument) {
  union wa_cell cells[1] = {{.i64 = argument}};
  ck_assert_msg(call(name, cells), "%s: %s", name, trap.message);
  return cells[0];
}

START_TEST(between_instances) {
  ck_assert_int_eq(call1("even", MILLION).i32, 1);
  ck_assert_int_eq(call1("even", MILLION + 1).i32, 0);
}
END_TEST

START_TEST(through_a_constant_table) {
  ck_assert_int_eq(call1("even_own", MILLION).i32, 1);
  ck_assert_int_eq(call1("even_own", MILLION + 1).i32, 0);
}
END_TEST

START_TEST(arguments_on_the_stack) {
  union wa_cell cells[9] = {{.i64 = MILLION}, {.i64 = 1}, {.i64 = 20},     {.i64 = 300},
                            {.i64 = 4000},    {.i64 = 5}, {.i64 = 600000}, {.i64 = 7}};
  int64_t sum = 0;
  for (int i = 0; i < MILLION / 2; i++) {
    sum += cells[1 + i % 7].i64;
  }
  ck_assert(call("even_wide", cells));
  ck_assert_int_eq(cells[0].i64, sum);
}
END_TEST

START_TEST(more_and_fewer_arguments) {
  ck_assert_int_eq(call1("stack", MILLION).i64, INT64_C(9) * MILLION);
}
END_TEST

START_TEST(results_in_memory) {
  ck_assert_int_eq(call1("five", MILLION).i64, 7);
}
END_TEST

START_TEST(host_functions) {
  ck_assert_int_eq(call1("to_host", 21).i32, 42);
  ck_assert_int_eq(call1("to_host_own", 21).i32, 42);
}
END_TEST

START_TEST(traps) {
  union wa_cell cells[1] = {{.i64 = 0}};
  ck_assert(!call("null", cells));
  ck_assert_int_eq(trap.code, WA_TRAP_UNINITIALIZED_ELEMENT);
}
END_TEST

static TCase *make_case(void) {
  TCase *tests = tcase_create(opt_level == 0 ? "O0" : "O3");
  tcase_add_checked_fixture(tests, setup, teardown);
  tcase_add_test(tests, between_instances);
  tcase_add_test(tests, through_a_constant_table);
  // LLVM promises no such tail call on RISC-V; see docs/semantics.md.
  if (wa_host_machine() != EM_RISCV) {
    tcase_add_test(tests, arguments_on_the_stack);
    tcase_add_test(tests, more_and_fewer_arguments);
  }
  tcase_add_test(tests, results_in_memory);
  tcase_add_test(tests, host_functions);
  tcase_add_test(tests, traps);
  return tests;
}

// Once for each optimisation level: tail calls are no optimisation.
static int run(int level) {
  opt_level = level;
  odd_object = compile_guest(odd_wasm, sizeof odd_wasm, level);
  even_object = compile_guest(even_wasm, sizeof even_wasm, level);
  Suite *suite = suite_create("tail_calls");
  suite_add_tcase(suite, make_case());
  int status = run_suite(suite);
  free(odd_object.bytes);
  free(even_object.bytes);
  return status;
}

int main(void) {
  return run(0) + run(3) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
