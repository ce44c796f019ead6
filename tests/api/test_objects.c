// Globals, tables and memories, the host's own and those of instances.
#include "support.h"

static wasm_trap_t *nothing(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  (void)args;
  (void)results;
  return NULL;
}

static wasm_func_t *new_func(void) {
  wasm_functype_t *type = wasm_functype_new_0_0();
  wasm_func_t *func = wasm_func_new(store, type, nothing);
  wasm_functype_delete(type);
  return func;
}

static wasm_global_t *new_global(wasm_valtype_t *content, wasm_mutability_t mutability,
                                 wasm_val_t value) {
  wasm_globaltype_t *type = wasm_globaltype_new(content, mutability);
  wasm_global_t *global = wasm_global_new(store, type, &value);
  wasm_globaltype_delete(type);
  return global;
}

START_TEST(globals) {
  wasm_val_t val = WASM_I64_VAL(5);
  wasm_global_t *variable = new_global(wasm_valtype_new_i64(), WASM_VAR, val);
  wasm_global_t *constant = new_global(wasm_valtype_new_i64(), WASM_CONST, val);
  wasm_val_t six = WASM_I64_VAL(6);
  wasm_val_t wrong = WASM_I32_VAL(7);
  wasm_global_set(variable, &six);
  wasm_global_set(constant, &six);
  wasm_global_get(variable, &val);
  ck_assert(val.of.i64 == 6);
  wasm_global_set(variable, &wrong);
  ck_assert(strstr(wasmaot_last_error_message(), "i64 was expected") != NULL);
  wasm_global_get(variable, &val);
  ck_assert(val.of.i64 == 6);
  wasm_global_get(constant, &val);
  ck_assert(val.of.i64 == 5);
  ck_assert_ptr_null(new_global(wasm_valtype_new_f32(), WASM_VAR, six));
  wasm_globaltype_t *type = wasm_global_type(constant);
  ck_assert(wasm_globaltype_mutability(type) == WASM_CONST);
  wasm_globaltype_delete(type);
  wasm_global_delete(variable);
  wasm_global_delete(constant);
}
END_TEST

START_TEST(globals_hold_references) {
  wasm_func_t *func = new_func();
  wasm_val_t value = {.kind = WASM_FUNCREF, .of = {.ref = wasm_func_as_ref(func)}};
  wasm_global_t *global = new_global(wasm_valtype_new_funcref(), WASM_VAR, value);
  wasm_func_delete(func);
  wasm_val_t back;
  wasm_global_get(global, &back);
  ck_assert(back.of.ref == value.of.ref);
  wasm_val_t none = {.kind = WASM_FUNCREF, .of = {.ref = NULL}};
  wasm_global_set(global, &none);
  ck_assert_ptr_nonnull(wasm_ref_as_func(back.of.ref));
  wasm_val_delete(&back);
  wasm_global_get(global, &back);
  ck_assert_ptr_null(back.of.ref);
  wasm_global_delete(global);
}
END_TEST

START_TEST(tables) {
  wasm_limits_t limits = {2, 4};
  wasm_tabletype_t *type = wasm_tabletype_new(wasm_valtype_new_funcref(), &limits);
  wasm_func_t *func = new_func();
  wasm_table_t *table = wasm_table_new(store, type, wasm_func_as_ref(func));
  wasm_tabletype_delete(type);
  wasm_ref_t *entry = wasm_table_get(table, 1);
  ck_assert(entry == wasm_func_as_ref(func));
  wasm_ref_delete(entry);
  ck_assert(wasm_table_set(table, 0, NULL));
  ck_assert_ptr_null(wasm_table_get(table, 0));
  ck_assert_ptr_null(wasm_table_get(table, 2));
  ck_assert(!wasm_table_set(table, 2, NULL));
  wasm_foreign_t *foreign = wasm_foreign_new(store);
  ck_assert(!wasm_table_set(table, 0, wasm_foreign_as_ref(foreign)));
  ck_assert(!wasm_table_grow(table, 3, NULL));
  ck_assert(wasm_table_grow(table, 2, wasm_func_as_ref(func)));
  ck_assert_uint_eq(wasm_table_size(table), 4);
  wasm_foreign_delete(foreign);
  wasm_func_delete(func);
  wasm_table_delete(table);
}
END_TEST

START_TEST(memories) {
  wasm_limits_t limits = {1, 3};
  wasm_memorytype_t *type = wasm_memorytype_new(&limits);
  wasm_memory_t *memory = wasm_memory_new(store, type);
  wasm_memorytype_delete(type);
  byte_t *data = wasm_memory_data(memory);
  data[65535] = 7;
  ck_assert(wasm_memory_grow(memory, 2));
  ck_assert_ptr_eq(wasm_memory_data(memory), data);
  ck_assert_uint_eq(wasm_memory_data_size(memory), 3 * MEMORY_PAGE_SIZE);
  data[3 * 65536 - 1] = 8;
  ck_assert(data[65535] == 7);
  ck_assert(!wasm_memory_grow(memory, 1));
  ck_assert_uint_eq(wasm_memory_size(memory), 3);
  type = wasm_memory_type(memory);
  ck_assert(wasm_memorytype_limits(type)->min == 3 && wasm_memorytype_limits(type)->max == 3);
  wasm_memorytype_delete(type);
  wasm_memory_delete(memory);
}
END_TEST

START_TEST(wide_memories) {
  wasmaot_limits_t limits = {.min = 1, .max = UINT64_MAX, .index64 = true};
  wasm_memorytype_t *type = wasmaot_memorytype_new(&limits);
  wasm_memory_t *memory = wasm_memory_new(store, type);
  ck_assert_msg(memory != NULL, "%s", wasmaot_last_error_message());
  ck_assert(wasmaot_memory_grow(memory, 2) == 1);
  ck_assert(wasmaot_memory_size(memory) == 3);
  ck_assert(wasmaot_memory_grow(memory, UINT64_MAX) == UINT64_MAX);
  wasm_memorytype_delete(type);
  wasm_memory_delete(memory);
}
END_TEST

START_TEST(exports_are_the_instances_own) {
  wasm_instance_t *instance = instance_of("small.wasm");
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  ck_assert_uint_eq(exports.size, 2);
  wasm_memory_t *memory = wasm_extern_as_memory(exports.data[0]);
  wasm_func_t *run = wasm_extern_as_func(exports.data[1]);
  ck_assert_ptr_null(wasm_extern_as_func(exports.data[0]));
  ck_assert(memcmp(wasm_memory_data(memory) + 16, "hello", 5) == 0);
  wasm_memory_data(memory)[100] = 55;
  int32_t at = 100;
  ck_assert_int_eq(call_i32(run, 1, &at), 55);
  wasm_extern_t *again = wasmaot_instance_export(instance, "memory");
  ck_assert(wasm_extern_same(again, exports.data[0]));
  ck_assert_ptr_null(wasmaot_instance_export(instance, "nothing"));
  ck_assert(strstr(wasmaot_last_error_message(), "nothing") != NULL);
  wasm_extern_delete(again);
  wasm_externtype_t *type = wasm_extern_type(exports.data[1]);
  ck_assert(wasm_externtype_kind(type) == WASM_EXTERN_FUNC);
  wasm_externtype_delete(type);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
}
END_TEST

START_TEST(tags_pass_on) {
  wasm_instance_t *instance = instance_of("tags.wasm");
  wasm_extern_t *tag = wasmaot_instance_export(instance, "t");
  ck_assert_ptr_nonnull(wasmaot_extern_as_tag(tag));
  ck_assert(wasm_extern_kind(tag) == WASMAOT_EXTERN_TAG);
  wasm_func_t *func = function(instance, "throw");
  wasm_val_t from[1] = {WASM_I32_VAL(1)};
  wasm_val_vec_t args = WASM_ARRAY_VEC(from);
  wasm_trap_t *trap = wasm_func_call(func, &args, NULL);
  ck_assert(wasmaot_trap_code(trap) == WASMAOT_TRAP_UNCAUGHT_EXCEPTION);
  wasm_trap_delete(trap);
  wasm_func_delete(func);
  wasm_extern_delete(tag);
  wasm_instance_delete(instance);
}
END_TEST

static void add(TCase *tcase) {
  tcase_add_test(tcase, globals);
  tcase_add_test(tcase, globals_hold_references);
  tcase_add_test(tcase, tables);
  tcase_add_test(tcase, memories);
  tcase_add_test(tcase, wide_memories);
  tcase_add_test(tcase, exports_are_the_instances_own);
  tcase_add_test(tcase, tags_pass_on);
}

int main(void) {
  return run_tests("api objects", add);
}
