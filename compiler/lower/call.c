// Calls (core spec 4.4.8, 4.4.10). A direct call inside the module keeps the context; an imported
// function brings its own from its slot; call_indirect takes whatever the table entry says, unless
// the table is the module's own read-only one.
#include "compiler/lower/lower.h"
#include "compiler/wasm/families.h"

// What all kinds of call end in.
static void finish_call(struct wa_lower_function *f, uint32_t type, const struct wa_callee *callee,
                        bool tail) {
  if (tail) {
    wa_tail_call_wasm(f, type, callee);
  } else {
    wa_call_wasm(f, type, callee);
  }
}

static void call_imported(struct wa_lower_function *f, uint32_t function, bool tail) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef slot = wa_ir_offset(ir, f->ctx, ir->layout->import_slots[function]);
  struct wa_callee callee = {
      .code = wa_ir_load_invariant(ir, ir->ptr, slot),
      .context = wa_ir_load_invariant(ir, ir->ptr, wa_ir_offset(ir, slot, WA_IMPORT_SLOT_CONTEXT)),
      .convention = ir->target->arch->call_convention,
  };
  if (tail) {
    callee.tail = wa_ir_load_invariant(ir, ir->ptr, wa_ir_offset(ir, slot, WA_IMPORT_SLOT_TAIL));
  }
  finish_call(f, ir->module->functions[function].type, &callee, tail);
}

static void call(struct wa_lower_function *f, uint32_t function, bool tail) {
  struct wa_ir *ir = f->ir;
  if (ir->module->functions[function].imported) {
    call_imported(f, function, tail);
    return;
  }
  if (!tail && wa_lower_inlined(f, function)) {
    return;
  }
  struct wa_callee callee = {
      .code = wa_ir_declare(ir, function), .context = f->ctx, .convention = ir->convention};
  finish_call(f, ir->module->functions[function].type, &callee, tail);
}

// A constant index into a read-only table: the function it names, or WA_NONE.
static uint32_t known_callee(const struct wa_module *module, uint32_t table, uint64_t index) {
  uint32_t found = WA_NONE;
  for (uint32_t i = 0; i < module->elem_count; i++) {
    const struct wa_elem *elem = &module->elems[i];
    if (elem->mode != WA_SEGMENT_ACTIVE || elem->table != table || index < elem->offset.bits[0] ||
        index - elem->offset.bits[0] >= elem->count) {
      continue;
    }
    const struct wa_constexpr *item = &elem->items[index - elem->offset.bits[0]];
    found = item->kind == WA_EXPR_REF_FUNC ? item->index : WA_NONE;
  }
  return found;
}

// Whether a function's type, which is not the expected one, is a subtype of it: an i1.
static LLVMValueRef id_matches(struct wa_lower_function *f, LLVMValueRef found,
                               LLVMValueRef expected) {
  LLVMValueRef args[] = {found, expected};
  LLVMValueRef result = wa_call_builtin(f, WA_BUILTIN_TYPE_MATCHES, args, 2);
  return LLVMBuildTrunc(f->ir->builder, result, f->ir->i1, "");
}

// In a read-only table the types are the module's own: its subtypes are known.
static LLVMValueRef own_type_matches(struct wa_lower_function *f, LLVMValueRef found,
                                     uint32_t type) {
  LLVMBuilderRef builder = f->ir->builder;
  const struct wa_module *module = f->ir->module;
  LLVMValueRef any = LLVMConstInt(f->ir->i1, 0, false);
  for (uint32_t i = 0; i < module->type_count; i++) {
    if (module->types[i].canonical != i || module->types[i].supertype == WA_NONE ||
        !wa_functype_matches(module, i, type)) {
      continue;
    }
    LLVMValueRef same = LLVMBuildICmp(builder, LLVMIntEQ, found, wa_ir_const_i32(f->ir, i + 1), "");
    any = LLVMBuildOr(builder, any, same, "");
  }
  return any;
}

// A trap of a call's own, not one for the function's: the report says which types it was about.
static LLVMBasicBlockRef type_trap(struct wa_lower_function *f, LLVMValueRef found,
                                   LLVMValueRef expected, bool own) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMBasicBlockRef current = LLVMGetInsertBlock(builder), block = wa_new_block(f);
  LLVMPositionBuilderAtEnd(builder, block);
  wa_ir_emit_type_trap(f->ir, found, expected, own);
  LLVMPositionBuilderAtEnd(builder, current);
  return block;
}

// A function whose type is declared as a subtype of the expected one passes too, which only types
// that are not final can have. A null entry of a read-only table has a type that is none: only the
// report tells it apart. The result is the mask for the function's code. `record` is the
// function's; NULL in a read-only table.
static LLVMValueRef check_type(struct wa_lower_function *f, LLVMValueRef found,
                               LLVMValueRef expected, uint32_t type, LLVMValueRef record) {
  LLVMBuilderRef builder = f->ir->builder;
  bool read_only = record == NULL;
  LLVMBasicBlockRef wrong = type_trap(f, read_only ? found : record, expected, read_only);
  LLVMBasicBlockRef next = wa_new_block(f);
  bool open = !f->ir->module->types[type].is_final;
  LLVMBasicBlockRef other = open ? wa_new_block(f) : wrong;
  LLVMBasicBlockRef from[2] = {LLVMGetInsertBlock(builder)};
  LLVMValueRef masks[2] = {wa_mask_equal(f, found, expected)};
  LLVMBuildCondBr(builder, LLVMBuildICmp(builder, LLVMIntEQ, found, expected, ""), next, other);
  if (open) {
    LLVMPositionBuilderAtEnd(builder, other);
    LLVMValueRef matches =
        read_only ? own_type_matches(f, found, type) : id_matches(f, found, expected);
    masks[1] = wa_mask_true(f, matches);
    from[1] = LLVMGetInsertBlock(builder);
    LLVMBuildCondBr(builder, matches, next, wrong);
  }
  LLVMPositionBuilderAtEnd(builder, next);
  if (!open || !masks[0]) {
    return masks[0];
  }
  LLVMValueRef mask = LLVMBuildPhi(builder, f->ir->i64, "");
  LLVMAddIncoming(mask, masks, from, 2);
  return mask;
}

// Entries are {code - table, type + 1}, 32 bits each: see support.c.
static void call_read_only(struct wa_lower_function *f, uint32_t type, uint32_t table,
                           LLVMValueRef index, bool tail) {
  struct wa_ir *ir = f->ir;
  LLVMBuilderRef builder = ir->builder;
  const struct wa_module *module = ir->module;
  uint32_t canonical = module->types[type].canonical;
  if (LLVMIsAConstantInt(index)) {
    uint32_t callee = known_callee(module, table, LLVMConstIntGetZExtValue(index));
    if (callee != WA_NONE && wa_functype_matches(module, module->functions[callee].type, type)) {
      call(f, callee, tail);
      return;
    }
  }
  LLVMValueRef size = LLVMConstInt(LLVMTypeOf(index), module->tables[table].type.limits.min, false);
  LLVMValueRef outside = LLVMBuildICmp(builder, LLVMIntUGE, index, size, "");
  wa_trap_if(f, outside, WA_TRAP_UNDEFINED_ELEMENT);
  LLVMValueRef base = wa_lower_read_only_table(ir, table);
  LLVMValueRef inside = wa_mask_index(f, wa_index_widen(f, index), wa_index_widen(f, size));
  LLVMValueRef scaled = LLVMBuildShl(builder, inside, wa_ir_const_i64(ir, 3), "");
  LLVMValueRef entry = LLVMBuildGEP2(builder, ir->i8, base, &scaled, 1, "");
  LLVMValueRef found = wa_ir_load_invariant(ir, ir->i32, wa_ir_offset(ir, entry, 4));
  LLVMValueRef mask = check_type(f, found, wa_ir_const_i32(ir, canonical + 1), type, NULL);
  LLVMValueRef offset =
      LLVMBuildSExt(builder, wa_ir_load_invariant(ir, ir->i32, entry), ir->i64, "");
  struct wa_callee callee = {
      .code = wa_mask_code(f, LLVMBuildGEP2(builder, ir->i8, base, &offset, 1, ""), mask),
      .context = f->ctx,
      .convention = ir->convention,
  };
  finish_call(f, type, &callee, tail);
}

static LLVMValueRef record_field(struct wa_lower_function *f, LLVMValueRef record, int64_t offset) {
  return wa_ir_load_invariant(f->ir, f->ir->ptr, wa_ir_offset(f->ir, record, offset));
}

// Calls what a function record says, which never changes; `mask` may be NULL.
static void call_record(struct wa_lower_function *f, uint32_t type, LLVMValueRef record,
                        LLVMValueRef mask, bool tail) {
  struct wa_callee callee = {
      .code = wa_mask_code(f, record_field(f, record, WA_FUNC_REF_CODE), mask),
      .context = record_field(f, record, WA_FUNC_REF_CONTEXT),
      .convention = f->ir->target->arch->call_convention,
  };
  if (tail) {
    callee.tail = wa_mask_code(f, record_field(f, record, WA_FUNC_REF_TAIL), mask);
  }
  finish_call(f, type, &callee, tail);
}

// The entry is read once: type and code are of the same function, whatever other threads write.
static void call_table(struct wa_lower_function *f, uint32_t type, uint32_t table,
                       LLVMValueRef index, bool tail) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef record = wa_table_load(f, table, index, WA_TRAP_UNDEFINED_ELEMENT);
  wa_trap_if_null(f, record, WA_TRAP_UNINITIALIZED_ELEMENT);
  LLVMValueRef found =
      wa_ir_load_invariant(ir, ir->i64, wa_ir_offset(ir, record, WA_FUNC_REF_TYPE));
  LLVMValueRef expected =
      wa_ir_load_invariant(ir, ir->i32, wa_ir_offset(ir, f->ctx, ir->layout->type_ids[type]));
  LLVMValueRef mask =
      check_type(f, found, LLVMBuildZExt(ir->builder, expected, ir->i64, ""), type, record);
  call_record(f, type, record, mask, tail);
}

static void call_indirect(struct wa_lower_function *f, uint32_t type, uint32_t table, bool tail) {
  LLVMValueRef index = wa_freeze(f, wa_lower_pop(f));
  if (f->ir->layout->read_only_tables[table]) {
    call_read_only(f, type, table, index, tail);
  } else {
    call_table(f, type, table, index, tail);
  }
}

// The type is known: only null can be wrong.
static void call_ref(struct wa_lower_function *f, uint32_t type, bool tail) {
  LLVMValueRef reference = wa_lower_pop(f);
  wa_trap_if_null(f, reference, WA_TRAP_NULL_FUNCTION);
  call_record(f, type, reference, NULL, tail);
}

void wa_lower_calls(struct wa_lower_function *f, const struct wa_instr *instr) {
  switch ((enum wa_call_op)instr->op) {
  case WA_CALL_call:
  case WA_CALL_return_call:
    call(f, instr->index, instr->op == WA_OP_return_call);
    break;
  case WA_CALL_call_indirect:
  case WA_CALL_return_call_indirect:
    call_indirect(f, instr->index, instr->index2, instr->op == WA_OP_return_call_indirect);
    break;
  case WA_CALL_call_ref:
  case WA_CALL_return_call_ref:
    call_ref(f, instr->index, instr->op == WA_OP_return_call_ref);
    break;
  }
}
