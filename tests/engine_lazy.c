#include "tests/engine_lazy.h"

#include "cli/lazy.h"
#include "loader/loader.h"

#include <stdlib.h>
#include <string.h>

struct engine_lazy {
  uint8_t *bytes;
  struct wa_module module;
  struct wa_lazy_module *compiled;
  struct wa_lazy_functions *functions;
};

static bool make(struct engine_lazy *lazy, size_t size, uint64_t features_off,
                 const struct wa_compile_options *options, struct wa_artifact **artifact,
                 struct wa_error *err) {
  const struct wa_load_options load = {.parts = true};
  struct wa_buffer object = {0};
  if (!wa_module_init_without(&lazy->module, (struct wa_bytes){lazy->bytes, size}, features_off,
                              err)) {
    return false;
  }
  lazy->compiled = wa_lazy_new(&lazy->module, options, &object, err);
  if (lazy->compiled) {
    *artifact = wa_artifact_load_memory(object.data, object.size, "module", &load, err);
  }
  wa_buffer_free(&object);
  if (*artifact) {
    lazy->functions = wa_lazy_functions_new(wasmaot_compiler_api(WA_COMPILER_API_VERSION),
                                            lazy->compiled, *artifact, 1, err);
  }
  if (lazy->functions) {
    wa_lazy_functions_start(lazy->functions);
  }
  return lazy->functions != NULL;
}

struct engine_lazy *engine_lazy_new(struct wa_bytes bytes, uint64_t features_off,
                                    const struct wa_compile_options *options,
                                    struct wa_artifact **artifact, struct wa_error *err) {
  struct engine_lazy *lazy = calloc(1, sizeof *lazy);
  if (!lazy || !(lazy->bytes = malloc(bytes.size + 1))) {
    abort();
  }
  *artifact = NULL;
  memcpy(lazy->bytes, bytes.data, bytes.size);
  if (!make(lazy, bytes.size, features_off, options, artifact, err)) {
    engine_lazy_free(lazy);
    return NULL;
  }
  return lazy;
}

void engine_lazy_free(struct engine_lazy *lazy) {
  if (!lazy) {
    return;
  }
  if (lazy->functions) {
    while (!wa_lazy_functions_stop(lazy->functions)) {
    }
    wa_lazy_functions_free(lazy->functions);
  }
  if (lazy->compiled) {
    wa_lazy_free(lazy->compiled);
  }
  wa_module_deinit(&lazy->module);
  free(lazy->bytes);
  free(lazy);
}
