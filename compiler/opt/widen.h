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
#include "compiler/ir/loop.h"
#include "compiler/opt/opt.h"

enum {
  WA_WIDEN_INSTRS = 256, // of a loop
  WA_WIDEN_UNROLL = 2,   // the unroll factor, at most
  WA_WIDEN_COPIES = WA_WIDEN_INSTRS * WA_WIDEN_UNROLL,
  WA_WIDEN_PHIS = 24,
  WA_WIDEN_STREAMS = 6,
  WA_WIDEN_CHAIN = 32,
  WA_WIDEN_INVARIANTS = 64,
  WA_WIDEN_LANES = 64, // of a wide vector, at most
  WA_WIDEN_BLOCKS = 16,
  WA_WIDEN_NONE = -1
};

// Accesses at constant distances from `base` plus an index of 32 bits.
struct wa_widen_stream {
  LLVMValueRef base, index; // no index: the base itself
  uint32_t stride;          // what the index grows by in an iteration
  int64_t first, end;       // distances
  bool has_store;
  LLVMValueRef start; // what the index is in the first iteration, in 64 bits
  LLVMValueRef place; // base + start + what it has grown by in the wide loop
};

// What the streams of a stride have grown by in the wide loop, in 64 bits: none of them wraps
// there.
struct wa_widen_counter {
  uint32_t stride;
  LLVMValueRef phi;
};

struct wa_widen_instr {
  LLVMValueRef value;
  int stream; // of an access, or WA_WIDEN_NONE
  int64_t distance;
};

// Copies are what unrolling makes of an instruction, one for each of the iterations that become
// one; they are numbered iteration * instr_count + instruction. What an operand is: a copy; or a
// phi in the first iteration, or an invariant of the loop.
struct wa_widen_ref {
  int copy; // or WA_WIDEN_NONE, and then:
  LLVMValueRef value;
};

// Two copies of the same opcode that become one instruction.
struct wa_widen_pair {
  int first, second;
  LLVMValueRef wide;
  bool is_begun; // its operands are being built
};

// A reduction of vectors of integers: a phi, and the chain of instructions that its next value is
// made by. The wide loop has two halves of the phi, which are put together behind it.
struct wa_widen_reduction {
  LLVMValueRef phi;
  int chain[WA_WIDEN_CHAIN];
  int chain_length;
  LLVMOpcode opcode;
  LLVMValueRef wide; // its phi
};

// The trip count is known from one induction variable, `phi`: `value`, which is the phi or the phi
// plus a constant, is compared with `bound` in the latch.
struct wa_widen_trip_count {
  LLVMValueRef phi, value, bound;
  int32_t step;
  LLVMIntPredicate stays; // ne, ult, ule, slt or sle: the loop goes on
};

// The places of a vector's bytes in a stream.
struct wa_widen_lanes {
  int stream, count;
  int64_t bytes[16];  // distances, or WA_WIDEN_NONE
  int64_t begin, end; // of what the stream's accesses of this iteration cover
};

struct wa_widening {
  struct wa_ir *ir;
  LLVMValueRef ctx;
  LLVMBasicBlockRef block;
  struct wa_loop loop; // which the block is
  struct wa_widen_instr instrs[WA_WIDEN_INSTRS];
  int instr_count;
  LLVMValueRef phis[WA_WIDEN_PHIS];
  int phi_count;
  struct wa_widen_stream streams[WA_WIDEN_STREAMS];
  int stream_count;
  struct wa_widen_trip_count trip;
  bool has_live_out; // something behind the loop needs a value of its last iteration

  // widen_pairs.c
  int unroll; // the unroll factor, 1 or 2
  struct wa_widen_pair pairs[WA_WIDEN_COPIES / 2];
  int pair_count;
  int pair_of[WA_WIDEN_COPIES]; // or WA_WIDEN_NONE
  struct wa_widen_reduction reductions[WA_WIDEN_PHIS];
  int reduction_count;
  bool may_be_equal[WA_WIDEN_STREAMS][WA_WIDEN_STREAMS]; // begin at the same place, one storing

  // widen_build.c
  LLVMBasicBlockRef start, wide; // in front of the wide loop, and the loop
  LLVMValueRef wide_phis[WA_WIDEN_PHIS];
  struct wa_widen_counter counters[WA_WIDEN_STREAMS];
  int counter_count;
  LLVMValueRef narrow[WA_WIDEN_COPIES]; // built so far; of a pair's member: taken out of it
  bool is_begun[WA_WIDEN_COPIES];
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
// The value that a phi has in the first iteration, or that it has in the next.
LLVMValueRef wa_widen_initial(const struct wa_widening *w, LLVMValueRef phi);
LLVMValueRef wa_widen_next(const struct wa_widening *w, LLVMValueRef phi);
// The step of an induction variable of at most 64 bits; NULL when the phi is none.
LLVMValueRef wa_widen_step(const struct wa_widening *w, LLVMValueRef phi);
// The same in an iteration of the wide loop.
LLVMValueRef wa_widen_unrolled_step(const struct wa_widening *w, LLVMValueRef step);
int wa_widen_phi_index(const struct wa_widening *w, LLVMValueRef phi);

// ---- widen_streams.c ----

// Finds the stream of every access; false when one is not understood.
bool wa_widen_find_streams(struct wa_widening *w);
// Builds, at the builder's place, where streams start, how many iterations come after the first,
// and whether the wide loop may be entered: nothing traps, and no store touches what another stream
// accesses.
LLVMValueRef wa_widen_check(struct wa_widening *w, LLVMValueRef *last);

// ---- widen_pairs.c ----

// Decides what becomes one instruction with this unroll factor. How many instructions that saves in
// two iterations; 0 when it does not pay.
int wa_widen_plan(struct wa_widening *w, int unroll);
struct wa_widen_ref wa_widen_operand(const struct wa_widening *w, int copy, unsigned number);
struct wa_widen_ref wa_widen_last(const struct wa_widening *w, LLVMValueRef phi);
LLVMValueRef wa_widen_instr(const struct wa_widening *w, int copy);
// Where an access of a copy is in its stream, counted from the first iteration's start.
int64_t wa_widen_distance(const struct wa_widening *w, int copy);
// Number of the copy that an access is made at when pairs are one: loads early, stores late.
int wa_widen_position(const struct wa_widening *w, int copy);
// The pair that two operands are, or NULL.
struct wa_widen_pair *wa_widen_pair_of(struct wa_widening *w, struct wa_widen_ref first,
                                       struct wa_widen_ref second);
// What a link of a reduction's chain adds to it.
struct wa_widen_ref wa_widen_leaf(const struct wa_widening *w,
                                  const struct wa_widen_reduction *reduction, int link);
// The two links of a chain that become one; `number` is less than half of its length.
void wa_widen_chain_pair(const struct wa_widening *w, const struct wa_widen_reduction *reduction,
                         int number, int chain[2]);
// The intrinsic that does on vectors of twice the length what this call does; 0 when there is none.
unsigned wa_widen_intrinsic(const struct wa_widening *w, LLVMValueRef call);

// ---- widen_lanes.c ----

// Whether a copy ends a chain of insertions of what is loaded from one stream.
bool wa_widen_find_lanes(const struct wa_widening *w, int copy, struct wa_widen_lanes *lanes);
// The instructions less when such a chain is built from whole vectors; 0 when the copy ends none.
int wa_widen_save_lanes(const struct wa_widening *w, int copy);
LLVMValueRef wa_widen_build_lanes(struct wa_widening *w, const struct wa_widen_lanes *lanes,
                                  LLVMTypeRef type);

// ---- widen_build.c ----

// A load of 16 bytes that no iteration of the wide loop has from outside of the memory.
LLVMValueRef wa_widen_load(struct wa_widening *w, LLVMTypeRef type, int stream, int64_t distance);

// Fills w->start and w->wide, all but the branches; false, with nothing changed but these two
// blocks, when that cannot be done. `next` is what the phis have after an iteration of the wide
// loop. There is a counter at least.
bool wa_widen_build(struct wa_widening *w, LLVMValueRef *next);
// The reduction that a wide one stands for, built at the builder's place.
LLVMValueRef wa_widen_fold(struct wa_widening *w, const struct wa_widen_reduction *reduction,
                           LLVMValueRef value);

#endif
