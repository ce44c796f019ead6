// Vector loops that stay inside of the memory.
//
// A loop that LLVM has vectorised makes many accesses at once, and those of different arrays in
// another order than wasm's: were one of them outside, memory would lack stores that come before
// the trap.
//
// Shape: "vector.body" and "vec.epilog.vector.body", by the names that the vectoriser gives its
//   blocks, with an induction variable (find_index), a store, and a branch to the scalar loop in
//   front (find_entry).
// Preconditions: runs right behind the vectoriser; base_of(): the address is memory 0's;
//   may_copy(): it can be computed in front of the loop for the first and the last index. What
//   cannot, such as a[b[i]], is not guarded, and neither are loops of a constant length.
// Rewrite:
//     br i1 %short, label %scalar.ph,      =>   %outside = icmp ugt ptr %end_of_last_access, %limit
//        label %vector.ph                       %c = select i1 %short, i1 true, i1 %outside
//                                               br i1 %c, label %scalar.ph, label %vector.ph
// Right when the guest
//   traps: the scalar loop, which LLVM keeps for the rest anyway, does all of the work then and
//     traps where it should.
//   wraps: the vectoriser has checked that no address wraps; the copies may be poison where its
//     checks fail, so those decide first. An address that does not grow is looked at with its first
//     index too.
//   aliases or races: no access changes; the size is read whole, and what is accessible stays so.
// If wrong: memory lacks stores of the iterations before a trap; still inside the reservation, as
//   it would be without this pass.
#include "compiler/ir/address.h"
#include "compiler/repair/repair.h"

#include <string.h>

enum { MAX_BLOCKS = 64, MAX_ACCESSES = 32, MAX_CLONES = 256, MAX_DEPTH = 32 };

struct vector_loop {
  struct wa_ir *ir;
  LLVMValueRef ctx;
  LLVMBasicBlockRef header, latch, preheader;
  bool is_epilogue;          // it does what another vector loop has left over
  LLVMBasicBlockRef entered; // where `entry` goes when it does not go to the scalar loop
  LLVMValueRef entry;
  LLVMValueRef index, step, count;
  LLVMBasicBlockRef blocks[MAX_BLOCKS];
  unsigned block_count;
  LLVMValueRef accesses[MAX_ACCESSES];
  unsigned access_count;
  bool has_store;
};

// How far accesses reach from an address that theirs are at constant distances from.
struct reach {
  LLVMValueRef address;
  int64_t distance;
};

struct reaches {
  struct reach of[MAX_ACCESSES];
  unsigned count;
};

// ---- Finding ----

static bool is_conditional(LLVMValueRef value) {
  return LLVMIsABranchInst(value) && LLVMIsConditional(value);
}

// Takes the induction variable, its step and where it ends.
static bool find_index(struct vector_loop *loop) {
  LLVMValueRef phi = LLVMGetFirstInstruction(loop->header);
  if (!LLVMIsAPHINode(phi) || LLVMCountIncoming(phi) != 2) {
    return false;
  }
  unsigned outer = wa_block_has_name(LLVMGetIncomingBlock(phi, 0),
                                     loop->is_epilogue ? "vec.epilog.ph" : "vector.ph")
                       ? 0
                       : 1;
  loop->preheader = LLVMGetIncomingBlock(phi, outer);
  loop->latch = LLVMGetIncomingBlock(phi, 1 - outer);
  LLVMValueRef next = LLVMGetIncomingValue(phi, 1 - outer);
  LLVMValueRef branch = LLVMGetBasicBlockTerminator(loop->latch);
  loop->index = phi;
  loop->step = wa_step_of(phi, next);
  if (!loop->step || !is_conditional(branch)) {
    return false;
  }
  LLVMValueRef compare = LLVMGetCondition(branch);
  if (!LLVMIsAICmpInst(compare) || LLVMGetOperand(compare, 0) != next) {
    return false;
  }
  loop->count = LLVMGetOperand(compare, 1);
  return true;
}

// The branch that is the only way into a block, when it has another to a block of this name.
static LLVMValueRef branch_to(LLVMBasicBlockRef block, const char *other) {
  LLVMUseRef use = LLVMGetFirstUse(LLVMBasicBlockAsValue(block));
  if (!use || LLVMGetNextUse(use) || !is_conditional(LLVMGetUser(use))) {
    return NULL;
  }
  LLVMValueRef branch = LLVMGetUser(use);
  bool is_first = LLVMGetSuccessor(branch, 0) == block;
  return wa_block_has_name(LLVMGetSuccessor(branch, is_first), other) ? branch : NULL;
}

// Where it is decided between vectors and the scalar loop. When what is left over is done by a
// second vector loop, that is in front of both; the second one's range has the first's in it.
static bool find_entry(struct vector_loop *loop) {
  loop->entered = loop->preheader;
  if (!loop->is_epilogue) {
    loop->entry = branch_to(loop->preheader, "scalar.ph");
    return loop->entry != NULL;
  }
  for (LLVMUseRef use = LLVMGetFirstUse(LLVMBasicBlockAsValue(loop->preheader)); use;
       use = LLVMGetNextUse(use)) {
    LLVMValueRef user = LLVMGetUser(use);
    if (!LLVMIsABranchInst(user) ||
        !wa_block_has_name(LLVMGetInstructionParent(user), "vector.main.loop.iter.check")) {
      continue;
    }
    loop->entered = LLVMGetInstructionParent(user);
    loop->entry = branch_to(loop->entered, "vec.epilog.scalar.ph");
    return loop->entry != NULL;
  }
  return false;
}

static bool is_inside(const struct vector_loop *loop, LLVMBasicBlockRef block) {
  for (unsigned i = 0; i < loop->block_count; i++) {
    if (loop->blocks[i] == block) {
      return true;
    }
  }
  return false;
}

static bool calls(LLVMValueRef instr, const char *name) {
  if (!LLVMIsACallInst(instr)) {
    return false;
  }
  unsigned id = LLVMGetIntrinsicID(LLVMGetCalledValue(instr));
  return id != 0 && id == LLVMLookupIntrinsicID(name, strlen(name));
}

// Stores under a condition are masked, where the CPU has such.
static bool is_store(LLVMValueRef instr) {
  return LLVMIsAStoreInst(instr) || calls(instr, "llvm.masked.store");
}

static bool is_load(LLVMValueRef instr) {
  return LLVMIsALoadInst(instr) || calls(instr, "llvm.masked.load");
}

static void note_accesses(struct vector_loop *loop, LLVMBasicBlockRef block) {
  for (LLVMValueRef instr = LLVMGetFirstInstruction(block); instr;
       instr = LLVMGetNextInstruction(instr)) {
    if (!is_load(instr) && !is_store(instr)) {
      continue;
    }
    loop->has_store |= is_store(instr);
    if (loop->access_count < MAX_ACCESSES) {
      loop->accesses[loop->access_count++] = instr;
    }
  }
}

static void note_block(struct vector_loop *loop, LLVMBasicBlockRef block) {
  if (loop->block_count == MAX_BLOCKS || is_inside(loop, block)) {
    return;
  }
  loop->blocks[loop->block_count++] = block;
  note_accesses(loop, block);
}

// Everything between header and latch; a reduction may be stored behind the loop.
static void find_blocks(struct vector_loop *loop) {
  note_block(loop, loop->header);
  for (unsigned i = 0; i < loop->block_count; i++) {
    LLVMValueRef end = LLVMGetBasicBlockTerminator(loop->blocks[i]);
    for (unsigned j = 0; j < LLVMGetNumSuccessors(end); j++) {
      LLVMBasicBlockRef next = LLVMGetSuccessor(end, j);
      if (loop->blocks[i] != loop->latch) {
        note_block(loop, next);
      } else if (next != loop->header) {
        for (LLVMValueRef instr = LLVMGetFirstInstruction(next); instr;
             instr = LLVMGetNextInstruction(instr)) {
          loop->has_store |= is_store(instr);
        }
      }
    }
  }
}

// ---- Addresses at the entry ----

// Copies of what a value is computed from, with `index` instead of the loop's own.
struct copying {
  const struct vector_loop *loop;
  LLVMValueRef index;
  LLVMValueRef from[MAX_CLONES], to[MAX_CLONES];
  unsigned count;
};

// Whether a block lies between the entry and the loop.
static bool is_ahead(const struct vector_loop *loop, LLVMBasicBlockRef block) {
  return block == loop->preheader || block == loop->entered;
}

// In the loop only what keeps a value between its first and its last: the vectoriser has checked
// that none of it wraps.
static bool may_copy(const struct vector_loop *loop, LLVMValueRef value) {
  switch (LLVMGetInstructionOpcode(value)) {
  case LLVMZExt:
  case LLVMSExt:
  case LLVMTrunc:
  case LLVMAdd:
  case LLVMSub:
  case LLVMMul:
  case LLVMShl:
  case LLVMOr:
  case LLVMGetElementPtr:
  case LLVMFreeze:
    return true;
  case LLVMAnd:
  case LLVMURem:
  case LLVMLShr:
  case LLVMICmp:
  case LLVMSelect:
    return is_ahead(loop, LLVMGetInstructionParent(value));
  default:
    return false;
  }
}

// NULL when it cannot be told.
static LLVMValueRef copy(struct copying *copying, LLVMValueRef value, int depth) {
  const struct vector_loop *loop = copying->loop;
  if (value == loop->index) {
    return copying->index;
  }
  if (!LLVMIsAInstruction(value)) {
    return value;
  }
  LLVMBasicBlockRef block = LLVMGetInstructionParent(value);
  if (!is_ahead(loop, block) && !is_inside(loop, block)) {
    return value;
  }
  for (unsigned i = 0; i < copying->count; i++) {
    if (copying->from[i] == value) {
      return copying->to[i];
    }
  }
  if (!may_copy(loop, value) || copying->count == MAX_CLONES || depth == 0) {
    return NULL;
  }
  LLVMValueRef operands[4];
  unsigned count = (unsigned)LLVMGetNumOperands(value);
  for (unsigned i = 0; i < count; i++) {
    if (i == 4 || !(operands[i] = copy(copying, LLVMGetOperand(value, i), depth - 1))) {
      return NULL;
    }
  }
  LLVMValueRef twin = LLVMInstructionClone(value);
  LLVMInsertIntoBuilder(loop->ir->builder, twin);
  for (unsigned i = 0; i < count; i++) {
    LLVMSetOperand(twin, i, operands[i]);
  }
  if (copying->count < MAX_CLONES) {
    copying->from[copying->count] = value;
    copying->to[copying->count++] = twin;
  }
  return twin;
}

// The base of memory 0 that an address is computed from, or NULL.
static LLVMValueRef base_of(const struct vector_loop *loop, LLVMValueRef pointer) {
  LLVMValueRef root = pointer;
  while (LLVMIsAGetElementPtrInst(root) || LLVMIsAFreezeInst(root)) {
    LLVMValueRef inner = LLVMGetOperand(root, 0);
    bool is_constant =
        LLVMIsAGetElementPtrInst(root) && LLVMIsAConstantInt(LLVMGetOperand(root, 1));
    if (inner == loop->ctx && is_constant &&
        LLVMConstIntGetSExtValue(LLVMGetOperand(root, 1)) < 0) {
      return NULL; // a global
    }
    root = inner;
  }
  if (loop->ir->layout->memory0_at_ctx) {
    return root == loop->ctx ? root : NULL;
  }
  if (!LLVMIsALoadInst(root) || !LLVMIsAGetElementPtrInst(LLVMGetOperand(root, 0))) {
    return NULL;
  }
  LLVMValueRef place = LLVMGetOperand(root, 0);
  bool is_memory0 = LLVMGetOperand(place, 0) == loop->ctx &&
                    LLVMIsAConstantInt(LLVMGetOperand(place, 1)) &&
                    LLVMConstIntGetSExtValue(LLVMGetOperand(place, 1)) == WA_CTX_MEMORY0;
  return is_memory0 ? root : NULL;
}

static LLVMValueRef address_of(LLVMValueRef access) {
  return LLVMGetOperand(access, is_store(access) ? 1 : 0);
}

static uint64_t size_of(const struct vector_loop *loop, LLVMValueRef access) {
  LLVMTypeRef type = LLVMTypeOf(is_store(access) ? LLVMGetOperand(access, 0) : access);
  return LLVMStoreSizeOfType(LLVMGetModuleDataLayout(loop->ir->llvm), type);
}

// Whether a value never becomes less from iteration to iteration: the vectoriser knows that it does
// not wrap, or has checked it.
static bool is_increasing(const struct vector_loop *loop, LLVMValueRef value, int depth) {
  if (value == loop->index || !LLVMIsAInstruction(value) ||
      !is_inside(loop, LLVMGetInstructionParent(value))) {
    return true;
  }
  if (depth == 0) {
    return false;
  }
  LLVMValueRef by;
  switch (LLVMGetInstructionOpcode(value)) {
  case LLVMZExt:
  case LLVMFreeze:
    return is_increasing(loop, LLVMGetOperand(value, 0), depth - 1);
  case LLVMAdd:
  case LLVMGetElementPtr:
    return LLVMGetNumOperands(value) == 2 &&
           is_increasing(loop, LLVMGetOperand(value, 0), depth - 1) &&
           is_increasing(loop, LLVMGetOperand(value, 1), depth - 1);
  case LLVMMul:
  case LLVMShl:
    by = LLVMGetOperand(value, 1);
    return LLVMIsAConstantInt(by) && LLVMConstIntGetSExtValue(by) > 0 &&
           is_increasing(loop, LLVMGetOperand(value, 0), depth - 1);
  default:
    return false;
  }
}

// Notes how far the accesses reach whose addresses differ by constants only.
static void note_reach(struct reaches *reaches, const struct vector_loop *loop,
                       LLVMValueRef access) {
  LLVMTargetDataRef layout = LLVMGetModuleDataLayout(loop->ir->llvm);
  LLVMValueRef address = address_of(access);
  int64_t distance = (int64_t)size_of(loop, access);
  while (wa_is_offset(address) && LLVMIsAConstantInt(LLVMGetOperand(address, 1)) &&
         is_inside(loop, LLVMGetInstructionParent(address))) {
    LLVMTypeRef unit = LLVMGetGEPSourceElementType(address);
    distance += LLVMConstIntGetSExtValue(LLVMGetOperand(address, 1)) *
                (int64_t)LLVMABISizeOfType(layout, unit);
    address = LLVMGetOperand(address, 0);
  }
  unsigned i = 0;
  while (i < reaches->count && reaches->of[i].address != address) {
    i++;
  }
  if (i == reaches->count) {
    reaches->of[reaches->count++] = (struct reach){address, distance};
  } else if (reaches->of[i].distance < distance) {
    reaches->of[i].distance = distance;
  }
}

// Whether what is accessed with the given index ends beyond the memory; false when that cannot be
// told.
static LLVMValueRef ends_outside(struct copying *copying, const struct reach *reach,
                                 LLVMValueRef size) {
  const struct vector_loop *loop = copying->loop;
  struct wa_ir *ir = loop->ir;
  LLVMValueRef none = LLVMConstInt(ir->i1, 0, false);
  LLVMValueRef base = base_of(loop, reach->address);
  LLVMValueRef address = base ? copy(copying, reach->address, MAX_DEPTH) : NULL;
  if (!address) {
    return none;
  }
  LLVMValueRef end = wa_ir_offset(ir, address, reach->distance);
  LLVMValueRef limit = LLVMBuildGEP2(ir->builder, ir->i8, base, &size, 1, "");
  return LLVMBuildICmp(ir->builder, LLVMIntUGT, end, limit, "");
}

// Looks at the last accesses, or at the first ones where those may lie behind the last.
static LLVMValueRef any_outside(const struct vector_loop *loop, const struct reaches *reaches,
                                LLVMValueRef size, LLVMValueRef index, bool is_last) {
  LLVMBuilderRef builder = loop->ir->builder;
  struct copying copying = {.loop = loop, .index = index};
  LLVMValueRef any = LLVMConstInt(loop->ir->i1, 0, false);
  for (unsigned i = 0; i < reaches->count; i++) {
    if (is_last || !is_increasing(loop, reaches->of[i].address, MAX_DEPTH)) {
      any = LLVMBuildOr(builder, any, ends_outside(&copying, &reaches->of[i], size), "");
    }
  }
  return any;
}

// A loop may store to globals only, or to other memories; the module may even have no memory 0.
static bool any_in_memory0(const struct vector_loop *loop, const struct reaches *reaches) {
  for (unsigned i = 0; i < reaches->count; i++) {
    if (base_of(loop, reaches->of[i].address)) {
      return true;
    }
  }
  return false;
}

// The copies may be poison where LLVM's own checks fail, so those decide first.
static void guard(const struct vector_loop *loop) {
  struct wa_ir *ir = loop->ir;
  struct reaches reaches = {.count = 0};
  for (unsigned i = 0; i < loop->access_count; i++) {
    note_reach(&reaches, loop, loop->accesses[i]);
  }
  if (!any_in_memory0(loop, &reaches)) {
    return;
  }
  LLVMPositionBuilderBefore(ir->builder, loop->entry);
  struct copying copying = {.loop = loop};
  LLVMValueRef count = copy(&copying, loop->count, MAX_DEPTH);
  if (!count) {
    return;
  }
  LLVMValueRef last = LLVMBuildSub(ir->builder, count, loop->step, "");
  LLVMValueRef size = wa_memory0_size(ir, loop->ctx);
  LLVMValueRef first = LLVMConstNull(LLVMTypeOf(last));
  LLVMValueRef first_outside = any_outside(loop, &reaches, size, first, false);
  LLVMValueRef last_outside = any_outside(loop, &reaches, size, last, true);
  LLVMValueRef outside = LLVMBuildOr(ir->builder, first_outside, last_outside, "");
  LLVMValueRef condition = LLVMGetCondition(loop->entry);
  LLVMValueRef always = LLVMConstInt(ir->i1, 1, false);
  bool is_first = LLVMGetSuccessor(loop->entry, 0) == loop->entered;
  LLVMSetCondition(loop->entry, is_first
                                    ? LLVMBuildSelect(ir->builder, condition,
                                                      LLVMBuildNot(ir->builder, outside, ""),
                                                      LLVMConstNull(ir->i1), "")
                                    : LLVMBuildSelect(ir->builder, condition, always, outside, ""));
}

void wa_guard_vector_loops(struct wa_ir *ir, LLVMValueRef function) {
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    struct vector_loop loop = {.ir = ir, .header = block};
    loop.is_epilogue = wa_block_has_name(block, "vec.epilog.vector.body");
    if ((!loop.is_epilogue && !wa_block_has_name(block, "vector.body")) || !find_index(&loop) ||
        !find_entry(&loop)) {
      continue;
    }
    loop.ctx = LLVMGetParam(function, 0);
    find_blocks(&loop);
    if (loop.has_store) {
      guard(&loop);
    }
  }
}
