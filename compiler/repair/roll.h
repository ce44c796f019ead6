// A loop that may be a shorter one unrolled: what the files of "roll" share.
#ifndef WA_COMPILER_REPAIR_ROLL_H
#define WA_COMPILER_REPAIR_ROLL_H

#include "compiler/ir/address.h"
#include "compiler/repair/versions.h"

enum {
  WA_ROLL_MOST_COPIES = 16,
  WA_ROLL_MOST_PHIS = 16,
  WA_ROLL_MOST_ACCESSES = 128,
  WA_ROLL_MOST_PAIRS = 1024,
  WA_ROLL_MOST_TERMS = 6,
  WA_ROLL_MOST_RESULTS = 8,
  WA_ROLL_MOST_STEPS = 20000, // of the search for equal parts
};

// What an iteration hands to the next: an induction variable; a total, which terms are joined with
// in any order, of which the first copy's come first; or something else, `next` of the first copy.
struct wa_roll_phi {
  LLVMValueRef phi, next;
  enum { WA_ROLL_COUNTER, WA_ROLL_TOTAL, WA_ROLL_OTHER } kind;
  int64_t step;
  LLVMValueRef terms[WA_ROLL_MOST_COPIES];
  uint32_t term_count;
};

// What an instruction of the first copy is in another one; in the first one, itself.
struct wa_roll_pair {
  LLVMValueRef first, other;
  uint32_t copy;
};

struct wa_roll_result {
  LLVMValueRef phi, value; // of the exit; what it is when the loop is rolled up
  unsigned operand;
};

struct wa_roll {
  struct wa_ir *ir;
  struct wa_loop loop;
  LLVMValueRef branch; // between the versions, if there are any
  LLVMValueRef ctx;
  struct wa_roll_phi phis[WA_ROLL_MOST_PHIS];
  uint32_t phi_count;
  LLVMValueRef accesses[WA_ROLL_MOST_ACCESSES], stores[WA_ROLL_MOST_ACCESSES]; // in their order
  uint32_t access_count, store_count;
  struct wa_roll_pair pairs[WA_ROLL_MOST_PAIRS];
  uint32_t pair_count;
  struct wa_roll_result results[WA_ROLL_MOST_RESULTS];
  uint32_t result_count;
  uint32_t copies;
  uint32_t steps; // of the search that are left
};

static inline bool wa_roll_is_access(LLVMValueRef instr) {
  return LLVMIsALoadInst(instr) || LLVMIsAStoreInst(instr);
}

static inline bool wa_roll_has(const struct wa_roll *r, LLVMValueRef value) {
  return wa_loop_has(&r->loop, value);
}

static inline LLVMValueRef wa_roll_address(LLVMValueRef access) {
  return LLVMGetOperand(access, (unsigned)wa_pointer_operand(access));
}

// ---- roll_places.c ----

// A sum of multiples of induction variables and of values that the loop does not change, modulo
// 2^bits; `growth` is what it grows by from a copy to the next.
struct wa_roll_sum {
  LLVMValueRef terms[WA_ROLL_MOST_TERMS];
  uint64_t factors[WA_ROLL_MOST_TERMS];
  uint32_t count;
  uint64_t constant, growth;
};

// The phi that a value is, or NULL.
struct wa_roll_phi *wa_roll_find_phi(struct wa_roll *r, LLVMValueRef value);
// False when a value is no such sum.
bool wa_roll_find_sum(struct wa_roll *r, LLVMValueRef value, struct wa_roll_sum *sum);
// Whether the second value is the first one `copy` copies later.
bool wa_roll_is_sum_later(const struct wa_roll_sum *first, const struct wa_roll_sum *other,
                          uint32_t copy, unsigned width);

// root + zext(index of 32 bits) + offset
struct wa_roll_place {
  LLVMValueRef root;
  struct wa_roll_sum index;
  int64_t offset;
  bool has_index;
};

// False when an address is not made so.
bool wa_roll_find_place(struct wa_roll *r, LLVMValueRef address, struct wa_roll_place *place);
// By how many bytes the second is above the first, modulo 2^32.
int64_t wa_roll_distance(const struct wa_roll_place *first, const struct wa_roll_place *other);
// Whether that is the same in every iteration.
bool wa_roll_is_parallel(const struct wa_roll_place *a, const struct wa_roll_place *b);
// Whether the second address is the first one `copy` copies later.
bool wa_roll_is_place_later(struct wa_roll *r, const struct wa_roll_place *first,
                            const struct wa_roll_place *other, uint32_t copy);
// By how much an address moves from a copy to the next; 0 also when that is too far.
int64_t wa_roll_stride(const struct wa_roll_place *place);

// ---- roll_match.c ----

// Finds of how many equal parts the loop consists, two at least. False when it does not.
bool wa_roll_find_copies(struct wa_roll *r);
// A wa_is_known_distance of a struct wa_roll.
bool wa_roll_is_known_distance(void *state, LLVMValueRef a, LLVMValueRef b);

// ---- roll_rewrite.c ----

// Leaves the first part of the first version, which is entered where it `pays` as well.
void wa_roll_rewrite(struct wa_roll *r, LLVMValueRef pays, LLVMValueRef last);

#endif
