// Loops around a switch, as interpreters have them, with the switch copied to the end of each case.
//
// A processor predicts an indirect jump by its place and the jumps before; one that serves a whole
// interpreter is predicted worse than one for each opcode. C programs have such jumps by way of
// computed gotos, which WebAssembly lacks: clang joins them to one br_table, and here they come
// apart again.
//
// Shape: a block that ends in a switch of MIN_CASES or more, with MIN_BACK_EDGES or more to it,
//   directly or by way of joints: blocks that only join values.
// Preconditions: is_short(), all of it is_copyable(): no store, no call; every predecessor ends in
//   a branch or a switch; no later pass restructures blocks, which would join the copies again.
// Rewrite:
//     op1: ... br label %head                   op1: ...
//     head: %op = load i8, ptr %pc         =>        %op1 = load i8, ptr %pc1
//           switch i8 %op, ...                       switch i8 %op1, ...
//   A value of the block that is used elsewhere goes through an alloca, which mem2reg takes away.
// Right when the guest traps, wraps, aliases or races: every path through the function runs the
//   same instructions in the same order as before, as often as before.
// If wrong: nothing: security-critical. A value of another path could be one that nobody has
//   checked.
#include "compiler/ir/dominators.h"
#include "compiler/opt/opt.h"

enum {
  MIN_CASES = 6,
  MIN_BACK_EDGES = 4,
  MAX_INSTRUCTIONS = 24,
  MAX_PREDECESSORS = 256,
  MAX_EDGES = 8192, // predecessors times cases: jump tables, and edges that LLVM has to follow
  MAX_TRIES = 16,   // in a function, as each needs its dominators
  MAX_JOINTS = 16,
};

struct dispatch {
  struct wa_ir *ir;
  struct wa_arena arena;
  LLVMBasicBlockRef block, entry;
  LLVMValueRef jump; // the switch
  LLVMBasicBlockRef predecessors[MAX_PREDECESSORS];
  uint32_t predecessor_count;
  LLVMValueRef *instrs, *copies;
  uint32_t instr_count;
  // Blocks before that only join values, where the predecessors that leave one unchanged come
  // together.
  LLVMBasicBlockRef joints[MAX_JOINTS];
  uint32_t joint_count;
};

// ---- Finding them ----

static bool is_copyable(LLVMValueRef instr) {
  return LLVMIsAPHINode(instr) || LLVMIsALoadInst(instr) || LLVMIsAGetElementPtrInst(instr) ||
         LLVMIsACastInst(instr) || LLVMIsABinaryOperator(instr) || LLVMIsAICmpInst(instr) ||
         LLVMIsAFreezeInst(instr) || LLVMIsASwitchInst(instr);
}

static bool is_short(LLVMBasicBlockRef block) {
  uint32_t count = 0;
  for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i)) {
    if (++count > MAX_INSTRUCTIONS || !is_copyable(i)) {
      return false;
    }
  }
  return true;
}

static bool is_joint(LLVMBasicBlockRef block) {
  LLVMValueRef instr = LLVMGetFirstInstruction(block);
  if (!LLVMIsAPHINode(instr)) {
    return false;
  }
  while (LLVMIsAPHINode(instr)) {
    instr = LLVMGetNextInstruction(instr);
  }
  return LLVMIsABranchInst(instr) && !LLVMIsConditional(instr);
}

static bool find_predecessors(struct dispatch *d) {
  d->predecessor_count = 0;
  LLVMUseRef use = LLVMGetFirstUse(LLVMBasicBlockAsValue(d->block));
  for (; use; use = LLVMGetNextUse(use)) {
    LLVMValueRef user = LLVMGetUser(use);
    if (!LLVMIsABranchInst(user) && !LLVMIsASwitchInst(user)) {
      return false;
    }
    LLVMBasicBlockRef from = LLVMGetInstructionParent(user);
    bool is_known = false;
    for (uint32_t i = 0; i < d->predecessor_count; i++) {
      is_known |= d->predecessors[i] == from;
    }
    if (is_known) {
      continue;
    }
    if (d->predecessor_count == MAX_PREDECESSORS) {
      return false;
    }
    d->predecessors[d->predecessor_count++] = from;
  }
  return true;
}

// The edges to a block from what the header dominates, those to joints before it included.
static uint32_t count_back_edges(const struct wa_dominators *dominators, uint32_t header,
                                 uint32_t block, int depth) {
  uint32_t count = 0;
  for (uint32_t i = dominators->edge_starts[block]; i < dominators->edge_starts[block + 1]; i++) {
    uint32_t from = dominators->edges[i];
    if (depth < MAX_JOINTS && is_joint(dominators->blocks[from])) {
      count += count_back_edges(dominators, header, from, depth + 1);
    } else {
      count += wa_dominates(dominators, header, from);
    }
  }
  return count;
}

static bool is_loop(struct dispatch *d, uint32_t cases) {
  struct wa_dominators dominators;
  wa_dominators_init(&dominators, LLVMGetBasicBlockParent(d->block), &d->arena);
  uint32_t header = wa_dominators_number(&dominators, d->block);
  if (header == WA_NO_BLOCK) {
    return false;
  }
  uint32_t back_edges = count_back_edges(&dominators, header, header, 0);
  return back_edges >= MIN_BACK_EDGES && back_edges <= MAX_PREDECESSORS &&
         back_edges * cases <= MAX_EDGES;
}

// ---- Values into memory ----

static LLVMValueRef new_cell(struct dispatch *d, LLVMTypeRef type) {
  LLVMPositionBuilderBefore(d->ir->builder, LLVMGetFirstInstruction(d->entry));
  return LLVMBuildAlloca(d->ir->builder, type, "");
}

static void store_at_end(struct dispatch *d, LLVMBasicBlockRef block, LLVMValueRef value,
                         LLVMValueRef cell) {
  LLVMPositionBuilderBefore(d->ir->builder, LLVMGetBasicBlockTerminator(block));
  LLVMBuildStore(d->ir->builder, value, cell);
}

// The phi's value comes from a cell that every predecessor has filled.
static void demote_phi(struct dispatch *d, LLVMValueRef phi, LLVMValueRef first_other) {
  LLVMTypeRef type = LLVMTypeOf(phi);
  LLVMValueRef cell = new_cell(d, type);
  LLVMPositionBuilderBefore(d->ir->builder, first_other);
  LLVMValueRef value = LLVMBuildLoad2(d->ir->builder, type, cell, "");
  for (uint32_t p = 0; p < d->predecessor_count; p++) {
    for (unsigned i = 0; i < LLVMCountIncoming(phi); i++) {
      if (LLVMGetIncomingBlock(phi, i) == d->predecessors[p]) {
        store_at_end(d, d->predecessors[p], LLVMGetIncomingValue(phi, i), cell);
        break;
      }
    }
  }
  LLVMReplaceAllUsesWith(phi, value);
  LLVMInstructionEraseFromParent(phi);
}

static void demote_phis(struct dispatch *d) {
  LLVMValueRef other = LLVMGetFirstInstruction(d->block);
  while (LLVMIsAPHINode(other)) {
    other = LLVMGetNextInstruction(other);
  }
  for (LLVMValueRef phi; LLVMIsAPHINode(phi = LLVMGetFirstInstruction(d->block));) {
    demote_phi(d, phi, other);
  }
}

// Where a use needs its value, or NULL when that is in the block itself.
static LLVMValueRef place_of(const struct dispatch *d, LLVMUseRef use) {
  LLVMValueRef user = LLVMGetUser(use);
  LLVMBasicBlockRef block = LLVMGetInstructionParent(user);
  if (LLVMIsAPHINode(user)) {
    for (unsigned i = 0; i < LLVMCountIncoming(user); i++) {
      if (LLVMGetOperandUse(user, i) == use) {
        block = LLVMGetIncomingBlock(user, i);
      }
    }
    user = LLVMGetBasicBlockTerminator(block);
  }
  return block == d->block ? NULL : user;
}

static void set_use(LLVMUseRef use, LLVMValueRef value) {
  LLVMValueRef user = LLVMGetUser(use);
  for (unsigned i = 0; i < (unsigned)LLVMGetNumOperands(user); i++) {
    if (LLVMGetOperandUse(user, i) == use) {
      LLVMSetOperand(user, i, value);
      return;
    }
  }
}

// Computes again at each use outside what costs nothing to compute, and has other values
// loaded from a cell.
static void demote(struct dispatch *d, LLVMValueRef instr) {
  bool is_cheap =
      LLVMIsAGetElementPtrInst(instr) || LLVMIsACastInst(instr) || LLVMIsABinaryOperator(instr);
  LLVMValueRef cell = NULL;
  for (LLVMUseRef use = LLVMGetFirstUse(instr), next; use; use = next) {
    next = LLVMGetNextUse(use);
    LLVMValueRef place = place_of(d, use);
    if (!place) {
      continue;
    }
    if (!is_cheap && !cell) {
      cell = new_cell(d, LLVMTypeOf(instr));
      LLVMPositionBuilderBefore(d->ir->builder, LLVMGetNextInstruction(instr));
      LLVMBuildStore(d->ir->builder, instr, cell);
    }
    LLVMPositionBuilderBefore(d->ir->builder, place);
    LLVMValueRef value;
    if (is_cheap) {
      value = LLVMInstructionClone(instr);
      LLVMInsertIntoBuilder(d->ir->builder, value);
    } else {
      value = LLVMBuildLoad2(d->ir->builder, LLVMTypeOf(instr), cell, "");
    }
    set_use(use, value);
  }
}

static void demote_values(struct dispatch *d) {
  for (LLVMValueRef instr = LLVMGetPreviousInstruction(d->jump), next; instr; instr = next) {
    next = LLVMGetPreviousInstruction(instr);
    if (!LLVMIsAStoreInst(instr)) {
      demote(d, instr);
    }
  }
}

// ---- Copies ----

// A case that does nothing leads from the switch back to its own block: gives it a block between.
static void split_own_edges(struct dispatch *d) {
  LLVMBasicBlockRef between = NULL;
  for (unsigned i = 0; i < LLVMGetNumSuccessors(d->jump); i++) {
    if (LLVMGetSuccessor(d->jump, i) != d->block) {
      continue;
    }
    if (!between) {
      between = LLVMInsertBasicBlockInContext(d->ir->context, d->block, "");
      LLVMPositionBuilderAtEnd(d->ir->builder, between);
      LLVMBuildBr(d->ir->builder, d->block);
    }
    LLVMSetSuccessor(d->jump, i, between);
  }
  for (uint32_t p = 0; p < d->predecessor_count; p++) {
    if (d->predecessors[p] == d->block) {
      d->predecessors[p] = between;
    }
  }
}

static void list_instructions(struct dispatch *d) {
  uint32_t count = 0;
  for (LLVMValueRef i = LLVMGetFirstInstruction(d->block); i; i = LLVMGetNextInstruction(i)) {
    count++;
  }
  d->instrs = wa_ir_alloc(&d->arena, count, sizeof *d->instrs);
  d->copies = wa_ir_alloc(&d->arena, count, sizeof *d->copies);
  d->instr_count = 0;
  for (LLVMValueRef i = LLVMGetFirstInstruction(d->block); i; i = LLVMGetNextInstruction(i)) {
    d->instrs[d->instr_count++] = i;
  }
}

static LLVMValueRef copy_of(const struct dispatch *d, LLVMValueRef value) {
  for (uint32_t i = 0; i < d->instr_count; i++) {
    if (d->instrs[i] == value) {
      return d->copies[i];
    }
  }
  return value;
}

static void copy_instructions(struct dispatch *d) {
  for (uint32_t i = 0; i < d->instr_count; i++) {
    LLVMValueRef copy = LLVMInstructionClone(d->instrs[i]);
    LLVMInsertIntoBuilder(d->ir->builder, copy);
    d->copies[i] = copy;
    for (unsigned op = 0; op < (unsigned)LLVMGetNumOperands(copy); op++) {
      LLVMValueRef operand = LLVMGetOperand(copy, op), other = copy_of(d, operand);
      if (other != operand) {
        LLVMSetOperand(copy, op, other);
      }
    }
  }
}

// The phi has one entry for each edge from the switch.
static void add_to_phi(const struct dispatch *d, LLVMValueRef phi, LLVMBasicBlockRef from) {
  unsigned count = LLVMCountIncoming(phi);
  for (unsigned i = 0; i < count; i++) {
    if (LLVMGetIncomingBlock(phi, i) != d->block) {
      continue;
    }
    LLVMValueRef value = copy_of(d, LLVMGetIncomingValue(phi, i));
    LLVMAddIncoming(phi, &value, &from, 1);
  }
}

static bool is_first_edge(LLVMValueRef jump, unsigned number) {
  for (unsigned i = 0; i < number; i++) {
    if (LLVMGetSuccessor(jump, i) == LLVMGetSuccessor(jump, number)) {
      return false;
    }
  }
  return true;
}

static void add_to_cases(const struct dispatch *d, LLVMBasicBlockRef from) {
  for (unsigned i = 0; i < LLVMGetNumSuccessors(d->jump); i++) {
    if (!is_first_edge(d->jump, i)) {
      continue;
    }
    LLVMValueRef phi = LLVMGetFirstInstruction(LLVMGetSuccessor(d->jump, i));
    for (; LLVMIsAPHINode(phi); phi = LLVMGetNextInstruction(phi)) {
      add_to_phi(d, phi, from);
    }
  }
}

// To the end of a block that leads here only, or to a block of its own.
static void copy_to(struct dispatch *d, LLVMBasicBlockRef predecessor) {
  LLVMValueRef terminator = LLVMGetBasicBlockTerminator(predecessor);
  if (LLVMGetNumSuccessors(terminator) == 1) {
    LLVMInstructionEraseFromParent(terminator);
    LLVMPositionBuilderAtEnd(d->ir->builder, predecessor);
    copy_instructions(d);
    add_to_cases(d, predecessor);
    return;
  }
  LLVMBasicBlockRef copy = LLVMInsertBasicBlockInContext(d->ir->context, d->block, "");
  LLVMMoveBasicBlockAfter(copy, predecessor);
  LLVMPositionBuilderAtEnd(d->ir->builder, copy);
  copy_instructions(d);
  add_to_cases(d, copy);
  for (unsigned i = 0; i < LLVMGetNumSuccessors(terminator); i++) {
    if (LLVMGetSuccessor(terminator, i) == d->block) {
      LLVMSetSuccessor(terminator, i, copy);
    }
  }
}

// Leaves a block that nothing leads to.
static void distribute(struct dispatch *d) {
  for (uint32_t p = 0; p < d->predecessor_count; p++) {
    if (is_joint(d->predecessors[p]) && d->joint_count < MAX_JOINTS) {
      d->joints[d->joint_count++] = d->predecessors[p];
    }
  }
  demote_phis(d);
  split_own_edges(d);
  demote_values(d);
  list_instructions(d);
  for (uint32_t p = 0; p < d->predecessor_count; p++) {
    copy_to(d, d->predecessors[p]);
  }
}

static void distribute_all(struct dispatch *d) {
  distribute(d);
  while (d->joint_count > 0) { // now with a switch of its own
    d->block = d->joints[--d->joint_count];
    d->jump = LLVMGetBasicBlockTerminator(d->block);
    if (find_predecessors(d)) {
      distribute(d);
    }
  }
}

bool wa_distribute_dispatch(struct wa_ir *ir, LLVMValueRef function) {
  bool changed = false;
  int tries = 0;
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function), next; block && tries < MAX_TRIES;
       block = next) {
    next = LLVMGetNextBasicBlock(block);
    struct dispatch d = {.ir = ir,
                         .block = block,
                         .entry = LLVMGetEntryBasicBlock(function),
                         .jump = LLVMGetBasicBlockTerminator(block)};
    if (!LLVMIsASwitchInst(d.jump) || LLVMGetNumSuccessors(d.jump) <= MIN_CASES ||
        !is_short(block) || !find_predecessors(&d)) {
      continue;
    }
    tries++;
    wa_arena_init(&d.arena, 0);
    if (is_loop(&d, LLVMGetNumSuccessors(d.jump))) {
      distribute_all(&d);
      changed = true;
    }
    wa_arena_deinit(&d.arena);
  }
  return changed;
}
