#include "compiler/lower/lower.h"

#include <elf.h>
#include <string.h>

// ---- Operand stack and blocks ----

void wa_lower_push(struct wa_lower_function *f, LLVMValueRef value) {
  if (f->height == f->stack_capacity) {
    uint32_t capacity = f->stack_capacity ? f->stack_capacity * 2 : 64;
    LLVMValueRef *stack = wa_ir_alloc(&f->arena, capacity, sizeof *stack);
    if (f->height) {
      memcpy(stack, f->stack, f->height * sizeof *stack);
    }
    f->stack = stack;
    f->stack_capacity = capacity;
  }
  f->stack[f->height++] = value;
}

LLVMValueRef wa_lower_pop(struct wa_lower_function *f) {
  return f->stack[--f->height];
}

LLVMBasicBlockRef wa_new_block(struct wa_lower_function *f) {
  return LLVMAppendBasicBlockInContext(f->ir->context, f->llvm, "");
}

void wa_lower_set_unreachable(struct wa_lower_function *f) {
  f->unreachable = true;
  f->skipped = 0;
  f->height = f->labels[f->label_count - 1].height;
}

// ---- Traps ----

LLVMBasicBlockRef wa_trap_block(struct wa_lower_function *f, enum wa_trap_code code) {
  if (f->traps[code] && !f->debug.scope) { // each has a line of its own
    return f->traps[code];
  }
  LLVMBuilderRef builder = f->ir->builder;
  LLVMBasicBlockRef current = LLVMGetInsertBlock(builder);
  f->traps[code] = wa_new_block(f);
  LLVMPositionBuilderAtEnd(builder, f->traps[code]);
  wa_ir_emit_trap(f->ir, code);
  LLVMPositionBuilderAtEnd(builder, current);
  return f->traps[code];
}

void wa_trap_if(struct wa_lower_function *f, LLVMValueRef condition, enum wa_trap_code code) {
  if (LLVMIsAConstantInt(condition) && LLVMConstIntGetZExtValue(condition) == 0) {
    return;
  }
  LLVMBasicBlockRef next = wa_new_block(f);
  LLVMBuildCondBr(f->ir->builder, condition, wa_trap_block(f, code), next);
  LLVMPositionBuilderAtEnd(f->ir->builder, next);
}

void wa_trap_if_null(struct wa_lower_function *f, LLVMValueRef reference, enum wa_trap_code code) {
  wa_trap_if(f, LLVMBuildIsNull(f->ir->builder, reference, ""), code);
}

void wa_trap_if_grow_ended(struct wa_lower_function *f, LLVMValueRef result) {
  LLVMValueRef ended = wa_ir_const_i64(f->ir, (uint64_t)(int64_t)WA_GROW_ENDED);
  wa_trap_if(f, LLVMBuildICmp(f->ir->builder, LLVMIntEQ, result, ended, ""), WA_TRAP_INTERRUPTED);
}

void wa_trap_if_failed(struct wa_lower_function *f, LLVMValueRef status, enum wa_trap_code code) {
  LLVMValueRef zero = wa_ir_const_i32(f->ir, 0);
  wa_trap_if(f, LLVMBuildICmp(f->ir->builder, LLVMIntNE, status, zero, ""), code);
}

LLVMValueRef wa_freeze_index(struct wa_lower_function *f, LLVMValueRef value) {
  return f->ir->layout->has_shared_memory ? wa_freeze(f, value) : value;
}

LLVMValueRef wa_freeze(struct wa_lower_function *f, LLVMValueRef value) {
  return LLVMIsConstant(value) ? value : LLVMBuildFreeze(f->ir->builder, value, "");
}

// ---- Calls ----

LLVMValueRef wa_call_builtin(struct wa_lower_function *f, enum wa_builtin builtin,
                             LLVMValueRef *args, unsigned arg_count) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef all[8] = {f->ctx};
  for (unsigned i = 0; i < arg_count; i++) {
    all[i + 1] = args[i];
  }
  LLVMValueRef table = wa_ir_load_invariant(ir, ir->ptr, wa_ir_offset(ir, f->ctx, WA_CTX_BUILTINS));
  LLVMValueRef callee = wa_ir_load_invariant(ir, ir->ptr, wa_ir_offset(ir, table, builtin * 8));
  wa_lower_probe_stack(ir, WA_STACK_PROBE_BUILTIN);
  LLVMValueRef call =
      LLVMBuildCall2(ir->builder, ir->builtin_types[builtin], callee, all, arg_count + 1, "");
  for (unsigned i = 0; i < arg_count && wa_target_is(ir->target, EM_RISCV, 0); i++) {
    if (LLVMTypeOf(args[i]) == ir->i32) { // its psABI, 2.1: 32-bit arguments are sign-extended
      LLVMAddCallSiteAttribute(call, i + 2, ir->signext);
    }
  }
  return call;
}

// An alloca in the entry block, wherever code is made.
static LLVMValueRef alloca_in_entry(struct wa_lower_function *f, LLVMTypeRef type) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMBasicBlockRef current = LLVMGetInsertBlock(builder);
  LLVMPositionBuilderBefore(builder, f->entry_end);
  LLVMValueRef cells = LLVMBuildAlloca(builder, type, "");
  LLVMPositionBuilderAtEnd(builder, current);
  wa_debug_set_location(f);
  return cells;
}

// Results that do not fit in registers come back in cells on the caller's stack.
static LLVMValueRef result_cells(struct wa_lower_function *f, const struct wa_functype *type) {
  uint32_t size = wa_lower_cells_size(type->results, type->result_count);
  LLVMValueRef cells = alloca_in_entry(f, LLVMArrayType(f->ir->i8, size));
  LLVMSetAlignment(cells, 8);
  return cells;
}

static void push_results(struct wa_lower_function *f, const struct wa_functype *type,
                         LLVMValueRef call, LLVMValueRef cells) {
  struct wa_ir *ir = f->ir;
  if (!cells && type->result_count == 1) {
    wa_lower_push(f, call);
  } else if (!cells) {
    for (uint32_t i = 0; i < type->result_count; i++) {
      wa_lower_push(f, LLVMBuildExtractValue(ir->builder, call, i, ""));
    }
  } else {
    for (uint32_t i = 0, offset = 0; i < type->result_count; i++) {
      LLVMTypeRef result = wa_ir_valtype(ir, type->results[i]);
      LLVMValueRef load = LLVMBuildLoad2(ir->builder, result, wa_ir_offset(ir, cells, offset), "");
      LLVMSetAlignment(load, 8);
      wa_lower_push(f, load);
      offset += wa_lower_cells_size(&type->results[i], 1);
    }
  }
}

static unsigned pop_args(struct wa_lower_function *f, const struct wa_functype *type,
                         LLVMValueRef context, LLVMValueRef *args) {
  unsigned count = 0;
  args[count++] = context;
  f->height -= type->param_count;
  for (uint32_t i = 0; i < type->param_count; i++) {
    args[count++] = f->stack[f->height + i];
  }
  return count;
}

// Inside a try_table a call says where an exception goes on.
static LLVMValueRef call_or_invoke(struct wa_lower_function *f, uint32_t type_index,
                                   const struct wa_callee *callee, LLVMValueRef *args,
                                   unsigned count) {
  struct wa_ir *ir = f->ir;
  LLVMTypeRef type = wa_ir_functype(ir, type_index);
  count = wa_lower_last_vector(ir, type, args, count);
  LLVMBasicBlockRef landing = wa_landing_pad(f);
  if (!landing) {
    return wa_lower_call(ir, type, callee->code, callee->convention, args, count);
  }
  LLVMValueRef code = callee->code;
  unsigned convention = callee->convention;
  if (convention == WA_SWIFT_TAIL_CALL_CONV) {
    args[count++] = code;
    code = wa_lower_landing_thunk(ir, type_index);
    type = LLVMGlobalGetValueType(code);
    convention = ir->target->arch->call_convention;
  }
  LLVMBasicBlockRef next = wa_new_block(f);
  LLVMValueRef call = LLVMBuildInvoke2(ir->builder, type, code, args, count, next, landing, "");
  LLVMSetInstructionCallConv(call, convention);
  if (convention != WA_C_CALL_CONV) {
    LLVMAddCallSiteAttribute(call, 1, ir->swiftself);
  }
  LLVMPositionBuilderAtEnd(ir->builder, next);
  return call;
}

void wa_call_wasm(struct wa_lower_function *f, uint32_t type_index,
                  const struct wa_callee *callee) {
  const struct wa_functype *type = &f->ir->module->types[type_index];
  // Context, result buffer, last vector, code for a thunk.
  LLVMValueRef args[WA_LIMIT_PARAMETERS + 4];
  unsigned count = pop_args(f, type, callee->context, args);
  LLVMValueRef cells = NULL;
  if (!wa_ir_results_in_registers(f->ir, type)) {
    cells = result_cells(f, type);
    args[count++] = cells;
  }
  push_results(f, type, call_or_invoke(f, type_index, callee, args, count), cells);
}

// The callee's results are the caller's: they go where the caller's own are to go.
void wa_tail_call_wasm(struct wa_lower_function *f, uint32_t type_index,
                       const struct wa_callee *callee) {
  const struct wa_functype *type = &f->ir->module->types[type_index];
  LLVMValueRef args[WA_LIMIT_PARAMETERS + 3];
  unsigned count = pop_args(f, type, callee->context, args);
  if (f->result_buffer) {
    args[count++] = f->result_buffer;
  }
  LLVMTypeRef callee_type = wa_ir_functype(f->ir, type_index);
  count = wa_lower_last_vector(f->ir, callee_type, args, count);
  wa_leave_clauses(f, 0);
  wa_lower_tail_call(f->ir, callee_type, callee, args, count);
  wa_lower_set_unreachable(f);
}

void wa_return(struct wa_lower_function *f) {
  struct wa_ir *ir = f->ir;
  const struct wa_functype *type = f->type;
  LLVMValueRef *values = &f->stack[f->height - type->result_count];
  if (f->result_buffer) {
    for (uint32_t i = 0, offset = 0; i < type->result_count; i++) {
      LLVMValueRef cell = wa_ir_offset(ir, f->result_buffer, offset);
      LLVMSetAlignment(LLVMBuildStore(ir->builder, values[i], cell), 8);
      offset += wa_lower_cells_size(&type->results[i], 1);
    }
    LLVMBuildRetVoid(ir->builder);
  } else if (type->result_count == 0) {
    LLVMBuildRetVoid(ir->builder);
  } else if (type->result_count == 1) {
    LLVMBuildRet(ir->builder, values[0]);
  } else {
    LLVMBuildAggregateRet(ir->builder, values, type->result_count);
  }
}

// ---- Bodies ----

static void add_local(struct wa_lower_function *f, uint32_t index, uint32_t type,
                      LLVMValueRef value) {
  LLVMTypeRef llvm_type = wa_ir_valtype(f->ir, type);
  f->local_types[index] = llvm_type;
  f->locals[index] =
      f->entry_end ? alloca_in_entry(f, llvm_type) : LLVMBuildAlloca(f->ir->builder, llvm_type, "");
  LLVMBuildStore(f->ir->builder, value ? value : LLVMConstNull(llvm_type), f->locals[index]);
}

void wa_lower_locals(struct wa_lower_function *f, const LLVMValueRef *args) {
  uint32_t run_count = 0;
  struct wa_local_run *runs = wa_function_locals(f->ir->module, f->function, &f->arena, &run_count);
  if (!runs) {
    wa_ir_no_memory();
  }
  f->local_count = f->type->param_count;
  for (uint32_t i = 0; i < run_count; i++) {
    f->local_count += runs[i].count;
  }
  f->locals = wa_ir_alloc(&f->arena, f->local_count, sizeof *f->locals);
  f->local_types = wa_ir_alloc(&f->arena, f->local_count, sizeof *f->local_types);
  uint32_t index = 0;
  for (; index < f->type->param_count; index++) {
    add_local(f, index, f->type->params[index],
              args ? args[index] : LLVMGetParam(f->llvm, index + 1));
  }
  for (uint32_t i = 0; i < run_count; i++) {
    for (uint32_t j = 0; j < runs[i].count; j++) {
      add_local(f, index++, runs[i].type, NULL);
    }
  }
}

static void lower_instr(struct wa_lower_function *f, const struct wa_instr *instr,
                        struct wa_reader *reader) {
  enum wa_op op = instr->op;
  f->accesses += wa_op_infos[op].imm == WA_IMM_MEMARG;
  if (f->unreachable) {
    wa_lower_skipped(f, instr);
    return;
  }
  switch (wa_op_infos[op].family) {
  case WA_FAMILY_CONTROL:
    wa_lower_control(f, instr, reader);
    break;
  case WA_FAMILY_CALL:
    wa_lower_calls(f, instr);
    break;
  case WA_FAMILY_VARIABLE:
    wa_lower_variable(f, instr);
    break;
  case WA_FAMILY_TABLE:
    wa_lower_table(f, instr);
    break;
  case WA_FAMILY_MEMORY:
    wa_lower_memory(f, instr);
    break;
  case WA_FAMILY_NUMERIC:
    wa_lower_numeric(f, instr);
    break;
  case WA_FAMILY_CONVERT:
    wa_lower_convert(f, instr);
    break;
  case WA_FAMILY_WIDE:
    wa_lower_wide(f, instr);
    break;
  case WA_FAMILY_BULK:
    wa_lower_bulk(f, instr);
    break;
  case WA_FAMILY_SIMD:
    wa_lower_simd(f, instr);
    break;
  case WA_FAMILY_ATOMIC:
    wa_lower_atomic(f, instr);
    break;
  }
}

void wa_lower_instrs(struct wa_lower_function *f) {
  const struct wa_module *module = f->ir->module;
  struct wa_reader reader = {
      .start = module->bytes.data,
      .position = f->function->code_offset,
      .end = f->function->end_offset,
  };
  struct wa_error ignored;
  struct wa_instr instr;
  size_t position = reader.position;
  while (f->label_count && wa_instr_read(&reader, &instr, &ignored)) {
    wa_debug_instr(f, instr.op, position);
    lower_instr(f, &instr, &reader);
    position = reader.position;
  }
}

uint32_t wa_find_hint(const struct wa_module *module, size_t offset) {
  uint32_t low = 0, high = module->branch_hint_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (module->branch_hints[middle].offset < offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

void wa_lower_body(struct wa_ir *ir, uint32_t index) {
  const struct wa_function *function = &ir->module->functions[index];
  struct wa_lower_function f = {
      .ir = ir,
      .function = function,
      .root = function,
      .type = &ir->module->types[function->type],
      .llvm = wa_ir_declare(ir, index),
      .hint = wa_find_hint(ir->module, function->code_offset),
  };
  wa_arena_init(&f.arena, 0);
  f.ctx = LLVMGetParam(f.llvm, 0);
  if (!wa_ir_results_in_registers(ir, f.type)) {
    f.result_buffer = LLVMGetParam(f.llvm, f.type->param_count + 1);
  }
  f.entry = wa_new_block(&f);
  LLVMBasicBlockRef body = wa_new_block(&f);
  LLVMPositionBuilderAtEnd(ir->builder, f.entry);
  wa_lower_locals(&f, NULL);
  wa_debug_enter(&f, index);
  f.entry_end = LLVMBuildBr(ir->builder, body);
  LLVMPositionBuilderAtEnd(ir->builder, body);
  wa_lower_enter(&f);
  wa_lower_instrs(&f);
  wa_debug_leave(&f);
  wa_arena_deinit(&f.arena);
}
