// Modules: compiling, describing, writing out and reading back.
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(describes_imports_and_exports) {
  wasm_importtype_vec_t imports;
  wasm_exporttype_vec_t exports;
  wasm_module_imports(module_named("basics.wasm"), &imports);
  wasm_module_exports(module_named("basics.wasm"), &exports);
  ck_assert_uint_eq(imports.size, 2);
  ck_assert(memcmp(wasm_importtype_module(imports.data[1])->data, "host", 4) == 0);
  ck_assert(wasm_externtype_kind(wasm_importtype_type(imports.data[1])) == WASM_EXTERN_GLOBAL);
  ck_assert_uint_eq(exports.size, 16);
  const wasm_memorytype_t *memory =
      wasm_externtype_as_memorytype_const(wasm_exporttype_type(exports.data[0]));
  ck_assert(wasm_memorytype_limits(memory)->min == 1 && wasm_memorytype_limits(memory)->max == 4);
  const wasm_tabletype_t *table =
      wasm_externtype_as_tabletype_const(wasm_exporttype_type(exports.data[1]));
  ck_assert(wasm_valtype_kind(wasm_tabletype_element(table)) == WASM_FUNCREF);
  wasm_importtype_vec_delete(&imports);
  wasm_exporttype_vec_delete(&exports);
}
END_TEST

START_TEST(describes_what_only_wasmaot_has) {
  wasm_exporttype_vec_t exports;
  wasm_module_exports(module_named("tags.wasm"), &exports);
  const wasm_externtype_t *first = wasm_exporttype_type(exports.data[0]);
  ck_assert(wasm_externtype_kind(first) == WASMAOT_EXTERN_TAG);
  const wasmaot_tagtype_t *tag = wasmaot_externtype_as_tagtype(first);
  ck_assert_uint_eq(wasm_functype_params(wasmaot_tagtype_functype(tag))->size, 1);
  const wasm_memorytype_t *memory =
      wasm_externtype_as_memorytype_const(wasm_exporttype_type(exports.data[1]));
  ck_assert(wasmaot_memorytype_limits(memory).index64);
  wasm_exporttype_vec_delete(&exports);
}
END_TEST

START_TEST(validates) {
  wasm_byte_vec_t good = read_module("small.wasm");
  ck_assert(wasm_module_validate(store, &good));
  expect_ok(wasmaot_module_validate(good.data, good.size));
  good.size--;
  ck_assert(!wasm_module_validate(store, &good));
  ck_assert_ptr_null(wasm_module_new(store, &good));
  ck_assert(wasmaot_last_error_kind() == WASMAOT_ERROR_MALFORMED);
  expect_error(wasmaot_module_validate(good.data, good.size), "");
  wasm_byte_vec_delete(&good);
  wasm_byte_vec_t empty = WASM_EMPTY_VEC;
  ck_assert(!wasm_module_validate(store, &empty));
}
END_TEST

// What an engine was told not to allow it neither compiles, validates nor takes compiled.
START_TEST(proposals_can_be_off) {
  wasm_config_t *config = wasm_config_new();
  ck_assert(!wasmaot_config_set_features(config, "-simt"));
  ck_assert(wasmaot_config_set_features(config, "-threads"));
  wasm_engine_t *strict = wasm_engine_new_with_config(config);
  wasm_store_t *strict_store = wasm_store_new(strict);
  wasm_byte_vec_t shared = read_module("shared.wasm"), object;
  static const char why[] = "the proposal threads, which is switched off";
  ck_assert(wasm_module_validate(store, &shared));
  ck_assert(!wasm_module_validate(strict_store, &shared));
  ck_assert_ptr_null(wasm_module_new(strict_store, &shared));
  ck_assert(strstr(wasmaot_last_error_message(), why) != NULL);
  wasm_module_t *module = wasm_module_new(store, &shared);
  ck_assert_ptr_nonnull(module);
  wasm_module_serialize(module, &object);
  ck_assert_ptr_null(wasm_module_deserialize(strict_store, &object));
  ck_assert(strstr(wasmaot_last_error_message(), why) != NULL);
  ck_assert(wasmaot_last_error_kind() == WASMAOT_ERROR_REFUSED);
  wasm_module_delete(module);
  wasm_byte_vec_delete(&shared);
  wasm_byte_vec_delete(&object);
  wasm_store_delete(strict_store);
  wasm_engine_delete(strict);
}
END_TEST

static int32_t run_small(const wasm_module_t *module) {
  wasm_extern_vec_t none = WASM_EMPTY_VEC;
  wasm_instance_t *instance = wasm_instance_new(store, module, &none, NULL);
  ck_assert_msg(instance != NULL, "%s", wasmaot_last_error_message());
  wasm_func_t *run = function(instance, "run");
  int32_t at = 16;
  int32_t result = call_i32(run, 1, &at);
  wasm_func_delete(run);
  wasm_instance_delete(instance);
  return result;
}

START_TEST(is_what_it_was_after_a_round_trip) {
  wasm_byte_vec_t bytes;
  wasm_module_serialize(module_named("small.wasm"), &bytes);
  ck_assert(bytes.size > 0);
  wasm_module_t *module = wasm_module_deserialize(store, &bytes);
  ck_assert_msg(module != NULL, "%s", wasmaot_last_error_message());
  wasm_byte_vec_t again;
  wasm_module_serialize(module, &again);
  ck_assert(again.size == bytes.size && memcmp(again.data, bytes.data, bytes.size) == 0);
  wasm_byte_vec_delete(&bytes);
  ck_assert_int_eq(run_small(module), 'h');
  wasm_module_delete(module);
  wasm_byte_vec_delete(&again);
}
END_TEST

START_TEST(loads_files) {
  char path[] = "/tmp/wasmaot-api-XXXXXX";
  int fd = mkstemp(path);
  wasm_byte_vec_t bytes;
  wasm_module_t *module = NULL;
  wasm_module_serialize(module_named("small.wasm"), &bytes);
  ck_assert(write(fd, bytes.data, bytes.size) == (ssize_t)bytes.size);
  ck_assert(close(fd) == 0);
  expect_ok(wasmaot_module_load_file(path, &module));
  ck_assert(unlink(path) == 0);
  ck_assert_int_eq(run_small(module), 'h');
  wasm_byte_vec_t again;
  wasm_module_serialize(module, &again);
  ck_assert(again.size == bytes.size && memcmp(again.data, bytes.data, bytes.size) == 0);
  wasm_module_delete(module);
  expect_error(wasmaot_module_load_file(path, &module), "No such file");
  wasm_byte_vec_delete(&bytes);
  wasm_byte_vec_delete(&again);
}
END_TEST

START_TEST(refuses_what_is_not_an_artifact) {
  wasm_byte_vec_t wasm = read_module("small.wasm");
  wasm_byte_vec_t artifact;
  wasm_byte_vec_t empty = WASM_EMPTY_VEC;
  wasm_module_serialize(module_named("small.wasm"), &artifact);
  ck_assert_ptr_null(wasm_module_deserialize(store, &wasm));
  ck_assert_ptr_null(wasm_module_deserialize(store, &empty));
  // Native code is never taken where a module is expected.
  ck_assert_ptr_null(wasm_module_new(store, &artifact));
  ck_assert(strstr(wasmaot_last_error_message(), "wasm_module_deserialize") != NULL);
  wasm_byte_vec_delete(&wasm);
  wasm_byte_vec_delete(&artifact);
}
END_TEST

// Everything but the code, which is trusted, may be damaged: it is refused, or it loads and its
// metadata is sound enough to be read.
START_TEST(survives_damaged_artifacts) {
  wasm_byte_vec_t bytes;
  unsigned refused = 0;
  unsigned seed = 1;
  wasm_module_serialize(module_named("basics.wasm"), &bytes);
  for (size_t size = 0; size < bytes.size; size += 97) {
    wasm_byte_vec_t cut = {size, bytes.data};
    ck_assert_ptr_null(wasm_module_deserialize(store, &cut));
  }
  for (int i = 0; i < 2000; i++) {
    seed = seed * 1103515245u + 12345u;
    size_t at = (seed >> 8) % bytes.size;
    char old = bytes.data[at];
    bytes.data[at] = (char)(old ^ (1 << (seed & 7)));
    wasm_module_t *module = wasm_module_deserialize(store, &bytes);
    refused += module == NULL;
    if (module != NULL) {
      wasm_importtype_vec_t imports;
      wasm_exporttype_vec_t exports;
      wasm_module_imports(module, &imports);
      wasm_module_exports(module, &exports);
      wasm_importtype_vec_delete(&imports);
      wasm_exporttype_vec_delete(&exports);
      wasm_module_delete(module);
    }
    bytes.data[at] = old;
  }
  ck_assert_uint_gt(refused, 20);
  wasm_byte_vec_delete(&bytes);
}
END_TEST

START_TEST(shares) {
  wasm_shared_module_t *shared = wasm_module_share(module_named("small.wasm"));
  wasm_store_t *other = wasm_store_new(engine);
  wasm_module_t *obtained = wasm_module_obtain(other, shared);
  wasm_shared_module_delete(shared);
  ck_assert_int_eq(run_small(obtained), 'h');
  wasm_module_delete(obtained);
  wasm_store_delete(other);
}
END_TEST

START_TEST(says_what_is_wrong_with_options) {
  wasm_config_t *config = wasm_config_new();
  ck_assert(!wasmaot_config_set_optimization(config, 4));
  ck_assert(strstr(wasmaot_last_error_message(), "0 to 3") != NULL);
  ck_assert(wasmaot_config_set_cpu(config, "no-such-cpu"));
  wasm_engine_t *wrong = wasm_engine_new_with_config(config);
  wasm_byte_vec_t bytes = read_module("small.wasm");
  wasm_module_t *module = NULL;
  expect_error(wasmaot_module_new(wrong, bytes.data, bytes.size, &module), "no-such-cpu");
  wasm_byte_vec_delete(&bytes);
  wasm_engine_delete(wrong);
}
END_TEST

// Compiles small.wasm with a budget.
static wasmaot_error_t *compile_within(uint64_t memory, uint64_t time, wasm_module_t **module) {
  wasm_config_t *config = wasm_config_new();
  ck_assert(wasmaot_config_set_max_compile_memory(config, memory));
  ck_assert(wasmaot_config_set_max_compile_time(config, time));
  wasm_engine_t *small = wasm_engine_new_with_config(config);
  wasm_byte_vec_t bytes = read_module("small.wasm");
  wasmaot_error_t *error = wasmaot_module_new(small, bytes.data, bytes.size, module);
  wasm_byte_vec_delete(&bytes);
  wasm_engine_delete(small);
  return error;
}

START_TEST(compiling_has_a_budget) {
  wasm_module_t *module = NULL;
  expect_error(compile_within(1, 0, &module), "more memory than the 1 bytes");
  expect_error(compile_within(0, 1, &module), "longer than it may");
  ck_assert_ptr_null(module);
  ck_assert_ptr_null(compile_within(UINT64_C(1) << 40, UINT64_C(1) << 50, &module));
  wasm_module_delete(module);
}
END_TEST

START_TEST(limits_of_the_engine_hold) {
  wasm_config_t *config = wasm_config_new();
  ck_assert(wasmaot_config_set_max_memory(config, 2 * 65536));
  ck_assert(wasmaot_config_set_max_table(config, 3));
  wasm_engine_t *small = wasm_engine_new_with_config(config);
  wasm_store_t *inside = wasm_store_new(small);
  wasm_engine_delete(small);
  wasm_extern_vec_t none = WASM_EMPTY_VEC;
  wasm_instance_t *instance = wasm_instance_new(inside, module_named("small.wasm"), &none, NULL);
  wasm_memory_t *memory = wasm_extern_as_memory(wasmaot_instance_export(instance, "memory"));
  ck_assert(wasm_memory_grow(memory, 1));
  ck_assert(!wasm_memory_grow(memory, 1));
  wasm_limits_t four = {4, 4};
  wasm_tabletype_t *type = wasm_tabletype_new(wasm_valtype_new_externref(), &four);
  ck_assert_ptr_null(wasm_table_new(inside, type, NULL));
  wasm_tabletype_delete(type);
  wasm_memory_delete(memory);
  wasm_instance_delete(instance);
  wasm_store_delete(inside);
}
END_TEST

START_TEST(says_when_there_is_no_compiler) {
  wasm_byte_vec_t bytes = read_module("small.wasm");
  ck_assert(setenv("WASMAOT_COMPILER_LIBRARY", "/nowhere/libwasmaot-compiler.so", 1) == 0);
  expect_error(wasmaot_compiler_available(), "/nowhere");
  ck_assert_ptr_null(wasm_module_new(store, &bytes));
  ck_assert(strstr(wasmaot_last_error_message(), "compiler library") != NULL);
  // Validation does without.
  ck_assert(wasm_module_validate(store, &bytes));
  wasm_byte_vec_delete(&bytes);
}
END_TEST

static void add(TCase *tcase) {
  tcase_add_test(tcase, describes_imports_and_exports);
  tcase_add_test(tcase, describes_what_only_wasmaot_has);
  tcase_add_test(tcase, validates);
  tcase_add_test(tcase, proposals_can_be_off);
  tcase_add_test(tcase, is_what_it_was_after_a_round_trip);
  tcase_add_test(tcase, loads_files);
  tcase_add_test(tcase, refuses_what_is_not_an_artifact);
  tcase_add_test(tcase, survives_damaged_artifacts);
  tcase_add_test(tcase, shares);
  tcase_add_test(tcase, says_what_is_wrong_with_options);
  tcase_add_test(tcase, compiling_has_a_budget);
  tcase_add_test(tcase, limits_of_the_engine_hold);
  tcase_add_test(tcase, says_when_there_is_no_compiler);
}

int main(void) {
  return run_tests("api modules", add);
}
