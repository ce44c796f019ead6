// Tables and references (core spec 4.4.3, 4.4.6).
#include "compiler/lower/lower.h"
#include "compiler/wasm/families.h"

static LLVMValueRef table_view(struct wa_lower_function *f, uint32_t table) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef views = wa_ir_load_invariant(ir, ir->ptr, wa_ir_offset(ir, f->ctx, WA_CTX_TABLES));
  return wa_ir_load_invariant(ir, ir->ptr, wa_ir_offset(ir, views, table * 8));
}

static LLVMValueRef table_size(struct wa_lower_function *f, LLVMValueRef view) {
  return wa_ir_load_whole(f->ir, f->ir->i64, wa_ir_offset(f->ir, view, WA_TABLE_VIEW_SIZE),
                          WA_ALIAS_CONTEXT);
}

// Pointer to an entry, after the bounds check.
static LLVMValueRef entry_at(struct wa_lower_function *f, uint32_t table, LLVMValueRef index,
                             enum wa_trap_code code) {
  struct wa_ir *ir = f->ir;
  LLVMBuilderRef builder = ir->builder;
  LLVMValueRef view = table_view(f, table);
  LLVMValueRef wide = wa_index_widen(f, wa_freeze(f, index));
  LLVMValueRef size = table_size(f, view);
  wa_trap_if(f, LLVMBuildICmp(builder, LLVMIntUGE, wide, size, ""), code);
  LLVMValueRef base = wa_ir_load_invariant(ir, ir->ptr, view);
  LLVMValueRef inside = wa_mask_index(f, wide, size);
  LLVMValueRef scaled = LLVMBuildShl(builder, inside, wa_ir_const_i64(ir, 3), "");
  return LLVMBuildGEP2(builder, ir->i8, base, &scaled, 1, "");
}

LLVMValueRef wa_table_load(struct wa_lower_function *f, uint32_t table, LLVMValueRef index,
                           enum wa_trap_code code) {
  return wa_ir_load_whole(f->ir, f->ir->ptr, entry_at(f, table, index, code), WA_ALIAS_TABLE);
}

static void set(struct wa_lower_function *f, uint32_t table) {
  LLVMValueRef value = wa_lower_pop(f), index = wa_lower_pop(f);
  LLVMValueRef entry = entry_at(f, table, index, WA_TRAP_TABLE_OUT_OF_BOUNDS);
  wa_ir_store_whole(f->ir, value, entry, WA_ALIAS_TABLE);
}

static void grow(struct wa_lower_function *f, uint32_t table) {
  LLVMValueRef delta = wa_lower_pop(f), value = wa_lower_pop(f);
  LLVMValueRef args[] = {wa_ir_const_i32(f->ir, table), value, wa_index_widen(f, delta)};
  LLVMValueRef old = wa_call_builtin(f, WA_BUILTIN_TABLE_GROW, args, 3);
  wa_trap_if_grow_ended(f, old);
  wa_lower_push(f, wa_index_narrow(f, old, &f->ir->module->tables[table].type.limits));
}

static void fill(struct wa_lower_function *f, uint32_t table) {
  LLVMValueRef length = wa_lower_pop(f), value = wa_lower_pop(f), to = wa_lower_pop(f);
  LLVMValueRef args[] = {wa_ir_const_i32(f->ir, table), wa_index_widen(f, to), value,
                         wa_index_widen(f, length)};
  wa_trap_if_failed(f, wa_call_builtin(f, WA_BUILTIN_TABLE_FILL, args, 4),
                    WA_TRAP_TABLE_OUT_OF_BOUNDS);
}

static void copy(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMValueRef length = wa_lower_pop(f), from = wa_lower_pop(f), to = wa_lower_pop(f);
  LLVMValueRef args[] = {wa_ir_const_i32(f->ir, instr->index),
                         wa_ir_const_i32(f->ir, instr->index2), wa_index_widen(f, to),
                         wa_index_widen(f, from), wa_index_widen(f, length)};
  wa_trap_if_failed(f, wa_call_builtin(f, WA_BUILTIN_TABLE_COPY, args, 5),
                    WA_TRAP_TABLE_OUT_OF_BOUNDS);
}

static void init(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMValueRef length = wa_lower_pop(f), from = wa_lower_pop(f), to = wa_lower_pop(f);
  LLVMValueRef args[] = {wa_ir_const_i32(f->ir, instr->index2),
                         wa_ir_const_i32(f->ir, instr->index), wa_index_widen(f, to), from, length};
  wa_trap_if_failed(f, wa_call_builtin(f, WA_BUILTIN_TABLE_INIT, args, 5),
                    WA_TRAP_TABLE_OUT_OF_BOUNDS);
}

static LLVMValueRef function_reference(struct wa_lower_function *f, uint32_t function) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef references =
      wa_ir_load_invariant(ir, ir->ptr, wa_ir_offset(ir, f->ctx, WA_CTX_FUNC_REFS));
  uint64_t slot = ir->layout->func_refs[function];
  return wa_ir_offset(ir, references, (int64_t)(slot * WA_FUNC_REF_SIZE));
}

static LLVMValueRef is_null(struct wa_lower_function *f, LLVMValueRef reference) {
  LLVMBuilderRef builder = f->ir->builder;
  return LLVMBuildZExt(builder, LLVMBuildIsNull(builder, reference, ""), f->ir->i32, "");
}

static LLVMValueRef size(struct wa_lower_function *f, uint32_t table) {
  struct wa_ir *ir = f->ir;
  const struct wa_limits *limits = &ir->module->tables[table].type.limits;
  LLVMValueRef entries = ir->layout->read_only_tables[table] ? wa_ir_const_i64(ir, limits->min)
                                                             : table_size(f, table_view(f, table));
  return wa_index_narrow(f, entries, limits);
}

void wa_lower_table(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMValueRef segment = wa_ir_const_i32(f->ir, instr->index);
  switch ((enum wa_table_op)instr->op) {
  case WA_TABLE_table_get:
    wa_lower_push(f, wa_table_load(f, instr->index, wa_lower_pop(f), WA_TRAP_TABLE_OUT_OF_BOUNDS));
    break;
  case WA_TABLE_table_set:
    set(f, instr->index);
    break;
  case WA_TABLE_table_size:
    wa_lower_push(f, size(f, instr->index));
    break;
  case WA_TABLE_table_grow:
    grow(f, instr->index);
    break;
  case WA_TABLE_table_fill:
    fill(f, instr->index);
    break;
  case WA_TABLE_table_copy:
    copy(f, instr);
    break;
  case WA_TABLE_table_init:
    init(f, instr);
    break;
  case WA_TABLE_elem_drop:
    wa_call_builtin(f, WA_BUILTIN_ELEM_DROP, &segment, 1);
    break;
  case WA_TABLE_ref_null:
    wa_lower_push(f, LLVMConstNull(f->ir->ptr));
    break;
  case WA_TABLE_ref_is_null:
    wa_lower_push(f, is_null(f, wa_lower_pop(f)));
    break;
  case WA_TABLE_ref_as_non_null:
    wa_trap_if_null(f, f->stack[f->height - 1], WA_TRAP_NULL_REFERENCE);
    break;
  case WA_TABLE_ref_func:
    wa_lower_push(f, function_reference(f, instr->index));
    break;
  }
}
