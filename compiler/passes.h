// The optimisation pipelines.
#ifndef WA_COMPILER_PASSES_H
#define WA_COMPILER_PASSES_H

#include "compiler/budget.h"
#include "compiler/ir/ir.h"

#include <llvm-c/TargetMachine.h>

// Which rows of the list in passes.c run: a bit for each.
struct wa_pass_switches {
  uint64_t off;  // left out
  uint64_t last; // nothing runs after these
};

// From what --passes and --print-after of the command say; either may be NULL. False with one line
// about what is wrong.
bool wa_pass_switches_init(struct wa_pass_switches *switches, const char *left_out,
                           const char *last, struct wa_error *err);

// Leaves out a pass that is not optional, for level 0 only: "ssa", and locals stay in memory, which
// what optimises cannot do with; or "simplify".
void wa_pass_switches_leave_out(struct wa_pass_switches *switches, const char *name);

// Whether a pass is not left out.
bool wa_pass_switches_has(const struct wa_pass_switches *switches, const char *name);

// Brings a freshly lowered module to its final IR: SSA form, the repairs, then the
// passes of the level. `verify` runs LLVM's verifier in between. False with LLVM's message when it
// objects, which is a defect of this compiler, or when the budget is spent.
bool wa_optimize(struct wa_ir *ir, LLVMTargetMachineRef machine, int opt_level,
                 const struct wa_pass_switches *switches, const struct wa_compile_budget *budget,
                 bool verify, struct wa_error *err);

#endif
