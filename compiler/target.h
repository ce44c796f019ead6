// What code is compiled for: architecture, the CPU features it may use, and the CPU it is tuned
// for.
#ifndef WA_TARGET_H
#define WA_TARGET_H

#include "compile.h"

#include <llvm-c/TargetMachine.h>

struct wa_target {
  char triple[48];
  char cpu[32];          // tuned for; also what the artifact's note says
  char features[512];    // for LLVM: every feature of the table, on or off
  uint64_t cpu_features; // WA_X86_*: those that are on
  LLVMTargetRef llvm;
};

// Works out options->target, cpu and features. Code may use exactly those CPU features that a
// loader can check for, so an unknown name is an error.
bool wa_target_init(struct wa_target *target, const struct wa_compile_options *options,
                    struct wa_error *err);

// Owned by the caller. One per thread.
LLVMTargetMachineRef wa_target_machine(const struct wa_target *target, int opt_level);

#endif
