// Loops that wait for another thread by plain loads of a shared memory.
//
// C's `while (!flag);` with a volatile flag is a plain load in a loop. Nothing orders the load, so
// LLVM would take it out of the loop, which then never ends; wasm allows that, but programs are
// written like this, and other engines keep the load.
//
// Shape: a natural loop with a plain guest load from an address that is the same in
//   every iteration (may_wait), which decides whether the loop goes on (decides), also by way of
//   memory, a phi or an atomic operation. What is too much to tell is taken to wait.
// Preconditions: the module has a shared memory; no pass has moved a load yet.
// Rewrite: an empty assembly that LLVM thinks writes memory, at the start of the header.
//     loop: %x = load i32, ptr %flag       =>   loop: call void asm sideeffect "", "~{memory}"()
//                                                     %x = load i32, ptr %flag
// Right when the guest traps, wraps, aliases or races: the barrier is no instruction and adds no
//   access. It only keeps LLVM from using a value of the iteration before, which wasm allows and
//   does not ask for. Such a loop has no trip count that the vectoriser could use, and loops inside
//   it have no barrier of their own.
// If wrong: a loop does not see what another thread wrote, or is slower; still what wasm allows.
#include "compiler/ir/address.h"
#include "compiler/repair/repair.h"

#include "compiler/ir/loop.h"

enum {
  DEPTH_LIMIT = 8, // of an address
};

struct waits {
  struct wa_dominators dominators;
  struct wa_arena arena;
  struct wa_loop_search loop; // the one looked at
  LLVMValueRef *loads;        // its
  uint32_t load_count, load_capacity;
  // What may still be looked at in this function. Loops that are left then get a barrier.
  int64_t budget;
};

// Values that depend on a load, and on what else they decide.
struct search {
  struct wa_value_set values;
  bool in_memory; // a store may have written one of them
};

// ---- Loops ----

static bool in_loop(const struct waits *w, LLVMBasicBlockRef block) {
  return wa_loop_search_has(&w->loop, block);
}

static bool is_inside(const struct waits *w, LLVMValueRef value) {
  return LLVMIsAInstruction(value) && in_loop(w, LLVMGetInstructionParent(value));
}

static void add_load(struct waits *w, LLVMValueRef load) {
  if (w->load_count == w->load_capacity) {
    uint32_t capacity = w->load_capacity ? w->load_capacity * 2 : 64;
    LLVMValueRef *loads = wa_ir_alloc(&w->arena, capacity, sizeof(LLVMValueRef));
    for (uint32_t i = 0; i < w->load_count; i++) {
      loads[i] = w->loads[i];
    }
    w->loads = loads;
    w->load_capacity = capacity;
  }
  w->loads[w->load_count++] = load;
}

static void find_loads(struct waits *w) {
  w->load_count = 0;
  w->budget -= w->loop.block_count;
  for (uint32_t i = 0; i < w->loop.block_count; i++) {
    LLVMValueRef instr = LLVMGetFirstInstruction(w->dominators.blocks[w->loop.blocks[i]]);
    for (; instr; instr = LLVMGetNextInstruction(instr), w->budget--) {
      if (LLVMIsALoadInst(instr)) {
        add_load(w, instr);
      }
    }
  }
}

// ---- Addresses ----

// Whether a value is the same in every round of the loop, or may become so when loops inside are
// unrolled. What is too deep to tell may be.
static bool is_constant(const struct waits *w, LLVMValueRef value, int depth) {
  if (depth == 0 || !is_inside(w, value)) {
    return true;
  }
  bool is_phi = LLVMIsAPHINode(value) != NULL;
  if (LLVMIsALoadInst(value) || LLVMIsACallInst(value) || LLVMIsAInvokeInst(value) ||
      LLVMIsAAtomicRMWInst(value) || LLVMIsAAtomicCmpXchgInst(value) ||
      (is_phi && LLVMGetInstructionParent(value) == w->dominators.blocks[w->loop.header])) {
    return false;
  }
  unsigned count = is_phi ? LLVMCountIncoming(value) : (unsigned)LLVMGetNumOperands(value);
  for (unsigned i = 0; i < count && i < DEPTH_LIMIT; i++) {
    if (!is_constant(w, is_phi ? LLVMGetIncomingValue(value, i) : LLVMGetOperand(value, i),
                     depth - 1)) {
      return false;
    }
  }
  return true;
}

// Plain loads of guests: those of instances' own state cannot be written by other threads.
static bool may_wait(const struct waits *w, const struct wa_ir *ir, LLVMValueRef load) {
  return LLVMGetOrdering(load) == LLVMAtomicOrderingNotAtomic && wa_ir_is_guest_load(ir, load) &&
         is_constant(w, LLVMGetOperand(load, 0), DEPTH_LIMIT);
}

// ---- What a load decides ----

static LLVMBasicBlockRef only_successor(LLVMBasicBlockRef block) {
  LLVMValueRef end = LLVMGetBasicBlockTerminator(block);
  return LLVMGetNumSuccessors(end) == 1 ? LLVMGetSuccessor(end, 0) : NULL;
}

// Whether what follows a branch is the same either way but for a block each, of which the
// vectoriser makes selections.
static bool rejoins(LLVMValueRef branch) {
  if (LLVMGetNumSuccessors(branch) != 2) {
    return false;
  }
  LLVMBasicBlockRef a = LLVMGetSuccessor(branch, 0), b = LLVMGetSuccessor(branch, 1);
  LLVMBasicBlockRef after_a = only_successor(a), after_b = only_successor(b);
  return after_a == b || after_b == a || (after_a && after_a == after_b);
}

// What a branch that rejoins selects.
static bool add_phis(const struct waits *w, struct search *search, LLVMValueRef branch) {
  for (unsigned i = 0; i < 2; i++) {
    LLVMBasicBlockRef joins[] = {LLVMGetSuccessor(branch, i), only_successor(joins[0])};
    for (unsigned j = 0; j < 2 && joins[j] && in_loop(w, joins[j]); j++) {
      LLVMValueRef phi = LLVMGetFirstInstruction(joins[j]);
      for (; phi && LLVMIsAPHINode(phi); phi = LLVMGetNextInstruction(phi)) {
        if (!wa_add_value(&search->values, phi)) {
          return false;
        }
      }
    }
  }
  return true;
}

static bool add_loads(const struct waits *w, struct search *search) {
  if (search->in_memory) {
    return true;
  }
  search->in_memory = true;
  for (uint32_t i = 0; i < w->load_count; i++) {
    if (!wa_add_value(&search->values, w->loads[i])) {
      return false;
    }
  }
  return true;
}

// Adds what a use of a value decides; false when it decides whether the loop goes on, or there is
// too much to tell.
static bool follow(const struct waits *w, struct search *search, LLVMValueRef user) {
  if (!is_inside(w, user)) {
    return true;
  }
  switch (LLVMGetInstructionOpcode(user)) {
  case LLVMSwitch:
  case LLVMInvoke:
    return false;
  case LLVMBr:
    return rejoins(user) && add_phis(w, search, user);
  case LLVMStore:
    return add_loads(w, search);
  case LLVMCall:
  case LLVMAtomicRMW:
  case LLVMAtomicCmpXchg:
    return wa_add_value(&search->values, user) && add_loads(w, search);
  default:
    return wa_add_value(&search->values, user);
  }
}

static bool decides(struct waits *w, LLVMValueRef load) {
  struct search search = {.values = {.values = {load}, .count = 1}};
  for (uint32_t i = 0; i < search.values.count; i++) {
    w->budget -= WA_VALUE_SET_LIMIT / 8;
    LLVMUseRef use = LLVMGetFirstUse(search.values.values[i]);
    for (; use; use = LLVMGetNextUse(use)) {
      if (!follow(w, &search, LLVMGetUser(use))) {
        return true;
      }
    }
  }
  return false;
}

static bool waits(struct waits *w, const struct wa_ir *ir) {
  find_loads(w);
  for (uint32_t i = 0; i < w->load_count; i++) {
    if (w->budget < 0 || (may_wait(w, ir, w->loads[i]) && decides(w, w->loads[i]))) {
      return true;
    }
  }
  return false;
}

static void put_barrier(struct wa_ir *ir, LLVMBasicBlockRef header) {
  LLVMValueRef first = LLVMGetFirstInstruction(header);
  while (LLVMIsAPHINode(first) || LLVMIsALandingPadInst(first)) {
    first = LLVMGetNextInstruction(first);
  }
  LLVMPositionBuilderBefore(ir->builder, first);
  wa_ir_emit_barrier(ir);
}

void wa_keep_waits(struct wa_ir *ir, LLVMValueRef function) {
  if (!ir->layout->has_shared_memory || !LLVMGetFirstBasicBlock(function)) {
    return;
  }
  struct waits w = {.budget = 0};
  wa_arena_init(&w.arena, 0);
  wa_dominators_init(&w.dominators, function, &w.arena);
  uint32_t count = w.dominators.count;
  wa_loop_search_init(&w.loop, &w.dominators, &w.arena);
  w.budget = (1 << 20) + (int64_t)count * 256;
  for (uint32_t b = 0; b < count; b++) {
    if (wa_loop_search_find(&w.loop, b, UINT32_MAX) && waits(&w, ir)) {
      put_barrier(ir, w.dominators.blocks[b]);
    }
  }
  wa_arena_deinit(&w.arena);
}
