// What "versions" and "roll" share: versions.c finds and copies loops, ranges.c says what they
// access, roll.c rolls up again what was unrolled.
#ifndef WA_COMPILER_REPAIR_VERSIONS_H
#define WA_COMPILER_REPAIR_VERSIONS_H

#include "compiler/ir/ir.h"
#include "compiler/ir/loop.h"

// Builds, at the end of the preheader, whether every access of every iteration lies inside of its
// memory, no address wrapping between the first and the last. NULL when that cannot be told.
LLVMValueRef wa_loop_stays_inside(struct wa_ir *ir, const struct wa_loop *loop);

// Whether two addresses are always the same distance from each other.
typedef bool wa_is_known_distance(void *state, LLVMValueRef a, LLVMValueRef b);
// Builds, at the builder's place in front of a loop whose accesses stay inside, whether ranges of
// which one is stored to have no byte in common, but for those at a known distance; and how often
// the loop goes back, in 64 bits. NULL when that cannot be told.
LLVMValueRef wa_loop_is_apart(struct wa_ir *ir, const struct wa_loop *loop,
                              wa_is_known_distance *is_known, void *state, LLVMValueRef *last);

// Gives a loop without stores, and in which the vectoriser may look, two versions as well; the
// branch between them, or NULL.
LLVMValueRef wa_version_pure_loop(struct wa_ir *ir, struct wa_loop *loop);

// The mark of branches between versions, and that of those of which the first is a loop rolled up.
unsigned wa_version_kind(const struct wa_ir *ir);
unsigned wa_rolled_kind(const struct wa_ir *ir);

// Hides from LLVM what it takes for a straight line of addresses although it wraps around before a
// constant trip count is reached (llvm-project, pull request 225086). False when there is no way
// to.
bool wa_loop_hide_wraps(struct wa_ir *ir, const struct wa_loop *loop);

#endif
