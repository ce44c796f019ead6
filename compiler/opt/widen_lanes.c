// Vectors that a loop puts together from single lanes in memory: a part of widen.c's contract.
//
// A producer without gathers loads every colour of every pixel by itself and inserts it.
//
// Shape: a chain of at least FEWEST insertelement of what is loaded from one stream, from undef on.
// Preconditions: nothing is stored to that stream; every lane lies between the first and the last
//   byte that the stream's accesses of the iteration touch, which are BLOCK bytes or more.
// Rewrite:
//     %a = load i8, ptr %p                       %v = load <16 x i8>, ptr %p
//     %b = load i8, ptr %p3                 =>   %u = shufflevector <16 x i8> %v, ..., <0, 3, ...>
//     %t = insertelement ..., i8 %a, i32 0
//     %u = insertelement %t, i8 %b, i32 1
// Right because nothing traps in the wide loop, no store touches the stream, and a block that would
//   reach beyond the last byte is loaded from further down.
// If wrong: nothing: security-critical. What lies below the memory is the context.
#include "compiler/opt/widen.h"

enum { BLOCK = 16, FEWEST = 4 };

static bool take_lane(const struct wa_widening *w, int copy, struct wa_widen_lanes *lanes) {
  LLVMValueRef instr = wa_widen_instr(w, copy), number = LLVMGetOperand(instr, 2);
  struct wa_widen_ref lane = wa_widen_operand(w, copy, 1);
  if (lane.copy == WA_WIDEN_NONE || !LLVMIsALoadInst(wa_widen_instr(w, lane.copy)) ||
      !LLVMIsAConstantInt(number)) {
    return false;
  }
  int stream = w->instrs[lane.copy % w->instr_count].stream;
  if (w->streams[stream].has_store || (lanes->count > 0 && lanes->stream != stream)) {
    return false;
  }
  LLVMTypeRef type = LLVMTypeOf(LLVMGetOperand(instr, 1));
  uint64_t size = LLVMStoreSizeOfType(LLVMGetModuleDataLayout(w->ir->llvm), type);
  uint64_t first = LLVMConstIntGetZExtValue(number) * size;
  int64_t distance = wa_widen_distance(w, lane.copy);
  lanes->stream = stream;
  lanes->count++;
  for (uint64_t i = first; i < first + size && i < BLOCK; i++) {
    if (lanes->bytes[i] == WA_WIDEN_NONE) { // else a later one has replaced it
      lanes->bytes[i] = distance + (int64_t)(i - first);
    }
  }
  return true;
}

// Where the stream's accesses of the copy's iteration begin and end.
static void find_limits(const struct wa_widening *w, int copy, struct wa_widen_lanes *lanes) {
  const struct wa_widen_stream *stream = &w->streams[lanes->stream];
  int64_t way = (int64_t)(copy / w->instr_count) * stream->stride;
  lanes->begin = stream->first + way;
  lanes->end = stream->end + way;
}

bool wa_widen_find_lanes(const struct wa_widening *w, int copy, struct wa_widen_lanes *lanes) {
  LLVMTypeRef type = LLVMTypeOf(wa_widen_instr(w, copy));
  *lanes = (struct wa_widen_lanes){.count = 0};
  for (int i = 0; i < BLOCK; i++) {
    lanes->bytes[i] = WA_WIDEN_NONE;
  }
  struct wa_widen_ref rest = {copy, NULL};
  for (; rest.copy != WA_WIDEN_NONE; rest = wa_widen_operand(w, rest.copy, 0)) {
    if (!LLVMIsAInsertElementInst(wa_widen_instr(w, rest.copy)) ||
        !take_lane(w, rest.copy, lanes)) {
      return false;
    }
  }
  if (!LLVMIsUndef(rest.value) || lanes->count < FEWEST ||
      LLVMStoreSizeOfType(LLVMGetModuleDataLayout(w->ir->llvm), type) != BLOCK) {
    return false;
  }
  find_limits(w, copy, lanes);
  bool is_inside = lanes->end - lanes->begin >= BLOCK;
  for (int i = 0; i < BLOCK; i++) {
    is_inside &= lanes->bytes[i] == WA_WIDEN_NONE ||
                 (lanes->bytes[i] >= lanes->begin && lanes->bytes[i] < lanes->end);
  }
  return is_inside;
}

static bool has_bytes(const struct wa_widen_lanes *lanes, int64_t from) {
  for (int i = 0; i < BLOCK; i++) {
    if (lanes->bytes[i] >= from && lanes->bytes[i] < from + BLOCK) {
      return true;
    }
  }
  return false;
}

int wa_widen_save_lanes(const struct wa_widening *w, int copy) {
  struct wa_widen_lanes lanes;
  LLVMValueRef instr = wa_widen_instr(w, copy);
  if (!LLVMIsAInsertElementInst(instr)) {
    return 0;
  }
  for (LLVMUseRef use = LLVMGetFirstUse(instr); use; use = LLVMGetNextUse(use)) {
    if (LLVMIsAInsertElementInst(LLVMGetUser(use))) {
      return 0; // not the last
    }
  }
  if (!wa_widen_find_lanes(w, copy, &lanes)) {
    return 0;
  }
  int saved = 2 * lanes.count;
  for (int64_t from = lanes.begin; from < lanes.end; from += BLOCK) {
    saved -= 2 * has_bytes(&lanes, from);
  }
  return saved;
}

// The bytes of a vector that lie in the block from here on; the others it has already.
static LLVMValueRef add_block(struct wa_widening *w, const struct wa_widen_lanes *lanes,
                              int64_t from, LLVMValueRef vector) {
  int64_t place = from + BLOCK > lanes->end ? lanes->end - BLOCK : from;
  LLVMValueRef mask[BLOCK];
  for (int i = 0; i < BLOCK; i++) {
    bool is_here = lanes->bytes[i] >= from && lanes->bytes[i] < from + BLOCK;
    int64_t byte = is_here ? BLOCK + lanes->bytes[i] - place : i;
    mask[i] = wa_ir_const_i32(w->ir, (uint32_t)byte);
  }
  LLVMValueRef block = wa_widen_load(w, LLVMTypeOf(vector), lanes->stream, place);
  return LLVMBuildShuffleVector(w->ir->builder, vector, block, LLVMConstVector(mask, BLOCK), "");
}

LLVMValueRef wa_widen_build_lanes(struct wa_widening *w, const struct wa_widen_lanes *lanes,
                                  LLVMTypeRef type) {
  LLVMValueRef vector = LLVMGetPoison(LLVMVectorType(w->ir->i8, BLOCK));
  for (int64_t from = lanes->begin; from < lanes->end; from += BLOCK) {
    if (has_bytes(lanes, from)) {
      vector = add_block(w, lanes, from, vector);
    }
  }
  return LLVMBuildBitCast(w->ir->builder, vector, type, "");
}
