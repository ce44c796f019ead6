// What accesses to the memory look like in IR.
#ifndef WA_COMPILER_IR_ADDRESS_H
#define WA_COMPILER_IR_ADDRESS_H

#include "compiler/ir/ir.h"

// Whether a block's name starts so: LLVM's vectoriser tells by names what its blocks are for.
bool wa_block_has_name(LLVMBasicBlockRef block, const char *start);

// Whether a value is a pointer plus one number of bytes.
bool wa_is_offset(LLVMValueRef value);
// Whether a value is a sum of another, its first operand, and a constant.
bool wa_adds_constant(LLVMValueRef value);
// The base of memory 0: the context's end, or what is loaded, at the builder's place, from its slot
// there. Only for modules that have one.
LLVMValueRef wa_memory0_base(struct wa_ir *ir, LLVMValueRef ctx);
// Whether a value is that base.
bool wa_is_memory0_base(const struct wa_ir *ir, LLVMValueRef ctx, LLVMValueRef value);
// The operand that an access has its address in, or -1.
int wa_pointer_operand(LLVMValueRef instr);
// Bytes below 4 GiB that memory 0 never has, or 0 when it may have them all.
uint64_t wa_memory0_slack(const struct wa_ir *ir);
// Loads the number of bytes that memory 0 has: what is accessible now stays so. Only for modules
// that have one.
LLVMValueRef wa_memory0_size(struct wa_ir *ir, LLVMValueRef ctx);
// The same for the memory that is described at `view`.
LLVMValueRef wa_memory_size_of(struct wa_ir *ir, LLVMValueRef view);

// Where an address lies: `root`, plus an index if there is one, plus a constant.
struct wa_address {
  LLVMValueRef root, index;
  int64_t constant;
  bool may_wrap; // the sum that `index` was taken from, where this LLVM does not tell
};
// Takes apart no more of an address than is sure: the sum of 32 bits that the index was taken from
// does not wrap. With `any_sum` that does not matter, and the constant is right modulo 2^32.
struct wa_address wa_take_apart(const struct wa_ir *ir, LLVMValueRef address, bool any_sum);

// Values that a search has come to, in the order in which they were found.
enum { WA_VALUE_SET_LIMIT = 256 };
struct wa_value_set {
  LLVMValueRef values[WA_VALUE_SET_LIMIT];
  uint32_t count;
};
// False when there is no room for a new one.
bool wa_add_value(struct wa_value_set *set, LLVMValueRef value);
// The same of all operands of an instruction.
bool wa_add_operands(struct wa_value_set *set, LLVMValueRef instr);

#endif
