// What compiling a function costs, measured before it is lowered. LLVM's representation, and the
// time that its passes take, grow with more than the size of the code: with labels times the values
// that branches carry to them, with labels times the locals that are set between them, with calls
// times their arguments.
#ifndef WA_COMPILER_EFFORT_H
#define WA_COMPILER_EFFORT_H

#include "compiler/artifact/layout.h"

struct wa_effort {
  uint64_t carried; // values that calls, throws and branches pass on
  uint64_t phis;    // of locals, at most: for each label the locals that are set inside
  uint64_t walks;   // steps up the tree of dominators: from each condition and each value that is
                    // frozen (wa_freeze), in which LLVM looks for what is known; and what nested
                    // tries cost, in such steps
  uint64_t ways;    // of all br_tables
  // Pairs of conditions on which branches lead to the same label: LLVM asks of a value whether
  // another condition has made it known, and looks at all ways to where that leads.
  uint64_t conditions;
  uint32_t locals;     // with parameters
  uint64_t bit_counts; // of vectors
  uint64_t instrs;
  uint64_t content; // a hash of the instructions without the indexes that move when something is
                    // put into the module or taken out: see partition.c
};

enum {
  // A function with more than one of these is compiled at -O0 and keeps its locals in memory.
  WA_EFFORT_PHIS = 250000,
  WA_EFFORT_WALKS = 2000000, // each takes LLVM 0.1 to 1 us, in -O1 to -O3
  WA_EFFORT_WAYS = 20000,    // more than in proportion to their number
  // And so many more for each byte of code; a pair takes LLVM up to 5 us. The main loop of Ruby has
  // 1,700 conditions for one label, which are 17 pairs for each of its bytes; Perl's has 22.
  WA_EFFORT_CONDITIONS = 20000,
  WA_EFFORT_CONDITIONS_PER_BYTE = 24,
  // Each takes LLVM 0.4 ms where the CPU lacks it. A partition with more calls a function for them.
  WA_EFFORT_BIT_COUNTS = 100,
  WA_EFFORT_LOCALS = 5000,         // the time to make values of them has their square
  WA_EFFORT_CARRIED = 3000,        // and
  WA_EFFORT_BYTES_FOR_CARRIED = 4, // one more for so many bytes of code
  // A module may pass on so many values, and so many more for each byte of code.
  WA_EFFORT_ALL_CARRIED = 100000,
  WA_EFFORT_ALL_CARRIED_PER_BYTE = 4,
  // The trampolines of a module in which more types than this have some, or a type of more
  // parameters and results than that, are compiled at -O0.
  WA_EFFORT_TYPES = 1000,
  WA_EFFORT_WIDE_TYPE = 100,
};

// Measures a defined function. False when memory is out.
bool wa_effort_measure(const struct wa_module *module, const struct wa_function *function,
                       struct wa_effort *effort);

// Whether the trampolines would cost too much.
bool wa_effort_types(const struct wa_module *module, const struct wa_layout *layout);

#endif
