// The compiler as the command uses it: opened with dlopen when something must be compiled and not
// before, because mapping LLVM takes longer than most programs run.
#ifndef WA_CLI_COMPILER_H
#define WA_CLI_COMPILER_H

#include "compile.h"

// NULL with err. Stays open until the process ends.
const struct wa_compiler_api *wa_compiler_open(struct wa_error *err);

#endif
