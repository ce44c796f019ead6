// Sums that a loop keeps side by side, in one vector.
//
// A kernel of linear algebra keeps a block of its result in registers while it goes over its
// operands: c[i][j] += a[i] * b[j]. Libraries have such kernels for the processors that they know,
// and one without vectors for all others, which is what a module has.
//
// Shape: a block that is a loop by itself and has no effects. In it as many phis of f32, or of f64,
//   as a vector has lanes, whose next values are made in the same way: by the same operations, of
//   the phis themselves, of what all lanes have in common, and of loads that lie next to each
//   other. Nothing else uses the phis, or what is made of them on the way.
// Preconditions: x86-64, where it was measured; no -g. Behind all that counts loads or asks what an
// access
//   is. The exit has no other way in.
// Rewrite:
//     %c0 = phi double, %c1 = ..., ...          %c = phi <4 x double>
//     %b0 = load double, ptr %b                 %v = load <4 x double>, ptr %b
//     %b1 = load double, ptr %b + 8, ...   =>   %m = fmul <4 x double> splat(%a), %v
//     %n0 = fadd %c0, (fmul %a, %b0), ...       %n = fadd <4 x double> %c, %m
// Right when the guest
//   traps: an iteration has no effect but its loads, so that nobody can tell in which order they
//     are made; the wide one traps when one of those that it is made of would.
//   wraps: the lanes lie at constant distances from one pointer of 64 bits.
//   aliases: the loop has no stores.
//   races: plain loads may tear.
//   Each sum is made in its order, by the same operations, in its lane.
// If wrong: numbers are others. A load starts where the guest's did and has up to 32 bytes: it ends
//   in the memory, or in the guard behind it.
#include "compiler/opt/opt.h"

#include "compiler/ir/address.h"
#include "compiler/ir/loop.h"

#include <elf.h>

enum {
  VECTOR = 16,      // bytes
  WIDE_VECTOR = 32, // with AVX
  MOST_LANES = 8,
  MOST_INSTRS = 1024, // of the block
  MOST_PHIS = 64,
  MOST_BUNDLES = 512,
  MOST_NODES = 256,   // of a sum in an iteration
  MOST_STEPS = 20000, // of matching in a loop
};

// What lanes are: values that become one.
struct bundle {
  LLVMValueRef lanes[MOST_LANES];
  unsigned count;
  LLVMValueRef vector;
};

struct packing {
  struct wa_ir *ir;
  struct wa_loop loop;
  LLVMValueRef phis[MOST_PHIS]; // that are in no vector yet, or NULL
  unsigned phi_count, lane_count, steps;
  // The phis that are to be lanes, and which values on the way to lane 0's next one all have in
  // common.
  LLVMValueRef group[MOST_LANES];
  bool is_common[MOST_NODES];
  unsigned node;
  struct bundle bundles[MOST_BUNDLES];
  unsigned bundle_count;
  LLVMValueRef phi; // the vector that the group becomes
};

static bool is_in(const struct packing *p, LLVMValueRef value) {
  return wa_loop_has(&p->loop, value);
}

// ---- Which loops ----

static bool has_effect(LLVMValueRef instr) {
  switch (LLVMGetInstructionOpcode(instr)) {
  case LLVMLoad:
    return LLVMGetOrdering(instr) != LLVMAtomicOrderingNotAtomic;
  case LLVMPHI:
  case LLVMGetElementPtr:
  case LLVMICmp:
  case LLVMFCmp:
  case LLVMSelect:
  case LLVMFreeze:
  case LLVMFNeg:
    return false;
  default:
    return !LLVMIsABinaryOperator(instr) && !LLVMIsACastInst(instr) &&
           !LLVMIsADbgInfoIntrinsic(instr) && !LLVMIsATerminatorInst(instr);
  }
}

static bool is_float(LLVMValueRef value) {
  LLVMTypeKind kind = LLVMGetTypeKind(LLVMTypeOf(value));
  return kind == LLVMFloatTypeKind || kind == LLVMDoubleTypeKind;
}

// Whether a phi is used by one instruction of the loop alone, that by one as well, and so on to the
// phi's next value, which the loop needs for the phi only.
static bool is_sum(const struct packing *p, LLVMValueRef phi) {
  LLVMValueRef next = wa_loop_next(&p->loop, phi);
  if (!is_float(phi) || !is_in(p, next) || LLVMIsAPHINode(next) ||
      LLVMIsATerminatorInst(wa_loop_initial(&p->loop, phi))) { // has no place behind it
    return false;
  }
  for (LLVMValueRef value = phi; value != next;) {
    LLVMUseRef use = LLVMGetFirstUse(value);
    if (!use || LLVMGetNextUse(use) || !is_in(p, LLVMGetUser(use)) ||
        LLVMIsAPHINode(LLVMGetUser(use))) {
      return false;
    }
    value = LLVMGetUser(use);
  }
  for (LLVMUseRef use = LLVMGetFirstUse(next); use; use = LLVMGetNextUse(use)) {
    if (is_in(p, LLVMGetUser(use)) && LLVMGetUser(use) != phi) {
      return false;
    }
  }
  return true;
}

static bool has_only_way_in(LLVMBasicBlockRef block, LLVMValueRef branch) {
  LLVMUseRef use = LLVMGetFirstUse(LLVMBasicBlockAsValue(block));
  return LLVMGetUser(use) == branch && !LLVMGetNextUse(use);
}

static bool find_sums(struct packing *p, LLVMBasicBlockRef block) {
  unsigned count = 0;
  if (!wa_loop_of_block(&p->loop, block) ||
      !has_only_way_in(p->loop.exit, LLVMGetBasicBlockTerminator(block))) {
    return false;
  }
  for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i)) {
    if (++count > MOST_INSTRS || has_effect(i)) {
      return false;
    }
    if (LLVMIsAPHINode(i) && p->phi_count < MOST_PHIS && is_sum(p, i)) {
      p->phis[p->phi_count++] = i;
    }
  }
  return p->phi_count > 1;
}

// ---- What goes together ----

static bool is_next_to(const struct packing *p, LLVMValueRef load, LLVMValueRef other,
                       unsigned lane) {
  if (LLVMGetVolatile(load) || LLVMGetVolatile(other) || !is_in(p, other)) {
    return false;
  }
  struct wa_address from = wa_take_apart(p->ir, LLVMGetOperand(load, 0), false);
  struct wa_address to = wa_take_apart(p->ir, LLVMGetOperand(other, 0), false);
  uint64_t size = LLVMABISizeOfType(LLVMGetModuleDataLayout(p->ir->llvm), LLVMTypeOf(load));
  return from.root == to.root && from.index == to.index && !from.may_wrap && !to.may_wrap &&
         to.constant - from.constant == (int64_t)(lane * size);
}

static bool is_operation(LLVMValueRef value) {
  switch (LLVMGetInstructionOpcode(value)) {
  case LLVMFAdd:
  case LLVMFSub:
  case LLVMFMul:
  case LLVMFDiv:
  case LLVMFNeg:
  case LLVMFPExt:
  case LLVMFPTrunc:
    return true;
  default:
    return false;
  }
}

static bool commutes(LLVMValueRef value) {
  LLVMOpcode opcode = LLVMGetInstructionOpcode(value);
  return opcode == LLVMFAdd || opcode == LLVMFMul;
}

// Whether a value looks like what lane 0 has, in this lane.
static bool resembles(const struct packing *p, LLVMValueRef value, LLVMValueRef other,
                      unsigned lane) {
  if (value == other) {
    return true;
  }
  if (!is_in(p, value) || !is_in(p, other) || LLVMTypeOf(value) != LLVMTypeOf(other) ||
      LLVMGetInstructionOpcode(value) != LLVMGetInstructionOpcode(other)) {
    return false;
  }
  if (LLVMIsALoadInst(value)) {
    return is_next_to(p, value, other, lane);
  }
  return LLVMIsAPHINode(value) ? value == p->group[0] && other == p->group[lane]
                               : is_operation(value);
}

// The operand of a lane that goes with lane 0's: the other one where these two commute.
static LLVMValueRef operand_like(const struct packing *p, LLVMValueRef value, LLVMValueRef other,
                                 unsigned lane, unsigned i) {
  if (commutes(value) &&
      !(resembles(p, LLVMGetOperand(value, 0), LLVMGetOperand(other, 0), lane) &&
        resembles(p, LLVMGetOperand(value, 1), LLVMGetOperand(other, 1), lane))) {
    i = 1 - i;
  }
  return LLVMGetOperand(other, i);
}

// Whether a lane is made as lane 0 is. Lane 1 tells what all have in common.
static bool matches(struct packing *p, LLVMValueRef value, LLVMValueRef other, unsigned lane) {
  if (p->steps++ >= MOST_STEPS || p->node == MOST_NODES || !resembles(p, value, other, lane)) {
    return false;
  }
  bool *is_common = &p->is_common[p->node++];
  *is_common = lane == 1 ? value == other : *is_common;
  if (*is_common != (value == other)) {
    return false;
  }
  bool is_leaf = *is_common || LLVMIsALoadInst(value) || LLVMIsAPHINode(value);
  for (unsigned i = 0; !is_leaf && i < (unsigned)LLVMGetNumOperands(value); i++) {
    if (!matches(p, LLVMGetOperand(value, i), operand_like(p, value, other, lane, i), lane)) {
      return false;
    }
  }
  return true;
}

static bool is_lane(struct packing *p, LLVMValueRef phi, unsigned lane) {
  if (!phi || p->steps++ >= MOST_STEPS || LLVMTypeOf(phi) != LLVMTypeOf(p->group[0])) {
    return false;
  }
  for (unsigned i = 0; i < lane; i++) {
    if (p->group[i] == phi) {
      return false;
    }
  }
  p->group[lane] = phi;
  p->node = 0;
  return matches(p, wa_loop_next(&p->loop, p->group[0]), wa_loop_next(&p->loop, phi), lane);
}

// Finds a phi for each lane behind the first two.
static bool find_others(struct packing *p) {
  for (unsigned lane = 2; lane < p->lane_count; lane++) {
    unsigned i = 0;
    while (i < p->phi_count && !is_lane(p, p->phis[i], lane)) {
      i++;
    }
    if (i == p->phi_count) {
      return false;
    }
  }
  return true;
}

// What is right for lane 1 may belong to another dimension, which has too few.
static bool find_lanes(struct packing *p, LLVMValueRef phi, unsigned lane_count) {
  p->group[0] = phi;
  p->lane_count = lane_count;
  for (unsigned i = 0; i < p->phi_count && p->steps < MOST_STEPS; i++) {
    if (is_lane(p, p->phis[i], 1) && find_others(p)) {
      return true;
    }
  }
  return false;
}

// ---- Rewriting ----

static LLVMTypeRef vector_type(const struct packing *p, LLVMValueRef lane) {
  return LLVMVectorType(LLVMTypeOf(lane), p->lane_count);
}

static LLVMValueRef build_lanes(struct packing *p, LLVMValueRef lanes[MOST_LANES]) {
  LLVMValueRef vector = LLVMGetPoison(vector_type(p, lanes[0]));
  for (unsigned i = 0; i < p->lane_count; i++) {
    LLVMValueRef number = wa_ir_const_i32(p->ir, i);
    vector = LLVMBuildInsertElement(p->ir->builder, vector, lanes[i], number, "");
  }
  return vector;
}

static LLVMValueRef build_splat(struct packing *p, LLVMValueRef value) {
  LLVMTypeRef type = vector_type(p, value);
  LLVMValueRef zero = wa_ir_const_i32(p->ir, 0);
  LLVMValueRef one = LLVMBuildInsertElement(p->ir->builder, LLVMGetPoison(type), value, zero, "");
  LLVMValueRef mask = LLVMConstNull(LLVMVectorType(p->ir->i32, p->lane_count));
  return LLVMBuildShuffleVector(p->ir->builder, one, LLVMGetPoison(type), mask, "");
}

static struct bundle *find_bundle(struct packing *p, LLVMValueRef lanes[MOST_LANES]) {
  for (unsigned i = 0; i < p->bundle_count; i++) {
    unsigned same = 0;
    while (same < p->lane_count && p->bundles[i].lanes[same] == lanes[same]) {
      same++;
    }
    if (same == p->lane_count && same == p->bundles[i].count) {
      return &p->bundles[i];
    }
  }
  return NULL;
}

static LLVMValueRef build(struct packing *p, LLVMValueRef lanes[MOST_LANES]);

static LLVMValueRef build_operation(struct packing *p, LLVMValueRef lanes[MOST_LANES]) {
  LLVMValueRef operands[2] = {NULL, NULL}, first = lanes[0];
  for (int i = 0; i < LLVMGetNumOperands(first); i++) {
    LLVMValueRef of_lanes[MOST_LANES] = {LLVMGetOperand(first, (unsigned)i)};
    for (unsigned lane = 1; lane < p->lane_count; lane++) {
      of_lanes[lane] = operand_like(p, first, lanes[lane], lane, (unsigned)i);
    }
    operands[i] = build(p, of_lanes);
  }
  LLVMOpcode opcode = LLVMGetInstructionOpcode(first);
  if (opcode == LLVMFNeg) {
    return LLVMBuildFNeg(p->ir->builder, operands[0], "");
  }
  return operands[1]
             ? LLVMBuildBinOp(p->ir->builder, opcode, operands[0], operands[1], "")
             : LLVMBuildCast(p->ir->builder, opcode, operands[0], vector_type(p, first), "");
}

static LLVMValueRef build_load(struct packing *p, LLVMValueRef first) {
  LLVMValueRef load =
      LLVMBuildLoad2(p->ir->builder, vector_type(p, first), LLVMGetOperand(first, 0), "");
  LLVMSetAlignment(load, LLVMGetAlignment(first));
  LLVMSetMetadata(load, p->ir->tbaa_kind, LLVMGetMetadata(first, p->ir->tbaa_kind));
  return load;
}

static void add_bundle(struct packing *p, LLVMValueRef lanes[MOST_LANES], LLVMValueRef vector) {
  if (p->bundle_count == MOST_BUNDLES) {
    return; // it is built again
  }
  struct bundle *bundle = &p->bundles[p->bundle_count++];
  *bundle = (struct bundle){.count = p->lane_count, .vector = vector};
  for (unsigned i = 0; i < p->lane_count; i++) {
    bundle->lanes[i] = lanes[i];
  }
}

static LLVMValueRef build(struct packing *p, LLVMValueRef lanes[MOST_LANES]) {
  struct bundle *found = find_bundle(p, lanes);
  if (found) {
    return found->vector;
  }
  LLVMValueRef vector = lanes[0] == lanes[1]        ? build_splat(p, lanes[0])
                        : LLVMIsALoadInst(lanes[0]) ? build_load(p, lanes[0])
                        : LLVMIsAPHINode(lanes[0])  ? p->phi
                                                    : build_operation(p, lanes);
  add_bundle(p, lanes, vector);
  return vector;
}

// Takes the lanes out of a vector where the loop is left, and gives them to all that is behind it.
static void use_outside(struct packing *p, LLVMValueRef next, LLVMValueRef vector, unsigned lane) {
  LLVMValueRef place = LLVMGetFirstInstruction(p->loop.exit);
  while (LLVMIsAPHINode(place)) {
    place = LLVMGetNextInstruction(place);
  }
  LLVMPositionBuilderBefore(p->ir->builder, place);
  LLVMValueRef scalar =
      LLVMBuildExtractElement(p->ir->builder, vector, wa_ir_const_i32(p->ir, lane), "");
  LLVMUseRef following;
  for (LLVMUseRef use = LLVMGetFirstUse(next); use; use = following) {
    following = LLVMGetNextUse(use);
    LLVMValueRef user = LLVMGetUser(use);
    if (LLVMIsAPHINode(user) && LLVMGetInstructionParent(user) == p->loop.exit) {
      LLVMReplaceAllUsesWith(user, scalar); // it has no other value
      LLVMInstructionEraseFromParent(user);
    } else if (!is_in(p, user)) {
      for (unsigned i = 0; i < (unsigned)LLVMGetNumOperands(user); i++) {
        if (LLVMGetOperand(user, i) == next) {
          LLVMSetOperand(user, i, scalar);
        }
      }
    }
  }
}

static void rewrite(struct packing *p) {
  LLVMValueRef initial[MOST_LANES], next[MOST_LANES];
  for (unsigned i = 0; i < p->lane_count; i++) {
    initial[i] = wa_loop_initial(&p->loop, p->group[i]);
    next[i] = wa_loop_next(&p->loop, p->group[i]);
  }
  LLVMPositionBuilderBefore(p->ir->builder, LLVMGetFirstInstruction(p->loop.header));
  p->phi = LLVMBuildPhi(p->ir->builder, vector_type(p, next[0]), "");
  LLVMPositionBuilderBefore(p->ir->builder, LLVMGetBasicBlockTerminator(p->loop.latch));
  LLVMValueRef values[2] = {NULL, build(p, next)};
  LLVMPositionBuilderBefore(p->ir->builder, LLVMGetBasicBlockTerminator(p->loop.preheader));
  values[0] = build_lanes(p, initial);
  LLVMBasicBlockRef blocks[] = {p->loop.preheader, p->loop.latch};
  LLVMAddIncoming(p->phi, values, blocks, 2);
  for (unsigned i = 0; i < p->lane_count; i++) {
    use_outside(p, next[i], values[1], i);
    LLVMReplaceAllUsesWith(p->group[i], LLVMGetPoison(LLVMTypeOf(next[i])));
    for (unsigned j = 0; j < p->phi_count; j++) {
      p->phis[j] = p->phis[j] == p->group[i] ? NULL : p->phis[j];
    }
    LLVMInstructionEraseFromParent(p->group[i]);
  }
}

static bool is_in_wide_load(const struct packing *p, LLVMValueRef load) {
  for (unsigned i = 0; i < p->bundle_count; i++) {
    for (unsigned lane = 0; lane < p->bundles[i].count; lane++) {
      if (p->bundles[i].lanes[lane] == load && p->bundles[i].lanes[0] != p->bundles[i].lanes[1]) {
        return true;
      }
    }
  }
  return false;
}

// Erases what nobody needs any more, and no other load.
static void erase_lanes(const struct packing *p) {
  LLVMValueRef before;
  for (LLVMValueRef i = LLVMGetLastInstruction(p->loop.header); i; i = before) {
    before = LLVMGetPreviousInstruction(i);
    if (!LLVMGetFirstUse(i) && (LLVMIsALoadInst(i) ? is_in_wide_load(p, i) : is_operation(i))) {
      LLVMInstructionEraseFromParent(i);
    }
  }
}

static void pack_loop(struct packing *p) {
  unsigned widest = wa_target_is(p->ir->target, EM_X86_64, WA_X86_AVX) ? WIDE_VECTOR : VECTOR;
  for (unsigned i = 0; i < p->phi_count; i++) {
    for (unsigned size = widest; size >= VECTOR && p->phis[i]; size /= 2) {
      bool is_double = LLVMGetTypeKind(LLVMTypeOf(p->phis[i])) == LLVMDoubleTypeKind;
      if (find_lanes(p, p->phis[i], size / (is_double ? 8 : 4))) {
        rewrite(p);
      }
    }
  }
  if (p->bundle_count > 0) {
    erase_lanes(p);
  }
}

void wa_pack_sums(struct wa_ir *ir, LLVMValueRef function) {
  // With -g sums are values of a debugger's, and a trap tells which load it was.
  if (!wa_target_is(ir->target, EM_X86_64, 0) || ir->debug) {
    return;
  }
  struct packing p; // large: most blocks are no loops
  LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function);
  for (; block; block = LLVMGetNextBasicBlock(block)) {
    p.ir = ir;
    p.phi_count = p.bundle_count = p.steps = 0;
    if (find_sums(&p, block)) {
      pack_loop(&p);
    }
  }
}
