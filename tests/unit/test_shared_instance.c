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

static const uint8_t wasm[] = {
#include "shared_instance.inc"
};

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
