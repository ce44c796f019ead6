// What accesses to the memory look like in IR.
#include "compiler/ir/address.h"

#include <llvm-c/DebugInfo.h>

#include <string.h>

bool wa_is_offset(LLVMValueRef value) {
  return LLVMIsAGetElementPtrInst(value) && LLVMGetNumOperands(value) == 2;
}

bool wa_adds_constant(LLVMValueRef value) {
  return LLVMIsABinaryOperator(value) && LLVMGetInstructionOpcode(value) == LLVMAdd &&
         LLVMIsAConstantInt(LLVMGetOperand(value, 1));
}

LLVMValueRef wa_memory0_base(struct wa_ir *ir, LLVMValueRef ctx) {
  if (ir->layout->memory0_at_ctx) {
    return ctx;
  }
  return wa_ir_load_invariant(ir, ir->ptr, wa_ir_offset(ir, ctx, WA_CTX_MEMORY0));
}

bool wa_is_memory0_base(const struct wa_ir *ir, LLVMValueRef ctx, LLVMValueRef value) {
  if (ir->layout->memory0_at_ctx) {
    return value == ctx;
  }
  if (!LLVMIsALoadInst(value) || !LLVMHasMetadata(value)) {
    return false;
  }
  LLVMValueRef from = LLVMGetOperand(value, 0);
  return wa_is_offset(from) && LLVMGetOperand(from, 0) == ctx &&
         LLVMIsAConstantInt(LLVMGetOperand(from, 1)) &&
         LLVMConstIntGetSExtValue(LLVMGetOperand(from, 1)) == WA_CTX_MEMORY0;
}

int wa_pointer_operand(LLVMValueRef instr) {
  switch (LLVMGetInstructionOpcode(instr)) {
  case LLVMLoad:
  case LLVMAtomicRMW:
  case LLVMAtomicCmpXchg:
    return 0;
  case LLVMStore:
    return 1;
  default:
    return -1;
  }
}

uint64_t wa_memory0_slack(const struct wa_ir *ir) {
  const struct wa_module *module = ir->module;
  if (module->memory_count == 0 || module->memories[0].limits.index64 ||
      wa_layout_checks_ends(ir->layout, &module->memories[0].limits)) {
    return 0;
  }
  const struct wa_limits *limits = &module->memories[0].limits;
  uint64_t most = limits->has_max && limits->max < WA_MEMORY32_MAX_GROWN_PAGES
                      ? limits->max
                      : WA_MEMORY32_MAX_GROWN_PAGES;
  return limits->min > most ? 0 : (WA_MEMORY32_PAGES - most) * WA_PAGE_SIZE;
}

bool wa_block_has_name(LLVMBasicBlockRef block, const char *start) {
  return strncmp(LLVMGetBasicBlockName(block), start, strlen(start)) == 0;
}

bool wa_add_value(struct wa_value_set *set, LLVMValueRef value) {
  for (uint32_t i = 0; i < set->count; i++) {
    if (set->values[i] == value) {
      return true;
    }
  }
  if (set->count == WA_VALUE_SET_LIMIT) {
    return false;
  }
  set->values[set->count++] = value;
  return true;
}

bool wa_add_operands(struct wa_value_set *set, LLVMValueRef instr) {
  for (unsigned i = 0; i < (unsigned)LLVMGetNumOperands(instr); i++) {
    if (!wa_add_value(set, LLVMGetOperand(instr, i))) {
      return false;
    }
  }
  return true;
}

LLVMValueRef wa_memory0_size(struct wa_ir *ir, LLVMValueRef ctx) {
  LLVMValueRef views = wa_ir_load_invariant(ir, ir->ptr, wa_ir_offset(ir, ctx, WA_CTX_MEMORIES));
  LLVMValueRef view = wa_ir_load_invariant(ir, ir->ptr, views);
  return wa_memory_size_of(ir, view);
}

LLVMValueRef wa_memory_size_of(struct wa_ir *ir, LLVMValueRef view) {
  LLVMValueRef size =
      wa_ir_load(ir, ir->i64, wa_ir_offset(ir, view, WA_MEMORY_VIEW_SIZE), WA_ALIAS_CONTEXT);
  if (ir->layout->has_shared_memory) {
    LLVMSetOrdering(size, LLVMAtomicOrderingUnordered);
  }
  LLVMSetAlignment(size, 8);
  return size;
}

static void take_constants_off(struct wa_address *place, bool any_sum) {
  if (LLVMIsAZExtInst(place->index)) {
    place->index = LLVMGetOperand(place->index, 0);
  }
  while (wa_adds_constant(place->index) && (any_sum || WA_MAY_HAVE_NUW(place->index))) {
    place->may_wrap |= !WA_TELLS_NUW;
    place->constant += (int64_t)LLVMConstIntGetZExtValue(LLVMGetOperand(place->index, 1));
    place->index = LLVMGetOperand(place->index, 0);
  }
}

struct wa_address wa_take_apart(const struct wa_ir *ir, LLVMValueRef address, bool any_sum) {
  LLVMTargetDataRef layout = LLVMGetModuleDataLayout(ir->llvm);
  struct wa_address place = {.root = address};
  while (wa_is_offset(place.root) && LLVMIsAConstantInt(LLVMGetOperand(place.root, 1))) {
    int64_t unit = (int64_t)LLVMABISizeOfType(layout, LLVMGetGEPSourceElementType(place.root));
    place.constant += unit * LLVMConstIntGetSExtValue(LLVMGetOperand(place.root, 1));
    place.root = LLVMGetOperand(place.root, 0);
  }
  if (wa_is_offset(place.root) &&
      LLVMABISizeOfType(layout, LLVMGetGEPSourceElementType(place.root)) == 1) {
    place.index = LLVMGetOperand(place.root, 1);
    place.root = LLVMGetOperand(place.root, 0);
    take_constants_off(&place, any_sum);
  }
  return place;
}
