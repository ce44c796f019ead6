// Loops that the producer of the module has unrolled, rolled up again.
//
// clang unrolls loops for WebAssembly, where LLVM's vectoriser then finds four loads, four elements
// apart each, and shuffles them. In `s += p[0]; s += p[1]; p += 2` each half is the other one turn
// later, so one half does with a step of half the size: what the vectoriser was made for.
//
// What the loop does to memory must stay what it was, a trap between two stores included. So the
// stores keep their order, loads keep theirs to the stores, and only loads may change places with
// loads.
#include "reroll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_GROUPS = 16, BUDGET = 20000 };

// ---- What is in the loop ----

LLVMBasicBlockRef wa_reroll_preheader(LLVMBasicBlockRef block) {
  LLVMValueRef branch = LLVMGetBasicBlockTerminator(block);
  if (!LLVMIsABranchInst(branch) || !LLVMIsConditional(branch) ||
      LLVMGetSuccessor(branch, 0) == LLVMGetSuccessor(branch, 1))
    return NULL;
  return wa_preheader_of(block);
}

static bool has_one_use(LLVMValueRef value) {
  LLVMUseRef use = LLVMGetFirstUse(value);
  return use && !LLVMGetNextUse(use);
}

static LLVMValueRef incoming(const struct wa_reroll *loop, LLVMValueRef phi, bool from_loop) {
  bool second_is_loop = LLVMGetIncomingBlock(phi, 1) == loop->block;
  return LLVMGetIncomingValue(phi, second_is_loop == from_loop);
}

// Intrinsics without effects that the vectoriser takes.
static bool is_simple_call(LLVMValueRef call) {
  static const char *const names[] = {"llvm.umin", "llvm.umax",    "llvm.smin",    "llvm.smax",
                                      "llvm.abs",  "llvm.ctpop",   "llvm.fshl",    "llvm.fshr",
                                      "llvm.fabs", "llvm.sqrt",    "llvm.bswap",   "llvm.minimum",
                                      "llvm.ceil", "llvm.maximum", "llvm.copysign"};
  unsigned id = LLVMGetIntrinsicID(LLVMGetCalledValue(call));
  size_t length = 0;
  const char *name = id == 0 ? "" : LLVMIntrinsicGetName(id, &length);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
      return true;
  return false;
}

// Whether a value joins terms in the way in which the sum's next value does.
static bool joins(const struct wa_reroll *loop, const struct wa_reroll_sum *sum,
                  LLVMValueRef value) {
  return wa_reroll_has(loop, value) && wa_reroll_is_commutative(value) &&
         LLVMGetInstructionOpcode(value) == LLVMGetInstructionOpcode(sum->next) &&
         (value == sum->next || has_one_use(value));
}

static bool add_terms(const struct wa_reroll *loop, struct wa_reroll_sum *sum, LLVMValueRef value,
                      int depth) {
  if (value == sum->phi) {
    sum->phi_uses++;
    return true;
  }
  if (joins(loop, sum, value))
    return depth > 0 && add_terms(loop, sum, LLVMGetOperand(value, 0), depth - 1) &&
           add_terms(loop, sum, LLVMGetOperand(value, 1), depth - 1);
  if (sum->count == WA_REROLL_SUM_TERMS)
    return false;
  sum->terms[sum->count++] = value;
  return true;
}

static bool add_sum(struct wa_unrolled *u, LLVMValueRef phi, LLVMValueRef next) {
  if (u->sum_count == WA_REROLL_SUMS || !wa_reroll_has(&u->loop, next) ||
      !wa_reroll_is_commutative(next) || !has_one_use(phi))
    return false;
  struct wa_reroll_sum *sum = &u->sums[u->sum_count++];
  sum->phi = phi;
  sum->next = next;
  for (LLVMUseRef use = LLVMGetFirstUse(next); use; use = LLVMGetNextUse(use))
    if (LLVMGetUser(use) != phi && LLVMGetInstructionParent(LLVMGetUser(use)) == u->loop.block)
      return false;
  return add_terms(&u->loop, sum, next, WA_REROLL_SUM_TERMS) && sum->phi_uses == 1;
}

static bool add_phi(struct wa_unrolled *u, LLVMValueRef phi) {
  struct wa_reroll *loop = &u->loop;
  LLVMValueRef next = incoming(loop, phi, true), step = wa_step_of(phi, next);
  if (!step || LLVMGetIntTypeWidth(LLVMTypeOf(phi)) > 64)
    return add_sum(u, phi, next);
  if (loop->counter_count == WA_REROLL_COUNTERS || LLVMConstIntGetSExtValue(step) == 0)
    return false;
  loop->counters[loop->counter_count++] = (struct wa_reroll_counter){
      .phi = phi, .start = incoming(loop, phi, false), .step = LLVMConstIntGetSExtValue(step)};
  return true;
}

static bool add_access(struct wa_unrolled *u, LLVMValueRef access, bool is_store) {
  LLVMTypeRef type = LLVMTypeOf(is_store ? LLVMGetOperand(access, 0) : access);
  if (u->access_count == WA_REROLL_ACCESSES || LLVMGetVolatile(access) ||
      LLVMGetOrdering(access) != LLVMAtomicOrderingNotAtomic ||
      LLVMGetTypeKind(type) == LLVMVectorTypeKind)
    return false;
  u->accesses[u->access_count++] = access;
  if (is_store)
    u->stores[u->store_count++] = access;
  return true;
}

static bool add_instruction(struct wa_unrolled *u, LLVMValueRef instr) {
  switch (LLVMGetInstructionOpcode(instr)) {
  case LLVMPHI:
    return add_phi(u, instr);
  case LLVMLoad:
  case LLVMStore:
    return add_access(u, instr, LLVMIsAStoreInst(instr) != NULL);
  case LLVMCall:
    return LLVMIsADbgInfoIntrinsic(instr) || is_simple_call(instr);
  case LLVMFence:
  case LLVMAtomicRMW:
  case LLVMAtomicCmpXchg:
  case LLVMAlloca:
  case LLVMVAArg:
    return false;
  default:
    return true;
  }
}

// ---- The end of the loop ----

static bool is_same_or_sum_with(LLVMValueRef end, LLVMValueRef start, LLVMValueRef *rest) {
  *rest = NULL;
  if (end == start)
    return true;
  if (!LLVMIsABinaryOperator(end) || LLVMGetInstructionOpcode(end) != LLVMAdd)
    return false;
  bool is_first = LLVMGetOperand(end, 0) == start;
  if (!is_first && LLVMGetOperand(end, 1) != start)
    return false;
  *rest = LLVMGetOperand(end, is_first);
  return true;
}

static unsigned zeros_of_constant(uint64_t value) {
  return value == 0 ? 64 : (unsigned)__builtin_ctzll(value);
}

// How many of the lowest bits of the distance from start to end are known to be 0.
static unsigned zeros_of_way(const struct wa_unrolled *u) {
  LLVMValueRef rest, start = u->end_counter->start;
  unsigned offset_zeros = zeros_of_constant((uint64_t)u->end_offset), zeros;
  if (is_same_or_sum_with(u->end, start, &rest)) {
    zeros = rest ? wa_known_zeros(rest, 6) : 64;
  } else {
    unsigned end_zeros = wa_known_zeros(u->end, 6), start_zeros = wa_known_zeros(start, 6);
    zeros = end_zeros < start_zeros ? end_zeros : start_zeros;
  }
  return offset_zeros < zeros ? offset_zeros : zeros;
}

static bool is_constant_way(const struct wa_unrolled *u, int64_t *way) {
  if (!LLVMIsAConstantInt(u->end) || !LLVMIsAConstantInt(u->end_counter->start))
    return false;
  *way = wa_signed(LLVMConstIntGetZExtValue(u->end) + (uint64_t)u->end_offset -
                       LLVMConstIntGetZExtValue(u->end_counter->start),
                   LLVMTypeOf(u->end));
  return true;
}

// Whether the loop, rolled up, ends when a number of turns is over that it had before, times the
// number of groups. Where that is a power of two, wrapping does no harm: the first number of turns
// that leads to the end is below the number after which the counter repeats itself.
static bool ends_alike(const struct wa_unrolled *u) {
  int64_t step = u->end_counter->step, way;
  if (u->end_sum.count != 1)
    return false;
  if (is_constant_way(u, &way) && way != 0 && way % step == 0 && way / step > 0)
    return true;
  return (u->loop.groups & (u->loop.groups - 1)) == 0 &&
         zeros_of_way(u) >= zeros_of_constant((uint64_t)step);
}

// Whether some access traps before the counter that ends the loop has come round to where it began:
// it grows as fast, and takes no step across the top of what 32 bits can address.
static bool ends_by_trap(const struct wa_unrolled *u) {
  uint64_t end_growth = (uint64_t)llabs(u->end_counter->step) / u->loop.groups;
  for (uint32_t i = 0; i < u->loop.pair_count; i++) {
    LLVMValueRef first = u->loop.pairs[i].first;
    int operand = wa_pointer_operand(first);
    if (operand >= 0 &&
        wa_reroll_sweeps(&u->loop, LLVMGetOperand(first, (unsigned)operand)) >= end_growth)
      return true;
  }
  return false;
}

static bool find_end(struct wa_unrolled *u) {
  LLVMValueRef branch = LLVMGetBasicBlockTerminator(u->loop.block);
  LLVMValueRef compare = LLVMGetCondition(branch);
  if (!wa_reroll_has(&u->loop, compare) || !LLVMIsAICmpInst(compare) || !has_one_use(compare))
    return false;
  bool first_goes_on = LLVMGetSuccessor(branch, 0) == u->loop.block;
  if (LLVMGetICmpPredicate(compare) != (first_goes_on ? LLVMIntNE : LLVMIntEQ))
    return false;
  bool is_swapped = wa_reroll_has(&u->loop, LLVMGetOperand(compare, 1));
  struct wa_linear *sum = &u->end_sum;
  u->end = LLVMGetOperand(compare, !is_swapped);
  if (wa_reroll_has(&u->loop, u->end) ||
      !wa_linear_of(&u->loop, LLVMGetOperand(compare, is_swapped), sum))
    return false;
  for (uint32_t i = 0; i < sum->count; i++) {
    const struct wa_linear_term *term = &sum->terms[i];
    if (LLVMTypeOf(term->value) != LLVMTypeOf(u->end) ||
        (term->counter && (u->end_counter || term->factor != 1)))
      return false;
    if (term->counter)
      u->end_counter = term->counter;
  }
  if (!u->end_counter)
    return false;
  u->end_offset = wa_signed((uint64_t)u->end_counter->step - sum->constant, LLVMTypeOf(u->end));
  return true;
}

// ---- Groups ----

// A number that differs between groups: where the load is that a term is made of.
static bool find_key(const struct wa_reroll *loop, LLVMValueRef value, int depth, int64_t offset,
                     int64_t *key) {
  if (depth == 0 || !wa_reroll_has(loop, value))
    return false;
  struct wa_linear linear;
  if (wa_linear_of(loop, value, &linear) && linear.has_counter) {
    *key = (int32_t)linear.constant + offset;
    return true;
  }
  if (LLVMIsAPHINode(value))
    return false;
  bool is_offset = wa_is_offset(value) && LLVMIsAConstantInt(LLVMGetOperand(value, 1));
  if (is_offset)
    offset += LLVMConstIntGetSExtValue(LLVMGetOperand(value, 1));
  for (unsigned i = (unsigned)LLVMGetNumOperands(value); i > 0; i--)
    if (find_key(loop, LLVMGetOperand(value, i - 1), depth - 1, offset, key))
      return true;
  return false;
}

static void sort_terms(const struct wa_reroll *loop, struct wa_reroll_sum *sum, bool falling) {
  for (uint32_t i = 0; i < sum->count; i++) {
    int64_t key = 0;
    LLVMValueRef term = sum->terms[i];
    find_key(loop, term, 8, 0, &key);
    key = falling ? -key : key;
    uint32_t place = i;
    for (; place > 0 && sum->keys[place - 1] > key; place--) {
      sum->keys[place] = sum->keys[place - 1];
      sum->terms[place] = sum->terms[place - 1];
    }
    sum->keys[place] = key;
    sum->terms[place] = term;
  }
}

// Moves the term of another group that matches to the front of those without a group.
static bool take_mate(struct wa_reroll *loop, struct wa_reroll_sum *sum, uint32_t first,
                      uint32_t taken, uint32_t group) {
  for (uint32_t i = taken; i < sum->count; i++) {
    uint32_t pair_count = loop->pair_count;
    LLVMValueRef term = sum->terms[i];
    if (wa_reroll_match(loop, sum->terms[first], term, group)) {
      memmove(&sum->terms[taken + 1], &sum->terms[taken], (i - taken) * sizeof term);
      sum->terms[taken] = term;
      return true;
    }
    loop->pair_count = pair_count;
  }
  return false;
}

// Leaves the first group's terms at every `groups`th place.
static bool match_sum(struct wa_reroll *loop, struct wa_reroll_sum *sum) {
  if (sum->count % loop->groups != 0)
    return false;
  for (uint32_t first = 0; first < sum->count; first += loop->groups) {
    if (!wa_reroll_match(loop, sum->terms[first], sum->terms[first], 0))
      return false;
    for (uint32_t group = 1; group < loop->groups; group++)
      if (!take_mate(loop, sum, first, first + group, group))
        return false;
  }
  return true;
}

static bool match_stores(struct wa_unrolled *u) {
  struct wa_reroll *loop = &u->loop;
  uint32_t own = u->store_count / loop->groups;
  for (uint32_t i = 0; i < u->store_count; i++)
    if (!wa_reroll_match_stores(loop, u->stores[i % own], u->stores[i], i / own))
      return false;
  return true;
}

static uint32_t place_of(const struct wa_unrolled *u, LLVMValueRef access) {
  uint32_t i = 0;
  while (i < u->access_count && u->accesses[i] != access)
    i++;
  return i;
}

// Whether two accesses come in the same order when the loop is rolled up.
static bool keep_order(const struct wa_unrolled *u, const struct wa_reroll_pair *a,
                       const struct wa_reroll_pair *b) {
  bool before = place_of(u, a->other) < place_of(u, b->other);
  bool rolled =
      a->group != b->group ? a->group < b->group : place_of(u, a->first) < place_of(u, b->first);
  return before == rolled;
}

// Loads may change places with loads only.
static bool keeps_order(const struct wa_unrolled *u) {
  for (uint32_t i = 0; i < u->loop.pair_count; i++) {
    const struct wa_reroll_pair *store = &u->loop.pairs[i];
    for (uint32_t j = 0; LLVMIsAStoreInst(store->first) && j < u->loop.pair_count; j++) {
      const struct wa_reroll_pair *other = &u->loop.pairs[j];
      bool is_access = LLVMIsALoadInst(other->first) || LLVMIsAStoreInst(other->first);
      if (i != j && is_access && !keep_order(u, store, other))
        return false;
    }
  }
  return true;
}

static bool is_shared(const struct wa_module *module) {
  for (uint32_t i = 0; i < module->memory_count; i++)
    if (module->memories[i].limits.shared)
      return true;
  return false;
}

// Whether a load serves several groups, which would each have its own.
static bool loads_again(const struct wa_reroll *loop) {
  for (uint32_t i = 0; i < loop->pair_count; i++)
    for (uint32_t j = 0; LLVMIsALoadInst(loop->pairs[i].other) && j < i; j++)
      if (loop->pairs[i].other == loop->pairs[j].other)
        return true;
  return false;
}

static bool has_groups(struct wa_unrolled *u, uint32_t groups, bool falling) {
  u->loop.groups = groups;
  u->loop.pair_count = 0;
  for (uint32_t i = 0; i < u->loop.counter_count; i++)
    if (u->loop.counters[i].step % (int64_t)groups != 0)
      return false;
  if (u->store_count % groups != 0)
    return false;
  for (uint32_t i = 0; i < u->sum_count; i++) {
    sort_terms(&u->loop, &u->sums[i], falling);
    if (!match_sum(&u->loop, &u->sums[i]))
      return false;
  }
  if (!match_stores(u) || !keeps_order(u))
    return false;
  // Another thread may write between two loads.
  if (is_shared(u->loop.lower->module) && loads_again(&u->loop))
    return false;
  u->ends_alike = ends_alike(u);
  return u->ends_alike || ends_by_trap(u);
}

static bool find_groups(struct wa_unrolled *u) {
  for (uint32_t groups = MAX_GROUPS; groups > 1; groups--)
    if (has_groups(u, groups, false) || (u->sum_count > 0 && has_groups(u, groups, true)))
      return true;
  return false;
}

// ---- Loops ----

// False when the loop does what no unrolled one does.
static bool find_loop(struct wa_unrolled *u) {
  for (LLVMValueRef i = LLVMGetFirstInstruction(u->loop.block); i; i = LLVMGetNextInstruction(i))
    if (!add_instruction(u, i))
      return false;
  return u->access_count > 1 && u->loop.counter_count > 0 && find_end(u);
}

// Whether the function loads vectors. Its producer then has vectorised loops itself, and those that
// are unrolled are what these leave over, or do where their streams overlap.
static bool has_vectors(LLVMValueRef function) {
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block))
    for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i))
      if (LLVMIsALoadInst(i) && LLVMGetTypeKind(LLVMTypeOf(i)) == LLVMVectorTypeKind)
        return true;
  return false;
}

// Says in the block's name how often the loop was unrolled, for wa_unroll_again.
static void name_block(const struct wa_reroll *loop) {
  char name[32];
  int length = snprintf(name, sizeof name, "%s%u.", WA_ROLLED_NAME, loop->groups);
  LLVMSetValueName2(LLVMBasicBlockAsValue(loop->block), name, (size_t)length);
}

static void reroll(struct wa_lower *lower, LLVMValueRef function, LLVMBasicBlockRef block,
                   LLVMBasicBlockRef preheader) {
  struct wa_unrolled u = {
      .loop = {.lower = lower, .block = block, .preheader = preheader, .budget = BUDGET}};
  u.loop.ctx = LLVMGetParam(function, 0);
  if (!find_loop(&u) || !find_groups(&u) || !wa_reroll_find_results(&u) || has_vectors(function))
    return;
  wa_reroll_rewrite(&u);
  name_block(&u.loop);
}

void wa_reroll_loops(struct wa_lower *lower, LLVMValueRef function) {
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    LLVMBasicBlockRef preheader = wa_reroll_preheader(block);
    if (preheader && LLVMIsABranchInst(LLVMGetBasicBlockTerminator(preheader)))
      reroll(lower, function, block, preheader);
  }
}
