/* A start function that traps: there is no instance, and a trap says why. */
#include "example.h"

int main(int argc, char **argv) {
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile_file(store, argc > 1 ? argv[1] : "start.wasm");
  wasm_extern_vec_t imports = WASM_EMPTY_VEC;
  wasm_trap_t *trap = NULL;
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, &trap);
  check(instance == NULL && trap != NULL, "it was to trap");
  print_trap(trap);
  wasm_frame_t *origin = wasm_trap_origin(trap);
  printf("in function %u\n", wasm_frame_func_index(origin));
  wasm_frame_delete(origin);
  wasm_trap_delete(trap);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
