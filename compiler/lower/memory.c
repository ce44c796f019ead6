// Loads and stores (core spec 4.4.7). No access of a 32-bit index checks its address: index plus
// offset stay inside the 8 GiB that every such memory reserves, and what is not committed there
// faults. That is the trap. A 64-bit index is compared with the memory's size, and so is the end of
// every access to a memory whose pages are bytes.
#include "compiler/lower/lower.h"

#include <string.h>

static LLVMValueRef load_base(struct wa_lower_function *f, uint32_t memory) {
  struct wa_lower *lower = f->lower;
  if (memory == 0)
    return wa_lower_load_invariant(lower, lower->ptr,
                                   wa_lower_offset(lower, f->ctx, WA_CTX_MEMORY0));
  LLVMValueRef view = wa_memory_view(f, memory);
  return wa_lower_load_invariant(lower, lower->ptr,
                                 wa_lower_offset(lower, view, WA_MEMORY_VIEW_BASE));
}

// Loaded once, at the function's entry, and only in functions that touch the memory.
LLVMValueRef wa_memory_start(struct wa_lower_function *f, uint32_t memory) {
  struct wa_lower *lower = f->lower;
  if (memory == 0 && lower->layout->memory0_at_ctx)
    return f->ctx;
  if (!f->memories[memory]) {
    LLVMBasicBlockRef current = LLVMGetInsertBlock(lower->builder);
    LLVMPositionBuilderBefore(lower->builder, f->entry_end);
    f->memories[memory] = load_base(f, memory);
    LLVMPositionBuilderAtEnd(lower->builder, current);
    wa_debug_set_location(f);
  }
  return f->memories[memory];
}

LLVMValueRef wa_index_widen(struct wa_lower_function *f, LLVMValueRef value) {
  return LLVMBuildIntCast2(f->lower->builder, value, f->lower->i64, false, "");
}

LLVMValueRef wa_index_narrow(struct wa_lower_function *f, LLVMValueRef value,
                             const struct wa_limits *limits) {
  LLVMTypeRef type = limits->index64 ? f->lower->i64 : f->lower->i32;
  return LLVMBuildIntCast2(f->lower->builder, value, type, false, "");
}

// Another thread may raise the size of a shared memory at any time. Whatever value is read, all of
// it is accessible from then on; nothing orders the read, so loops may keep it.
static LLVMValueRef load_size(struct wa_lower_function *f, uint32_t memory) {
  struct wa_lower *lower = f->lower;
  LLVMValueRef place = wa_lower_offset(lower, wa_memory_view(f, memory), WA_MEMORY_VIEW_SIZE);
  LLVMValueRef size = wa_lower_load(lower, lower->i64, place, WA_ALIAS_CONTEXT);
  if (lower->module->memories[memory].limits.shared)
    LLVMSetOrdering(size, LLVMAtomicOrderingUnordered);
  LLVMSetAlignment(size, 8);
  return size;
}

// The sum of index and offset is checked only when the guard cannot take the offset.
static void check_address(struct wa_lower_function *f, const struct wa_memarg *memarg,
                          LLVMValueRef index) {
  LLVMBuilderRef builder = f->lower->builder;
  LLVMValueRef first = index, outside = NULL;
  if (memarg->offset >= WA_MEMORY64_UNCHECKED_OFFSET) {
    LLVMValueRef offset = wa_lower_const_i64(f->lower, memarg->offset);
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
  LLVMBuilderRef builder = f->lower->builder;
  uint64_t distance;
  bool never = __builtin_add_overflow(memarg->offset, width, &distance);
  LLVMValueRef above = wa_lower_const_i64(f->lower, distance);
  LLVMValueRef end = LLVMBuildAdd(builder, wa_index_widen(f, index), above, "");
  LLVMValueRef wraps = LLVMBuildICmp(builder, LLVMIntULT, end, above, "");
  LLVMValueRef size = load_size(f, memarg->memory);
  LLVMValueRef beyond = LLVMBuildICmp(builder, LLVMIntUGT, end, size, "");
  LLVMValueRef outside = LLVMBuildOr(builder, wraps, beyond, "");
  wa_trap_if(f, never ? LLVMConstInt(f->lower->i1, 1, false) : outside,
             WA_TRAP_MEMORY_OUT_OF_BOUNDS);
}

LLVMValueRef wa_memory_address(struct wa_lower_function *f, const struct wa_memarg *memarg,
                               LLVMValueRef index, uint32_t width) {
  struct wa_lower *lower = f->lower;
  const struct wa_limits *limits = &lower->module->memories[memarg->memory].limits;
  LLVMValueRef base = wa_memory_start(f, memarg->memory);
  if (wa_has_byte_pages(limits) || limits->index64)
    index = wa_freeze_index(f, index);
  if (wa_has_byte_pages(limits))
    check_end(f, memarg, index, width);
  else if (limits->index64)
    check_address(f, memarg, index);
  if (limits->index64) {
    LLVMValueRef address = LLVMBuildGEP2(lower->builder, lower->i8, base, &index, 1, "");
    return wa_lower_offset(lower, address, (int64_t)memarg->offset);
  }
  LLVMValueRef address = wa_lower_offset_nowrap(lower, base, wa_index_widen(f, index));
  return wa_lower_offset_nowrap(lower, address, wa_lower_const_i64(lower, memarg->offset));
}

LLVMValueRef wa_memory_view(struct wa_lower_function *f, uint32_t memory) {
  struct wa_lower *lower = f->lower;
  LLVMValueRef views =
      wa_lower_load_invariant(lower, lower->ptr, wa_lower_offset(lower, f->ctx, WA_CTX_MEMORIES));
  return wa_lower_load_invariant(lower, lower->ptr, wa_lower_offset(lower, views, memory * 8));
}

// The integer type of a narrow access, or NULL when the access is as wide as the value.
static LLVMTypeRef narrow_type(struct wa_lower *lower, const struct wa_op_info *info,
                               LLVMTypeRef value) {
  LLVMTypeRef access = LLVMIntTypeInContext(lower->context, 8u << info->align);
  return value == lower->f32 || value == lower->f64 || value == access ? NULL : access;
}

static LLVMTypeRef signature_type(const struct wa_lower *lower, char letter) {
  switch (letter) {
  case 'i':
    return lower->i32;
  case 'I':
    return lower->i64;
  case 'f':
    return lower->f32;
  default:
    return lower->f64;
  }
}

// Volatile until wa_finish_function has seen whether the value is used. See finish.c.
static void load(struct wa_lower_function *f, const struct wa_instr *instr) {
  struct wa_lower *lower = f->lower;
  const struct wa_op_info *info = &wa_op_infos[instr->op];
  LLVMTypeRef type = signature_type(lower, info->signature[2]);
  LLVMTypeRef narrow = narrow_type(lower, info, type);
  LLVMValueRef address = wa_memory_address(f, &instr->memarg, wa_lower_pop(f), 1u << info->align);
  LLVMValueRef value = wa_lower_load(lower, narrow ? narrow : type, address, WA_ALIAS_MEMORY);
  LLVMSetAlignment(value, 1);
  LLVMSetVolatile(value, true);
  if (narrow) {
    bool is_signed = info->spelling[strlen(info->spelling) - 1] == 's';
    value = is_signed ? LLVMBuildSExt(lower->builder, value, type, "")
                      : LLVMBuildZExt(lower->builder, value, type, "");
  }
  wa_lower_push(f, value);
}

static void store(struct wa_lower_function *f, const struct wa_instr *instr) {
  struct wa_lower *lower = f->lower;
  LLVMValueRef value = wa_lower_pop(f);
  const struct wa_op_info *info = &wa_op_infos[instr->op];
  LLVMTypeRef narrow = narrow_type(lower, info, LLVMTypeOf(value));
  if (narrow)
    value = LLVMBuildTrunc(lower->builder, value, narrow, "");
  LLVMValueRef address = wa_memory_address(f, &instr->memarg, wa_lower_pop(f), 1u << info->align);
  LLVMSetAlignment(wa_lower_store(lower, value, address, WA_ALIAS_MEMORY), 1);
}

// Another thread may grow the memory between any two reads.
static void size(struct wa_lower_function *f, uint32_t memory) {
  struct wa_lower *lower = f->lower;
  LLVMValueRef pages = wa_lower_offset(lower, wa_memory_view(f, memory), WA_MEMORY_VIEW_PAGES);
  LLVMValueRef value = wa_lower_load(lower, lower->i64, pages, WA_ALIAS_CONTEXT);
  LLVMSetOrdering(value, LLVMAtomicOrderingSequentiallyConsistent);
  LLVMSetAlignment(value, 8);
  wa_lower_push(f, wa_index_narrow(f, value, &lower->module->memories[memory].limits));
}

static void grow(struct wa_lower_function *f, uint32_t memory) {
  struct wa_lower *lower = f->lower;
  LLVMValueRef delta = wa_index_widen(f, wa_lower_pop(f));
  LLVMValueRef args[] = {wa_lower_const_i32(lower, memory), delta};
  LLVMValueRef old = wa_call_builtin(f, WA_BUILTIN_MEMORY_GROW, args, 2);
  wa_trap_if_grow_ended(f, old);
  wa_lower_push(f, wa_index_narrow(f, old, &lower->module->memories[memory].limits));
}

void wa_lower_memory(struct wa_lower_function *f, const struct wa_instr *instr) {
  if (instr->op == WA_OP_memory_size)
    size(f, instr->index);
  else if (instr->op == WA_OP_memory_grow)
    grow(f, instr->index);
  else if (instr->op >= WA_OP_i32_store)
    store(f, instr);
  else
    load(f, instr);
}
