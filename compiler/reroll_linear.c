// Values of a loop as sums of its counters.
#include "reroll.h"

enum { MAX_DEPTH = 8 };

static uint64_t mask_of(LLVMValueRef value) {
  unsigned bits = LLVMGetIntTypeWidth(LLVMTypeOf(value));
  return bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
}

static const struct wa_reroll_counter *counter_of(const struct wa_reroll *loop,
                                                  LLVMValueRef value) {
  for (uint32_t i = 0; i < loop->counter_count; i++)
    if (loop->counters[i].phi == value)
      return &loop->counters[i];
  return NULL;
}

static bool add_term(const struct wa_reroll *loop, LLVMValueRef value, uint64_t factor,
                     struct wa_linear *linear) {
  for (uint32_t i = 0; i < linear->count; i++)
    if (linear->terms[i].value == value) {
      linear->terms[i].factor += factor;
      return true;
    }
  if (linear->count == WA_REROLL_TERMS)
    return false;
  const struct wa_reroll_counter *counter = counter_of(loop, value);
  linear->terms[linear->count++] = (struct wa_linear_term){value, counter, factor};
  linear->has_counter |= counter != NULL;
  return true;
}

static bool is_short_constant(LLVMValueRef value) {
  return LLVMIsAConstantInt(value) && LLVMGetIntTypeWidth(LLVMTypeOf(value)) <= 64;
}

static bool is_sum_with_constant(LLVMValueRef value) {
  return LLVMIsAInstruction(value) && LLVMGetInstructionOpcode(value) == LLVMAdd &&
         is_short_constant(LLVMGetOperand(value, 1));
}

// How many of the lowest bits of a sum are known to be 0 in every turn.
static unsigned zeros_of(const struct wa_linear *linear) {
  unsigned least = 64;
  for (uint32_t i = 0; i < linear->count; i++) {
    const struct wa_linear_term *term = &linear->terms[i];
    unsigned zeros = wa_known_zeros(term->counter ? term->counter->start : term->value, 4);
    if (term->counter && (unsigned)__builtin_ctzll((uint64_t)term->counter->step) < zeros)
      zeros = (unsigned)__builtin_ctzll((uint64_t)term->counter->step);
    if (term->factor != 0)
      zeros += (unsigned)__builtin_ctzll(term->factor);
    least = zeros < least && term->factor != 0 ? zeros : least;
  }
  if (linear->constant != 0 && (unsigned)__builtin_ctzll(linear->constant) < least)
    least = (unsigned)__builtin_ctzll(linear->constant);
  return least;
}

static bool add_linear(const struct wa_reroll *loop, LLVMValueRef value, uint64_t factor, int depth,
                       struct wa_linear *linear);

// `or` with bits that are 0 otherwise is a sum.
static bool add_or(const struct wa_reroll *loop, LLVMValueRef value, uint64_t factor, int depth,
                   struct wa_linear *linear) {
  LLVMValueRef left = LLVMGetOperand(value, 0), right = LLVMGetOperand(value, 1);
  struct wa_linear part = {.count = 0};
  if (!is_short_constant(right) || !add_linear(loop, left, 1, depth + 1, &part))
    return false;
  uint64_t bits = LLVMConstIntGetZExtValue(right);
  unsigned zeros = zeros_of(&part);
  if (zeros < 64 && bits >> zeros != 0)
    return false;
  linear->constant += bits * factor;
  return add_linear(loop, left, factor, depth + 1, linear);
}

static bool add_operands(const struct wa_reroll *loop, LLVMValueRef value, uint64_t factor,
                         int depth, struct wa_linear *linear) {
  LLVMValueRef left = LLVMGetOperand(value, 0);
  LLVMValueRef right = LLVMGetNumOperands(value) > 1 ? LLVMGetOperand(value, 1) : NULL;
  switch (LLVMGetInstructionOpcode(value)) {
  case LLVMAdd:
    return add_linear(loop, left, factor, depth + 1, linear) &&
           add_linear(loop, right, factor, depth + 1, linear);
  case LLVMSub:
    return add_linear(loop, left, factor, depth + 1, linear) &&
           add_linear(loop, right, -factor, depth + 1, linear);
  case LLVMMul:
    return is_short_constant(right) &&
           add_linear(loop, left, factor * LLVMConstIntGetZExtValue(right), depth + 1, linear);
  case LLVMShl:
    return is_short_constant(right) && LLVMConstIntGetZExtValue(right) < 64 &&
           add_linear(loop, left, factor << LLVMConstIntGetZExtValue(right), depth + 1, linear);
  case LLVMOr:
    return add_or(loop, value, factor, depth, linear);
  case LLVMTrunc:
    return LLVMGetIntTypeWidth(LLVMTypeOf(left)) <= 64 &&
           add_linear(loop, left, factor, depth + 1, linear);
  default:
    return false;
  }
}

// All is computed modulo 2^64, of which what is narrower is the low end: none of these operations
// carries anything downwards.
static bool add_linear(const struct wa_reroll *loop, LLVMValueRef value, uint64_t factor, int depth,
                       struct wa_linear *linear) {
  if (is_short_constant(value)) {
    linear->constant += LLVMConstIntGetZExtValue(value) * factor;
    return true;
  }
  if (is_sum_with_constant(value) && !wa_reroll_has(loop, value)) {
    linear->constant += LLVMConstIntGetZExtValue(LLVMGetOperand(value, 1)) * factor;
    value = LLVMGetOperand(value, 0);
  }
  if (!wa_reroll_has(loop, value) || counter_of(loop, value))
    return add_term(loop, value, factor, linear);
  return depth < MAX_DEPTH && !LLVMIsAPHINode(value) &&
         add_operands(loop, value, factor, depth, linear);
}

bool wa_linear_of(const struct wa_reroll *loop, LLVMValueRef value, struct wa_linear *linear) {
  *linear = (struct wa_linear){.count = 0};
  if (LLVMGetTypeKind(LLVMTypeOf(value)) != LLVMIntegerTypeKind ||
      LLVMGetIntTypeWidth(LLVMTypeOf(value)) > 64 || !add_linear(loop, value, 1, 0, linear))
    return false;
  linear->constant &= mask_of(value);
  for (uint32_t i = 0; i < linear->count; i++)
    linear->terms[i].factor &= mask_of(value);
  return true;
}

uint64_t wa_linear_growth(const struct wa_reroll *loop, const struct wa_linear *linear) {
  uint64_t growth = 0;
  for (uint32_t i = 0; i < linear->count; i++) {
    const struct wa_reroll_counter *counter = linear->terms[i].counter;
    if (counter)
      growth += (uint64_t)(counter->step / (int64_t)loop->groups) * linear->terms[i].factor;
  }
  return growth;
}

bool wa_linear_distance(const struct wa_linear *first, const struct wa_linear *second,
                        uint64_t *distance) {
  if (first->count != second->count)
    return false;
  for (uint32_t i = 0; i < first->count; i++) {
    uint32_t j = 0;
    while (j < second->count && second->terms[j].value != first->terms[i].value)
      j++;
    if (j == second->count || second->terms[j].factor != first->terms[i].factor)
      return false;
  }
  *distance = second->constant - first->constant;
  return true;
}

static unsigned least(unsigned a, unsigned b) {
  return a < b ? a : b;
}

unsigned wa_known_zeros(LLVMValueRef value, int depth) {
  if (is_short_constant(value)) {
    uint64_t constant = LLVMConstIntGetZExtValue(value);
    return constant == 0 ? 64 : (unsigned)__builtin_ctzll(constant);
  }
  if (depth == 0 || !LLVMIsAInstruction(value))
    return 0;
  LLVMOpcode opcode = LLVMGetInstructionOpcode(value);
  if (opcode != LLVMAnd && opcode != LLVMAdd && opcode != LLVMSub && opcode != LLVMShl &&
      opcode != LLVMMul && opcode != LLVMOr)
    return 0;
  LLVMValueRef right = LLVMGetOperand(value, 1);
  unsigned left_zeros = wa_known_zeros(LLVMGetOperand(value, 0), depth - 1);
  if (opcode == LLVMShl)
    return is_short_constant(right)
               ? least(64, left_zeros + (unsigned)LLVMConstIntGetZExtValue(right))
               : left_zeros;
  unsigned right_zeros = wa_known_zeros(right, depth - 1);
  if (opcode == LLVMAnd)
    return left_zeros > right_zeros ? left_zeros : right_zeros;
  return opcode == LLVMMul ? least(64, left_zeros + right_zeros) : least(left_zeros, right_zeros);
}
