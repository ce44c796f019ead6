// Loops around a switch, as interpreters have them, with the switch copied to the end of each case.
//
// A processor predicts an indirect jump by its place and the jumps before; one that serves a whole
// interpreter is predicted worse than one for each opcode. C programs have such jumps by way of
// computed gotos, which WebAssembly lacks: clang joins them to one br_table, and here they come
// apart again.
//
// A value of the block that holds the switch is no longer computed in one place. It goes through
// memory, which mem2reg takes away afterwards.
#include "dominators.h"
#include "lower.h"

enum {
  MIN_CASES = 6,
  MIN_WAYS_BACK = 4,
  MAX_WAYS_IN = 256,
  MAX_EDGES = 8192, // ways in times cases: jump tables, and edges that LLVM has to follow
  MAX_INSTRUCTIONS = 24,
  MAX_WITH_STORES = 4 * MAX_INSTRUCTIONS, // one for a phi, a value, and a phi of its own block
};

struct dispatch {
  struct wa_lower *lower;
  LLVMBasicBlockRef block, entry;
  LLVMValueRef jump; // the switch
  LLVMBasicBlockRef ways_in[MAX_WAYS_IN];
  uint32_t way_count;
  LLVMValueRef instrs[MAX_WITH_STORES], copies[MAX_WITH_STORES];
  uint32_t instr_count;
};

// ---- Finding them ----

static bool is_copyable(LLVMValueRef instr) {
  return LLVMIsAPHINode(instr) || LLVMIsALoadInst(instr) || LLVMIsAGetElementPtrInst(instr) ||
         LLVMIsACastInst(instr) || LLVMIsABinaryOperator(instr) || LLVMIsAICmpInst(instr) ||
         LLVMIsAFreezeInst(instr) || LLVMIsASwitchInst(instr);
}

static bool is_short(LLVMBasicBlockRef block) {
  uint32_t count = 0;
  for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i))
    if (++count > MAX_INSTRUCTIONS || !is_copyable(i))
      return false;
  return true;
}

static bool find_ways_in(struct dispatch *d) {
  LLVMUseRef use = LLVMGetFirstUse(LLVMBasicBlockAsValue(d->block));
  for (; use; use = LLVMGetNextUse(use)) {
    LLVMValueRef user = LLVMGetUser(use);
    if (!LLVMIsABranchInst(user) && !LLVMIsASwitchInst(user))
      return false;
    LLVMBasicBlockRef from = LLVMGetInstructionParent(user);
    bool is_known = false;
    for (uint32_t i = 0; i < d->way_count; i++)
      is_known |= d->ways_in[i] == from;
    if (is_known)
      continue;
    if (d->way_count == MAX_WAYS_IN)
      return false;
    d->ways_in[d->way_count++] = from;
  }
  return d->way_count * LLVMGetNumSuccessors(d->jump) <= MAX_EDGES;
}

static bool is_loop(const struct dispatch *d, const struct wa_dominators *dominators) {
  uint32_t number = wa_dominators_number(dominators, d->block), back = 0;
  if (number == WA_NO_BLOCK)
    return false;
  for (uint32_t i = 0; i < d->way_count; i++) {
    uint32_t from = wa_dominators_number(dominators, d->ways_in[i]);
    if (from == WA_NO_BLOCK)
      return false;
    back += wa_dominates(dominators, number, from);
  }
  return back >= MIN_WAYS_BACK;
}

// ---- Values into memory ----

static LLVMValueRef new_cell(struct dispatch *d, LLVMTypeRef type) {
  LLVMPositionBuilderBefore(d->lower->builder, LLVMGetFirstInstruction(d->entry));
  return LLVMBuildAlloca(d->lower->builder, type, "");
}

static void store_at_end(struct dispatch *d, LLVMBasicBlockRef block, LLVMValueRef value,
                         LLVMValueRef cell) {
  LLVMPositionBuilderBefore(d->lower->builder, LLVMGetBasicBlockTerminator(block));
  LLVMBuildStore(d->lower->builder, value, cell);
}

// The phi's value comes from a cell that every way in has filled.
static void take_phi_apart(struct dispatch *d, LLVMValueRef phi, LLVMValueRef first_other) {
  LLVMTypeRef type = LLVMTypeOf(phi);
  LLVMValueRef cell = new_cell(d, type);
  LLVMPositionBuilderBefore(d->lower->builder, first_other);
  LLVMValueRef value = LLVMBuildLoad2(d->lower->builder, type, cell, "");
  for (uint32_t way = 0; way < d->way_count; way++)
    for (unsigned i = 0; i < LLVMCountIncoming(phi); i++)
      if (LLVMGetIncomingBlock(phi, i) == d->ways_in[way]) {
        store_at_end(d, d->ways_in[way], LLVMGetIncomingValue(phi, i), cell);
        break;
      }
  LLVMReplaceAllUsesWith(phi, value);
  LLVMInstructionEraseFromParent(phi);
}

static void take_phis_apart(struct dispatch *d) {
  LLVMValueRef other = LLVMGetFirstInstruction(d->block);
  while (LLVMIsAPHINode(other))
    other = LLVMGetNextInstruction(other);
  for (LLVMValueRef phi; LLVMIsAPHINode(phi = LLVMGetFirstInstruction(d->block));)
    take_phi_apart(d, phi, other);
}

// Where a use needs its value, or NULL when that is in the block itself.
static LLVMValueRef place_of(const struct dispatch *d, LLVMUseRef use) {
  LLVMValueRef user = LLVMGetUser(use);
  LLVMBasicBlockRef block = LLVMGetInstructionParent(user);
  if (LLVMIsAPHINode(user)) {
    for (unsigned i = 0; i < LLVMCountIncoming(user); i++)
      if (LLVMGetOperandUse(user, i) == use)
        block = LLVMGetIncomingBlock(user, i);
    user = LLVMGetBasicBlockTerminator(block);
  }
  return block == d->block ? NULL : user;
}

static void set_use(LLVMUseRef use, LLVMValueRef value) {
  LLVMValueRef user = LLVMGetUser(use);
  for (unsigned i = 0; i < (unsigned)LLVMGetNumOperands(user); i++)
    if (LLVMGetOperandUse(user, i) == use) {
      LLVMSetOperand(user, i, value);
      return;
    }
}

// Computes again at each use outside what costs nothing to compute, and has other values
// loaded from a cell.
static void detach(struct dispatch *d, LLVMValueRef instr) {
  bool is_cheap =
      LLVMIsAGetElementPtrInst(instr) || LLVMIsACastInst(instr) || LLVMIsABinaryOperator(instr);
  LLVMValueRef cell = NULL;
  for (LLVMUseRef use = LLVMGetFirstUse(instr), next; use; use = next) {
    next = LLVMGetNextUse(use);
    LLVMValueRef place = place_of(d, use);
    if (!place)
      continue;
    if (!is_cheap && !cell) {
      cell = new_cell(d, LLVMTypeOf(instr));
      LLVMPositionBuilderBefore(d->lower->builder, LLVMGetNextInstruction(instr));
      LLVMBuildStore(d->lower->builder, instr, cell);
    }
    LLVMPositionBuilderBefore(d->lower->builder, place);
    LLVMValueRef value;
    if (is_cheap) {
      value = LLVMInstructionClone(instr);
      LLVMInsertIntoBuilder(d->lower->builder, value);
    } else {
      value = LLVMBuildLoad2(d->lower->builder, LLVMTypeOf(instr), cell, "");
    }
    set_use(use, value);
  }
}

static void detach_values(struct dispatch *d) {
  for (LLVMValueRef instr = LLVMGetPreviousInstruction(d->jump), next; instr; instr = next) {
    next = LLVMGetPreviousInstruction(instr);
    if (!LLVMIsAStoreInst(instr))
      detach(d, instr);
  }
}

// ---- Copies ----

// A case that does nothing leads from the switch back to its own block: gives it a block between.
static void split_own_edges(struct dispatch *d) {
  LLVMBasicBlockRef between = NULL;
  for (unsigned i = 0; i < LLVMGetNumSuccessors(d->jump); i++) {
    if (LLVMGetSuccessor(d->jump, i) != d->block)
      continue;
    if (!between) {
      between = LLVMInsertBasicBlockInContext(d->lower->context, d->block, "");
      LLVMPositionBuilderAtEnd(d->lower->builder, between);
      LLVMBuildBr(d->lower->builder, d->block);
    }
    LLVMSetSuccessor(d->jump, i, between);
  }
  for (uint32_t way = 0; way < d->way_count; way++)
    if (d->ways_in[way] == d->block)
      d->ways_in[way] = between;
}

static LLVMValueRef copy_of(const struct dispatch *d, LLVMValueRef value) {
  for (uint32_t i = 0; i < d->instr_count; i++)
    if (d->instrs[i] == value)
      return d->copies[i];
  return value;
}

static void copy_instructions(struct dispatch *d) {
  for (uint32_t i = 0; i < d->instr_count; i++) {
    LLVMValueRef copy = LLVMInstructionClone(d->instrs[i]);
    LLVMInsertIntoBuilder(d->lower->builder, copy);
    d->copies[i] = copy;
    for (unsigned op = 0; op < (unsigned)LLVMGetNumOperands(copy); op++) {
      LLVMValueRef operand = LLVMGetOperand(copy, op), other = copy_of(d, operand);
      if (other != operand)
        LLVMSetOperand(copy, op, other);
    }
  }
}

// The phi has one entry for each edge from the switch.
static void add_to_phi(const struct dispatch *d, LLVMValueRef phi, LLVMBasicBlockRef from) {
  unsigned count = LLVMCountIncoming(phi);
  for (unsigned i = 0; i < count; i++) {
    if (LLVMGetIncomingBlock(phi, i) != d->block)
      continue;
    LLVMValueRef value = copy_of(d, LLVMGetIncomingValue(phi, i));
    LLVMAddIncoming(phi, &value, &from, 1);
  }
}

static bool is_first_edge(LLVMValueRef jump, unsigned number) {
  for (unsigned i = 0; i < number; i++)
    if (LLVMGetSuccessor(jump, i) == LLVMGetSuccessor(jump, number))
      return false;
  return true;
}

static void add_to_cases(const struct dispatch *d, LLVMBasicBlockRef from) {
  for (unsigned i = 0; i < LLVMGetNumSuccessors(d->jump); i++) {
    if (!is_first_edge(d->jump, i))
      continue;
    LLVMValueRef phi = LLVMGetFirstInstruction(LLVMGetSuccessor(d->jump, i));
    for (; LLVMIsAPHINode(phi); phi = LLVMGetNextInstruction(phi))
      add_to_phi(d, phi, from);
  }
}

static void copy_to(struct dispatch *d, LLVMBasicBlockRef way) {
  LLVMBasicBlockRef copy = LLVMInsertBasicBlockInContext(d->lower->context, d->block, "");
  LLVMMoveBasicBlockAfter(copy, way);
  LLVMPositionBuilderAtEnd(d->lower->builder, copy);
  copy_instructions(d);
  add_to_cases(d, copy);
  LLVMValueRef terminator = LLVMGetBasicBlockTerminator(way);
  for (unsigned i = 0; i < LLVMGetNumSuccessors(terminator); i++)
    if (LLVMGetSuccessor(terminator, i) == d->block)
      LLVMSetSuccessor(terminator, i, copy);
}

static void distribute(struct dispatch *d) {
  take_phis_apart(d);
  split_own_edges(d);
  detach_values(d);
  for (LLVMValueRef i = LLVMGetFirstInstruction(d->block); i; i = LLVMGetNextInstruction(i))
    d->instrs[d->instr_count++] = i;
  // The block itself serves the last way in.
  for (uint32_t way = 0; way + 1 < d->way_count; way++)
    copy_to(d, d->ways_in[way]);
}

static bool is_switch_of_interest(LLVMValueRef jump) {
  unsigned count = jump && LLVMIsASwitchInst(jump) ? LLVMGetNumSuccessors(jump) : 0;
  return count > MIN_CASES && count <= MAX_EDGES / MIN_WAYS_BACK;
}

bool wa_distribute_dispatch(struct wa_lower *lower, LLVMValueRef function) {
  bool changed = false;
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function), next; block; block = next) {
    next = LLVMGetNextBasicBlock(block);
    struct dispatch d = {.lower = lower,
                         .block = block,
                         .entry = LLVMGetEntryBasicBlock(function),
                         .jump = LLVMGetBasicBlockTerminator(block)};
    if (!is_switch_of_interest(d.jump) || !is_short(block) || !find_ways_in(&d) ||
        d.way_count < MIN_WAYS_BACK)
      continue;
    struct wa_arena arena;
    wa_arena_init(&arena, 0);
    struct wa_dominators dominators;
    wa_dominators_init(&dominators, function, &arena);
    bool is_wanted = is_loop(&d, &dominators);
    wa_arena_deinit(&arena);
    if (!is_wanted)
      continue;
    distribute(&d);
    changed = true;
  }
  return changed;
}
