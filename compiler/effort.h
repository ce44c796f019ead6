// What compiling a function costs, measured before it is lowered. LLVM's representation, and the
// time that its passes take, grow with more than the size of the code: with labels times the values
// that branches carry to them, with labels times the locals that are set between them, with calls
// times their arguments.
#ifndef WA_EFFORT_H
#define WA_EFFORT_H

#include "module.h"

struct wa_effort {
  uint64_t carried; // values that calls, throws and branches pass on
  uint64_t phis;    // of locals, at most: for each label the locals that are set inside
  uint64_t walks;   // from values that are frozen (wa_freeze) up the tree of dominators
};

enum {
  // A function that may need more phis than this keeps its locals in memory and is compiled at -O0.
  WA_EFFORT_PHIS = 250000,
  // One with more steps in those walks is compiled at -O0. Each takes LLVM 0.1 us, in -O1 to -O3.
  WA_EFFORT_WALKS = 2000000,
  // A module may pass on so many values in calls, throws and branches, and so many more for each
  // byte of code.
  WA_EFFORT_CARRIED = 200000,
  WA_EFFORT_CARRIED_PER_BYTE = 8,
};

// Measures a defined function. False when memory is out.
bool wa_effort_measure(const struct wa_module *module, const struct wa_function *function,
                       struct wa_effort *effort);

#endif
