#include "support.h"

#include <stdio.h>
#include <stdlib.h>

wasm_engine_t *engine;
wasm_store_t *store;

static struct {
  char name[32];
  wasm_module_t *module;
} modules[16];

void setup(void) {
  wasm_config_t *config = wasm_config_new();
  ck_assert(wasmaot_config_set_optimization(config, 1));
  ck_assert(wasmaot_config_set_cpu(config, "baseline"));
  engine = wasm_engine_new_with_config(config);
  store = wasm_store_new(engine);
  ck_assert_ptr_nonnull(store);
}

void teardown(void) {
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  forget_modules();
}

wasm_byte_vec_t read_module(const char *name) {
  char path[512];
  wasm_byte_vec_t bytes;
  (void)snprintf(path, sizeof path, "%s/%s", MODULE_DIR, name);
  FILE *file = fopen(path, "rb");
  ck_assert_msg(file != NULL, "%s", path);
  ck_assert(fseek(file, 0, SEEK_END) == 0);
  wasm_byte_vec_new_uninitialized(&bytes, (size_t)ftell(file));
  rewind(file);
  ck_assert(fread(bytes.data, 1, bytes.size, file) == bytes.size);
  (void)fclose(file);
  return bytes;
}

wasm_module_t *module_named(const char *name) {
  size_t i = 0;
  for (; modules[i].module != NULL; i++) {
    if (strcmp(modules[i].name, name) == 0) {
      return modules[i].module;
    }
  }
  wasm_byte_vec_t bytes = read_module(name);
  (void)snprintf(modules[i].name, sizeof modules[i].name, "%s", name);
  modules[i].module = wasm_module_new(store, &bytes);
  ck_assert_msg(modules[i].module != NULL, "%s", wasmaot_last_error_message());
  wasm_byte_vec_delete(&bytes);
  return modules[i].module;
}

void forget_modules(void) {
  for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++) {
    wasm_module_delete(modules[i].module);
    modules[i].module = NULL;
  }
}

wasm_instance_t *instance_of(const char *name) {
  wasm_extern_vec_t none = WASM_EMPTY_VEC;
  wasm_trap_t *trap = NULL;
  wasm_instance_t *instance = wasm_instance_new(store, module_named(name), &none, &trap);
  ck_assert_msg(instance != NULL, "%s", wasmaot_last_error_message());
  ck_assert_ptr_null(trap);
  return instance;
}

wasm_func_t *function(const wasm_instance_t *instance, const char *name) {
  wasm_func_t *func = wasm_extern_as_func(wasmaot_instance_export(instance, name));
  ck_assert_msg(func != NULL, "%s: %s", name, wasmaot_last_error_message());
  return func;
}

int32_t call_i32(const wasm_func_t *func, size_t count, const int32_t *values) {
  wasm_val_t args[4];
  wasm_val_t results[1];
  for (size_t i = 0; i < count; i++) {
    args[i] = (wasm_val_t)WASM_I32_VAL(values[i]);
  }
  wasm_val_vec_t from = {count, args};
  wasm_val_vec_t to = WASM_ARRAY_VEC(results);
  wasm_trap_t *trap = wasm_func_call(func, &from, &to);
  if (trap != NULL) {
    expect_message(trap, "(no trap)");
  }
  ck_assert(results[0].kind == WASM_I32);
  return results[0].of.i32;
}

void expect_message(const wasm_trap_t *trap, const char *part) {
  ck_assert_ptr_nonnull(trap);
  wasm_message_t message;
  wasm_trap_message(trap, &message);
  ck_assert(message.size > 0 && message.data[message.size - 1] == '\0');
  ck_assert_msg(strstr(message.data, part) != NULL, "\"%s\" lacks \"%s\"", message.data, part);
  wasm_name_delete(&message);
}

void expect_error(wasmaot_error_t *error, const char *part) {
  ck_assert_ptr_nonnull(error);
  const char *message = wasmaot_error_message(error);
  ck_assert_msg(strstr(message, part) != NULL, "\"%s\" lacks \"%s\"", message, part);
  ck_assert(wasmaot_error_kind(error) != WASMAOT_ERROR_NONE);
  wasmaot_error_delete(error);
}

void expect_ok(wasmaot_error_t *error) {
  ck_assert_msg(error == NULL, "%s", wasmaot_error_message(error));
}

int run_tests(const char *name, void (*add)(TCase *)) {
  return run_tests_with(name, add, setup, teardown);
}

int run_tests_with(const char *name, void (*add)(TCase *), void (*before)(void),
                   void (*after)(void)) {
  Suite *suite = suite_create(name);
  TCase *tcase = tcase_create(name);
  tcase_add_checked_fixture(tcase, before, after);
  tcase_set_timeout(tcase, 120);
  add(tcase);
  suite_add_tcase(suite, tcase);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
