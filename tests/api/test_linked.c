// An instance that every thread of a program calls: what one thread does to its table, globals,
// memory, segments and exceptions never takes anything away from another that is in it.
#include "support.h"

#include <stdatomic.h>

// ThreadSanitizer keeps signals from code that makes no call that it knows, so nothing ends a loop
// in a guest there.
#ifdef __SANITIZE_THREAD__
enum { CAN_END_LOOPS = false, ROUNDS = 200 };
#else
enum { CAN_END_LOOPS = true, ROUNDS = 20000 };
#endif

// What a run does while the program's threads are in the linked instance.
enum act { WRITE, DROP_HANDLES, RETURN_AT_ONCE, STOP };

static struct {
  enum act act;
  int32_t rounds;
  int turns;
  wasm_instance_t *instance, *other;
  wasm_func_t *one, *two;
  wasm_table_t *table;
  wasm_global_t *kept;
  wasmaot_linker_t *linker;
  wasmaot_group_t *group;
} run;

static wasm_trap_t *rounds(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  (void)args;
  results->data[0].of.i32 = run.rounds;
  return NULL;
}

// The store's thread is the program's main one.
static bool write_objects(void) {
  wasm_table_size_t at = (wasm_table_size_t)run.turns % 32;
  bool ok = wasm_table_set(run.table, at, wasm_func_as_ref(run.one)) &&
            wasm_table_set(run.table, 32 + at, wasm_func_as_ref(run.two));
  wasm_ref_t *ref = wasm_table_get(run.table, 31 - at);
  wasm_val_t val = {.kind = WASM_FUNCREF, .of = {.ref = ref}};
  ok = ok && ref != NULL;
  wasm_global_set(run.kept, &val);
  wasm_ref_delete(ref);
  wasm_global_get(run.kept, &val);
  ok = ok && val.of.ref != NULL && wasm_table_size(run.table) >= 64;
  wasm_val_delete(&val);
  if (run.turns % 64 == 0) {
    (void)wasm_table_grow(run.table, 1, wasm_func_as_ref(run.one));
  }
  return ok;
}

static void drop_handles(void) {
  wasm_func_delete(run.one);
  wasm_func_delete(run.two);
  wasm_table_delete(run.table);
  wasm_global_delete(run.kept);
  wasm_instance_delete(run.instance);
  wasm_instance_delete(run.other);
  wasmaot_linker_delete(run.linker);
}

static wasm_trap_t *meanwhile(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  (void)args;
  run.turns++;
  results->data[0].of.i32 = 0;
  if (run.act == WRITE && !write_objects()) {
    wasm_message_t message;
    wasm_byte_vec_new(&message, sizeof "host", "host");
    wasm_trap_t *trap = wasm_trap_new(store, &message);
    wasm_byte_vec_delete(&message);
    return trap;
  }
  if (run.act == DROP_HANDLES) {
    results->data[0].of.i32 = run.turns == 50;
    if (run.turns == 1) {
      drop_handles();
    }
  } else if (run.act == RETURN_AT_ONCE) {
    results->data[0].of.i32 = run.turns == 5;
  } else if (run.act == STOP && run.turns == 5) {
    wasmaot_group_stop(run.group);
  }
  return NULL;
}

static void define_host(const char *name, wasm_func_callback_t callback) {
  wasm_functype_t *type = wasm_functype_new_0_1(wasm_valtype_new_i32());
  wasm_func_t *func = wasm_func_new(store, type, callback);
  wasm_functype_delete(type);
  expect_ok(wasmaot_linker_define(run.linker, "host", name, wasm_func_as_extern(func)));
  wasm_func_delete(func);
}

static void link_all(void) {
  wasmaot_wasi_config_t *config = wasmaot_wasi_config_new();
  run.linker = wasmaot_linker_new(store);
  expect_ok(wasmaot_linker_define_wasi(run.linker, config));
  wasmaot_wasi_config_delete(config);
  run.instance = instance_of("linked.wasm");
  run.other = instance_of("linked_other.wasm");
  run.one = function(run.other, "one");
  run.two = function(run.other, "two");
  run.table = wasm_extern_as_table(wasmaot_instance_export(run.instance, "table"));
  run.kept = wasm_extern_as_global(wasmaot_instance_export(run.instance, "kept"));
  expect_ok(wasmaot_linker_define_instance(run.linker, "linked", run.instance));
  define_host("rounds", rounds);
  define_host("meanwhile", meanwhile);
}

// The program's trap, or NULL.
static wasm_trap_t *run_program(enum act act, int32_t count) {
  wasm_trap_t *trap = NULL;
  int status = 0;
  run.act = act;
  run.rounds = count;
  run.turns = 0;
  link_all();
  expect_ok(wasmaot_group_new(NULL, &run.group));
  expect_ok(wasmaot_group_run_command(run.group, run.linker, module_named("linked_threads.wasm"),
                                      &status, &trap));
  wasmaot_group_delete(run.group);
  if (act != DROP_HANDLES) {
    drop_handles();
  }
  return trap;
}

static void expect_return(enum act act, int32_t count) {
  wasm_trap_t *trap = run_program(act, count);
  if (trap != NULL) {
    expect_message(trap, "(no trap)");
  }
}

START_TEST(threads_and_the_host_write_what_others_read) {
  expect_return(WRITE, ROUNDS);
  ck_assert_int_gt(run.turns, 0);
}
END_TEST

START_TEST(what_is_linked_stays_without_a_handle) {
  expect_return(DROP_HANDLES, CAN_END_LOOPS ? INT32_MAX : ROUNDS);
}
END_TEST

START_TEST(a_program_ends_while_its_threads_are_in_a_linked_instance) {
  for (int i = 0; CAN_END_LOOPS && i < 5; i++) {
    expect_return(RETURN_AT_ONCE, INT32_MAX);
    wasm_trap_t *trap = run_program(STOP, INT32_MAX);
    ck_assert_ptr_nonnull(trap);
    ck_assert(wasmaot_trap_code(trap) == WASMAOT_TRAP_INTERRUPTED);
    wasm_trap_delete(trap);
  }
}
END_TEST

static wasm_trap_t *take(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  (void)args;
  (void)results;
  return NULL;
}

START_TEST(a_program_of_threads_cannot_give_its_functions_away) {
  wasmaot_wasi_config_t *config = wasmaot_wasi_config_new();
  wasmaot_linker_t *linker = wasmaot_linker_new(store);
  wasm_functype_t *type = wasm_functype_new_1_0(wasm_valtype_new_funcref());
  wasm_func_t *func = wasm_func_new(store, type, take);
  wasm_instance_t *instance = NULL;
  wasm_trap_t *trap = NULL;
  wasm_functype_delete(type);
  expect_ok(wasmaot_linker_define_wasi(linker, config));
  wasmaot_wasi_config_delete(config);
  expect_ok(wasmaot_linker_define(linker, "linked", "take", wasm_func_as_extern(func)));
  expect_error(
      wasmaot_linker_instantiate(linker, module_named("linked_leaks.wasm"), &instance, &trap),
      "import `linked`.`take`: references to functions of a thread could go there");
  ck_assert_ptr_null(instance);
  wasm_func_delete(func);
  wasmaot_linker_delete(linker);
}
END_TEST

static void add(TCase *tests) {
  tcase_add_test(tests, threads_and_the_host_write_what_others_read);
  tcase_add_test(tests, what_is_linked_stays_without_a_handle);
  tcase_add_test(tests, a_program_ends_while_its_threads_are_in_a_linked_instance);
  tcase_add_test(tests, a_program_of_threads_cannot_give_its_functions_away);
}

int main(void) {
  return run_tests("linked", add);
}
