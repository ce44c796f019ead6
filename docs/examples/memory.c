/* Memory: bytes that both sides read and write, and where it ends. */
#include "example.h"

static void try_load(const wasm_func_t *load, int32_t at) {
  wasm_val_t from[1] = {WASM_I32_VAL(at)};
  wasm_val_t to[1] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(from);
  wasm_val_vec_t results = WASM_ARRAY_VEC(to);
  wasm_trap_t *trap = wasm_func_call(load, &args, &results);
  if (trap == NULL) {
    printf("load(%d) = %d\n", at, to[0].of.i32);
  } else {
    print_trap(trap);
    wasm_trap_delete(trap);
  }
}

int main(int argc, char **argv) {
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile_file(store, argc > 1 ? argv[1] : "memory.wasm");
  wasm_extern_vec_t imports = WASM_EMPTY_VEC;
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
  check(instance != NULL, "cannot instantiate");
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_memory_t *memory = wasm_extern_as_memory(exports.data[0]);
  const wasm_func_t *load = wasm_extern_as_func(exports.data[1]);
  const wasm_func_t *store_func = wasm_extern_as_func(exports.data[2]);

  byte_t *data = wasm_memory_data(memory);
  printf("%s in %zu bytes\n", data + 64, wasm_memory_data_size(memory));
  data[1000] = 42;
  try_load(load, 1000);
  (void)call_i32(store_func, 2, 1001, 43);
  printf("byte 1001 is %d\n", data[1001]);
  try_load(load, 65536);
  check(wasm_memory_grow(memory, 1), "cannot grow");
  printf("%u pages, %s\n", wasm_memory_size(memory),
         wasm_memory_data(memory) == data ? "at the same place" : "moved");
  try_load(load, 65536);
  printf("growing beyond the maximum: %s\n", wasm_memory_grow(memory, 1) ? "done" : "refused");

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
