// Loops over 128-bit vectors, made wider: what the files of this pass share.
//
// widen.c          finds loops, makes the wide one and the way into it
// widen_streams.c  what a loop accesses, and when the wide loop may be entered
// widen_pairs.c    which instructions become one
// widen_lanes.c    vectors that are put together from single loads
// widen_build.c    the body of the wide loop
#ifndef WA_COMPILER_OPT_WIDEN_H
#define WA_COMPILER_OPT_WIDEN_H

#include "compiler/ir/address.h"
#include "compiler/opt/opt.h"

enum {
  WA_WIDEN_INSTRS = 256, // of a loop
  WA_WIDEN_TURNS = 2,    // of the loop in one of the wide loop, at most
  WA_WIDEN_STEPS = WA_WIDEN_INSTRS * WA_WIDEN_TURNS,
  WA_WIDEN_PHIS = 24,
  WA_WIDEN_STREAMS = 6,
  WA_WIDEN_LINKS = 32,
  WA_WIDEN_INVARIANTS = 64,
  WA_WIDEN_LANES = 64, // of a wide vector, at most
  WA_WIDEN_BLOCKS = 16,
  WA_WIDEN_NONE = -1
};

// Accesses at constant distances from `base` plus a sum of 32 bits.
struct wa_widen_stream {
  LLVMValueRef base, sum; // no sum: the base itself
  uint32_t step;          // what the sum grows by in a turn
  int64_t first, end;     // distances
  bool has_store;
  LLVMValueRef start; // what the sum is in the first turn, in 64 bits
  LLVMValueRef place; // base + start + what it has grown by in the wide loop
};

// What the streams of a step have grown by in the wide loop, in 64 bits: none of them wraps there.
struct wa_widen_counter {
  uint32_t step;
  LLVMValueRef phi;
};

struct wa_widen_instr {
  LLVMValueRef value;
  int stream; // of an access, or WA_WIDEN_NONE
  int64_t distance;
};

// A step is an instruction in one of the turns that become one: turn * instr_count + instruction.
// What an operand is: a step; or a phi in the first turn, or what the loop does not change.
struct wa_widen_ref {
  int step; // or WA_WIDEN_NONE, and then:
  LLVMValueRef value;
};

// Two steps of the same kind that become one instruction.
struct wa_widen_pair {
  int first, second;
  LLVMValueRef wide;
  bool is_begun; // its operands are being built
};

// A phi that vectors of integers are added to, or the like: phi, first link, second link and so on.
// The wide loop has two halves of it, which are put together behind it.
struct wa_widen_sum {
  LLVMValueRef phi;
  int links[WA_WIDEN_LINKS];
  int link_count;
  LLVMOpcode opcode;
  LLVMValueRef wide; // its phi
};

// How many turns there are is known from one phi: `value`, which has it as an operand plus a
// constant or is the phi itself, is compared with `bound` at the end of each.
struct wa_widen_count {
  LLVMValueRef phi, value, bound;
  int32_t step;
  LLVMIntPredicate stays; // ne, ult, ule, slt or sle: the loop goes on
};

// The places of a vector's bytes in a stream.
struct wa_widen_lanes {
  int stream, count;
  int64_t bytes[16];  // distances, or WA_WIDEN_NONE
  int64_t begin, end; // of what the stream's accesses of this turn cover
};

struct wa_widening {
  struct wa_ir *ir;
  LLVMValueRef ctx;
  LLVMBasicBlockRef block, preheader, exit;
  struct wa_widen_instr instrs[WA_WIDEN_INSTRS];
  int instr_count;
  LLVMValueRef phis[WA_WIDEN_PHIS];
  int phi_count;
  struct wa_widen_stream streams[WA_WIDEN_STREAMS];
  int stream_count;
  struct wa_widen_count count;
  bool has_live_out; // something behind the loop needs a value of its last turn

  // widen_pairs.c
  int turns;
  struct wa_widen_pair pairs[WA_WIDEN_STEPS / 2];
  int pair_count;
  int pair_of[WA_WIDEN_STEPS]; // or WA_WIDEN_NONE
  struct wa_widen_sum sums[WA_WIDEN_PHIS];
  int sum_count;
  bool may_be_equal[WA_WIDEN_STREAMS][WA_WIDEN_STREAMS]; // begin at the same place, one storing

  // widen_build.c
  LLVMBasicBlockRef start, wide; // in front of the wide loop, and the loop
  LLVMValueRef wide_phis[WA_WIDEN_PHIS];
  struct wa_widen_counter counters[WA_WIDEN_STREAMS];
  int counter_count;
  LLVMValueRef narrow[WA_WIDEN_STEPS]; // built so far; of a pair's member: taken out of it
  bool is_begun[WA_WIDEN_STEPS];
  struct {
    LLVMValueRef first, second, both;
  } invariants[WA_WIDEN_INVARIANTS];
  int invariant_count;
  struct {
    int stream;
    int64_t distance;
    LLVMValueRef value;
  } blocks[WA_WIDEN_BLOCKS]; // loaded for single lanes
  int block_count;
  bool failed;
};

// ---- widen.c ----

bool wa_widen_is_in(const struct wa_widening *w, LLVMValueRef value);
// The value that a phi has in the first turn, or that it has in the next.
LLVMValueRef wa_widen_initial(const struct wa_widening *w, LLVMValueRef phi);
LLVMValueRef wa_widen_next(const struct wa_widening *w, LLVMValueRef phi);
// What a phi of at most 64 bits grows by in a turn, or NULL.
LLVMValueRef wa_widen_step(const struct wa_widening *w, LLVMValueRef phi);
// The same in a turn of the wide loop.
LLVMValueRef wa_widen_steps(const struct wa_widening *w, LLVMValueRef step);
int wa_widen_phi_index(const struct wa_widening *w, LLVMValueRef phi);

// ---- widen_streams.c ----

// Finds the stream of every access; false when one is not understood.
bool wa_widen_find_streams(struct wa_widening *w);
// Builds, at the builder's place, where streams start, how many turns come after the first, and
// whether the wide loop may be entered: nothing traps, and no store touches what another stream
// accesses.
LLVMValueRef wa_widen_check(struct wa_widening *w, LLVMValueRef *last_turn);

// ---- widen_pairs.c ----

// Decides what becomes one instruction when so many turns are done at a time. How many instructions
// that saves in two turns; 0 when it does not pay.
int wa_widen_plan(struct wa_widening *w, int turns);
struct wa_widen_ref wa_widen_operand(const struct wa_widening *w, int step, unsigned number);
struct wa_widen_ref wa_widen_last(const struct wa_widening *w, LLVMValueRef phi);
LLVMValueRef wa_widen_instr(const struct wa_widening *w, int step);
// Where an access of a step is in its stream, counted from the first turn's start.
int64_t wa_widen_distance(const struct wa_widening *w, int step);
// Number of the step that an access is made at when pairs are one: loads early, stores late.
int wa_widen_place(const struct wa_widening *w, int step);
// The pair that two operands are, or NULL.
struct wa_widen_pair *wa_widen_pair_of(struct wa_widening *w, struct wa_widen_ref first,
                                       struct wa_widen_ref second);
// What a link of a sum adds to it.
struct wa_widen_ref wa_widen_leaf(const struct wa_widening *w, const struct wa_widen_sum *sum,
                                  int link);
// The two links that are added in one; `number` is less than half of all links.
void wa_widen_links(const struct wa_widening *w, const struct wa_widen_sum *sum, int number,
                    int links[2]);
// The intrinsic that does on vectors of twice the length what this call does; 0 when there is none.
unsigned wa_widen_intrinsic(const struct wa_widening *w, LLVMValueRef call);

// ---- widen_lanes.c ----

// Whether a step ends a chain of insertions of what is loaded from one stream.
bool wa_widen_find_lanes(const struct wa_widening *w, int step, struct wa_widen_lanes *lanes);
// The instructions less when such a chain is built from whole vectors; 0 when the step ends none.
int wa_widen_save_lanes(const struct wa_widening *w, int step);
LLVMValueRef wa_widen_build_lanes(struct wa_widening *w, const struct wa_widen_lanes *lanes,
                                  LLVMTypeRef type);

// ---- widen_build.c ----

// A load of 16 bytes that no turn of the wide loop has from outside of the memory.
LLVMValueRef wa_widen_load(struct wa_widening *w, LLVMTypeRef type, int stream, int64_t distance);

// Fills w->start and w->wide, all but the branches; false, with nothing changed but these two
// blocks, when that cannot be done. `next` is what the phis have after a turn of the wide loop.
// There is a counter at least.
bool wa_widen_build(struct wa_widening *w, LLVMValueRef *next);
// The sum that a wide one stands for, built at the builder's place.
LLVMValueRef wa_widen_fold(struct wa_widening *w, const struct wa_widen_sum *sum,
                           LLVMValueRef value);

#endif
