// The support partition: what a module needs once, next to its functions.
#include "compiler/lower/lower.h"

#include <stdio.h>

// ---- Trampolines between the host and compiled code ----

static LLVMValueRef load_cell(struct wa_ir *ir, uint32_t type, LLVMValueRef cells,
                              uint32_t *offset) {
  LLVMValueRef cell = wa_ir_offset(ir, cells, *offset);
  *offset += wa_lower_cells_size(&type, 1);
  LLVMValueRef load = LLVMBuildLoad2(ir->builder, wa_ir_valtype(ir, type), cell, "");
  LLVMSetAlignment(load, 8);
  return load;
}

static void store_cell(struct wa_ir *ir, uint32_t type, LLVMValueRef value, LLVMValueRef cells,
                       uint32_t *offset) {
  LLVMValueRef cell = wa_ir_offset(ir, cells, *offset);
  *offset += wa_lower_cells_size(&type, 1);
  LLVMSetAlignment(LLVMBuildStore(ir->builder, value, cell), 8);
}

static LLVMValueRef start_function(struct wa_ir *ir, enum wa_symbol_kind kind, uint32_t index,
                                   LLVMTypeRef type, unsigned convention) {
  char name[WA_SYMBOL_NAME_SIZE];
  wa_ir_spell(ir, name, kind, index);
  LLVMValueRef function = wa_ir_add_function(ir, name, type, convention);
  LLVMPositionBuilderAtEnd(ir->builder, LLVMAppendBasicBlockInContext(ir->context, function, ""));
  return function;
}

// void entry(const void *code, void *context, void *cells): see "Cells" in abi.h.
static void emit_entry(struct wa_ir *ir, uint32_t index) {
  const struct wa_functype *type = &ir->module->types[index];
  LLVMTypeRef params[] = {ir->ptr, ir->ptr, ir->ptr};
  LLVMTypeRef entry_type = LLVMFunctionType(ir->void_type, params, 3, false);
  LLVMValueRef entry = start_function(ir, WA_SYMBOL_ENTRY, index, entry_type, 0);
  LLVMValueRef cells = LLVMGetParam(entry, 2);
  LLVMValueRef args[WA_LIMIT_PARAMETERS + 3];
  unsigned count = 0;
  args[count++] = LLVMGetParam(entry, 1);
  for (uint32_t i = 0, offset = 0; i < type->param_count; i++) {
    args[count++] = load_cell(ir, type->params[i], cells, &offset);
  }
  bool in_registers = wa_ir_results_in_registers(ir, type);
  if (!in_registers) {
    args[count++] = cells;
  }
  count = wa_lower_last_vector(ir, wa_ir_functype(ir, index), args, count);
  LLVMValueRef call = wa_lower_call(ir, wa_ir_functype(ir, index), LLVMGetParam(entry, 0),
                                    ir->target->arch->call_convention, args, count);
  uint32_t offset = 0;
  if (in_registers && type->result_count == 1) {
    store_cell(ir, type->results[0], call, cells, &offset);
  } else if (in_registers) {
    for (uint32_t i = 0; i < type->result_count; i++) {
      store_cell(ir, type->results[i], LLVMBuildExtractValue(ir->builder, call, i, ""), cells,
                 &offset);
    }
  }
  LLVMBuildRetVoid(ir->builder);
}

static void return_cells(struct wa_ir *ir, const struct wa_functype *type, LLVMValueRef cells,
                         LLVMValueRef buffer) {
  LLVMValueRef values[WA_MAX_REGISTER_RESULTS];
  for (uint32_t i = 0, from = 0, to = 0; i < type->result_count; i++) {
    LLVMValueRef value = load_cell(ir, type->results[i], cells, &from);
    if (buffer) {
      store_cell(ir, type->results[i], value, buffer, &to);
    } else {
      values[i] = value;
    }
  }
  if (type->result_count == 0 || buffer) {
    LLVMBuildRetVoid(ir->builder);
  } else if (type->result_count == 1) {
    LLVMBuildRet(ir->builder, values[0]);
  } else {
    LLVMBuildAggregateRet(ir->builder, values, type->result_count);
  }
}

// Calls binding->call(binding, cells) and raises WA_TRAP_HOST when that returns false.
static LLVMValueRef call_host(struct wa_ir *ir, LLVMValueRef binding, LLVMValueRef cells) {
  LLVMTypeRef params[] = {ir->ptr, ir->ptr};
  LLVMTypeRef type = LLVMFunctionType(ir->i8, params, 2, false);
  LLVMValueRef code =
      LLVMBuildLoad2(ir->builder, ir->ptr, wa_ir_offset(ir, binding, WA_HOST_BINDING_CALL), "");
  wa_lower_probe_stack(ir, WA_STACK_PROBE_HOST);
  LLVMValueRef args[] = {binding, cells};
  LLVMValueRef result = LLVMBuildCall2(ir->builder, type, code, args, 2, "");
  return LLVMBuildTrunc(ir->builder, result, ir->i1, "");
}

static void emit_exit(struct wa_ir *ir, uint32_t index) {
  const struct wa_functype *type = &ir->module->types[index];
  LLVMValueRef exit = start_function(ir, WA_SYMBOL_EXIT, index, wa_ir_functype(ir, index),
                                     ir->target->arch->call_convention);
  uint32_t params_size = wa_lower_cells_size(type->params, type->param_count);
  uint32_t results_size = wa_lower_cells_size(type->results, type->result_count);
  uint32_t size = params_size > results_size ? params_size : results_size;
  LLVMValueRef cells = LLVMBuildAlloca(ir->builder, LLVMArrayType(ir->i8, size), "");
  LLVMSetAlignment(cells, 16);
  for (uint32_t i = 0, offset = 0; i < type->param_count; i++) {
    store_cell(ir, type->params[i], LLVMGetParam(exit, i + 1), cells, &offset);
  }
  LLVMValueRef succeeded = call_host(ir, LLVMGetParam(exit, 0), cells);
  LLVMBasicBlockRef returned = LLVMAppendBasicBlockInContext(ir->context, exit, "");
  LLVMBasicBlockRef failed = LLVMAppendBasicBlockInContext(ir->context, exit, "");
  LLVMBuildCondBr(ir->builder, succeeded, returned, failed);
  LLVMPositionBuilderAtEnd(ir->builder, failed);
  wa_ir_emit_trap(ir, WA_TRAP_HOST);
  LLVMPositionBuilderAtEnd(ir->builder, returned);
  bool in_registers = wa_ir_results_in_registers(ir, type);
  return_cells(ir, type, cells, in_registers ? NULL : LLVMGetParam(exit, type->param_count + 1));
}

// ---- Read-only tables ----

// Calls through a read-only table pass the caller's context on; an imported function in one needs
// its own, which this little function fetches.
static void emit_shim(struct wa_ir *ir, uint32_t function) {
  char name[WA_SYMBOL_NAME_SIZE];
  wa_ir_spell(ir, name, WA_SYMBOL_SHIM, function);
  if (LLVMGetNamedFunction(ir->llvm, name)) {
    return;
  }
  uint32_t type_index = ir->module->functions[function].type;
  LLVMTypeRef type = wa_ir_functype(ir, type_index);
  LLVMValueRef result = start_function(ir, WA_SYMBOL_SHIM, function, type, ir->convention);
  LLVMValueRef slot = wa_ir_offset(ir, LLVMGetParam(result, 0), ir->layout->import_slots[function]);
  LLVMValueRef args[WA_LIMIT_PARAMETERS + 3];
  unsigned count = LLVMCountParams(result);
  for (unsigned i = 1; i < count; i++) {
    args[i] = LLVMGetParam(result, i);
  }
  struct wa_callee callee = {
      .code = wa_ir_load_invariant(ir, ir->ptr, slot),
      .context = wa_ir_load_invariant(ir, ir->ptr, wa_ir_offset(ir, slot, WA_IMPORT_SLOT_CONTEXT)),
      .convention = ir->target->arch->call_convention,
  };
  args[0] = callee.context;
  if (ir->has_tail_calls) {
    callee.tail = wa_ir_load_invariant(ir, ir->ptr, wa_ir_offset(ir, slot, WA_IMPORT_SLOT_TAIL));
    wa_lower_tail_call(ir, type, &callee, args, count);
  } else {
    wa_lower_return_call(ir, wa_lower_call(ir, type, callee.code, callee.convention, args, count));
  }
}

LLVMValueRef wa_lower_read_only_table(struct wa_ir *ir, uint32_t table) {
  char name[WA_SYMBOL_NAME_SIZE];
  wa_ir_spell(ir, name, WA_SYMBOL_TABLE, table);
  LLVMValueRef global = LLVMGetNamedGlobal(ir->llvm, name);
  if (global) {
    return global;
  }
  uint64_t size = ir->module->tables[table].type.limits.min;
  LLVMTypeRef members[] = {ir->i32, ir->i32};
  LLVMTypeRef entry = LLVMStructTypeInContext(ir->context, members, 2, false);
  global = LLVMAddGlobal(ir->llvm, LLVMArrayType2(entry, size), name);
  LLVMSetVisibility(global, LLVMHiddenVisibility);
  LLVMSetGlobalConstant(global, true);
  LLVMSetAlignment(global, 8);
  return global;
}

// The tables themselves are written when it is known where everything is: object/merge.c.
static void emit_shims(struct wa_ir *ir, const struct wa_elem *elem) {
  for (uint32_t i = 0; i < elem->count; i++) {
    const struct wa_constexpr *item = &elem->items[i];
    if (item->kind == WA_EXPR_REF_FUNC && ir->module->functions[item->index].imported) {
      emit_shim(ir, item->index);
    }
  }
}

// ---- Constants that the optimiser must not know ----

static void define_constants(struct wa_ir *ir) {
  static const double values[] = {0.0, -0.0, 1.0, -1.0};
  LLVMTypeRef types[] = {ir->f32, ir->f64};
  for (int i = 0; i < 8; i++) {
    LLVMValueRef constant = LLVMConstReal(types[i % 2], values[i / 2]);
    char name[WA_SYMBOL_NAME_SIZE];
    LLVMValueRef global =
        LLVMAddGlobal(ir->llvm, types[i % 2], wa_ir_opaque_name(ir, constant, name));
    LLVMSetVisibility(global, LLVMHiddenVisibility);
    LLVMSetGlobalConstant(global, true);
    LLVMSetInitializer(global, constant);
  }
}

void wa_lower_trampolines(struct wa_ir *ir, uint32_t first, uint32_t end) {
  for (uint32_t i = first; i < end; i++) {
    if (ir->layout->entries[i]) {
      emit_entry(ir, i);
    }
    if (ir->layout->exits[i]) {
      emit_exit(ir, i);
    }
  }
}

void wa_lower_support(struct wa_ir *ir) {
  const struct wa_module *module = ir->module;
  for (uint32_t i = 0; i < module->elem_count; i++) {
    const struct wa_elem *elem = &module->elems[i];
    if (elem->mode == WA_SEGMENT_ACTIVE && ir->layout->read_only_tables[elem->table]) {
      emit_shims(ir, elem);
    }
  }
  if (ir->has_tail_calls) {
    wa_lower_wrappers(ir);
  }
  define_constants(ir);
}

void wa_lower_failed(struct wa_ir *ir) {
  LLVMTypeRef type = LLVMFunctionType(ir->void_type, NULL, 0, false);
  (void)start_function(ir, WA_SYMBOL_FAILED, 0, type, 0);
  wa_ir_emit_trap(ir, WA_TRAP_HOST);
}
