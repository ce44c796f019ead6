// What releases loads (accesses.c) and what looks for lost ones (check.c) have in common.
#ifndef WA_COMPILER_REPAIR_LOADS_H
#define WA_COMPILER_REPAIR_LOADS_H

#include "compiler/ir/ir.h"

// The line of a record's variable is the number of its load in the body plus this; variables of the
// guest (see lower/debug.c) have line 1, and names.
enum { WA_FIRST_LOAD_LINE = 2 };

// Whether a load has to stay volatile: an attempt before has lost it.
static inline bool wa_keeps_load(const struct wa_body *body, uint32_t number) {
  return body->keeps_all || (body->keeps && body->keeps[number]);
}

#endif
