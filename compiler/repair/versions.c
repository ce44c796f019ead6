// Loops that may be made vectors of, in two versions.
//
// A vector loop makes many accesses at once, and those of different arrays in another order than
// wasm's: were one of them outside, memory would lack stores that come before the trap. So it is
// decided in front of the vectoriser which loops it may have.
//
// Shape: an innermost loop that is left at its latch alone (find_shape), without calls.
// Preconditions: "loop-simplify" and "lcssa" have run. Of a loop with a store, wa_loop_stays_inside
//   can tell before it runs what all iterations access; else the vectoriser is told to leave it.
// Rewrite:
//     preheader: br label %loop            =>   preheader: %inside = ...
//                                                          br i1 %inside, label %fast, label %slow
//                                               fast: a copy of the loop, for the vectoriser
//                                               slow: br label %loop, which stays scalar
//   and "settle-versions", behind the vectoriser, makes %inside false where it has made no vectors.
//   The copy has no records of loads (check.c): none of them traps. The loop itself keeps them.
// Right when the guest
//   traps: the loop as it was does all of the work when any access of any iteration is outside, and
//     traps where it should. What is inside stays so: no memory shrinks.
//   wraps: no address wraps in the loop that is entered when all stay inside.
//   aliases or races: no access changes; sizes are read whole.
//   A loop without stores shows nothing of the order of its loads: it keeps one version, but LLVM
//   must not overlook that its addresses wrap (wa_loop_hide_wraps).
// If wrong: memory lacks stores of the iterations before a trap, or an address wraps too late;
//   still inside the reservation. A vector loop that stores and has no such check in front of it
//   makes its function be compiled again, with all loops scalar.
#include "compiler/repair/versions.h"
#include "compiler/repair/loads.h"
#include "compiler/repair/repair.h"

#include <llvm-c/DebugInfo.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_INSTRS = 1500, TABLE_BITS = 12, TABLE_SIZE = 1 << TABLE_BITS };
_Static_assert(TABLE_SIZE > 2 * (MOST_INSTRS + WA_LOOP_MOST_BLOCKS), "a hash table");

// Marks: of loops there were before the vectoriser, of branches between versions.
static unsigned mark_kind(const struct wa_ir *ir, const char *name) {
  return LLVMGetMDKindIDInContext(ir->context, name, (unsigned)strlen(name));
}

static unsigned scalar_kind(const struct wa_ir *ir) {
  return mark_kind(ir, "wasmaot.scalar");
}

unsigned wa_version_kind(const struct wa_ir *ir) {
  return mark_kind(ir, "wasmaot.version");
}

unsigned wa_rolled_kind(const struct wa_ir *ir) {
  return mark_kind(ir, "wasmaot.rolled");
}

// ---- Loops ----

static bool only_leads_to(LLVMBasicBlockRef block, LLVMBasicBlockRef header) {
  LLVMValueRef end = LLVMGetBasicBlockTerminator(block);
  return LLVMIsABranchInst(end) && !LLVMIsConditional(end) && LLVMGetSuccessor(end, 0) == header;
}

// Values of the loop are used outside of it only by phis of its exit.
static bool is_closed(const struct wa_loop *loop, LLVMValueRef instr) {
  for (LLVMUseRef use = LLVMGetFirstUse(instr); use; use = LLVMGetNextUse(use)) {
    LLVMValueRef user = LLVMGetUser(use);
    if (!wa_loop_has(loop, user) &&
        (!LLVMIsAPHINode(user) || LLVMGetInstructionParent(user) != loop->exit)) {
      return false;
    }
  }
  return true;
}

// Whether there is nothing in it that the vectoriser would leave it for, or that cannot be copied.
static bool is_simple(const struct wa_loop *loop, bool *has_store) {
  uint32_t count = 0;
  *has_store = false;
  bool is_simple = true;
  for (uint32_t i = 0; i < loop->block_count; i++) {
    for (LLVMValueRef instr = LLVMGetFirstInstruction(loop->blocks[i]); instr;
         instr = LLVMGetNextInstruction(instr)) {
      *has_store |= LLVMIsAStoreInst(instr) != NULL;
      bool is_call = LLVMIsACallInst(instr) && LLVMGetIntrinsicID(LLVMGetCalledValue(instr)) == 0;
      bool is_barred =
          (LLVMIsALoadInst(instr) || LLVMIsAStoreInst(instr)) &&
          (LLVMGetVolatile(instr) || LLVMGetOrdering(instr) != LLVMAtomicOrderingNotAtomic);
      if (is_call || is_barred || LLVMIsAAtomicRMWInst(instr) || LLVMIsAAtomicCmpXchgInst(instr) ||
          ++count > MOST_INSTRS || !is_closed(loop, instr)) {
        is_simple = false;
      }
    }
  }
  return is_simple;
}

static void keep_scalar(struct wa_ir *ir, LLVMBasicBlockRef latch) {
  LLVMSetMetadata(LLVMGetBasicBlockTerminator(latch), ir->loop_kind, ir->no_vectors);
}

// ---- Copies ----

// From what is in a loop to what is in its copy.
struct copies {
  const void *keys[TABLE_SIZE];
  void *values[TABLE_SIZE];
};

static uint32_t slot_of(const struct copies *copies, const void *key) {
  uint32_t slot = wa_hash_pointer(key) & (TABLE_SIZE - 1);
  while (copies->keys[slot] && copies->keys[slot] != key) {
    slot = (slot + 1) & (TABLE_SIZE - 1);
  }
  return slot;
}

static void note_copy(struct copies *copies, const void *from, void *to) {
  uint32_t slot = slot_of(copies, from);
  copies->keys[slot] = from;
  copies->values[slot] = to;
}

static LLVMValueRef copy_of(const struct copies *copies, LLVMValueRef value) {
  uint32_t slot = slot_of(copies, value);
  return copies->keys[slot] ? copies->values[slot] : value;
}

static LLVMBasicBlockRef block_copy_of(const struct copies *copies, LLVMBasicBlockRef block) {
  uint32_t slot = slot_of(copies, block);
  return copies->keys[slot] ? copies->values[slot] : block;
}

// Phis are made anew: the C API cannot change where their values come from.
static void copy_instrs(struct wa_ir *ir, struct copies *copies, LLVMBasicBlockRef from) {
  LLVMBuilderRef builder = ir->builder;
  LLVMPositionBuilderAtEnd(builder, block_copy_of(copies, from));
  for (LLVMValueRef instr = LLVMGetFirstInstruction(from); instr;
       instr = LLVMGetNextInstruction(instr)) {
    LLVMValueRef twin;
    if (LLVMIsAPHINode(instr)) {
      twin = LLVMBuildPhi(builder, LLVMTypeOf(instr), "");
    } else {
      twin = LLVMInstructionClone(instr);
      LLVMInsertIntoBuilder(builder, twin);
    }
    note_copy(copies, instr, twin);
  }
}

static void connect_phi(const struct copies *copies, LLVMValueRef phi, LLVMValueRef twin) {
  for (unsigned i = 0; i < LLVMCountIncoming(phi); i++) {
    LLVMValueRef value = copy_of(copies, LLVMGetIncomingValue(phi, i));
    LLVMBasicBlockRef block = block_copy_of(copies, LLVMGetIncomingBlock(phi, i));
    LLVMAddIncoming(twin, &value, &block, 1);
  }
}

static void connect(const struct copies *copies, LLVMValueRef instr, LLVMValueRef twin) {
  if (LLVMIsAPHINode(instr)) {
    connect_phi(copies, instr, twin);
    return;
  }
  for (unsigned i = 0; i < (unsigned)LLVMGetNumOperands(instr); i++) {
    LLVMValueRef operand = LLVMGetOperand(instr, i);
    if (!LLVMValueIsBasicBlock(operand)) {
      LLVMSetOperand(twin, i, copy_of(copies, operand));
    }
  }
  if (!LLVMIsATerminatorInst(instr)) {
    return;
  }
  for (unsigned i = 0; i < LLVMGetNumSuccessors(instr); i++) {
    LLVMSetSuccessor(twin, i, block_copy_of(copies, LLVMGetSuccessor(instr, i)));
  }
}

#if WA_READS_DEBUG_RECORDS
static void copy_record(LLVMDIBuilderRef builder, const struct copies *copies,
                        LLVMDbgRecordRef record, LLVMValueRef twin) {
  if (LLVMDbgRecordGetKind(record) != LLVMDbgRecordValue) {
    return;
  }
  LLVMMetadataRef variable = LLVMDbgVariableRecordGetVariable(record);
  LLVMValueRef value = LLVMDbgVariableRecordGetValue(record, 0);
  if (value && LLVMDIVariableGetLine(variable) < WA_FIRST_LOAD_LINE) {
    WA_INSERT_VALUE_BEFORE(builder, copy_of(copies, value), variable,
                           LLVMDbgVariableRecordGetExpression(record),
                           LLVMDbgRecordGetDebugLoc(record), twin);
  }
}

// Those of the guest's variables: of loads the copy has none.
static void copy_records(struct wa_ir *ir, const struct copies *copies,
                         const struct wa_loop *loop) {
  LLVMDIBuilderRef builder = LLVMCreateDIBuilder(ir->llvm);
  for (uint32_t i = 0; i < loop->block_count; i++) {
    for (LLVMValueRef instr = LLVMGetFirstInstruction(loop->blocks[i]); instr;
         instr = LLVMGetNextInstruction(instr)) {
      LLVMDbgRecordRef record = LLVMGetFirstDbgRecord(instr);
      for (; record; record = LLVMGetNextDbgRecord(record)) {
        copy_record(builder, copies, record, copy_of(copies, instr));
      }
    }
  }
  LLVMDisposeDIBuilder(builder);
}
#else
// They are copied as calls, if at all.
static void copy_records(struct wa_ir *ir, const struct copies *copies,
                         const struct wa_loop *loop) {
  (void)ir;
  (void)copies;
  (void)loop;
}
#endif

// The copy goes to the same exit; its header's phis expect `fast` in front of it.
static LLVMBasicBlockRef copy_loop(struct wa_ir *ir, const struct wa_loop *loop,
                                   struct copies *copies, LLVMBasicBlockRef fast) {
  LLVMContextRef context = ir->context;
  for (uint32_t i = 0; i < loop->block_count; i++) {
    note_copy(copies, loop->blocks[i], LLVMInsertBasicBlockInContext(context, loop->exit, ""));
  }
  note_copy(copies, loop->preheader, fast);
  for (uint32_t i = 0; i < loop->block_count; i++) {
    copy_instrs(ir, copies, loop->blocks[i]);
  }
  for (uint32_t i = 0; i < loop->block_count; i++) {
    for (LLVMValueRef instr = LLVMGetFirstInstruction(loop->blocks[i]); instr;
         instr = LLVMGetNextInstruction(instr)) {
      connect(copies, instr, copy_of(copies, instr));
    }
  }
  if (ir->debug) {
    copy_records(ir, copies, loop);
  }
  LLVMBasicBlockRef latch = block_copy_of(copies, loop->latch);
  for (LLVMValueRef phi = LLVMGetFirstInstruction(loop->exit); phi && LLVMIsAPHINode(phi);
       phi = LLVMGetNextInstruction(phi)) {
    LLVMValueRef value = wa_phi_from(phi, loop->latch);
    if (value) {
      value = copy_of(copies, value);
      LLVMAddIncoming(phi, &value, &latch, 1);
    }
  }
  return block_copy_of(copies, loop->header);
}

// Makes the header's phis expect `slow` where the preheader was.
static void enter_by(struct wa_ir *ir, const struct wa_loop *loop, LLVMBasicBlockRef slow) {
  LLVMValueRef next;
  for (LLVMValueRef phi = LLVMGetFirstInstruction(loop->header); phi && LLVMIsAPHINode(phi);
       phi = next) {
    next = LLVMGetNextInstruction(phi);
    LLVMPositionBuilderBefore(ir->builder, phi);
    LLVMValueRef other = LLVMBuildPhi(ir->builder, LLVMTypeOf(phi), "");
    LLVMReplaceAllUsesWith(phi, other);
    for (unsigned i = 0; i < LLVMCountIncoming(phi); i++) {
      LLVMValueRef value = LLVMGetIncomingValue(phi, i);
      LLVMBasicBlockRef block = LLVMGetIncomingBlock(phi, i);
      value = value == phi ? other : value;
      block = block == loop->preheader ? slow : block;
      LLVMAddIncoming(other, &value, &block, 1);
    }
    LLVMInstructionEraseFromParent(phi);
  }
}

static LLVMValueRef make_versions(struct wa_ir *ir, const struct wa_loop *loop,
                                  LLVMValueRef inside) {
  struct copies *copies = calloc(1, sizeof *copies);
  if (!copies) {
    wa_ir_no_memory();
  }
  LLVMBasicBlockRef slow = LLVMInsertBasicBlockInContext(ir->context, loop->header, "");
  LLVMBasicBlockRef fast = LLVMInsertBasicBlockInContext(ir->context, loop->exit, "");
  LLVMBasicBlockRef copy = copy_loop(ir, loop, copies, fast);
  enter_by(ir, loop, slow);
  keep_scalar(ir, loop->latch);
  LLVMPositionBuilderAtEnd(ir->builder, fast);
  LLVMBuildBr(ir->builder, copy);
  LLVMPositionBuilderAtEnd(ir->builder, slow);
  LLVMBuildBr(ir->builder, loop->header);
  LLVMInstructionEraseFromParent(LLVMGetBasicBlockTerminator(loop->preheader));
  LLVMPositionBuilderAtEnd(ir->builder, loop->preheader);
  LLVMValueRef branch = LLVMBuildCondBr(ir->builder, inside, fast, slow);
  LLVMSetMetadata(branch, ir->weights_kind, ir->weights[1]);
  LLVMSetMetadata(branch, wa_version_kind(ir), ir->empty_node);
  free(copies);
  return branch;
}

// ---- Deciding ----

static bool keeps_scalars(const struct wa_ir *ir, LLVMValueRef function) {
  for (uint32_t i = 0; i < ir->body_count; i++) {
    if (wa_ir_declared(ir, ir->bodies[i].index) == function) {
      return ir->bodies[i].keeps_scalars;
    }
  }
  return false;
}

static bool stays_scalar(const struct wa_ir *ir, const struct wa_loop *loop) {
  LLVMValueRef latch = LLVMGetBasicBlockTerminator(loop->latch);
  return LLVMGetMetadata(latch, ir->loop_kind) == ir->no_vectors;
}

LLVMValueRef wa_version_pure_loop(struct wa_ir *ir, struct wa_loop *loop) {
  bool has_store;
  if (stays_scalar(ir, loop) || !only_leads_to(loop->preheader, loop->header) ||
      !is_simple(loop, &has_store) || has_store) {
    return NULL;
  }
  LLVMValueRef inside = wa_loop_stays_inside(ir, loop);
  return inside && !LLVMIsAConstantInt(inside) ? make_versions(ir, loop, inside) : NULL;
}

static void decide(struct wa_ir *ir, struct wa_loop *loop, bool stay_scalar) {
  if (stays_scalar(ir, loop)) {
    return;
  }
  bool has_shape =
      loop->preheader && only_leads_to(loop->preheader, loop->header) && wa_loop_find_exit(loop);
  bool has_store;
  bool is_plain = is_simple(loop, &has_store);
  if (stay_scalar || !has_shape || !is_plain) {
    if (stay_scalar || has_store) {
      keep_scalar(ir, loop->latch);
    }
    return;
  }
  if (!has_store) {
    if (!wa_loop_hide_wraps(ir, loop)) {
      keep_scalar(ir, loop->latch);
    }
    return;
  }
  LLVMValueRef inside = wa_loop_stays_inside(ir, loop);
  if (!inside || (LLVMIsAConstantInt(inside) && LLVMIsNull(inside))) {
    keep_scalar(ir, loop->latch);
  } else if (!LLVMIsAConstantInt(inside)) {
    make_versions(ir, loop, inside);
  }
}

// The latches of all loops, which stay the latches of scalar ones.
static void mark_scalars(struct wa_ir *ir, const struct wa_dominators *d) {
  for (uint32_t i = 0; i < d->count; i++) {
    for (uint32_t j = d->edge_starts[i]; j < d->edge_starts[i + 1]; j++) {
      if (wa_dominates(d, i, d->edges[j])) {
        LLVMSetMetadata(LLVMGetBasicBlockTerminator(d->blocks[d->edges[j]]), scalar_kind(ir),
                        ir->empty_node);
      }
    }
  }
}

void wa_version_loops(struct wa_ir *ir, LLVMValueRef function) {
  if (!LLVMGetFirstBasicBlock(function)) {
    return;
  }
  struct wa_dominators d;
  struct wa_arena arena;
  wa_arena_init(&arena, 0);
  wa_dominators_init(&d, function, &arena);
  struct wa_loop_search search;
  wa_loop_search_init(&search, &d, &arena);
  mark_scalars(ir, &d);
  bool stay_scalar = keeps_scalars(ir, function);
  struct wa_loop *loops = wa_ir_alloc(&arena, d.count, sizeof *loops);
  uint32_t count = 0;
  for (uint32_t i = 0; i < d.count; i++) {
    struct wa_loop *loop = &loops[count];
    if (!wa_loop_find(loop, &d, i)) {
      continue;
    }
    if (!wa_loop_find_blocks(loop, &search)) {
      keep_scalar(ir, loop->latch);
    } else if (wa_loop_search_is_innermost(&search)) {
      count++;
    }
  }
  for (uint32_t i = 0; i < count; i++) {
    decide(ir, &loops[i], stay_scalar);
  }
  wa_arena_deinit(&arena);
}

// ---- Behind the vectoriser ----

// Vector loops are those whose latch is not marked; a version is good for those that its way in
// dominates.
struct settling {
  struct wa_ir *ir;
  struct wa_dominators dominators;
  struct wa_loop_search search;
  LLVMValueRef *branches;
  uint32_t branch_count;
};

static bool stores(const struct wa_loop *loop) {
  for (uint32_t i = 0; i < loop->block_count; i++) {
    for (LLVMValueRef instr = LLVMGetFirstInstruction(loop->blocks[i]); instr;
         instr = LLVMGetNextInstruction(instr)) {
      bool is_call = LLVMIsACallInst(instr) && !LLVMGetFirstUse(instr);
      if (LLVMIsAStoreInst(instr) || is_call) {
        return true;
      }
    }
  }
  return false;
}

static void find_versions(struct settling *s, struct wa_arena *arena) {
  const struct wa_dominators *d = &s->dominators;
  s->branches = wa_ir_alloc(arena, d->count, sizeof(LLVMValueRef));
  for (uint32_t i = 0; i < d->count; i++) {
    LLVMValueRef end = LLVMGetBasicBlockTerminator(d->blocks[i]);
    if (LLVMGetMetadata(end, wa_version_kind(s->ir))) {
      s->branches[s->branch_count++] = end;
    }
  }
}

// Whether a vector loop belongs to a version.
static bool has_version(const struct settling *s, LLVMBasicBlockRef header) {
  const struct wa_dominators *d = &s->dominators;
  uint32_t number = wa_dominators_number(d, header);
  for (uint32_t i = 0; i < s->branch_count; i++) {
    uint32_t fast = wa_dominators_number(d, LLVMGetSuccessor(s->branches[i], 0));
    if (fast != WA_NO_BLOCK && wa_dominates(d, fast, number)) {
      return true;
    }
  }
  return false;
}

static bool is_vector_loop(const struct settling *s, uint32_t header, struct wa_loop *loop) {
  return wa_loop_find(loop, &s->dominators, header) &&
         !LLVMGetMetadata(LLVMGetBasicBlockTerminator(loop->latch), scalar_kind(s->ir));
}

// Whether the vectoriser has left a loop alone: the way into it leads to it at once. Vectors need
// not be a loop, when one iteration of them is all.
static bool is_untouched(const struct settling *s, LLVMValueRef branch) {
  const struct wa_dominators *d = &s->dominators;
  LLVMValueRef end = LLVMGetBasicBlockTerminator(LLVMGetSuccessor(branch, 0));
  if (!LLVMIsABranchInst(end) || LLVMIsConditional(end)) {
    return false;
  }
  struct wa_loop loop;
  uint32_t header = wa_dominators_number(d, LLVMGetSuccessor(end, 0));
  return header != WA_NO_BLOCK && wa_loop_find(&loop, d, header) &&
         LLVMGetMetadata(LLVMGetBasicBlockTerminator(loop.latch), scalar_kind(s->ir));
}

// Whether every vector loop that stores has a version of its own.
static bool all_versioned(struct settling *s) {
  bool all = true;
  for (uint32_t i = 0; i < s->dominators.count; i++) {
    struct wa_loop loop;
    if (is_vector_loop(s, i, &loop) && !has_version(s, loop.header) &&
        (!wa_loop_find_blocks(&loop, &s->search) || stores(&loop))) {
      all = false;
    }
  }
  return all;
}

static void remove_marks(struct settling *s) {
  for (uint32_t i = 0; i < s->dominators.count; i++) {
    LLVMValueRef end = LLVMGetBasicBlockTerminator(s->dominators.blocks[i]);
    LLVMSetMetadata(end, scalar_kind(s->ir), NULL);
    LLVMSetMetadata(end, wa_version_kind(s->ir), NULL);
    LLVMSetMetadata(end, wa_rolled_kind(s->ir), NULL);
  }
}

static bool settle(struct wa_ir *ir, LLVMValueRef function) {
  struct settling s = {.ir = ir};
  struct wa_arena arena;
  wa_arena_init(&arena, 0);
  wa_dominators_init(&s.dominators, function, &arena);
  wa_loop_search_init(&s.search, &s.dominators, &arena);
  find_versions(&s, &arena);
  bool all = all_versioned(&s);
  for (uint32_t i = 0; i < s.branch_count; i++) {
    if (is_untouched(&s, s.branches[i])) {
      LLVMSetCondition(s.branches[i], LLVMConstInt(ir->i1, 0, false));
    }
  }
  remove_marks(&s);
  wa_arena_deinit(&arena);
  return all;
}

void wa_settle_versions(struct wa_ir *ir) {
  for (uint32_t i = 0; i < ir->body_count; i++) {
    struct wa_body *body = &ir->bodies[i];
    LLVMValueRef function = wa_ir_declared(ir, body->index);
    if (function && LLVMGetFirstBasicBlock(function) && !settle(ir, function) &&
        !body->keeps_scalars) {
      body->is_wrong = true;
      body->keeps_scalars = true;
    }
  }
}
