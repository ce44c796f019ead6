#include "capi/compile_module.h"

#include "capi/api.h"
#include "compiler/opener/compiler_library.h"
#include "loader/loader.h"

static bool decode(const wasm_engine_t *engine, struct wa_module *module, const void *binary,
                   size_t size, struct wa_error *err) {
  if (wa_is_elf(binary, size)) {
    return wa_fail(err, WA_ERROR_MALFORMED, 0,
                   "is an artifact, which is native code: wasm_module_deserialize or "
                   "wasmaot_module_load takes it, if it can be trusted");
  }
  return wa_module_init_without(module, (struct wa_bytes){binary, size},
                                engine == NULL ? 0 : engine->config.features_off, err);
}

bool wa_api_validate(const wasm_engine_t *engine, const void *binary, size_t size,
                     struct wa_error *err) {
  struct wa_module module;
  if (!decode(engine, &module, binary, size, err)) {
    return false;
  }
  wa_module_deinit(&module);
  return true;
}

struct wa_artifact *wa_api_compile(const wasm_engine_t *engine, const void *binary, size_t size,
                                   struct wa_error *err) {
  struct wa_artifact *artifact = NULL;
  struct wa_module module;
  if (!decode(engine, &module, binary, size, err)) {
    return NULL;
  }
  const struct wa_compiler_api *api = wa_compiler_open(err);
  if (api != NULL) {
    struct wa_compile_options options;
    struct wa_buffer object;
    api->options_init(&options);
    options.opt_level = engine->config.opt_level;
    options.jobs = engine->config.jobs;
    options.explicit_checks = engine->config.explicit_checks;
    options.max_memory = engine->config.max_compile_memory;
    options.max_time = engine->config.max_compile_time;
    options.cpu = engine->config.cpu;
    options.default_cpu = "native";
    options.debug = engine->config.debug_info;
    if (api->compile(&module, &options, &object, err)) {
      artifact = wa_artifact_load_memory(object.data, object.size, "module", NULL, err);
      api->buffer_free(&object);
    }
  }
  wa_module_deinit(&module);
  return artifact;
}

wasmaot_error_t *wasmaot_compiler_available(void) {
  return wa_compiler_open(wa_api_last_error()) != NULL ? NULL : wa_api_error();
}
