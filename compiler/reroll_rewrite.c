// Rolls up an unrolled loop whose groups are known.
#include "reroll.h"

#include <stdlib.h>

// ---- What is used behind the loop ----

static LLVMValueRef user_behind(const struct wa_reroll *loop, LLVMValueRef value) {
  for (LLVMUseRef use = LLVMGetFirstUse(value); use; use = LLVMGetNextUse(use))
    if (LLVMGetInstructionParent(LLVMGetUser(use)) != loop->block)
      return LLVMGetUser(use);
  return NULL;
}

static void replace_behind(const struct wa_reroll *loop, LLVMValueRef value, LLVMValueRef other) {
  for (LLVMValueRef user; (user = user_behind(loop, value));) {
    unsigned count = (unsigned)LLVMGetNumOperands(user);
    for (unsigned i = 0; i < count; i++)
      if (LLVMGetOperand(user, i) == value)
        LLVMSetOperand(user, i, other);
  }
}

// The counter that a value is a constant apart from, or NULL.
static struct wa_reroll_counter *counter_of(struct wa_reroll *loop, LLVMValueRef value,
                                            int64_t *distance) {
  struct wa_linear linear;
  if (!wa_linear_of(loop, value, &linear) || linear.count != 1 || linear.terms[0].factor != 1)
    return NULL;
  *distance = wa_signed(linear.constant, LLVMTypeOf(value));
  for (uint32_t i = 0; i < loop->counter_count; i++)
    if (loop->counters[i].phi == linear.terms[0].value &&
        LLVMTypeOf(loop->counters[i].phi) == LLVMTypeOf(value))
      return &loop->counters[i];
  return NULL;
}

// What the last group computes, the first one does last when the loop is rolled up.
static LLVMValueRef last_of(const struct wa_reroll *loop, LLVMValueRef value) {
  for (uint32_t i = 0; i < loop->pair_count; i++)
    if (loop->pairs[i].other == value && loop->pairs[i].group == loop->groups - 1)
      return loop->pairs[i].first;
  return NULL;
}

static bool is_sum(const struct wa_unrolled *u, LLVMValueRef value) {
  for (uint32_t i = 0; i < u->sum_count; i++)
    if (u->sums[i].next == value)
      return true;
  return false;
}

bool wa_reroll_find_results(struct wa_unrolled *u) {
  for (LLVMValueRef i = LLVMGetFirstInstruction(u->loop.block); i; i = LLVMGetNextInstruction(i)) {
    int64_t distance;
    if (!user_behind(&u->loop, i) || is_sum(u, i))
      continue;
    LLVMValueRef last = last_of(&u->loop, i);
    bool is_clear = counter_of(&u->loop, i, &distance) || (last && !user_behind(&u->loop, last));
    if (!is_clear || u->result_count == WA_REROLL_RESULTS)
      return false;
    u->results[u->result_count++] = i;
  }
  return true;
}

// ---- Rolling up ----

static void replace_value(struct wa_unrolled *u, LLVMValueRef value, LLVMValueRef other) {
  LLVMReplaceAllUsesWith(value, other);
  for (uint32_t i = 0; i < u->sum_count; i++)
    for (uint32_t j = 0; j < u->sums[i].count; j++)
      if (u->sums[i].terms[j] == value)
        u->sums[i].terms[j] = other;
  for (uint32_t i = 0; i < u->result_count; i++)
    if (u->results[i] == value)
      u->results[i] = other;
}

// A sum of counters is to have more values than it had: it must not say that it wraps for none.
static void forget_flags(struct wa_unrolled *u) {
  const struct wa_reroll *loop = &u->loop;
  LLVMBuilderRef builder = loop->lower->builder;
  for (LLVMValueRef i = LLVMGetFirstInstruction(loop->block), next; i; i = next) {
    struct wa_linear linear;
    next = LLVMGetNextInstruction(i);
    bool is_wide = LLVMIsAZExtInst(i) != NULL;
    if (LLVMIsAPHINode(i) || !wa_linear_of(loop, is_wide ? LLVMGetOperand(i, 0) : i, &linear) ||
        !linear.has_counter)
      continue;
    if (LLVMGetInstructionOpcode(i) == LLVMOr) {
      LLVMPositionBuilderBefore(builder, i);
      replace_value(u, i, LLVMBuildAdd(builder, LLVMGetOperand(i, 0), LLVMGetOperand(i, 1), ""));
      LLVMInstructionEraseFromParent(i);
    } else {
      wa_reroll_clear_flags(i);
    }
  }
}

static void set_next(const struct wa_reroll *loop, LLVMValueRef phi, LLVMValueRef next) {
  LLVMSetOperand(phi, LLVMGetIncomingBlock(phi, 1) == loop->block, next);
}

static LLVMValueRef build_distance(LLVMBuilderRef builder, LLVMValueRef value, int64_t distance) {
  LLVMTypeRef type = LLVMTypeOf(value);
  uint64_t bits = (uint64_t)distance & UINT64_MAX >> (64 - LLVMGetIntTypeWidth(type));
  return bits == 0 ? value : LLVMBuildAdd(builder, value, LLVMConstInt(type, bits, false), "");
}

static void step_counters(struct wa_reroll *loop) {
  for (uint32_t i = 0; i < loop->counter_count; i++) {
    struct wa_reroll_counter *counter = &loop->counters[i];
    int64_t step = counter->step / (int64_t)loop->groups;
    counter->rolled = build_distance(loop->lower->builder, counter->phi, step);
  }
}

static void replace_results(struct wa_unrolled *u) {
  struct wa_reroll *loop = &u->loop;
  for (uint32_t i = 0; i < u->result_count; i++) {
    LLVMValueRef value = u->results[i];
    int64_t distance;
    struct wa_reroll_counter *counter = counter_of(loop, value, &distance);
    replace_behind(
        loop, value,
        counter ? build_distance(loop->lower->builder, counter->rolled, distance - counter->step)
                : last_of(loop, value));
  }
}

static void roll_sum(const struct wa_reroll *loop, const struct wa_reroll_sum *sum) {
  LLVMOpcode opcode = LLVMGetInstructionOpcode(sum->next);
  LLVMValueRef next = sum->phi;
  for (uint32_t i = 0; i < sum->count; i += loop->groups)
    next = LLVMBuildBinOp(loop->lower->builder, opcode, next, sum->terms[i], "");
  replace_behind(loop, sum->next, next);
  set_next(loop, sum->phi, next);
}

// The number of turns of the loop when it is rolled up. Where the end is no whole number of the old
// turns away, 0, which a counter from 0 does not come to before a trap.
static LLVMValueRef build_turns(const struct wa_unrolled *u) {
  LLVMBuilderRef builder = u->loop.lower->builder;
  LLVMTypeRef type = LLVMTypeOf(u->end);
  LLVMValueRef way = LLVMBuildSub(builder, u->end, u->end_counter->start, "");
  for (uint32_t i = 0; i < u->end_sum.count; i++) {
    const struct wa_linear_term *term = &u->end_sum.terms[i];
    LLVMValueRef factor = LLVMConstInt(type, term->factor, false);
    if (!term->counter)
      way = LLVMBuildSub(builder, way, LLVMBuildMul(builder, term->value, factor, ""), "");
  }
  way = build_distance(builder, way, u->end_offset);
  if (u->end_counter->step < 0)
    way = LLVMBuildNeg(builder, way, "");
  uint64_t step = (uint64_t)llabs(u->end_counter->step);
  LLVMValueRef rest = LLVMBuildURem(builder, way, LLVMConstInt(type, step, false), "");
  LLVMValueRef turns =
      LLVMBuildUDiv(builder, way, LLVMConstInt(type, step / u->loop.groups, false), "");
  LLVMValueRef is_whole = LLVMBuildICmp(builder, LLVMIntEQ, rest, LLVMConstNull(type), "");
  return LLVMBuildSelect(builder, is_whole, turns, LLVMConstNull(type), "");
}

// Gives the loop a counter that ends it, and returns what that is in the next turn.
static LLVMValueRef count_turns(const struct wa_unrolled *u) {
  const struct wa_reroll *loop = &u->loop;
  LLVMBuilderRef builder = loop->lower->builder;
  LLVMTypeRef type = LLVMTypeOf(u->end);
  LLVMPositionBuilderBefore(builder, LLVMGetFirstInstruction(loop->block));
  LLVMValueRef phi = LLVMBuildPhi(builder, type, "");
  LLVMPositionBuilderBefore(builder, LLVMGetBasicBlockTerminator(loop->block));
  LLVMValueRef values[] = {LLVMConstNull(type), build_distance(builder, phi, 1)};
  LLVMBasicBlockRef blocks[] = {loop->preheader, loop->block};
  LLVMAddIncoming(phi, values, blocks, 2);
  return values[1];
}

static void roll_end(const struct wa_unrolled *u) {
  const struct wa_reroll *loop = &u->loop;
  LLVMBuilderRef builder = loop->lower->builder;
  LLVMValueRef branch = LLVMGetBasicBlockTerminator(loop->block);
  LLVMIntPredicate predicate = LLVMGetICmpPredicate(LLVMGetCondition(branch));
  LLVMValueRef next = u->ends_alike ? u->end_counter->rolled : count_turns(u);
  LLVMPositionBuilderBefore(builder, LLVMGetBasicBlockTerminator(loop->preheader));
  LLVMValueRef end =
      u->ends_alike ? build_distance(builder, u->end, u->end_offset) : build_turns(u);
  LLVMPositionBuilderBefore(builder, branch);
  LLVMSetCondition(branch, LLVMBuildICmp(builder, predicate, next, end, ""));
}

static void erase_groups(const struct wa_unrolled *u) {
  for (uint32_t i = u->store_count / u->loop.groups; i < u->store_count; i++)
    LLVMInstructionEraseFromParent(u->stores[i]);
  LLVMValueRef previous = LLVMGetBasicBlockTerminator(u->loop.block);
  for (LLVMValueRef i = LLVMGetPreviousInstruction(previous); i; i = previous) {
    previous = LLVMGetPreviousInstruction(i);
    if (!LLVMGetFirstUse(i) && !LLVMIsAStoreInst(i) && !LLVMIsADbgInfoIntrinsic(i))
      LLVMInstructionEraseFromParent(i);
  }
}

void wa_reroll_rewrite(struct wa_unrolled *u) {
  struct wa_reroll *loop = &u->loop;
  forget_flags(u);
  LLVMPositionBuilderBefore(loop->lower->builder, LLVMGetBasicBlockTerminator(loop->block));
  step_counters(loop);
  replace_results(u);
  for (uint32_t i = 0; i < u->sum_count; i++)
    roll_sum(loop, &u->sums[i]);
  for (uint32_t i = 0; i < loop->counter_count; i++)
    set_next(loop, loop->counters[i].phi, loop->counters[i].rolled);
  roll_end(u);
  erase_groups(u);
}
