// Rolls up a loop of which is known what its copies are.
#include "compiler/repair/roll.h"

static void set_next(const struct wa_roll *r, LLVMValueRef phi, LLVMValueRef next) {
  for (unsigned i = 0; i < LLVMCountIncoming(phi); i++) {
    if (LLVMGetIncomingBlock(phi, i) == r->loop.latch) {
      LLVMSetOperand(phi, i, next);
    }
  }
}

static LLVMValueRef build_total(const struct wa_roll *r, const struct wa_roll_phi *total) {
  LLVMBuilderRef builder = r->ir->builder;
  LLVMValueRef like = wa_loop_next(&r->loop, total->phi), next = total->phi;
  for (uint32_t i = 0; i < total->term_count; i += r->copies) {
    LLVMValueRef args[] = {next, total->terms[i]};
    if (LLVMIsACallInst(like)) {
      next = LLVMBuildCall2(builder, LLVMGetCalledFunctionType(like), LLVMGetCalledValue(like),
                            args, 2, "");
    } else {
      next = LLVMBuildBinOp(builder, LLVMGetInstructionOpcode(like), args[0], args[1], "");
    }
  }
  return next;
}

static LLVMValueRef build_next(const struct wa_roll *r, const struct wa_roll_phi *phi) {
  int64_t step = phi->step / (int64_t)r->copies;
  switch (phi->kind) {
  case WA_ROLL_COUNTER:
    return LLVMBuildAdd(r->ir->builder, phi->phi,
                        LLVMConstInt(LLVMTypeOf(phi->phi), (uint64_t)step, true), "");
  case WA_ROLL_TOTAL:
    return build_total(r, phi);
  default:
    return phi->next;
  }
}

// A counter's last value is the same: as many times as often, by as many times less.
static void roll_phis(struct wa_roll *r) {
  LLVMPositionBuilderBefore(r->ir->builder, LLVMGetBasicBlockTerminator(r->loop.latch));
  for (uint32_t i = 0; i < r->phi_count; i++) {
    LLVMValueRef phi = r->phis[i].phi, was = wa_loop_next(&r->loop, phi);
    LLVMValueRef next = build_next(r, &r->phis[i]);
    for (uint32_t j = 0; j < r->result_count; j++) {
      if (r->results[j].value == was) {
        r->results[j].value = next;
      }
    }
    set_next(r, phi, next);
  }
  for (uint32_t i = 0; i < r->result_count; i++) {
    LLVMSetOperand(r->results[i].phi, r->results[i].operand, r->results[i].value);
  }
}

// A counter of its own says when the loop is done. Memory has no more than 2^32 elements.
static void count_iterations(struct wa_roll *r, LLVMValueRef last) {
  struct wa_ir *ir = r->ir;
  LLVMBuilderRef builder = ir->builder;
  LLVMPositionBuilderBefore(builder, r->branch);
  LLVMValueRef more =
      LLVMBuildAdd(builder, LLVMBuildTrunc(builder, last, ir->i32, ""), wa_ir_const_i32(ir, 1), "");
  LLVMValueRef times = LLVMBuildMul(builder, more, wa_ir_const_i32(ir, r->copies), "");
  LLVMPositionBuilderBefore(builder, LLVMGetFirstInstruction(r->loop.header));
  LLVMValueRef phi = LLVMBuildPhi(builder, ir->i32, ""), zero = wa_ir_const_i32(ir, 0);
  LLVMValueRef end = LLVMGetBasicBlockTerminator(r->loop.latch);
  LLVMPositionBuilderBefore(builder, end);
  LLVMValueRef next = LLVMBuildAdd(builder, phi, wa_ir_const_i32(ir, 1), "");
  LLVMAddIncoming(phi, &zero, &r->loop.preheader, 1);
  LLVMAddIncoming(phi, &next, &r->loop.latch, 1);
  bool first_goes_on = LLVMGetSuccessor(end, 0) == r->loop.header;
  LLVMSetCondition(end,
                   LLVMBuildICmp(builder, first_goes_on ? LLVMIntNE : LLVMIntEQ, next, times, ""));
}

// The same without what is only known of the first copy: that it does not wrap, and the like.
static LLVMValueRef build_plain(struct wa_ir *ir, LLVMValueRef instr) {
  LLVMOpcode opcode = LLVMGetInstructionOpcode(instr);
  if (LLVMIsABinaryOperator(instr)) {
    bool is_sum = opcode == LLVMOr && WA_IS_DISJOINT(instr);
    return LLVMBuildBinOp(ir->builder, is_sum ? LLVMAdd : opcode, LLVMGetOperand(instr, 0),
                          LLVMGetOperand(instr, 1), "");
  }
  if (LLVMIsACastInst(instr)) {
    return LLVMBuildCast(ir->builder, opcode, LLVMGetOperand(instr, 0), LLVMTypeOf(instr), "");
  }
  return LLVMIsAICmpInst(instr)
             ? LLVMBuildICmp(ir->builder, LLVMGetICmpPredicate(instr), LLVMGetOperand(instr, 0),
                             LLVMGetOperand(instr, 1), "")
             : NULL;
}

// What is known of the result only in the first copy.
static void forget_range(LLVMValueRef call) {
  unsigned range = LLVMGetEnumAttributeKindForName("range", sizeof "range" - 1);
  if (range) {
    LLVMRemoveCallSiteEnumAttribute(call, LLVMAttributeReturnIndex, range);
  }
}

static bool is_needed(LLVMValueRef instr) {
  return LLVMGetFirstUse(instr) || LLVMIsAStoreInst(instr) || LLVMIsATerminatorInst(instr);
}

// From the end, so that what is not needed takes what it needs with it.
static void clean(struct wa_roll *r) {
  LLVMValueRef before;
  for (LLVMValueRef instr = LLVMGetLastInstruction(r->loop.header); instr; instr = before) {
    before = LLVMGetPreviousInstruction(instr);
    if (!is_needed(instr)) {
      LLVMInstructionEraseFromParent(instr);
      continue;
    }
    if (LLVMIsACallInst(instr)) {
      forget_range(instr);
    }
    LLVMPositionBuilderBefore(r->ir->builder, instr);
    LLVMValueRef plain = build_plain(r->ir, instr);
    if (plain) {
      LLVMReplaceAllUsesWith(instr, plain);
      LLVMInstructionEraseFromParent(instr);
    }
  }
}

void wa_roll_rewrite(struct wa_roll *r, LLVMValueRef pays, LLVMValueRef last) {
  struct wa_ir *ir = r->ir;
  roll_phis(r);
  for (uint32_t i = r->store_count / r->copies; i < r->store_count; i++) {
    LLVMInstructionEraseFromParent(r->stores[i]);
  }
  count_iterations(r, last);
  clean(r);
  LLVMValueRef branch = r->branch;
  LLVMPositionBuilderBefore(ir->builder, branch);
  LLVMSetCondition(branch, LLVMBuildAnd(ir->builder, LLVMGetCondition(branch), pays, ""));
  LLVMSetMetadata(branch, wa_rolled_kind(ir), ir->empty_node);
}
