// Parametric and variable instructions (core spec 4.4.4, 4.4.5).
#include "compiler/lower/lower.h"

static void select_value(struct wa_lower_function *f) {
  LLVMBuilderRef builder = f->lower->builder;
  LLVMValueRef condition = wa_lower_pop(f);
  LLVMValueRef if_false = wa_lower_pop(f), if_true = wa_lower_pop(f);
  LLVMValueRef chosen =
      LLVMBuildICmp(builder, LLVMIntNE, condition, wa_lower_const_i32(f->lower, 0), "");
  wa_lower_push(f, LLVMBuildSelect(builder, chosen, if_true, if_false, ""));
}

static LLVMValueRef global_cell(struct wa_lower_function *f, uint32_t index) {
  struct wa_lower *lower = f->lower;
  LLVMValueRef cell = wa_lower_offset(lower, f->ctx, lower->layout->global_offsets[index]);
  if (wa_global_by_pointer(&lower->module->globals[index]))
    return wa_lower_load_invariant(lower, lower->ptr, cell);
  return cell;
}

// Cells are aligned to 8 bytes, also those that hold a vector.
static LLVMValueRef cell_aligned(LLVMValueRef access) {
  LLVMSetAlignment(access, 8);
  return access;
}

static LLVMValueRef constant(struct wa_lower *lower, LLVMTypeRef type, uint64_t bits) {
  if (type == lower->i32 || type == lower->i64)
    return LLVMConstInt(type, bits, false);
  LLVMValueRef integer = type == lower->f32 ? wa_lower_const_i32(lower, (uint32_t)bits)
                                            : wa_lower_const_i64(lower, bits);
  return LLVMConstBitCast(integer, type);
}

static LLVMValueRef get_global(struct wa_lower_function *f, uint32_t index) {
  struct wa_lower *lower = f->lower;
  const struct wa_global *global = &lower->module->globals[index];
  LLVMTypeRef type = wa_lower_valtype(lower, global->type.type);
  if (global->type.mut && wa_type_is_ref(global->type.type))
    return wa_lower_load_whole(lower, type, global_cell(f, index), WA_ALIAS_GLOBAL);
  if (global->type.mut)
    return cell_aligned(wa_lower_load(lower, type, global_cell(f, index), WA_ALIAS_GLOBAL));
  if (!global->imported && global->init.kind == WA_EXPR_CONST && type != lower->v128)
    return constant(lower, type, global->init.bits[0]);
  return cell_aligned(wa_lower_load_invariant(lower, type, global_cell(f, index)));
}

static void set_global(struct wa_lower_function *f, uint32_t index) {
  LLVMValueRef value = wa_lower_pop(f), cell = global_cell(f, index);
  if (wa_type_is_ref(f->lower->module->globals[index].type.type))
    wa_lower_store_whole(f->lower, value, cell, WA_ALIAS_GLOBAL);
  else
    cell_aligned(wa_lower_store(f->lower, value, cell, WA_ALIAS_GLOBAL));
}

void wa_lower_variable(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMBuilderRef builder = f->lower->builder;
  uint32_t index = instr->index;
  switch (instr->op) {
  case WA_OP_drop:
    wa_lower_pop(f);
    break;
  case WA_OP_select:
  case WA_OP_select_t:
    select_value(f);
    break;
  case WA_OP_local_get:
    wa_lower_push(f, LLVMBuildLoad2(builder, f->local_types[index], f->locals[index], ""));
    break;
  case WA_OP_local_set:
    LLVMBuildStore(builder, wa_lower_pop(f), f->locals[index]);
    wa_debug_local_set(f, index, f->stack[f->height]);
    break;
  case WA_OP_local_tee:
    LLVMBuildStore(builder, f->stack[f->height - 1], f->locals[index]);
    wa_debug_local_set(f, index, f->stack[f->height - 1]);
    break;
  case WA_OP_global_get:
    wa_lower_push(f, get_global(f, index));
    break;
  default: // global.set
    set_global(f, index);
    break;
  }
}
