// Loops that look for something: what the files of this pass share.
//
// search.c        finds loops, and what they look for
// search_lanes.c  what a loop computes, for a vector of turns
// search_build.c  the loop that looks at vectors
#ifndef WA_COMPILER_OPT_SEARCH_H
#define WA_COMPILER_OPT_SEARCH_H

#include "compiler/ir/address.h"
#include "compiler/ir/loop.h"
#include "compiler/opt/opt.h"

enum {
  WA_SEARCH_VECTOR = 16, // bytes
  WA_SEARCH_BLOCKS = 8,
  WA_SEARCH_INSTRS = 40,
  WA_SEARCH_PHIS = 8,
  WA_SEARCH_EXITS = 8,
  WA_SEARCH_STREAMS = 4,
  WA_SEARCH_VALUES = 32, // that lanes are computed from
  WA_SEARCH_DEPTH = 8    // of sums and conditions
};

// The loop goes on, or not, by a condition.
struct wa_search_exit {
  LLVMValueRef condition;
  bool leaves_when;
  bool is_counter;
};

struct wa_search_stream {
  LLVMValueRef load;
  LLVMValueRef place; // the address in the first turn of the vector
};

struct wa_search_phi {
  LLVMValueRef phi, now; // what it is in the first turn of the vector
  LLVMValueRef step;     // of an induction variable; NULL: it is what the turn before has loaded
};

struct wa_search {
  struct wa_ir *ir;
  LLVMValueRef ctx;
  struct wa_loop loop; // its blocks in the order in which they follow each other
  struct wa_search_phi phis[WA_SEARCH_PHIS];
  int phi_count;
  struct wa_search_exit exits[WA_SEARCH_EXITS];
  int exit_count;
  struct wa_search_stream streams[WA_SEARCH_STREAMS];
  int stream_count;
  unsigned lanes; // turns of a vector

  // search_lanes.c
  struct {
    LLVMValueRef value, lanes;
  } values[WA_SEARCH_VALUES]; // all that wa_search_is_lanes has seen
  int value_count;

  // search_build.c
  LLVMBasicBlockRef start, check, look, found, over, rest;
  LLVMValueRef copies[WA_SEARCH_INSTRS][2]; // instructions, and what they are in the turn at hand
  int copy_count;
};

// ---- search.c ----

static inline bool wa_search_is_invariant(const struct wa_search *s, LLVMValueRef value) {
  return !wa_loop_has(&s->loop, value);
}

// What a number of 32 bits grows by in each turn; false when that is not known.
bool wa_search_find_step(const struct wa_search *s, LLVMValueRef value, int32_t *step);
// Whether an address is another plus a constant or an index of 32 bits.
bool wa_search_is_sum(const struct wa_search *s, LLVMValueRef address);
// The turn is the last when this holds, of an exit by a comparison; what does not change is on the
// right if there is any.
struct wa_loop_condition wa_search_last_when(const struct wa_search *s,
                                             const struct wa_search_exit *exit);

// ---- search_lanes.c ----

// The phi, or NULL.
struct wa_search_phi *wa_search_phi_of(struct wa_search *s, LLVMValueRef value);
// The stream of a load, or NULL.
struct wa_search_stream *wa_search_stream_of(struct wa_search *s, LLVMValueRef load);
// Whether a value can be computed for a vector of turns; sets `loads` when it depends on a load.
bool wa_search_is_lanes(struct wa_search *s, LLVMValueRef value, bool *loads);
// Builds that at the builder's place, which is in the block that looks.
LLVMValueRef wa_search_build_lanes(struct wa_search *s, LLVMValueRef value);
// The same limit, or 0 where a comparison of lanes would not be what the loop compares: with a
// number that has more bits than a lane.
LLVMValueRef wa_search_build_limit(const struct wa_search *s, LLVMValueRef limit);
// Builds an induction variable, or sum of them, in the first turn of the vector.
LLVMValueRef wa_search_build_now(struct wa_search *s, LLVMValueRef value);

// ---- search_build.c ----

void wa_search_build(struct wa_search *s);

#endif
