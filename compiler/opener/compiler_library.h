// The compiler library, opened with dlopen when something must be compiled and not before, because
// mapping LLVM takes longer than most programs run. The command and the public API share this.
#ifndef WA_COMPILER_OPENER_COMPILER_LIBRARY_H
#define WA_COMPILER_OPENER_COMPILER_LIBRARY_H

#include "compiler/compile.h"

// NULL with err. Stays open until the process ends. Thread-safe.
const struct wa_compiler_api *wa_compiler_open(struct wa_error *err);

// Which file wa_compiler_open would open, and as it is now: a line that is another one when the
// file is another one. Costs a few system calls. Empty when there is none.
enum { WA_COMPILER_IDENTITY_SIZE = 256 };
void wa_compiler_identity(char identity[WA_COMPILER_IDENTITY_SIZE]);

#endif
