// What a loop accesses, from its first iteration to its last, computed in front of it.
//
// Every address is a base plus numbers that grow by a constant from iteration to iteration. Those
// are computed for the first iteration, by copies in the preheader, and their distance to the last
// one in 64 bits, where nothing wraps: what lies inside at both ends lies inside between them.
#include "compiler/repair/ranges.h"
#include "compiler/ir/address.h"

enum {
  LARGEST_UNIT = 64, // bytes of what an address counts in
  MOST_PAIRS = 24,   // of ranges to compare: more than LLVM compares by itself
};

// ---- Accesses ----

static bool is_offset_of(LLVMValueRef address, LLVMValueRef base, int64_t *offset) {
  *offset = 0;
  if (wa_is_offset(address) && LLVMIsAConstantInt(LLVMGetOperand(address, 1))) {
    *offset = LLVMConstIntGetSExtValue(LLVMGetOperand(address, 1));
    address = LLVMGetOperand(address, 0);
  }
  return address == base;
}

// The description of another memory than the first, by whose base it is read: NULL for the first.
// False when the root is no memory's base.
static bool find_view(const struct wa_ranges *r, LLVMValueRef root, LLVMValueRef *view) {
  *view = NULL;
  if (wa_is_memory0_base(r->ir, r->ctx, root)) {
    return true;
  }
  if (!LLVMIsALoadInst(root) || !LLVMGetMetadata(root, r->ir->invariant_kind)) {
    return false;
  }
  LLVMValueRef place = LLVMGetOperand(root, 0);
  LLVMValueRef from = wa_is_offset(place) ? LLVMGetOperand(place, 0) : place;
  int64_t offset;
  if (!LLVMIsALoadInst(from) || !is_offset_of(place, from, &offset) ||
      offset != WA_MEMORY_VIEW_BASE) {
    return false;
  }
  *view = from;
  return true;
}

static LLVMValueRef size_of(const struct wa_ranges *r, LLVMValueRef root) {
  struct wa_ir *ir = r->ir;
  LLVMValueRef view;
  if (!find_view(r, root, &view)) {
    return NULL;
  }
  return view ? wa_memory_size_of(ir, view) : wa_memory0_size(ir, r->ctx);
}

// Takes the constant parts out of an address: the others are what is left of its indexes.
static bool add_constants(const struct wa_ranges *r, LLVMValueRef address, struct wa_range *range) {
  LLVMTargetDataRef layout = LLVMGetModuleDataLayout(r->ir->llvm);
  while (LLVMIsAGetElementPtrInst(address) || LLVMIsAFreezeInst(address)) {
    if (LLVMIsAGetElementPtrInst(address)) {
      uint64_t unit = LLVMABISizeOfType(layout, LLVMGetGEPSourceElementType(address));
      if (!wa_is_offset(address) || unit > LARGEST_UNIT) {
        return false;
      }
      LLVMValueRef index = LLVMGetOperand(address, 1);
      if (LLVMIsAConstantInt(index)) {
        range->low += (int64_t)unit * LLVMConstIntGetSExtValue(index);
        range->high += (int64_t)unit * LLVMConstIntGetSExtValue(index);
      }
    }
    address = LLVMGetOperand(address, 0);
  }
  range->root = address;
  return true;
}

static bool find_rising(struct wa_ranges *r, LLVMValueRef index, struct wa_form *form) {
  for (uint32_t i = 0; i < r->rising_count; i++) {
    if (r->risings[i].value == index) {
      *form = r->risings[i];
      return true;
    }
  }
  if (!LLVMIsAZExtInst(index) || !wa_loop_has(r->loop, index) ||
      wa_width_of(LLVMGetOperand(index, 0)) != 32 || r->rising_count == WA_MOST_RANGES ||
      !wa_find_form(r, LLVMGetOperand(index, 0), WA_MOST_DEPTH, form) || form->step < 0) {
    return false;
  }
  form->value = index;
  form->start = LLVMBuildZExt(r->builder, form->start, r->i64, "");
  r->risings[r->rising_count++] = *form;
  return true;
}

// An index of 32 bits that rises must not wrap either, but the end of what is accessed then lies
// behind any memory, unless a constant takes it back: no condition of its own is needed.
static bool find_index(struct wa_ranges *r, LLVMValueRef index, bool no_way_back,
                       struct wa_form *form) {
  return ((no_way_back && find_rising(r, index, form)) ||
          wa_find_form(r, index, WA_MOST_DEPTH, form)) &&
         wa_width_of(form->start) == 64 && wa_is_stride(form->step);
}

static bool add_indexes(struct wa_ranges *r, LLVMValueRef address, struct wa_range *range) {
  LLVMTargetDataRef layout = LLVMGetModuleDataLayout(r->ir->llvm);
  for (; address != range->root; address = LLVMGetOperand(address, 0)) {
    LLVMValueRef index = LLVMIsAFreezeInst(address) ? NULL : LLVMGetOperand(address, 1);
    struct wa_form form;
    if (!index || LLVMIsAConstantInt(index)) {
      continue;
    }
    if (!find_index(r, index, range->low >= 0, &form)) {
      return false;
    }
    int64_t unit = (int64_t)LLVMABISizeOfType(layout, LLVMGetGEPSourceElementType(address));
    LLVMValueRef more =
        unit == 1 ? form.start : LLVMBuildMul(r->builder, form.start, wa_number(r, unit), "");
    range->start = range->start ? wa_build_sum(r, range->start, more) : more;
    range->step += form.step * unit;
  }
  return wa_is_stride(range->step);
}

// Adds an access to the ranges; false when its address does not grow by a constant.
static bool add_access(struct wa_ranges *r, LLVMValueRef address, uint64_t bytes, bool is_store) {
  struct wa_range range = {.high = (int64_t)bytes, .has_store = is_store, .address = address};
  LLVMValueRef view;
  if (!add_constants(r, address, &range) || wa_loop_has(r->loop, range.root) ||
      !find_view(r, range.root, &view) || !add_indexes(r, address, &range)) {
    return false;
  }
  for (uint32_t i = 0; i < r->count; i++) {
    struct wa_range *other = &r->of[i];
    if (other->root == range.root && other->start == range.start && other->step == range.step) {
      other->low = range.low < other->low ? range.low : other->low;
      other->high = range.high > other->high ? range.high : other->high;
      other->has_store |= is_store;
      return true;
    }
  }
  if (r->count == WA_MOST_RANGES) {
    return false;
  }
  r->of[r->count++] = range;
  return true;
}

static bool add_accesses(struct wa_ranges *r) {
  struct wa_ir *ir = r->ir;
  LLVMTargetDataRef layout = LLVMGetModuleDataLayout(ir->llvm);
  for (uint32_t i = 0; i < r->loop->block_count; i++) {
    for (LLVMValueRef instr = LLVMGetFirstInstruction(r->loop->blocks[i]); instr;
         instr = LLVMGetNextInstruction(instr)) {
      if ((!LLVMIsALoadInst(instr) && !LLVMIsAStoreInst(instr)) ||
          !wa_ir_may_be_guests(ir, instr)) {
        continue;
      }
      bool is_store = LLVMIsAStoreInst(instr) != NULL;
      LLVMTypeRef type = LLVMTypeOf(is_store ? LLVMGetOperand(instr, 0) : instr);
      LLVMValueRef address = LLVMGetOperand(instr, (unsigned)wa_pointer_operand(instr));
      if (!add_access(r, address, LLVMStoreSizeOfType(layout, type), is_store)) {
        return false;
      }
    }
  }
  return true;
}

// ---- Conditions ----

// The addresses that `low` and `high` of a range count from.
struct ends {
  LLVMValueRef low, high;
};

static struct ends ends_of(const struct wa_ranges *r, const struct wa_range *range) {
  LLVMValueRef first = range->start ? range->start : wa_number(r, 0), last = first;
  if (range->step != 0) {
    last = LLVMBuildAdd(r->builder, last, wa_distance(r, range->step), "");
  }
  return range->step < 0 ? (struct ends){last, first} : (struct ends){first, last};
}

// Both ends, as numbers without a sign: one below the memory is a great one.
static bool check_range(struct wa_ranges *r, const struct wa_range *range) {
  LLVMBuilderRef builder = r->builder;
  LLVMValueRef size = size_of(r, range->root);
  if (!size) {
    return false;
  }
  struct ends ends = ends_of(r, range);
  LLVMValueRef high = LLVMBuildAdd(builder, ends.high, wa_number(r, range->high), "");
  wa_add_condition(r, LLVMBuildICmp(builder, LLVMIntUGT, high, size, ""));
  if (range->step < 0 || range->low < 0) {
    LLVMValueRef low = LLVMBuildAdd(builder, ends.low, wa_number(r, range->low), "");
    wa_add_condition(r, LLVMBuildICmp(builder, LLVMIntUGT, low, size, ""));
  }
  return true;
}

static void ranges_init(struct wa_ranges *r, struct wa_ir *ir, const struct wa_loop *loop) {
  r->ir = ir;
  r->ctx = LLVMGetParam(LLVMGetBasicBlockParent(loop->header), 0);
  r->loop = loop;
  r->builder = ir->builder;
  r->i64 = ir->i64;
  r->form_count = r->rising_count = r->extension_count = r->count = 0;
  r->last = NULL;
  r->outside = LLVMConstNull(ir->i1);
}

static void build_in_preheader(const struct wa_ranges *r) {
  LLVMPositionBuilderBefore(r->builder, LLVMGetBasicBlockTerminator(r->loop->preheader));
}

LLVMValueRef wa_loop_stays_inside(struct wa_ir *ir, const struct wa_loop *loop) {
  struct wa_ranges ranges, *r = &ranges;
  ranges_init(r, ir, loop);
  build_in_preheader(r);
  if (!wa_find_last(r) || !add_accesses(r)) {
    return NULL;
  }
  for (uint32_t i = 0; i < r->count; i++) {
    if (!check_range(r, &r->of[i])) {
      return NULL;
    }
  }
  for (uint32_t i = 0; i < r->extension_count; i++) {
    wa_check_extension(r, &r->extensions[i]);
  }
  // What the guest has computed may be poison where LLVM knows that it is not used.
  LLVMValueRef outside = LLVMBuildFreeze(r->builder, r->outside, "");
  return LLVMBuildNot(r->builder, outside, "");
}

// ---- Ranges apart from each other ----

// What lies inside has ends that do not wrap.
static void check_apart(struct wa_ranges *r, const struct wa_range *a, const struct wa_range *b) {
  LLVMBuilderRef builder = r->builder;
  struct ends of_a = ends_of(r, a), of_b = ends_of(r, b);
  LLVMValueRef a_low = LLVMBuildAdd(builder, of_a.low, wa_number(r, a->low), "");
  LLVMValueRef a_high = LLVMBuildAdd(builder, of_a.high, wa_number(r, a->high), "");
  LLVMValueRef b_low = LLVMBuildAdd(builder, of_b.low, wa_number(r, b->low), "");
  LLVMValueRef b_high = LLVMBuildAdd(builder, of_b.high, wa_number(r, b->high), "");
  LLVMValueRef meets_a = LLVMBuildICmp(builder, LLVMIntULT, b_low, a_high, "");
  LLVMValueRef meets_b = LLVMBuildICmp(builder, LLVMIntULT, a_low, b_high, "");
  wa_add_condition(r, LLVMBuildAnd(builder, meets_a, meets_b, ""));
}

LLVMValueRef wa_loop_is_apart(struct wa_ir *ir, const struct wa_loop *loop,
                              wa_is_known_distance *is_known, void *state, LLVMValueRef *last) {
  struct wa_ranges ranges, *r = &ranges;
  ranges_init(r, ir, loop);
  if (!wa_find_last(r) || !add_accesses(r)) {
    return NULL;
  }
  r->outside = LLVMConstNull(ir->i1);
  uint32_t pairs = 0;
  for (uint32_t i = 0; i < r->count && pairs <= MOST_PAIRS; i++) {
    for (uint32_t j = 0; j < i; j++) {
      const struct wa_range *a = &r->of[i], *b = &r->of[j];
      if ((a->has_store || b->has_store) && !is_known(state, a->address, b->address)) {
        check_apart(r, a, b);
        pairs += a->root == b->root ? 1 : MOST_PAIRS + 1;
      }
    }
  }
  *last = r->last;
  LLVMValueRef meets = LLVMBuildFreeze(r->builder, r->outside, "");
  return pairs > MOST_PAIRS ? NULL : LLVMBuildNot(r->builder, meets, "");
}

// ---- Wraps that LLVM overlooks ----

// What LLVM may take for a number of fewer bits that grows.
static bool may_narrow(LLVMValueRef instr) {
  switch (LLVMGetInstructionOpcode(instr)) {
  case LLVMAnd:
  case LLVMLShr:
  case LLVMAShr:
  case LLVMTrunc:
    return wa_is_integer(instr);
  default:
    return false;
  }
}

static void hide_narrow(struct wa_ranges *r, LLVMValueRef instr) {
  if (!may_narrow(instr) || !wa_is_inductive(r, LLVMGetOperand(instr, 0), WA_MOST_DEPTH)) {
    return;
  }
  LLVMPositionBuilderBefore(r->builder, LLVMGetNextInstruction(instr));
  LLVMValueRef frozen = LLVMBuildFreeze(r->builder, instr, "");
  LLVMReplaceAllUsesWith(instr, frozen);
  LLVMSetOperand(frozen, 0, instr);
}

// Whether a constant number that is used in more bits wraps before it gets there.
static bool wraps(struct wa_ranges *r, LLVMValueRef instr) {
  struct wa_form form;
  r->outside = LLVMConstNull(LLVMTypeOf(r->outside));
  r->extension_count = r->form_count = 0;
  if ((!LLVMIsAZExtInst(instr) && !LLVMIsASExtInst(instr)) ||
      !wa_find_form(r, instr, WA_MOST_DEPTH, &form)) {
    return false;
  }
  for (uint32_t i = 0; i < r->extension_count; i++) {
    wa_check_extension(r, &r->extensions[i]);
  }
  return LLVMIsAConstantInt(r->outside) && !LLVMIsNull(r->outside);
}

bool wa_loop_hide_wraps(struct wa_ir *ir, const struct wa_loop *loop) {
  struct wa_ranges ranges, *r = &ranges;
  ranges_init(r, ir, loop);
  build_in_preheader(r);
  bool is_known = wa_find_last(r) && LLVMIsAConstantInt(r->last);
  for (uint32_t i = 0; is_known && i < loop->block_count; i++) {
    for (LLVMValueRef instr = LLVMGetFirstInstruction(loop->blocks[i]); instr;
         instr = LLVMGetNextInstruction(instr)) {
      if (wraps(r, instr)) {
        return false;
      }
    }
  }
  for (uint32_t i = 0; i < loop->block_count; i++) {
    for (LLVMValueRef instr = LLVMGetFirstInstruction(loop->blocks[i]); instr;
         instr = LLVMGetNextInstruction(instr)) {
      hide_narrow(r, instr);
    }
  }
  return true;
}
