// Calls into modules and out of them, traps on the way, misuse that is seen.
#include "support.h"

#include <stdlib.h>

static wasm_instance_t *instance;

// host.f by what its argument is: 1 and more call fac, 0 traps, -1 passes on a nested trap, -2 ends
// the program, -3 gives a result of another type.
static wasm_trap_t *host_f(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  int32_t value = args->data[0].of.i32;
  ck_assert_ptr_eq(env, &instance);
  if (value == 0) {
    wasm_message_t message;
    wasm_name_new_from_string_nt(&message, "no luck today");
    wasm_trap_t *trap = wasm_trap_new(store, &message);
    wasm_name_delete(&message);
    return trap;
  }
  if (value == -2) {
    return wasmaot_trap_new_exit(42);
  }
  if (value == -3) {
    results->data[0] = (wasm_val_t)WASM_F64_VAL(1.0);
    return NULL;
  }
  wasm_func_t *nested = function(instance, value == -1 ? "unreachable" : "fac");
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  wasm_trap_t *trap =
      value == -1 ? wasm_func_call(nested, &none, &none) : wasm_func_call(nested, args, results);
  wasm_func_delete(nested);
  return trap;
}

// Imports the function, and a global of 7.
static wasm_instance_t *instantiate_basics(wasm_func_t *f) {
  wasm_globaltype_t *content = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_CONST);
  wasm_val_t seven = WASM_I32_VAL(7);
  wasm_global_t *g = wasm_global_new(store, content, &seven);
  wasm_globaltype_delete(content);
  wasm_extern_t *externs[2] = {wasm_func_as_extern(f), wasm_global_as_extern(g)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t *made = wasm_instance_new(store, module_named("basics.wasm"), &imports, NULL);
  ck_assert_msg(made != NULL, "%s", wasmaot_last_error_message());
  wasm_global_delete(g);
  return made;
}

static void make_instance(void) {
  setup();
  wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t *f = wasm_func_new_with_env(store, type, host_f, &instance, NULL);
  wasm_functype_delete(type);
  instance = instantiate_basics(f);
  wasm_func_delete(f);
}

static void delete_instance(void) {
  wasm_instance_delete(instance);
  teardown();
}

static wasm_trap_t *call_host(int32_t value, wasm_val_t *result) {
  wasm_func_t *host = function(instance, "host");
  wasm_val_t arg[1] = {WASM_I32_VAL(value)};
  wasm_val_vec_t args = WASM_ARRAY_VEC(arg);
  wasm_val_vec_t results = {1, result};
  wasm_trap_t *trap = wasm_func_call(host, &args, &results);
  wasm_func_delete(host);
  return trap;
}

START_TEST(passes_values_of_every_number) {
  wasm_func_t *all = function(instance, "all");
  wasm_val_t from[4] = {WASM_I32_VAL(-1), WASM_I64_VAL(-2), WASM_F32_VAL(1.5f), WASM_F64_VAL(2.5)};
  wasm_val_t to[4];
  wasm_val_vec_t args = WASM_ARRAY_VEC(from);
  wasm_val_vec_t results = WASM_ARRAY_VEC(to);
  ck_assert_ptr_null(wasm_func_call(all, &args, &results));
  ck_assert(to[0].kind == WASM_F64 && to[0].of.f64 == 2.5);
  ck_assert(to[1].kind == WASM_F32 && to[1].of.f32 == 1.5f);
  ck_assert(to[2].kind == WASM_I64 && to[2].of.i64 == -2);
  ck_assert(to[3].kind == WASM_I32 && to[3].of.i32 == -1);
  ck_assert_uint_eq(wasm_func_param_arity(all), 4);
  ck_assert_uint_eq(wasm_func_result_arity(all), 4);
  wasm_func_delete(all);
}
END_TEST

START_TEST(passes_more_values_than_a_few) {
  wasm_func_t *many = function(instance, "many");
  wasm_val_t from[14];
  wasm_val_t to[1];
  for (int32_t i = 0; i < 14; i++) {
    from[i] = (wasm_val_t)WASM_I32_VAL(i + 1);
  }
  wasm_val_vec_t args = WASM_ARRAY_VEC(from);
  wasm_val_vec_t results = WASM_ARRAY_VEC(to);
  ck_assert_ptr_null(wasm_func_call(many, &args, &results));
  ck_assert_int_eq(to[0].of.i32, 13);
  wasm_func_delete(many);
}
END_TEST

START_TEST(calls_nest) {
  wasm_val_t result[1];
  ck_assert_ptr_null(call_host(5, result));
  ck_assert_int_eq(result[0].of.i32, 120);
}
END_TEST

START_TEST(traps_have_code_message_and_frames) {
  wasm_func_t *divide = function(instance, "divide");
  wasm_val_t from[2] = {WASM_I32_VAL(1), WASM_I32_VAL(0)};
  wasm_val_t to[1];
  wasm_val_vec_t args = WASM_ARRAY_VEC(from);
  wasm_val_vec_t results = WASM_ARRAY_VEC(to);
  wasm_trap_t *trap = wasm_func_call(divide, &args, &results);
  expect_message(trap, "integer divide by zero");
  ck_assert(wasmaot_trap_code(trap) == WASMAOT_TRAP_INTEGER_DIVIDE_BY_ZERO);
  int status;
  ck_assert(!wasmaot_trap_exit_status(trap, &status));
  wasm_frame_t *origin = wasm_trap_origin(trap);
  ck_assert_uint_eq(wasm_frame_func_index(origin), 7);
  ck_assert(wasm_frame_module_offset(origin) >= wasm_frame_func_offset(origin));
  ck_assert_ptr_eq(wasm_frame_instance(origin), instance);
  ck_assert_str_eq(wasmaot_frame_file(origin), "");
  ck_assert_uint_eq(wasmaot_frame_line(origin), 0);
  wasm_frame_vec_t trace;
  wasm_trap_trace(trap, &trace);
  ck_assert_uint_eq(trace.size, 1);
  wasm_frame_vec_delete(&trace);
  wasm_frame_delete(origin);
  wasm_trap_delete(trap);
  wasm_func_delete(divide);
}
END_TEST

static void expect_instances(const wasm_trap_t *trap, wasm_instance_t *inner,
                             wasm_instance_t *outer) {
  wasm_frame_vec_t trace;
  wasm_trap_trace(trap, &trace);
  ck_assert_uint_eq(trace.size, 2);
  ck_assert_ptr_eq(wasm_frame_instance(trace.data[0]), inner);
  wasm_frame_t *copy = wasm_frame_copy(trace.data[1]);
  wasm_frame_vec_delete(&trace);
  ck_assert_ptr_eq(wasm_frame_instance(copy), outer);
  wasm_frame_delete(copy);
}

// Of the same module, so that only their contexts tell them apart; RISC-V keeps those nowhere.
START_TEST(frames_know_their_instances) {
#ifdef __riscv
  return;
#endif
  wasm_func_t *load = function(instance, "load");
  wasm_instance_t *other = instantiate_basics(load);
  wasm_func_t *host = function(other, "host");
  wasm_val_t from[1] = {WASM_I32_VAL(1 << 20)};
  wasm_val_t to[1];
  wasm_val_vec_t args = WASM_ARRAY_VEC(from);
  wasm_val_vec_t results = WASM_ARRAY_VEC(to);
  wasm_trap_t *trap = wasm_func_call(host, &args, &results);
  expect_message(trap, "out of bounds memory access");
  expect_instances(trap, instance, other);
  wasm_func_delete(host);
  wasm_func_delete(load);
  expect_instances(trap, instance, other);
  wasm_instance_delete(other);
  expect_instances(trap, instance, NULL);
  // Through a host function that passes a trap on.
  wasm_trap_t *nested = call_host(-1, to);
  expect_instances(nested, instance, instance);
  wasm_trap_delete(nested);
  wasm_instance_delete(instance);
  expect_instances(trap, NULL, NULL);
  instance = instance_of("small.wasm");
  wasm_trap_delete(trap);
}
END_TEST

START_TEST(a_host_functions_trap_reaches_the_caller) {
  wasm_val_t result[1];
  wasm_trap_t *trap = call_host(0, result);
  expect_message(trap, "no luck today");
  ck_assert(wasmaot_trap_code(trap) == WASMAOT_TRAP_HOST);
  wasm_trap_delete(trap);
}
END_TEST

START_TEST(a_nested_trap_reaches_the_outermost_caller_with_all_frames) {
  wasm_val_t result[1];
  wasm_trap_t *trap = call_host(-1, result);
  expect_message(trap, "unreachable");
  wasm_frame_vec_t trace;
  wasm_trap_trace(trap, &trace);
  ck_assert_uint_eq(trace.size, 2);
  ck_assert_uint_eq(wasm_frame_func_index(trace.data[0]), 6);
  ck_assert_uint_eq(wasm_frame_func_index(trace.data[1]), 3);
  wasm_frame_vec_delete(&trace);
  wasm_trap_delete(trap);
}
END_TEST

START_TEST(an_exit_is_a_trap_with_a_status) {
  wasm_val_t result[1];
  int status = 0;
  wasm_trap_t *trap = call_host(-2, result);
  ck_assert(wasmaot_trap_exit_status(trap, &status));
  ck_assert_int_eq(status, 42);
  wasm_trap_delete(trap);
}
END_TEST

START_TEST(a_host_functions_wrong_result_is_a_trap) {
  wasm_val_t result[1];
  wasm_trap_t *trap = call_host(-3, result);
  expect_message(trap, "type i32 was expected, f64 was given");
  wasm_trap_delete(trap);
}
END_TEST

START_TEST(arguments_that_do_not_fit_are_refused) {
  wasm_func_t *fac = function(instance, "fac");
  wasm_val_t wrong[2] = {WASM_I64_VAL(5), WASM_I32_VAL(5)};
  wasm_val_t to[1] = {WASM_I32_VAL(99)};
  wasm_val_vec_t one = {1, wrong};
  wasm_val_vec_t two = {2, wrong};
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  wasm_val_vec_t results = WASM_ARRAY_VEC(to);
  wasm_trap_t *traps[] = {wasm_func_call(fac, &one, &results), wasm_func_call(fac, &two, &results),
                          wasm_func_call(fac, &none, &results), wasm_func_call(fac, NULL, NULL)};
  expect_message(traps[0], "i32 was expected, i64 was given");
  expect_message(traps[1], "2 arguments");
  expect_message(traps[2], "0 arguments");
  expect_message(traps[3], "0 arguments");
  for (int i = 0; i < 4; i++) {
    wasm_trap_delete(traps[i]);
  }
  wasm_val_vec_t right = {1, wrong + 1};
  wasm_trap_t *trap = wasm_func_call(fac, &right, &none);
  expect_message(trap, "room for 0 results");
  wasm_trap_delete(trap);
  ck_assert_int_eq(to[0].of.i32, 99);
  wasm_func_delete(fac);
}
END_TEST

static wasm_val_t echo(const char *name, wasm_val_t value) {
  wasm_func_t *func = function(instance, name);
  wasm_val_t to[1];
  wasm_val_vec_t args = {1, &value};
  wasm_val_vec_t results = WASM_ARRAY_VEC(to);
  wasm_trap_t *trap = wasm_func_call(func, &args, &results);
  ck_assert_ptr_null(trap);
  wasm_func_delete(func);
  return to[0];
}

START_TEST(references_come_back_as_the_same_object) {
  wasm_func_t *fac = function(instance, "fac");
  wasm_val_t func = {.kind = WASM_FUNCREF, .of = {.ref = wasm_func_as_ref(fac)}};
  wasm_val_t back = echo("echo_func", func);
  ck_assert(wasm_ref_same(back.of.ref, wasm_func_as_ref(fac)));
  wasm_val_delete(&back);
  wasm_foreign_t *foreign = wasm_foreign_new(store);
  wasm_val_t external = {.kind = WASM_EXTERNREF, .of = {.ref = wasm_foreign_as_ref(foreign)}};
  back = echo("echo_extern", external);
  ck_assert(wasm_ref_as_foreign(back.of.ref) == foreign);
  ck_assert_ptr_null(wasm_ref_as_func(back.of.ref));
  wasm_val_delete(&back);
  wasm_foreign_delete(foreign);
  // A module and a trap are no objects of a store, but can be referred to all the same.
  wasm_val_t module = {.kind = WASM_EXTERNREF,
                       .of = {.ref = wasm_module_as_ref(module_named("small.wasm"))}};
  back = echo("echo_extern", module);
  ck_assert(back.of.ref == module.of.ref);
  wasm_val_delete(&back);
  wasm_val_t null = {.kind = WASM_FUNCREF, .of = {.ref = NULL}};
  ck_assert_ptr_null(echo("echo_func", null).of.ref);
  wasm_func_delete(fac);
}
END_TEST

START_TEST(a_reference_to_something_else_is_no_function) {
  wasm_func_t *func = function(instance, "echo_func");
  wasm_foreign_t *foreign = wasm_foreign_new(store);
  wasm_val_t value = {.kind = WASM_FUNCREF, .of = {.ref = wasm_foreign_as_ref(foreign)}};
  wasm_val_t to[1];
  wasm_val_vec_t args = {1, &value};
  wasm_val_vec_t results = WASM_ARRAY_VEC(to);
  wasm_trap_t *trap = wasm_func_call(func, &args, &results);
  expect_message(trap, "funcref was expected");
  wasm_trap_delete(trap);
  wasm_foreign_delete(foreign);
  wasm_func_delete(func);
}
END_TEST

START_TEST(cells_pass_vectors) {
  wasm_func_t *vector = function(instance, "vector");
  ck_assert_uint_eq(wasmaot_func_cells(vector), 3);
  _Alignas(16) wasmaot_cell_t cells[3] = {
      {.i64 = 0x0000000200000001}, {.i64 = 0x0000000400000003}, {.i64 = 10}};
  ck_assert_ptr_null(wasmaot_func_call_cells(vector, cells));
  ck_assert(cells[0].i64 == 0x0000000c0000000b && cells[1].i64 == 0x0000000e0000000d);
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  wasm_trap_t *trap = wasm_func_call(vector, &none, &none);
  expect_message(trap, "wasmaot_func_call_cells");
  wasm_trap_delete(trap);
  wasm_func_delete(vector);
}
END_TEST

static wasm_trap_t *sum_cells(void *env, const wasmaot_caller_t *caller, wasmaot_cell_t *cells) {
  (void)env;
  uint8_t *data;
  size_t size;
  ck_assert(!wasmaot_caller_memory(caller, &data, &size));
  cells[0].i64 = cells[0].i32 + cells[1].i64;
  return NULL;
}

START_TEST(the_host_may_call_the_host) {
  wasm_functype_t *type =
      wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_i64(), wasm_valtype_new_i64());
  wasm_func_t *sum = wasmaot_func_new_cells(store, type, sum_cells, NULL, NULL);
  wasm_val_t from[2] = {WASM_I32_VAL(40), WASM_I64_VAL(2)};
  wasm_val_t to[1];
  wasm_val_vec_t args = WASM_ARRAY_VEC(from);
  wasm_val_vec_t results = WASM_ARRAY_VEC(to);
  ck_assert_ptr_null(wasm_func_call(sum, &args, &results));
  ck_assert(to[0].of.i64 == 42);
  wasm_functype_t *again = wasm_func_type(sum);
  ck_assert_uint_eq(wasm_functype_params(again)->size, 2);
  wasm_functype_delete(again);
  wasm_functype_delete(type);
  wasm_func_delete(sum);
}
END_TEST

static wasm_trap_t *peek(void *env, const wasmaot_caller_t *caller, const wasm_val_vec_t *args,
                         wasm_val_vec_t *results) {
  uint8_t *data;
  size_t size;
  ck_assert(wasmaot_caller_memory(caller, &data, &size));
  ck_assert_uint_eq(size, 65536);
  wasm_extern_t *memory = wasmaot_caller_export(caller, store, "memory");
  ck_assert_ptr_eq(wasm_memory_data(wasm_extern_as_memory(memory)), (char *)data);
  *(wasm_extern_t **)env = memory;
  results->data[0].of.i32 = args->data[0].of.i32; // its kind is set already
  return NULL;
}

START_TEST(start_functions_may_hand_out_their_exports) {
  wasm_extern_t *memory = NULL;
  wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t *f = wasmaot_func_new(store, type, peek, &memory, NULL);
  wasm_functype_delete(type);
  wasm_extern_t *externs[1] = {wasm_func_as_extern(f)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t *made = wasm_instance_new(store, module_named("start.wasm"), &imports, NULL);
  ck_assert_ptr_nonnull(made);
  wasm_func_delete(f);
  wasm_extern_t *again = wasmaot_instance_export(made, "memory");
  ck_assert(wasm_extern_same(memory, again));
  wasm_instance_delete(made);
  wasm_extern_delete(again);
  // The handle keeps the instance.
  ck_assert(wasm_memory_grow(wasm_extern_as_memory(memory), 1));
  wasm_extern_delete(memory);
}
END_TEST

START_TEST(imports_that_do_not_match_are_told) {
  wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t *f = wasm_func_new_with_env(store, type, host_f, &instance, NULL);
  wasm_functype_delete(type);
  wasm_extern_t *externs[1] = {wasm_func_as_extern(f)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_extern_vec_t none = WASM_EMPTY_VEC;
  wasm_trap_t *trap = NULL;
  ck_assert_ptr_null(wasm_instance_new(store, module_named("start.wasm"), &none, &trap));
  expect_message(trap, "0 imports given to a module that has 1");
  wasm_trap_delete(trap);
  // An import of another type.
  wasm_instance_t *other = instance_of("small.wasm");
  wasm_func_t *fac = function(instance, "nop");
  externs[0] = wasm_func_as_extern(fac);
  ck_assert_ptr_null(wasm_instance_new(store, module_named("start.wasm"), &imports, &trap));
  expect_message(trap, "incompatible import type");
  wasm_trap_delete(trap);
  externs[0] = NULL;
  ck_assert_ptr_null(wasm_instance_new(store, module_named("start.wasm"), &imports, &trap));
  expect_message(trap, "import 0 is missing");
  wasm_trap_delete(trap);
  wasm_instance_delete(other);
  wasm_func_delete(fac);
  wasm_func_delete(f);
}
END_TEST

static void add(TCase *tcase) {
  tcase_add_test(tcase, passes_values_of_every_number);
  tcase_add_test(tcase, passes_more_values_than_a_few);
  tcase_add_test(tcase, calls_nest);
  tcase_add_test(tcase, traps_have_code_message_and_frames);
  tcase_add_test(tcase, frames_know_their_instances);
  tcase_add_test(tcase, a_host_functions_trap_reaches_the_caller);
  tcase_add_test(tcase, a_nested_trap_reaches_the_outermost_caller_with_all_frames);
  tcase_add_test(tcase, an_exit_is_a_trap_with_a_status);
  tcase_add_test(tcase, a_host_functions_wrong_result_is_a_trap);
  tcase_add_test(tcase, arguments_that_do_not_fit_are_refused);
  tcase_add_test(tcase, references_come_back_as_the_same_object);
  tcase_add_test(tcase, a_reference_to_something_else_is_no_function);
  tcase_add_test(tcase, cells_pass_vectors);
  tcase_add_test(tcase, the_host_may_call_the_host);
  tcase_add_test(tcase, start_functions_may_hand_out_their_exports);
  tcase_add_test(tcase, imports_that_do_not_match_are_told);
}

int main(void) {
  return run_tests_with("api calls", add, make_instance, delete_instance);
}
