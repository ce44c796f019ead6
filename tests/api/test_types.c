// Vectors and types: values that are copied, cast and deleted.
#include "support.h"

START_TEST(vectors_own_their_elements) {
  wasm_valtype_t *types[2] = {wasm_valtype_new_i32(), wasm_valtype_new_externref()};
  wasm_valtype_vec_t vec;
  wasm_valtype_vec_t copy;
  wasm_valtype_vec_new(&vec, 2, types);
  wasm_valtype_vec_copy(&copy, &vec);
  ck_assert_uint_eq(copy.size, 2);
  ck_assert(copy.data[0] != vec.data[0]);
  ck_assert(wasm_valtype_kind(copy.data[1]) == WASM_EXTERNREF);
  wasm_valtype_vec_delete(&vec);
  ck_assert(vec.size == 0 && vec.data == NULL);
  wasm_valtype_vec_delete(&vec);
  ck_assert(wasm_valtype_kind(copy.data[0]) == WASM_I32);
  wasm_valtype_vec_delete(&copy);
}
END_TEST

START_TEST(uninitialised_vectors_can_be_deleted) {
  wasm_extern_vec_t externs;
  wasm_val_vec_t vals;
  wasm_extern_vec_new_uninitialized(&externs, 3);
  wasm_val_vec_new_uninitialized(&vals, 3);
  ck_assert_ptr_null(externs.data[2]);
  ck_assert(wasm_valkind_is_ref(vals.data[2].kind) && vals.data[2].of.ref == NULL);
  wasm_extern_vec_delete(&externs);
  wasm_val_vec_delete(&vals);
}
END_TEST

START_TEST(vectors_of_impossible_size_are_empty) {
  wasm_byte_vec_t bytes;
  wasm_extern_vec_t externs;
  wasm_byte_vec_new_uninitialized(&bytes, SIZE_MAX);
  wasm_extern_vec_new_uninitialized(&externs, SIZE_MAX / 2);
  ck_assert(bytes.size == 0 && bytes.data == NULL);
  ck_assert(externs.size == 0 && externs.data == NULL);
}
END_TEST

START_TEST(names) {
  wasm_name_t name;
  wasm_name_new_from_string(&name, "abc");
  ck_assert_uint_eq(name.size, 3);
  wasm_name_delete(&name);
  wasm_name_new_from_string_nt(&name, "abc");
  ck_assert_uint_eq(name.size, 4);
  wasm_name_delete(&name);
}
END_TEST

START_TEST(function_types) {
  wasm_functype_t *type = wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_f64(),
                                                wasm_valtype_new_funcref());
  wasm_functype_t *copy = wasm_functype_copy(type);
  wasm_functype_delete(type);
  ck_assert_uint_eq(wasm_functype_params(copy)->size, 2);
  ck_assert(wasm_valtype_kind(wasm_functype_params(copy)->data[1]) == WASM_F64);
  ck_assert(wasm_valtype_kind(wasm_functype_results(copy)->data[0]) == WASM_FUNCREF);
  wasm_externtype_t *external = wasm_functype_as_externtype(copy);
  ck_assert(wasm_externtype_kind(external) == WASM_EXTERN_FUNC);
  ck_assert(wasm_externtype_as_functype(external) == copy);
  ck_assert_ptr_null(wasm_externtype_as_memorytype(external));
  wasm_externtype_t *again = wasm_externtype_copy(external);
  wasm_externtype_delete(external);
  wasm_externtype_delete(again);
}
END_TEST

START_TEST(limits) {
  wasm_limits_t small = {1, 2};
  wasm_limits_t open = {3, wasm_limits_max_default};
  wasm_limits_t crossed = {2, 1};
  wasm_limits_t beyond = {65537, wasm_limits_max_default};
  wasm_memorytype_t *memory = wasm_memorytype_new(&small);
  ck_assert(wasm_memorytype_limits(memory)->max == 2);
  wasm_memorytype_delete(memory);
  ck_assert_ptr_null(wasm_memorytype_new(&crossed));
  ck_assert_ptr_null(wasm_memorytype_new(&beyond));
  ck_assert(strlen(wasmaot_last_error_message()) > 0);
  wasm_tabletype_t *table = wasm_tabletype_new(wasm_valtype_new_funcref(), &open);
  ck_assert(wasm_tabletype_limits(table)->max == wasm_limits_max_default);
  ck_assert(wasmaot_tabletype_limits(table).max == UINT64_MAX);
  wasm_tabletype_delete(table);
  ck_assert_ptr_null(wasm_tabletype_new(wasm_valtype_new_i32(), &small));
  wasmaot_limits_t wide = {.min = (uint64_t)1 << 33, .max = (uint64_t)1 << 34, .index64 = true};
  memory = wasmaot_memorytype_new(&wide);
  ck_assert(wasm_memorytype_limits(memory)->min == UINT32_MAX);
  wasm_memorytype_t *copy = wasm_memorytype_copy(memory);
  ck_assert(wasmaot_memorytype_limits(copy).min == wide.min);
  ck_assert(wasmaot_memorytype_limits(copy).index64);
  wasm_memorytype_delete(memory);
  wasm_memorytype_delete(copy);
}
END_TEST

START_TEST(kinds_that_do_not_exist) {
  ck_assert_ptr_null(wasm_valtype_new(77));
  wasm_valtype_t *vector = wasm_valtype_new(WASMAOT_V128);
  ck_assert(wasm_valtype_kind(vector) == WASMAOT_V128 && wasm_valtype_is_num(vector));
  wasm_valtype_delete(vector);
}
END_TEST

START_TEST(import_and_export_types) {
  wasm_name_t module;
  wasm_name_t name;
  wasm_name_new_from_string(&module, "m");
  wasm_name_new_from_string(&name, "n");
  wasm_globaltype_t *global = wasm_globaltype_new(wasm_valtype_new_i64(), WASM_VAR);
  wasm_importtype_t *import =
      wasm_importtype_new(&module, &name, wasm_globaltype_as_externtype(global));
  ck_assert_ptr_null(module.data);
  wasm_importtype_t *copy = wasm_importtype_copy(import);
  wasm_importtype_delete(import);
  ck_assert(wasm_importtype_name(copy)->data[0] == 'n');
  const wasm_globaltype_t *inside = wasm_externtype_as_globaltype_const(wasm_importtype_type(copy));
  ck_assert(wasm_globaltype_mutability(inside) == WASM_VAR);
  wasm_importtype_delete(copy);
}
END_TEST

static void add(TCase *tcase) {
  tcase_add_test(tcase, vectors_own_their_elements);
  tcase_add_test(tcase, uninitialised_vectors_can_be_deleted);
  tcase_add_test(tcase, vectors_of_impossible_size_are_empty);
  tcase_add_test(tcase, names);
  tcase_add_test(tcase, function_types);
  tcase_add_test(tcase, limits);
  tcase_add_test(tcase, kinds_that_do_not_exist);
  tcase_add_test(tcase, import_and_export_types);
}

int main(void) {
  return run_tests("api types", add);
}
