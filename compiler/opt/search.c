// Loops that look for something: many of their turns at once.
//
// memcmp, strlen, memchr and the like of a module are loops that go from byte to byte until one is
// what they look for, or until there are no more. LLVM's vectoriser leaves them alone: a turn may
// only load when the one before has not ended the loop. Such a loop gets another that it goes on in
// after a few turns. That looks at a vector of turns at once, and leaves the turn that ends it to
// the loop as it was.
//
// Shape: a loop without another inside, whose blocks form a chain that exits leave (find_chain); of
//   induction variables, pure instructions and plain loads of memory 0, each at the place behind
//   that of the turn before (find_stream). An exit depends on what is loaded (is_lanes) or on an
//   induction variable that goes by 1 (is_counter); one of the former at least.
// Preconditions: x86-64, whose vectors tell in one instruction which of their lanes hold.
// Rewrite:
//     loop: %p = phi i32                       a few turns as they were, then
//           %c = load i8, %p             =>    check: br i1 (%p + 15 < size), label %look, label
//           %loop br (%c == 0), label %exit          look:  %v = load <16 x i8>, %p %p.next = %p +
//           1                          %m = %v == 0 br label %loop                            none
//           of %m: %p += 16, label %check
//                                                     else:       %p += cttz %m, label %loop
//                                              loop:  as it was
// Right when the guest
//   traps: the other loop loads only what lies in the memory, which never shrinks. Where that ends
//     the loop as it was goes on, and traps where it should. There are no stores to be missed.
//   wraps: a place is known to lie in the memory with what is loaded behind it, so no index of 32
//     bits wraps between; other counters wrap as theirs do, for each turn is counted modulo 2^32,
//     and where an exit is not sure to be the first there is, nothing is left out in front of it.
//   aliases: there are no stores.
//   races: the turn that ends the loop is done again, with what is loaded then; if it does not end
//     it any more, the loop goes on as it was. What was loaded is frozen before it decides.
// If wrong: bytes that the check does not cover lie behind the memory, in what is reserved for it,
//   and trap; a turn too many or too few gives the guest a wrong result.
#include "compiler/opt/search.h"

#include <elf.h>

enum { LEAST_LANES = 4 };

// ---- Induction variables ----

static bool is_sum(LLVMValueRef value) {
  return LLVMIsABinaryOperator(value) &&
         (LLVMGetInstructionOpcode(value) == LLVMAdd || LLVMGetInstructionOpcode(value) == LLVMSub);
}

static bool find_step(const struct wa_search *s, LLVMValueRef value, int depth, int32_t *step) {
  if (LLVMTypeOf(value) != s->ir->i32 || depth == WA_SEARCH_DEPTH) {
    return false;
  }
  *step = 0;
  if (wa_search_is_invariant(s, value)) {
    return true;
  }
  if (LLVMIsAPHINode(value)) {
    LLVMValueRef by = wa_loop_step(&s->loop, value);
    *step = by ? (int32_t)LLVMConstIntGetSExtValue(by) : 0;
    return by != NULL;
  }
  int32_t left, right;
  if (!is_sum(value) || !find_step(s, LLVMGetOperand(value, 0), depth + 1, &left) ||
      !find_step(s, LLVMGetOperand(value, 1), depth + 1, &right)) {
    return false;
  }
  bool adds = LLVMGetInstructionOpcode(value) == LLVMAdd;
  *step = (int32_t)((uint32_t)left + (adds ? (uint32_t)right : -(uint32_t)right));
  return true;
}

bool wa_search_find_step(const struct wa_search *s, LLVMValueRef value, int32_t *step) {
  return find_step(s, value, 0, step);
}

// ---- What is loaded ----

bool wa_search_is_sum(const struct wa_search *s, LLVMValueRef address) {
  LLVMTargetDataRef layout = LLVMGetModuleDataLayout(s->ir->llvm);
  if (!wa_is_offset(address) ||
      LLVMABISizeOfType(layout, LLVMGetGEPSourceElementType(address)) != 1) {
    return false;
  }
  LLVMValueRef by = LLVMGetOperand(address, 1);
  return LLVMIsAConstantInt(by) ? LLVMConstIntGetSExtValue(by) >= 0 : LLVMIsAZExtInst(by) != NULL;
}

// Whether a load is, in each turn, of what lies behind that of the turn before.
static bool find_stream(struct wa_search *s, LLVMValueRef load) {
  LLVMTargetDataRef layout = LLVMGetModuleDataLayout(s->ir->llvm);
  LLVMTypeRef type = LLVMTypeOf(load);
  if (s->stream_count == WA_SEARCH_STREAMS || LLVMGetTypeKind(type) != LLVMIntegerTypeKind) {
    return false;
  }
  uint64_t size = LLVMABISizeOfType(layout, type);
  unsigned lanes = (unsigned)(WA_SEARCH_VECTOR / size);
  if (LLVMGetIntTypeWidth(type) != size * 8 || lanes < LEAST_LANES ||
      (s->lanes != 0 && s->lanes != lanes)) {
    return false;
  }
  s->lanes = lanes;
  LLVMValueRef address = LLVMGetOperand(load, 0);
  int moving = 0;
  for (; wa_search_is_sum(s, address); address = LLVMGetOperand(address, 0)) {
    LLVMValueRef by = LLVMGetOperand(address, 1);
    int32_t step = 0;
    if (!LLVMIsAConstantInt(by) && !wa_search_find_step(s, LLVMGetOperand(by, 0), &step)) {
      return false;
    }
    if (step != 0 && step != (int32_t)size) {
      return false;
    }
    moving += step != 0;
  }
  s->streams[s->stream_count++].load = load;
  return moving == 1 && wa_is_memory0_base(s->ir, s->ctx, address);
}

// ---- Exits ----

struct wa_loop_condition wa_search_last_when(const struct wa_search *s,
                                             const struct wa_search_exit *exit) {
  struct wa_loop_condition last = {LLVMGetICmpPredicate(exit->condition),
                                   LLVMGetOperand(exit->condition, 0),
                                   LLVMGetOperand(exit->condition, 1)};
  if (!exit->leaves_when) {
    last.predicate = wa_predicate_inverted(last.predicate);
  }
  return wa_search_is_invariant(s, last.left) ? wa_loop_condition_swapped(&last) : last;
}

// Whether an exit compares what goes by 1 with what it goes to.
static bool is_counter(const struct wa_search *s, const struct wa_search_exit *exit) {
  int32_t step;
  if (!LLVMIsAICmpInst(exit->condition)) {
    return false;
  }
  struct wa_loop_condition last = wa_search_last_when(s, exit);
  if (!wa_search_is_invariant(s, last.right) || !wa_search_find_step(s, last.left, &step)) {
    return false;
  }
  switch (last.predicate) {
  case LLVMIntEQ:
    return step == 1 || step == -1;
  case LLVMIntUGT:
  case LLVMIntUGE:
  case LLVMIntSGT:
  case LLVMIntSGE:
    return step == 1;
  case LLVMIntULT:
  case LLVMIntULE:
  case LLVMIntSLT:
  case LLVMIntSLE:
    return step == -1;
  default:
    return false;
  }
}

// Whether all exits are understood, and one depends on what is loaded.
static bool find_exits(struct wa_search *s) {
  bool searches = false;
  for (int i = 0; i < s->exit_count; i++) {
    struct wa_search_exit *exit = &s->exits[i];
    exit->is_counter = is_counter(s, exit);
    if (!exit->is_counter && !wa_search_is_lanes(s, exit->condition, &searches)) {
      return false;
    }
  }
  return searches;
}

// ---- The loop ----

static bool add_exit(struct wa_search *s, LLVMValueRef condition, bool leaves_when, int depth) {
  if (depth == WA_SEARCH_DEPTH || s->exit_count == WA_SEARCH_EXITS) {
    return false;
  }
  bool is_binary = LLVMIsABinaryOperator(condition) != NULL;
  LLVMOpcode opcode = LLVMIsAInstruction(condition) ? LLVMGetInstructionOpcode(condition) : 0;
  LLVMValueRef first = opcode ? LLVMGetOperand(condition, 0) : NULL;
  if (is_binary && opcode == (leaves_when ? LLVMOr : LLVMAnd)) {
    return add_exit(s, first, leaves_when, depth + 1) &&
           add_exit(s, LLVMGetOperand(condition, 1), leaves_when, depth + 1);
  }
  // A select is what does not look at the second where the first decides.
  LLVMValueRef decided =
      opcode == LLVMSelect ? LLVMGetOperand(condition, leaves_when ? 1 : 2) : NULL;
  if (decided && LLVMIsAConstantInt(decided) &&
      LLVMConstIntGetZExtValue(decided) == (leaves_when ? 1 : 0)) {
    return add_exit(s, first, leaves_when, depth + 1) &&
           add_exit(s, LLVMGetOperand(condition, leaves_when ? 2 : 1), leaves_when, depth + 1);
  }
  s->exits[s->exit_count++] = (struct wa_search_exit){condition, leaves_when, false};
  return true;
}

// Follows the blocks from the header on: each goes to the next, or out of the loop.
static bool find_chain(struct wa_search *s) {
  LLVMBasicBlockRef block = s->loop.header, chain[WA_SEARCH_BLOCKS];
  uint32_t length = 0;
  do {
    LLVMValueRef end = LLVMGetBasicBlockTerminator(block);
    if (!LLVMIsABranchInst(end) || length == s->loop.block_count) {
      return false;
    }
    chain[length++] = block;
    LLVMBasicBlockRef next = LLVMGetSuccessor(end, 0);
    if (LLVMIsConditional(end)) {
      bool stays = wa_loop_has_block(&s->loop, next);
      LLVMBasicBlockRef other = LLVMGetSuccessor(end, 1);
      if (stays == wa_loop_has_block(&s->loop, other) ||
          !add_exit(s, LLVMGetCondition(end), !stays, 0)) {
        return false;
      }
      next = stays ? next : other;
    }
    block = next;
  } while (block != s->loop.header);
  for (uint32_t i = 0; i < length; i++) {
    s->loop.blocks[i] = chain[i];
  }
  return length == s->loop.block_count;
}

// Whether an instruction may be left out in turns that nobody sees.
static bool is_pure(LLVMValueRef instr) {
  switch (LLVMGetInstructionOpcode(instr)) {
  case LLVMICmp:
  case LLVMSelect:
  case LLVMGetElementPtr:
  case LLVMFreeze:
  case LLVMBr:
    return true;
  default:
    return LLVMIsABinaryOperator(instr) || LLVMIsACastInst(instr) || LLVMIsADbgInfoIntrinsic(instr);
  }
}

static bool add_phi(struct wa_search *s, LLVMValueRef phi) {
  LLVMValueRef step = wa_loop_step(&s->loop, phi);
  if (s->phi_count == WA_SEARCH_PHIS || LLVMGetTypeKind(LLVMTypeOf(phi)) != LLVMIntegerTypeKind) {
    return false;
  }
  s->phis[s->phi_count++] = (struct wa_search_phi){.phi = phi, .step = step};
  return step || LLVMIsALoadInst(wa_loop_next(&s->loop, phi));
}

// Whether phis that are no induction variables are what the turn before has loaded.
static bool carry_loads(struct wa_search *s) {
  for (int i = 0; i < s->phi_count; i++) {
    LLVMValueRef next = wa_loop_next(&s->loop, s->phis[i].phi);
    bool loads = false;
    if (!s->phis[i].step &&
        (!wa_search_stream_of(s, next) || !wa_search_is_lanes(s, next, &loads) ||
         !wa_search_is_lanes(s, s->phis[i].phi, &loads))) {
      return false;
    }
  }
  return true;
}

// Whether what follows the loop has a value through phis of the blocks that exits go to alone.
static bool leaves_by_phis(const struct wa_search *s, LLVMValueRef value) {
  for (LLVMUseRef use = LLVMGetFirstUse(value); use; use = LLVMGetNextUse(use)) {
    LLVMValueRef user = LLVMGetUser(use);
    if (wa_loop_has(&s->loop, user)) {
      continue;
    }
    for (unsigned i = 0; LLVMIsAPHINode(user) && i < LLVMCountIncoming(user); i++) {
      if (LLVMGetIncomingValue(user, i) == value &&
          !wa_loop_has_block(&s->loop, LLVMGetIncomingBlock(user, i))) {
        return false;
      }
    }
    if (!LLVMIsAPHINode(user)) {
      return false;
    }
  }
  return true;
}

static bool find_instrs(struct wa_search *s) {
  int count = 0;
  for (uint32_t i = 0; i < s->loop.block_count; i++) {
    for (LLVMValueRef instr = LLVMGetFirstInstruction(s->loop.blocks[i]); instr;
         instr = LLVMGetNextInstruction(instr)) {
      bool is_known = is_pure(instr);
      if (LLVMIsAPHINode(instr)) {
        is_known = add_phi(s, instr);
      } else if (LLVMIsALoadInst(instr)) {
        is_known = LLVMGetOrdering(instr) == LLVMAtomicOrderingNotAtomic &&
                   wa_ir_is_guest_load(s->ir, instr) && find_stream(s, instr);
      }
      if (!is_known || !leaves_by_phis(s, instr) || ++count > WA_SEARCH_INSTRS) {
        return false;
      }
    }
  }
  return s->stream_count > 0 && carry_loads(s);
}

bool wa_search_vectors(struct wa_ir *ir, LLVMValueRef function) {
  struct wa_dominators dominators;
  struct wa_loop_search search;
  struct wa_arena arena;
  bool changed = false;
  if (!LLVMGetFirstBasicBlock(function) || !wa_target_is(ir->target, EM_X86_64, 0) ||
      ir->module->memory_count == 0 || ir->module->memories[0].limits.index64) {
    return false;
  }
  wa_arena_init(&arena, 0);
  wa_dominators_init(&dominators, function, &arena);
  wa_loop_search_init(&search, &dominators, &arena);
  for (uint32_t i = 0; i < dominators.count; i++) {
    struct wa_search s = {.ir = ir, .ctx = LLVMGetParam(function, 0)};
    if (wa_loop_find(&s.loop, &dominators, i) && s.loop.preheader &&
        wa_loop_find_blocks(&s.loop, &search) && s.loop.block_count <= WA_SEARCH_BLOCKS &&
        wa_loop_search_is_innermost(&search) && find_chain(&s) && find_instrs(&s) &&
        find_exits(&s)) {
      wa_search_build(&s);
      changed = true;
    }
  }
  wa_arena_deinit(&arena);
  return changed;
}
