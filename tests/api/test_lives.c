// How long objects live: finalizers run once and in time, nothing ends that can be reached.
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

enum { MANY = 10000 };

static int ended; // finalizers that ran

static void count_end(void *info) {
  (void)info;
  ended++;
}

static void once(void *info) {
  int *times = info;
  ++*times;
  ck_assert_int_eq(*times, 1);
  ended++;
}

static wasm_trap_t *identity(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  (void)env;
  wasm_val_copy(&results->data[0], &args->data[0]);
  return NULL;
}

static wasm_func_t *new_func(void) {
  wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t *func = wasm_func_new_with_env(store, type, identity, NULL, count_end);
  wasm_functype_delete(type);
  return func;
}

START_TEST(ten_thousand_instances_one_after_the_other) {
  static int times[MANY];
  for (int i = 0; i < MANY; i++) {
    wasm_instance_t *instance = instance_of("small.wasm");
    wasm_instance_set_host_info_with_finalizer(instance, &times[i], once);
    wasm_func_t *run = function(instance, "run");
    int32_t at = 20;
    ck_assert_int_eq(call_i32(run, 1, &at), 'o');
    wasm_instance_delete(instance);
    ck_assert_int_eq(ended, i);
    wasm_func_delete(run);
    ck_assert_int_eq(ended, i + 1);
  }
}
END_TEST

// Makes an instance, sees that its memory is as new, fills everything it can reach, and deletes it.
static void use_up(const char *name, size_t pages, wasm_memory_pages_t more) {
  wasm_instance_t *instance = instance_of(name);
  wasm_memory_t *memory = wasm_extern_as_memory(wasmaot_instance_export(instance, "memory"));
  wasm_global_t *global = wasm_extern_as_global(wasmaot_instance_export(instance, "variable"));
  wasm_func_t *run = function(instance, "run");
  byte_t *data = wasm_memory_data(memory);
  ck_assert_uint_eq(wasm_memory_size(memory), pages);
  size_t used = 0;
  for (size_t i = 0; i < pages * MEMORY_PAGE_SIZE; i++) {
    bool text = pages == 1 && i >= 16 && i < 21;
    used += data[i] != (text ? "hello"[i - 16] : 0);
  }
  ck_assert_uint_eq(used, 0);
  ck_assert(wasm_memory_grow(memory, more));
  memset(data, 0x55, wasm_memory_data_size(memory));
  wasm_val_t beyond[1] = {WASM_I32_VAL((int32_t)wasm_memory_data_size(memory))};
  wasm_val_t result[1] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(beyond);
  wasm_val_vec_t results = WASM_ARRAY_VEC(result);
  wasm_trap_t *trap = wasm_func_call(run, &args, &results);
  ck_assert(wasmaot_trap_code(trap) == WASMAOT_TRAP_MEMORY_OUT_OF_BOUNDS);
  wasm_trap_delete(trap);
  if (global != NULL) {
    wasm_val_t value = WASM_INIT_VAL;
    wasm_global_get(global, &value);
    ck_assert_int_eq(value.of.i32, 11);
    value.of.i32 = 12;
    wasm_global_set(global, &value);
  }
  wasm_func_delete(run);
  wasm_global_delete(global);
  wasm_memory_delete(memory);
  wasm_instance_delete(instance);
}

// Mappings serve one instance after the other, of whatever size.
START_TEST(an_instance_sees_nothing_of_those_before_it) {
  for (int i = 0; i < 3; i++) {
    use_up("small.wasm", 1, 0);
    use_up("small.wasm", 1, 4);
    use_up("wide.wasm", 3, 0);
    use_up("wide.wasm", 3, 1);
    use_up("small.wasm", 1, 300); // more than is kept
  }
}
END_TEST

static void use_up_table(void) {
  wasm_instance_t *instance = instance_of("builtins.wasm");
  wasm_table_t *table = wasm_extern_as_table(wasmaot_instance_export(instance, "table"));
  wasm_func_t *func = function(instance, "check");
  wasm_ref_t *ref = wasm_func_as_ref(func);
  ck_assert_uint_eq(wasm_table_size(table), 1000);
  ck_assert(wasm_table_grow(table, 50000, NULL));
  for (wasm_table_size_t i = 0; i < 51000; i++) {
    ck_assert_ptr_null(wasm_table_get(table, i));
    ck_assert(wasm_table_set(table, i, ref));
  }
  wasm_func_delete(func);
  wasm_table_delete(table);
  wasm_instance_delete(instance);
}

static void use_up_shared_memory(void) {
  wasmaot_limits_t limits = {.min = 1, .max = 4, .shared = true};
  wasm_memorytype_t *type = wasmaot_memorytype_new(&limits);
  wasmaot_sharedmemory_t *shared;
  expect_ok(wasmaot_sharedmemory_new(engine, type, &shared));
  uint8_t *data = wasmaot_sharedmemory_data(shared);
  size_t used = 0;
  for (size_t i = 0; i < MEMORY_PAGE_SIZE; i++) {
    used += data[i] != 0;
  }
  ck_assert_uint_eq(used, 0);
  memset(data, 0x55, MEMORY_PAGE_SIZE);
  wasmaot_sharedmemory_delete(shared);
  wasm_memorytype_delete(type);
}

START_TEST(tables_and_shared_memories_are_as_new) {
  for (int i = 0; i < 4; i++) {
    use_up_table();
    use_up_shared_memory();
    use_up("small.wasm", 1, 0);
  }
}
END_TEST

// An object of the other store, of the type that is asked for.
static void expect_no_import(wasm_store_t *other_store) {
  wasmaot_limits_t limits = {.min = 1, .max = 4, .shared = true};
  wasm_memorytype_t *type = wasmaot_memorytype_new(&limits);
  wasmaot_sharedmemory_t *shared;
  expect_ok(wasmaot_sharedmemory_new(engine, type, &shared));
  wasm_memory_t *memory = wasmaot_sharedmemory_obtain(other_store, shared);
  wasm_extern_t *externs[1] = {wasm_memory_as_extern(memory)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  ck_assert_ptr_null(wasm_instance_new(store, module_named("shared.wasm"), &imports, NULL));
  ck_assert(strstr(wasmaot_last_error_message(), "another store") != NULL);
  wasm_memory_delete(memory);
  wasmaot_sharedmemory_delete(shared);
  wasm_memorytype_delete(type);
}

// Types and texts are the process's, everything else is a store's.
START_TEST(engines_and_stores_do_not_mix) {
  wasm_engine_t *other_engine = wasm_engine_new();
  wasm_store_t *other_store = wasm_store_new(other_engine);
  wasm_shared_module_t *shared = wasm_module_share(module_named("linked.wasm"));
  wasm_module_t *obtained = wasm_module_obtain(other_store, shared);
  wasm_extern_vec_t none = WASM_EMPTY_VEC;
  wasm_instance_t *there = wasm_instance_new(other_store, obtained, &none, NULL);
  ck_assert_ptr_nonnull(there);
  // By type through a table; a function of ours must not get into theirs.
  wasm_func_t *call = function(there, "call");
  wasm_val_t from[1] = {WASM_I32_VAL(64)};
  wasm_val_vec_t args = WASM_ARRAY_VEC(from), no_results = WASM_EMPTY_VEC;
  ck_assert_ptr_null(wasm_func_call(call, &args, &no_results));
  wasm_instance_t *here = instance_of("linked.wasm");
  wasm_func_t *ours = function(here, "a");
  wasm_table_t *table = wasm_extern_as_table(wasmaot_instance_export(there, "table"));
  ck_assert(!wasm_table_set(table, 0, wasm_func_as_ref(ours)));
  ck_assert(!wasm_table_grow(table, 1, wasm_func_as_ref(ours)));
  ck_assert(strstr(wasmaot_last_error_message(), "another store") != NULL);
  expect_no_import(other_store);
  ck_assert_ptr_null(wasm_func_call(call, &args, &no_results));
  wasm_table_delete(table);
  wasm_func_delete(ours);
  wasm_func_delete(call);
  wasm_instance_delete(here);
  wasm_instance_delete(there);
  wasm_module_delete(obtained);
  wasm_shared_module_delete(shared);
  wasm_store_delete(other_store);
  wasm_engine_delete(other_engine);
}
END_TEST

// ThreadSanitizer leaves too little address space for more.
#ifdef __SANITIZE_THREAD__
enum { COUNT = 100 };
#else
enum { COUNT = 3000 };
#endif

START_TEST(thousands_of_instances_at_once) {
  static wasm_instance_t *instances[COUNT];
  for (int i = 0; i < COUNT; i++) {
    instances[i] = instance_of("small.wasm");
    wasm_instance_set_host_info_with_finalizer(instances[i], NULL, count_end);
  }
  for (int i = 0; i < COUNT; i += 2) {
    wasm_instance_delete(instances[i]);
  }
  ck_assert_int_eq(ended, COUNT / 2);
  for (int i = 1; i < COUNT; i += 2) {
    wasm_instance_delete(instances[i]);
  }
  ck_assert_int_eq(ended, COUNT);
}
END_TEST

START_TEST(an_export_keeps_its_instance) {
  wasm_instance_t *instance = instance_of("small.wasm");
  wasm_instance_set_host_info_with_finalizer(instance, NULL, count_end);
  wasm_memory_t *memory = wasm_extern_as_memory(wasmaot_instance_export(instance, "memory"));
  wasm_memory_t *copy = wasm_memory_copy(memory);
  wasm_instance_delete(instance);
  wasm_memory_delete(memory);
  ck_assert_int_eq(ended, 0);
  ck_assert(wasm_memory_data(copy)[16] == 'h');
  wasm_memory_delete(copy);
  ck_assert_int_eq(ended, 1);
}
END_TEST

START_TEST(host_information_belongs_to_the_object) {
  int value = 5;
  wasm_instance_t *instance = instance_of("small.wasm");
  wasm_func_t *run = function(instance, "run");
  wasm_func_set_host_info_with_finalizer(run, &value, count_end);
  wasm_func_delete(run);
  ck_assert_int_eq(ended, 0);
  run = function(instance, "run");
  ck_assert_ptr_eq(wasm_func_get_host_info(run), &value);
  wasm_func_set_host_info(run, NULL);
  ck_assert_int_eq(ended, 1);
  wasm_func_set_host_info_with_finalizer(run, &value, count_end);
  wasm_func_delete(run);
  wasm_instance_delete(instance);
  ck_assert_int_eq(ended, 2);
}
END_TEST

START_TEST(an_instance_keeps_its_imports) {
  wasm_func_t *func = new_func();
  wasm_extern_t *externs[1] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t *instance = wasm_instance_new(store, module_named("start.wasm"), &imports, NULL);
  wasm_func_delete(func);
  ck_assert_int_eq(ended, 0);
  wasm_instance_delete(instance);
  ck_assert_int_eq(ended, 1);
}
END_TEST

START_TEST(what_nobody_uses_ends_at_once) {
  for (int i = 1; i <= 1000; i++) {
    wasm_func_delete(new_func());
    ck_assert_int_eq(ended, i);
  }
  wasm_foreign_t *foreign = wasm_foreign_new(store);
  wasm_foreign_set_host_info_with_finalizer(foreign, NULL, count_end);
  wasm_foreign_delete(foreign);
  ck_assert_int_eq(ended, 1001);
}
END_TEST

// Through a table that others have, functions of an instance are reached without any handle of it.
START_TEST(an_instance_whose_functions_are_in_anothers_table_stays) {
  wasm_limits_t limits = {2, 2};
  wasm_tabletype_t *type = wasm_tabletype_new(wasm_valtype_new_funcref(), &limits);
  wasm_table_t *table = wasm_table_new(store, type, NULL);
  wasm_tabletype_delete(type);
  wasm_extern_t *externs[1] = {wasm_table_as_extern(table)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t *instance = wasm_instance_new(store, module_named("leaky.wasm"), &imports, NULL);
  wasm_instance_set_host_info_with_finalizer(instance, NULL, count_end);
  wasm_instance_delete(instance);
  ck_assert_int_eq(ended, 0);
  wasm_ref_t *ref = wasm_table_get(table, 1);
  ck_assert_int_eq(call_i32(wasm_ref_as_func(ref), 0, NULL), 77);
  wasm_ref_delete(ref);
  wasm_table_delete(table);
}
END_TEST

START_TEST(what_code_was_given_lives_as_long_as_the_store) {
  wasm_limits_t limits = {1, 1};
  wasm_tabletype_t *type = wasm_tabletype_new(wasm_valtype_new_externref(), &limits);
  wasm_foreign_t *foreign = wasm_foreign_new(store);
  wasm_foreign_set_host_info_with_finalizer(foreign, NULL, count_end);
  wasm_table_t *table = wasm_table_new(store, type, wasm_foreign_as_ref(foreign));
  wasm_foreign_delete(foreign);
  wasm_tabletype_delete(type);
  ck_assert_int_eq(ended, 0);
  wasm_ref_t *ref = wasm_table_get(table, 0);
  ck_assert_ptr_nonnull(wasm_ref_as_foreign(ref));
  wasm_ref_delete(ref);
  wasm_table_delete(table);
  wasm_store_delete(store);
  ck_assert_int_eq(ended, 1);
  store = wasm_store_new(engine);
}
END_TEST

static wasm_memory_t *kept;

static void delete_kept(void *info) {
  (void)info;
  wasm_memory_delete(kept);
  ended++;
}

START_TEST(finalizers_may_delete_handles) {
  wasm_instance_t *instance = instance_of("small.wasm");
  kept = wasm_extern_as_memory(wasmaot_instance_export(instance, "memory"));
  wasm_functype_t *type = wasm_functype_new_0_0();
  wasm_func_t *func = wasm_func_new_with_env(store, type, NULL, NULL, delete_kept);
  wasm_functype_delete(type);
  wasm_instance_delete(instance);
  wasm_store_delete(store);
  ck_assert_int_eq(ended, 1);
  wasm_func_delete(func);
  store = wasm_store_new(engine);
}
END_TEST

START_TEST(handles_that_outlive_their_store_are_dead_but_safe) {
  wasm_instance_t *instance = instance_of("small.wasm");
  wasm_func_t *run = function(instance, "run");
  wasm_memory_t *memory = wasm_extern_as_memory(wasmaot_instance_export(instance, "memory"));
  wasmaot_linker_t *linker = wasmaot_linker_new(store);
  wasm_instance_set_host_info_with_finalizer(instance, NULL, count_end);
  wasm_store_delete(store);
  ck_assert_int_eq(ended, 1);
  wasm_val_t from[1] = {WASM_I32_VAL(0)};
  wasm_val_t to[1];
  wasm_val_vec_t args = WASM_ARRAY_VEC(from);
  wasm_val_vec_t results = WASM_ARRAY_VEC(to);
  wasm_trap_t *trap = wasm_func_call(run, &args, &results);
  expect_message(trap, "store that this function lived in was deleted");
  wasm_trap_delete(trap);
  ck_assert_ptr_null(wasm_memory_data(memory));
  ck_assert_uint_eq(wasm_memory_data_size(memory), 0);
  ck_assert(!wasm_memory_grow(memory, 1));
  ck_assert_ptr_null(wasm_func_type(run));
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  ck_assert_uint_eq(exports.size, 0);
  wasm_func_t *copy = wasm_func_copy(run);
  ck_assert_ptr_null(wasmaot_linker_get(linker, "a", "b"));
  wasmaot_linker_delete(linker);
  wasm_func_delete(copy);
  wasm_instance_delete(instance);
  wasm_func_delete(run);
  wasm_memory_delete(memory);
  store = wasm_store_new(engine);
}
END_TEST

struct in_call {
  wasm_instance_t *instance;
  wasm_store_t *inside;
};

// Deletes everything it can get hold of while its caller is being executed.
static wasm_trap_t *delete_all(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  struct in_call *in_call = env;
  wasm_instance_delete(in_call->instance);
  wasm_store_delete(in_call->inside);
  ck_assert_int_eq(ended, 0);
  wasm_val_copy(&results->data[0], &args->data[0]);
  return NULL;
}

START_TEST(nothing_ends_during_a_call) {
  struct in_call in_call = {.inside = wasm_store_new(engine)};
  wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t *f = wasm_func_new_with_env(in_call.inside, type, delete_all, &in_call, count_end);
  wasm_functype_delete(type);
  wasm_globaltype_t *content = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_CONST);
  wasm_val_t seven = WASM_I32_VAL(7);
  wasm_global_t *g = wasm_global_new(in_call.inside, content, &seven);
  wasm_globaltype_delete(content);
  wasm_extern_t *externs[2] = {wasm_func_as_extern(f), wasm_global_as_extern(g)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  in_call.instance = wasm_instance_new(in_call.inside, module_named("basics.wasm"), &imports, NULL);
  wasm_instance_set_host_info_with_finalizer(in_call.instance, NULL, count_end);
  wasm_func_t *host = function(in_call.instance, "host");
  wasm_func_delete(f);
  wasm_global_delete(g);
  int32_t argument = 33;
  ck_assert_int_eq(call_i32(host, 1, &argument), 33);
  ck_assert_int_eq(ended, 2);
  wasm_func_delete(host);
}
END_TEST

static wasm_trap_t *end_program(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  (void)env;
  (void)args;
  (void)results;
  return wasmaot_trap_new_exit(3);
}

START_TEST(an_instance_that_traps_at_its_start_ends) {
  wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t *func = wasm_func_new_with_env(store, type, end_program, NULL, count_end);
  wasm_functype_delete(type);
  wasm_extern_t *externs[1] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_trap_t *trap = NULL;
  ck_assert_ptr_null(wasm_instance_new(store, module_named("start.wasm"), &imports, &trap));
  int status;
  ck_assert(wasmaot_trap_exit_status(trap, &status) && status == 3);
  wasm_trap_delete(trap);
  wasm_func_delete(func);
  ck_assert_int_eq(ended, 1);
}
END_TEST

START_TEST(traps_and_modules_are_counted) {
  wasm_message_t message;
  wasm_name_new_from_string_nt(&message, "m");
  wasm_trap_t *trap = wasm_trap_new(store, &message);
  wasm_name_delete(&message);
  wasm_trap_set_host_info_with_finalizer(trap, NULL, count_end);
  wasm_trap_t *copy = wasm_trap_copy(trap);
  ck_assert(wasm_trap_same(trap, copy));
  wasm_trap_delete(trap);
  ck_assert_int_eq(ended, 0);
  wasm_trap_delete(copy);
  ck_assert_int_eq(ended, 1);
  wasm_byte_vec_t bytes;
  wasm_module_serialize(module_named("small.wasm"), &bytes);
  wasm_module_t *module = wasm_module_deserialize(store, &bytes);
  wasm_module_set_host_info_with_finalizer(module, NULL, count_end);
  wasm_extern_vec_t none = WASM_EMPTY_VEC;
  wasm_instance_t *instance = wasm_instance_new(store, module, &none, NULL);
  wasm_module_delete(module);
  ck_assert_int_eq(ended, 2);
  // Its code lives on.
  wasm_func_t *run = function(instance, "run");
  int32_t at = 16;
  ck_assert_int_eq(call_i32(run, 1, &at), 'h');
  wasm_func_delete(run);
  wasm_instance_delete(instance);
  wasm_byte_vec_delete(&bytes);
}
END_TEST

static void add(TCase *tcase) {
  tcase_add_test(tcase, ten_thousand_instances_one_after_the_other);
  tcase_add_test(tcase, an_instance_sees_nothing_of_those_before_it);
  tcase_add_test(tcase, tables_and_shared_memories_are_as_new);
  tcase_add_test(tcase, engines_and_stores_do_not_mix);
  tcase_add_test(tcase, thousands_of_instances_at_once);
  tcase_add_test(tcase, an_export_keeps_its_instance);
  tcase_add_test(tcase, host_information_belongs_to_the_object);
  tcase_add_test(tcase, an_instance_keeps_its_imports);
  tcase_add_test(tcase, what_nobody_uses_ends_at_once);
  tcase_add_test(tcase, an_instance_whose_functions_are_in_anothers_table_stays);
  tcase_add_test(tcase, what_code_was_given_lives_as_long_as_the_store);
  tcase_add_test(tcase, finalizers_may_delete_handles);
  tcase_add_test(tcase, handles_that_outlive_their_store_are_dead_but_safe);
  tcase_add_test(tcase, nothing_ends_during_a_call);
  tcase_add_test(tcase, an_instance_that_traps_at_its_start_ends);
  tcase_add_test(tcase, traps_and_modules_are_counted);
}

static void before(void) {
  ended = 0;
  setup();
}

int main(void) {
  return run_tests_with("api lives", add, before, teardown);
}
