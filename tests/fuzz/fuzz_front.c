// Decoder and validator: any bytes are either a module or refused in words.
#include "tests/fuzz/fuzz.h"

#include "compiler/wasm/module.h"

#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  return 0;
}

// Every byte range that a module points at lies in the file: reading it shows that.
static unsigned touch(struct wa_bytes file, struct wa_bytes part) {
  if (part.size == 0) {
    return 0;
  }
  if (part.data < file.data || part.size > file.size ||
      (size_t)(part.data - file.data) > file.size - part.size) {
    abort();
  }
  return (unsigned)part.data[0] + part.data[part.size - 1];
}

static unsigned touch_all(const struct wa_module *module) {
  struct wa_bytes file = module->bytes;
  unsigned sum = touch(file, module->name);
  for (uint32_t i = 0; i < module->import_count; i++) {
    sum += touch(file, module->imports[i].module) + touch(file, module->imports[i].name);
  }
  for (uint32_t i = 0; i < module->export_count; i++) {
    sum += touch(file, module->exports[i].name);
  }
  for (uint32_t i = 0; i < module->data_count; i++) {
    sum += touch(file, module->datas[i].bytes);
  }
  for (uint32_t i = 0; i < module->function_count; i++) {
    const struct wa_function *function = &module->functions[i];
    sum += touch(file, function->name);
    if (function->type >= module->type_count ||
        (!function->imported &&
         (function->body_offset > function->code_offset ||
          function->code_offset > function->end_offset || function->end_offset > file.size))) {
      abort();
    }
  }
  return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static volatile unsigned sink;
  struct wa_bytes bytes = {.data = data, .size = size};
  struct wa_module module;
  struct wa_error err;
  wa_error_clear(&err);
  if (!wa_module_init(&module, bytes, &err)) {
    if (err.kind == WA_ERROR_NONE || err.message[0] == '\0') {
      abort();
    }
    return 0;
  }
  sink = sink + touch_all(&module);
  uint64_t features = module.features;
  wa_module_deinit(&module);
  // What uses no proposal is valid without them; what uses some is not.
  if (wa_module_init_without(&module, bytes, features, &err) != (features == 0)) {
    abort();
  }
  if (features == 0) {
    wa_module_deinit(&module);
  }
  return 0;
}
