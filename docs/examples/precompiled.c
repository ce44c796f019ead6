/* An artifact of `wasmaot compile`, loaded from a file: no compiler is needed where this runs. */
#include "example.h"

/* Reads its caller's memory: checks what the guest says before it uses it. */
static wasm_trap_t *print(void *env, const wasmaot_caller_t *caller, wasmaot_cell_t *cells) {
  uint8_t *data;
  size_t size;
  size_t at = (uint32_t)cells[0].i32;
  (void)env;
  if (!wasmaot_caller_memory(caller, &data, &size) || at >= size ||
      memchr(data + at, 0, size - at) == NULL) {
    return wasmaot_trap_new_exit(1);
  }
  printf("%s\n", (const char *)data + at);
  return NULL;
}

int main(int argc, char **argv) {
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module;
  need(wasmaot_module_load_file(argc > 1 ? argv[1] : "precompiled.o", &module));
  wasmaot_linker_t *linker = wasmaot_linker_new(store);
  wasm_functype_t *type = wasm_functype_new_1_0(wasm_valtype_new_i32());
  wasm_func_t *func = wasmaot_func_new_cells(store, type, print, NULL, NULL);
  wasm_functype_delete(type);
  need(wasmaot_linker_define(linker, "host", "print", wasm_func_as_extern(func)));
  wasm_func_delete(func);

  wasm_instance_t *instance;
  wasm_trap_t *trap;
  need(wasmaot_linker_instantiate(linker, module, &instance, &trap));
  check(instance != NULL, "it trapped");
  wasmaot_linker_delete(linker);
  wasm_extern_t *run = wasmaot_instance_export(instance, "run");
  check(run != NULL, "run");
  (void)call_i32(wasm_extern_as_func(run), 0, 0, 0);

  wasm_extern_delete(run);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
