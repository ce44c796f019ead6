// Code that takes the place of other code of the same module while that runs: what began stays in
// the old code, what is called from then on is in the new, and values, exceptions, tail calls and
// backtraces pass between them.
#include "loader/cpu.h"
#include "loader/loader.h"
#include "runtime/runtime.h"
#include "tests/unit/guest_modules.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t wasm[] = {
#include "replace.inc"
};
static const uint8_t tail_wasm[] = {
#include "replace_tail.inc"
};

// A module compiled twice.
struct pair {
  struct object first, then;
};

static struct pair plain, tail;
static const struct pair *now; // the test's
static struct wa_artifact *artifact;
static struct wa_store *store;
static struct wa_linker *linker;
static struct wa_instance *instance;
static struct wa_trap trap;
static bool replaces; // or lets it be

static struct wa_artifact *load(const struct object *object, const char *name) {
  struct wa_error err;
  wa_error_clear(&err);
  struct wa_artifact *loaded =
      wa_artifact_load_memory(object->bytes, object->size, name, NULL, &err);
  ck_assert_msg(loaded != NULL, "%s", err.message);
  return loaded;
}

static bool replace(const struct wa_host_call *call, union wa_cell *cells) {
  struct wa_error err;
  (void)call;
  (void)cells;
  wa_error_clear(&err);
  if (replaces) {
    struct wa_artifact *by = load(&now->then, "new");
    ck_assert_msg(wa_artifact_replace(artifact, by, &err), "%s", err.message);
    wa_artifact_release(by); // the artifact keeps it
  }
  replaces = false;
  return true;
}

static void start(const struct pair *pair) {
  struct wa_error err;
  now = pair;
  artifact = load(&pair->first, "old");
  store = wa_store_new(NULL);
  linker = wa_linker_new(store);
  ck_assert(wa_linker_define_func(linker, "host", "replace", ":", replace, NULL, &err));
  ck_assert_int_eq(wa_instance_new(store, artifact, linker, &instance, &trap, &err),
                   WA_INSTANTIATED);
}

static void start_plain(void) {
  start(&plain);
}

static void start_tail(void) {
  start(&tail);
}

static void stop(void) {
  wa_linker_free(linker);
  wa_store_free(store);
  wa_artifact_release(artifact);
}

static bool call(const char *name, int32_t argument, int32_t *result) {
  struct wa_extern function;
  union wa_cell cells[1] = {{.i32 = argument}};
  ck_assert(wa_instance_export(instance, name, strlen(name), &function));
  bool returned = wa_func_call(function.func, cells, &trap);
  *result = cells[0].i32;
  return returned;
}

// The result must be the same without a replacement, with one in the middle, and after it.
static void check(const char *name, int32_t argument, int32_t expected, int32_t later) {
  int32_t result;
  replaces = true;
  ck_assert_msg(call(name, argument, &result), "%s: %s", name, trap.message);
  ck_assert_int_eq(result, expected);
  ck_assert(!replaces);
  ck_assert_msg(call(name, argument, &result), "%s: %s", name, trap.message);
  ck_assert_int_eq(result, later);
}

START_TEST(calls) {
  check("plain", 5, 13 * 1000 + 2 * 14, 15 * 1000 + 2 * 16);
}
END_TEST

START_TEST(references_that_exist) {
  check("indirect", 5, 13 + 2 * 14, 15 + 2 * 16);
}
END_TEST

START_TEST(recursion) {
  check("recursive", 1000, 1008, 1009);
}
END_TEST

START_TEST(exceptions) {
  check("caught", 5, 14 * 1000 + 15, 16 * 1000 + 17);
}
END_TEST

START_TEST(parameters_and_results_of_all_kinds) {
  check("many", 5, 13 + 22 + 18 + 2 + 13 + 8, 14 + 22 + 18 + 2 + 13 + 8);
}
END_TEST

START_TEST(traps) {
  int32_t result;
  replaces = true;
  ck_assert(!call("trap", 5, &result));
  ck_assert_int_eq(trap.code, WA_TRAP_INTEGER_DIVIDE_BY_ZERO);
  ck_assert_uint_eq(trap.frame_count, 2);
  ck_assert_str_eq(trap.frames[0].artifact, "new");
  ck_assert_str_eq(trap.frames[1].artifact, "old");
  ck_assert(!call("trap", 5, &result));
  for (uint32_t i = 0; i < trap.frame_count; i++) {
    ck_assert_str_eq(trap.frames[i].artifact, "new");
  }
}
END_TEST

START_TEST(tail_calls) {
  check("tail", 1000, 9000, 9000);
}
END_TEST

START_TEST(exceptions_behind_tail_calls) {
  check("caught", 5, 5005, 5005);
}
END_TEST

START_TEST(what_cannot_be_replaced) {
  struct wa_error err;
  struct wa_artifact *other = load(&tail.first, "other");
  struct wa_artifact *by = load(&plain.then, "new");
  wa_error_clear(&err);
  ck_assert(!wa_artifact_replace(artifact, other, &err)); // another module
  ck_assert(!wa_artifact_replace(by, artifact, &err));    // its functions are not replaceable
  ck_assert(wa_artifact_replace(artifact, by, &err));
  ck_assert(!wa_artifact_replace(artifact, by, &err)); // it was
  ck_assert_int_eq(err.kind, WA_ERROR_USAGE);
  wa_artifact_release(other);
  wa_artifact_release(by);
}
END_TEST

// A table that is not on pages of its own, behind all code and to the end of the text.
START_TEST(a_table_that_is_damaged) {
  const struct object *object = &plain.first;
  struct wa_artifact *intact = load(object, "old");
  uint32_t got = intact->meta->got;
  ck_assert_uint_ne(got, WA_NONE);
  size_t at = 0;
  for (size_t i = 0; i + 4 <= object->size && at == 0; i += 4) {
    at = memcmp(object->bytes + i, &intact->meta->magic, 4) == 0 ? i : 0;
  }
  wa_artifact_release(intact);
  const uint32_t wrong[] = {got + 8, got - 4096, got + 4096, 0, 0xfffff000};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    struct wa_error err;
    uint8_t *bytes = malloc(object->size);
    memcpy(bytes, object->bytes, object->size);
    memcpy(bytes + at + offsetof(struct wa_meta, got), &wrong[i], sizeof wrong[i]);
    wa_error_clear(&err);
    ck_assert_ptr_null(wa_artifact_load_memory(bytes, object->size, "damaged", NULL, &err));
    ck_assert_int_eq(err.kind, WA_ERROR_MALFORMED);
    free(bytes);
  }
}
END_TEST

static int run(const char *name, int first, int then) {
  plain = (struct pair){compile_replaceable_guest(wasm, sizeof wasm, first),
                        compile_guest(wasm, sizeof wasm, then)};
  tail = (struct pair){compile_replaceable_guest(tail_wasm, sizeof tail_wasm, first),
                       compile_guest(tail_wasm, sizeof tail_wasm, then)};
  Suite *suite = suite_create(name);
  TCase *plain_case = tcase_create("plain");
  tcase_add_checked_fixture(plain_case, start_plain, stop);
  tcase_add_test(plain_case, calls);
  tcase_add_test(plain_case, references_that_exist);
  tcase_add_test(plain_case, recursion);
  tcase_add_test(plain_case, exceptions);
  tcase_add_test(plain_case, parameters_and_results_of_all_kinds);
  tcase_add_test(plain_case, traps);
  tcase_add_test(plain_case, what_cannot_be_replaced);
  tcase_add_test(plain_case, a_table_that_is_damaged);
  suite_add_tcase(suite, plain_case);
  // LLVM promises no such tail call on RISC-V; see docs/semantics.md.
  if (wa_host_machine() != EM_RISCV) {
    TCase *tail_case = tcase_create("tail");
    tcase_add_checked_fixture(tail_case, start_tail, stop);
    tcase_add_test(tail_case, tail_calls);
    tcase_add_test(tail_case, exceptions_behind_tail_calls);
    suite_add_tcase(suite, tail_case);
  }
  int status = run_suite(suite);
  free(plain.first.bytes);
  free(plain.then.bytes);
  free(tail.first.bytes);
  free(tail.then.bytes);
  return status;
}

int main(void) {
  int fast = run("replaced by optimised code", 0, 3);
  int slow = run("replaced by fast code", 3, 0);
  return fast == EXIT_SUCCESS ? slow : fast;
}
