// A loop of one block that may be a shorter loop unrolled; shared by the files of the pass.
#ifndef WA_REROLL_H
#define WA_REROLL_H

#include "lower.h"

enum {
  WA_REROLL_COUNTERS = 8,
  WA_REROLL_PAIRS = 512,
  WA_REROLL_TERMS = 4,
  WA_REROLL_SUMS = 4,
  WA_REROLL_SUM_TERMS = 64,
  WA_REROLL_ACCESSES = 128,
  WA_REROLL_RESULTS = 16,
};

// A phi that grows by a constant in each turn.
struct wa_reroll_counter {
  LLVMValueRef phi, start;
  int64_t step;
  LLVMValueRef rolled; // what it is in the next turn when the loop is rolled up
};

// What an instruction of the first group is in another group; in the first one, itself.
struct wa_reroll_pair {
  LLVMValueRef first, other;
  uint32_t group;
};

struct wa_reroll {
  struct wa_lower *lower;
  LLVMValueRef ctx;
  LLVMBasicBlockRef block, preheader;
  struct wa_reroll_counter counters[WA_REROLL_COUNTERS];
  uint32_t counter_count;
  uint32_t groups; // the loop does the work of so many turns in one
  struct wa_reroll_pair pairs[WA_REROLL_PAIRS];
  uint32_t pair_count;
  uint32_t budget; // for looking at values
};

// A sum of multiples of counters and of values that the loop does not change, modulo 2^bits.
struct wa_linear {
  struct wa_linear_term {
    LLVMValueRef value;
    const struct wa_reroll_counter *counter; // NULL: the loop does not change the value
    uint64_t factor;
  } terms[WA_REROLL_TERMS];
  uint32_t count;
  uint64_t constant;
  bool has_counter;
};

// A phi that each turn adds terms to, or multiplies and so on: what may be done in any order.
struct wa_reroll_sum {
  LLVMValueRef phi, next;
  LLVMValueRef terms[WA_REROLL_SUM_TERMS];
  int64_t keys[WA_REROLL_SUM_TERMS]; // what terms of a group and the next are sorted by
  uint32_t count, phi_uses;
};

struct wa_unrolled {
  struct wa_reroll loop;
  struct wa_reroll_sum sums[WA_REROLL_SUMS];
  uint32_t sum_count;
  LLVMValueRef accesses[WA_REROLL_ACCESSES], stores[WA_REROLL_ACCESSES];
  uint32_t access_count, store_count;
  LLVMValueRef results[WA_REROLL_RESULTS]; // used behind the loop
  uint32_t result_count;
  // The loop ends when this sum, of one counter and what the loop does not change, is that value.
  struct wa_linear end_sum;
  const struct wa_reroll_counter *end_counter;
  LLVMValueRef end;
  int64_t end_offset; // to be added for the counter's next value
  bool ends_alike;    // no other counter is needed when it is rolled up
};

static inline bool wa_reroll_has(const struct wa_reroll *loop, LLVMValueRef value) {
  return LLVMIsAInstruction(value) && LLVMGetInstructionParent(value) == loop->block;
}

// A number modulo 2^bits as one with a sign.
static inline int64_t wa_signed(uint64_t value, LLVMTypeRef type) {
  unsigned unused = 64 - LLVMGetIntTypeWidth(type);
  return (int64_t)(value << unused) >> unused;
}

// ---- reroll.c ----

// The start of the names of blocks that were rolled up; the number of groups follows.
#define WA_ROLLED_NAME "rolled."

// The one block outside that enters a loop of one block with one way out, or NULL.
LLVMBasicBlockRef wa_reroll_preheader(LLVMBasicBlockRef block);

// ---- reroll_rewrite.c ----

// Finds what is used behind the loop; false when it is not known what that is in a loop rolled up.
bool wa_reroll_find_results(struct wa_unrolled *u);
void wa_reroll_rewrite(struct wa_unrolled *u);

// ---- reroll_linear.c ----

// False when a value is no such sum.
bool wa_linear_of(const struct wa_reroll *loop, LLVMValueRef value, struct wa_linear *linear);
// By how much a sum grows from a group to the next.
uint64_t wa_linear_growth(const struct wa_reroll *loop, const struct wa_linear *linear);
// Whether the second sum is the first plus a constant, which it gives.
bool wa_linear_distance(const struct wa_linear *first, const struct wa_linear *second,
                        uint64_t *distance);
// How many of the lowest bits of a value are known to be 0.
unsigned wa_known_zeros(LLVMValueRef value, int depth);

// ---- reroll_match.c ----

// Whether what this instruction joins may be joined in any order, with more of its kind.
bool wa_reroll_is_commutative(LLVMValueRef instr);
// Whether a value is what one of the first group is `group` turns later. Notes the pairs that it
// finds, which mean nothing when it fails.
bool wa_reroll_match(struct wa_reroll *loop, LLVMValueRef first, LLVMValueRef other,
                     uint32_t group);
// The same for two stores.
bool wa_reroll_match_stores(struct wa_reroll *loop, LLVMValueRef first, LLVMValueRef other,
                            uint32_t group);
// By how much an address grows from a group to the next, up or down, if the loop can step it
// through all of memory only by a trap; else 0.
uint64_t wa_reroll_sweeps(const struct wa_reroll *loop, LLVMValueRef pointer);
// Takes away what an instruction promises about its own group's values.
void wa_reroll_clear_flags(LLVMValueRef instr);

#endif
