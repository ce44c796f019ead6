/* A compiled module as bytes: compile once, keep, load anywhere on hosts of this kind. */
#include "example.h"

int main(int argc, char **argv) {
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile_file(store, argc > 1 ? argv[1] : "serialize.wasm");
  wasm_byte_vec_t bytes;
  wasm_module_serialize(module, &bytes);
  wasm_module_delete(module);
  printf("serialized to %s\n", bytes.size > 0 ? "bytes" : "nothing");

  module = wasm_module_deserialize(store, &bytes);
  check(module != NULL, "cannot deserialize");
  bytes.size /= 2;
  wasm_module_t *half = wasm_module_deserialize(store, &bytes);
  printf("half of them: %s\n", half == NULL ? "refused" : "accepted");
  wasm_byte_vec_delete(&bytes);

  wasm_extern_vec_t imports = WASM_EMPTY_VEC;
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
  check(instance != NULL, "cannot instantiate");
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  printf("answer() = %d\n", call_i32(wasm_extern_as_func(exports.data[0]), 0, 0, 0));
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
