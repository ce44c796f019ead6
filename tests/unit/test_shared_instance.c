// One instance that several threads of the host call at once, as the threads of a program call what
// it is linked to: no torn table entry, and exceptions that several of them throw.
#include "runtime/call/exception.h"
#include "runtime/runtime.h"
#include "tests/unit/guest_modules.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// (module
//   (type $one (func (result i32)))
//   (type $two (func (param i64 f64) (result i64)))
//   (table $t 1 funcref)
//   (func $f (type $one) (i32.const 1))
//   (func $g (type $two) (i64.add (local.get 0) (i64.const 2)))
//   (elem declare func $f $g)
//   (func (export "flip") (param i32)
//     (loop
//       (table.set $t (i32.const 0) (ref.func $f))
//       (table.set $t (i32.const 0) (ref.func $g))
//       (table.set $t (i32.const 0) (ref.null func))
//       (table.fill $t (i32.const 0) (ref.func $g) (i32.const 1))
//       (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
//   (func (export "one") (result i32) (call_indirect (type $one) (i32.const 0)))
//   (func (export "two") (result i64)
//     (call_indirect (type $two) (i64.const 5) (f64.const 1) (i32.const 0))))
// clang-format off
static const uint8_t wasm[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x13, 0x04, 0x60, 0x00, 0x01, 0x7f, 0x60,
    0x02, 0x7e, 0x7c, 0x01, 0x7e, 0x60, 0x01, 0x7f, 0x00, 0x60, 0x00, 0x01, 0x7e, 0x03, 0x06, 0x05,
    0x00, 0x01, 0x02, 0x00, 0x03, 0x04, 0x04, 0x01, 0x70, 0x00, 0x01, 0x07, 0x14, 0x03, 0x04, 0x66,
    0x6c, 0x69, 0x70, 0x00, 0x02, 0x03, 0x6f, 0x6e, 0x65, 0x00, 0x03, 0x03, 0x74, 0x77, 0x6f, 0x00,
    0x04, 0x09, 0x06, 0x01, 0x03, 0x00, 0x02, 0x00, 0x01, 0x0a, 0x53, 0x05, 0x04, 0x00, 0x41, 0x01,
    0x0b, 0x07, 0x00, 0x20, 0x00, 0x42, 0x02, 0x7c, 0x0b, 0x29, 0x00, 0x03, 0x40, 0x41, 0x00, 0xd2,
    0x00, 0x26, 0x00, 0x41, 0x00, 0xd2, 0x01, 0x26, 0x00, 0x41, 0x00, 0xd0, 0x70, 0x26, 0x00, 0x41,
    0x00, 0xd2, 0x01, 0x41, 0x01, 0xfc, 0x11, 0x00, 0x20, 0x00, 0x41, 0x01, 0x6b, 0x22, 0x00, 0x0d,
    0x00, 0x0b, 0x0b, 0x07, 0x00, 0x41, 0x00, 0x11, 0x00, 0x00, 0x0b, 0x12, 0x00, 0x42, 0x05, 0x44,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf0, 0x3f, 0x41, 0x00, 0x11, 0x01, 0x00, 0x0b,
};
// clang-format on

enum { CALLS = 20000, FLIPS = 1000000 };

static int level;

static struct wa_func_ref *export_of(struct wa_instance *instance, const char *name) {
  struct wa_extern value;
  return wa_instance_export(instance, name, strlen(name), &value) ? value.func : NULL;
}

struct caller {
  pthread_t thread;
  struct wa_func_ref *func;
  uint64_t expected;
  int wrong;
};

// The function of the type asked for, or a trap that says that it is another or none.
static void *call_often(void *arg) {
  struct caller *caller = arg;
  for (int i = 0; i < CALLS; i++) {
    struct wa_trap trap;
    union wa_cell cells[1] = {{.u64 = 0}};
    bool returned = wa_func_call(caller->func, cells, &trap);
    caller->wrong += returned ? cells[0].u64 != caller->expected
                              : trap.code != WA_TRAP_INDIRECT_CALL_TYPE &&
                                    trap.code != WA_TRAP_UNINITIALIZED_ELEMENT;
  }
  return NULL;
}

static void *flip(void *func) {
  struct wa_trap trap;
  union wa_cell cells[1] = {{.i32 = FLIPS}};
  return wa_func_call(func, cells, &trap) ? NULL : func;
}

START_TEST(an_entry_is_one_function_or_another) {
  struct guest guest = start_guest(wasm, sizeof wasm, level);
  struct caller callers[] = {{.func = export_of(guest.instance, "one"), .expected = 1},
                             {.func = export_of(guest.instance, "two"), .expected = 7}};
  pthread_t flippers[2];
  for (int i = 0; i < 2; i++) {
    ck_assert(pthread_create(&flippers[i], NULL, flip, export_of(guest.instance, "flip")) == 0);
    ck_assert(pthread_create(&callers[i].thread, NULL, call_often, &callers[i]) == 0);
  }
  for (int i = 0; i < 2; i++) {
    void *failed;
    pthread_join(callers[i].thread, NULL);
    pthread_join(flippers[i], &failed);
    ck_assert_ptr_null(failed);
    ck_assert_int_eq(callers[i].wrong, 0);
  }
  stop_guest(&guest);
}
END_TEST

// What a thread does that throws a reference and catches it again.
static void *throw_often(void *exception) {
  for (int i = 0; i < CALLS; i++) {
    wa_exception_settle(exception, WA_EXCEPTION_HOLD);
    wa_exception_settle(exception, WA_EXCEPTION_KEEP);
    wa_exception_settle(exception, WA_EXCEPTION_DROP);
    wa_exception_settle(exception, WA_EXCEPTION_DROP);
  }
  return NULL;
}

START_TEST(an_exception_with_a_reference_stays) {
  static const int tag;
  pthread_t threads[4];
  struct wa_store *store = wa_store_new(NULL);
  struct wa_exception *exception = wa_exception_new(store, &tag, 8);
  ck_assert_ptr_nonnull(exception);
  wa_exception_settle(exception, WA_EXCEPTION_KEEP);
  for (int i = 0; i < 4; i++) {
    ck_assert(pthread_create(&threads[i], NULL, throw_often, exception) == 0);
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], NULL);
  }
  ck_assert_ptr_eq(exception->tag, &tag);
  wa_store_free(store);
}
END_TEST

static int run(int opt_level) {
  level = opt_level;
  Suite *suite = suite_create("shared_instance");
  TCase *tests = tcase_create(level == 0 ? "O0" : "O3");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, an_entry_is_one_function_or_another);
  tcase_add_test(tests, an_exception_with_a_reference_stays);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}

int main(void) {
  return run(0) + run(3) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
