/* Functions of the host with arguments, results, and an environment of their own. */
#include "example.h"

struct counter {
  int32_t value;
  int32_t step;
};

static wasm_trap_t *print(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  (void)results;
  printf("sum %d\n", args->data[0].of.i32);
  return NULL;
}

static wasm_trap_t *next(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  struct counter *counter = (struct counter *)env;
  (void)args;
  results->data[0].kind = WASM_I32;
  results->data[0].of.i32 = counter->value;
  counter->value += counter->step;
  return NULL;
}

static void free_counter(void *env) {
  printf("the counter ends at %d\n", ((struct counter *)env)->value);
  free(env);
}

int main(int argc, char **argv) {
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile_file(store, argc > 1 ? argv[1] : "callback.wasm");

  struct counter *counter = (struct counter *)malloc(sizeof *counter);
  check(counter != NULL, "malloc");
  counter->value = 1;
  counter->step = 10;
  wasm_functype_t *takes = wasm_functype_new_1_0(wasm_valtype_new_i32());
  wasm_functype_t *gives = wasm_functype_new_0_1(wasm_valtype_new_i32());
  wasm_func_t *print_func = wasm_func_new(store, takes, print);
  wasm_func_t *next_func = wasm_func_new_with_env(store, gives, next, counter, free_counter);
  wasm_functype_delete(takes);
  wasm_functype_delete(gives);

  wasm_extern_t *externs[2] = {wasm_func_as_extern(print_func), wasm_func_as_extern(next_func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
  check(instance != NULL, "cannot instantiate");
  wasm_func_delete(print_func);
  wasm_func_delete(next_func);

  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  (void)call_i32(wasm_extern_as_func(exports.data[0]), 1, 4, 0);
  wasm_extern_vec_delete(&exports);

  wasm_instance_delete(instance); /* and with it what it imported */
  printf("the instance is gone\n");
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
