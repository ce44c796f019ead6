#include "tests/spec/scope.h"

bool engine_compile(const struct wa_module *module, const struct spec_options *options,
                    const char *path, struct wa_artifact **artifact, struct wa_error *err) {
  (void)module, (void)options, (void)path, (void)artifact;
  return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                 "built without the compiler; --objects names a directory that --compile-only "
                 "has filled");
}

struct engine_lazy *engine_compile_lazily(struct wa_bytes bytes, const struct spec_options *options,
                                          struct wa_artifact **artifact, struct wa_error *err) {
  (void)bytes;
  (void)engine_compile(NULL, options, NULL, artifact, err);
  return NULL;
}

void engine_lazy_free(struct engine_lazy *lazy) {
  (void)lazy;
}
