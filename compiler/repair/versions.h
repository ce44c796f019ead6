// What the two halves of "versions" share: versions.c finds and copies loops, ranges.c says what
// they access.
#ifndef WA_COMPILER_REPAIR_VERSIONS_H
#define WA_COMPILER_REPAIR_VERSIONS_H

#include "compiler/ir/ir.h"
#include "compiler/ir/loop.h"

// Builds, at the end of the preheader, whether every access of every iteration lies inside of its
// memory, no address wrapping between the first and the last. NULL when that cannot be told.
LLVMValueRef wa_loop_stays_inside(struct wa_ir *ir, const struct wa_loop *loop);

// Hides from LLVM what it takes for a straight line of addresses although it wraps around before a
// constant trip count is reached (llvm-project, pull request 225086). False when there is no way
// to.
bool wa_loop_hide_wraps(struct wa_ir *ir, const struct wa_loop *loop);

#endif
