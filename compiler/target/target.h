// What code is compiled for: architecture, the CPU features it may use, and the CPU it is tuned
// for.
#ifndef WA_COMPILER_TARGET_TARGET_H
#define WA_COMPILER_TARGET_TARGET_H

#include "compiler/target/options.h"
#include "compiler/target/target_arch.h"
#include "include/wa_error.h"

#include <llvm-c/TargetMachine.h>

struct wa_target {
  const struct wa_target_arch *arch;
  char triple[48];
  char cpu[32];          // tuned for; also what the artifact's note says
  char features[512];    // for LLVM: every feature of the table, on or off
  uint64_t cpu_features; // WA_X86_* or its like: those that are on
  LLVMTargetRef llvm;
  bool mask_indexes; // see wa_compile_options
};

// Works out options->target, cpu and features. Code may use exactly those CPU features that a
// loader can check for, so an unknown name is an error.
bool wa_target_init(struct wa_target *target, const struct wa_compile_options *options,
                    struct wa_error *err);

// Sets LLVM up for this process, and looks whether that had the effects that code relies on
// (probe.h). wa_target_init does it once, with all options; tests leave one out.
bool wa_target_start_llvm(const char *left_out, struct wa_error *err);

// Whether code is for this e_machine and may use all of the features.
static inline bool wa_target_is(const struct wa_target *target, uint16_t machine,
                                uint64_t features) {
  return target->arch->machine == machine && (target->cpu_features & features) == features;
}

// What wa_compiler_api has of them.
const struct wa_target_arch *const *wa_targets(unsigned *count);
void wa_target_of_host(struct wa_target_host *host);

// Owned by the caller. One per thread.
LLVMTargetMachineRef wa_target_machine(const struct wa_target *target, int opt_level);

#endif
