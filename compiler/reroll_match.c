// Whether parts of a loop compute the same, some turns apart.
#include "reroll.h"

#include <stdlib.h>

// Flags say what an instruction's own group is known to keep; what stands for all groups may have
// none that another lacks. Before 18 the C API does not give them out, and nothing matches.
#if WA_GIVES_FLAGS
static bool may_wrap(LLVMValueRef instr) {
  switch (LLVMGetInstructionOpcode(instr)) {
  case LLVMAdd:
  case LLVMSub:
  case LLVMMul:
  case LLVMShl:
    return true;
  case LLVMTrunc:
    return WA_TRUNC_HAS_FLAGS;
  default:
    return false;
  }
}

static bool is_from_unsigned(LLVMValueRef instr) {
  LLVMOpcode opcode = LLVMGetInstructionOpcode(instr);
  return opcode == LLVMZExt || (opcode == LLVMUIToFP && WA_TRUNC_HAS_FLAGS);
}

static bool same_flags(LLVMValueRef a, LLVMValueRef b) {
  if (may_wrap(a))
    return LLVMGetNUW(a) == LLVMGetNUW(b) && LLVMGetNSW(a) == LLVMGetNSW(b);
  if (is_from_unsigned(a))
    return LLVMGetNNeg(a) == LLVMGetNNeg(b);
  switch (LLVMGetInstructionOpcode(a)) {
  case LLVMUDiv:
  case LLVMSDiv:
  case LLVMLShr:
  case LLVMAShr:
    return LLVMGetExact(a) == LLVMGetExact(b);
  case LLVMOr:
    return LLVMGetIsDisjoint(a) == LLVMGetIsDisjoint(b);
  case LLVMICmp:
    return LLVMGetICmpSameSign(a) == LLVMGetICmpSameSign(b);
  default:
    return true;
  }
}

void wa_reroll_clear_flags(LLVMValueRef instr) {
  if (may_wrap(instr)) {
    LLVMSetNUW(instr, false);
    LLVMSetNSW(instr, false);
  } else if (is_from_unsigned(instr)) {
    LLVMSetNNeg(instr, false);
  }
}
#else
static bool same_flags(LLVMValueRef a, LLVMValueRef b) {
  (void)a, (void)b;
  return false;
}

void wa_reroll_clear_flags(LLVMValueRef instr) {
  (void)instr;
}
#endif

bool wa_reroll_is_commutative(LLVMValueRef instr) {
  switch (LLVMGetInstructionOpcode(instr)) {
  case LLVMAdd:
  case LLVMMul:
  case LLVMAnd:
  case LLVMOr:
  case LLVMXor:
    return true;
  default:
    return false;
  }
}

static bool same_operation(LLVMValueRef a, LLVMValueRef b) {
  LLVMOpcode opcode = LLVMGetInstructionOpcode(a);
  if (opcode != LLVMGetInstructionOpcode(b) || LLVMTypeOf(a) != LLVMTypeOf(b) ||
      LLVMGetNumOperands(a) != LLVMGetNumOperands(b) || !same_flags(a, b))
    return false;
  switch (opcode) {
  case LLVMICmp:
    return LLVMGetICmpPredicate(a) == LLVMGetICmpPredicate(b);
  case LLVMFCmp:
    return LLVMGetFCmpPredicate(a) == LLVMGetFCmpPredicate(b);
  case LLVMCall: // of an intrinsic, which is an operand like others
  case LLVMSelect:
  case LLVMFNeg:
  case LLVMFreeze:
    return true;
  default:
    return LLVMIsABinaryOperator(a) || LLVMIsACastInst(a);
  }
}

static LLVMValueRef find_pair(const struct wa_reroll *loop, LLVMValueRef first, uint32_t group) {
  for (uint32_t i = 0; i < loop->pair_count; i++)
    if (loop->pairs[i].first == first && loop->pairs[i].group == group)
      return loop->pairs[i].other;
  return NULL;
}

static bool add_pair(struct wa_reroll *loop, LLVMValueRef first, LLVMValueRef other,
                     uint32_t group) {
  if (loop->pair_count == WA_REROLL_PAIRS)
    return false;
  loop->pairs[loop->pair_count++] = (struct wa_reroll_pair){first, other, group};
  return true;
}

// ---- Addresses ----

// base + zext(sum) + offset
struct place {
  LLVMValueRef base, sum;
  int64_t offset;
};

static bool place_of(const struct wa_reroll *loop, LLVMValueRef pointer, struct place *place) {
  *place = (struct place){.offset = 0};
  while (wa_reroll_has(loop, pointer) && wa_is_offset(pointer)) {
    LLVMValueRef index = LLVMGetOperand(pointer, 1);
    if (LLVMIsAConstantInt(index))
      place->offset += LLVMConstIntGetSExtValue(index);
    else if (!place->sum && LLVMIsAZExtInst(index))
      place->sum = LLVMGetOperand(index, 0);
    else
      return false;
    pointer = LLVMGetOperand(pointer, 0);
  }
  place->base = pointer;
  return place->sum && LLVMTypeOf(place->sum) == loop->lower->i32 && !wa_reroll_has(loop, pointer);
}

static int32_t growth_of(const struct wa_reroll *loop, const struct wa_linear *sum) {
  return (int32_t)wa_linear_growth(loop, sum);
}

// Whether an address is not below memory 0.
static bool is_in_memory0(const struct wa_reroll *loop, LLVMValueRef base) {
  while (wa_is_offset(base) && !wa_is_memory0_base(loop->lower, loop->ctx, base)) {
    LLVMValueRef index = LLVMGetOperand(base, 1);
    if (!LLVMIsAZExtInst(index) &&
        (!LLVMIsAConstantInt(index) || LLVMConstIntGetSExtValue(index) < 0))
      return false;
    base = LLVMGetOperand(base, 0);
  }
  return wa_is_memory0_base(loop->lower, loop->ctx, base);
}

// Rolled, the distance between groups is part of the sum of 32 bits. Where a part of it was not,
// the sum may wrap now. But then an access of a group before was so close to 4 GiB that it trapped,
// and unless the first group's has trapped, a sum of no less than that has not wrapped either.
static bool is_distance(const struct wa_reroll *loop, const struct place *first,
                        const struct place *other, const struct wa_linear *sum, uint64_t distance,
                        uint32_t group) {
  int64_t growth = growth_of(loop, sum), more = (int32_t)distance;
  if ((uint32_t)more == (uint32_t)growth * group && first->offset == other->offset)
    return true;
  return growth > 0 && more >= 0 && first->offset >= 0 && other->offset >= 0 &&
         (uint64_t)growth * loop->groups <= wa_memory0_slack(loop->lower->module) &&
         more + other->offset - first->offset == growth * group && is_in_memory0(loop, first->base);
}

static bool match_addresses(const struct wa_reroll *loop, LLVMValueRef first, LLVMValueRef other,
                            uint32_t group) {
  struct place a, b;
  struct wa_linear sum_a, sum_b;
  uint64_t distance;
  return place_of(loop, first, &a) && place_of(loop, other, &b) && a.base == b.base &&
         wa_linear_of(loop, a.sum, &sum_a) && wa_linear_of(loop, b.sum, &sum_b) &&
         sum_a.has_counter && wa_linear_distance(&sum_a, &sum_b, &distance) &&
         is_distance(loop, &a, &b, &sum_a, distance, group);
}

uint64_t wa_reroll_sweeps(const struct wa_reroll *loop, LLVMValueRef pointer) {
  struct place place;
  struct wa_linear sum;
  if (!place_of(loop, pointer, &place) || !wa_linear_of(loop, place.sum, &sum) ||
      place.offset < 0 || !is_in_memory0(loop, place.base))
    return 0;
  uint64_t growth = (uint64_t)llabs(growth_of(loop, &sum));
  return growth * loop->groups <= wa_memory0_slack(loop->lower->module) ? growth : 0;
}

// ---- Values ----

static bool is_plain(LLVMValueRef access) {
  return !LLVMGetVolatile(access) && LLVMGetOrdering(access) == LLVMAtomicOrderingNotAtomic;
}

static bool match_operands(struct wa_reroll *loop, LLVMValueRef first, LLVMValueRef other,
                           uint32_t group) {
  unsigned count = (unsigned)LLVMGetNumOperands(first), i = 0;
  uint32_t pair_count = loop->pair_count;
  while (i < count &&
         wa_reroll_match(loop, LLVMGetOperand(first, i), LLVMGetOperand(other, i), group))
    i++;
  if (i == count)
    return true;
  loop->pair_count = pair_count;
  return wa_reroll_is_commutative(first) &&
         wa_reroll_match(loop, LLVMGetOperand(first, 0), LLVMGetOperand(other, 1), group) &&
         wa_reroll_match(loop, LLVMGetOperand(first, 1), LLVMGetOperand(other, 0), group);
}

bool wa_reroll_match(struct wa_reroll *loop, LLVMValueRef first, LLVMValueRef other,
                     uint32_t group) {
  if (!wa_reroll_has(loop, first))
    return first == other;
  LLVMValueRef known = find_pair(loop, first, group);
  if (known)
    return known == other;
  if (loop->budget == 0)
    return false;
  loop->budget--;
  struct wa_linear a, b;
  uint64_t distance;
  if (wa_linear_of(loop, first, &a) && a.has_counter) {
    uint64_t unused = 64 - LLVMGetIntTypeWidth(LLVMTypeOf(first));
    return LLVMTypeOf(first) == LLVMTypeOf(other) && wa_linear_of(loop, other, &b) &&
           wa_linear_distance(&a, &b, &distance) &&
           (distance - wa_linear_growth(loop, &a) * group) << unused == 0;
  }
  if (!wa_reroll_has(loop, other) || LLVMIsAPHINode(first))
    return false;
  if (LLVMIsALoadInst(first))
    return LLVMIsALoadInst(other) && LLVMTypeOf(first) == LLVMTypeOf(other) && is_plain(first) &&
           is_plain(other) &&
           match_addresses(loop, LLVMGetOperand(first, 0), LLVMGetOperand(other, 0), group) &&
           add_pair(loop, first, other, group);
  return same_operation(first, other) && match_operands(loop, first, other, group) &&
         add_pair(loop, first, other, group);
}

bool wa_reroll_match_stores(struct wa_reroll *loop, LLVMValueRef first, LLVMValueRef other,
                            uint32_t group) {
  return is_plain(first) && is_plain(other) &&
         LLVMTypeOf(LLVMGetOperand(first, 0)) == LLVMTypeOf(LLVMGetOperand(other, 0)) &&
         match_addresses(loop, LLVMGetOperand(first, 1), LLVMGetOperand(other, 1), group) &&
         wa_reroll_match(loop, LLVMGetOperand(first, 0), LLVMGetOperand(other, 0), group) &&
         add_pair(loop, first, other, group);
}
