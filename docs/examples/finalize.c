/* Host information and its finalizer: an instance ends when nobody can reach it any more. */
#include "example.h"

enum { INSTANCES = 50000 };

static int ended;

static void count(void *info) {
  (void)info;
  ended++;
}

int main(int argc, char **argv) {
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile_file(store, argc > 1 ? argv[1] : "finalize.wasm");
  wasm_extern_vec_t imports = WASM_EMPTY_VEC;
  for (int i = 0; i < INSTANCES; i++) {
    wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
    check(instance != NULL, "cannot instantiate");
    wasm_instance_set_host_info_with_finalizer(instance, NULL, count);
    wasm_instance_delete(instance);
  }
  printf("%d of %d ended\n", ended, INSTANCES);

  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
  wasm_instance_set_host_info_with_finalizer(instance, NULL, count);
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_instance_delete(instance);
  printf("with its exports in use: %d\n", ended);
  wasm_extern_vec_delete(&exports);
  printf("without: %d\n", ended);

  wasm_foreign_t *foreign = wasm_foreign_new(store);
  wasm_foreign_set_host_info_with_finalizer(foreign, NULL, count);
  wasm_store_delete(store); /* ends all that is left */
  printf("with the store: %d\n", ended);
  wasm_foreign_delete(foreign);
  wasm_module_delete(module);
  wasm_engine_delete(engine);
  return 0;
}
