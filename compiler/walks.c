// Loops that step through memory at several addresses, with one counter for all of them.
//
// A producer that gives every array its own 32-bit pointer, or adds a counter to every array's
// start, leaves LLVM with as many sums that may wrap, and none may be taken for another plus a
// distance. But where a step is small and every address is accessed before it is stepped, it cannot
// have wrapped: the access would have trapped, as no memory reaches up to 4 GiB. So base +
// zext(start
// + counter) becomes (base + zext(start)) + zext(counter), whose first part is computed before the
// loop and whose second the addresses share.
//
// Were the reasoning wrong, the address would still be below 8 GiB plus a small offset, which the
// reservation of a memory has room for: nothing here can leave the sandbox.
#include "lower.h"

#include "dominators.h"

enum {
  MAX_STEP = 4096,
  MAX_OFFSET = WA_MEMORY32_GUARD / 2, // of an access, its size comes on top
  MAX_WALKS = 64,                     // in a loop
  MAX_SPAN = 256,                     // blocks between a loop's header and its latch
  MAX_DEPTH = 6,                      // of a sum
};

// base + zext(sum), where the sum is that of a phi and of values that the loop does not change.
struct walk {
  LLVMValueRef pointer, sum, phi;
};

struct loop {
  struct wa_lower *lower;
  const struct wa_dominators *dominators;
  LLVMValueRef ctx;
  uint32_t header, latch, preheader; // indices of blocks
  struct walk walks[MAX_WALKS];
  uint32_t walk_count;
};

// ---- Finding ----

static bool is_available(const struct loop *loop, LLVMValueRef value) {
  if (!LLVMIsAInstruction(value))
    return true;
  uint32_t block = wa_dominators_number(loop->dominators, LLVMGetInstructionParent(value));
  return block != WA_NO_BLOCK && wa_dominates(loop->dominators, block, loop->preheader);
}

static bool is_header(const struct loop *loop, LLVMBasicBlockRef block) {
  return loop->dominators->blocks[loop->header] == block;
}

// What the phi has when the loop is entered, or what it gets from a turn.
static LLVMValueRef incoming(const struct loop *loop, LLVMValueRef phi, uint32_t from) {
  bool is_second = LLVMGetIncomingBlock(phi, 1) == loop->dominators->blocks[from];
  return LLVMGetIncomingValue(phi, is_second);
}

// What a 32-bit phi of the header grows by in each turn, or 0.
static uint32_t step_of(const struct loop *loop, LLVMValueRef phi) {
  if (!is_header(loop, LLVMGetInstructionParent(phi)) || LLVMTypeOf(phi) != loop->lower->i32)
    return 0;
  LLVMValueRef constant = wa_step_of(phi, incoming(loop, phi, loop->latch));
  uint64_t step = constant ? LLVMConstIntGetZExtValue(constant) : 0;
  return step <= MAX_STEP ? (uint32_t)step : 0;
}

// Whether a sum has one phi that steps, which it takes, and otherwise what the loop does not
// change.
static bool find_phi(const struct loop *loop, LLVMValueRef sum, int depth, LLVMValueRef *phi) {
  if (is_available(loop, sum))
    return true;
  if (depth == MAX_DEPTH)
    return false;
  if (LLVMIsAPHINode(sum)) {
    if (*phi || !step_of(loop, sum))
      return false;
    *phi = sum;
    return true;
  }
  LLVMOpcode opcode = LLVMGetInstructionOpcode(sum);
  if (opcode == LLVMAdd)
    return find_phi(loop, LLVMGetOperand(sum, 0), depth + 1, phi) &&
           find_phi(loop, LLVMGetOperand(sum, 1), depth + 1, phi);
  return opcode == LLVMSub && is_available(loop, LLVMGetOperand(sum, 1)) &&
         find_phi(loop, LLVMGetOperand(sum, 0), depth + 1, phi);
}

// Whether all uses of a pointer are accesses at a small offset, and one of them is made in every
// turn.
static bool is_accessed(const struct loop *loop, LLVMValueRef pointer, uint64_t offset,
                        bool *in_every_turn) {
  for (LLVMUseRef use = LLVMGetFirstUse(pointer); use; use = LLVMGetNextUse(use)) {
    LLVMValueRef user = LLVMGetUser(use);
    if (wa_is_offset(user) && offset == 0 && LLVMIsAConstantInt(LLVMGetOperand(user, 1))) {
      uint64_t more = LLVMConstIntGetZExtValue(LLVMGetOperand(user, 1));
      if (more == 0 || more > MAX_OFFSET || !is_accessed(loop, user, more, in_every_turn))
        return false;
      continue;
    }
    int operand = wa_pointer_operand(user);
    if (operand < 0 || LLVMGetOperand(user, (unsigned)operand) != pointer ||
        (operand == 1 && LLVMGetOperand(user, 0) == pointer))
      return false;
    uint32_t block = wa_dominators_number(loop->dominators, LLVMGetInstructionParent(user));
    *in_every_turn |= block != WA_NO_BLOCK && wa_dominates(loop->dominators, block, loop->latch);
  }
  return true;
}

static void visit(struct loop *loop, LLVMValueRef pointer) {
  if (!wa_is_offset(pointer) || loop->walk_count == MAX_WALKS)
    return;
  LLVMValueRef base = LLVMGetOperand(pointer, 0), index = LLVMGetOperand(pointer, 1);
  if (!wa_is_memory0_base(loop->lower, loop->ctx, base) || !is_available(loop, base) ||
      !LLVMIsAZExtInst(index))
    return;
  struct walk walk = {.pointer = pointer, .sum = LLVMGetOperand(index, 0)};
  bool in_every_turn = false;
  if (LLVMTypeOf(walk.sum) == loop->lower->i32 && find_phi(loop, walk.sum, 0, &walk.phi) &&
      walk.phi && is_accessed(loop, pointer, 0, &in_every_turn) && in_every_turn)
    loop->walks[loop->walk_count++] = walk;
}

static bool find_walks(struct loop *loop) {
  const struct wa_dominators *d = loop->dominators;
  for (uint32_t block = loop->header; block <= loop->latch; block++)
    if (wa_dominates(d, loop->header, block) && wa_dominates(d, block, loop->latch))
      for (LLVMValueRef i = LLVMGetFirstInstruction(d->blocks[block]); i;
           i = LLVMGetNextInstruction(i))
        visit(loop, i);
  return loop->walk_count > 1;
}

// ---- Joining ----

// Builds the value that a sum has in the first turn.
static LLVMValueRef build_start(const struct loop *loop, LLVMValueRef sum) {
  LLVMBuilderRef builder = loop->lower->builder;
  if (is_available(loop, sum))
    return sum;
  if (LLVMIsAPHINode(sum))
    return incoming(loop, sum, loop->preheader);
  LLVMValueRef left = build_start(loop, LLVMGetOperand(sum, 0));
  LLVMValueRef right = build_start(loop, LLVMGetOperand(sum, 1));
  return LLVMBuildBinOp(builder, LLVMGetInstructionOpcode(sum), left, right, "");
}

static LLVMValueRef build_counter(const struct loop *loop, uint32_t step) {
  struct wa_lower *lower = loop->lower;
  LLVMBasicBlockRef header = loop->dominators->blocks[loop->header];
  LLVMBasicBlockRef latch = loop->dominators->blocks[loop->latch];
  LLVMPositionBuilderBefore(lower->builder, LLVMGetFirstInstruction(header));
  LLVMValueRef phi = LLVMBuildPhi(lower->builder, lower->i32, "");
  LLVMPositionBuilderBefore(lower->builder, LLVMGetBasicBlockTerminator(latch));
  LLVMValueRef next = LLVMBuildAdd(lower->builder, phi, wa_lower_const_i32(lower, step), "");
  LLVMValueRef values[] = {wa_lower_const_i32(lower, 0), next};
  LLVMBasicBlockRef blocks[] = {loop->dominators->blocks[loop->preheader], latch};
  LLVMAddIncoming(phi, values, blocks, 2);
  return phi;
}

static void join(struct loop *loop, struct walk *walk, LLVMValueRef counter) {
  struct wa_lower *lower = loop->lower;
  LLVMBasicBlockRef preheader = loop->dominators->blocks[loop->preheader];
  LLVMPositionBuilderBefore(lower->builder, LLVMGetBasicBlockTerminator(preheader));
  LLVMValueRef start = LLVMBuildZExt(lower->builder, build_start(loop, walk->sum), lower->i64, "");
  LLVMValueRef first = wa_lower_offset_nowrap(lower, LLVMGetOperand(walk->pointer, 0), start);
  LLVMPositionBuilderBefore(lower->builder, walk->pointer);
  LLVMValueRef wide = LLVMBuildZExt(lower->builder, counter, lower->i64, "");
  LLVMReplaceAllUsesWith(walk->pointer, wa_lower_offset_nowrap(lower, first, wide));
}

// Expresses phis that begin with a constant by the counter: what ends the loop is often one.
static void replace_phis(struct loop *loop, LLVMValueRef counter, uint32_t step) {
  struct wa_lower *lower = loop->lower;
  LLVMBasicBlockRef header = loop->dominators->blocks[loop->header];
  LLVMValueRef other = LLVMGetFirstInstruction(header);
  while (LLVMIsAPHINode(other))
    other = LLVMGetNextInstruction(other);
  for (LLVMValueRef phi = LLVMGetFirstInstruction(header); LLVMIsAPHINode(phi);
       phi = LLVMGetNextInstruction(phi)) {
    if (phi == counter || step_of(loop, phi) != step)
      continue;
    LLVMValueRef start = incoming(loop, phi, loop->preheader);
    if (!LLVMIsAConstantInt(start))
      continue;
    LLVMPositionBuilderBefore(lower->builder, other);
    LLVMReplaceAllUsesWith(phi, LLVMBuildAdd(lower->builder, counter, start, ""));
  }
}

static bool has_two_sums(const struct loop *loop, uint32_t step) {
  LLVMValueRef sum = NULL;
  for (uint32_t i = 0; i < loop->walk_count; i++) {
    const struct walk *walk = &loop->walks[i];
    if (step_of(loop, walk->phi) != step)
      continue;
    if (sum && walk->sum != sum)
      return true;
    sum = walk->sum;
  }
  return false;
}

static void join_walks(struct loop *loop) {
  bool is_done[MAX_WALKS] = {false};
  for (uint32_t first = 0; first < loop->walk_count; first++) {
    uint32_t step = step_of(loop, loop->walks[first].phi);
    if (is_done[first] || !has_two_sums(loop, step))
      continue;
    LLVMValueRef counter = build_counter(loop, step);
    for (uint32_t i = first; i < loop->walk_count; i++)
      if (step_of(loop, loop->walks[i].phi) == step) {
        join(loop, &loop->walks[i], counter);
        is_done[i] = true;
      }
    replace_phis(loop, counter, step);
  }
}

// Takes a block for a loop's header; false when it is none, or one with several ways in or back.
static bool find_loop(struct loop *loop, uint32_t header) {
  const struct wa_dominators *d = loop->dominators;
  if (d->edge_starts[header + 1] - d->edge_starts[header] != 2)
    return false;
  const uint32_t *from = &d->edges[d->edge_starts[header]];
  bool first_is_latch = wa_dominates(d, header, from[0]);
  if (first_is_latch == wa_dominates(d, header, from[1]))
    return false;
  loop->header = header;
  loop->latch = from[!first_is_latch];
  loop->preheader = from[first_is_latch];
  return loop->latch - header <= MAX_SPAN;
}

void wa_join_walks(struct wa_lower *lower, LLVMValueRef function) {
  if (wa_memory0_slack(lower->module) == 0 || LLVMIsDeclaration(function))
    return;
  struct wa_arena arena;
  wa_arena_init(&arena, 0);
  struct wa_dominators dominators;
  wa_dominators_init(&dominators, function, &arena);
  for (uint32_t block = 0; block < dominators.count; block++) {
    struct loop loop = {
        .lower = lower, .dominators = &dominators, .ctx = LLVMGetParam(function, 0)};
    if (find_loop(&loop, block) && find_walks(&loop))
      join_walks(&loop);
  }
  wa_arena_deinit(&arena);
}
