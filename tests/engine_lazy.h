// A module whose functions are compiled when they are called, as `run -O auto` does it, for tests.
#ifndef ENGINE_LAZY_H
#define ENGINE_LAZY_H

#include "compiler/compile.h"
#include "runtime/code/artifact.h"

struct engine_lazy;

// Copies the bytes. *artifact is the caller's reference; it is there also after some failures. NULL
// with err.
struct engine_lazy *engine_lazy_new(struct wa_bytes bytes, uint64_t features_off,
                                    const struct wa_compile_options *options,
                                    struct wa_artifact **artifact, struct wa_error *err);
// When nobody runs the code any more, nor has the artifact. NULL is fine.
void engine_lazy_free(struct engine_lazy *lazy);

#endif
