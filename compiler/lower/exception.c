// Exceptions (core spec 4.4.8). A call inside a try_table is an invoke, whose landing pad goes to
// the block that compares the exception's tag with those of the clauses; a throw inside one
// branches there. Nothing is done where nothing is thrown. How an exception gets from a throw to a
// landing pad of a caller is said in abi.h.
#include "compiler/lower/lower.h"

// The innermost of the first `count` labels that catches.
static int64_t find_try(const struct wa_lower_function *f, uint32_t count) {
  if (count == 0) {
    return WA_NO_LABEL;
  }
  const struct wa_label *label = &f->labels[count - 1];
  return label->is_try ? (int64_t)count - 1 : label->outer_try;
}

bool wa_is_caught(const struct wa_lower_function *f) {
  return find_try(f, f->label_count) != WA_NO_LABEL;
}

static struct wa_label *with_dispatch(struct wa_lower_function *f, int64_t index) {
  struct wa_ir *ir = f->ir;
  struct wa_label *label = &f->labels[index];
  if (label->dispatch) {
    return label;
  }
  LLVMBasicBlockRef current = LLVMGetInsertBlock(ir->builder);
  label->dispatch = wa_new_block(f);
  LLVMPositionBuilderAtEnd(ir->builder, label->dispatch);
  label->exception = LLVMBuildPhi(ir->builder, ir->ptr, "");
  LLVMPositionBuilderAtEnd(ir->builder, current);
  return label;
}

static void go_to_dispatch(struct wa_lower_function *f, int64_t index, LLVMValueRef exception) {
  struct wa_label *label = with_dispatch(f, index);
  LLVMBasicBlockRef from = LLVMGetInsertBlock(f->ir->builder);
  LLVMAddIncoming(label->exception, &exception, &from, 1);
  LLVMBuildBr(f->ir->builder, label->dispatch);
}

// Any name that LLVM knows to be driven by call-site tables; nobody calls it.
static LLVMValueRef personality(struct wa_ir *ir) {
  static const char name[] = "__gxx_personality_v0";
  LLVMValueRef function = LLVMGetNamedFunction(ir->llvm, name);
  return function ? function
                  : LLVMAddFunction(ir->llvm, name, LLVMFunctionType(ir->i32, NULL, 0, true));
}

// LLVM looks through all landing pads of a function whenever it is about one, which takes a time
// with the square of their number. So past this many tries have one together, which goes by a
// number.
enum { OWN_PADS = 1000 };

// Leaves the exception that got there.
static LLVMValueRef start_pad(struct wa_lower_function *f, LLVMBasicBlockRef block) {
  struct wa_ir *ir = f->ir;
  LLVMPositionBuilderAtEnd(ir->builder, block);
  LLVMTypeRef members[] = {ir->ptr, ir->i32};
  LLVMTypeRef type = LLVMStructTypeInContext(ir->context, members, 2, false);
  LLVMValueRef pad = LLVMBuildLandingPad(ir->builder, type, personality(ir), 1, "");
  LLVMAddClause(pad, LLVMConstNull(ir->ptr)); // catches everything
  return LLVMBuildExtractValue(ir->builder, pad, 0, "");
}

static void make_shared_pad(struct wa_lower_function *f) {
  struct wa_ir *ir = f->ir;
  LLVMPositionBuilderBefore(ir->builder, f->entry_end);
  f->pad_number = LLVMBuildAlloca(ir->builder, ir->i32, "");
  f->shared_pad = wa_new_block(f);
  f->pad_exception = start_pad(f, f->shared_pad);
  LLVMValueRef number = LLVMBuildLoad2(ir->builder, ir->i32, f->pad_number, "");
  f->pad_switch =
      LLVMBuildSwitch(ir->builder, number, wa_trap_block(f, WA_TRAP_UNCAUGHT_EXCEPTION), OWN_PADS);
}

static void make_landing(struct wa_lower_function *f, int64_t index) {
  struct wa_label *label = &f->labels[index];
  if (++f->pad_count <= OWN_PADS) {
    label->landing = wa_new_block(f);
    go_to_dispatch(f, index, start_pad(f, label->landing));
    return;
  }
  if (!f->shared_pad) {
    make_shared_pad(f);
  }
  label->landing = f->shared_pad;
  label->pad_number = f->pad_count;
  with_dispatch(f, index);
  LLVMAddIncoming(label->exception, &f->pad_exception, &f->shared_pad, 1);
  LLVMAddCase(f->pad_switch, wa_ir_const_i32(f->ir, label->pad_number), label->dispatch);
}

LLVMBasicBlockRef wa_landing_pad(struct wa_lower_function *f) {
  int64_t index = find_try(f, f->label_count);
  if (index == WA_NO_LABEL) {
    return NULL;
  }
  struct wa_label *label = &f->labels[index];
  LLVMBuilderRef builder = f->ir->builder;
  if (!label->landing) {
    LLVMBasicBlockRef current = LLVMGetInsertBlock(builder);
    make_landing(f, index);
    LLVMPositionBuilderAtEnd(builder, current);
  }
  if (label->pad_number != 0) {
    LLVMBuildStore(builder, wa_ir_const_i32(f->ir, label->pad_number), f->pad_number);
  }
  return label->landing;
}

void wa_throw_to(struct wa_lower_function *f, uint32_t count, LLVMValueRef exception) {
  int64_t index = find_try(f, count);
  wa_leave_clauses(f, (uint32_t)(index + 1));
  if (index != WA_NO_LABEL) {
    go_to_dispatch(f, index, exception);
    return;
  }
  wa_call_builtin(f, WA_BUILTIN_EXCEPTION_THROW, &exception, 1);
  wa_ir_emit_trap(f->ir, WA_TRAP_UNCAUGHT_EXCEPTION);
}

void wa_settle_exception(struct wa_lower_function *f, LLVMValueRef exception,
                         enum wa_exception_fate fate) {
  LLVMValueRef args[] = {exception, wa_ir_const_i32(f->ir, fate)};
  wa_call_builtin(f, WA_BUILTIN_EXCEPTION_SETTLE, args, 2);
}

// ---- throw, throw_ref ----

LLVMValueRef wa_tag_identity(struct wa_lower_function *f, uint32_t tag) {
  struct wa_ir *ir = f->ir;
  return wa_ir_load_invariant(ir, ir->ptr, wa_ir_offset(ir, f->ctx, ir->layout->tag_slots[tag]));
}

static const struct wa_functype *tag_type(const struct wa_lower_function *f, uint32_t tag) {
  const struct wa_module *module = f->ir->module;
  return &module->types[module->tags[tag].type];
}

static LLVMValueRef new_exception(struct wa_lower_function *f, uint32_t tag) {
  struct wa_ir *ir = f->ir;
  const struct wa_functype *type = tag_type(f, tag);
  uint32_t size = wa_lower_cells_size(type->params, type->param_count);
  LLVMValueRef args[] = {wa_tag_identity(f, tag), wa_ir_const_i64(ir, size)};
  LLVMValueRef exception = wa_call_builtin(f, WA_BUILTIN_EXCEPTION_NEW, args, 2);
  wa_trap_if_null(f, exception, WA_TRAP_HOST);
  f->height -= type->param_count;
  int64_t offset = WA_EXCEPTION_CELLS;
  for (uint32_t i = 0; i < type->param_count; i++) {
    LLVMValueRef cell = wa_ir_offset(ir, exception, offset);
    LLVMSetAlignment(LLVMBuildStore(ir->builder, f->stack[f->height + i], cell), 8);
    offset += wa_lower_cells_size(&type->params[i], 1);
  }
  return exception;
}

void wa_lower_exception(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMValueRef exception;
  if (instr->op == WA_OP_throw) {
    exception = new_exception(f, instr->index);
  } else {
    exception = wa_lower_pop(f);
    wa_trap_if_null(f, exception, WA_TRAP_NULL_EXCEPTION);
  }
  wa_throw_to(f, f->label_count, exception);
  wa_lower_set_unreachable(f);
}

// ---- Clauses ----

void wa_push_arguments(struct wa_lower_function *f, uint32_t tag, LLVMValueRef exception) {
  struct wa_ir *ir = f->ir;
  const struct wa_functype *type = tag_type(f, tag);
  int64_t offset = WA_EXCEPTION_CELLS;
  for (uint32_t i = 0; i < type->param_count; i++) {
    LLVMValueRef value = LLVMBuildLoad2(ir->builder, wa_ir_valtype(ir, type->params[i]),
                                        wa_ir_offset(ir, exception, offset), "");
    LLVMSetAlignment(value, 8);
    wa_lower_push(f, value);
    offset += wa_lower_cells_size(&type->params[i], 1);
  }
}

// Hands an exception to a clause's label. The label counts from outside the try_table.
static void take(struct wa_lower_function *f, const struct wa_catch *clause,
                 LLVMValueRef exception) {
  bool keep = clause->kind == WA_CATCH_REF || clause->kind == WA_CATCH_ALL_REF;
  uint32_t height = f->height;
  if (clause->kind <= WA_CATCH_REF) {
    wa_push_arguments(f, clause->tag, exception);
  }
  if (keep) {
    wa_lower_push(f, exception);
  }
  wa_settle_exception(f, exception, keep ? WA_EXCEPTION_KEEP : WA_EXCEPTION_DROP);
  uint32_t index = f->label_count - 2 - clause->label;
  const struct wa_label *label = &f->labels[index];
  wa_leave_clauses(f, index);
  wa_lower_carry(f, label);
  LLVMBuildBr(f->ir->builder, label->target);
  f->height = height;
}

// False when the clause takes everything.
static bool try_clause(struct wa_lower_function *f, const struct wa_catch *clause, LLVMValueRef tag,
                       LLVMValueRef exception) {
  LLVMBuilderRef builder = f->ir->builder;
  if (clause->kind >= WA_CATCH_ALL) {
    take(f, clause, exception);
    return false;
  }
  LLVMBasicBlockRef taken = wa_new_block(f), next = wa_new_block(f);
  LLVMValueRef same = LLVMBuildICmp(builder, LLVMIntEQ, tag, wa_tag_identity(f, clause->tag), "");
  LLVMBuildCondBr(builder, same, taken, next);
  LLVMPositionBuilderAtEnd(builder, taken);
  take(f, clause, exception);
  LLVMPositionBuilderAtEnd(builder, next);
  return true;
}

void wa_lower_catches(struct wa_lower_function *f) {
  struct wa_ir *ir = f->ir;
  const struct wa_label *label = &f->labels[f->label_count - 1];
  if (!label->dispatch) {
    return;
  }
  LLVMBasicBlockRef current = LLVMGetInsertBlock(ir->builder);
  LLVMValueRef exception = label->exception;
  LLVMPositionBuilderAtEnd(ir->builder, label->dispatch);
  LLVMValueRef tag =
      LLVMBuildLoad2(ir->builder, ir->ptr, wa_ir_offset(ir, exception, WA_EXCEPTION_TAG), "");
  struct wa_reader reader = {.start = ir->module->bytes.data,
                             .position = label->catches.start,
                             .end = f->function->end_offset};
  bool open = true;
  for (uint32_t i = 0, count = label->catches.count; i < count && open; i++) {
    struct wa_catch clause;
    struct wa_error ignored;
    (void)wa_reader_catch(&reader, &clause, &ignored);
    open = try_clause(f, &clause, tag, exception);
  }
  if (open) {
    wa_throw_to(f, f->label_count - 1, exception);
  }
  LLVMPositionBuilderAtEnd(ir->builder, current);
}
