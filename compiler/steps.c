// Loops that step through memory by as much as what they read says.
//
// In `p += *p == '\\' ? 2 : 1` the next load waits for a sum of 32 bits, which may wrap, and only
// then for the memory's base to be added, where native code adds the step in the load. But when p
// has been accessed in the turn before, it is below the memory's size, and p + 2 does not wrap
// where no memory reaches up to 4 GiB. So base + zext(p + step) becomes (base + zext(p)) +
// zext(step), whose first part does not wait for the load before.
//
// Were the reasoning wrong, the address would still be below 4 GiB plus a small step: nothing here
// can leave the sandbox. So p stays a counter of 32 bits.
#include "lower.h"

#include "dominators.h"

enum {
  MAX_STEP = 4096,
  MAX_PARTS = 4, // of a sum
  MAX_DEPTH = 4, // of what a part is made of
  NO_BOUND = MAX_STEP + 1,
};

struct stepping {
  struct wa_lower *lower;
  struct wa_dominators dominators;
  LLVMValueRef ctx;
  struct wa_arena arena;
};

// A phi of a loop's header and what it grows by.
struct walk {
  LLVMValueRef phi, start, next;
  uint32_t preheader;
  LLVMValueRef parts[MAX_PARTS];
  uint32_t part_count;
};

// ---- How far a step goes ----

static uint64_t at_most(uint64_t bound) {
  return bound < NO_BOUND ? bound : NO_BOUND;
}

// The greatest value that an integer may have, or NO_BOUND.
static uint64_t bound_of(LLVMValueRef value, int depth) {
  if (LLVMIsAConstantInt(value))
    return at_most(LLVMConstIntGetZExtValue(value));
  if (!LLVMIsAInstruction(value) || depth == 0)
    return NO_BOUND;
  uint64_t left, right;
  unsigned width;
  switch (LLVMGetInstructionOpcode(value)) {
  case LLVMZExt:
    width = LLVMGetIntTypeWidth(LLVMTypeOf(LLVMGetOperand(value, 0)));
    return width <= 8 ? (UINT64_C(1) << width) - 1 : NO_BOUND;
  case LLVMAnd:
    return bound_of(LLVMGetOperand(value, 1), 1);
  case LLVMSelect:
    left = bound_of(LLVMGetOperand(value, 1), depth - 1);
    right = bound_of(LLVMGetOperand(value, 2), depth - 1);
    return left > right ? left : right;
  case LLVMAdd:
    left = bound_of(LLVMGetOperand(value, 0), depth - 1);
    right = bound_of(LLVMGetOperand(value, 1), depth - 1);
    return at_most(left + right);
  default:
    return NO_BOUND;
  }
}

// Takes a sum of the phi, once, and parts that are small.
static bool split(struct walk *walk, LLVMValueRef sum, bool *has_phi) {
  if (sum == walk->phi && !*has_phi)
    return *has_phi = true;
  if (walk->part_count < MAX_PARTS && bound_of(sum, MAX_DEPTH) < NO_BOUND) {
    walk->parts[walk->part_count++] = sum;
    return true;
  }
  return LLVMIsABinaryOperator(sum) && LLVMGetInstructionOpcode(sum) == LLVMAdd &&
         split(walk, LLVMGetOperand(sum, 0), has_phi) &&
         split(walk, LLVMGetOperand(sum, 1), has_phi);
}

static bool is_small(const struct walk *walk) {
  uint64_t sum = 0;
  bool is_constant = true;
  for (uint32_t i = 0; i < walk->part_count; i++) {
    sum += bound_of(walk->parts[i], MAX_DEPTH);
    is_constant &= LLVMIsAConstantInt(walk->parts[i]) != NULL;
  }
  return sum <= MAX_STEP && !is_constant;
}

// ---- What was accessed ----

static uint32_t block_of(const struct stepping *s, LLVMValueRef instr) {
  return wa_dominators_number(&s->dominators, LLVMGetInstructionParent(instr));
}

// Whether who comes from `block` has accessed memory `least` bytes above the pointer or higher.
static bool is_accessed(const struct stepping *s, LLVMValueRef pointer, uint64_t least,
                        uint32_t block) {
  for (LLVMUseRef use = LLVMGetFirstUse(pointer); use; use = LLVMGetNextUse(use)) {
    LLVMValueRef user = LLVMGetUser(use);
    if (!LLVMIsAInstruction(user))
      continue;
    if (wa_is_offset(user) && LLVMGetOperand(user, 0) == pointer &&
        LLVMIsAConstantInt(LLVMGetOperand(user, 1))) {
      uint64_t up = LLVMConstIntGetZExtValue(LLVMGetOperand(user, 1));
      if (up <= UINT32_MAX && is_accessed(s, user, up < least ? least - up : 0, block))
        return true;
      continue;
    }
    int operand = wa_pointer_operand(user);
    if (operand < 0 || LLVMGetOperand(user, (unsigned)operand) != pointer || least > 0)
      continue;
    uint32_t where = block_of(s, user);
    if (where != WA_NO_BLOCK && wa_dominates(&s->dominators, where, block))
      return true;
  }
  return false;
}

// The same for the address base + zext(value).
static bool is_index_accessed(const struct stepping *s, LLVMValueRef value, uint64_t least,
                              uint32_t block) {
  if (!LLVMIsAInstruction(value) && !LLVMIsAArgument(value))
    return false; // constants do not know their uses
  for (LLVMUseRef use = LLVMGetFirstUse(value); use; use = LLVMGetNextUse(use)) {
    LLVMValueRef wide = LLVMGetUser(use);
    if (!LLVMIsAZExtInst(wide) || LLVMTypeOf(wide) != s->lower->i64)
      continue;
    for (LLVMUseRef other = LLVMGetFirstUse(wide); other; other = LLVMGetNextUse(other)) {
      LLVMValueRef pointer = LLVMGetUser(other);
      if (wa_is_offset(pointer) && LLVMGetOperand(pointer, 1) == wide &&
          wa_is_memory0_base(s->lower, s->ctx, LLVMGetOperand(pointer, 0)) &&
          is_accessed(s, pointer, least, block))
        return true;
    }
  }
  return false;
}

// p was accessed if p or, for p = q + c, something at q + c or above was.
static bool is_start_accessed(const struct stepping *s, const struct walk *walk) {
  LLVMValueRef start = walk->start;
  if (LLVMIsAInstruction(start) && LLVMGetInstructionOpcode(start) == LLVMAdd &&
      LLVMIsAConstantInt(LLVMGetOperand(start, 1)) &&
      is_index_accessed(s, LLVMGetOperand(start, 0),
                        LLVMConstIntGetZExtValue(LLVMGetOperand(start, 1)), walk->preheader))
    return true;
  return is_index_accessed(s, start, 0, walk->preheader);
}

// ---- The pass ----

// Takes a phi for a walk that can be rewritten; false when it is none.
static bool find_walk(const struct stepping *s, LLVMValueRef phi, struct walk *walk) {
  if (LLVMTypeOf(phi) != s->lower->i32 || LLVMCountIncoming(phi) != 2)
    return false;
  uint32_t from[2];
  for (unsigned i = 0; i < 2; i++)
    from[i] = wa_dominators_number(&s->dominators, LLVMGetIncomingBlock(phi, i));
  uint32_t header = block_of(s, phi);
  if (from[0] == WA_NO_BLOCK || from[1] == WA_NO_BLOCK)
    return false;
  bool first_is_latch = wa_dominates(&s->dominators, header, from[0]);
  if (first_is_latch == wa_dominates(&s->dominators, header, from[1]))
    return false;
  *walk = (struct walk){
      .phi = phi,
      .start = LLVMGetIncomingValue(phi, first_is_latch),
      .next = LLVMGetIncomingValue(phi, !first_is_latch),
      .preheader = from[first_is_latch],
  };
  bool has_phi = false;
  return LLVMIsABinaryOperator(walk->next) && split(walk, walk->next, &has_phi) && has_phi &&
         is_small(walk) && is_index_accessed(s, walk->next, 0, from[!first_is_latch]) &&
         is_start_accessed(s, walk);
}

// The value of a part in 64 bits.
static LLVMValueRef widen(struct wa_lower *lower, LLVMValueRef part) {
  if (LLVMIsAConstantInt(part))
    return wa_lower_const_i64(lower, LLVMConstIntGetZExtValue(part));
  if (LLVMIsASelectInst(part) && LLVMIsAConstantInt(LLVMGetOperand(part, 1)) &&
      LLVMIsAConstantInt(LLVMGetOperand(part, 2)))
    return LLVMBuildSelect(lower->builder, LLVMGetOperand(part, 0),
                           widen(lower, LLVMGetOperand(part, 1)),
                           widen(lower, LLVMGetOperand(part, 2)), "");
  return LLVMBuildZExt(lower->builder, part, lower->i64, "");
}

// Computes the step in 64 bits, and the next counter from that.
static LLVMValueRef rebuild(struct wa_lower *lower, struct walk *walk) {
  LLVMPositionBuilderBefore(lower->builder, walk->next);
  LLVMValueRef step = widen(lower, walk->parts[0]);
  for (uint32_t i = 1; i < walk->part_count; i++)
    step = LLVMBuildAdd(lower->builder, step, widen(lower, walk->parts[i]), "");
  LLVMValueRef narrow = LLVMBuildTrunc(lower->builder, step, lower->i32, "");
  LLVMValueRef next = LLVMBuildAdd(lower->builder, walk->phi, narrow, "");
  LLVMReplaceAllUsesWith(walk->next, next);
  LLVMInstructionEraseFromParent(walk->next);
  walk->next = next;
  return step;
}

static void move_address(struct wa_lower *lower, const struct walk *walk, LLVMValueRef pointer,
                         LLVMValueRef step) {
  LLVMValueRef place = walk->phi;
  while (LLVMIsAPHINode(place))
    place = LLVMGetNextInstruction(place);
  LLVMPositionBuilderBefore(lower->builder, place);
  LLVMValueRef wide = LLVMBuildZExt(lower->builder, walk->phi, lower->i64, "");
  LLVMValueRef here = wa_lower_offset_nowrap(lower, LLVMGetOperand(pointer, 0), wide);
  LLVMPositionBuilderBefore(lower->builder, pointer);
  LLVMReplaceAllUsesWith(pointer, wa_lower_offset_nowrap(lower, here, step));
}

// What this leaves without a use, instruction selection passes over.
static void split_step(struct wa_lower *lower, LLVMValueRef ctx, struct walk *walk) {
  LLVMValueRef step = rebuild(lower, walk);
  for (LLVMUseRef use = LLVMGetFirstUse(walk->next); use; use = LLVMGetNextUse(use)) {
    LLVMValueRef wide = LLVMGetUser(use);
    if (!LLVMIsAZExtInst(wide) || LLVMTypeOf(wide) != lower->i64)
      continue;
    for (LLVMUseRef other = LLVMGetFirstUse(wide); other; other = LLVMGetNextUse(other)) {
      LLVMValueRef pointer = LLVMGetUser(other);
      if (wa_is_offset(pointer) && LLVMGetOperand(pointer, 1) == wide &&
          wa_is_memory0_base(lower, ctx, LLVMGetOperand(pointer, 0)))
        move_address(lower, walk, pointer, step);
    }
  }
}

void wa_split_steps(struct wa_lower *lower, LLVMValueRef function) {
  if (wa_memory0_slack(lower->module) == 0 || LLVMIsDeclaration(function))
    return;
  struct stepping s = {.lower = lower, .ctx = LLVMGetParam(function, 0)};
  wa_arena_init(&s.arena, 0);
  wa_dominators_init(&s.dominators, function, &s.arena);
  for (uint32_t block = 0; block < s.dominators.count; block++)
    for (LLVMValueRef phi = LLVMGetFirstInstruction(s.dominators.blocks[block]);
         phi && LLVMIsAPHINode(phi); phi = LLVMGetNextInstruction(phi)) {
      struct walk walk;
      if (find_walk(&s, phi, &walk))
        split_step(lower, s.ctx, &walk);
    }
  wa_arena_deinit(&s.arena);
}
