// Bulk memory operations (core spec 4.4.7). Short copies and fills of constant length are emitted
// as loads and stores; all others are one call that checks the whole range before the first byte
// moves.
#include "lower.h"

// The widest that LLVM turns into straight loads and stores on every target.
enum { INLINE_LIMIT = 64 };

static bool is_short(LLVMValueRef length) {
  return LLVMIsAConstantInt(length) && LLVMConstIntGetZExtValue(length) - 1 < INLINE_LIMIT;
}

static LLVMValueRef at(struct wa_lower_function *f, uint32_t memory, LLVMValueRef index,
                       LLVMValueRef length) {
  uint32_t width = (uint32_t)LLVMConstIntGetZExtValue(length);
  return wa_memory_address(f, &(struct wa_memarg){.memory = memory}, index, width);
}

// Faults before anything is written when the range of a constant length ends outside the memory.
static void touch_end(struct wa_lower_function *f, LLVMValueRef start, LLVMValueRef length) {
  struct wa_lower *lower = f->lower;
  int64_t last = (int64_t)LLVMConstIntGetZExtValue(length) - 1;
  LLVMValueRef probe =
      wa_lower_load(lower, lower->i8, wa_lower_offset(lower, start, last), WA_ALIAS_MEMORY);
  LLVMSetVolatile(probe, true);
  LLVMSetAlignment(probe, 1);
}

static void copy_inline(struct wa_lower_function *f, const struct wa_instr *instr, LLVMValueRef to,
                        LLVMValueRef from, LLVMValueRef length) {
  struct wa_lower *lower = f->lower;
  LLVMValueRef target = at(f, instr->index, to, length),
               source = at(f, instr->index2, from, length);
  touch_end(f, source, length);
  touch_end(f, target, length);
  LLVMBuildMemMove(lower->builder, target, 1, source, 1, wa_index_widen(f, length));
}

static void fill_inline(struct wa_lower_function *f, const struct wa_instr *instr, LLVMValueRef to,
                        LLVMValueRef value, LLVMValueRef length) {
  struct wa_lower *lower = f->lower;
  LLVMValueRef target = at(f, instr->index, to, length);
  touch_end(f, target, length);
  LLVMValueRef byte = LLVMBuildTrunc(lower->builder, value, lower->i8, "");
  LLVMBuildMemSet(lower->builder, target, byte, wa_index_widen(f, length), 1);
}

static void copy(struct wa_lower_function *f, const struct wa_instr *instr) {
  struct wa_lower *lower = f->lower;
  LLVMValueRef length = wa_lower_pop(f), from = wa_lower_pop(f), to = wa_lower_pop(f);
  if (is_short(length)) {
    copy_inline(f, instr, to, from, length);
    return;
  }
  LLVMValueRef args[] = {wa_lower_const_i32(lower, instr->index),
                         wa_lower_const_i32(lower, instr->index2), wa_index_widen(f, to),
                         wa_index_widen(f, from), wa_index_widen(f, length)};
  wa_trap_if_failed(f, wa_call_builtin(f, WA_BUILTIN_MEMORY_COPY, args, 5),
                    WA_TRAP_MEMORY_OUT_OF_BOUNDS);
}

static void fill(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMValueRef length = wa_lower_pop(f), value = wa_lower_pop(f), to = wa_lower_pop(f);
  if (is_short(length)) {
    fill_inline(f, instr, to, value, length);
    return;
  }
  LLVMValueRef args[] = {wa_lower_const_i32(f->lower, instr->index), wa_index_widen(f, to), value,
                         wa_index_widen(f, length)};
  wa_trap_if_failed(f, wa_call_builtin(f, WA_BUILTIN_MEMORY_FILL, args, 4),
                    WA_TRAP_MEMORY_OUT_OF_BOUNDS);
}

static void init(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMValueRef length = wa_lower_pop(f), from = wa_lower_pop(f), to = wa_lower_pop(f);
  LLVMValueRef args[] = {wa_lower_const_i32(f->lower, instr->index2),
                         wa_lower_const_i32(f->lower, instr->index), wa_index_widen(f, to), from,
                         length};
  wa_trap_if_failed(f, wa_call_builtin(f, WA_BUILTIN_MEMORY_INIT, args, 5),
                    WA_TRAP_MEMORY_OUT_OF_BOUNDS);
}

void wa_lower_bulk(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMValueRef segment = wa_lower_const_i32(f->lower, instr->index);
  switch (instr->op) {
  case WA_OP_memory_copy:
    copy(f, instr);
    break;
  case WA_OP_memory_fill:
    fill(f, instr);
    break;
  case WA_OP_memory_init:
    init(f, instr);
    break;
  default: // data.drop
    wa_call_builtin(f, WA_BUILTIN_DATA_DROP, &segment, 1);
    break;
  }
}
