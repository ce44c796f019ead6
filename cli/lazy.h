// Functions that are compiled when the program calls them, by threads of this process.
#ifndef WA_CLI_LAZY_H
#define WA_CLI_LAZY_H

#include "compiler/compile.h"
#include "runtime/code/artifact.h"

// Those of one module.
struct wa_lazy_functions;

// For the artifact that `lazy` began with, and before its first call; keeps a reference to it. No
// thread yet: up to so many compile, 0 is one per processor. `lazy` stays the caller's, and must
// stay. NULL with err: then the artifact cannot be run.
struct wa_lazy_functions *wa_lazy_functions_new(const struct wa_compiler_api *api,
                                                struct wa_lazy_module *lazy,
                                                struct wa_artifact *artifact, unsigned jobs,
                                                struct wa_error *err);

// Starts the threads, before the first call. Without any, calls trap.
void wa_lazy_functions_start(struct wa_lazy_functions *functions);

// When nobody runs the artifact's code any more. LLVM cannot be interrupted: false when a thread is
// busy still after some milliseconds; then nothing may be freed, and the process has to end by
// _exit.
bool wa_lazy_functions_stop(struct wa_lazy_functions *functions);

// How many there are code for.
uint32_t wa_lazy_functions_compiled(struct wa_lazy_functions *functions);

// When they are stopped, or were never started.
void wa_lazy_functions_free(struct wa_lazy_functions *functions);

#endif
