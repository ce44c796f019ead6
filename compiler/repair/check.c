// Whether a guest's load was lost: deleted, while nothing else traps in its place.
//
// Each load that was released (accesses.c) has a debug record where it was. LLVM puts into the
// record of what it deletes what has the same value, and kills the record where there is nothing.
// But a record is no code: it goes with a block in which nothing else is left, or when the next one
// follows without an instruction between. Where a pass had cloned the load (unswitched or unrolled
// a loop, threaded a jump), the records of other clones are still there, and tell nothing about
// this one. So each block with records gets a marker behind them, which is code: a call of
// llvm.sideeffect, with the numbers of the loads. LLVM deletes, merges and moves none, clones it
// with what is around it, and keeps every loop and block that has one, unless nothing ever gets
// there. It costs no memory optimisation, as it accesses no memory that LLVM knows.
//
// Shape: "check-loads": the records of loads, and markers. "mark-loads": records.
// Preconditions: none for the records; while there are markers, LLVM's vectoriser does not run,
//   which would not take a loop that has one in a branch.
// Rewrite: "mark-loads":
//     %x = load i32, ptr %p                =>   %x = load i32, ptr %p
//       #dbg_value(i32 %x, ...)                   #dbg_value(i32 %x, ...)
//                                               call void @llvm.sideeffect(), !wasmaot.loads !{i32
//                                               0}
//   "check-loads" takes the markers away, and the bodies that have lost loads.
// Right when the guest
//   traps: wherever control passes a clone of the load's place, it passes a marker; the last record
//     in front of that names what traps there: the load, the one it was merged with, what was
//     stored to the address before, or a phi of such. A record that is killed, or is not there,
//     means that the load is lost; so does one that names a load which has moved in front of a
//     store (has_moved). No marker is needed where a record names a load that is in its own place
//     in another block: that has a record, and a marker, of its own. A marker that is gone was
//     never reached.
//   wraps, aliases or races: see accesses.c.
// If wrong: a trap is lost; still inside the reservation.
#include "compiler/ir/address.h"
#include "compiler/ir/dominators.h"
#include "compiler/repair/loads.h"
#include "compiler/repair/repair.h"

#include <llvm-c/DebugInfo.h>

// What records say about the loads of a body, by their numbers.
struct findings {
  struct wa_ir *ir;
  struct wa_lazy_dominators order;
  uint32_t count;
  bool *lost;
  uint32_t *seen; // the last block that has a record of it; they count from 1
  uint32_t block;
  uint32_t looked_up; // the last block whose records further up were looked at
  // What to do with a record that has a value, or NULL for one that has none.
  void (*note)(struct findings *findings, uint32_t number, LLVMValueRef value, LLVMValueRef at);
  // The next marker: its numbers, and the last instruction with one of their records.
  LLVMValueRef *numbers;
  uint32_t marked;
  LLVMValueRef at;
};

static bool has_effect(LLVMValueRef instr) {
  return LLVMIsAStoreInst(instr) || LLVMIsAMemIntrinsic(instr) ||
         (LLVMIsACallInst(instr) && LLVMGetIntrinsicID(LLVMGetCalledValue(instr)) == 0);
}

// Whether a store stands between two places of a block; NULL for its start, or its end.
static bool any_effect(LLVMBasicBlockRef block, LLVMValueRef from, LLVMValueRef to) {
  LLVMValueRef instr = from ? LLVMGetNextInstruction(from) : LLVMGetFirstInstruction(block);
  for (; instr && instr != to; instr = LLVMGetNextInstruction(instr)) {
    if (has_effect(instr)) {
      return true;
    }
  }
  return false;
}

static unsigned place_kind(const struct wa_ir *ir) {
  static const char name[] = "wasmaot.place";
  return LLVMGetMDKindIDInContext(ir->context, name, sizeof name - 1);
}

enum { MOST_BLOCKS_BETWEEN = 64 };

// Whether a store is done on a way from a load to where it was at first. A way back to the start of
// a loop does not count: there the same load has been done before.
static bool passes_effect(struct findings *findings, LLVMValueRef load, LLVMValueRef at) {
  LLVMBasicBlockRef start = LLVMGetInstructionParent(load), end = LLVMGetInstructionParent(at);
  if (start == end) {
    return any_effect(end, load, at);
  }
  LLVMBasicBlockRef blocks[MOST_BLOCKS_BETWEEN] = {end};
  uint32_t count = 1;
  for (uint32_t i = 0; i < count; i++) {
    bool is_start = blocks[i] == start;
    if (any_effect(blocks[i], is_start ? load : NULL, i == 0 ? at : NULL)) {
      return true;
    }
    LLVMUseRef use = is_start ? NULL : LLVMGetFirstUse(LLVMBasicBlockAsValue(blocks[i]));
    for (; use; use = LLVMGetNextUse(use)) {
      LLVMValueRef user = LLVMGetUser(use);
      LLVMBasicBlockRef from = LLVMIsATerminatorInst(user) ? LLVMGetInstructionParent(user) : NULL;
      if (!from || wa_goes_back(&findings->order, from, blocks[i])) {
        continue;
      }
      uint32_t j = 0;
      while (j < count && blocks[j] != from) {
        j++;
      }
      if (j == MOST_BLOCKS_BETWEEN) {
        return true;
      }
      blocks[j] = from;
      count = j == count ? count + 1 : count;
    }
  }
  return false;
}

// Whether a load was moved in front of a store: its trap would hide that. One that stands where it
// always did only took the place of another.
static bool load_has_moved(struct findings *findings, LLVMValueRef load, LLVMValueRef at) {
  return wa_ir_is_guest_load(findings->ir, load) && !LLVMGetVolatile(load) &&
         !LLVMGetMetadata(load, place_kind(findings->ir)) && passes_effect(findings, load, at);
}

// Whether an instruction gives one of its operands, as it is or in another type.
static bool hands_on(LLVMValueRef instr) {
  return LLVMIsAPHINode(instr) || LLVMIsASelectInst(instr) || LLVMIsAFreezeInst(instr) ||
         LLVMIsACastInst(instr);
}

// Whether what a record names comes from a load that has moved. Of a load that a loop makes again
// and again LLVM makes the first in front of it, and a phi in the loop is that or what was stored
// since.
static bool has_moved(struct findings *findings, LLVMValueRef value, LLVMValueRef at) {
  struct wa_value_set sources = {.values = {value}, .count = 1};
  for (uint32_t i = 0; i < sources.count; i++) {
    LLVMValueRef source = sources.values[i];
    if (LLVMIsALoadInst(source) && load_has_moved(findings, source, at)) {
      return true;
    }
    if (hands_on(source) && !wa_add_operands(&sources, source)) {
      return true;
    }
  }
  return false;
}

static void note_place(struct findings *findings, uint32_t number, LLVMValueRef value,
                       LLVMValueRef at) {
  (void)number;
  if (value && LLVMIsALoadInst(value) &&
      LLVMGetInstructionParent(value) == LLVMGetInstructionParent(at) &&
      !any_effect(LLVMGetInstructionParent(at), value, at)) {
    LLVMSetMetadata(value, place_kind(findings->ir), findings->ir->empty_node);
  }
}

static void note_lost(struct findings *findings, uint32_t number, LLVMValueRef value,
                      LLVMValueRef at) {
  findings->seen[number] = findings->block;
  if (!value || has_moved(findings, value, at)) {
    findings->lost[number] = true;
  }
}

static void note_record(struct findings *findings, LLVMMetadataRef variable, LLVMValueRef value,
                        LLVMValueRef at) {
  unsigned line = LLVMDIVariableGetLine(variable);
  if (line >= WA_FIRST_LOAD_LINE && line - WA_FIRST_LOAD_LINE < findings->count) {
    bool has_value = value && !LLVMIsUndef(value);
    findings->note(findings, line - WA_FIRST_LOAD_LINE, has_value ? value : NULL, at);
  }
}

#if WA_READS_DEBUG_RECORDS
static void note_records(struct findings *findings, LLVMValueRef instr) {
  for (LLVMDbgRecordRef at = LLVMGetFirstDbgRecord(instr); at; at = LLVMGetNextDbgRecord(at)) {
    if (LLVMDbgRecordGetKind(at) == LLVMDbgRecordValue) {
      note_record(findings, LLVMDbgVariableRecordGetVariable(at),
                  LLVMDbgVariableRecordGetValue(at, 0), instr);
    }
  }
}
#else
// The records are calls here, with the value and the variable as their first arguments.
static void note_records(struct findings *findings, LLVMValueRef instr) {
  static const char name[] = "llvm.dbg.value";
  if (!LLVMIsACallInst(instr) || LLVMGetIntrinsicID(LLVMGetCalledValue(instr)) !=
                                     LLVMLookupIntrinsicID(name, sizeof name - 1)) {
    return;
  }
  LLVMValueRef operand = LLVMGetOperand(instr, 0), value = NULL;
  if (LLVMGetMDNodeNumOperands(operand) == 1) {
    LLVMGetMDNodeOperands(operand, &value);
  }
  note_record(findings, LLVMValueAsMetadata(LLVMGetOperand(instr, 1)), value,
              LLVMGetNextInstruction(instr));
}
#endif

static void note_block(struct findings *findings, LLVMBasicBlockRef block,
                       void (*visit)(struct findings *findings, LLVMValueRef instr)) {
  findings->block++;
  for (LLVMValueRef instr = LLVMGetFirstInstruction(block); instr;
       instr = LLVMGetNextInstruction(instr)) {
    note_records(findings, instr);
    if (visit) {
      visit(findings, instr);
    }
  }
}

static void note_all(struct findings *findings,
                     void (*note)(struct findings *findings, uint32_t number, LLVMValueRef value,
                                  LLVMValueRef at),
                     void (*visit)(struct findings *findings, LLVMValueRef instr)) {
  findings->note = note;
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(findings->order.function); block;
       block = LLVMGetNextBasicBlock(block)) {
    note_block(findings, block, visit);
  }
}

// Marks the loads that are where they always were. What an earlier check has marked may have moved.
static void find_places(struct findings *findings) {
  LLVMValueRef function = findings->order.function;
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    for (LLVMValueRef instr = LLVMGetFirstInstruction(block); instr;
         instr = LLVMGetNextInstruction(instr)) {
      if (LLVMIsALoadInst(instr)) {
        LLVMSetMetadata(instr, place_kind(findings->ir), NULL);
      }
    }
  }
  note_all(findings, note_place, NULL);
}

static void findings_init(struct findings *findings, struct wa_ir *ir, const struct wa_body *body) {
  uint32_t count = body->load_count;
  *findings = (struct findings){.ir = ir, .count = count};
  findings->order.function = wa_ir_declared(ir, body->index);
  wa_arena_init(&findings->order.arena, 0);
  findings->lost = wa_ir_alloc(&findings->order.arena, count, sizeof *findings->lost);
  findings->seen = wa_ir_alloc(&findings->order.arena, count, sizeof *findings->seen);
  findings->numbers = wa_ir_alloc(&findings->order.arena, count, sizeof *findings->numbers);
}

static void findings_deinit(struct findings *findings) {
  wa_arena_deinit(&findings->order.arena);
}

// ---- Markers ----

static unsigned loads_kind(const struct wa_ir *ir) {
  static const char name[] = "wasmaot.loads";
  return LLVMGetMDKindIDInContext(ir->context, name, sizeof name - 1);
}

static bool is_marker(const struct wa_ir *ir, LLVMValueRef instr) {
  return LLVMIsACallInst(instr) &&
         LLVMGetIntrinsicID(LLVMGetCalledValue(instr)) == ir->intrinsics[WA_INTRINSIC_SIDEEFFECT];
}

static void build_marker(struct findings *findings) {
  struct wa_ir *ir = findings->ir;
  LLVMValueRef at = findings->at;
  while (LLVMIsAPHINode(at) || LLVMIsALandingPadInst(at)) {
    at = LLVMGetNextInstruction(at);
  }
  LLVMPositionBuilderBefore(ir->builder, at);
  LLVMValueRef marker = wa_ir_intrinsic(ir, WA_INTRINSIC_SIDEEFFECT, NULL, 0, NULL, 0);
  LLVMAddCallSiteAttribute(marker, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                           wa_ir_attribute(ir->context, "nomerge", 0));
  LLVMSetMetadata(marker, loads_kind(ir),
                  LLVMMDNodeInContext(ir->context, findings->numbers, findings->marked));
  // LLVM takes records for dead that are in a scope without instructions.
  LLVMMetadataRef scope = LLVMGetSubprogram(findings->order.function);
  LLVMInstructionSetDebugLoc(marker,
                             LLVMDIBuilderCreateDebugLocation(ir->context, 1, 0, scope, NULL));
  findings->marked = 0;
}

static bool needs_marker(const struct findings *findings, LLVMValueRef value, LLVMValueRef at) {
  if (!value || !LLVMIsAInstruction(value)) {
    return false;
  }
  return LLVMGetInstructionParent(value) == LLVMGetInstructionParent(at) ||
         !LLVMIsALoadInst(value) || !LLVMGetMetadata(value, place_kind(findings->ir));
}

// Two clones of a load in one block get a marker each.
static void note_mark(struct findings *findings, uint32_t number, LLVMValueRef value,
                      LLVMValueRef at) {
  if (!needs_marker(findings, value, at)) {
    return;
  }
  bool is_again = findings->seen[number] == findings->block && findings->at != at;
  if (findings->marked > 0 && (is_again || findings->marked == findings->count)) {
    build_marker(findings);
  }
  findings->numbers[findings->marked++] = wa_ir_const_i32(findings->ir, number);
  findings->seen[number] = findings->block;
  findings->at = at;
}

// At a block's end.
static void end_marking(struct findings *findings, LLVMValueRef instr) {
  if (LLVMIsATerminatorInst(instr) && findings->marked > 0) {
    build_marker(findings);
  }
}

static void mark(struct wa_ir *ir, const struct wa_body *body) {
  struct findings findings;
  findings_init(&findings, ir, body);
  find_places(&findings);
  note_all(&findings, note_mark, end_marking);
  findings_deinit(&findings);
}

void wa_mark_loads(struct wa_ir *ir) {
  WA_MAKE_DEBUG_CALLS(ir->llvm);
  for (uint32_t i = 0; i < ir->body_count; i++) {
    if (!ir->bodies[i].is_wrong && ir->bodies[i].load_count > 0) {
      mark(ir, &ir->bodies[i]);
    }
  }
}

// ---- Checking ----

// The only block that goes to another.
static LLVMBasicBlockRef only_predecessor(LLVMBasicBlockRef block) {
  LLVMBasicBlockRef found = NULL;
  LLVMUseRef use = LLVMGetFirstUse(LLVMBasicBlockAsValue(block));
  for (; use; use = LLVMGetNextUse(use)) {
    LLVMValueRef user = LLVMGetUser(use);
    LLVMBasicBlockRef from = LLVMIsATerminatorInst(user) ? LLVMGetInstructionParent(user) : found;
    if (found && from != found) {
      return NULL;
    }
    found = from;
  }
  return found;
}

static void note_number(struct findings *findings, uint32_t number, LLVMValueRef value,
                        LLVMValueRef at) {
  (void)value;
  (void)at;
  findings->seen[number] = findings->block;
}

enum { MOST_PARTS = 8 };

// Counts as this block's what the blocks have that were one with it before it was split. Once.
static void look_further_up(struct findings *findings, LLVMBasicBlockRef block) {
  uint32_t here = findings->block;
  if (findings->looked_up == here) {
    return;
  }
  findings->looked_up = here;
  findings->note = note_number;
  for (int i = 0; i < MOST_PARTS && (block = only_predecessor(block)); i++) {
    findings->block = here - 1;
    note_block(findings, block, NULL);
  }
  findings->note = note_lost;
}

static void check_marker(struct findings *findings, LLVMValueRef instr) {
  if (!is_marker(findings->ir, instr)) {
    return;
  }
  LLVMValueRef node = LLVMGetMetadata(instr, loads_kind(findings->ir));
  unsigned count = node ? LLVMGetMDNodeNumOperands(node) : 0;
  LLVMValueRef *numbers = wa_ir_alloc(&findings->order.arena, count, sizeof *numbers);
  if (node) {
    LLVMGetMDNodeOperands(node, numbers);
  }
  for (uint32_t i = 0; i < count; i++) {
    uint32_t number = (uint32_t)LLVMConstIntGetZExtValue(numbers[i]);
    if (findings->seen[number] != findings->block) {
      look_further_up(findings, LLVMGetInstructionParent(instr));
    }
    if (findings->seen[number] != findings->block) {
      findings->lost[number] = true;
    }
  }
  // Whose it was is not known any more.
  for (uint32_t i = 0; !node && i < findings->count; i++) {
    findings->lost[i] = true;
  }
}

static void erase_markers(const struct wa_ir *ir, LLVMValueRef function) {
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    for (LLVMValueRef instr = LLVMGetFirstInstruction(block), next; instr; instr = next) {
      next = LLVMGetNextInstruction(instr);
      if (is_marker(ir, instr)) {
        LLVMInstructionEraseFromParent(instr);
      }
    }
  }
}

// Keeps what is lost from now on.
static void keep_lost(struct wa_ir *ir, struct wa_body *body, const bool *lost) {
  for (uint32_t i = 0; i < body->load_count; i++) {
    if ((!lost[i] && WA_KNOWS_LOST_LOADS) || wa_keeps_load(body, i)) {
      continue;
    }
    if (!body->keeps) {
      body->keeps = wa_ir_alloc(ir->kept, body->load_count, sizeof *body->keeps);
    }
    body->keeps[i] = true;
    body->is_wrong = true;
  }
}

static void check(struct wa_ir *ir, struct wa_body *body) {
  struct findings findings;
  findings_init(&findings, ir, body);
  find_places(&findings);
  note_all(&findings, note_lost, check_marker);
  erase_markers(ir, findings.order.function);
  keep_lost(ir, body, findings.lost);
  findings_deinit(&findings);
}

// Takes a body's code out of the module again; what calls it stays.
static void remove_body(struct wa_ir *ir, const struct wa_body *body) {
  LLVMValueRef old = wa_ir_declared(ir, body->index);
  wa_ir_set_declared(ir, body->index, NULL);
  LLVMSetValueName2(old, "", 0);
  LLVMReplaceAllUsesWith(old, wa_ir_declare(ir, body->index));
  LLVMDeleteFunction(old);
  wa_ir_set_declared(ir, body->index, NULL);
}

void wa_check_loads(struct wa_ir *ir) {
  WA_MAKE_DEBUG_CALLS(ir->llvm);
  for (uint32_t i = 0; i < ir->body_count; i++) {
    struct wa_body *body = &ir->bodies[i];
    if (!body->is_wrong && body->load_count > 0) {
      check(ir, body);
    }
    if (body->is_wrong && wa_ir_declared(ir, body->index)) {
      remove_body(ir, body);
    }
  }
}

void wa_forget_loads(struct wa_ir *ir) {
  if (!ir->debug && ir->body_count > 0) {
    LLVMStripModuleDebugInfo(ir->llvm);
  }
}
