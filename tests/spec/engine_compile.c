#include "tests/spec/scope.h"

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

struct engine_lazy *engine_compile_lazily(struct wa_bytes bytes, const struct spec_options *options,
                                          struct wa_artifact **artifact, struct wa_error *err) {
  const struct wa_compile_options compile = options_for(options);
  return engine_lazy_new(bytes, options->features_off, &compile, artifact, err);
}
