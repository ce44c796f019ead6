// Bulk memory operations (core spec 4.4.7). Short copies and fills of constant length are emitted
// as loads and stores. Where a memory is surrounded by guard pages, those of up to WA_BULK_SMALL
// bytes are a call of the C library; all others are one of the runtime, which checks the
// whole range before the first byte moves.
#include "compiler/lower/lower.h"
#include "compiler/wasm/families.h"

#include <elf.h>

// The widest that LLVM turns into straight loads and stores, eight vectors on x86-64.
enum { INLINE_LIMIT = 64, INLINE_LIMIT_X86 = 128 };

static bool is_constant_up_to(LLVMValueRef length, uint64_t most) {
  return LLVMIsAConstantInt(length) && LLVMConstIntGetZExtValue(length) - 1 < most;
}

static bool is_short(const struct wa_lower_function *f, LLVMValueRef length) {
  bool is_x86 = wa_target_is(f->ir->target, EM_X86_64, 0);
  return is_constant_up_to(length, is_x86 ? INLINE_LIMIT_X86 : INLINE_LIMIT);
}

static LLVMValueRef at(struct wa_lower_function *f, uint32_t memory, LLVMValueRef index,
                       LLVMValueRef length) {
  uint32_t width = LLVMIsAConstantInt(length) ? (uint32_t)LLVMConstIntGetZExtValue(length) : 1;
  return wa_memory_address(f, &(struct wa_memarg){.memory = memory}, index, width);
}

// Faults before anything is written when a range that is not empty ends outside the memory.
static void touch_end(struct wa_lower_function *f, LLVMValueRef start, LLVMValueRef length) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef last =
      LLVMBuildSub(ir->builder, wa_index_widen(f, length), wa_ir_const_i64(ir, 1), "");
  LLVMValueRef place = LLVMBuildGEP2(ir->builder, ir->i8, start, &last, 1, "");
  LLVMValueRef probe = wa_ir_load(ir, ir->i8, place, WA_ALIAS_MEMORY);
  LLVMSetVolatile(probe, true);
  LLVMSetAlignment(probe, 1);
}

static bool has_guard(const struct wa_lower_function *f, uint32_t memory) {
  const struct wa_limits *limits = &f->ir->module->memories[memory].limits;
  return !limits->index64 && !wa_layout_checks_ends(f->ir->layout, limits);
}

// Whether the C library may be called for ranges of this length, in memories with guard pages.
static bool may_be_small(LLVMValueRef length) {
  return !LLVMIsAConstantInt(length) || is_constant_up_to(length, WA_BULK_SMALL);
}

// Branches to what a small range needs, and continues with what others do.
static LLVMBasicBlockRef branch_if_small(struct wa_lower_function *f, LLVMValueRef length) {
  struct wa_ir *ir = f->ir;
  LLVMBasicBlockRef small = wa_new_block(f), other = wa_new_block(f);
  LLVMValueRef last =
      LLVMBuildSub(ir->builder, wa_index_widen(f, length), wa_ir_const_i64(ir, 1), "");
  LLVMValueRef is_small =
      LLVMBuildICmp(ir->builder, LLVMIntULT, last, wa_ir_const_i64(ir, WA_BULK_SMALL), "");
  LLVMBuildCondBr(ir->builder, is_small, small, other);
  LLVMPositionBuilderAtEnd(ir->builder, other);
  return small;
}

// Continues in `small`, which ends where the current block does.
static LLVMBasicBlockRef continue_small(struct wa_lower_function *f, LLVMBasicBlockRef small) {
  LLVMBasicBlockRef end = wa_new_block(f);
  LLVMBuildBr(f->ir->builder, end);
  LLVMPositionBuilderAtEnd(f->ir->builder, small);
  wa_lower_probe_stack(f->ir, WA_STACK_PROBE_BUILTIN);
  return end;
}

static void end_small(struct wa_lower_function *f, LLVMBasicBlockRef end) {
  LLVMBuildBr(f->ir->builder, end);
  LLVMPositionBuilderAtEnd(f->ir->builder, end);
}

static void copy_inline(struct wa_lower_function *f, const struct wa_instr *instr, LLVMValueRef to,
                        LLVMValueRef from, LLVMValueRef length) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef target = at(f, instr->index, to, length),
               source = at(f, instr->index2, from, length);
  touch_end(f, source, length);
  touch_end(f, target, length);
  LLVMBuildMemMove(ir->builder, target, 1, source, 1, wa_index_widen(f, length));
}

static void fill_inline(struct wa_lower_function *f, const struct wa_instr *instr, LLVMValueRef to,
                        LLVMValueRef value, LLVMValueRef length) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef target = at(f, instr->index, to, length);
  touch_end(f, target, length);
  LLVMValueRef byte = LLVMBuildTrunc(ir->builder, value, ir->i8, "");
  LLVMBuildMemSet(ir->builder, target, byte, wa_index_widen(f, length), 1);
}

static void copy_by_call(struct wa_lower_function *f, const struct wa_instr *instr, LLVMValueRef to,
                         LLVMValueRef from, LLVMValueRef length) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef args[] = {wa_ir_const_i32(ir, instr->index), wa_ir_const_i32(ir, instr->index2),
                         wa_index_widen(f, to), wa_index_widen(f, from), wa_index_widen(f, length)};
  wa_trap_if_failed(f, wa_call_builtin(f, WA_BUILTIN_MEMORY_COPY, args, 5),
                    WA_TRAP_MEMORY_OUT_OF_BOUNDS);
}

static void copy(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMValueRef length = wa_lower_pop(f), from = wa_lower_pop(f), to = wa_lower_pop(f);
  if (is_short(f, length)) {
    copy_inline(f, instr, to, from, length);
  } else if (!may_be_small(length) || !has_guard(f, instr->index) || !has_guard(f, instr->index2)) {
    copy_by_call(f, instr, to, from, length);
  } else if (LLVMIsAConstantInt(length)) {
    wa_lower_probe_stack(f->ir, WA_STACK_PROBE_BUILTIN);
    copy_inline(f, instr, to, from, length);
  } else {
    LLVMBasicBlockRef small = branch_if_small(f, length);
    copy_by_call(f, instr, to, from, length);
    LLVMBasicBlockRef end = continue_small(f, small);
    copy_inline(f, instr, to, from, length);
    end_small(f, end);
  }
}

static void fill_by_call(struct wa_lower_function *f, const struct wa_instr *instr, LLVMValueRef to,
                         LLVMValueRef value, LLVMValueRef length) {
  LLVMValueRef args[] = {wa_ir_const_i32(f->ir, instr->index), wa_index_widen(f, to), value,
                         wa_index_widen(f, length)};
  wa_trap_if_failed(f, wa_call_builtin(f, WA_BUILTIN_MEMORY_FILL, args, 4),
                    WA_TRAP_MEMORY_OUT_OF_BOUNDS);
}

static void fill(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMValueRef length = wa_lower_pop(f), value = wa_lower_pop(f), to = wa_lower_pop(f);
  if (is_short(f, length)) {
    fill_inline(f, instr, to, value, length);
  } else if (!may_be_small(length) || !has_guard(f, instr->index)) {
    fill_by_call(f, instr, to, value, length);
  } else if (LLVMIsAConstantInt(length)) {
    wa_lower_probe_stack(f->ir, WA_STACK_PROBE_BUILTIN);
    fill_inline(f, instr, to, value, length);
  } else {
    LLVMBasicBlockRef small = branch_if_small(f, length);
    fill_by_call(f, instr, to, value, length);
    LLVMBasicBlockRef end = continue_small(f, small);
    fill_inline(f, instr, to, value, length);
    end_small(f, end);
  }
}

static void init(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMValueRef length = wa_lower_pop(f), from = wa_lower_pop(f), to = wa_lower_pop(f);
  LLVMValueRef args[] = {wa_ir_const_i32(f->ir, instr->index2),
                         wa_ir_const_i32(f->ir, instr->index), wa_index_widen(f, to), from, length};
  wa_trap_if_failed(f, wa_call_builtin(f, WA_BUILTIN_MEMORY_INIT, args, 5),
                    WA_TRAP_MEMORY_OUT_OF_BOUNDS);
}

void wa_lower_bulk(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMValueRef segment = wa_ir_const_i32(f->ir, instr->index);
  switch ((enum wa_bulk_op)instr->op) {
  case WA_BULK_memory_copy:
    copy(f, instr);
    break;
  case WA_BULK_memory_fill:
    fill(f, instr);
    break;
  case WA_BULK_memory_init:
    init(f, instr);
    break;
  case WA_BULK_data_drop:
    wa_call_builtin(f, WA_BUILTIN_DATA_DROP, &segment, 1);
    break;
  }
}
