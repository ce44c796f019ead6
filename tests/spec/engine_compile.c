#include "tests/spec/scope.h"

#include "cli/lazy.h"
#include "loader/loader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// By rename: scripts that run at the same time may have a module in common.
static bool write_file(const char *path, const struct wa_buffer *object, struct wa_error *err) {
  char *unique = NULL;
  if (asprintf(&unique, "%s.%d", path, (int)getpid()) < 0) {
    abort();
  }
  FILE *file = fopen(unique, "wb");
  bool ok = file && fwrite(object->data, 1, object->size, file) == object->size;
  if (file) {
    ok = fclose(file) == 0 && ok;
  }
  if (!ok || rename(unique, path) != 0) {
    ok = wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot write %s: %s", path, strerror(errno));
  }
  free(unique);
  return ok;
}

static struct wa_artifact *make(const struct wa_module *module,
                                const struct wa_compile_options *options, struct wa_error *err) {
  struct wa_buffer object = {0};
  struct wa_artifact *artifact = NULL;
  if (wa_compile(module, options, &object, err)) {
    artifact = wa_artifact_load_memory(object.data, object.size, "module", NULL, err);
  }
  wa_buffer_free(&object);
  return artifact;
}

// Code whose functions give way to those of another level, before anything of it runs.
static bool make_replaced(const struct wa_module *module, const struct wa_compile_options *options,
                          int level, struct wa_artifact **artifact, struct wa_error *err) {
  struct wa_compile_options first = *options, then = *options;
  first.replaceable = true;
  then.opt_level = level;
  *artifact = make(module, &first, err);
  struct wa_artifact *by = *artifact ? make(module, &then, err) : NULL;
  bool ok = by && wa_artifact_replace(*artifact, by, err);
  wa_artifact_release(by);
  return ok;
}

static struct wa_compile_options options_for(const struct spec_options *options) {
  struct wa_compile_options compile;
  wa_compile_options_init(&compile);
  compile.opt_level = options->opt_level;
  compile.target = options->target;
  compile.cpu = options->cpu;
  compile.passes = options->passes;
  compile.explicit_checks = options->explicit_checks;
  compile.jobs = 1; // files are what runs in parallel
  compile.verify = true;
  return compile;
}

bool engine_compile(const struct wa_module *module, const struct spec_options *options,
                    const char *path, struct wa_artifact **artifact, struct wa_error *err) {
  const struct wa_compile_options compile = options_for(options);
  struct wa_buffer object = {0};
  if (options->replace) {
    return make_replaced(module, &compile, options->replace, artifact, err);
  }
  bool ok = wa_compile(module, &compile, &object, err);
  if (ok && path) {
    ok = write_file(path, &object, err);
  } else if (ok) {
    *artifact = wa_artifact_load_memory(object.data, object.size, "module", NULL, err);
    ok = *artifact != NULL;
  }
  wa_buffer_free(&object);
  return ok;
}

// ---- Functions that are compiled when they are called ----

struct engine_lazy {
  uint8_t *bytes;
  struct wa_module module;
  struct wa_lazy_module *compiled;
  struct wa_lazy_functions *functions;
};

static bool make_lazy(struct engine_lazy *lazy, size_t size, const struct spec_options *options,
                      struct wa_artifact **artifact, struct wa_error *err) {
  const struct wa_compile_options compile = options_for(options);
  const struct wa_load_options load = {.parts = true};
  struct wa_buffer object = {0};
  if (!wa_module_init_without(&lazy->module, (struct wa_bytes){lazy->bytes, size},
                              options->features_off, err)) {
    return false;
  }
  lazy->compiled = wa_lazy_new(&lazy->module, &compile, &object, err);
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

struct engine_lazy *engine_compile_lazily(struct wa_bytes bytes, const struct spec_options *options,
                                          struct wa_artifact **artifact, struct wa_error *err) {
  struct engine_lazy *lazy = calloc(1, sizeof *lazy);
  if (!lazy || !(lazy->bytes = malloc(bytes.size + 1))) {
    abort();
  }
  memcpy(lazy->bytes, bytes.data, bytes.size);
  if (!make_lazy(lazy, bytes.size, options, artifact, err)) {
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
