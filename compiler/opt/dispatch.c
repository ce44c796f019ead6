// Interpreters: a jump for each opcode instead of one for all.
//
// In C that uses computed gotos each opcode ends with a jump to the next one. WebAssembly has only
// br_table, so its producer has made one jump of them, and the processor has one place where it
// must guess all that may follow. LLVM copies a jump back to the ways that lead to it, but not what
// is in front of most: the check that the value is one of the table's.
//
// Shape: a switch of at least LEAST_CASES values, half of the values between the least and the
//   greatest or more, in a short block that at least LEAST_WAYS ways lead to.
// Preconditions: behind LLVM's passes, which would put the check back. Not for more edges than
//   WA_MOST_JUMP_EDGES, or than EDGES_PER_INSTRUCTION for each of the function: the code generator
//   takes its time for each.
// Rewrite: every other value becomes one more, which has a case of its own.
//     switch i32 %op, label %other      =>   %v = freeze i32 %op
//       [0 .. 82: cases]                     %i = select (icmp ult i32 %v, 83), %v, 83
//                                            switch i32 %i, label %unreachable
//                                              [0 .. 82: cases, 83: label %other]
//   Values that are a byte are left as they are and get a case for each of the 256.
// Right when the guest traps, aliases or races: no access is moved, merged or dropped.
//   wraps: the difference to the least value is taken modulo 2^N, so that what lies below becomes
//   great and is cut to the last case.
// If wrong: control goes to where the table, or what lies behind it, says. What is in the table is
//   this function's code, and the index is cut by instructions that nothing looks through any more:
//   the one pass after this one asks for phis and zexts alone.
#include "compiler/opt/opt.h"

#include "compiler/ir/jump_table.h"

enum {
  LEAST_CASES = 12,
  MOST_VALUES = 1024,
  LEAST_FOR_BYTES = 32,
  LEADING = 8, // values in front of the least one that may as well have a case
  LEAST_WAYS = 4,
  MOST_INSTRUCTIONS = 16, // in the block
  EDGES_PER_INSTRUCTION = 4,
};

// Which values have a case, and which shall.
struct range {
  uint64_t first; // that shall
  uint64_t last;  // besides one for all others
  bool byte;      // there are no others
};

// Instructions of a block besides its phis.
static unsigned block_size(LLVMBasicBlockRef block) {
  unsigned size = 0;
  for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i)) {
    size += !LLVMIsAPHINode(i);
  }
  return size;
}

static bool is_byte(LLVMValueRef value) {
  return LLVMIsAZExtInst(value) && LLVMGetIntTypeWidth(LLVMTypeOf(LLVMGetOperand(value, 0))) == 8;
}

static bool find_range(LLVMValueRef branch, struct range *range) {
  unsigned count = LLVMGetNumSuccessors(branch) - 1;
  LLVMValueRef value = LLVMGetOperand(branch, 0);
  unsigned width = LLVMGetIntTypeWidth(LLVMTypeOf(value));
  if (count < LEAST_CASES || width < 16 || width > 64) { // 16: it holds MOST_VALUES
    return false;
  }
  if (is_byte(value) && count > UINT8_MAX) { // nothing is checked
    return false;
  }
  uint64_t least = UINT64_MAX, greatest = 0;
  for (unsigned i = 1; i <= count; i++) {
    uint64_t number = LLVMConstIntGetZExtValue(wa_switch_value(branch, i));
    least = number < least ? number : least;
    greatest = number > greatest ? number : greatest;
  }
  if (greatest - least >= MOST_VALUES || (greatest - least) / 2 > count) {
    return false;
  }
  range->byte =
      is_byte(value) && count >= LEAST_FOR_BYTES && count <= UINT8_MAX && greatest <= UINT8_MAX;
  range->first = range->byte || least <= LEADING ? 0 : least;
  range->last = range->byte ? UINT8_MAX : greatest;
  return true;
}

// The number of the case: that of the values that have none is behind the last.
static LLVMValueRef cut(struct wa_ir *ir, LLVMValueRef value, const struct range *range) {
  LLVMTypeRef type = LLVMTypeOf(value);
  LLVMValueRef index = LLVMBuildFreeze(ir->builder, value, "");
  if (range->byte) {
    return index;
  }
  if (range->first) {
    index = LLVMBuildSub(ir->builder, index, LLVMConstInt(type, range->first, false), "");
  }
  LLVMValueRef end = LLVMConstInt(type, range->last - range->first + 1, false);
  LLVMValueRef is_inside = LLVMBuildICmp(ir->builder, LLVMIntULT, index, end, "");
  return LLVMBuildSelect(ir->builder, is_inside, index, end, "");
}

static void rewrite(struct wa_ir *ir, LLVMValueRef branch, const struct range *range) {
  LLVMBasicBlockRef targets[MOST_VALUES + LEADING + 1] = {0};
  LLVMBasicBlockRef block = LLVMGetInstructionParent(branch);
  LLVMBasicBlockRef other = LLVMGetSwitchDefaultDest(branch);
  LLVMTypeRef type = LLVMTypeOf(LLVMGetOperand(branch, 0));
  for (unsigned i = 1; i < LLVMGetNumSuccessors(branch); i++) {
    uint64_t value = LLVMConstIntGetZExtValue(wa_switch_value(branch, i));
    targets[value - range->first] = LLVMGetSuccessor(branch, i);
  }
  unsigned count = (unsigned)(range->last - range->first) + 1 + !range->byte;
  LLVMBasicBlockRef none =
      LLVMAppendBasicBlockInContext(ir->context, LLVMGetBasicBlockParent(block), "");
  LLVMPositionBuilderBefore(ir->builder, branch);
  LLVMValueRef index = cut(ir, LLVMGetOperand(branch, 0), range);
  LLVMValueRef jump = LLVMBuildSwitch(ir->builder, index, none, count);
  bool is_first = true; // whose edge was the default's
  for (unsigned i = 0; i < count; i++) {
    LLVMAddCase(jump, LLVMConstInt(type, i, false), targets[i] ? targets[i] : other);
    if (!targets[i] && !is_first) {
      wa_add_edge(block, other);
    }
    is_first = is_first && targets[i];
  }
  LLVMInstructionEraseFromParent(branch);
  LLVMPositionBuilderAtEnd(ir->builder, none);
  LLVMBuildUnreachable(ir->builder);
}

static void spread(struct wa_ir *ir, LLVMValueRef branch, uint64_t function_size) {
  LLVMBasicBlockRef block = LLVMGetInstructionParent(branch);
  LLVMBasicBlockRef other = LLVMGetSwitchDefaultDest(branch);
  struct range range;
  if (LLVMIsAUnreachableInst(LLVMGetFirstInstruction(other)) ||
      block_size(block) > MOST_INSTRUCTIONS || !find_range(branch, &range)) {
    return;
  }
  uint64_t ways = wa_ways_to(block);
  uint64_t edges = ways * (LLVMGetNumSuccessors(branch) + 1);
  if (ways >= LEAST_WAYS && edges <= WA_MOST_JUMP_EDGES &&
      edges <= EDGES_PER_INSTRUCTION * function_size) {
    rewrite(ir, branch, &range);
  }
}

void wa_spread_dispatch(struct wa_ir *ir, LLVMValueRef function) {
  uint64_t size = 0;
  LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function);
  for (; block; block = LLVMGetNextBasicBlock(block)) {
    size += block_size(block);
  }
  for (block = LLVMGetFirstBasicBlock(function); block; block = LLVMGetNextBasicBlock(block)) {
    LLVMValueRef last = LLVMGetBasicBlockTerminator(block);
    if (LLVMIsASwitchInst(last)) {
      spread(ir, last, size);
    }
  }
}
