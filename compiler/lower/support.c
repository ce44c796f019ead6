// The support partition: what a module needs once, next to its functions.
#include "compiler/lower/lower.h"

#include <stdio.h>

// ---- Trampolines between the host and compiled code ----

static LLVMValueRef load_cell(struct wa_lower *lower, uint32_t type, LLVMValueRef cells,
                              uint32_t *offset) {
  LLVMValueRef cell = wa_lower_offset(lower, cells, *offset);
  *offset += wa_lower_cells_size(&type, 1);
  LLVMValueRef load = LLVMBuildLoad2(lower->builder, wa_lower_valtype(lower, type), cell, "");
  LLVMSetAlignment(load, 8);
  return load;
}

static void store_cell(struct wa_lower *lower, uint32_t type, LLVMValueRef value,
                       LLVMValueRef cells, uint32_t *offset) {
  LLVMValueRef cell = wa_lower_offset(lower, cells, *offset);
  *offset += wa_lower_cells_size(&type, 1);
  LLVMSetAlignment(LLVMBuildStore(lower->builder, value, cell), 8);
}

static LLVMValueRef start_function(struct wa_lower *lower, const char *prefix, uint32_t index,
                                   LLVMTypeRef type, unsigned convention) {
  char name[16];
  snprintf(name, sizeof name, "%s%u", prefix, index);
  LLVMValueRef function = wa_lower_add_function(lower, name, type, convention);
  LLVMPositionBuilderAtEnd(lower->builder,
                           LLVMAppendBasicBlockInContext(lower->context, function, ""));
  return function;
}

// void entry(const void *code, void *context, void *cells): see "Cells" in abi.h.
static void emit_entry(struct wa_lower *lower, uint32_t index) {
  const struct wa_functype *type = &lower->module->types[index];
  LLVMTypeRef params[] = {lower->ptr, lower->ptr, lower->ptr};
  LLVMTypeRef entry_type = LLVMFunctionType(lower->void_type, params, 3, false);
  LLVMValueRef entry = start_function(lower, "e", index, entry_type, 0);
  LLVMValueRef cells = LLVMGetParam(entry, 2);
  LLVMValueRef args[WA_LIMIT_PARAMETERS + 2];
  unsigned count = 0;
  args[count++] = LLVMGetParam(entry, 1);
  for (uint32_t i = 0, offset = 0; i < type->param_count; i++)
    args[count++] = load_cell(lower, type->params[i], cells, &offset);
  bool in_registers = wa_lower_results_in_registers(lower, type);
  if (!in_registers)
    args[count++] = cells;
  LLVMValueRef call = wa_lower_call(lower, wa_lower_functype(lower, index), LLVMGetParam(entry, 0),
                                    lower->target->arch->call_convention, args, count);
  uint32_t offset = 0;
  if (in_registers && type->result_count == 1)
    store_cell(lower, type->results[0], call, cells, &offset);
  else if (in_registers)
    for (uint32_t i = 0; i < type->result_count; i++)
      store_cell(lower, type->results[i], LLVMBuildExtractValue(lower->builder, call, i, ""), cells,
                 &offset);
  LLVMBuildRetVoid(lower->builder);
}

static void return_cells(struct wa_lower *lower, const struct wa_functype *type, LLVMValueRef cells,
                         LLVMValueRef buffer) {
  LLVMValueRef values[WA_MAX_REGISTER_RESULTS];
  for (uint32_t i = 0, from = 0, to = 0; i < type->result_count; i++) {
    LLVMValueRef value = load_cell(lower, type->results[i], cells, &from);
    if (buffer)
      store_cell(lower, type->results[i], value, buffer, &to);
    else
      values[i] = value;
  }
  if (type->result_count == 0 || buffer)
    LLVMBuildRetVoid(lower->builder);
  else if (type->result_count == 1)
    LLVMBuildRet(lower->builder, values[0]);
  else
    LLVMBuildAggregateRet(lower->builder, values, type->result_count);
}

// Calls binding->call(binding, cells) and raises WA_TRAP_HOST when that returns false.
static LLVMValueRef call_host(struct wa_lower *lower, LLVMValueRef binding, LLVMValueRef cells) {
  LLVMTypeRef params[] = {lower->ptr, lower->ptr};
  LLVMTypeRef type = LLVMFunctionType(lower->i8, params, 2, false);
  LLVMValueRef code = LLVMBuildLoad2(lower->builder, lower->ptr,
                                     wa_lower_offset(lower, binding, WA_HOST_BINDING_CALL), "");
  wa_lower_probe_stack(lower, WA_STACK_PROBE_HOST);
  LLVMValueRef args[] = {binding, cells};
  LLVMValueRef result = LLVMBuildCall2(lower->builder, type, code, args, 2, "");
  return LLVMBuildTrunc(lower->builder, result, lower->i1, "");
}

static void emit_exit(struct wa_lower *lower, uint32_t index) {
  const struct wa_functype *type = &lower->module->types[index];
  LLVMValueRef exit = start_function(lower, "x", index, wa_lower_functype(lower, index),
                                     lower->target->arch->call_convention);
  uint32_t params_size = wa_lower_cells_size(type->params, type->param_count);
  uint32_t results_size = wa_lower_cells_size(type->results, type->result_count);
  uint32_t size = params_size > results_size ? params_size : results_size;
  LLVMValueRef cells = LLVMBuildAlloca(lower->builder, LLVMArrayType(lower->i8, size), "");
  LLVMSetAlignment(cells, 16);
  for (uint32_t i = 0, offset = 0; i < type->param_count; i++)
    store_cell(lower, type->params[i], LLVMGetParam(exit, i + 1), cells, &offset);
  LLVMValueRef succeeded = call_host(lower, LLVMGetParam(exit, 0), cells);
  LLVMBasicBlockRef returned = LLVMAppendBasicBlockInContext(lower->context, exit, "");
  LLVMBasicBlockRef failed = LLVMAppendBasicBlockInContext(lower->context, exit, "");
  LLVMBuildCondBr(lower->builder, succeeded, returned, failed);
  LLVMPositionBuilderAtEnd(lower->builder, failed);
  wa_lower_emit_trap(lower, WA_TRAP_HOST);
  LLVMPositionBuilderAtEnd(lower->builder, returned);
  bool in_registers = wa_lower_results_in_registers(lower, type);
  return_cells(lower, type, cells, in_registers ? NULL : LLVMGetParam(exit, type->param_count + 1));
}

// ---- Read-only tables ----

// Calls through a read-only table pass the caller's context on; an imported function in one needs
// its own, which this little function fetches.
static LLVMValueRef shim(struct wa_lower *lower, uint32_t function) {
  char name[16];
  snprintf(name, sizeof name, "s%u", function);
  LLVMValueRef existing = LLVMGetNamedFunction(lower->ir, name);
  if (existing)
    return existing;
  uint32_t type_index = lower->module->functions[function].type;
  LLVMTypeRef type = wa_lower_functype(lower, type_index);
  LLVMValueRef result = start_function(lower, "s", function, type, lower->convention);
  LLVMValueRef slot =
      wa_lower_offset(lower, LLVMGetParam(result, 0), lower->layout->import_slots[function]);
  LLVMValueRef args[WA_LIMIT_PARAMETERS + 2];
  unsigned count = LLVMCountParams(result);
  for (unsigned i = 1; i < count; i++)
    args[i] = LLVMGetParam(result, i);
  struct wa_callee callee = {
      .code = wa_lower_load_invariant(lower, lower->ptr, slot),
      .context = wa_lower_load_invariant(lower, lower->ptr,
                                         wa_lower_offset(lower, slot, WA_IMPORT_SLOT_CONTEXT)),
      .convention = lower->target->arch->call_convention,
  };
  args[0] = callee.context;
  if (lower->has_tail_calls) {
    callee.tail = wa_lower_load_invariant(lower, lower->ptr,
                                          wa_lower_offset(lower, slot, WA_IMPORT_SLOT_TAIL));
    wa_lower_tail_call(lower, type, &callee, args, count);
  } else {
    wa_lower_return_call(lower,
                         wa_lower_call(lower, type, callee.code, callee.convention, args, count));
  }
  return result;
}

LLVMValueRef wa_lower_read_only_table(struct wa_lower *lower, uint32_t table) {
  char name[16];
  snprintf(name, sizeof name, "t%u", table);
  LLVMValueRef global = LLVMGetNamedGlobal(lower->ir, name);
  if (global)
    return global;
  uint64_t size = lower->module->tables[table].type.limits.min;
  LLVMTypeRef members[] = {lower->i32, lower->i32};
  LLVMTypeRef entry = LLVMStructTypeInContext(lower->context, members, 2, false);
  global = LLVMAddGlobal(lower->ir, LLVMArrayType2(entry, size), name);
  LLVMSetVisibility(global, LLVMHiddenVisibility);
  LLVMSetGlobalConstant(global, true);
  LLVMSetAlignment(global, 8);
  return global;
}

// {code - table, canonical type in the module + 1}: position-independent, so nothing to relocate.
static LLVMValueRef table_entry(struct wa_lower *lower, LLVMValueRef table, uint32_t function) {
  const struct wa_module *module = lower->module;
  const struct wa_function *callee = &module->functions[function];
  LLVMValueRef code = callee->imported ? shim(lower, function) : wa_lower_declare(lower, function);
  LLVMValueRef distance =
      LLVMConstSub(LLVMConstPtrToInt(code, lower->i64), LLVMConstPtrToInt(table, lower->i64));
  uint32_t type = module->types[callee->type].canonical;
  LLVMValueRef members[] = {LLVMConstTrunc(distance, lower->i32),
                            wa_lower_const_i32(lower, type + 1)};
  return LLVMConstStructInContext(lower->context, members, 2, false);
}

static void fill_from_segment(struct wa_lower *lower, LLVMValueRef table, LLVMValueRef *entries,
                              const struct wa_elem *elem) {
  for (uint32_t i = 0; i < elem->count; i++) {
    LLVMValueRef *entry = &entries[elem->offset.bits[0] + i];
    *entry = elem->items[i].kind == WA_EXPR_REF_FUNC
                 ? table_entry(lower, table, elem->items[i].index)
                 : LLVMConstNull(LLVMTypeOf(*entry));
  }
}

static void emit_read_only_table(struct wa_lower *lower, uint32_t index) {
  const struct wa_module *module = lower->module;
  LLVMValueRef table = wa_lower_read_only_table(lower, index);
  uint64_t size = module->tables[index].type.limits.min;
  LLVMTypeRef entry = LLVMGetElementType(LLVMGlobalGetValueType(table));
  LLVMValueRef *entries = wa_lower_alloc(&lower->arena, size, sizeof *entries);
  for (uint64_t i = 0; i < size; i++)
    entries[i] = LLVMConstNull(entry);
  for (uint32_t i = 0; i < module->elem_count; i++)
    if (module->elems[i].mode == WA_SEGMENT_ACTIVE && module->elems[i].table == index)
      fill_from_segment(lower, table, entries, &module->elems[i]);
  LLVMSetInitializer(table, LLVMConstArray2(entry, entries, size));
}

// ---- Constants that the optimiser must not know ----

static void define_constants(struct wa_lower *lower) {
  static const double values[] = {0.0, -0.0, 1.0, -1.0};
  LLVMTypeRef types[] = {lower->f32, lower->f64};
  for (int i = 0; i < 8; i++) {
    LLVMValueRef constant = LLVMConstReal(types[i % 2], values[i / 2]);
    char name[WA_OPAQUE_NAME_SIZE];
    LLVMValueRef global =
        LLVMAddGlobal(lower->ir, types[i % 2], wa_lower_opaque_name(lower, constant, name));
    LLVMSetVisibility(global, LLVMHiddenVisibility);
    LLVMSetGlobalConstant(global, true);
    LLVMSetInitializer(global, constant);
  }
}

void wa_lower_support(struct wa_lower *lower) {
  const struct wa_module *module = lower->module;
  for (uint32_t i = 0; i < module->type_count; i++) {
    if (module->types[i].canonical != i)
      continue;
    emit_entry(lower, i);
    emit_exit(lower, i);
  }
  for (uint32_t i = 0; i < module->table_count; i++)
    if (lower->layout->read_only_tables[i])
      emit_read_only_table(lower, i);
  if (lower->has_tail_calls)
    wa_lower_wrappers(lower);
  define_constants(lower);
}
