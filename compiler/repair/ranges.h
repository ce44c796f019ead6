// What ranges.c, growth.c and trip_count.c know of a loop: how its values grow, how often it runs,
// and what its accesses reach. What they build is put at the end of the preheader.
#ifndef WA_COMPILER_REPAIR_RANGES_H
#define WA_COMPILER_REPAIR_RANGES_H

#include "compiler/repair/versions.h"

enum {
  WA_MOST_FORMS = 512,
  WA_MOST_RANGES = 64,
  WA_MOST_DEPTH = 40,
  // Strides are below 2^28 and trip counts below 2^32, so no distance reaches 2^61.
  WA_MOST_STRIDE_BITS = 28,
};

// A value that is `start` in the first iteration and grows by `step` from one to the next, in as
// many bits as it has.
struct wa_form {
  LLVMValueRef value, start;
  int64_t step;
};

// A number that must not wrap in its own bits, because it is used in more.
struct wa_extension {
  LLVMValueRef start; // in 64 bits
  int64_t step;
  unsigned width;
  bool is_signed;
};

// What the accesses of a base and a growing number have in common: they reach from `low` bytes
// above the address to `high`, which is behind the last one.
struct wa_range {
  LLVMValueRef root;
  LLVMValueRef start; // in 64 bits; NULL for 0
  int64_t step, low, high;
  bool has_store;
  LLVMValueRef address; // of one of the accesses
};

struct wa_ranges {
  struct wa_ir *ir;
  LLVMValueRef ctx;
  const struct wa_loop *loop;
  LLVMBuilderRef builder;
  LLVMTypeRef i64;
  struct wa_form forms[WA_MOST_FORMS];
  uint32_t form_count;
  struct wa_form risings[WA_MOST_RANGES]; // of indexes, in 64 bits: see ranges.c
  uint32_t rising_count;
  struct wa_extension extensions[WA_MOST_RANGES];
  uint32_t extension_count;
  struct wa_range of[WA_MOST_RANGES];
  uint32_t count;
  LLVMValueRef last; // iterations before the last one, in 64 bits
  LLVMValueRef outside;
};

// ---- growth.c ----

// How a value grows. False when it does not by a constant, or that takes too long to tell; depth as
// WA_MOST_DEPTH.
bool wa_find_form(struct wa_ranges *r, LLVMValueRef value, int depth, struct wa_form *form);
// Whether a value is computed by constants from an induction variable alone, which may have fewer
// bits on its way around.
bool wa_is_inductive(const struct wa_ranges *r, LLVMValueRef value, int depth);
// Notes that a value must not wrap in fewer bits.
void wa_check_extension(struct wa_ranges *r, const struct wa_extension *extension);
// Adds one of the reasons why something may be outside.
void wa_add_condition(struct wa_ranges *r, LLVMValueRef outside);
// A sum, without an instruction where there is nothing to add.
LLVMValueRef wa_build_sum(const struct wa_ranges *r, LLVMValueRef a, LLVMValueRef b);
// A constant of 64 bits.
LLVMValueRef wa_number(const struct wa_ranges *r, int64_t value);
// How far what grows by `step` comes until the last iteration, in 64 bits. Needs `last`.
LLVMValueRef wa_distance(const struct wa_ranges *r, int64_t step);
// An integer of 64 bits at most.
bool wa_is_integer(LLVMValueRef value);
unsigned wa_width_of(LLVMValueRef value);
// Whether distances at this stride stay in 64 bits.
bool wa_is_stride(int64_t step);

// ---- trip_count.c ----

// Finds how often the loop goes back, for loops that do so less than 2^32 times: `last`.
bool wa_find_last(struct wa_ranges *r);

#endif
