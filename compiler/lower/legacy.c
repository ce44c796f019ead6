// Exceptions as they were before try_table, by the legacy part of the exception-handling proposal:
// what a try catches is taken by the clauses that follow its body, in which it can be rethrown.
// Calls and throws get to the clauses as they get to those of a try_table. A clause that rethrows
// has a hold on its exception as long as it runs (enum wa_exception_fate): every edge out of it
// drops the hold. An exception that a callee throws through such a clause takes no edge: what the
// clause held stays until the store goes.
#include "compiler/lower/lower.h"

// An edge that leaves more clauses than these at once drops no hold, so that nested clauses and
// branches out of them cannot multiply.
enum { EDGE_LIMIT = 16 };

static struct wa_label *innermost(struct wa_lower_function *f) {
  return &f->labels[f->label_count - 1];
}

// ---- Holds ----

static int64_t innermost_clause(const struct wa_lower_function *f) {
  if (f->label_count == 0) {
    return WA_NO_LABEL;
  }
  const struct wa_label *label = &f->labels[f->label_count - 1];
  return label->holds ? (int64_t)f->label_count - 1 : label->outer_clause;
}

bool wa_leaves_clause(const struct wa_lower_function *f, uint32_t first) {
  return innermost_clause(f) >= (int64_t)first;
}

static void drop_if(struct wa_lower_function *f, LLVMValueRef condition, LLVMValueRef exception) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMBasicBlockRef drop = wa_new_block(f), next = wa_new_block(f);
  LLVMBuildCondBr(builder, condition, drop, next);
  LLVMPositionBuilderAtEnd(builder, drop);
  wa_settle_exception(f, exception, WA_EXCEPTION_DROP);
  LLVMBuildBr(builder, next);
  LLVMPositionBuilderAtEnd(builder, next);
}

void wa_leave_clauses(struct wa_lower_function *f, uint32_t first) {
  int count = 0;
  for (int64_t i = innermost_clause(f); i >= (int64_t)first; i = f->labels[i].outer_clause) {
    if (++count > EDGE_LIMIT) {
      return;
    }
  }
  for (int64_t i = innermost_clause(f); i >= (int64_t)first; i = f->labels[i].outer_clause) {
    drop_if(f, f->labels[i].holds, f->labels[i].exception);
  }
}

// Now it is known whether the clause rethrows.
static void end_clause(struct wa_lower_function *f) {
  struct wa_label *label = innermost(f);
  if (!label->holds) {
    return;
  }
  LLVMReplaceAllUsesWith(label->holds, LLVMConstInt(f->ir->i1, label->rethrows, false));
  LLVMInstructionEraseFromParent(label->holds);
  label->holds = NULL;
  label->rethrows = false;
}

static void begin_clause(struct wa_lower_function *f) {
  LLVMBuilderRef builder = f->ir->builder;
  struct wa_label *label = innermost(f);
  label->holds = LLVMBuildFreeze(builder, LLVMGetUndef(f->ir->i1), "");
  drop_if(f, LLVMBuildNot(builder, label->holds, ""), label->exception);
}

// ---- Clauses ----

// After the body of a try: what was thrown there is looked at from here on.
static void end_body(struct wa_lower_function *f) {
  struct wa_ir *ir = f->ir;
  struct wa_label *label = innermost(f);
  label->is_try = false;
  label->next_clause = label->dispatch;
  if (!label->dispatch) {
    return;
  }
  LLVMPositionBuilderAtEnd(ir->builder, label->dispatch);
  label->tag = LLVMBuildLoad2(ir->builder, ir->ptr,
                              wa_ir_offset(ir, label->exception, WA_EXCEPTION_TAG), "");
}

// Continues where an exception of the clause's tag is.
static void match(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMBuilderRef builder = f->ir->builder;
  struct wa_label *label = innermost(f);
  LLVMPositionBuilderAtEnd(builder, label->next_clause);
  if (instr->op == WA_OP_catch_all) {
    label->next_clause = NULL;
    return;
  }
  LLVMBasicBlockRef taken = wa_new_block(f);
  label->next_clause = wa_new_block(f);
  LLVMValueRef tag = wa_tag_identity(f, instr->index);
  LLVMValueRef same = LLVMBuildICmp(builder, LLVMIntEQ, label->tag, tag, "");
  LLVMBuildCondBr(builder, same, taken, label->next_clause);
  LLVMPositionBuilderAtEnd(builder, taken);
}

void wa_lower_clause(struct wa_lower_function *f, const struct wa_instr *instr) {
  struct wa_label *label = innermost(f);
  wa_lower_leave(f, label);
  if (label->is_try) {
    end_body(f);
  }
  end_clause(f);
  if (!label->next_clause) { // nothing in the body throws
    wa_lower_set_unreachable(f);
    return;
  }
  f->height = label->height;
  f->unreachable = false;
  match(f, instr);
  if (instr->op == WA_OP_catch) {
    wa_push_arguments(f, instr->index, label->exception);
  }
  begin_clause(f);
}

void wa_lower_end_try(struct wa_lower_function *f, uint32_t count) {
  struct wa_label *label = innermost(f);
  if (label->is_try) {
    end_body(f);
  }
  end_clause(f);
  if (!label->next_clause) {
    return;
  }
  LLVMPositionBuilderAtEnd(f->ir->builder, label->next_clause);
  wa_throw_to(f, count, label->exception);
}

void wa_lower_rethrow(struct wa_lower_function *f, uint32_t index) {
  struct wa_label *label = &f->labels[f->label_count - 1 - index];
  label->rethrows = true;
  wa_settle_exception(f, label->exception, WA_EXCEPTION_HOLD);
  wa_throw_to(f, f->label_count, label->exception);
  wa_lower_set_unreachable(f);
}
