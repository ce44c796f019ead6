// Values and addresses that grow by a constant from a copy of an unrolled body to the next.
#include "compiler/repair/roll.h"

#include <stdlib.h>

enum { MOST_DEPTH = 40 };

struct wa_roll_phi *wa_roll_find_phi(struct wa_roll *r, LLVMValueRef value) {
  for (uint32_t i = 0; i < r->phi_count; i++) {
    if (r->phis[i].phi == value) {
      return &r->phis[i];
    }
  }
  return NULL;
}

// ---- Sums ----

static bool add_term(struct wa_roll_sum *sum, LLVMValueRef value, uint64_t factor) {
  uint32_t i = 0;
  while (i < sum->count && sum->terms[i] != value) {
    i++;
  }
  if (i == WA_ROLL_MOST_TERMS) {
    return false;
  }
  if (i == sum->count) {
    sum->terms[sum->count] = value;
    sum->factors[sum->count++] = 0;
  }
  sum->factors[i] += factor;
  return true;
}

// What the loop does not change, often with a constant added in front of the loop.
static bool add_outer(struct wa_roll_sum *sum, LLVMValueRef value, uint64_t factor) {
  while (wa_adds_constant(value)) {
    sum->constant += factor * LLVMConstIntGetZExtValue(LLVMGetOperand(value, 1));
    value = LLVMGetOperand(value, 0);
  }
  return add_term(sum, value, factor);
}

static bool add_to_sum(struct wa_roll *r, struct wa_roll_sum *sum, LLVMValueRef value,
                       uint64_t factor, int depth);

static bool add_binary(struct wa_roll *r, struct wa_roll_sum *sum, LLVMValueRef value,
                       uint64_t factor, int depth) {
  LLVMValueRef left = LLVMGetOperand(value, 0), right = LLVMGetOperand(value, 1);
  bool is_constant = LLVMIsAConstantInt(right) != NULL;
  uint64_t by = is_constant ? LLVMConstIntGetZExtValue(right) : 0;
  switch (LLVMGetInstructionOpcode(value)) {
  case LLVMSub:
    return add_to_sum(r, sum, left, factor, depth) && add_to_sum(r, sum, right, -factor, depth);
  case LLVMMul:
    return is_constant && add_to_sum(r, sum, left, factor * by, depth);
  case LLVMShl:
    return is_constant && by < LLVMGetIntTypeWidth(LLVMTypeOf(value)) &&
           add_to_sum(r, sum, left, factor << by, depth);
  case LLVMOr:
    if (!WA_IS_DISJOINT(value)) {
      return false;
    }
    // fall through
  case LLVMAdd:
    return add_to_sum(r, sum, left, factor, depth) && add_to_sum(r, sum, right, factor, depth);
  default:
    return false;
  }
}

static bool add_to_sum(struct wa_roll *r, struct wa_roll_sum *sum, LLVMValueRef value,
                       uint64_t factor, int depth) {
  if (LLVMIsAConstantInt(value)) {
    sum->constant += factor * LLVMConstIntGetZExtValue(value);
    return true;
  }
  if (!wa_roll_has(r, value)) {
    return add_outer(sum, value, factor);
  }
  const struct wa_roll_phi *phi = wa_roll_find_phi(r, value);
  if (phi) {
    sum->growth += factor * (uint64_t)(phi->step / (int64_t)r->copies);
    return phi->kind == WA_ROLL_COUNTER && add_term(sum, value, factor);
  }
  if (depth == 0 || r->steps == 0 || !LLVMIsABinaryOperator(value)) {
    return false;
  }
  r->steps--;
  return add_binary(r, sum, value, factor, depth - 1);
}

bool wa_roll_find_sum(struct wa_roll *r, LLVMValueRef value, struct wa_roll_sum *sum) {
  *sum = (struct wa_roll_sum){.count = 0};
  return LLVMGetTypeKind(LLVMTypeOf(value)) == LLVMIntegerTypeKind &&
         LLVMGetIntTypeWidth(LLVMTypeOf(value)) <= 64 && add_to_sum(r, sum, value, 1, MOST_DEPTH);
}

static bool has_same_terms(const struct wa_roll_sum *a, const struct wa_roll_sum *b) {
  for (uint32_t i = 0; i < a->count; i++) {
    uint32_t j = 0;
    while (j < b->count && b->terms[j] != a->terms[i]) {
      j++;
    }
    if (j == b->count || a->factors[i] != b->factors[j]) {
      return false;
    }
  }
  return a->count == b->count;
}

static bool is_zero_in(uint64_t value, unsigned width) {
  return value << (64 - width) == 0;
}

bool wa_roll_is_sum_later(const struct wa_roll_sum *first, const struct wa_roll_sum *other,
                          uint32_t copy, unsigned width) {
  return has_same_terms(first, other) &&
         is_zero_in(other->constant - first->constant - copy * first->growth, width);
}

// ---- Addresses ----

bool wa_roll_find_place(struct wa_roll *r, LLVMValueRef address, struct wa_roll_place *place) {
  LLVMTargetDataRef layout = LLVMGetModuleDataLayout(r->ir->llvm);
  *place = (struct wa_roll_place){.offset = 0};
  while (wa_is_offset(address)) {
    LLVMValueRef index = LLVMGetOperand(address, 1);
    uint64_t unit = LLVMABISizeOfType(layout, LLVMGetGEPSourceElementType(address));
    if (LLVMIsAConstantInt(index)) {
      place->offset += (int64_t)unit * LLVMConstIntGetSExtValue(index);
    } else if (!place->has_index && unit == 1 && LLVMIsAZExtInst(index) &&
               LLVMTypeOf(LLVMGetOperand(index, 0)) == r->ir->i32 &&
               wa_roll_find_sum(r, LLVMGetOperand(index, 0), &place->index)) {
      place->has_index = true;
    } else {
      return false;
    }
    address = LLVMGetOperand(address, 0);
  }
  place->root = address;
  return !wa_roll_has(r, address);
}

static int64_t signed_in_32(uint64_t value) {
  return (int32_t)(uint32_t)value;
}

int64_t wa_roll_distance(const struct wa_roll_place *first, const struct wa_roll_place *other) {
  return signed_in_32(other->index.constant + (uint64_t)other->offset - first->index.constant -
                      (uint64_t)first->offset);
}

bool wa_roll_is_parallel(const struct wa_roll_place *a, const struct wa_roll_place *b) {
  return a->root == b->root && has_same_terms(&a->index, &b->index);
}

static bool is_base(const struct wa_roll *r, LLVMValueRef root) {
  return wa_is_memory0_base(r->ir, r->ctx, root) || LLVMIsALoadInst(root);
}

// Whether addresses of copies are so close that no multiple of 2^32 lies between.
static bool is_near(const struct wa_roll_sum *index) {
  return llabs(signed_in_32(index->growth)) < INT32_MAX / WA_ROLL_MOST_COPIES;
}

// Whether the second address is the first one `copy` copies later. The rolled loop adds what lies
// between to the index alone. Where the producer has added it behind the extension, or in parts to
// both, that is the same: the first address lies inside and is at least its offset, and the other
// one, above it, lies inside, too; so the index does not reach 2^32. In parts it is only known
// modulo 2^32 how far above; more than memory lacks of 4 GiB would be none of it.
bool wa_roll_is_place_later(struct wa_roll *r, const struct wa_roll_place *first,
                            const struct wa_roll_place *other, uint32_t copy) {
  if (first->root != other->root || first->has_index != other->has_index ||
      !has_same_terms(&first->index, &other->index)) {
    return false;
  }
  uint64_t between = other->index.constant - first->index.constant;
  if (first->offset == other->offset) {
    return is_zero_in(between - copy * first->index.growth, 32);
  }
  int64_t growth = signed_in_32(first->index.growth);
  uint64_t slack = wa_is_memory0_base(r->ir, r->ctx, first->root) ? wa_memory0_slack(r->ir) : 0;
  return growth > 0 && is_near(&first->index) && is_base(r, first->root) && first->offset >= 0 &&
         first->offset <= INT32_MAX && other->offset >= 0 && other->offset <= INT32_MAX &&
         wa_roll_distance(first, other) == growth * copy &&
         (is_zero_in(between, 32) || (uint64_t)growth * r->copies <= slack);
}

int64_t wa_roll_stride(const struct wa_roll_place *place) {
  return is_near(&place->index) ? signed_in_32(place->index.growth) : 0;
}
