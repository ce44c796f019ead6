// Whether the body of a loop consists of equal parts, each a copy of the first one some iterations
// of the rolled loop later.
#include "compiler/repair/roll.h"

// ---- Values ----

static bool is_address_later(struct wa_roll *r, LLVMValueRef first, LLVMValueRef other,
                             uint32_t copy) {
  if (!wa_roll_has(r, first) && first == other) {
    return true;
  }
  struct wa_roll_place a, b;
  return wa_roll_find_place(r, first, &a) && wa_roll_find_place(r, other, &b) &&
         wa_roll_is_place_later(r, &a, &b, copy);
}

static LLVMValueRef pair_of(const struct wa_roll *r, LLVMValueRef first, uint32_t copy) {
  for (uint32_t i = 0; i < r->pair_count; i++) {
    if (r->pairs[i].first == first && r->pairs[i].copy == copy) {
      return r->pairs[i].other;
    }
  }
  return NULL;
}

static bool add_pair(struct wa_roll *r, LLVMValueRef first, LLVMValueRef other, uint32_t copy) {
  if (r->pair_count == WA_ROLL_MOST_PAIRS) {
    return false;
  }
  r->pairs[r->pair_count++] = (struct wa_roll_pair){first, other, copy};
  return true;
}

static bool is_same_operation(LLVMValueRef a, LLVMValueRef b) {
  LLVMOpcode opcode = LLVMGetInstructionOpcode(a);
  if (opcode != LLVMGetInstructionOpcode(b) || LLVMTypeOf(a) != LLVMTypeOf(b) ||
      LLVMGetNumOperands(a) != LLVMGetNumOperands(b)) {
    return false;
  }
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

static bool is_commutative(LLVMValueRef instr) {
  switch (LLVMGetInstructionOpcode(instr)) {
  case LLVMAdd:
  case LLVMMul:
  case LLVMAnd:
  case LLVMOr:
  case LLVMXor:
  case LLVMFAdd:
  case LLVMFMul:
    return true;
  default:
    return false;
  }
}

static bool is_later(struct wa_roll *r, LLVMValueRef first, LLVMValueRef other, uint32_t copy);

static bool are_operands_later(struct wa_roll *r, LLVMValueRef first, LLVMValueRef other,
                               uint32_t copy) {
  unsigned count = (unsigned)LLVMGetNumOperands(first), i = 0;
  uint32_t pair_count = r->pair_count;
  while (i < count && is_later(r, LLVMGetOperand(first, i), LLVMGetOperand(other, i), copy)) {
    i++;
  }
  if (i == count) {
    return true;
  }
  r->pair_count = pair_count;
  return is_commutative(first) &&
         is_later(r, LLVMGetOperand(first, 0), LLVMGetOperand(other, 1), copy) &&
         is_later(r, LLVMGetOperand(first, 1), LLVMGetOperand(other, 0), copy);
}

// What an iteration hands to the next one, each copy hands to the next copy.
static bool is_phi_later(struct wa_roll *r, struct wa_roll_phi *phi, LLVMValueRef other,
                         uint32_t copy) {
  if (phi->kind != WA_ROLL_OTHER || copy == 0) {
    return phi->kind == WA_ROLL_OTHER && phi->phi == other;
  }
  if (copy > 1 || phi->next) {
    return phi->next && is_later(r, phi->next, other, copy - 1);
  }
  if (LLVMIsAPHINode(other) || !is_later(r, other, other, 0)) {
    return false;
  }
  phi->next = other;
  return true;
}

// Whether a value is what one of the first copy is `copy` copies later. Notes pairs of what has to
// be as well; they mean nothing when it is not.
static bool is_later(struct wa_roll *r, LLVMValueRef first, LLVMValueRef other, uint32_t copy) {
  if (!wa_roll_has(r, first)) {
    return first == other;
  }
  LLVMValueRef known = pair_of(r, first, copy);
  if (known || r->steps == 0) {
    return known == other;
  }
  r->steps--;
  struct wa_roll_sum a, b;
  if (wa_roll_find_sum(r, first, &a)) {
    return LLVMTypeOf(first) == LLVMTypeOf(other) && wa_roll_find_sum(r, other, &b) &&
           wa_roll_is_sum_later(&a, &b, copy, LLVMGetIntTypeWidth(LLVMTypeOf(first)));
  }
  if (!wa_roll_has(r, other)) {
    return false;
  }
  struct wa_roll_phi *phi = wa_roll_find_phi(r, first);
  if (phi) {
    return is_phi_later(r, phi, other, copy);
  }
  if (LLVMIsALoadInst(first)) {
    return LLVMIsALoadInst(other) && LLVMTypeOf(first) == LLVMTypeOf(other) &&
           is_address_later(r, wa_roll_address(first), wa_roll_address(other), copy) &&
           add_pair(r, first, other, copy);
  }
  return is_same_operation(first, other) && are_operands_later(r, first, other, copy) &&
         add_pair(r, first, other, copy);
}

static bool is_store_later(struct wa_roll *r, LLVMValueRef first, LLVMValueRef other,
                           uint32_t copy) {
  struct wa_roll_place a, b;
  return LLVMTypeOf(LLVMGetOperand(first, 0)) == LLVMTypeOf(LLVMGetOperand(other, 0)) &&
         wa_roll_find_place(r, wa_roll_address(first), &a) &&
         wa_roll_find_place(r, wa_roll_address(other), &b) && wa_roll_stride(&a) != 0 &&
         wa_roll_is_place_later(r, &a, &b, copy) &&
         is_later(r, LLVMGetOperand(first, 0), LLVMGetOperand(other, 0), copy) &&
         add_pair(r, first, other, copy);
}

// ---- Order ----

static uint32_t number_of(const struct wa_roll *r, LLVMValueRef access) {
  uint32_t i = 0;
  while (i < r->access_count && r->accesses[i] != access) {
    i++;
  }
  return i;
}

static bool is_before(const struct wa_roll *r, const struct wa_roll_pair *a,
                      const struct wa_roll_pair *b) {
  return a->copy != b->copy ? a->copy < b->copy : number_of(r, a->first) < number_of(r, b->first);
}

static int64_t size_of(const struct wa_roll *r, LLVMValueRef access) {
  LLVMTargetDataRef layout = LLVMGetModuleDataLayout(r->ir->llvm);
  LLVMTypeRef type = LLVMTypeOf(LLVMIsAStoreInst(access) ? LLVMGetOperand(access, 0) : access);
  return (int64_t)LLVMStoreSizeOfType(layout, type);
}

// Whether two accesses of one iteration, which lie inside, have no byte in common.
static bool is_elsewhere(struct wa_roll *r, LLVMValueRef a, LLVMValueRef b) {
  struct wa_roll_place of_a, of_b;
  if (!wa_roll_find_place(r, wa_roll_address(a), &of_a) ||
      !wa_roll_find_place(r, wa_roll_address(b), &of_b) || !wa_roll_is_parallel(&of_a, &of_b)) {
    return false;
  }
  int64_t distance = wa_roll_distance(&of_a, &of_b);
  return distance >= size_of(r, a) || distance <= -size_of(r, b);
}

// Whether each store, rolled up, comes behind the accesses that it came behind.
static bool keeps_order(struct wa_roll *r) {
  for (uint32_t i = 0; i < r->pair_count; i++) {
    const struct wa_roll_pair *store = &r->pairs[i];
    for (uint32_t j = 0; LLVMIsAStoreInst(store->first) && j < r->pair_count; j++) {
      const struct wa_roll_pair *other = &r->pairs[j];
      if (i == j || !wa_roll_is_access(other->first)) {
        continue;
      }
      bool was_before = number_of(r, store->other) < number_of(r, other->other);
      if (was_before != is_before(r, store, other) &&
          !is_elsewhere(r, store->other, other->other)) {
        return false;
      }
    }
  }
  return true;
}

// Whether a load serves several copies, which would each have its own.
static bool loads_again(const struct wa_roll *r) {
  for (uint32_t i = 0; i < r->pair_count; i++) {
    for (uint32_t j = 0; LLVMIsALoadInst(r->pairs[i].other) && j < i; j++) {
      if (r->pairs[i].other == r->pairs[j].other) {
        return true;
      }
    }
  }
  return false;
}

// ---- Copies ----

static bool match_stores(struct wa_roll *r) {
  uint32_t own = r->store_count / r->copies;
  for (uint32_t i = 0; i < r->store_count; i++) {
    if (!is_store_later(r, r->stores[i % own], r->stores[i], i / own)) {
      return false;
    }
  }
  return true;
}

// Puts the term that is `first` some copies later at a place behind it.
static bool take_term(struct wa_roll *r, struct wa_roll_phi *total, uint32_t first, uint32_t copy) {
  uint32_t place = first + copy;
  for (uint32_t i = place; i < total->term_count; i++) {
    uint32_t pair_count = r->pair_count;
    LLVMValueRef term = total->terms[i];
    if (is_later(r, total->terms[first], term, copy)) {
      total->terms[i] = total->terms[place];
      total->terms[place] = term;
      return true;
    }
    r->pair_count = pair_count;
  }
  return false;
}

// Takes one of the terms from a place on for one of the first copy, and what it is in others.
static bool take_terms(struct wa_roll *r, struct wa_roll_phi *total, uint32_t place) {
  for (uint32_t i = place; i < total->term_count; i++) {
    uint32_t pair_count = r->pair_count, copy = 0;
    LLVMValueRef term = total->terms[i];
    total->terms[i] = total->terms[place];
    total->terms[place] = term;
    while (copy < r->copies && take_term(r, total, place, copy)) {
      copy++;
    }
    if (copy == r->copies) {
      return true;
    }
    r->pair_count = pair_count;
  }
  return false;
}

static bool match_total(struct wa_roll *r, struct wa_roll_phi *total) {
  if (total->term_count % r->copies != 0) {
    return false;
  }
  for (uint32_t i = 0; i < total->term_count; i += r->copies) {
    if (!take_terms(r, total, i)) {
      return false;
    }
  }
  return true;
}

static bool match_phi(struct wa_roll *r, struct wa_roll_phi *phi) {
  switch (phi->kind) {
  case WA_ROLL_COUNTER:
    return true;
  case WA_ROLL_TOTAL:
    return match_total(r, phi);
  default:
    return phi->next && is_later(r, phi->next, phi->next, 0) &&
           is_later(r, phi->next, wa_loop_next(&r->loop, phi->phi), r->copies - 1);
  }
}

static bool match_phis(struct wa_roll *r) {
  for (uint32_t i = 0; i < r->phi_count; i++) {
    if (!match_phi(r, &r->phis[i])) {
      return false;
    }
  }
  return true;
}

// Whether an access moves: it bounds how often a loop may run that stays inside.
static bool has_stride(struct wa_roll *r) {
  for (uint32_t i = 0; i < r->pair_count; i++) {
    struct wa_roll_place place;
    LLVMValueRef instr = r->pairs[i].first;
    if (wa_roll_is_access(instr) && wa_roll_find_place(r, wa_roll_address(instr), &place) &&
        wa_ir_may_be_guests(r->ir, instr) && wa_roll_stride(&place) != 0) {
      return true;
    }
  }
  return false;
}

// What the last copy computes is what the rolled loop computes last.
static LLVMValueRef result_of(const struct wa_roll *r, LLVMValueRef value) {
  if (!wa_roll_has(r, value)) {
    return value;
  }
  for (uint32_t i = 0; i < r->phi_count; i++) {
    if (wa_loop_next(&r->loop, r->phis[i].phi) == value) {
      return r->phis[i].kind == WA_ROLL_OTHER ? r->phis[i].next : value; // see roll_phis
    }
  }
  for (uint32_t i = 0; i < r->pair_count; i++) {
    if (r->pairs[i].other == value && r->pairs[i].copy == r->copies - 1) {
      return r->pairs[i].first;
    }
  }
  return NULL;
}

static bool find_results(struct wa_roll *r) {
  r->result_count = 0;
  for (LLVMValueRef phi = LLVMGetFirstInstruction(r->loop.exit); LLVMIsAPHINode(phi);
       phi = LLVMGetNextInstruction(phi)) {
    unsigned operand = 0;
    while (LLVMGetIncomingBlock(phi, operand) != r->loop.latch) {
      operand++;
    }
    LLVMValueRef value = result_of(r, LLVMGetIncomingValue(phi, operand));
    if (!value || r->result_count == WA_ROLL_MOST_RESULTS) {
      return false;
    }
    r->results[r->result_count++] = (struct wa_roll_result){phi, value, operand};
  }
  return true;
}

static bool has_copies(struct wa_roll *r, uint32_t copies) {
  r->copies = copies;
  r->pair_count = 0;
  for (uint32_t i = 0; i < r->phi_count; i++) {
    r->phis[i].next = NULL;
    if (r->phis[i].step % (int64_t)copies != 0) {
      return false;
    }
  }
  bool may_load_again = !r->ir->layout->has_shared_memory;
  return r->store_count % copies == 0 && match_stores(r) && match_phis(r) && has_stride(r) &&
         keeps_order(r) && (may_load_again || !loads_again(r)) && find_results(r);
}

bool wa_roll_find_copies(struct wa_roll *r) {
  for (uint32_t copies = WA_ROLL_MOST_COPIES; copies > 1; copies--) {
    if (has_copies(r, copies)) {
      return true;
    }
  }
  return false;
}

bool wa_roll_is_known_distance(void *state, LLVMValueRef a, LLVMValueRef b) {
  struct wa_roll *r = state;
  struct wa_roll_place of_a, of_b;
  return wa_roll_find_place(r, a, &of_a) && wa_roll_find_place(r, b, &of_b) &&
         wa_roll_is_parallel(&of_a, &of_b);
}
