#include "compiler/compile.h"

#include "loader/loader.h"
#include "tests/unit/guest_modules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Not ck_assert: modules are compiled before the tests start.
static void need(bool ok, const struct wa_error *err) {
  if (!ok) {
    (void)fprintf(stderr, "a test's module: %s\n", err->message);
    exit(EXIT_FAILURE);
  }
}

struct object compile_guest_with(const uint8_t *wasm, size_t size,
                                 const struct wa_compile_options *options) {
  struct wa_error err;
  wa_error_clear(&err);
  struct wa_bytes bytes = {.data = wasm, .size = size};
  struct wa_module module;
  struct wa_buffer buffer = {0};
  need(wa_module_init(&module, bytes, &err), &err);
  need(wa_compile(&module, options, &buffer, &err), &err);
  struct object object = {.bytes = malloc(buffer.size), .size = buffer.size};
  memcpy(object.bytes, buffer.data, buffer.size);
  wa_buffer_free(&buffer);
  wa_module_deinit(&module);
  return object;
}

struct object compile_guest(const uint8_t *wasm, size_t size, int opt_level) {
  struct wa_compile_options options;
  wa_compile_options_init(&options);
  options.opt_level = opt_level;
  options.jobs = 1;
  return compile_guest_with(wasm, size, &options);
}

struct object compile_replaceable_guest(const uint8_t *wasm, size_t size, int opt_level) {
  struct wa_compile_options options;
  wa_compile_options_init(&options);
  options.opt_level = opt_level;
  options.jobs = 1;
  options.passes = "-inline"; // for backtraces, and what is called to be replaced
  options.replaceable = true;
  return compile_guest_with(wasm, size, &options);
}

struct wa_artifact *load_guest(const struct object *object) {
  struct wa_error err;
  struct wa_artifact *artifact =
      wa_artifact_load_memory(object->bytes, object->size, "guest.o", NULL, &err);
  need(artifact != NULL, &err);
  return artifact;
}
