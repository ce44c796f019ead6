// Addresses that are a known distance above one that was accessed before.
//
// The address of a wasm access is a sum of 32 bits that may wrap, so LLVM must compute p + 8 and
// widen it before it can add the memory's base, where a native compiler has the 8 in the
// instruction and sees that p and p + 8 are neighbours.
//
// Shape: an access of memory 0 at base + zext(root + a), and one at base + zext(root + b) that it
//   dominates. Or a load, and one at a lower distance that follows in its block.
// Preconditions: SSA form; wa_memory0_slack, the bytes below 4 GiB that memory 0 never has, is not
//   0; reaches(): the same base and root, and b - a is within the slack; has_effect(): nothing that
//   anybody could see between a load and a lower one that becomes its anchor.
// Rewrite:
//     %b = add i32 %p, 8                        %at = getelementptr nuw i8, ptr %a, i64 8
//     %b64 = zext i32 %b to i64            =>
//     %at = getelementptr i8, ptr %base, i64 %b64          with %a = base + zext(%p)
// Right when the guest
//   traps: the first access has not, so that p lies below the memory's size, and p + 8 below 4 GiB;
//     of two loads with nothing between them it is all the same which one traps.
//   wraps: then the first access has trapped, or the distance is more than the slack.
//   aliases or races: no access is moved, merged or dropped, only its address is spelled otherwise.
// If wrong: still inside the reservation, for an address is below 4 GiB plus a distance that it has
//   room for. For the same reason LLVM is not told that the sum of 32 bits does not wrap: it could
//   then compute with 64 bits from there on, as far as a hostile module likes.
#include "compiler/opt/opt.h"

#include "compiler/ir/address.h"
#include "compiler/ir/dominators.h"

enum {
  MAX_ANCHORS = 16, // per root
  LOOK_AHEAD = 96,  // instructions
};

// An access at the 32-bit sum root + distance, plus the immediate offset.
struct place {
  LLVMValueRef base, root;
  uint32_t distance;
  uint64_t offset;
};

// An access that was executed.
struct anchor {
  struct place place;
  LLVMValueRef pointer; // base + zext(root + distance)
  uint32_t block;
};

// The anchors of a root, the newest replacing the oldest.
struct root {
  LLVMValueRef value;
  uint32_t count;
  struct anchor anchors[MAX_ANCHORS];
};

struct anchoring {
  struct wa_ir *ir;
  struct wa_dominators dominators;
  uint64_t slack; // bytes below 4 GiB that memory 0 never has
  LLVMValueRef ctx;
  struct wa_arena arena;
  struct root **roots; // a hash table
  uint32_t root_count, mask;
};

// ---- What an access is ----

static uint32_t const_value(LLVMValueRef value) {
  return (uint32_t)LLVMConstIntGetZExtValue(value);
}

// Takes constants off a sum.
static void split_sum(LLVMValueRef value, struct place *place) {
  place->distance = 0;
  while (LLVMIsAInstruction(value)) {
    LLVMOpcode opcode = LLVMGetInstructionOpcode(value);
    if (opcode != LLVMAdd && opcode != LLVMSub) {
      break;
    }
    LLVMValueRef left = LLVMGetOperand(value, 0), right = LLVMGetOperand(value, 1);
    if (LLVMIsAConstantInt(right)) {
      uint32_t by = const_value(right);
      place->distance += opcode == LLVMAdd ? by : -by;
      value = left;
    } else if (opcode == LLVMAdd && LLVMIsAConstantInt(left)) {
      place->distance += const_value(left);
      value = right;
    } else {
      break;
    }
  }
  place->root = value;
}

// Whether an instruction accesses memory 0 at a place that is not constant. `pointer` is what
// the immediate offset is added to.
static bool find_place(const struct anchoring *a, LLVMValueRef instr, struct place *place,
                       LLVMValueRef *pointer) {
  int operand = wa_pointer_operand(instr);
  if (operand < 0) {
    return false;
  }
  LLVMValueRef address = LLVMGetOperand(instr, (unsigned)operand);
  place->offset = 0;
  if (wa_is_offset(address) && LLVMIsAConstantInt(LLVMGetOperand(address, 1))) {
    place->offset = LLVMConstIntGetZExtValue(LLVMGetOperand(address, 1));
    address = LLVMGetOperand(address, 0);
  }
  if (!wa_is_offset(address) || !wa_is_memory0_base(a->ir, a->ctx, LLVMGetOperand(address, 0))) {
    return false;
  }
  LLVMValueRef index = LLVMGetOperand(address, 1);
  if (!LLVMIsAZExtInst(index) || LLVMTypeOf(LLVMGetOperand(index, 0)) != a->ir->i32) {
    return false;
  }
  place->base = LLVMGetOperand(address, 0);
  split_sum(LLVMGetOperand(index, 0), place);
  *pointer = address;
  return true;
}

// ---- Anchors ----

// Whether an access at `from` without a trap means that the sum of `to` is the sum of `from` plus
// the difference of their distances. A page more than the offset is always out of reach.
static bool reaches(const struct anchoring *a, const struct place *from, const struct place *to) {
  uint64_t up = to->distance - from->distance; // modulo 2^32
  up = (uint32_t)up;
  return from->base == to->base && from->root == to->root && up <= a->slack + from->offset &&
         up + to->offset <= UINT32_MAX;
}

static uint32_t slot_of(const struct anchoring *a, LLVMValueRef value) {
  uint32_t slot = wa_hash_pointer(value) & a->mask;
  while (a->roots[slot] && a->roots[slot]->value != value) {
    slot = (slot + 1) & a->mask;
  }
  return slot;
}

static void grow_table(struct anchoring *a) {
  struct root **old = a->roots;
  uint32_t old_capacity = old ? a->mask + 1 : 0, capacity = old ? old_capacity * 2 : 64;
  a->roots = wa_ir_alloc(&a->arena, capacity, sizeof *a->roots);
  a->mask = capacity - 1;
  for (uint32_t i = 0; i < old_capacity; i++) {
    if (old[i]) {
      a->roots[slot_of(a, old[i]->value)] = old[i];
    }
  }
}

static struct root *find_root(struct anchoring *a, LLVMValueRef value) {
  if (!a->roots || a->root_count * 2 > a->mask) {
    grow_table(a);
  }
  uint32_t slot = slot_of(a, value);
  if (!a->roots[slot]) {
    a->roots[slot] = wa_ir_alloc(&a->arena, 1, sizeof **a->roots);
    a->roots[slot]->value = value;
    a->root_count++;
  }
  return a->roots[slot];
}

// Of the anchors that `place` can be reached from, the lowest: what shares it is together.
static const struct anchor *find_anchor(const struct anchoring *a, const struct root *root,
                                        const struct place *place, uint32_t block) {
  const struct anchor *best = NULL;
  uint32_t count = root->count < MAX_ANCHORS ? root->count : MAX_ANCHORS;
  for (uint32_t i = 0; i < count; i++) {
    const struct anchor *anchor = &root->anchors[i];
    if (!reaches(a, &anchor->place, place) || !wa_dominates(&a->dominators, anchor->block, block)) {
      continue;
    }
    if (!best || (uint32_t)(place->distance - anchor->place.distance) >
                     (uint32_t)(place->distance - best->place.distance)) {
      best = anchor;
    }
  }
  return best;
}

static void add_anchor(struct root *root, const struct place *place, LLVMValueRef pointer,
                       uint32_t block) {
  root->anchors[root->count++ % MAX_ANCHORS] = (struct anchor){*place, pointer, block};
}

static void rebase(struct anchoring *a, LLVMValueRef instr, const struct place *place,
                   const struct anchor *anchor) {
  uint64_t up = (uint32_t)(place->distance - anchor->place.distance);
  LLVMPositionBuilderBefore(a->ir->builder, instr);
  LLVMSetOperand(
      instr, (unsigned)wa_pointer_operand(instr),
      wa_ir_offset_nowrap(a->ir, anchor->pointer, wa_ir_const_i64(a->ir, up + place->offset)));
}

// ---- Accesses of which a lower one follows ----

static bool has_effect(LLVMValueRef instr) {
  switch (LLVMGetInstructionOpcode(instr)) {
  case LLVMStore:
  case LLVMFence:
  case LLVMAtomicRMW:
  case LLVMAtomicCmpXchg:
    return true;
  case LLVMCall: // records of loads are calls in older LLVM
    return !LLVMIsADbgInfoIntrinsic(instr);
  case LLVMLoad:
    return LLVMGetOrdering(instr) != LLVMAtomicOrderingNotAtomic;
  default:
    return LLVMIsATerminatorInst(instr) != NULL;
  }
}

// Finds the lowest access that happens whenever this load does, with nothing between them that
// anybody could see: then it is all the same which of the two traps.
static bool find_lower(const struct anchoring *a, LLVMValueRef load, const struct place *place,
                       struct place *lowest) {
  *lowest = *place;
  LLVMValueRef instr = LLVMGetNextInstruction(load);
  for (int i = 0; i < LOOK_AHEAD && instr && !has_effect(instr); i++) {
    struct place other;
    LLVMValueRef pointer;
    if (find_place(a, instr, &other, &pointer) && reaches(a, &other, place) &&
        (uint32_t)(place->distance - other.distance) >
            (uint32_t)(place->distance - lowest->distance)) {
      *lowest = other;
    }
    instr = LLVMGetNextInstruction(instr);
  }
  return lowest->distance != place->distance;
}

static LLVMValueRef build_pointer(struct anchoring *a, LLVMValueRef before,
                                  const struct place *place) {
  LLVMBuilderRef builder = a->ir->builder;
  LLVMPositionBuilderBefore(builder, before);
  LLVMValueRef sum =
      LLVMBuildAdd(builder, place->root, wa_ir_const_i32(a->ir, place->distance), "");
  LLVMValueRef wide = LLVMBuildZExt(builder, sum, a->ir->i64, "");
  return wa_ir_offset_nowrap(a->ir, place->base, wide);
}

// ---- The pass ----

static void visit(struct anchoring *a, LLVMValueRef instr, uint32_t block) {
  struct place place, lower;
  LLVMValueRef pointer;
  if (!find_place(a, instr, &place, &pointer)) {
    return;
  }
  struct root *root = find_root(a, place.root);
  const struct anchor *anchor = find_anchor(a, root, &place, block);
  if (!anchor && !has_effect(instr) && find_lower(a, instr, &place, &lower)) {
    add_anchor(root, &lower, build_pointer(a, instr, &lower), block);
    anchor = find_anchor(a, root, &place, block);
  }
  if (anchor) {
    rebase(a, instr, &place, anchor);
  } else {
    add_anchor(root, &place, pointer, block);
  }
}

void wa_anchor_addresses(struct wa_ir *ir, LLVMValueRef function) {
  struct anchoring a = {.ir = ir, .slack = wa_memory0_slack(ir)};
  if (a.slack == 0 || LLVMIsDeclaration(function)) {
    return;
  }
  a.ctx = LLVMGetParam(function, 0);
  wa_arena_init(&a.arena, 0);
  wa_dominators_init(&a.dominators, function, &a.arena);
  for (uint32_t block = 0; block < a.dominators.count; block++) {
    LLVMValueRef instr = LLVMGetFirstInstruction(a.dominators.blocks[block]);
    for (; instr; instr = LLVMGetNextInstruction(instr)) {
      visit(&a, instr, block);
    }
  }
  wa_arena_deinit(&a.arena);
}
