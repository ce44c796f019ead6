// The optimisation pipelines.
#ifndef WA_PASSES_H
#define WA_PASSES_H

#include "lower.h"

#include <llvm-c/TargetMachine.h>

// Brings a freshly lowered module to its final IR: SSA form, the repairs of finish.c, then the
// passes of the level. `verify` runs LLVM's verifier in between. False with LLVM's message when it
// objects, which is a defect of this compiler.
bool wa_optimize(struct wa_lower *lower, LLVMTargetMachineRef machine, int opt_level, bool verify,
                 struct wa_error *err);

#endif
