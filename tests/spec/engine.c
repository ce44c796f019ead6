// The whole path of a module: validate, compile, load. Nothing is interpreted, nothing shortened;
// for another host the path is cut in two, with a directory of objects between.
#include "tests/spec/scope.h"

#include "loader/loader.h"

#include <stdlib.h>

// An object's file is named for the bytes of its module (FNV-1a and their number); malloc.
static char *object_path(const char *directory, struct wa_bytes bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < bytes.size; i++) {
    hash = (hash ^ bytes.data[i]) * 0x100000001b3;
  }
  char *path = NULL;
  if (asprintf(&path, "%s/%016llx-%zx.o", directory, (unsigned long long)hash, bytes.size) < 0) {
    abort();
  }
  return path;
}

static bool load_object(struct wa_bytes bytes, const struct spec_options *options,
                        struct wa_artifact **artifact, struct wa_error *err) {
  char *path = object_path(options->objects_in, bytes);
  *artifact = wa_artifact_load_file(path, NULL, err);
  free(path);
  return *artifact != NULL;
}

static bool write_object(const struct wa_module *module, struct wa_bytes bytes,
                         const struct spec_options *options, struct wa_error *err) {
  char *path = object_path(options->write_to, bytes);
  if (engine_compile(module, options, path, NULL, err)) {
    wa_fail(err, WA_ERROR_UNSUPPORTED, WA_NO_OFFSET, "not run (--compile-only)");
  }
  free(path);
  return false;
}

bool engine_load(struct wa_bytes bytes, const struct spec_options *options,
                 struct definition *definition, struct wa_error *err) {
  struct wa_artifact **artifact = &definition->artifact;
  struct wa_module module;
  bool loaded;
  if (!wa_module_init_without(&module, bytes, options->features_off, err)) {
    return false;
  }
  if (options->validate_only) {
    loaded = wa_fail(err, WA_ERROR_UNSUPPORTED, WA_NO_OFFSET, "not run (--validate)");
  } else if (options->objects_in) {
    loaded = load_object(bytes, options, artifact, err);
  } else if (options->write_to) {
    loaded = write_object(&module, bytes, options, err);
  } else if (options->lazy) {
    definition->lazy = engine_compile_lazily(bytes, options, artifact, err);
    loaded = definition->lazy != NULL;
  } else {
    loaded = engine_compile(&module, options, NULL, artifact, err);
  }
  wa_module_deinit(&module);
  return loaded;
}
