/* What the examples share: reading a file, and ending with a message. C and C++. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include "wasm.h"
#include "wasmaot.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef __cplusplus
#define EXAMPLE_UNUSED [[maybe_unused]]
#else
#define EXAMPLE_UNUSED __attribute__((unused))
#endif

EXAMPLE_UNUSED static void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, wasmaot_last_error_message());
  exit(1);
}

EXAMPLE_UNUSED static void check(bool ok, const char *what) {
  if (!ok) {
    fail(what);
  }
}

EXAMPLE_UNUSED static void read_file(const char *path, wasm_byte_vec_t *bytes) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
    perror(path);
    exit(1);
  }
  wasm_byte_vec_new_uninitialized(bytes, (size_t)ftell(file));
  rewind(file);
  if (fread(bytes->data, 1, bytes->size, file) != bytes->size) {
    perror(path);
    exit(1);
  }
  fclose(file);
}

/* Compiles the module in a file. */
EXAMPLE_UNUSED static wasm_module_t *compile_file(wasm_store_t *store, const char *path) {
  wasm_byte_vec_t bytes;
  read_file(path, &bytes);
  wasm_module_t *module = wasm_module_new(store, &bytes);
  wasm_byte_vec_delete(&bytes);
  check(module != NULL, path);
  return module;
}

/* Says why and ends when there is an error; deletes nothing, as the program ends. */
EXAMPLE_UNUSED static void need(wasmaot_error_t *error) {
  if (error != NULL) {
    fprintf(stderr, "%s\n", wasmaot_error_message(error));
    exit(1);
  }
}

EXAMPLE_UNUSED static void print_trap(const wasm_trap_t *trap) {
  wasm_message_t message;
  wasm_trap_message(trap, &message);
  printf("trap: %s\n", message.data);
  wasm_name_delete(&message);
}

/* Calls with one i32 and gives the i32 that comes back; ends on a trap. */
EXAMPLE_UNUSED static int32_t call_i32(const wasm_func_t *func, size_t count, int32_t a,
                                       int32_t b) {
  wasm_val_t args[2];
  wasm_val_t results[1];
  args[0].kind = args[1].kind = WASM_I32;
  args[0].of.i32 = a;
  args[1].of.i32 = b;
  wasm_val_vec_t from = {count, args};
  wasm_val_vec_t to = {1, results};
  wasm_trap_t *trap = wasm_func_call(func, &from, &to);
  if (trap != NULL) {
    print_trap(trap);
    exit(1);
  }
  return wasm_func_result_arity(func) == 0 ? 0 : results[0].of.i32;
}

#endif
