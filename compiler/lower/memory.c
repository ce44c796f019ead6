// Loads and stores (core spec 4.4.7). No access of a 32-bit index checks its address: index plus
// offset stay inside the 8 GiB that every such memory reserves, and what is not committed there
// faults. That is the trap. A 64-bit index is compared with the memory's size, and so is the end of
// every access to a memory whose pages are bytes, or to any with
// wa_compile_options.explicit_checks.
#include "compiler/ir/address.h"
#include "compiler/lower/lower.h"
#include "compiler/wasm/families.h"

#include <string.h>

static LLVMValueRef load_base(struct wa_lower_function *f, uint32_t memory) {
  struct wa_ir *ir = f->ir;
  if (memory == 0) {
    return wa_memory0_base(ir, f->ctx);
  }
  LLVMValueRef view = wa_memory_view(f, memory);
  return wa_ir_load_invariant(ir, ir->ptr, wa_ir_offset(ir, view, WA_MEMORY_VIEW_BASE));
}

// Loaded once, at the function's entry, and only in functions that touch the memory.
LLVMValueRef wa_memory_start(struct wa_lower_function *f, uint32_t memory) {
  struct wa_ir *ir = f->ir;
  if (memory == 0 && ir->layout->memory0_at_ctx) {
    return wa_memory0_base(ir, f->ctx);
  }
  if (!f->memories[memory]) {
    LLVMBasicBlockRef current = LLVMGetInsertBlock(ir->builder);
    LLVMPositionBuilderBefore(ir->builder, f->entry_end);
    f->memories[memory] = load_base(f, memory);
    LLVMPositionBuilderAtEnd(ir->builder, current);
    wa_debug_set_location(f);
  }
  return f->memories[memory];
}

LLVMValueRef wa_index_widen(struct wa_lower_function *f, LLVMValueRef value) {
  return LLVMBuildIntCast2(f->ir->builder, value, f->ir->i64, false, "");
}

LLVMValueRef wa_index_narrow(struct wa_lower_function *f, LLVMValueRef value,
                             const struct wa_limits *limits) {
  LLVMTypeRef type = limits->index64 ? f->ir->i64 : f->ir->i32;
  return LLVMBuildIntCast2(f->ir->builder, value, type, false, "");
}

// Another thread may raise the size of a shared memory at any time. Whatever value is read, all of
// it is accessible from then on; nothing orders the read, so loops may keep it.
static LLVMValueRef load_size(struct wa_lower_function *f, uint32_t memory) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef place = wa_ir_offset(ir, wa_memory_view(f, memory), WA_MEMORY_VIEW_SIZE);
  LLVMValueRef size = wa_ir_load(ir, ir->i64, place, WA_ALIAS_CONTEXT);
  if (ir->module->memories[memory].limits.shared) {
    LLVMSetOrdering(size, LLVMAtomicOrderingUnordered);
  }
  LLVMSetAlignment(size, 8);
  return size;
}

// The sum of index and offset is checked only when the guard cannot take the offset.
static void check_address(struct wa_lower_function *f, const struct wa_memarg *memarg,
                          LLVMValueRef index) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMValueRef first = index, outside = NULL;
  if (memarg->offset >= WA_MEMORY64_UNCHECKED_OFFSET) {
    LLVMValueRef offset = wa_ir_const_i64(f->ir, memarg->offset);
    first = LLVMBuildAdd(builder, index, offset, "");
    outside = LLVMBuildICmp(builder, LLVMIntULT, first, offset, "");
  }
  LLVMValueRef size = load_size(f, memarg->memory);
  LLVMValueRef beyond = LLVMBuildICmp(builder, LLVMIntUGE, first, size, "");
  wa_trap_if(f, outside ? LLVMBuildOr(builder, outside, beyond, "") : beyond,
             WA_TRAP_MEMORY_OUT_OF_BOUNDS);
}

// The end of the access must not lie beyond the memory's, nor wrap.
static void check_end(struct wa_lower_function *f, const struct wa_memarg *memarg,
                      LLVMValueRef index, uint32_t width) {
  LLVMBuilderRef builder = f->ir->builder;
  uint64_t distance;
  bool never = __builtin_add_overflow(memarg->offset, width, &distance);
  LLVMValueRef above = wa_ir_const_i64(f->ir, distance);
  LLVMValueRef end = LLVMBuildAdd(builder, wa_index_widen(f, index), above, "");
  LLVMValueRef wraps = LLVMBuildICmp(builder, LLVMIntULT, end, above, "");
  LLVMValueRef size = load_size(f, memarg->memory);
  LLVMValueRef beyond = LLVMBuildICmp(builder, LLVMIntUGT, end, size, "");
  LLVMValueRef outside = LLVMBuildOr(builder, wraps, beyond, "");
  wa_trap_if(f, never ? LLVMConstInt(f->ir->i1, 1, false) : outside, WA_TRAP_MEMORY_OUT_OF_BOUNDS);
}

LLVMValueRef wa_memory_address(struct wa_lower_function *f, const struct wa_memarg *memarg,
                               LLVMValueRef index, uint32_t width) {
  struct wa_ir *ir = f->ir;
  const struct wa_limits *limits = &ir->module->memories[memarg->memory].limits;
  LLVMValueRef base = wa_memory_start(f, memarg->memory);
  bool checks_end = wa_layout_checks_ends(ir->layout, limits);
  if (checks_end || limits->index64) {
    index = wa_freeze_index(f, index);
  }
  if (checks_end) {
    check_end(f, memarg, index, width);
  } else if (limits->index64) {
    check_address(f, memarg, index);
  }
  if (limits->index64) {
    LLVMValueRef address = LLVMBuildGEP2(ir->builder, ir->i8, base, &index, 1, "");
    return wa_ir_offset(ir, address, (int64_t)memarg->offset);
  }
  LLVMValueRef address = wa_ir_offset_nowrap(ir, base, wa_index_widen(f, index));
  return wa_ir_offset_nowrap(ir, address, wa_ir_const_i64(ir, memarg->offset));
}

LLVMValueRef wa_memory_view(struct wa_lower_function *f, uint32_t memory) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef views = wa_ir_load_invariant(ir, ir->ptr, wa_ir_offset(ir, f->ctx, WA_CTX_MEMORIES));
  return wa_ir_load_invariant(ir, ir->ptr, wa_ir_offset(ir, views, memory * 8));
}

// The integer type of a narrow access, or NULL when the access is as wide as the value.
static LLVMTypeRef narrow_type(struct wa_ir *ir, const struct wa_op_info *info, LLVMTypeRef value) {
  LLVMTypeRef access = LLVMIntTypeInContext(ir->context, 8u << info->align);
  return value == ir->f32 || value == ir->f64 || value == access ? NULL : access;
}

static LLVMTypeRef signature_type(const struct wa_ir *ir, char letter) {
  switch (letter) {
  case 'i':
    return ir->i32;
  case 'I':
    return ir->i64;
  case 'f':
    return ir->f32;
  default:
    return ir->f64;
  }
}

// Volatile until wa_release_loads has seen whether the value matters (repair/accesses.c), but where
// a check has trapped for it.
void wa_load_keep(struct wa_lower_function *f, uint32_t memory, LLVMValueRef load) {
  const struct wa_ir *ir = f->ir;
  LLVMSetVolatile(load, !wa_layout_checks_ends(ir->layout, &ir->module->memories[memory].limits));
}

static void load(struct wa_lower_function *f, const struct wa_instr *instr) {
  struct wa_ir *ir = f->ir;
  const struct wa_op_info *info = &wa_op_infos[instr->op];
  LLVMTypeRef type = signature_type(ir, info->signature[2]);
  LLVMTypeRef narrow = narrow_type(ir, info, type);
  LLVMValueRef address = wa_memory_address(f, &instr->memarg, wa_lower_pop(f), 1u << info->align);
  LLVMValueRef value = wa_ir_load(ir, narrow ? narrow : type, address, WA_ALIAS_MEMORY);
  LLVMSetAlignment(value, 1);
  wa_load_keep(f, instr->memarg.memory, value);
  if (narrow) {
    bool is_signed = info->spelling[strlen(info->spelling) - 1] == 's';
    value = is_signed ? LLVMBuildSExt(ir->builder, value, type, "")
                      : LLVMBuildZExt(ir->builder, value, type, "");
  }
  wa_lower_push(f, value);
}

static void store(struct wa_lower_function *f, const struct wa_instr *instr) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef value = wa_lower_pop(f);
  const struct wa_op_info *info = &wa_op_infos[instr->op];
  LLVMTypeRef narrow = narrow_type(ir, info, LLVMTypeOf(value));
  if (narrow) {
    value = LLVMBuildTrunc(ir->builder, value, narrow, "");
  }
  LLVMValueRef address = wa_memory_address(f, &instr->memarg, wa_lower_pop(f), 1u << info->align);
  LLVMSetAlignment(wa_ir_store(ir, value, address, WA_ALIAS_MEMORY), 1);
}

// Another thread may grow the memory between any two reads.
static void size(struct wa_lower_function *f, uint32_t memory) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef pages = wa_ir_offset(ir, wa_memory_view(f, memory), WA_MEMORY_VIEW_PAGES);
  LLVMValueRef value = wa_ir_load(ir, ir->i64, pages, WA_ALIAS_CONTEXT);
  LLVMSetOrdering(value, LLVMAtomicOrderingSequentiallyConsistent);
  LLVMSetAlignment(value, 8);
  wa_lower_push(f, wa_index_narrow(f, value, &ir->module->memories[memory].limits));
}

static void grow(struct wa_lower_function *f, uint32_t memory) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef delta = wa_index_widen(f, wa_lower_pop(f));
  LLVMValueRef args[] = {wa_ir_const_i32(ir, memory), delta};
  LLVMValueRef old = wa_call_builtin(f, WA_BUILTIN_MEMORY_GROW, args, 2);
  wa_trap_if_grow_ended(f, old);
  wa_lower_push(f, wa_index_narrow(f, old, &ir->module->memories[memory].limits));
}

void wa_lower_memory(struct wa_lower_function *f, const struct wa_instr *instr) {
  switch ((enum wa_memory_op)instr->op) {
  case WA_MEMORY_i32_load:
  case WA_MEMORY_i64_load:
  case WA_MEMORY_f32_load:
  case WA_MEMORY_f64_load:
  case WA_MEMORY_i32_load8_s:
  case WA_MEMORY_i32_load8_u:
  case WA_MEMORY_i32_load16_s:
  case WA_MEMORY_i32_load16_u:
  case WA_MEMORY_i64_load8_s:
  case WA_MEMORY_i64_load8_u:
  case WA_MEMORY_i64_load16_s:
  case WA_MEMORY_i64_load16_u:
  case WA_MEMORY_i64_load32_s:
  case WA_MEMORY_i64_load32_u:
    load(f, instr);
    break;
  case WA_MEMORY_i32_store:
  case WA_MEMORY_i64_store:
  case WA_MEMORY_f32_store:
  case WA_MEMORY_f64_store:
  case WA_MEMORY_i32_store8:
  case WA_MEMORY_i32_store16:
  case WA_MEMORY_i64_store8:
  case WA_MEMORY_i64_store16:
  case WA_MEMORY_i64_store32:
    store(f, instr);
    break;
  case WA_MEMORY_memory_size:
    size(f, instr->index);
    break;
  case WA_MEMORY_memory_grow:
    grow(f, instr->index);
    break;
  }
}
