/* A WASI program: what it may see, what it wrote, how it ended. */
#include "example.h"

int main(int argc, char **argv) {
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile_file(store, argc > 1 ? argv[1] : "wasi.wasm");

  /* Its standard output is a temporary file; nothing else is granted. */
  FILE *out = tmpfile();
  check(out != NULL, "tmpfile");
  wasmaot_wasi_config_t *config = wasmaot_wasi_config_new();
  check(wasmaot_wasi_config_arg(config, "program") &&
            wasmaot_wasi_config_arg(config, "words for the program") &&
            wasmaot_wasi_config_stdio(config, 1, fileno(out)),
        "cannot configure");
  wasmaot_linker_t *linker = wasmaot_linker_new(store);
  need(wasmaot_linker_define_wasi(linker, config));
  wasmaot_wasi_config_delete(config);

  wasmaot_group_t *group;
  wasm_trap_t *trap;
  int status;
  need(wasmaot_group_new(NULL, &group));
  need(wasmaot_group_run_command(group, linker, module, &status, &trap));
  if (trap != NULL) {
    print_trap(trap);
  }

  char text[128];
  rewind(out);
  size_t size = fread(text, 1, sizeof text, out);
  printf("it wrote: %.*s", (int)size, text);
  printf("its exit status: %d\n", status);

  fclose(out);
  wasmaot_group_delete(group);
  wasmaot_linker_delete(linker);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
