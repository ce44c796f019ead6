// Which of the guest's accesses may go, and in what order they stay: the one place that decides it,
// and the check that follows.
#ifndef WA_COMPILER_REPAIR_ACCESSES_H
#define WA_COMPILER_REPAIR_ACCESSES_H

#include "compiler/lower/lower.h"

// Guest loads are volatile while they are built, because a load that is dead may still trap (core
// spec 4.4.7). Makes plain loads of those in `lower->bodies` whose value matters, but for the ones
// that a body keeps, and attaches to each of them a debug record, which no optimisation depends on.
// To be called when what is easy to simplify is simplified.
void wa_release_loads(struct wa_lower *lower);

// Looks for loads that may have been deleted and that no other access stands for. A body that has
// lost one keeps it from now on and is wrong: its code is taken out of the module.
void wa_check_loads(struct wa_lower *lower);

// Removes what wa_release_loads has added, but from a module with debug information of its own.
void wa_forget_loads(struct wa_lower *lower);

// Makes the stores volatile that anything outside of the function may see, behind the last pass:
// instruction selection and scheduling then neither drop one nor let two change places, which a
// trap between them would show.
void wa_order_stores(struct wa_lower *lower, LLVMValueRef function);

#endif
