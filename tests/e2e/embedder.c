// embedder FILE EXPORT ARGUMENT: calls an export that takes and returns an i32, over libwasmaot;
// FILE is an artifact, or a module, which is compiled with its debug information.
#include "include/wasmaot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_module(const void *bytes, size_t size) {
  return size > 4 && memcmp(bytes, "\0asm", 4) == 0;
}

static void *read_file(const char *path, size_t *size) {
  static char bytes[1 << 20];
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    return NULL;
  }
  *size = fread(bytes, 1, sizeof bytes, file);
  (void)fclose(file);
  return bytes;
}

static int fail(const char *message) {
  (void)fprintf(stderr, "embedder: %s\n", message);
  return 1;
}

int main(int argc, char **argv) {
  size_t size = 0;
  void *bytes = argc == 4 ? read_file(argv[1], &size) : NULL;
  wasm_config_t *config = wasm_config_new();
  if (bytes == NULL || config == NULL || !wasmaot_config_set_debug_info(config, true)) {
    return fail("usage: embedder FILE EXPORT ARGUMENT");
  }
  wasm_engine_t *engine = wasm_engine_new_with_config(config);
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = NULL;
  wasmaot_error_t *error = is_module(bytes, size)
                               ? wasmaot_module_new(engine, bytes, size, &module)
                               : wasmaot_module_load(bytes, size, "app", &module);
  if (error != NULL) {
    return fail(wasmaot_error_message(error));
  }
  wasm_extern_vec_t none = WASM_EMPTY_VEC;
  wasm_instance_t *instance = wasm_instance_new(store, module, &none, NULL);
  wasm_extern_t *found = instance == NULL ? NULL : wasmaot_instance_export(instance, argv[2]);
  if (found == NULL) {
    return fail("no such export");
  }
  wasmaot_cell_t cells[1] = {{.i32 = atoi(argv[3])}};
  wasm_trap_t *trap = wasmaot_func_call_cells(wasm_extern_as_func(found), cells);
  printf("%s %d\n", trap == NULL ? "result" : "trap", cells[0].i32);
  return 0;
}
