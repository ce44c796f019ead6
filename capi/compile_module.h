// From a WebAssembly binary to an artifact in memory, through the compiler library.
#ifndef WA_CAPI_COMPILE_MODULE_H
#define WA_CAPI_COMPILE_MODULE_H

#include "include/wa_error.h"
#include "include/wasmaot.h"
#include "runtime/code/artifact.h"

// NULL with err.
struct wa_artifact *wa_api_compile(const wasm_engine_t *engine, const void *binary, size_t size,
                                   struct wa_error *err);
// `engine` may be NULL: every proposal is allowed then.
bool wa_api_validate(const wasm_engine_t *engine, const void *binary, size_t size,
                     struct wa_error *err);

#endif
