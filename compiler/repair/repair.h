// The passes that make IR mean what wasm says: they always run, and what they decide is not a
// matter of speed.
#ifndef WA_COMPILER_REPAIR_REPAIR_H
#define WA_COMPILER_REPAIR_REPAIR_H

#include "compiler/ir/ir.h"

// ---- floats.c, widths.c ----

// Hides the constants that LLVM would fold in a way that leaves a signalling NaN as it is. Needs
// SSA form.
void wa_repair_floats(struct wa_ir *ir, LLVMValueRef function);

// Keeps LLVM from reading no more of a load than what is used: an access that lies partly outside
// must trap. To be called for the guest's vectors before those of the vectoriser come, and for all
// loads last, because of instruction selection.
void wa_keep_widths(struct wa_ir *ir, LLVMValueRef function, bool only_vectors);

// ---- accesses.c: which of the guest's accesses may go, and in what order they stay ----

// Guest loads are volatile while they are built, because a load that is dead may still trap (core
// spec 4.4.7). Makes plain loads of those in `ir->bodies` whose value matters, but for the ones
// that a body keeps, and attaches to each of them a debug record, which no optimisation depends on.
// To be called when what is easy to simplify is simplified.
void wa_release_loads(struct wa_ir *ir);

// Makes the stores volatile that anything outside of the function may see, behind the last pass:
// instruction selection and scheduling then neither drop one nor let two change places, which a
// trap between them would show. The same with loads that are used on one way only, where they would
// go with their trap.
void wa_order_accesses(struct wa_ir *ir, LLVMValueRef function);

// ---- check.c: whether a load was lost that was released ----

// Marks where released loads are, so that none goes with its record. To be called before LLVM's
// passes run, but for the vectoriser, and wa_check_loads behind them.
void wa_mark_loads(struct wa_ir *ir);

// Looks for loads that may have been deleted and that no other access stands for, and takes the
// marks away. A body that has lost one keeps it from now on and is wrong: its code is taken out of
// the module.
void wa_check_loads(struct wa_ir *ir);

// Removes the debug records, but from a module with debug information of its own.
void wa_forget_loads(struct wa_ir *ir);

// ---- order.c ----

// Keeps the code generator from doing a load in front of a store that comes before it and that its
// trap would hide. Behind wa_order_accesses.
void wa_order_loads(struct wa_ir *ir, LLVMValueRef function);

// ---- waits.c ----

// Keeps loads in loops that may wait until another thread changes what they load, in modules with a
// shared memory. To be called before anything moves loads.
void wa_keep_waits(struct wa_ir *ir, LLVMValueRef function);

// ---- versions.c ----

// Gives loops with stores that the vectoriser may take a second, scalar version, for when an access
// would leave its memory; keeps the vectoriser from the others. Runs right in front of it.
void wa_version_loops(struct wa_ir *ir, LLVMValueRef function);

// Rolls up those of the versions that were unrolled before, in front of the vectoriser. Only makes
// code faster (roll.c).
void wa_roll_loops(struct wa_ir *ir, LLVMValueRef function);

// Behind it: drops the versions of loops that it has left alone. A body with a vector loop that
// stores and was not given two is wrong, and has no vector loops from now on.
void wa_settle_versions(struct wa_ir *ir);

#endif
