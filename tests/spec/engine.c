// The whole path of a module: validate, compile, load. Nothing is interpreted, nothing shortened.
#include "scope.h"

#include "loader.h"

bool engine_load(struct wa_bytes bytes, const struct spec_options *options,
                 struct wa_artifact **artifact, struct wa_error *err) {
  struct wa_compile_options compile;
  struct wa_buffer object = {0};
  struct wa_module module;
  *artifact = NULL;
  if (!wa_module_init_without(&module, bytes, options->features_off, err))
    return false;
  if (options->validate_only) {
    wa_fail(err, WA_ERROR_UNSUPPORTED, WA_NO_OFFSET, "not run (--validate)");
    goto out;
  }
  wa_compile_options_init(&compile);
  compile.opt_level = options->opt_level;
  compile.jobs = 1; // files are what runs in parallel
  compile.verify = true;
  if (wa_compile(&module, &compile, &object, err))
    *artifact = wa_artifact_load_memory(object.data, object.size, "module", NULL, err);
out:
  wa_buffer_free(&object);
  wa_module_deinit(&module);
  return *artifact != NULL;
}
