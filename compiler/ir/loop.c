#include "compiler/ir/loop.h"

#include "compiler/ir/address.h"
#include "compiler/ir/ir.h"

// ---- Every loop of a function ----

void wa_loop_search_init(struct wa_loop_search *search, const struct wa_dominators *dominators,
                         struct wa_arena *arena) {
  *search = (struct wa_loop_search){
      .dominators = dominators,
      .blocks = wa_ir_alloc(arena, dominators->count, sizeof *search->blocks),
      .stamps = wa_ir_alloc(arena, dominators->count, sizeof *search->stamps),
  };
}

static void add_block(struct wa_loop_search *search, uint32_t block) {
  if (search->stamps[block] == search->number) {
    return;
  }
  search->stamps[block] = search->number;
  search->blocks[search->block_count++] = block;
}

bool wa_loop_search_find(struct wa_loop_search *search, uint32_t header, uint32_t most) {
  const struct wa_dominators *d = search->dominators;
  bool is_loop = false;
  search->header = header;
  search->number++;
  search->block_count = 0;
  for (uint32_t i = d->edge_starts[header]; i < d->edge_starts[header + 1]; i++) {
    if (!wa_dominates(d, header, d->edges[i])) {
      continue;
    }
    if (!is_loop) {
      add_block(search, header);
    }
    is_loop = true;
    add_block(search, d->edges[i]);
  }
  for (uint32_t next = 1; next < search->block_count && search->block_count <= most; next++) {
    uint32_t block = search->blocks[next];
    for (uint32_t i = d->edge_starts[block]; i < d->edge_starts[block + 1]; i++) {
      add_block(search, d->edges[i]);
    }
  }
  return is_loop;
}

bool wa_loop_search_is_innermost(const struct wa_loop_search *search) {
  const struct wa_dominators *d = search->dominators;
  for (uint32_t i = 0; i < search->block_count; i++) {
    uint32_t block = search->blocks[i];
    for (uint32_t j = d->edge_starts[block]; j < d->edge_starts[block + 1]; j++) {
      if (wa_dominates(d, block, d->edges[j]) && block != search->header) {
        return false;
      }
    }
  }
  return true;
}

// ---- One loop of few blocks ----

bool wa_loop_find(struct wa_loop *loop, const struct wa_dominators *dominators, uint32_t header) {
  const struct wa_dominators *d = dominators;
  uint32_t back = 0, ways_in = 0;
  *loop = (struct wa_loop){.header = d->blocks[header]};
  for (uint32_t i = d->edge_starts[header]; i < d->edge_starts[header + 1]; i++) {
    LLVMBasicBlockRef from = d->blocks[d->edges[i]];
    if (wa_dominates(d, header, d->edges[i])) {
      loop->latch = from;
      back++;
    } else {
      loop->preheader = from;
      ways_in++;
    }
  }
  if (ways_in != 1) {
    loop->preheader = NULL;
  }
  return back == 1;
}

bool wa_loop_find_blocks(struct wa_loop *loop, struct wa_loop_search *search) {
  const struct wa_dominators *d = search->dominators;
  uint32_t header = wa_dominators_number(d, loop->header);
  if (!wa_loop_search_find(search, header, WA_LOOP_MOST_BLOCKS) ||
      search->block_count > WA_LOOP_MOST_BLOCKS) {
    return false;
  }
  for (uint32_t i = 0; i < search->block_count; i++) {
    loop->blocks[i] = d->blocks[search->blocks[i]];
  }
  loop->block_count = search->block_count;
  return true;
}

bool wa_loop_find_exit(struct wa_loop *loop) {
  for (uint32_t i = 0; i < loop->block_count; i++) {
    LLVMValueRef end = LLVMGetBasicBlockTerminator(loop->blocks[i]);
    for (unsigned j = 0; j < LLVMGetNumSuccessors(end); j++) {
      LLVMBasicBlockRef next = LLVMGetSuccessor(end, j);
      if (wa_loop_has_block(loop, next)) {
        continue;
      }
      if (loop->blocks[i] != loop->latch || loop->exit) {
        return false;
      }
      loop->exit = next;
    }
  }
  return loop->exit && LLVMIsABranchInst(LLVMGetBasicBlockTerminator(loop->latch));
}

bool wa_loop_of_block(struct wa_loop *loop, LLVMBasicBlockRef block) {
  LLVMValueRef phi = LLVMGetFirstInstruction(block);
  if (!LLVMIsAPHINode(phi) || LLVMCountIncoming(phi) != 2) {
    return false;
  }
  *loop = (struct wa_loop){.header = block, .latch = block, .blocks = {block}, .block_count = 1};
  bool first_is_loop = LLVMGetIncomingBlock(phi, 0) == block;
  loop->preheader = LLVMGetIncomingBlock(phi, first_is_loop);
  return LLVMGetIncomingBlock(phi, !first_is_loop) == block && loop->preheader != block &&
         wa_loop_find_exit(loop);
}

void wa_redirect(LLVMValueRef terminator, LLVMBasicBlockRef from, LLVMBasicBlockRef to) {
  for (unsigned i = 0; i < LLVMGetNumSuccessors(terminator); i++) {
    if (LLVMGetSuccessor(terminator, i) == from) {
      LLVMSetSuccessor(terminator, i, to);
    }
  }
}

// ---- Induction variables ----

LLVMValueRef wa_phi_from(LLVMValueRef phi, LLVMBasicBlockRef block) {
  for (unsigned i = 0; i < LLVMCountIncoming(phi); i++) {
    if (LLVMGetIncomingBlock(phi, i) == block) {
      return LLVMGetIncomingValue(phi, i);
    }
  }
  return NULL;
}

LLVMValueRef wa_loop_step(const struct wa_loop *loop, LLVMValueRef phi) {
  if (LLVMGetInstructionParent(phi) != loop->header || !wa_loop_initial(loop, phi)) {
    return NULL;
  }
  LLVMValueRef next = wa_loop_next(loop, phi);
  bool is_step = next && wa_adds_constant(next) && LLVMGetOperand(next, 0) == phi;
  return is_step ? LLVMGetOperand(next, 1) : NULL;
}

LLVMIntPredicate wa_predicate_inverted(LLVMIntPredicate predicate) {
  switch (predicate) {
  case LLVMIntEQ:
    return LLVMIntNE;
  case LLVMIntNE:
    return LLVMIntEQ;
  case LLVMIntULT:
    return LLVMIntUGE;
  case LLVMIntULE:
    return LLVMIntUGT;
  case LLVMIntUGT:
    return LLVMIntULE;
  case LLVMIntUGE:
    return LLVMIntULT;
  case LLVMIntSLT:
    return LLVMIntSGE;
  case LLVMIntSLE:
    return LLVMIntSGT;
  case LLVMIntSGT:
    return LLVMIntSLE;
  case LLVMIntSGE:
    return LLVMIntSLT;
  }
  return predicate;
}

// The same with the operands in the other order.
static LLVMIntPredicate swapped(LLVMIntPredicate predicate) {
  switch (predicate) {
  case LLVMIntULT:
    return LLVMIntUGT;
  case LLVMIntULE:
    return LLVMIntUGE;
  case LLVMIntUGT:
    return LLVMIntULT;
  case LLVMIntUGE:
    return LLVMIntULE;
  case LLVMIntSLT:
    return LLVMIntSGT;
  case LLVMIntSLE:
    return LLVMIntSGE;
  case LLVMIntSGT:
    return LLVMIntSLT;
  case LLVMIntSGE:
    return LLVMIntSLE;
  default:
    return predicate;
  }
}

bool wa_loop_find_condition(const struct wa_loop *loop, struct wa_loop_condition *condition) {
  LLVMValueRef branch = LLVMGetBasicBlockTerminator(loop->latch);
  LLVMValueRef compare = LLVMGetCondition(branch);
  if (!LLVMIsAICmpInst(compare)) {
    return false;
  }
  LLVMIntPredicate predicate = LLVMGetICmpPredicate(compare);
  if (LLVMGetSuccessor(branch, 0) != loop->header) {
    predicate = wa_predicate_inverted(predicate);
  }
  *condition =
      (struct wa_loop_condition){predicate, LLVMGetOperand(compare, 0), LLVMGetOperand(compare, 1)};
  return true;
}

struct wa_loop_condition wa_loop_condition_swapped(const struct wa_loop_condition *condition) {
  return (struct wa_loop_condition){swapped(condition->predicate), condition->right,
                                    condition->left};
}
