// Which of the guest's loads may go, and in what order its stores stay.
//
// A load outside of the memory traps, whatever becomes of its value (core spec 4.4.7); LLVM deletes
// a load whose value nobody needs. Every guest load is built volatile, and stays so until what is
// easy to simplify is simplified. Then LLVM may merge, move and widen those whose value matters.
//
// Shape: "loads": volatile loads that are not atomic. "stores": stores to anything but an alloca,
// and
//   loads that is_used() does not find used, whatever way their block is left, any more, or that
//   the next store of their block does not need, or that the code generator may find to be the same
//   as another.
// Preconditions: is_used(), in the load's own block something that cannot go needs the value, or a
//   phi takes it that matters; wa_keeps_load(), no attempt before has lost it. For "stores": no
//   pass follows.
// Rewrite:
//     %x = load volatile i32, ptr %p       =>   %x = load i32, ptr %p
//                                                 #dbg_value(i32 %x, ...)
//     store i32 %x, ptr %q                 =>   store volatile i32 %x, ptr %q
// Right when the guest
//   traps: check.c finds loads that are lost. A body that has lost some is lowered again, in a
//   module
//     of its own, with those volatile (see partition.c). Volatile stores are neither dropped nor do
//     they change places, which a trap between them would show. No store is done in front of a
//     load: one that needs a load's value cannot be, nor can what comes behind it, and a volatile
//     load keeps its place as they do.
//   wraps: addresses are not looked at.
//   aliases or races: a plain load is merged only where LLVM sees no store between; another
//     thread's need not be seen (see waits.c).
// If wrong: a trap is lost, or memory lacks a store that came before one; still inside the
//   reservation.
#include "compiler/ir/address.h"
#include "compiler/ir/dominators.h"
#include "compiler/repair/loads.h"
#include "compiler/repair/repair.h"

#include <llvm-c/DebugInfo.h>

// ---- Loads that are dead but may trap ----

// The uses of a load are followed through WA_VALUE_SET_LIMIT values. One whose use is not found
// within this stays volatile, which is always right and only costs speed.

static bool is_root(LLVMValueRef user) {
  switch (LLVMGetInstructionOpcode(user)) {
  case LLVMStore:
  case LLVMLoad: // itself kept, live or not
  case LLVMBr:
  case LLVMSwitch:
  case LLVMRet:
  case LLVMInvoke:
  case LLVMAtomicRMW:
  case LLVMAtomicCmpXchg:
    return true;
  case LLVMCall: // intrinsics without side effects go when their result is unused
    return LLVMGetIntrinsicID(LLVMGetCalledValue(user)) == 0;
  default:
    return false;
  }
}

// Whether anything that cannot go depends on a value.
static bool matters(LLVMValueRef value) {
  struct wa_value_set search = {.values = {value}, .count = 1};
  for (uint32_t i = 0; i < search.count; i++) {
    for (LLVMUseRef use = LLVMGetFirstUse(search.values[i]); use; use = LLVMGetNextUse(use)) {
      LLVMValueRef user = LLVMGetUser(use);
      if (is_root(user)) {
        return true;
      }
      if (!wa_add_value(&search, user)) {
        return false;
      }
    }
  }
  return false;
}

// Whether a phi takes a value from this block however the block ends. On one of several ways out
// the code generator makes a block of its own and moves the load there, unless the way goes back to
// a loop's start. Without an order that is yet to come; were it LLVM's passes, a record would tell.
static bool takes_always(struct wa_lazy_dominators *order, LLVMValueRef phi,
                         LLVMBasicBlockRef block) {
  return !order || LLVMGetNumSuccessors(LLVMGetBasicBlockTerminator(block)) == 1 ||
         wa_goes_back(order, block, LLVMGetInstructionParent(phi));
}

// Whether a use happens whenever the block of the used value is executed. What is used only behind
// a branch LLVM moves there, a load too, and what is an operand of a select it makes conditional.
static bool is_certain(struct wa_lazy_dominators *order, LLVMUseRef use, LLVMBasicBlockRef block) {
  LLVMValueRef user = LLVMGetUser(use), value = LLVMGetUsedValue(use);
  if (LLVMIsAPHINode(user)) {
    for (unsigned i = 0; i < LLVMCountIncoming(user); i++) {
      if (LLVMGetIncomingValue(user, i) == value && LLVMGetIncomingBlock(user, i) == block) {
        return takes_always(order, user, block);
      }
    }
    return false;
  }
  return LLVMGetInstructionParent(user) == block &&
         (!LLVMIsASelectInst(user) || LLVMGetOperand(user, 0) == value);
}

// Whether it converts the low half of a vector: InstCombine then loads no more than that.
static bool converts_half(LLVMValueRef user) {
  switch (LLVMGetInstructionOpcode(user)) {
  case LLVMFPExt:
  case LLVMSIToFP:
  case LLVMUIToFP:
    return LLVMIsAShuffleVectorInst(LLVMGetOperand(user, 0)) != NULL;
  default:
    return false;
  }
}

// Whether the code generator may make several branches of one. What only the later ones need is
// then used on one way.
static bool may_be_split(const struct wa_lazy_dominators *order, LLVMValueRef condition,
                         LLVMValueRef user) {
  return order && LLVMIsABranchInst(user) &&
         (LLVMIsABinaryOperator(condition) || LLVMIsASelectInst(condition));
}

// Whether a load's value matters and is taken in the load's own block. A phi takes it for good:
// what becomes of it there does not make the load conditional. With an order, behind the last pass,
// what does not matter is gone, and what has so many uses stays where it is.
static bool is_used(struct wa_lazy_dominators *order, LLVMValueRef load) {
  LLVMBasicBlockRef block = LLVMGetInstructionParent(load);
  struct wa_value_set search = {.values = {load}, .count = 1};
  for (uint32_t i = 0; i < search.count; i++) {
    for (LLVMUseRef use = LLVMGetFirstUse(search.values[i]); use; use = LLVMGetNextUse(use)) {
      LLVMValueRef user = LLVMGetUser(use);
      if (!is_certain(order, use, block) || converts_half(user) ||
          may_be_split(order, search.values[i], user)) {
        continue;
      }
      if (is_root(user)) {
        return true;
      }
      if (LLVMIsAPHINode(user) && (order || matters(user))) {
        return true;
      }
      if (!LLVMIsAPHINode(user) && !wa_add_value(&search, user)) {
        return order != NULL;
      }
    }
  }
  return false;
}

// Whether a load may be deleted by a pass that finds another for it.
static bool may_release(LLVMValueRef load) {
  return LLVMGetVolatile(load) && LLVMGetOrdering(load) == LLVMAtomicOrderingNotAtomic &&
         is_used(NULL, load);
}

// ---- Records ----

// What debug records are made of. The line of a record's variable is the number of its load in the
// body plus WA_FIRST_LOAD_LINE; variables of the guest (see lower/debug.c) have line 1, and names.
struct records {
  struct wa_ir *ir;
  LLVMDIBuilderRef builder;
  LLVMMetadataRef file, function_type, value_type, expression;
  LLVMMetadataRef scope, location; // of the function at hand
};

enum { ENCODING_UNSIGNED = 7 };

// A module without debug information of its own needs what makes LLVM believe in records.
static void begin_debug(struct records *records) {
  wa_ir_add_flag(records->ir, "Debug Info Version", LLVMDebugMetadataVersion());
  LLVMDIBuilderCreateCompileUnit(records->builder, LLVMDWARFSourceLanguageC99, records->file, "", 0,
                                 false, "", 0, 0, "", 0, LLVMDWARFEmissionLineTablesOnly, 0, false,
                                 false, "", 0, "", 0);
}

static void records_init(struct records *records, struct wa_ir *ir) {
  LLVMDIBuilderRef builder = LLVMCreateDIBuilder(ir->llvm);
  *records = (struct records){.ir = ir, .builder = builder};
  records->file = LLVMDIBuilderCreateFile(builder, "wasm", 4, "", 0);
  records->function_type = LLVMDIBuilderCreateSubroutineType(builder, records->file, NULL, 0, 0);
  records->value_type = LLVMDIBuilderCreateBasicType(builder, "v", 1, 64, ENCODING_UNSIGNED, 0);
  records->expression = LLVMDIBuilderCreateExpression(builder, NULL, 0);
  if (!ir->debug) {
    begin_debug(records);
  }
}

static void records_deinit(struct records *records) {
  LLVMDIBuilderFinalize(records->builder);
  LLVMDisposeDIBuilder(records->builder);
}

static void enter(struct records *records, LLVMValueRef function) {
  records->scope = LLVMGetSubprogram(function);
  if (!records->scope) {
    records->scope =
        LLVMDIBuilderCreateFunction(records->builder, records->file, "f", 1, "", 0, records->file,
                                    1, records->function_type, true, true, 1, LLVMDIFlagZero, true);
    LLVMSetSubprogram(function, records->scope);
  }
  records->location =
      LLVMDIBuilderCreateDebugLocation(records->ir->context, 1, 0, records->scope, NULL);
}

static void place(const struct records *records, LLVMValueRef instr) {
  if (!LLVMInstructionGetDebugLoc(instr)) {
    LLVMInstructionSetDebugLoc(instr, records->location);
  }
}

// LLVM takes records for dead that are in a scope without instructions, so the load is put there.
static void record(struct records *records, LLVMValueRef load, uint32_t number) {
  place(records, load);
  LLVMMetadataRef variable = LLVMDIBuilderCreateAutoVariable(
      records->builder, records->scope, "", 0, records->file, number + WA_FIRST_LOAD_LINE,
      records->value_type, false, LLVMDIFlagZero, 0);
  WA_INSERT_VALUE_BEFORE(records->builder, load, variable, records->expression, records->location,
                         LLVMGetNextInstruction(load));
}

// ---- Releasing ----

// LLVM wants a location for calls between functions that have debug information.
static void place_call(const struct records *records, LLVMValueRef instr) {
  if (LLVMIsACallInst(instr) || LLVMIsAInvokeInst(instr)) {
    place(records, instr);
  }
}

// The one type that all uses of a load cast it to, bit by bit; NULL when there is none.
static LLVMTypeRef cast_type(LLVMValueRef load) {
  LLVMTypeRef type = NULL;
  for (LLVMUseRef use = LLVMGetFirstUse(load); use; use = LLVMGetNextUse(use)) {
    LLVMValueRef user = LLVMGetUser(use);
    if (!LLVMIsABitCastInst(user) || (type && type != LLVMTypeOf(user))) {
      return NULL;
    }
    type = LLVMTypeOf(user);
  }
  return type;
}

// Loads the type that is needed in place of one that is cast to it. instcombine would do that, by a
// new load, and kill the old one's record.
static LLVMValueRef load_as_used(struct wa_ir *ir, LLVMValueRef load) {
  LLVMTypeRef type = cast_type(load);
  if (!type) {
    return load;
  }
  LLVMPositionBuilderBefore(ir->builder, load);
  LLVMValueRef other = LLVMBuildLoad2(ir->builder, type, LLVMGetOperand(load, 0), "");
  LLVMSetAlignment(other, LLVMGetAlignment(load));
  LLVMSetMetadata(other, ir->tbaa_kind, LLVMGetMetadata(load, ir->tbaa_kind));
  LLVMInstructionSetDebugLoc(other, LLVMInstructionGetDebugLoc(load));
  while (LLVMGetFirstUse(load)) {
    LLVMValueRef cast = LLVMGetUser(LLVMGetFirstUse(load));
    LLVMReplaceAllUsesWith(cast, other);
    LLVMInstructionEraseFromParent(cast);
  }
  LLVMInstructionEraseFromParent(load);
  return other;
}

static void release(struct records *records, struct wa_body *body) {
  LLVMValueRef function = wa_ir_declared(records->ir, body->index);
  enter(records, function);
  uint32_t count = 0;
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    for (LLVMValueRef instr = LLVMGetFirstInstruction(block); instr;
         instr = LLVMGetNextInstruction(instr)) {
      if (!LLVMIsALoadInst(instr) || !may_release(instr)) {
        place_call(records, instr);
        continue;
      }
      if (!wa_keeps_load(body, count)) {
        instr = load_as_used(records->ir, instr);
        LLVMSetVolatile(instr, false);
        record(records, instr, count);
      }
      count++;
    }
  }
  body->load_count = count;
}

void wa_release_loads(struct wa_ir *ir) {
  if (ir->body_count == 0) {
    return;
  }
  struct records records;
  records_init(&records, ir);
  for (uint32_t i = 0; i < ir->body_count; i++) {
    release(&records, &ir->bodies[i]);
  }
  records_deinit(&records);
}

// ---- Behind the last pass ----

// Whether an instruction needs a value that was made before it in its block.
static bool needs(LLVMValueRef instr, LLVMValueRef value) {
  LLVMBasicBlockRef block = LLVMGetInstructionParent(value);
  struct wa_value_set needed = {.values = {instr}, .count = 1};
  for (uint32_t i = 0; i < needed.count; i++) {
    LLVMValueRef source = needed.values[i];
    if (source == value) {
      return true;
    }
    bool is_made_here = LLVMIsAInstruction(source) && LLVMGetInstructionParent(source) == block;
    if (is_made_here && !LLVMIsAPHINode(source) && !wa_add_operands(&needed, source)) {
      return false;
    }
  }
  return false;
}

static bool is_plain_load(const struct wa_ir *ir, LLVMValueRef instr) {
  return LLVMIsALoadInst(instr) && !LLVMGetVolatile(instr) &&
         LLVMGetOrdering(instr) == LLVMAtomicOrderingNotAtomic && wa_ir_may_be_guests(ir, instr) &&
         !LLVMGetMetadata(instr, ir->invariant_kind) &&
         !LLVMIsAAllocaInst(LLVMGetOperand(instr, 0));
}

// Whether the code generator may move a load: to the one way on which it is needed; or behind the
// next store, if that does not need it, as the two have an order there only where they are not
// known to be apart, and a load is made where its value is needed. The stores keep theirs, so that
// it is enough to look at the next.
static bool may_move(const struct wa_ir *ir, struct wa_lazy_dominators *order, LLVMValueRef instr,
                     LLVMValueRef next_write) {
  return is_plain_load(ir, instr) &&
         (!is_used(order, instr) || (next_write && !needs(next_write, instr)));
}

enum { IS_VOLATILE = 3 }; // an operand of llvm.memmove and its like, which may become stores

// Where a plain load of a block reads. `leaves` is made of what the address is computed from:
// values that the code generator cannot look into, and how induction variables grow.
struct place {
  LLVMTypeRef type;
  struct wa_address address;
  uint64_t leaves;
};

enum { MOST_PLACES = 512 };

struct places {
  struct place of[MOST_PLACES];
  uint32_t count;
};

// A value that is the same where its operands are; the base of a memory is the same everywhere.
static bool is_computed(const struct wa_ir *ir, LLVMValueRef value) {
  if (!LLVMIsAInstruction(value) || LLVMIsATerminatorInst(value) || LLVMIsAPHINode(value)) {
    return false;
  }
  if (LLVMIsACallInst(value)) {
    return LLVMGetIntrinsicID(LLVMGetCalledValue(value)) != 0;
  }
  return !LLVMIsALoadInst(value) || LLVMGetMetadata(value, ir->invariant_kind);
}

static LLVMValueRef strip_constants(LLVMValueRef value, uint64_t *sum) {
  while (wa_adds_constant(value)) {
    *sum += LLVMConstIntGetZExtValue(LLVMGetOperand(value, 1));
    value = LLVMGetOperand(value, 0);
  }
  return value;
}

static uint64_t mix(const void *pointer, uint64_t number) {
  return ((uint64_t)(uintptr_t)pointer + number) * 0x9e3779b97f4a7c15u;
}

// The other operand of a sum; NULL when this is none of `value`.
static LLVMValueRef added_to(LLVMValueRef value, LLVMValueRef sum) {
  if (!LLVMIsABinaryOperator(sum) || LLVMGetInstructionOpcode(sum) != LLVMAdd) {
    return NULL;
  }
  LLVMValueRef left = LLVMGetOperand(sum, 0), right = LLVMGetOperand(sum, 1);
  return left == value ? right : right == value ? left : NULL;
}

// What a phi starts with that grows by something in each iteration, of which `step` is a hash; NULL
// when it does not.
static LLVMValueRef start_of(LLVMValueRef phi, uint64_t *step) {
  if (!phi || !LLVMIsAPHINode(phi) || LLVMCountIncoming(phi) != 2) {
    return NULL;
  }
  for (unsigned i = 0; i < 2; i++) {
    uint64_t constant = 0;
    LLVMValueRef next = strip_constants(LLVMGetIncomingValue(phi, i), &constant);
    LLVMValueRef by = added_to(phi, next);
    if (next == phi || by) {
      *step = mix(by, (uint32_t)constant);
      return LLVMGetIncomingValue(phi, 1 - i);
    }
  }
  return NULL;
}

// False when there are too many. Induction variables of one loop and one step differ by what they
// start with alone, and the code generator makes one of them.
static bool add_leaves(const struct wa_ir *ir, LLVMValueRef address, uint64_t *leaves) {
  struct wa_value_set values = {.values = {address}, .count = 1};
  for (uint32_t i = 0; i < values.count; i++) {
    LLVMValueRef value = values.values[i];
    uint64_t step;
    LLVMValueRef start = start_of(value, &step);
    if (start) {
      *leaves += mix(LLVMGetInstructionParent(value), step);
    }
    if (start ? !wa_add_value(&values, start)
              : is_computed(ir, value) && !wa_add_operands(&values, value)) {
      return false;
    }
    if (!start && !is_computed(ir, value) && !LLVMIsAConstant(value)) {
      *leaves += mix(value, 0);
    }
  }
  return true;
}

enum { MOST_LOOPS = 16 }; // around each other

// Goes from an induction variable to what it starts with: `leaves` knows how it grows.
static void go_to_start(struct wa_address *address) {
  uint64_t step, constant = 0;
  LLVMValueRef start;
  for (int i = 0; i < MOST_LOOPS && (start = start_of(address->index, &step)); i++) {
    address->index = strip_constants(start, &constant);
  }
  if (address->index && LLVMIsAConstantInt(address->index)) {
    constant += LLVMConstIntGetZExtValue(address->index);
    address->index = NULL;
  }
  address->constant += (int64_t)constant;
}

static bool place_of(const struct wa_ir *ir, LLVMValueRef load, struct place *place) {
  LLVMValueRef pointer = LLVMGetOperand(load, 0);
  *place = (struct place){.type = LLVMTypeOf(load), .address = wa_take_apart(ir, pointer, true)};
  go_to_start(&place->address);
  return add_leaves(ir, pointer, &place->leaves);
}

// Constants tell two places apart where all else is the same, also when a sum of 32 bits wraps.
static bool may_be_same(const struct place *a, const struct place *b) {
  bool is_beside = a->address.root == b->address.root && a->address.index == b->address.index;
  return a->type == b->type && a->leaves == b->leaves &&
         (!is_beside || (uint32_t)a->address.constant == (uint32_t)b->address.constant);
}

// Whether the code generator may find that a load reads what another one of its block does, which
// LLVM's passes did not: it makes one of the two, whose value may then not matter (x - x), and
// deletes that.
static bool has_twin(const struct wa_ir *ir, struct places *places, LLVMValueRef load) {
  struct place place;
  if (places->count == MOST_PLACES || !place_of(ir, load, &place)) {
    return true;
  }
  for (uint32_t i = 0; i < places->count; i++) {
    if (may_be_same(&places->of[i], &place)) {
      return true;
    }
  }
  places->of[places->count++] = place;
  return false;
}

static void keep_twins(const struct wa_ir *ir, struct places *places, LLVMBasicBlockRef block) {
  places->count = 0;
  for (LLVMValueRef instr = LLVMGetFirstInstruction(block); instr;
       instr = LLVMGetNextInstruction(instr)) {
    if (is_plain_load(ir, instr) && has_twin(ir, places, instr)) {
      LLVMSetVolatile(instr, true);
    }
  }
}

static void order_block(const struct wa_ir *ir, struct wa_lazy_dominators *order,
                        LLVMBasicBlockRef block) {
  LLVMValueRef next_write = NULL;
  for (LLVMValueRef instr = LLVMGetLastInstruction(block); instr;
       instr = LLVMGetPreviousInstruction(instr)) {
    bool is_store = LLVMIsAStoreInst(instr) && !LLVMIsAAllocaInst(LLVMGetOperand(instr, 1));
    if (is_store || may_move(ir, order, instr, next_write)) {
      LLVMSetVolatile(instr, true);
    } else if (LLVMIsAMemIntrinsic(instr)) {
      LLVMSetOperand(instr, IS_VOLATILE, LLVMConstInt(ir->i1, true, false));
    }
    if (is_store || LLVMIsAMemIntrinsic(instr)) {
      next_write = instr;
    }
  }
}

void wa_order_accesses(struct wa_ir *ir, LLVMValueRef function) {
  struct wa_lazy_dominators order = {.function = function};
  wa_arena_init(&order.arena, 0);
  struct places places;
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    order_block(ir, &order, block);
    keep_twins(ir, &places, block);
  }
  wa_arena_deinit(&order.arena);
}
