// Compiling in a process of its own, which is ended when it takes more than it may: LLVM cannot be
// interrupted, and ends its process when there is no memory.
#ifndef WA_CLI_SUPERVISE_H
#define WA_CLI_SUPERVISE_H

#include "compiler/opener/compiler_library.h"

// As api->compile, with the same messages when options->max_memory or max_time is spent, but at
// once: time to some milliseconds, memory (what is not the compiler's own code) to what is taken
// within some. What the compiler writes to the standard error is shown once it has ended by itself,
// unless options->progress is there. The calling process has one thread.
bool wa_compile_supervised(const struct wa_compiler_api *api, const struct wa_module *module,
                           const struct wa_compile_options *options, struct wa_buffer *object,
                           struct wa_error *err);

#endif
