// The whole compiler: a valid module becomes, at every level and for every machine, an object that
// the loader takes, or is refused in words. Nothing of it is run.
#include "tests/fuzz/fuzz.h"

#include "compiler/compile.h"
#include "loader/loader.h"

#include <stdbool.h>
#include <stdlib.h>

enum { LEVELS = 4 };

static const char *const other_machines[] = {"aarch64-linux-gnu", "riscv64-linux-gnu"};

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  return 0;
}

static void need_message(const struct wa_error *err) {
  if (err->kind == WA_ERROR_NONE || err->message[0] == '\0') {
    abort();
  }
}

// FNV-1a: what is chosen for an input depends on its bytes alone.
static uint32_t hash(const uint8_t *data, size_t size) {
  uint32_t sum = 0x811c9dc5;
  for (size_t i = 0; i < size; i++) {
    sum = (sum ^ data[i]) * 0x01000193;
  }
  return sum;
}

static void load(const struct wa_buffer *object) {
  struct wa_error err;
  wa_error_clear(&err);
  struct wa_artifact *artifact =
      wa_artifact_load_memory(object->data, object->size, "fuzz.o", NULL, &err);
  if (artifact == NULL) {
    abort();
  }
  wa_artifact_release(artifact);
}

static void compile(const struct wa_module *module, int level, const char *machine, bool debug) {
  struct wa_compile_options options;
  struct wa_buffer object = {0};
  struct wa_error err;
  wa_error_clear(&err);
  wa_compile_options_init(&options);
  options.opt_level = level;
  options.target = machine;
  options.jobs = 1;
  options.verify = true;
  options.debug = debug;
  if (!wa_compile(module, &options, &object, &err)) {
    need_message(&err);
  } else if (machine == NULL) {
    load(&object);
  }
  wa_buffer_free(&object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct wa_module module;
  struct wa_error err;
  wa_error_clear(&err);
  if (!wa_module_init(&module, (struct wa_bytes){.data = data, .size = size}, &err)) {
    need_message(&err);
    return 0;
  }
  uint32_t choice = hash(data, size);
  for (int level = 0; level < LEVELS; level++) {
    compile(&module, level, NULL, (choice >> 8) % 2 != 0);
  }
  for (size_t i = 0; i < sizeof other_machines / sizeof *other_machines; i++) {
    compile(&module, (int)((choice >> (2 * i)) % LEVELS), other_machines[i], false);
  }
  wa_module_deinit(&module);
  return 0;
}
