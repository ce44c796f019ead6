// Loops over 128-bit vectors, at the width of the CPU's.
//
// The producer of a module has vectors of 128 bits, and its loops are vectorised for those; a CPU
// with AVX2 has 256. Such a loop gets a second one in front of it that does two neighbouring
// vectors at once: two of one iteration (unroll factor 1), or those of two iterations (2).
//
// Shape: a block that is a loop by itself (find_loop), of instructions without effects and of plain
//   loads and stores of memory 0 (find_instrs), whose trip count is known from one induction
//   variable of 32 bits (find_trip_count) and whose addresses have constant strides
//   (wa_widen_find_streams).
// Preconditions: AVX2; memory 0 has slack (wa_memory0_slack); keeps_order(), no two accesses of one
//   stream change places that touch the same byte; it pays (savings).
// Rewrite:
//     loop: %v = load <4 x i32>, ptr %p         check: br i1 %may_enter, label %wide, label %loop
//           %w = add <4 x i32> %v, %c      =>   wide:  %v2 = load <8 x i32>, ptr %p
//           store <4 x i32> %w, ptr %q                 %w2 = add <8 x i32> %v2, %cc
//                                                      store <8 x i32> %w2, ptr %q
//                                               loop:  as it was, for what is left over
// Right when the guest
//   traps: the wide loop is entered only when every access of every iteration lies in the memory,
//     which never shrinks; else the loop as it was does it all, and traps where it should.
//   wraps: the last address, computed in 64 bits, lies in the memory: no index of 32 bits wraps.
//   aliases: run-time checks say that a stream that is stored to has no byte in common with
//     another, or is the same one with its order kept (build_apart).
//   races: accesses are plain, and in a shared memory what is checked is frozen before it is used.
//   Reductions of integers are made of two halves; those of floats are added up in their order.
// If wrong: nothing: security-critical. In the wide loop addresses have 64 bits, and only the check
//   bounds them.
#include "compiler/opt/widen.h"

#include <elf.h>

// ---- The loop ----

bool wa_widen_is_in(const struct wa_widening *w, LLVMValueRef value) {
  return LLVMIsAInstruction(value) && LLVMGetInstructionParent(value) == w->block;
}

LLVMValueRef wa_widen_initial(const struct wa_widening *w, LLVMValueRef phi) {
  return wa_loop_initial(&w->loop, phi);
}

LLVMValueRef wa_widen_next(const struct wa_widening *w, LLVMValueRef phi) {
  return wa_loop_next(&w->loop, phi);
}

LLVMValueRef wa_widen_step(const struct wa_widening *w, LLVMValueRef phi) {
  LLVMValueRef step = wa_loop_step(&w->loop, phi);
  return step && LLVMGetIntTypeWidth(LLVMTypeOf(step)) <= 64 ? step : NULL;
}

LLVMValueRef wa_widen_unrolled_step(const struct wa_widening *w, LLVMValueRef step) {
  LLVMTypeRef type = LLVMTypeOf(step);
  uint64_t unrolled = LLVMConstIntGetZExtValue(step) * (unsigned)w->unroll;
  return LLVMConstInt(type, unrolled & UINT64_MAX >> (64 - LLVMGetIntTypeWidth(type)), false);
}

int wa_widen_phi_index(const struct wa_widening *w, LLVMValueRef phi) {
  int i = 0;
  while (w->phis[i] != phi) {
    i++;
  }
  return i;
}

static bool is_pure_call(const struct wa_widening *w, LLVMValueRef call) {
  LLVMValueRef callee = LLVMGetCalledValue(call);
  unsigned id = LLVMIsAFunction(callee) ? LLVMGetIntrinsicID(callee) : 0;
  for (int i = 0; id && i < WA_INTRINSIC_COUNT; i++) {
    if (w->ir->intrinsics[i] == id) {
      return i != WA_INTRINSIC_UBSANTRAP && i != WA_INTRINSIC_STACKSAVE;
    }
  }
  return false;
}

// Whether an instruction does nothing, or only a load or a store.
static bool is_understood(const struct wa_widening *w, LLVMValueRef instr) {
  switch (LLVMGetInstructionOpcode(instr)) {
  case LLVMLoad:
  case LLVMStore:
  case LLVMICmp:
  case LLVMFCmp:
  case LLVMFNeg:
  case LLVMFreeze:
  case LLVMSelect:
  case LLVMGetElementPtr:
  case LLVMShuffleVector:
  case LLVMExtractElement:
  case LLVMInsertElement:
    return true;
  case LLVMCall:
    return is_pure_call(w, instr);
  default:
    return LLVMIsABinaryOperator(instr) || LLVMIsACastInst(instr);
  }
}

static bool is_vector_access(LLVMValueRef instr) {
  if (!LLVMIsALoadInst(instr) && !LLVMIsAStoreInst(instr)) {
    return false;
  }
  return wa_ir_is_vector(LLVMIsAStoreInst(instr) ? LLVMGetOperand(instr, 0) : instr);
}

static bool is_used_behind(const struct wa_widening *w, LLVMValueRef value) {
  for (LLVMUseRef use = LLVMGetFirstUse(value); use; use = LLVMGetNextUse(use)) {
    if (LLVMGetInstructionParent(LLVMGetUser(use)) != w->block) {
      return true;
    }
  }
  return false;
}

static bool find_instrs(struct wa_widening *w) {
  LLVMValueRef end = LLVMGetBasicBlockTerminator(w->block);
  bool has_vectors = false;
  for (LLVMValueRef i = LLVMGetFirstInstruction(w->block); i != end;
       i = LLVMGetNextInstruction(i)) {
    if (LLVMIsADbgInfoIntrinsic(i)) {
      continue;
    }
    w->has_live_out |= is_used_behind(w, i);
    if (LLVMIsAPHINode(i)) {
      if (w->phi_count == WA_WIDEN_PHIS) {
        return false;
      }
      w->phis[w->phi_count++] = i;
      continue;
    }
    if (w->instr_count == WA_WIDEN_INSTRS || !is_understood(w, i)) {
      return false;
    }
    has_vectors |= is_vector_access(i);
    w->instrs[w->instr_count++] = (struct wa_widen_instr){.value = i, .stream = WA_WIDEN_NONE};
  }
  return has_vectors;
}

// Takes a block that is a loop by itself and has one preheader.
static bool find_loop(struct wa_widening *w) {
  return wa_loop_of_block(&w->loop, w->block) &&
         LLVMIsABranchInst(LLVMGetBasicBlockTerminator(w->loop.preheader));
}

// ---- The trip count ----

// Takes a value for the counter: an induction variable, or one plus a constant.
static bool find_counter(struct wa_widening *w, LLVMValueRef value) {
  struct wa_widen_trip_count *count = &w->trip;
  if (!wa_widen_is_in(w, value) || LLVMTypeOf(value) != w->ir->i32) {
    return false;
  }
  count->value = value;
  count->phi = wa_adds_constant(value) ? LLVMGetOperand(value, 0) : value;
  if (!LLVMIsAPHINode(count->phi) || !wa_widen_is_in(w, count->phi)) {
    return false;
  }
  LLVMValueRef step = wa_loop_step(&w->loop, count->phi);
  count->step = step ? (int32_t)LLVMConstIntGetSExtValue(step) : 0;
  return count->step != 0 && count->step != INT32_MIN;
}

static bool find_trip_count(struct wa_widening *w) {
  struct wa_loop_condition stays;
  LLVMValueRef branch = LLVMGetBasicBlockTerminator(w->block);
  if (!wa_widen_is_in(w, LLVMGetCondition(branch)) || !wa_loop_find_condition(&w->loop, &stays)) {
    return false;
  }
  if (!wa_widen_is_in(w, stays.left)) {
    stays = wa_loop_condition_swapped(&stays);
  }
  LLVMIntPredicate predicate = stays.predicate;
  w->trip.bound = stays.right;
  w->trip.stays = predicate;
  if (wa_widen_is_in(w, w->trip.bound) || !find_counter(w, stays.left)) {
    return false;
  }
  bool goes_up = predicate == LLVMIntULT || predicate == LLVMIntULE || predicate == LLVMIntSLT ||
                 predicate == LLVMIntSLE;
  return predicate == LLVMIntNE || (goes_up && w->trip.step > 0);
}

// ---- The two loops ----

struct frame {
  LLVMBasicBlockRef check, end, rest; // in front of both, behind the wide one, before the other
  LLVMValueRef may_enter, wide_trips, rest_trips;
  LLVMValueRef next[WA_WIDEN_PHIS]; // in the wide loop
};

static LLVMBasicBlockRef new_block(struct wa_widening *w) {
  return LLVMInsertBasicBlockInContext(w->ir->context, w->block, "");
}

// Everything in front of the loops but the branch.
static void build_entry(struct wa_widening *w, struct frame *frame) {
  struct wa_ir *ir = w->ir;
  LLVMBuilderRef builder = ir->builder;
  LLVMPositionBuilderAtEnd(builder, frame->check);
  LLVMValueRef last;
  LLVMValueRef may_enter = wa_widen_check(w, &last);
  LLVMValueRef count = last, one = wa_ir_const_i32(ir, 1);
  if (!w->has_live_out) {
    count = LLVMBuildAdd(builder, last, one, "");
  }
  LLVMValueRef factor = wa_ir_const_i32(ir, (uint32_t)w->unroll);
  frame->wide_trips = LLVMBuildUDiv(builder, count, factor, "");
  frame->rest_trips = LLVMBuildURem(builder, count, factor, "");
  // One iteration is not worth what it takes to find out.
  LLVMValueRef enough = LLVMBuildICmp(builder, LLVMIntUGT, frame->wide_trips, one, "");
  frame->may_enter = LLVMBuildAnd(builder, may_enter, enough, "");
}

// What an induction variable is behind the wide loop.
static LLVMValueRef build_last(struct wa_widening *w, LLVMValueRef phi, LLVMValueRef step,
                               LLVMValueRef wide_trips) {
  LLVMBuilderRef builder = w->ir->builder;
  LLVMTypeRef type = LLVMTypeOf(phi);
  LLVMValueRef trips = LLVMBuildIntCast2(builder, wide_trips, type, false, "");
  LLVMValueRef way = LLVMBuildMul(builder, trips, wa_widen_unrolled_step(w, step), "");
  return LLVMBuildAdd(builder, wa_widen_initial(w, phi), way, "");
}

static void build_branches(struct wa_widening *w, struct frame *frame) {
  struct wa_ir *ir = w->ir;
  LLVMBuilderRef builder = ir->builder;
  const struct wa_widen_counter *counter = &w->counters[0];
  LLVMPositionBuilderAtEnd(builder, frame->check);
  LLVMBuildCondBr(builder, frame->may_enter, w->start, frame->rest);
  LLVMPositionBuilderAtEnd(builder, w->start);
  LLVMValueRef trips = LLVMBuildZExt(builder, frame->wide_trips, ir->i64, "");
  LLVMValueRef step = wa_ir_const_i64(ir, (uint64_t)counter->stride * (unsigned)w->unroll);
  LLVMValueRef bound = LLVMBuildMul(builder, trips, step, "");
  for (int i = 0; i < w->phi_count; i++) {
    LLVMValueRef way = wa_widen_step(w, w->phis[i]);
    if (way) {
      frame->next[i] = build_last(w, w->phis[i], way, frame->wide_trips);
    }
  }
  LLVMBuildBr(builder, w->wide);
  LLVMPositionBuilderAtEnd(builder, w->wide);
  LLVMValueRef next = wa_phi_from(counter->phi, w->wide);
  LLVMValueRef is_last = LLVMBuildICmp(builder, LLVMIntEQ, next, bound, "");
  LLVMBuildCondBr(builder, is_last, frame->end, w->wide);
}

static void build_exit(struct wa_widening *w, struct frame *frame) {
  LLVMBuilderRef builder = w->ir->builder;
  LLVMPositionBuilderAtEnd(builder, frame->end);
  for (int i = 0; i < w->reduction_count; i++) {
    int phi = wa_widen_phi_index(w, w->reductions[i].phi);
    frame->next[phi] = wa_widen_fold(w, &w->reductions[i], frame->next[phi]);
  }
  if (w->has_live_out) {
    LLVMBuildBr(builder, frame->rest);
    return;
  }
  LLVMValueRef none = LLVMConstNull(w->ir->i32);
  LLVMValueRef is_all = LLVMBuildICmp(builder, LLVMIntEQ, frame->rest_trips, none, "");
  LLVMBuildCondBr(builder, is_all, w->loop.exit, frame->rest);
  for (LLVMValueRef phi = LLVMGetFirstInstruction(w->loop.exit); LLVMIsAPHINode(phi);
       phi = LLVMGetNextInstruction(phi)) {
    LLVMValueRef value = wa_phi_from(phi, w->block);
    if (value) {
      LLVMAddIncoming(phi, &value, &frame->end, 1);
    }
  }
}

// The loop as it was goes on where the wide one has stopped.
static void build_rest(struct wa_widening *w, const struct frame *frame) {
  LLVMBuilderRef builder = w->ir->builder;
  LLVMBasicBlockRef from[] = {frame->check, frame->end}, back[] = {frame->rest, w->block};
  for (int i = 0; i < w->phi_count; i++) {
    LLVMTypeRef type = LLVMTypeOf(w->phis[i]);
    LLVMPositionBuilderAtEnd(builder, frame->rest);
    LLVMValueRef start = LLVMBuildPhi(builder, type, "");
    LLVMValueRef starts[] = {wa_widen_initial(w, w->phis[i]), frame->next[i]};
    LLVMAddIncoming(start, starts, from, 2);
    LLVMPositionBuilderBefore(builder, w->phis[i]);
    LLVMValueRef phi = LLVMBuildPhi(builder, type, "");
    LLVMValueRef values[] = {start, wa_widen_next(w, w->phis[i])};
    LLVMAddIncoming(phi, values, back, 2);
    LLVMReplaceAllUsesWith(w->phis[i], phi);
    LLVMInstructionEraseFromParent(w->phis[i]);
  }
  LLVMPositionBuilderAtEnd(builder, frame->rest);
  LLVMBuildBr(builder, w->block);
  LLVMValueRef way_in = LLVMGetBasicBlockTerminator(w->loop.preheader);
  wa_redirect(way_in, w->block, frame->check);
}

static bool widen(struct wa_widening *w) {
  // What is built has the line of the loop's end, not what the builder was left with.
  LLVMPositionBuilderBefore(w->ir->builder, LLVMGetBasicBlockTerminator(w->block));
  struct frame frame = {.check = new_block(w)};
  w->start = new_block(w);
  w->wide = new_block(w);
  build_entry(w, &frame);
  if (!wa_widen_build(w, frame.next)) {
    LLVMDeleteBasicBlock(w->wide);
    LLVMDeleteBasicBlock(w->start);
    LLVMDeleteBasicBlock(frame.check);
    return false;
  }
  frame.end = new_block(w);
  frame.rest = new_block(w);
  build_branches(w, &frame);
  build_exit(w, &frame);
  build_rest(w, &frame);
  return true;
}

static bool widen_loop(struct wa_ir *ir, LLVMValueRef function, LLVMBasicBlockRef block) {
  struct wa_widening w = {.ir = ir, .ctx = LLVMGetParam(function, 0), .block = block};
  if (!find_loop(&w) || !find_instrs(&w) || !find_trip_count(&w) || !wa_widen_find_streams(&w)) {
    return false;
  }
  int saved_in_two = wa_widen_plan(&w, 2), saved_in_one = wa_widen_plan(&w, 1);
  if (saved_in_two > saved_in_one) {
    wa_widen_plan(&w, 2);
  }
  return saved_in_one + saved_in_two > 0 && widen(&w);
}

static bool is_loop(LLVMBasicBlockRef block) {
  LLVMValueRef end = LLVMGetBasicBlockTerminator(block);
  for (unsigned i = 0; i < LLVMGetNumSuccessors(end); i++) {
    if (LLVMGetSuccessor(end, i) == block) {
      return true;
    }
  }
  return false;
}

bool wa_widen_loops(struct wa_ir *ir, LLVMValueRef function) {
  if (!wa_target_is(ir->target, EM_X86_64, WA_X86_AVX | WA_X86_AVX2) || wa_memory0_slack(ir) == 0) {
    return false;
  }
  bool changed = false;
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    changed |= is_loop(block) && widen_loop(ir, function, block);
  }
  return changed;
}
