// Loads that stay behind the stores that come before them.
//
// The code generator looks for the first place where a load may be done. Stores are volatile when
// this runs, and keep their order among each other; but a load goes in front of one that it has no
// byte in common with. When it traps there, memory lacks the store.
//
// Shape: in one block, a guest's load behind a store that is not known to have a byte in common
//   with it (may_be_apart), such as one to the same place plus another constant, or to a global; or
//   behind a copy or fill that becomes stores.
// Preconditions: no pass follows. The load may trap although the store, or what came before it, did
//   not (may_hop): it ends further from the place that they have in common.
// Rewrite:
//     store volatile i32 %x, ptr %p        =>   store volatile i32 %x, ptr %p
//     %y = load i32, ptr %p+4                   call void asm sideeffect "", "~{memory}"()
//                                               %y = load i32, ptr %p+4
// Right when the guest traps, wraps, aliases or races: the assembly is no instruction. The code
//   generator leaves on either side of it what stands there.
// If wrong: memory lacks a store that comes before a trap; still inside the reservation.
#include "compiler/ir/address.h"
#include "compiler/repair/repair.h"

// The bytes of an access.
struct spot {
  struct wa_address address;
  int64_t start, end; // behind its root and index
};

// An access that has come before in the block.
struct passed {
  struct spot spot;
  bool is_store, is_guests;
};

enum { MOST_PASSED = 256 };

struct passing {
  struct wa_ir *ir;
  LLVMTargetDataRef layout;
  struct passed of[MOST_PASSED];
  uint32_t count;
  uint32_t open; // the first that a load could still be moved in front of
};

static struct spot spot_of(const struct passing *p, LLVMValueRef address, LLVMTypeRef type) {
  struct spot spot = {.address = wa_take_apart(p->ir, address, false)};
  spot.start = spot.address.constant;
  spot.end = spot.start + (int64_t)LLVMStoreSizeOfType(p->layout, type);
  return spot;
}

static bool is_beside(const struct spot *a, const struct spot *b) {
  return a->address.root == b->address.root && a->address.index == b->address.index;
}

// Whether the code generator may find that a load and a store that came before have no byte in
// common. It finds more than is seen here: sums of different spelling that are equal, and indices
// that never are.
static bool may_be_apart(const struct spot *load, const struct passed *store) {
  return !store->is_guests || !is_beside(load, &store->spot) || load->start >= store->spot.end ||
         load->end <= store->spot.start;
}

// Whether a load may come in front of a store that is done before its trap. Not when it cannot trap
// then: the store, or what came before, ends no less far from the same place.
static bool may_hop(const struct passing *p, const struct spot *load) {
  bool is_covered = false;
  for (uint32_t i = 0; i < p->count && !is_covered; i++) {
    const struct passed *other = &p->of[i];
    is_covered = other->is_guests && is_beside(load, &other->spot) && !load->address.may_wrap &&
                 !other->spot.address.may_wrap && other->spot.end >= load->end && load->start >= 0;
    if (!is_covered && i >= p->open && other->is_store && may_be_apart(load, other)) {
      return true;
    }
  }
  return false;
}

static void keep_apart(struct passing *p, LLVMValueRef instr) {
  LLVMPositionBuilderBefore(p->ir->builder, instr);
  wa_ir_emit_barrier(p->ir);
  p->count = p->count == MOST_PASSED ? 0 : p->count;
  p->open = p->count;
}

static void pass_by(struct passing *p, LLVMValueRef instr) {
  bool is_store = LLVMIsAStoreInst(instr) != NULL;
  LLVMTypeRef type = LLVMTypeOf(is_store ? LLVMGetOperand(instr, 0) : instr);
  struct passed passed = {
      .spot = spot_of(p, LLVMGetOperand(instr, is_store ? 1 : 0), type),
      .is_store = is_store,
      .is_guests = wa_ir_may_be_guests(p->ir, instr),
  };
  if (p->count == MOST_PASSED || (!is_store && passed.is_guests && may_hop(p, &passed.spot))) {
    keep_apart(p, instr);
  }
  if (is_store || passed.is_guests) {
    p->of[p->count++] = passed;
  }
}

// A short copy or fill becomes stores, of which nothing is known here.
static void pass_bulk(struct passing *p, LLVMValueRef instr) {
  if (p->count == MOST_PASSED) {
    keep_apart(p, instr);
  }
  p->of[p->count++] = (struct passed){.is_store = true};
}

// The code generator does a load before a store that it has no byte in common with, though not
// beyond an empty assembly, which is no instruction.
static void keep_behind_stores(struct passing *p, LLVMBasicBlockRef block) {
  p->count = p->open = 0;
  for (LLVMValueRef instr = LLVMGetFirstInstruction(block); instr;
       instr = LLVMGetNextInstruction(instr)) {
    bool is_access = LLVMIsALoadInst(instr) || LLVMIsAStoreInst(instr);
    if (is_access && !LLVMIsAAllocaInst(LLVMGetOperand(instr, LLVMIsAStoreInst(instr) ? 1 : 0))) {
      pass_by(p, instr);
    } else if (LLVMIsAMemIntrinsic(instr)) {
      pass_bulk(p, instr);
    } else if (LLVMIsACallInst(instr) && LLVMGetIntrinsicID(LLVMGetCalledValue(instr)) == 0) {
      p->open = p->count;
    }
  }
}

void wa_order_loads(struct wa_ir *ir, LLVMValueRef function) {
  struct passing passing = {.ir = ir, .layout = LLVMGetModuleDataLayout(ir->llvm)};
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    keep_behind_stores(&passing, block);
  }
}
