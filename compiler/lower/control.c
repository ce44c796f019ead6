// Structured control (core spec 4.4.8): blocks become basic blocks, and what a branch carries
// becomes phis at its target.
#include "compiler/lower/lower.h"
#include "compiler/wasm/families.h"

#include <string.h>

static struct wa_label *push_label(struct wa_lower_function *f) {
  if (f->label_count == f->label_capacity) {
    uint32_t capacity = f->label_capacity ? f->label_capacity * 2 : 16;
    struct wa_label *labels = wa_ir_alloc(&f->arena, capacity, sizeof *labels);
    if (f->label_count) {
      memcpy(labels, f->labels, f->label_count * sizeof *labels);
    }
    f->labels = labels;
    f->label_capacity = capacity;
  }
  struct wa_label *label = &f->labels[f->label_count++];
  *label = (struct wa_label){.outer_try = WA_NO_LABEL, .outer_clause = WA_NO_LABEL};
  if (f->label_count > 1) {
    int64_t below = (int64_t)f->label_count - 2;
    label->outer_try = label[-1].is_try ? below : label[-1].outer_try;
    label->outer_clause = label[-1].holds ? below : label[-1].outer_clause;
  }
  return label;
}

static void set_types(const struct wa_lower_function *f, struct wa_label *label,
                      const struct wa_block_type *block) {
  label->single = block->result;
  if (block->type != WA_NONE) {
    const struct wa_functype *type = &f->ir->module->types[block->type];
    label->params = type->params;
    label->param_count = type->param_count;
    label->results = type->results;
    label->result_count = type->result_count;
  } else if (block->result) {
    label->result_count = 1;
  }
}

// Valid until the next label is opened.
static const uint32_t *results_of(const struct wa_label *label) {
  return label->single ? &label->single : label->results;
}

// Phis at the start of `block`, one per type, without incoming values yet.
static LLVMValueRef *make_phis(struct wa_lower_function *f, LLVMBasicBlockRef block,
                               const uint32_t *types, uint32_t count) {
  if (count == 0) {
    return NULL;
  }
  LLVMBuilderRef builder = f->ir->builder;
  LLVMBasicBlockRef current = LLVMGetInsertBlock(builder);
  LLVMValueRef *phis = wa_ir_alloc(&f->arena, count, sizeof *phis);
  LLVMPositionBuilderAtEnd(builder, block);
  for (uint32_t i = 0; i < count; i++) {
    phis[i] = LLVMBuildPhi(builder, wa_ir_valtype(f->ir, types[i]), "");
  }
  LLVMPositionBuilderAtEnd(builder, current);
  return phis;
}

// Gives the target's phis the top of the stack for an edge from the current block.
void wa_lower_carry(struct wa_lower_function *f, const struct wa_label *label) {
  LLVMBasicBlockRef from = LLVMGetInsertBlock(f->ir->builder);
  LLVMValueRef *values = &f->stack[f->height - label->branch_count];
  for (uint32_t i = 0; i < label->branch_count; i++) {
    LLVMAddIncoming(label->phis[i], &values[i], &from, 1);
  }
}

static void enter_block(struct wa_lower_function *f, const struct wa_instr *instr) {
  struct wa_label *label = push_label(f);
  set_types(f, label, &instr->block);
  label->op = WA_OP_block;
  label->height = f->height - label->param_count;
  label->target = wa_new_block(f);
  label->branch_count = label->result_count;
  label->phis = make_phis(f, label->target, results_of(label), label->result_count);
}

static void enter_loop(struct wa_lower_function *f, const struct wa_instr *instr) {
  struct wa_label *label = push_label(f);
  set_types(f, label, &instr->block);
  label->op = WA_OP_loop;
  label->height = f->height - label->param_count;
  label->target = wa_new_block(f);
  label->branch_count = label->param_count;
  label->accesses = f->accesses;
  label->phis = make_phis(f, label->target, label->params, label->param_count);
  wa_lower_carry(f, label);
  LLVMBuildBr(f->ir->builder, label->target);
  LLVMPositionBuilderAtEnd(f->ir->builder, label->target);
  for (uint32_t i = 0; i < label->param_count; i++) {
    f->stack[label->height + i] = label->phis[i];
  }
}

static void enter_try(struct wa_lower_function *f, const struct wa_instr *instr) {
  enter_block(f, instr);
  struct wa_label *label = &f->labels[f->label_count - 1];
  label->is_try = true;
  if (instr->op == WA_OP_try) {
    label->op = WA_OP_try;
  }
  label->catches = instr->labels;
}

static LLVMValueRef is_true(struct wa_lower_function *f, LLVMValueRef value) {
  return LLVMBuildICmp(f->ir->builder, LLVMIntNE, value, wa_ir_const_i32(f->ir, 0), "");
}

// Tells LLVM which way a conditional branch goes, when the module has a hint.
static void weigh(struct wa_lower_function *f, const struct wa_instr *instr, LLVMValueRef branch) {
  const struct wa_module *module = f->ir->module;
  const struct wa_branch_hint *hints = module->branch_hints;
  while (f->hint < module->branch_hint_count && hints[f->hint].offset < instr->offset) {
    f->hint++;
  }
  if (f->hint < module->branch_hint_count && hints[f->hint].offset == instr->offset) {
    LLVMSetMetadata(branch, f->ir->weights_kind, f->ir->weights[hints[f->hint].taken]);
  }
}

static void enter_if(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMValueRef condition = is_true(f, wa_lower_pop(f));
  enter_block(f, instr);
  struct wa_label *label = &f->labels[f->label_count - 1];
  label->op = WA_OP_if;
  label->other = wa_new_block(f);
  if (label->param_count) {
    label->else_params = wa_ir_alloc(&f->arena, label->param_count, sizeof(LLVMValueRef));
    memcpy(label->else_params, &f->stack[label->height], label->param_count * sizeof(LLVMValueRef));
  }
  LLVMBasicBlockRef then = wa_new_block(f);
  weigh(f, instr, LLVMBuildCondBr(f->ir->builder, condition, then, label->other));
  LLVMPositionBuilderAtEnd(f->ir->builder, then);
}

void wa_lower_leave(struct wa_lower_function *f, const struct wa_label *label) {
  if (f->unreachable) {
    return;
  }
  wa_leave_clauses(f, f->label_count - 1);
  wa_lower_carry(f, label);
  LLVMBuildBr(f->ir->builder, label->target);
}

static void start_else(struct wa_lower_function *f) {
  struct wa_label *label = &f->labels[f->label_count - 1];
  wa_lower_leave(f, label);
  label->op = WA_OP_else;
  LLVMPositionBuilderAtEnd(f->ir->builder, label->other);
  f->height = label->height;
  for (uint32_t i = 0; i < label->param_count; i++) {
    wa_lower_push(f, label->else_params[i]);
  }
  f->unreachable = false;
}

static bool has_predecessor(LLVMBasicBlockRef block) {
  return LLVMGetFirstUse(LLVMBasicBlockAsValue(block)) != NULL;
}

// Ends a construct whose label is its end. A target nobody reaches leaves the code after it dead.
// `outer` labels may catch what a try does not.
static void end_block(struct wa_lower_function *f, uint32_t outer) {
  if (f->labels[f->label_count - 1].op == WA_OP_if) {
    start_else(f);
  }
  wa_lower_leave(f, &f->labels[f->label_count - 1]);
  if (f->labels[f->label_count - 1].op == WA_OP_try) {
    wa_lower_end_try(f, outer);
  } else if (f->labels[f->label_count - 1].is_try) {
    wa_lower_catches(f);
  }
  struct wa_label label = f->labels[f->label_count - 1];
  f->label_count--;
  LLVMPositionBuilderAtEnd(f->ir->builder, label.target);
  f->height = label.height;
  if (!has_predecessor(label.target)) {
    LLVMDeleteBasicBlock(label.target);
    if (f->label_count) {
      wa_lower_set_unreachable(f);
    }
    return;
  }
  f->unreachable = false;
  for (uint32_t i = 0; i < label.result_count; i++) {
    wa_lower_push(f, label.phis[i]);
  }
  if (f->label_count == 0 && f->depth == 0) {
    wa_return(f);
  }
}

// The vectoriser compares the accesses of a loop with each other: 6,000 took it 10 s. It is not
// asked about loops with more than these.
enum { VECTORISER_ACCESSES = 500 };

static void keep_from_vectoriser(struct wa_lower_function *f, LLVMBasicBlockRef loop) {
  LLVMUseRef use = LLVMGetFirstUse(LLVMBasicBlockAsValue(loop));
  for (; use; use = LLVMGetNextUse(use)) {
    LLVMValueRef branch = LLVMGetUser(use);
    LLVMSetMetadata(branch, f->ir->loop_kind, f->ir->no_vectors);
  }
}

// The label of a loop is its start: its results are simply what is on the stack.
static void end_loop(struct wa_lower_function *f) {
  const struct wa_label *label = &f->labels[--f->label_count];
  if (f->accesses - label->accesses > VECTORISER_ACCESSES) {
    keep_from_vectoriser(f, label->target);
  }
  if (f->unreachable) {
    wa_lower_set_unreachable(f);
  }
}

static void end(struct wa_lower_function *f) {
  if (f->labels[f->label_count - 1].op == WA_OP_loop) {
    end_loop(f);
  } else {
    end_block(f, f->label_count - 1);
  }
}

static struct wa_label *label_at(struct wa_lower_function *f, uint32_t depth) {
  return &f->labels[f->label_count - 1 - depth];
}

// Carries the top of the stack along an edge to a label and returns where the edge goes: to the
// label's target, or to a block before it where the clauses that the branch leaves are left.
static LLVMBasicBlockRef edge_to(struct wa_lower_function *f, uint32_t depth) {
  const struct wa_label *label = label_at(f, depth);
  uint32_t index = f->label_count - 1 - depth;
  LLVMBasicBlockRef current = LLVMGetInsertBlock(f->ir->builder), target = label->target;
  if (!wa_leaves_clause(f, index)) {
    wa_lower_carry(f, label);
    return target;
  }
  LLVMBasicBlockRef block = wa_new_block(f);
  LLVMPositionBuilderAtEnd(f->ir->builder, block);
  wa_leave_clauses(f, index);
  wa_lower_carry(f, label);
  LLVMBuildBr(f->ir->builder, target);
  LLVMPositionBuilderAtEnd(f->ir->builder, current);
  return block;
}

static void branch(struct wa_lower_function *f, uint32_t depth) {
  LLVMBuildBr(f->ir->builder, edge_to(f, depth));
  wa_lower_set_unreachable(f);
}

static void branch_if(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMValueRef condition = is_true(f, wa_lower_pop(f));
  LLVMBasicBlockRef target = edge_to(f, instr->index), next = wa_new_block(f);
  weigh(f, instr, LLVMBuildCondBr(f->ir->builder, condition, target, next));
  LLVMPositionBuilderAtEnd(f->ir->builder, next);
}

static void branch_on_null(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef reference = wa_lower_pop(f);
  bool when_null = instr->op == WA_OP_br_on_null;
  LLVMValueRef is_null = LLVMBuildIsNull(builder, reference, "");
  if (!when_null) {
    wa_lower_push(f, reference);
  }
  LLVMBasicBlockRef target = edge_to(f, instr->index), next = wa_new_block(f);
  LLVMBuildCondBr(builder, is_null, when_null ? target : next, when_null ? next : target);
  LLVMPositionBuilderAtEnd(builder, next);
  if (when_null) {
    wa_lower_push(f, reference);
  } else {
    (void)wa_lower_pop(f);
  }
}

static void add_cases(struct wa_lower_function *f, LLVMValueRef table, LLVMBasicBlockRef *targets,
                      uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    LLVMAddCase(table, wa_ir_const_i32(f->ir, i), targets[i]);
  }
}

// What would be the default is a case as well, so that the jump needs no check of its own.
static void masked_switch(struct wa_lower_function *f, LLVMValueRef index,
                          LLVMBasicBlockRef *targets, uint32_t count) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMBasicBlockRef none = wa_new_block(f);
  LLVMValueRef clamped = wa_clamp_index(f, index, count);
  add_cases(f, LLVMBuildSwitch(builder, clamped, none, count + 1), targets, count + 1);
  LLVMPositionBuilderAtEnd(builder, none);
  LLVMBuildUnreachable(builder);
}

// One edge, and so one incoming value of each phi, per table entry.
static void branch_table(struct wa_lower_function *f, const struct wa_instr *instr,
                         const struct wa_reader *reader) {
  LLVMValueRef index = wa_freeze(f, wa_lower_pop(f));
  struct wa_reader labels = *reader;
  labels.position = instr->labels.start;
  LLVMBasicBlockRef *targets =
      wa_ir_alloc(&f->arena, instr->labels.count + 1, sizeof(LLVMBasicBlockRef));
  for (uint32_t i = 0; i <= instr->labels.count; i++) {
    uint32_t depth = 0;
    struct wa_error ignored;
    (void)wa_reader_u32(&labels, &depth, &ignored);
    targets[i] = edge_to(f, depth);
  }
  uint32_t count = instr->labels.count;
  if (f->ir->target->mask_indexes && count > 0) {
    masked_switch(f, index, targets, count);
  } else {
    add_cases(f, LLVMBuildSwitch(f->ir->builder, index, targets[count], count), targets, count);
  }
  wa_lower_set_unreachable(f);
}

void wa_lower_enter(struct wa_lower_function *f) {
  struct wa_label *label = push_label(f);
  label->op = WA_OP_block;
  label->results = f->type->results;
  label->result_count = f->type->result_count;
  label->branch_count = label->result_count;
  label->target = wa_new_block(f);
  label->phis = make_phis(f, label->target, label->results, label->result_count);
}

void wa_lower_control(struct wa_lower_function *f, const struct wa_instr *instr,
                      struct wa_reader *reader) {
  switch ((enum wa_control_op)instr->op) {
  case WA_CONTROL_unreachable:
    LLVMBuildBr(f->ir->builder, wa_trap_block(f, WA_TRAP_UNREACHABLE));
    wa_lower_set_unreachable(f);
    break;
  case WA_CONTROL_block:
    enter_block(f, instr);
    break;
  case WA_CONTROL_loop:
    enter_loop(f, instr);
    break;
  case WA_CONTROL_if:
    enter_if(f, instr);
    break;
  case WA_CONTROL_else:
    start_else(f);
    break;
  case WA_CONTROL_end:
    end(f);
    break;
  case WA_CONTROL_br:
    branch(f, instr->index);
    break;
  case WA_CONTROL_br_if:
    branch_if(f, instr);
    break;
  case WA_CONTROL_try:
  case WA_CONTROL_try_table:
    enter_try(f, instr);
    break;
  case WA_CONTROL_catch:
  case WA_CONTROL_catch_all:
    wa_lower_clause(f, instr);
    break;
  case WA_CONTROL_delegate:
    end_block(f, f->label_count - 1 - instr->index);
    break;
  case WA_CONTROL_rethrow:
    wa_lower_rethrow(f, instr->index);
    break;
  case WA_CONTROL_throw:
  case WA_CONTROL_throw_ref:
    wa_lower_exception(f, instr);
    break;
  case WA_CONTROL_br_on_null:
  case WA_CONTROL_br_on_non_null:
    branch_on_null(f, instr);
    break;
  case WA_CONTROL_br_table:
    branch_table(f, instr, reader);
    break;
  case WA_CONTROL_return:
    branch(f, f->label_count - 1);
    break;
  case WA_CONTROL_nop:
    break;
  }
}

// Dead code is not lowered; only its nesting is followed to find where life begins again.
void wa_lower_skipped(struct wa_lower_function *f, const struct wa_instr *instr) {
  switch (instr->op) {
  case WA_OP_block:
  case WA_OP_loop:
  case WA_OP_if:
  case WA_OP_try:
  case WA_OP_try_table:
    f->skipped++;
    break;
  case WA_OP_else:
  case WA_OP_catch:
  case WA_OP_catch_all:
    if (f->skipped == 0) {
      wa_lower_control(f, instr, NULL);
    }
    break;
  case WA_OP_delegate:
  case WA_OP_end:
    if (f->skipped > 0) {
      f->skipped--;
    } else {
      wa_lower_control(f, instr, NULL);
    }
    break;
  default:
    break;
  }
}
