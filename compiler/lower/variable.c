// Parametric and variable instructions (core spec 4.4.4, 4.4.5).
#include "compiler/lower/lower.h"
#include "compiler/wasm/families.h"

static void select_value(struct wa_lower_function *f) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef condition = wa_lower_pop(f);
  LLVMValueRef if_false = wa_lower_pop(f), if_true = wa_lower_pop(f);
  LLVMValueRef chosen = LLVMBuildICmp(builder, LLVMIntNE, condition, wa_ir_const_i32(f->ir, 0), "");
  wa_lower_push(f, LLVMBuildSelect(builder, chosen, if_true, if_false, ""));
}

static LLVMValueRef global_cell(struct wa_lower_function *f, uint32_t index) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef cell = wa_ir_offset(ir, f->ctx, ir->layout->global_offsets[index]);
  if (wa_global_by_pointer(&ir->module->globals[index])) {
    return wa_ir_load_invariant(ir, ir->ptr, cell);
  }
  return cell;
}

// Cells are aligned to 8 bytes, also those that hold a vector.
static LLVMValueRef cell_aligned(LLVMValueRef access) {
  LLVMSetAlignment(access, 8);
  return access;
}

static LLVMValueRef constant(struct wa_ir *ir, LLVMTypeRef type, uint64_t bits) {
  if (type == ir->i32 || type == ir->i64) {
    return LLVMConstInt(type, bits, false);
  }
  LLVMValueRef integer =
      type == ir->f32 ? wa_ir_const_i32(ir, (uint32_t)bits) : wa_ir_const_i64(ir, bits);
  return LLVMConstBitCast(integer, type);
}

static LLVMValueRef get_global(struct wa_lower_function *f, uint32_t index) {
  struct wa_ir *ir = f->ir;
  const struct wa_global *global = &ir->module->globals[index];
  LLVMTypeRef type = wa_ir_valtype(ir, global->type.type);
  if (global->type.mut && wa_type_is_ref(global->type.type)) {
    return wa_ir_load_whole(ir, type, global_cell(f, index), WA_ALIAS_GLOBAL);
  }
  if (global->type.mut) {
    return cell_aligned(wa_ir_load(ir, type, global_cell(f, index), WA_ALIAS_GLOBAL));
  }
  if (!global->imported && global->init.kind == WA_EXPR_CONST && type != ir->v128) {
    return constant(ir, type, global->init.bits[0]);
  }
  return cell_aligned(wa_ir_load_invariant(ir, type, global_cell(f, index)));
}

static void set_global(struct wa_lower_function *f, uint32_t index) {
  LLVMValueRef value = wa_lower_pop(f), cell = global_cell(f, index);
  if (wa_type_is_ref(f->ir->module->globals[index].type.type)) {
    wa_ir_store_whole(f->ir, value, cell, WA_ALIAS_GLOBAL);
  } else {
    cell_aligned(wa_ir_store(f->ir, value, cell, WA_ALIAS_GLOBAL));
  }
}

void wa_lower_variable(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMBuilderRef builder = f->ir->builder;
  uint32_t index = instr->index;
  switch ((enum wa_variable_op)instr->op) {
  case WA_VARIABLE_drop:
    wa_lower_pop(f);
    break;
  case WA_VARIABLE_select:
  case WA_VARIABLE_select_t:
    select_value(f);
    break;
  case WA_VARIABLE_local_get:
    wa_lower_push(f, LLVMBuildLoad2(builder, f->local_types[index], f->locals[index], ""));
    break;
  case WA_VARIABLE_local_set:
    wa_debug_local_setting(f, index);
    LLVMBuildStore(builder, wa_lower_pop(f), f->locals[index]);
    wa_debug_local_set(f, index, f->stack[f->height]);
    break;
  case WA_VARIABLE_local_tee:
    wa_debug_local_setting(f, index);
    LLVMBuildStore(builder, f->stack[f->height - 1], f->locals[index]);
    wa_debug_local_set(f, index, f->stack[f->height - 1]);
    break;
  case WA_VARIABLE_global_get:
    wa_lower_push(f, get_global(f, index));
    break;
  case WA_VARIABLE_global_set:
    set_global(f, index);
    break;
  }
}
