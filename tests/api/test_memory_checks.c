// Modules that compare each access with the memory's size: where there is little address space, and
// linked with modules that need guard regions.
#include "support.h"

#include <string.h>
#include <sys/resource.h>

enum { INSTANCES = 64, PAGE = 65536 };

static void setup_explicit(void) {
  wasm_config_t *config = wasm_config_new();
  ck_assert(wasmaot_config_set_explicit_memory_checks(config, true));
  engine = wasm_engine_new_with_config(config);
  store = wasm_store_new(engine);
}

static wasm_module_t *compile(wasm_store_t *in, const char *name) {
  wasm_byte_vec_t bytes = read_module(name);
  wasm_module_t *module = wasm_module_new(in, &bytes);
  ck_assert_msg(module != NULL, "%s", wasmaot_last_error_message());
  wasm_byte_vec_delete(&bytes);
  return module;
}

static wasm_instance_t *instantiate(wasm_store_t *in, const wasm_module_t *module,
                                    const wasm_extern_vec_t *imports) {
  wasm_extern_vec_t none = WASM_EMPTY_VEC;
  return wasm_instance_new(in, module, imports == NULL ? &none : imports, NULL);
}

static int32_t run(const wasm_instance_t *instance, int32_t address, wasm_trap_t **trap) {
  wasm_func_t *func = function(instance, "run");
  wasm_val_t argument = WASM_I32_VAL(address), result = WASM_INIT_VAL;
  wasm_val_vec_t arguments = {1, &argument}, results = {1, &result};
  *trap = wasm_func_call(func, &arguments, &results);
  wasm_func_delete(func);
  return result.of.i32;
}

static void expect_bounds(const wasm_instance_t *instance) {
  const int32_t outside[] = {PAGE, PAGE + 1, 1 << 30, INT32_MAX, INT32_MIN, -1};
  wasm_trap_t *trap;
  ck_assert_int_eq(run(instance, 16, &trap), 'h');
  ck_assert_ptr_null(trap);
  ck_assert_int_eq(run(instance, PAGE - 1, &trap), 0);
  ck_assert_ptr_null(trap);
  for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
    (void)run(instance, outside[i], &trap);
    ck_assert_ptr_nonnull(trap);
    ck_assert_int_eq(wasmaot_trap_code(trap), WASMAOT_TRAP_MEMORY_OUT_OF_BOUNDS);
    wasm_trap_delete(trap);
  }
}

#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__ // whose shadow takes more
#define LITTLE_ADDRESS_SPACE
#endif

#ifdef LITTLE_ADDRESS_SPACE
// The address space of one guarded memory is not to be had; that of many without guards is.
START_TEST(with_little_address_space) {
  const struct rlimit limit = {(rlim_t)4 << 30, (rlim_t)4 << 30};
  wasm_module_t *module = compile(store, "little.wasm");
  wasm_instance_t *instances[INSTANCES];
  ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
  for (int i = 0; i < INSTANCES; i++) {
    instances[i] = instantiate(store, module, NULL);
    ck_assert_msg(instances[i] != NULL, "%d: %s", i, wasmaot_last_error_message());
    expect_bounds(instances[i]);
  }
  for (int i = 0; i < INSTANCES; i++) {
    wasm_instance_delete(instances[i]);
  }
  // Without a maximum: it gets a part of what there is, and may grow in that.
  wasm_module_t *large = compile(store, "small.wasm");
  wasm_instance_t *instance = instantiate(store, large, NULL);
  ck_assert_msg(instance != NULL, "%s", wasmaot_last_error_message());
  expect_bounds(instance);
  wasm_extern_t *memory = wasmaot_instance_export(instance, "memory");
  ck_assert(wasm_memory_grow(wasm_extern_as_memory(memory), 1000));
  ck_assert(!wasm_memory_grow(wasm_extern_as_memory(memory), 65535));
  wasm_trap_t *trap;
  (void)run(instance, 1000 * PAGE, &trap);
  ck_assert_ptr_null(trap);
  (void)run(instance, 1001 * PAGE, &trap);
  ck_assert_int_eq(wasmaot_trap_code(trap), WASMAOT_TRAP_MEMORY_OUT_OF_BOUNDS);
  wasm_trap_delete(trap);
  wasm_extern_delete(memory);
  wasm_instance_delete(instance);
  wasm_module_delete(large);
  wasm_module_delete(module);
}
END_TEST
#endif

// One that needs guards, compiled by another engine, in this store.
static wasm_module_t *guarded(const char *name) {
  wasm_engine_t *other = wasm_engine_new();
  wasm_store_t *there = wasm_store_new(other);
  wasm_module_t *module = compile(there, name);
  wasm_byte_vec_t object;
  wasm_module_serialize(module, &object);
  wasm_module_delete(module);
  wasm_store_delete(there);
  wasm_engine_delete(other);
  module = wasm_module_deserialize(store, &object);
  ck_assert_msg(module != NULL, "%s", wasmaot_last_error_message());
  wasm_byte_vec_delete(&object);
  return module;
}

START_TEST(linked_with_others) {
  wasm_module_t *exporter = compile(store, "little.wasm"),
                *exporter_guarded = guarded("little.wasm");
  wasm_module_t *importer = compile(store, "borrow.wasm"),
                *importer_guarded = guarded("borrow.wasm");
  wasm_instance_t *one = instantiate(store, exporter, NULL);
  wasm_instance_t *two = instantiate(store, exporter_guarded, NULL);
  ck_assert(one != NULL && two != NULL);
  wasm_extern_t *bare = wasmaot_instance_export(one, "memory");
  wasm_extern_t *safe = wasmaot_instance_export(two, "memory");
  wasm_extern_vec_t imports = {1, &bare};
  wasm_instance_t *good = instantiate(store, importer, &imports);
  ck_assert_msg(good != NULL, "%s", wasmaot_last_error_message());
  expect_bounds(good);
  wasm_instance_delete(good);
  // Its accesses beyond would be to whatever lies behind that memory.
  ck_assert_ptr_null(instantiate(store, importer_guarded, &imports));
  ck_assert_ptr_nonnull(strstr(wasmaot_last_error_message(), "the memory has no guard regions"));
  imports.data = &safe;
  const wasm_module_t *both[] = {importer, importer_guarded};
  for (int i = 0; i < 2; i++) {
    good = instantiate(store, both[i], &imports);
    ck_assert_msg(good != NULL, "%s", wasmaot_last_error_message());
    expect_bounds(good);
    wasm_instance_delete(good);
  }
  wasm_extern_delete(bare);
  wasm_extern_delete(safe);
  wasm_instance_delete(one);
  wasm_instance_delete(two);
  wasm_module_delete(exporter);
  wasm_module_delete(exporter_guarded);
  wasm_module_delete(importer);
  wasm_module_delete(importer_guarded);
}
END_TEST

static void add(TCase *tests) {
#ifdef LITTLE_ADDRESS_SPACE
  tcase_add_test(tests, with_little_address_space);
#endif
  tcase_add_test(tests, linked_with_others);
}

int main(void) {
  return run_tests_with("memory_checks", add, setup_explicit, teardown);
}
