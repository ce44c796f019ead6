// Loads of what two stores have just written.
//
// A structure of two floats is written as two floats and copied as one i64, since in wasm it lies
// in memory, where a native compiler has it in registers. No processor forwards two stores to one
// load: it waits until both are in the cache. So the load's value is put together from the values
// stored. It cannot trap where the stores did not.
#include "lower.h"

enum { LOOK_BACK = 64, MAX_CHAIN = 4 };

// A pointer plus a constant.
struct place {
  LLVMValueRef root;
  int64_t offset;
};

static struct place place_of(LLVMValueRef pointer) {
  struct place place = {pointer, 0};
  for (int i = 0; i < MAX_CHAIN && wa_is_offset(place.root) &&
                  LLVMIsAConstantInt(LLVMGetOperand(place.root, 1));
       i++) {
    place.offset += LLVMConstIntGetSExtValue(LLVMGetOperand(place.root, 1));
    place.root = LLVMGetOperand(place.root, 0);
  }
  return place;
}

// The bytes of a type that is read and written as it is, or 0.
static unsigned size_of(const struct wa_lower *lower, LLVMTypeRef type) {
  if (type == lower->i32 || type == lower->f32)
    return 4;
  return type == lower->i64 || type == lower->f64 ? 8 : 0;
}

static bool is_plain(LLVMValueRef access) {
  return !LLVMGetVolatile(access) && LLVMGetOrdering(access) == LLVMAtomicOrderingNotAtomic;
}

// What may write memory at a place that is not known.
static bool is_opaque(LLVMValueRef instr) {
  switch (LLVMGetInstructionOpcode(instr)) {
  case LLVMCall:
  case LLVMFence:
  case LLVMAtomicRMW:
  case LLVMAtomicCmpXchg:
    return true;
  default:
    return false;
  }
}

// Takes the value of a store that writes one half of what is loaded. False when the store may write
// a part in another way.
static bool take_half(const struct wa_lower *lower, const struct place *from, LLVMValueRef store,
                      LLVMValueRef halves[2]) {
  LLVMValueRef value = LLVMGetOperand(store, 0);
  struct place to = place_of(LLVMGetOperand(store, 1));
  unsigned size = size_of(lower, LLVMTypeOf(value));
  if (to.root != from->root || size == 0)
    return false;
  int64_t distance = to.offset - from->offset;
  if (distance >= 8 || distance + size <= 0)
    return true;
  if (size != 4 || (distance != 0 && distance != 4) || halves[distance / 4])
    return false;
  halves[distance / 4] = value;
  return true;
}

static bool find_halves(const struct wa_lower *lower, LLVMValueRef load, LLVMValueRef halves[2]) {
  struct place from = place_of(LLVMGetOperand(load, 0));
  LLVMValueRef instr = LLVMGetPreviousInstruction(load);
  for (int i = 0; i < LOOK_BACK && instr && !is_opaque(instr); i++) {
    if (LLVMIsAStoreInst(instr) && (!is_plain(instr) || !take_half(lower, &from, instr, halves)))
      return false;
    if (halves[0] && halves[1])
      return LLVMTypeOf(halves[0]) == LLVMTypeOf(halves[1]);
    instr = LLVMGetPreviousInstruction(instr);
  }
  return false;
}

static LLVMValueRef join_floats(struct wa_lower *lower, LLVMValueRef halves[2]) {
  LLVMBuilderRef builder = lower->builder;
  LLVMValueRef pair = LLVMGetPoison(LLVMVectorType(lower->f32, 2));
  for (unsigned i = 0; i < 2; i++)
    pair = LLVMBuildInsertElement(builder, pair, halves[i], wa_lower_const_i32(lower, i), "");
  return LLVMBuildBitCast(builder, pair, lower->i64, "");
}

static LLVMValueRef join_integers(struct wa_lower *lower, LLVMValueRef halves[2]) {
  LLVMBuilderRef builder = lower->builder;
  LLVMValueRef low = LLVMBuildZExt(builder, halves[0], lower->i64, "");
  LLVMValueRef high = LLVMBuildZExt(builder, halves[1], lower->i64, "");
  high = LLVMBuildShl(builder, high, wa_lower_const_i64(lower, 32), "");
  return LLVMBuildOr(builder, low, high, "");
}

static void forward(struct wa_lower *lower, LLVMValueRef load) {
  LLVMValueRef halves[2] = {NULL, NULL};
  if (LLVMTypeOf(load) != lower->i64 || !is_plain(load) || !find_halves(lower, load, halves))
    return;
  LLVMPositionBuilderBefore(lower->builder, load);
  bool is_float = LLVMTypeOf(halves[0]) == lower->f32;
  LLVMReplaceAllUsesWith(load,
                         is_float ? join_floats(lower, halves) : join_integers(lower, halves));
}

void wa_forward_halves(struct wa_lower *lower, LLVMValueRef function) {
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block))
    for (LLVMValueRef instr = LLVMGetFirstInstruction(block); instr;
         instr = LLVMGetNextInstruction(instr))
      if (LLVMIsALoadInst(instr))
        forward(lower, instr);
}
