// Whether LLVM's options have the effects that compiled code needs.
#ifndef WA_COMPILER_TARGET_PROBE_H
#define WA_COMPILER_TARGET_PROBE_H

#include "include/wa_error.h"

#include <stdbool.h>

// Compiles a few lines to see it, in about 3 ms. WA_ERROR_UNSUPPORTED names the option that has no
// effect. The options have been set and the targets initialised.
bool wa_probe_llvm(struct wa_error *err);

#endif
