// consumer FILE: counts the exports of FILE, an object, or a module that it compiles.
#include <wasm.h>
#include <wasmaot.h>

#include <stdio.h>
#include <string.h>

static int fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, wasmaot_last_error_message());
  return 1;
}

static wasm_module_t *load(wasm_store_t *store, const char *path) {
  static char bytes[1 << 20];
  wasm_module_t *module = NULL;
  FILE *file = fopen(path, "rb");
  wasm_byte_vec_t vec = {file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0, bytes};
  if (file != NULL) {
    fclose(file);
  }
  if (vec.size >= 4 && memcmp(bytes, "\0asm", 4) == 0) {
    return wasm_module_new(store, &vec);
  }
  wasmaot_error_t *error = wasmaot_module_load_file(path, &module);
  if (error != NULL) {
    fprintf(stderr, "%s\n", wasmaot_error_message(error));
  }
  return module;
}

int main(int argc, char **argv) {
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = argc > 1 ? load(store, argv[1]) : NULL;
  if (module == NULL) {
    return fail("module");
  }
  wasm_exporttype_vec_t exports;
  wasm_module_exports(module, &exports);
  printf("wasmaot %s: %zu exports\n", wasmaot_version(), exports.size);
  wasm_exporttype_vec_delete(&exports);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
