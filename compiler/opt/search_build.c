// Loops that look for something: the loop that looks at vectors. See search.c.
#include "compiler/opt/search.h"

#include <llvm-c/DebugInfo.h>

// What ends sooner is not worth a vector. Bytes that were stored a moment ago, as strings often
// are, wait for their stores when they are loaded together.
enum { FIRST_TURNS = 4, FIRST_TURNS_OF_BYTES = 8 };

// ---- The first turns ----

static LLVMValueRef copy_of(const struct wa_search *s, LLVMValueRef value) {
  for (int i = 0; i < s->copy_count; i++) {
    if (s->copies[i][0] == value) {
      return s->copies[i][1];
    }
  }
  return value;
}

static void copy_instrs(struct wa_search *s, LLVMBasicBlockRef block) {
  for (LLVMValueRef instr = LLVMGetFirstInstruction(block); instr;
       instr = LLVMGetNextInstruction(instr)) {
    if (LLVMIsAPHINode(instr)) {
      continue;
    }
    LLVMValueRef copy = LLVMInstructionClone(instr);
    LLVMInsertIntoBuilder(s->ir->builder, copy); // which gives it the builder's line
    LLVMInstructionSetDebugLoc(copy, LLVMInstructionGetDebugLoc(instr));
    unsigned count = (unsigned)LLVMGetNumOperands(instr);
    for (unsigned i = 0; i < count; i++) {
      LLVMValueRef operand = LLVMGetOperand(instr, i);
      if (!LLVMValueIsBasicBlock(operand)) {
        LLVMSetOperand(copy, i, copy_of(s, operand));
      }
    }
    s->copies[s->copy_count][0] = instr;
    s->copies[s->copy_count++][1] = copy;
  }
}

// Where a copy of a block goes: on to `next`, or out of the loop as the block does.
static void set_ways(const struct wa_search *s, LLVMBasicBlockRef block, LLVMBasicBlockRef copy,
                     LLVMBasicBlockRef next) {
  LLVMValueRef end = LLVMGetBasicBlockTerminator(copy);
  for (unsigned i = 0; i < LLVMGetNumSuccessors(end); i++) {
    LLVMBasicBlockRef to = LLVMGetSuccessor(end, i);
    if (wa_loop_has_block(&s->loop, to)) {
      LLVMSetSuccessor(end, i, next);
      continue;
    }
    for (LLVMValueRef phi = LLVMGetFirstInstruction(to); LLVMIsAPHINode(phi);
         phi = LLVMGetNextInstruction(phi)) {
      LLVMValueRef value = copy_of(s, wa_phi_from(phi, block));
      LLVMAddIncoming(phi, &value, &copy, 1);
    }
  }
}

// Builds a turn that goes on to `next`; `now` is what phis are in it, and then behind it. Its first
// block.
static LLVMBasicBlockRef build_turn(struct wa_search *s, LLVMBasicBlockRef next,
                                    LLVMValueRef now[WA_SEARCH_PHIS]) {
  LLVMBasicBlockRef blocks[WA_SEARCH_BLOCKS + 1];
  uint32_t count = s->loop.block_count;
  s->copy_count = 0;
  for (int i = 0; i < s->phi_count; i++) {
    s->copies[s->copy_count][0] = s->phis[i].phi;
    s->copies[s->copy_count++][1] = now[i];
  }
  for (uint32_t i = 0; i < count; i++) {
    blocks[i] = LLVMInsertBasicBlockInContext(s->ir->context, s->start, "");
  }
  blocks[count] = next;
  for (uint32_t i = 0; i < count; i++) {
    LLVMPositionBuilderAtEnd(s->ir->builder, blocks[i]);
    copy_instrs(s, s->loop.blocks[i]);
    set_ways(s, s->loop.blocks[i], blocks[i], blocks[i + 1]);
  }
  for (int i = 0; i < s->phi_count; i++) {
    now[i] = copy_of(s, wa_loop_next(&s->loop, s->phis[i].phi));
  }
  return blocks[0];
}

// The first block of all; `now` is what phis are behind the first turns.
static LLVMBasicBlockRef build_turns(struct wa_search *s, LLVMValueRef now[WA_SEARCH_PHIS]) {
  LLVMBasicBlockRef first = NULL, last = NULL;
  for (int i = 0; i < s->phi_count; i++) {
    now[i] = wa_loop_initial(&s->loop, s->phis[i].phi);
  }
  int count = s->lanes == WA_SEARCH_VECTOR ? FIRST_TURNS_OF_BYTES : FIRST_TURNS;
  for (int turn = 0; turn < count; turn++) {
    LLVMBasicBlockRef block = build_turn(s, s->start, now);
    if (last) {
      wa_redirect(LLVMGetBasicBlockTerminator(last), s->start, block);
    }
    first = first ? first : block;
    last = LLVMGetPreviousBasicBlock(s->start);
  }
  return first;
}

// ---- What is loaded ----

// Builds a stream's place, and adds to `fits` whether a vector from there on lies in the memory:
// its first byte lies below `limit`.
static void build_place(struct wa_search *s, struct wa_search_stream *stream, LLVMValueRef limit,
                        LLVMValueRef *fits) {
  LLVMBuilderRef builder = s->ir->builder;
  LLVMValueRef address = LLVMGetOperand(stream->load, 0), place = NULL;
  for (; wa_search_is_sum(s, address); address = LLVMGetOperand(address, 0)) {
    LLVMValueRef by = LLVMGetOperand(address, 1);
    if (!LLVMIsAConstantInt(by)) {
      by = wa_search_build_now(s, LLVMGetOperand(by, 0));
      by = LLVMBuildZExt(builder, by, s->ir->i64, "");
    }
    place = place ? LLVMBuildAdd(builder, place, by, "") : by;
  }
  stream->place = LLVMBuildGEP2(builder, s->ir->i8, address, &place, 1, "");
  LLVMValueRef is_below = LLVMBuildICmp(builder, LLVMIntULT, place, limit, "");
  *fits = *fits ? LLVMBuildAnd(builder, *fits, is_below, "") : is_below;
}

// ---- Exits ----

// The number of turns, in 64 bits, in none of which the counter ends the loop.
static LLVMValueRef build_turns_left(struct wa_search *s, const struct wa_search_exit *exit) {
  struct wa_ir *ir = s->ir;
  LLVMBuilderRef builder = ir->builder;
  struct wa_loop_condition last = wa_search_last_when(s, exit);
  int32_t step = 0;
  (void)wa_search_find_step(s, last.left, &step);
  LLVMValueRef now = wa_search_build_now(s, last.left);
  LLVMValueRef way = step > 0 ? LLVMBuildSub(builder, last.right, now, "")
                              : LLVMBuildSub(builder, now, last.right, "");
  LLVMValueRef turns = LLVMBuildZExt(builder, way, ir->i64, "");
  if (last.predicate == LLVMIntEQ) {
    return turns;
  }
  // Strictly: one more.
  bool is_strict = last.predicate == LLVMIntUGT || last.predicate == LLVMIntSGT ||
                   last.predicate == LLVMIntULT || last.predicate == LLVMIntSLT;
  turns = LLVMBuildAdd(builder, turns, wa_ir_const_i64(ir, is_strict), "");
  LLVMValueRef ends = LLVMBuildICmp(builder, last.predicate, now, last.right, "");
  return LLVMBuildSelect(builder, ends, wa_ir_const_i64(ir, 0), turns, "");
}

// The least number of turns that a counter leaves; NULL without counters.
static LLVMValueRef build_least(struct wa_search *s) {
  struct wa_ir *ir = s->ir;
  LLVMValueRef least = NULL;
  for (int i = 0; i < s->exit_count; i++) {
    if (s->exits[i].is_counter) {
      LLVMValueRef both[] = {build_turns_left(s, &s->exits[i]), least};
      least = least ? wa_ir_intrinsic(ir, WA_INTRINSIC_UMIN, &ir->i64, 1, both, 2) : both[0];
    }
  }
  return least;
}

// Which turns of the vector end the loop, a bit for each.
static LLVMValueRef build_mask(struct wa_search *s) {
  LLVMBuilderRef builder = s->ir->builder;
  LLVMValueRef ends = NULL;
  for (int i = 0; i < s->exit_count; i++) {
    if (s->exits[i].is_counter) {
      continue;
    }
    LLVMValueRef lanes = wa_search_build_lanes(s, s->exits[i].condition);
    lanes = s->exits[i].leaves_when ? lanes : LLVMBuildNot(builder, lanes, "");
    ends = ends ? LLVMBuildOr(builder, ends, lanes, "") : lanes;
  }
  LLVMTypeRef bits = LLVMIntTypeInContext(s->ir->context, s->lanes);
  LLVMValueRef mask = LLVMBuildBitCast(builder, ends, bits, "");
  return LLVMBuildZExt(builder, mask, s->ir->i32, "");
}

// ---- Blocks ----

static void build_check(struct wa_search *s, LLVMValueRef now[WA_SEARCH_PHIS]) {
  struct wa_ir *ir = s->ir;
  LLVMBuilderRef builder = ir->builder;
  LLVMPositionBuilderAtEnd(builder, s->start);
  LLVMValueRef size = wa_memory0_size(ir, s->ctx);
  LLVMValueRef both[] = {size, wa_ir_const_i64(ir, WA_SEARCH_VECTOR - 1)};
  LLVMValueRef limit = wa_ir_intrinsic(ir, WA_INTRINSIC_USUB_SAT, &ir->i64, 1, both, 2);
  limit = wa_search_build_limit(s, limit);
  LLVMBuildBr(builder, s->check);
  LLVMPositionBuilderAtEnd(builder, s->check);
  for (int i = 0; i < s->phi_count; i++) {
    struct wa_search_phi *phi = &s->phis[i];
    phi->now = LLVMBuildPhi(builder, LLVMTypeOf(phi->phi), "");
    LLVMAddIncoming(phi->now, &now[i], &s->start, 1);
  }
  LLVMValueRef fits = NULL;
  for (int i = 0; i < s->stream_count; i++) {
    build_place(s, &s->streams[i], limit, &fits);
  }
  LLVMBuildCondBr(builder, fits, s->look, s->over);
}

static LLVMValueRef build_step(const struct wa_search *s, const struct wa_search_phi *phi,
                               LLVMValueRef now, LLVMValueRef turns) {
  LLVMBuilderRef builder = s->ir->builder;
  turns = LLVMBuildIntCast2(builder, turns, LLVMTypeOf(phi->phi), false, "");
  return LLVMBuildAdd(builder, now, LLVMBuildMul(builder, turns, phi->step, ""), "");
}

// A value of the loop that looks, behind it.
static LLVMValueRef build_behind(struct wa_search *s, LLVMValueRef value) {
  LLVMValueRef phi = LLVMBuildPhi(s->ir->builder, LLVMTypeOf(value), "");
  LLVMAddIncoming(phi, &value, &s->look, 1);
  return phi;
}

// What phis are when the turn is found that ends the loop, and how many turns come before it.
static void build_found(struct wa_search *s, LLVMValueRef mask, LLVMValueRef count,
                        LLVMValueRef next[WA_SEARCH_PHIS]) {
  struct wa_ir *ir = s->ir;
  LLVMBuilderRef builder = ir->builder;
  LLVMPositionBuilderAtEnd(builder, s->found);
  mask = build_behind(s, mask);
  count = count ? build_behind(s, count) : NULL;
  for (int i = 0; i < s->phi_count; i++) {
    struct wa_search_phi *phi = &s->phis[i];
    next[i] = build_behind(s, phi->step ? phi->now : wa_search_build_lanes(s, phi->phi));
  }
  LLVMValueRef behind = wa_ir_const_i32(ir, 1u << s->lanes);
  LLVMValueRef bits[] = {LLVMBuildOr(builder, mask, behind, ""), LLVMConstInt(ir->i1, 1, false)};
  LLVMValueRef first = wa_ir_intrinsic(ir, WA_INTRINSIC_CTTZ, &ir->i32, 1, bits, 2);
  first = LLVMBuildZExt(builder, first, ir->i64, "");
  if (count) {
    LLVMValueRef both[] = {first, count};
    first = wa_ir_intrinsic(ir, WA_INTRINSIC_UMIN, &ir->i64, 1, both, 2);
  }
  for (int i = 0; i < s->phi_count; i++) {
    next[i] = s->phis[i].step ? build_step(s, &s->phis[i], next[i], first)
                              : LLVMBuildExtractElement(builder, next[i], first, "");
  }
  LLVMBuildBr(builder, s->rest);
}

static void build_look(struct wa_search *s, LLVMValueRef next[WA_SEARCH_PHIS]) {
  struct wa_ir *ir = s->ir;
  LLVMBuilderRef builder = ir->builder;
  LLVMValueRef all = wa_ir_const_i64(ir, s->lanes), last = wa_ir_const_i32(ir, s->lanes - 1);
  LLVMPositionBuilderAtEnd(builder, s->look);
  LLVMValueRef mask = build_mask(s), count = build_least(s);
  LLVMValueRef ends = LLVMBuildICmp(builder, LLVMIntNE, mask, wa_ir_const_i32(ir, 0), "");
  if (count) {
    ends = LLVMBuildOr(builder, ends, LLVMBuildICmp(builder, LLVMIntULT, count, all, ""), "");
  }
  for (int i = 0; i < s->phi_count; i++) {
    struct wa_search_phi *phi = &s->phis[i];
    LLVMValueRef after;
    if (phi->step) {
      after = build_step(s, phi, phi->now, all);
    } else {
      (void)wa_search_build_lanes(s, phi->phi);
      LLVMValueRef loaded = wa_search_build_lanes(s, wa_loop_next(&s->loop, phi->phi));
      after = LLVMBuildExtractElement(builder, loaded, last, "");
    }
    LLVMAddIncoming(phi->now, &after, &s->look, 1);
  }
  LLVMBuildCondBr(builder, ends, s->found, s->check);
  build_found(s, mask, count, next);
}

static void build_over(struct wa_search *s, LLVMValueRef stopped[WA_SEARCH_PHIS]) {
  LLVMBuilderRef builder = s->ir->builder;
  LLVMPositionBuilderAtEnd(builder, s->over);
  for (int i = 0; i < s->phi_count; i++) {
    stopped[i] = LLVMBuildPhi(builder, LLVMTypeOf(s->phis[i].phi), "");
    LLVMAddIncoming(stopped[i], &s->phis[i].now, &s->check, 1);
  }
  LLVMBuildBr(builder, s->rest);
}

// The loop as it was goes on with what the other has come to.
static void build_rest(struct wa_search *s, LLVMValueRef stopped[WA_SEARCH_PHIS],
                       LLVMValueRef next[WA_SEARCH_PHIS]) {
  LLVMBuilderRef builder = s->ir->builder;
  LLVMBasicBlockRef from[] = {s->over, s->found}, in[] = {s->rest, s->loop.latch};
  for (int i = 0; i < s->phi_count; i++) {
    LLVMValueRef phi = s->phis[i].phi;
    LLVMPositionBuilderAtEnd(builder, s->rest);
    LLVMValueRef value = LLVMBuildPhi(builder, LLVMTypeOf(phi), "");
    LLVMValueRef values[] = {stopped[i], next[i]};
    LLVMAddIncoming(value, values, from, 2);
    LLVMPositionBuilderBefore(builder, phi);
    LLVMValueRef whole = LLVMBuildPhi(builder, LLVMTypeOf(phi), "");
    LLVMValueRef both[] = {value, wa_loop_next(&s->loop, phi)};
    LLVMAddIncoming(whole, both, in, 2);
    LLVMReplaceAllUsesWith(phi, whole);
    LLVMInstructionEraseFromParent(phi);
  }
  LLVMPositionBuilderAtEnd(builder, s->rest);
  LLVMBuildBr(builder, s->loop.header);
}

static LLVMBasicBlockRef new_block(const struct wa_search *s) {
  return LLVMInsertBasicBlockInContext(s->ir->context, s->loop.header, "");
}

void wa_search_build(struct wa_search *s) {
  LLVMValueRef way_in = LLVMGetBasicBlockTerminator(s->loop.preheader);
  LLVMValueRef now[WA_SEARCH_PHIS], stopped[WA_SEARCH_PHIS], next[WA_SEARCH_PHIS];
  s->start = new_block(s);
  s->check = new_block(s);
  s->look = new_block(s);
  s->found = new_block(s);
  s->over = new_block(s);
  s->rest = new_block(s);
  LLVMBasicBlockRef first = build_turns(s, now);
  // What is built has the line of the loop's end, not what the builder was left with.
  LLVMPositionBuilderBefore(s->ir->builder, LLVMGetBasicBlockTerminator(s->loop.latch));
  build_check(s, now);
  build_look(s, next);
  build_over(s, stopped);
  build_rest(s, stopped, next);
  wa_redirect(way_in, s->loop.header, first);
}
