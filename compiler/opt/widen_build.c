// The body of a wide loop: a part of widen.c's contract.
//
// Shape: the pairs that widen_pairs.c has found, and what is left over.
// Preconditions: wa_widen_check() holds where the loop is entered.
// Rewrite: loads and stores are built in their order (wa_widen_position), everything else when it
//   is needed. What becomes one is built once; an instruction that needs a half of it takes that
//   out:
//     %half = shufflevector <8 x i32> %ab, <8 x i32> poison, <4 x i32> <i32 4, i32 5, i32 6, i32 7>
// Right because a load is never built later than at its place: a use that would come before it is a
//   failure, and the loop stays as it was.
// If wrong: nothing: security-critical. Addresses are 64-bit sums here.
#include "compiler/opt/widen.h"

static LLVMTypeRef wide_type(LLVMTypeRef half) {
  return LLVMVectorType(LLVMGetElementType(half), LLVMGetVectorSize(half) * 2);
}

// ---- Halves ----

static LLVMValueRef shuffle(struct wa_widening *w, LLVMValueRef a, LLVMValueRef b, unsigned from,
                            unsigned count) {
  LLVMValueRef lanes[WA_WIDEN_LANES];
  for (unsigned i = 0; i < count; i++) {
    lanes[i] = wa_ir_const_i32(w->ir, from + i);
  }
  return LLVMBuildShuffleVector(w->ir->builder, a, b, LLVMConstVector(lanes, count), "");
}

static LLVMValueRef join(struct wa_widening *w, LLVMValueRef first, LLVMValueRef second) {
  return shuffle(w, first, second, 0, LLVMGetVectorSize(LLVMTypeOf(first)) * 2);
}

static LLVMValueRef half_of(struct wa_widening *w, LLVMValueRef value, bool is_second) {
  unsigned count = LLVMGetVectorSize(LLVMTypeOf(value)) / 2;
  LLVMValueRef poison = LLVMGetPoison(LLVMTypeOf(value));
  return shuffle(w, value, poison, is_second ? count : 0, count);
}

// Puts together what the loop does not change, in front of it.
static LLVMValueRef join_ahead(struct wa_widening *w, LLVMValueRef first, LLVMValueRef second) {
  for (int i = 0; i < w->invariant_count; i++) {
    if (w->invariants[i].first == first && w->invariants[i].second == second) {
      return w->invariants[i].both;
    }
  }
  LLVMPositionBuilderAtEnd(w->ir->builder, w->start);
  LLVMValueRef both = join(w, first, second);
  LLVMPositionBuilderAtEnd(w->ir->builder, w->wide);
  if (w->invariant_count < WA_WIDEN_INVARIANTS) {
    w->invariants[w->invariant_count].first = first;
    w->invariants[w->invariant_count].second = second;
    w->invariants[w->invariant_count++].both = both;
  }
  return both;
}

// ---- Instructions ----

static LLVMValueRef build_pair(struct wa_widening *w, struct wa_widen_pair *pair);
static LLVMValueRef build_copy(struct wa_widening *w, int copy);
static LLVMValueRef build_address(struct wa_widening *w, int copy);

static LLVMValueRef fail(struct wa_widening *w, LLVMTypeRef type) {
  w->failed = true;
  return LLVMGetPoison(type);
}

static LLVMValueRef narrow(struct wa_widening *w, struct wa_widen_ref ref) {
  if (ref.copy != WA_WIDEN_NONE) {
    return build_copy(w, ref.copy);
  }
  return wa_widen_is_in(w, ref.value) ? w->wide_phis[wa_widen_phi_index(w, ref.value)] : ref.value;
}

static LLVMValueRef wide(struct wa_widening *w, struct wa_widen_ref first,
                         struct wa_widen_ref second) {
  struct wa_widen_pair *pair = wa_widen_pair_of(w, first, second);
  if (pair) {
    return build_pair(w, pair);
  }
  bool changes = first.copy != WA_WIDEN_NONE || second.copy != WA_WIDEN_NONE ||
                 wa_widen_is_in(w, first.value) || wa_widen_is_in(w, second.value);
  if (!changes) {
    return join_ahead(w, first.value, second.value);
  }
  LLVMValueRef a = narrow(w, first);
  return join(w, a, narrow(w, second));
}

static LLVMValueRef clone(struct wa_widening *w, int copy) {
  LLVMValueRef instr = wa_widen_instr(w, copy), operands[4];
  unsigned count = (unsigned)LLVMGetNumOperands(instr) - (LLVMIsACallInst(instr) != NULL);
  for (unsigned i = 0; i < count; i++) {
    if (i == 4) {
      return fail(w, LLVMTypeOf(instr));
    }
    operands[i] = wa_pointer_operand(instr) == (int)i ? build_address(w, copy)
                                                      : narrow(w, wa_widen_operand(w, copy, i));
  }
  LLVMValueRef twin = LLVMInstructionClone(instr);
  LLVMInsertIntoBuilder(w->ir->builder, twin);
  for (unsigned i = 0; i < count; i++) {
    LLVMSetOperand(twin, i, operands[i]);
  }
  return twin;
}

// An instruction as it is. A load is there already, or it comes too late.
static LLVMValueRef build_copy(struct wa_widening *w, int copy) {
  if (w->narrow[copy]) {
    return w->narrow[copy];
  }
  LLVMValueRef instr = wa_widen_instr(w, copy);
  if (w->pair_of[copy] != WA_WIDEN_NONE) {
    struct wa_widen_pair *pair = &w->pairs[w->pair_of[copy]];
    return w->narrow[copy] = half_of(w, build_pair(w, pair), pair->second == copy);
  }
  if (w->is_begun[copy] || LLVMIsALoadInst(instr)) {
    return fail(w, LLVMTypeOf(instr));
  }
  w->is_begun[copy] = true;
  struct wa_widen_lanes lanes;
  if (LLVMIsAInsertElementInst(instr) && wa_widen_find_lanes(w, copy, &lanes)) {
    return w->narrow[copy] = wa_widen_build_lanes(w, &lanes, LLVMTypeOf(instr));
  }
  return w->narrow[copy] = clone(w, copy);
}

static LLVMValueRef operand_of(struct wa_widening *w, const struct wa_widen_pair *pair,
                               unsigned number) {
  struct wa_widen_ref first = wa_widen_operand(w, pair->first, number);
  LLVMValueRef operand = LLVMGetOperand(wa_widen_instr(w, pair->first), number);
  if (!wa_ir_is_vector(operand)) {
    return narrow(w, first);
  }
  return wide(w, first, wa_widen_operand(w, pair->second, number));
}

// The same lanes of each half.
static LLVMValueRef build_shuffle(struct wa_widening *w, LLVMValueRef instr, LLVMValueRef a,
                                  LLVMValueRef b) {
  int lanes = (int)LLVMGetVectorSize(LLVMTypeOf(LLVMGetOperand(instr, 0)));
  unsigned count = LLVMGetNumMaskElements(instr);
  LLVMValueRef mask[WA_WIDEN_LANES];
  for (unsigned i = 0; i < 2 * count; i++) {
    int lane = LLVMGetMaskValue(instr, i % count);
    int half = i < count ? 0 : lanes;
    int from = lane < lanes ? lane + half : lane + lanes + half;
    mask[i] = lane == LLVMGetUndefMaskElem() ? LLVMGetPoison(w->ir->i32)
                                             : wa_ir_const_i32(w->ir, (uint32_t)from);
  }
  return LLVMBuildShuffleVector(w->ir->builder, a, b, LLVMConstVector(mask, 2 * count), "");
}

static LLVMValueRef build_call(struct wa_widening *w, LLVMValueRef instr, LLVMValueRef *args,
                               unsigned count) {
  unsigned id = wa_widen_intrinsic(w, instr);
  bool is_overloaded = LLVMIntrinsicIsOverloaded(id);
  LLVMTypeRef type = wide_type(LLVMTypeOf(instr));
  LLVMValueRef callee = LLVMGetIntrinsicDeclaration(w->ir->llvm, id, &type, is_overloaded ? 1 : 0);
  return LLVMBuildCall2(w->ir->builder, LLVMGlobalGetValueType(callee), callee, args, count, "");
}

// The pair of shuffles that take the lower or the upper half of a 128-bit vector for a cast to
// lanes of twice the width, or NULL. `from` is the first lane that they take.
static struct wa_widen_pair *unpacked(struct wa_widening *w, const struct wa_widen_pair *cast,
                                      int *from) {
  struct wa_widen_pair *pair = wa_widen_pair_of(w, wa_widen_operand(w, cast->first, 0),
                                                wa_widen_operand(w, cast->second, 0));
  LLVMValueRef shuffle = pair ? wa_widen_instr(w, pair->first) : NULL;
  if (!shuffle || !LLVMIsAShuffleVectorInst(shuffle)) {
    return NULL;
  }
  LLVMTypeRef lane = LLVMGetElementType(LLVMTypeOf(shuffle));
  LLVMTypeRef result = LLVMGetElementType(LLVMTypeOf(wa_widen_instr(w, cast->first)));
  unsigned bits = LLVMGetIntTypeWidth(lane), count = LLVMGetNumMaskElements(shuffle);
  *from = LLVMGetMaskValue(shuffle, 0);
  for (unsigned i = 0; i < count; i++) {
    if (LLVMGetMaskValue(shuffle, i) != *from + (int)i) {
      return NULL;
    }
  }
  bool is_half = count == LLVMGetVectorSize(LLVMTypeOf(LLVMGetOperand(shuffle, 0))) / 2 &&
                 (*from == 0 || *from == (int)count);
  bool is_unpacking = bits * count == 64 && LLVMGetIntTypeWidth(result) == 2 * bits;
  return is_half && is_unpacking ? pair : NULL;
}

// Lanes of a half stay in it when they are interleaved with zeros; an extension of them all would
// have them cross the register first.
static LLVMValueRef build_unpacking(struct wa_widening *w, struct wa_widen_pair *shuffles, int from,
                                    LLVMTypeRef type) {
  LLVMValueRef source = operand_of(w, shuffles, 0), mask[WA_WIDEN_LANES];
  unsigned lanes = LLVMGetVectorSize(LLVMTypeOf(source));
  for (unsigned i = 0; i < lanes; i++) {
    unsigned half = i < lanes / 2 ? 0 : lanes / 2;
    unsigned lane = half + (unsigned)from + i % (lanes / 2) / 2;
    mask[i] = wa_ir_const_i32(w->ir, i % 2 == 0 ? lane : lanes + lane);
  }
  LLVMValueRef zeros = LLVMConstNull(LLVMTypeOf(source));
  LLVMValueRef interleaved =
      LLVMBuildShuffleVector(w->ir->builder, source, zeros, LLVMConstVector(mask, lanes), "");
  return LLVMBuildBitCast(w->ir->builder, interleaved, type, "");
}

static LLVMValueRef build_cast(struct wa_widening *w, const struct wa_widen_pair *pair) {
  LLVMValueRef instr = wa_widen_instr(w, pair->first);
  LLVMTypeRef type = wide_type(LLVMTypeOf(instr));
  LLVMOpcode opcode = LLVMGetInstructionOpcode(instr);
  int from;
  struct wa_widen_pair *shuffles = opcode == LLVMZExt ? unpacked(w, pair, &from) : NULL;
  if (shuffles) {
    return build_unpacking(w, shuffles, from, type);
  }
  LLVMValueRef cast = LLVMBuildCast(w->ir->builder, opcode, operand_of(w, pair, 0), type, "");
  if (LLVMIsACastInst(cast) && (opcode == LLVMZExt || opcode == LLVMUIToFP)) {
    WA_KEEP_NNEG(cast, instr);
  }
  return cast;
}

static LLVMValueRef build_operation(struct wa_widening *w, const struct wa_widen_pair *pair) {
  LLVMBuilderRef builder = w->ir->builder;
  LLVMValueRef instr = wa_widen_instr(w, pair->first), args[4];
  unsigned count = (unsigned)LLVMGetNumOperands(instr) - (LLVMIsACallInst(instr) != NULL);
  if (LLVMIsACastInst(instr)) {
    return build_cast(w, pair);
  }
  for (unsigned i = 0; i < count; i++) {
    if (i == 4) {
      return fail(w, wide_type(LLVMTypeOf(instr)));
    }
    args[i] = operand_of(w, pair, i);
  }
  LLVMOpcode opcode = LLVMGetInstructionOpcode(instr);
  switch (opcode) {
  case LLVMICmp:
    return LLVMBuildICmp(builder, LLVMGetICmpPredicate(instr), args[0], args[1], "");
  case LLVMFCmp:
    return LLVMBuildFCmp(builder, LLVMGetFCmpPredicate(instr), args[0], args[1], "");
  case LLVMFNeg:
    return LLVMBuildFNeg(builder, args[0], "");
  case LLVMFreeze:
    return LLVMBuildFreeze(builder, args[0], "");
  case LLVMSelect:
    return LLVMBuildSelect(builder, args[0], args[1], args[2], "");
  case LLVMShuffleVector:
    return build_shuffle(w, instr, args[0], args[1]);
  case LLVMCall:
    return build_call(w, instr, args, count);
  default:
    return LLVMBuildBinOp(builder, opcode, args[0], args[1], "");
  }
}

static LLVMValueRef build_pair(struct wa_widening *w, struct wa_widen_pair *pair) {
  LLVMValueRef instr = wa_widen_instr(w, pair->first);
  if (pair->wide) {
    return pair->wide;
  }
  if (pair->is_begun || LLVMIsALoadInst(instr)) {
    return fail(w, wide_type(LLVMTypeOf(instr)));
  }
  pair->is_begun = true;
  return pair->wide = build_operation(w, pair);
}

// ---- Accesses ----

// What the streams of this stride have grown by.
static LLVMValueRef counter_of(struct wa_widening *w, uint32_t stride) {
  struct wa_ir *ir = w->ir;
  int i = 0;
  while (i < w->counter_count && w->counters[i].stride != stride) {
    i++;
  }
  if (i < w->counter_count) {
    return w->counters[i].phi;
  }
  LLVMValueRef first = LLVMGetFirstInstruction(w->wide);
  if (first) {
    LLVMPositionBuilderBefore(ir->builder, first);
  }
  LLVMValueRef phi = LLVMBuildPhi(ir->builder, ir->i64, "");
  LLVMValueRef zero = wa_ir_const_i64(ir, 0);
  LLVMAddIncoming(phi, &zero, &w->start, 1);
  LLVMPositionBuilderAtEnd(ir->builder, w->wide);
  w->counters[w->counter_count++] = (struct wa_widen_counter){stride, phi};
  return phi;
}

// Adds numbers that may be more than LLVM takes for a distance in an object.
static LLVMValueRef add_bytes(struct wa_widening *w, LLVMValueRef pointer, LLVMValueRef bytes) {
  return LLVMBuildGEP2(w->ir->builder, w->ir->i8, pointer, &bytes, 1, "");
}

static LLVMValueRef build_place(struct wa_widening *w, int number, int64_t distance) {
  LLVMBuilderRef builder = w->ir->builder;
  struct wa_widen_stream *stream = &w->streams[number];
  if (!stream->place) {
    LLVMPositionBuilderAtEnd(builder, w->start);
    stream->place = add_bytes(w, stream->base, stream->start);
    LLVMPositionBuilderAtEnd(builder, w->wide);
    if (stream->stride != 0) {
      stream->place = add_bytes(w, stream->place, counter_of(w, stream->stride));
    }
  }
  return wa_ir_offset(w->ir, stream->place, distance);
}

static LLVMValueRef build_address(struct wa_widening *w, int copy) {
  return build_place(w, w->instrs[copy % w->instr_count].stream, wa_widen_distance(w, copy));
}

LLVMValueRef wa_widen_load(struct wa_widening *w, LLVMTypeRef type, int stream, int64_t distance) {
  for (int i = 0; i < w->block_count; i++) {
    if (w->blocks[i].stream == stream && w->blocks[i].distance == distance) {
      return w->blocks[i].value;
    }
  }
  LLVMValueRef value = wa_ir_load(w->ir, type, build_place(w, stream, distance), WA_ALIAS_MEMORY);
  LLVMSetAlignment(value, 1);
  if (w->block_count < WA_WIDEN_BLOCKS) {
    w->blocks[w->block_count].stream = stream;
    w->blocks[w->block_count].distance = distance;
    w->blocks[w->block_count++].value = value;
  }
  return value;
}

static void build_access(struct wa_widening *w, int copy) {
  if (w->pair_of[copy] == WA_WIDEN_NONE) {
    w->narrow[copy] = clone(w, copy);
    return;
  }
  struct wa_widen_pair *pair = &w->pairs[w->pair_of[copy]];
  LLVMValueRef instr = wa_widen_instr(w, pair->first);
  LLVMValueRef address = build_address(w, pair->first);
  if (LLVMIsAStoreInst(instr)) {
    pair->wide = wa_ir_store(w->ir, operand_of(w, pair, 0), address, WA_ALIAS_MEMORY);
  } else {
    pair->wide = wa_ir_load(w->ir, wide_type(LLVMTypeOf(instr)), address, WA_ALIAS_MEMORY);
  }
  LLVMSetAlignment(pair->wide, 1);
}

static void build_accesses(struct wa_widening *w) {
  for (int copy = 0; copy < w->unroll * w->instr_count; copy++) {
    if (w->instrs[copy % w->instr_count].stream != WA_WIDEN_NONE &&
        wa_widen_position(w, copy) == copy) {
      build_access(w, copy);
    }
  }
}

// ---- Phis ----

static struct wa_widen_reduction *reduction_of(struct wa_widening *w, LLVMValueRef phi) {
  for (int i = 0; i < w->reduction_count; i++) {
    if (w->reductions[i].phi == phi) {
      return &w->reductions[i];
    }
  }
  return NULL;
}

static bool is_idempotent(LLVMOpcode opcode) {
  return opcode == LLVMAnd || opcode == LLVMOr;
}

static void build_phis(struct wa_widening *w) {
  LLVMBuilderRef builder = w->ir->builder;
  for (int i = 0; i < w->phi_count; i++) {
    struct wa_widen_reduction *reduction = reduction_of(w, w->phis[i]);
    LLVMTypeRef type = LLVMTypeOf(w->phis[i]);
    LLVMValueRef initial = wa_widen_initial(w, w->phis[i]);
    if (reduction) {
      LLVMPositionBuilderAtEnd(builder, w->start);
      initial = join(w, initial, is_idempotent(reduction->opcode) ? initial : LLVMConstNull(type));
      type = wide_type(type);
    }
    LLVMPositionBuilderAtEnd(builder, w->wide);
    w->wide_phis[i] = LLVMBuildPhi(builder, type, "");
    LLVMAddIncoming(w->wide_phis[i], &initial, &w->start, 1);
    if (reduction) {
      reduction->wide = w->wide_phis[i];
    }
  }
}

static LLVMValueRef build_reduction(struct wa_widening *w,
                                    const struct wa_widen_reduction *reduction) {
  LLVMValueRef value = reduction->wide;
  for (int i = 0; i < reduction->chain_length / 2; i++) {
    int chain[2];
    wa_widen_chain_pair(w, reduction, i, chain);
    LLVMValueRef leaf =
        wide(w, wa_widen_leaf(w, reduction, chain[0]), wa_widen_leaf(w, reduction, chain[1]));
    value = LLVMBuildBinOp(w->ir->builder, reduction->opcode, value, leaf, "");
  }
  return value;
}

LLVMValueRef wa_widen_fold(struct wa_widening *w, const struct wa_widen_reduction *reduction,
                           LLVMValueRef value) {
  LLVMOpcode opcode = reduction->opcode == LLVMSub ? LLVMAdd : reduction->opcode;
  LLVMValueRef first = half_of(w, value, false);
  return LLVMBuildBinOp(w->ir->builder, opcode, first, half_of(w, value, true), "");
}

static LLVMValueRef build_next(struct wa_widening *w, int phi) {
  const struct wa_widen_reduction *reduction = reduction_of(w, w->phis[phi]);
  if (reduction) {
    return build_reduction(w, reduction);
  }
  LLVMValueRef step = wa_widen_step(w, w->phis[phi]);
  if (!step) {
    return narrow(w, wa_widen_last(w, w->phis[phi]));
  }
  return LLVMBuildAdd(w->ir->builder, w->wide_phis[phi], wa_widen_unrolled_step(w, step), "");
}

bool wa_widen_build(struct wa_widening *w, LLVMValueRef *next) {
  build_phis(w);
  build_accesses(w);
  for (int i = 0; i < w->phi_count; i++) {
    next[i] = build_next(w, i);
  }
  for (int i = 0; i < w->phi_count; i++) {
    LLVMAddIncoming(w->wide_phis[i], &next[i], &w->wide, 1);
  }
  for (int i = 0; i < w->counter_count; i++) {
    uint64_t way = (uint64_t)w->counters[i].stride * (unsigned)w->unroll;
    LLVMValueRef step = wa_ir_const_i64(w->ir, way);
    LLVMValueRef sum = LLVMBuildAdd(w->ir->builder, w->counters[i].phi, step, "");
    LLVMAddIncoming(w->counters[i].phi, &sum, &w->wide, 1);
  }
  return !w->failed && w->counter_count > 0;
}
