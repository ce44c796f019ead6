// Loops that the producer of the module has unrolled, rolled up again for the vectoriser.
//
// clang unrolls loops for WebAssembly. LLVM's vectoriser then finds two elements of a row in one
// iteration, shuffles what it loads and stores, and when a second array is read compares the row
// with itself in front of the loop: what it makes is never entered. Rolled up, the loop is what it
// was in the source. Where it would still not be made vectors of, nothing changes.
//
// Shape: a loop of one block that has two versions ("versions"), of which the first is entered when
//   all accesses stay inside; its stores, in their order, are those of `copies` equal parts, each
//   part computing what the part before does an iteration of the rolled loop earlier.
// Preconditions: "versions" has run, "vectorize" has not.
// Rewrite:
//     br %inside, %fast, %slow             =>   br (%inside and %apart), %rolled, %slow
//     fast: p[i] = f(q[i]); p[i+1] = f(q[i+1]); i += 2
//                                               rolled: p[i] = f(q[i]); i += 1
//   "settle-versions" takes back a loop that no vectors were made of.
// Right when the guest
//   traps: no access of the loop does, of no iteration; so what runs when one would is untouched.
//   wraps: values are the same modulo 2^bits in each iteration. An address of which a part is added
//     behind the extension is a sum that does not wrap (wa_roll_is_place_later).
//   aliases: a store keeps its place among all accesses but those that it has no byte in common
//     with, by a constant distance. Different arrays are apart, or the loop stays unrolled: one
//     that vectors cannot be made of is faster so.
//   races: where memory is shared, no load is made twice that was made once.
// If wrong: stores have wrong values or are in wrong places; still inside the reservation, as
// addresses stay extended numbers of 32 bits.
#include "compiler/repair/roll.h"
#include "compiler/repair/repair.h"

enum { LEAST_ITERATIONS = 24 }; // of a rolled loop: with fewer, the checks cost more than it gains

// ---- What is in the loop ----

// An operation on two integers that may be done in any order.
static bool is_joining(const struct wa_ir *ir, LLVMValueRef instr) {
  static const enum wa_intrinsic extremes[] = {WA_INTRINSIC_SMIN, WA_INTRINSIC_SMAX,
                                               WA_INTRINSIC_UMIN, WA_INTRINSIC_UMAX};
  switch (LLVMGetInstructionOpcode(instr)) {
  case LLVMAdd:
  case LLVMMul:
  case LLVMAnd:
  case LLVMOr:
  case LLVMXor:
    return true;
  case LLVMCall:
    return wa_ir_is_one_of(ir, LLVMGetIntrinsicID(LLVMGetCalledValue(instr)), extremes,
                           sizeof extremes / sizeof *extremes);
  default:
    return false;
  }
}

static bool has_one_use(LLVMValueRef value) {
  LLVMUseRef use = LLVMGetFirstUse(value);
  return use && !LLVMGetNextUse(use);
}

// Whether `value` joins terms as `like` does.
static bool joins_alike(const struct wa_roll *r, LLVMValueRef value, LLVMValueRef like) {
  return wa_roll_has(r, value) && is_joining(r->ir, value) && has_one_use(value) &&
         LLVMGetInstructionOpcode(value) == LLVMGetInstructionOpcode(like) &&
         (!LLVMIsACallInst(like) || LLVMGetCalledValue(value) == LLVMGetCalledValue(like));
}

static bool add_terms(const struct wa_roll *r, struct wa_roll_phi *total, LLVMValueRef from,
                      bool *has_phi) {
  for (unsigned i = 0; i < 2; i++) {
    LLVMValueRef value = LLVMGetOperand(from, i);
    if (value == total->phi && !*has_phi) {
      *has_phi = true;
    } else if (joins_alike(r, value, from)) {
      if (!add_terms(r, total, value, has_phi)) {
        return false;
      }
    } else if (total->term_count == WA_ROLL_MOST_COPIES) {
      return false;
    } else {
      total->terms[total->term_count++] = value;
    }
  }
  return true;
}

// Nothing in the loop needs the total but the next one.
static bool find_terms(const struct wa_roll *r, struct wa_roll_phi *total) {
  LLVMValueRef next = wa_loop_next(&r->loop, total->phi);
  bool has_phi = false;
  if (!wa_roll_has(r, next) || !is_joining(r->ir, next) || !has_one_use(total->phi) ||
      !add_terms(r, total, next, &has_phi) || !has_phi) {
    return false;
  }
  for (LLVMUseRef use = LLVMGetFirstUse(next); use; use = LLVMGetNextUse(use)) {
    LLVMValueRef user = LLVMGetUser(use);
    if (user != total->phi && wa_roll_has(r, user)) {
      return false;
    }
  }
  return true;
}

static bool add_phi(struct wa_roll *r, LLVMValueRef phi) {
  if (r->phi_count == WA_ROLL_MOST_PHIS) {
    return false;
  }
  LLVMValueRef step = wa_loop_step(&r->loop, phi);
  struct wa_roll_phi *to = &r->phis[r->phi_count++];
  *to = (struct wa_roll_phi){.phi = phi, .kind = WA_ROLL_COUNTER};
  if (step) {
    to->step = LLVMConstIntGetSExtValue(step);
    return LLVMGetIntTypeWidth(LLVMTypeOf(phi)) <= 64;
  }
  to->kind = find_terms(r, to) ? WA_ROLL_TOTAL : WA_ROLL_OTHER;
  return true;
}

static bool add_access(struct wa_roll *r, LLVMValueRef access) {
  if (r->access_count == WA_ROLL_MOST_ACCESSES) {
    return false;
  }
  r->accesses[r->access_count++] = access;
  if (LLVMIsAStoreInst(access)) {
    r->stores[r->store_count++] = access;
  }
  return true;
}

static bool has_scalars(LLVMValueRef instr) {
  LLVMValueRef value = LLVMIsAStoreInst(instr) ? LLVMGetOperand(instr, 0) : instr;
  return !wa_ir_is_vector(value);
}

// "versions" has left out calls but of intrinsics, and all that is atomic or volatile.
static bool add_instr(struct wa_roll *r, LLVMValueRef instr) {
  bool is_void = LLVMGetTypeKind(LLVMTypeOf(instr)) == LLVMVoidTypeKind;
  if (LLVMIsAPHINode(instr)) {
    return has_scalars(instr) && add_phi(r, instr);
  }
  if (wa_roll_is_access(instr)) {
    return has_scalars(instr) && add_access(r, instr);
  }
  return LLVMIsATerminatorInst(instr) || LLVMIsADbgInfoIntrinsic(instr) ||
         (!is_void && has_scalars(instr));
}

static bool find_instrs(struct wa_roll *r) {
  for (LLVMValueRef instr = LLVMGetFirstInstruction(r->loop.header); instr;
       instr = LLVMGetNextInstruction(instr)) {
    if (!add_instr(r, instr)) {
      return false;
    }
  }
  return r->access_count > 1;
}

// Loops that only copy or fill mostly do so in short runs, as in decompressors, and are many:
// vectors make the code longer, not faster.
static bool computes(const struct wa_roll *r) {
  for (uint32_t i = 0; i < r->store_count; i++) {
    LLVMValueRef value = LLVMGetOperand(r->stores[i], 0);
    if (wa_roll_has(r, value) && !LLVMIsALoadInst(value)) {
      return true;
    }
  }
  return r->store_count == 0;
}

// ---- Loops ----

static LLVMValueRef is_often(const struct wa_roll *r, LLVMValueRef last) {
  return LLVMBuildICmp(r->ir->builder, LLVMIntUGE, last,
                       wa_ir_const_i64(r->ir, LEAST_ITERATIONS / r->copies), "");
}

// Looks at a loop of one block; false when it is none, or has nothing to be rolled up.
static bool find_loop(struct wa_roll *r, struct wa_ir *ir, LLVMBasicBlockRef block) {
  if (!wa_loop_of_block(&r->loop, block)) {
    return false;
  }
  r->ir = ir;
  r->ctx = LLVMGetParam(LLVMGetBasicBlockParent(block), 0);
  r->branch = NULL;
  r->steps = WA_ROLL_MOST_STEPS;
  r->phi_count = r->access_count = r->store_count = 0;
  return find_instrs(r) && computes(r);
}

static LLVMBasicBlockRef next_of(LLVMBasicBlockRef block) {
  return LLVMGetSuccessor(LLVMGetBasicBlockTerminator(block), 0);
}

// Rolls up the first of two versions.
static void roll(struct wa_roll *r, struct wa_ir *ir, LLVMValueRef branch) {
  LLVMBasicBlockRef first = LLVMGetSuccessor(branch, 0);
  if (!find_loop(r, ir, next_of(first)) || !wa_roll_find_copies(r)) {
    return;
  }
  r->branch = branch;
  LLVMPositionBuilderBefore(ir->builder, branch);
  LLVMValueRef last, is_apart = wa_loop_is_apart(ir, &r->loop, wa_roll_is_known_distance, r, &last);
  if (is_apart) {
    wa_roll_rewrite(r, LLVMBuildAnd(ir->builder, is_apart, is_often(r, last), ""), last);
  }
}

static bool has_total(const struct wa_roll *r) {
  for (uint32_t i = 0; i < r->phi_count; i++) {
    if (r->phis[i].kind == WA_ROLL_TOTAL) {
      return true;
    }
  }
  return false;
}

// The branch between two versions that a block ends with, or that are made of a loop with a total
// and without stores; NULL when there are none.
static LLVMValueRef find_branch(struct wa_roll *r, struct wa_ir *ir, LLVMBasicBlockRef block) {
  LLVMValueRef end = LLVMGetBasicBlockTerminator(block);
  if (LLVMGetMetadata(end, wa_version_kind(ir))) {
    return end;
  }
  return find_loop(r, ir, block) && r->store_count == 0 && has_total(r) && wa_roll_find_copies(r)
             ? wa_version_pure_loop(ir, &r->loop)
             : NULL;
}

void wa_roll_loops(struct wa_ir *ir, LLVMValueRef function) {
  struct wa_arena arena;
  wa_arena_init(&arena, 0);
  struct wa_roll *r = wa_ir_alloc(&arena, 1, sizeof *r);
  LLVMBasicBlockRef next;
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block; block = next) {
    next = LLVMGetNextBasicBlock(block);
    LLVMValueRef branch = find_branch(r, ir, block);
    if (branch && !LLVMGetMetadata(branch, wa_rolled_kind(ir))) {
      roll(r, ir, branch);
    }
  }
  wa_arena_deinit(&arena);
}
