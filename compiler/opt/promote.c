// Addresses that live in registers as they are needed: with 64 bits.
//
// A wasm pointer is a number of 32 bits, and every access extends it. LLVM shares extensions among
// blocks, so a pointer that lives across blocks lives twice, as it is and extended, in two
// registers that are both copied where control flows together.
//
// Shape: an i32 whose zext to i64 stands in another block, or a phi of i32 that has a zext.
// Preconditions: x86-64, where an instruction of 32 bits clears the upper half, so that the zext
//   beside it costs nothing; the last passes: no other knows phis of this kind.
// Rewrite: one zext where the value is defined, phis of i64, and each other block truncates.
//     %p = phi i32 [ %a, %x ], [ %q, %y ]     %p64 = phi i64 [ %a64, %x ], [ %q64, %y ]
//     %p64 = zext i32 %p to i64          =>   %p = trunc i64 %p64 to i32
//     %q = add i32 %p, 4                      %q = add i32 %p, 4
//                                             %q64 = zext i32 %q to i64
// Right when the guest
//   wraps: sums are still of 32 bits, and each is extended behind what computes it.
//   traps, aliases or races: no access is moved, merged or dropped.
// If wrong: an address is another number of 32 bits. It has no more of them, for what enters a phi
//   of 64 bits is a zext, a constant of 32 bits or another such phi.
#include "compiler/opt/opt.h"

#include "compiler/ir/dominators.h"

#include <elf.h>

// A number of 32 bits that is to be had with 64.
struct number {
  LLVMValueRef narrow, wide;
  bool is_phi;        // becomes one of 64 bits
  uint32_t first_use; // an index into uses, plus 1
};

// An operand that is a number.
struct use {
  LLVMValueRef user;
  unsigned operand;
  uint32_t next; // of the same number, like first_use
};

struct promotion {
  struct wa_ir *ir;
  struct wa_dominators dominators;
  struct wa_arena arena;
  struct number *numbers;
  uint32_t count, capacity;
  uint32_t *slots; // a hash table of indices into numbers, plus 1
  uint32_t mask;
  struct use *uses;
  uint32_t use_count;
  LLVMValueRef *truncs; // per block: what the number at hand is there, and which that is
  uint32_t *trunc_of;
};

// ---- Which numbers ----

static uint32_t slot_of(const struct promotion *p, LLVMValueRef value) {
  uint32_t slot = wa_hash_pointer(value) & p->mask;
  while (p->slots[slot] && p->numbers[p->slots[slot] - 1].narrow != value) {
    slot = (slot + 1) & p->mask;
  }
  return slot;
}

static struct number *find(const struct promotion *p, LLVMValueRef value) {
  uint32_t found = p->count ? p->slots[slot_of(p, value)] : 0;
  return found ? &p->numbers[found - 1] : NULL;
}

static void grow(struct promotion *p) {
  uint32_t capacity = p->capacity ? p->capacity * 2 : 64;
  struct number *numbers = wa_ir_alloc(&p->arena, capacity, sizeof *numbers);
  for (uint32_t i = 0; i < p->count; i++) {
    numbers[i] = p->numbers[i];
  }
  p->numbers = numbers;
  p->capacity = capacity;
  p->mask = capacity * 2 - 1;
  p->slots = wa_ir_alloc(&p->arena, capacity * 2, sizeof *p->slots);
  for (uint32_t i = 0; i < p->count; i++) {
    p->slots[slot_of(p, numbers[i].narrow)] = i + 1;
  }
}

static void add(struct promotion *p, LLVMValueRef value, bool is_phi) {
  if (p->count == p->capacity) {
    grow(p);
  }
  uint32_t slot = slot_of(p, value);
  if (!p->slots[slot]) {
    p->numbers[p->count++] = (struct number){.narrow = value, .is_phi = is_phi};
    p->slots[slot] = p->count;
  }
}

// Behind the result of an invoke there is no place for a zext that every edge passes.
static bool can_promote(LLVMValueRef phi) {
  for (unsigned i = 0; i < LLVMCountIncoming(phi); i++) {
    if (LLVMIsATerminatorInst(LLVMGetIncomingValue(phi, i))) {
      return false;
    }
  }
  return true;
}

static void add_value(struct promotion *p, LLVMValueRef value) {
  if (!LLVMIsAConstant(value) && !find(p, value)) {
    add(p, value, LLVMIsAPHINode(value) && can_promote(value));
  }
}

static LLVMValueRef extended(const struct promotion *p, LLVMValueRef instr) {
  if (LLVMIsAZExtInst(instr) && LLVMTypeOf(instr) == p->ir->i64) {
    LLVMValueRef value = LLVMGetOperand(instr, 0);
    return LLVMTypeOf(value) == p->ir->i32 && !LLVMIsAConstant(value) ? value : NULL;
  }
  return NULL;
}

static LLVMBasicBlockRef block_of(LLVMValueRef value) {
  return LLVMIsAInstruction(value) ? LLVMGetInstructionParent(value)
                                   : LLVMGetEntryBasicBlock(LLVMGetParamParent(value));
}

static void collect(struct promotion *p) {
  for (uint32_t b = 0; b < p->dominators.count; b++) {
    LLVMBasicBlockRef block = p->dominators.blocks[b];
    LLVMValueRef instr = LLVMGetFirstInstruction(block);
    for (; instr; instr = LLVMGetNextInstruction(instr)) {
      LLVMValueRef value = extended(p, instr);
      if (value && !LLVMIsATerminatorInst(value) &&
          (LLVMIsAPHINode(value) || block_of(value) != block)) {
        add_value(p, value);
      }
    }
  }
  for (uint32_t i = 0; i < p->count; i++) {
    LLVMValueRef phi = p->numbers[i].narrow;
    for (unsigned k = 0; p->numbers[i].is_phi && k < LLVMCountIncoming(phi); k++) {
      add_value(p, LLVMGetIncomingValue(phi, k));
    }
  }
}

// ---- What they become ----

static LLVMValueRef first_behind_phis(LLVMBasicBlockRef block) {
  LLVMValueRef instr = LLVMGetFirstInstruction(block);
  while (LLVMIsAPHINode(instr) || LLVMIsALandingPadInst(instr)) {
    instr = LLVMGetNextInstruction(instr);
  }
  return instr;
}

static void build_wide(struct promotion *p, struct number *number) {
  LLVMValueRef value = number->narrow;
  if (number->is_phi) {
    LLVMPositionBuilderBefore(p->ir->builder, value);
    number->wide = LLVMBuildPhi(p->ir->builder, p->ir->i64, "");
    return;
  }
  bool is_inside = LLVMIsAInstruction(value) && !LLVMIsAPHINode(value);
  LLVMPositionBuilderBefore(p->ir->builder, is_inside ? LLVMGetNextInstruction(value)
                                                      : first_behind_phis(block_of(value)));
  number->wide = LLVMBuildZExt(p->ir->builder, value, p->ir->i64, "");
}

static void fill_phi(struct promotion *p, const struct number *number) {
  for (unsigned i = 0; number->is_phi && i < LLVMCountIncoming(number->narrow); i++) {
    LLVMValueRef value = LLVMGetIncomingValue(number->narrow, i);
    LLVMBasicBlockRef from = LLVMGetIncomingBlock(number->narrow, i);
    LLVMPositionBuilderBefore(p->ir->builder, LLVMGetBasicBlockTerminator(from));
    LLVMValueRef wide = LLVMIsAConstant(value)
                            ? LLVMBuildZExt(p->ir->builder, value, p->ir->i64, "")
                            : find(p, value)->wide;
    LLVMAddIncoming(number->wide, &wide, &from, 1);
  }
}

// Counts the uses of all numbers, and lists them when there is room. Not by LLVM's own lists: a
// value may be very many operands of one phi.
static void list_uses(struct promotion *p) {
  p->use_count = 0;
  for (uint32_t b = 0; b < p->dominators.count; b++) {
    LLVMValueRef instr = LLVMGetFirstInstruction(p->dominators.blocks[b]);
    for (; instr; instr = LLVMGetNextInstruction(instr)) {
      const struct number *phi = LLVMIsAPHINode(instr) ? find(p, instr) : NULL;
      unsigned count = phi && phi->is_phi ? 0 : (unsigned)LLVMGetNumOperands(instr);
      for (unsigned i = 0; i < count; i++) {
        struct number *number = find(p, LLVMGetOperand(instr, i));
        if (number && instr != number->wide && p->uses) {
          p->uses[p->use_count] = (struct use){instr, i, number->first_use};
          number->first_use = p->use_count + 1;
        }
        p->use_count += number && instr != number->wide;
      }
    }
  }
}

// The number in a block where it is not defined, or at the start of the phi's.
static LLVMValueRef narrow_in(struct promotion *p, uint32_t i, LLVMBasicBlockRef block) {
  uint32_t b = wa_dominators_number(&p->dominators, block);
  if (p->trunc_of[b] != i + 1) {
    LLVMPositionBuilderBefore(p->ir->builder, first_behind_phis(block));
    p->truncs[b] = LLVMBuildTrunc(p->ir->builder, p->numbers[i].wide, p->ir->i32, "");
    p->trunc_of[b] = i + 1;
  }
  return p->truncs[b];
}

static void replace_use(struct promotion *p, uint32_t i, const struct use *use) {
  const struct number *number = &p->numbers[i];
  if (extended(p, use->user)) {
    LLVMReplaceAllUsesWith(use->user, number->wide);
    LLVMInstructionEraseFromParent(use->user);
    return;
  }
  LLVMBasicBlockRef block = LLVMIsAPHINode(use->user)
                                ? LLVMGetIncomingBlock(use->user, use->operand)
                                : LLVMGetInstructionParent(use->user);
  if (number->is_phi || block != block_of(number->narrow)) {
    LLVMSetOperand(use->user, use->operand, narrow_in(p, i, block));
  }
}

static void replace_uses(struct promotion *p, uint32_t i) {
  const struct number *number = &p->numbers[i];
  for (uint32_t next = number->first_use; next; next = p->uses[next - 1].next) {
    replace_use(p, i, &p->uses[next - 1]);
  }
  // What is left are phis that go, and debug info.
  if (number->is_phi) {
    LLVMReplaceAllUsesWith(number->narrow, narrow_in(p, i, block_of(number->narrow)));
  }
}

static void rewrite(struct promotion *p) {
  for (uint32_t i = 0; i < p->count; i++) {
    build_wide(p, &p->numbers[i]);
  }
  for (uint32_t i = 0; i < p->count; i++) {
    fill_phi(p, &p->numbers[i]);
  }
  list_uses(p);
  p->uses = wa_ir_alloc(&p->arena, p->use_count, sizeof *p->uses);
  list_uses(p);
  p->truncs = wa_ir_alloc(&p->arena, p->dominators.count, sizeof(LLVMValueRef));
  p->trunc_of = wa_ir_alloc(&p->arena, p->dominators.count, sizeof(uint32_t));
  for (uint32_t i = 0; i < p->count; i++) {
    replace_uses(p, i);
  }
  for (uint32_t i = 0; i < p->count; i++) {
    if (p->numbers[i].is_phi) {
      LLVMInstructionEraseFromParent(p->numbers[i].narrow);
    }
  }
}

void wa_promote_addresses(struct wa_ir *ir, LLVMValueRef function) {
  if (!wa_target_is(ir->target, EM_X86_64, 0) || LLVMIsDeclaration(function)) {
    return;
  }
  struct promotion p = {.ir = ir};
  wa_arena_init(&p.arena, 0);
  wa_dominators_init(&p.dominators, function, &p.arena);
  if (p.dominators.count == LLVMCountBasicBlocks(function)) {
    collect(&p);
    if (p.count) {
      rewrite(&p);
    }
  }
  wa_arena_deinit(&p.arena);
}
