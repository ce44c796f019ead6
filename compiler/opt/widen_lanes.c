// Vectors that a loop puts together from single lanes in memory.
//
// A producer without gathers loads every colour of every pixel by itself and inserts it. In the
// wide loop nothing traps, so whole vectors are loaded that have these lanes, and shuffled. Only
// where the loop stores nothing into the same stream.
#include "compiler/opt/widen.h"

enum { BLOCK = 16, FEWEST = 4 };

static bool take_lane(const struct wa_widening *w, int step, struct wa_widen_lanes *lanes) {
  LLVMValueRef instr = wa_widen_instr(w, step), number = LLVMGetOperand(instr, 2);
  struct wa_widen_ref lane = wa_widen_operand(w, step, 1);
  if (lane.step == WA_WIDEN_NONE || !LLVMIsALoadInst(wa_widen_instr(w, lane.step)) ||
      !LLVMIsAConstantInt(number))
    return false;
  int stream = w->instrs[lane.step % w->instr_count].stream;
  if (w->streams[stream].has_store || (lanes->count > 0 && lanes->stream != stream))
    return false;
  LLVMTypeRef type = LLVMTypeOf(LLVMGetOperand(instr, 1));
  uint64_t size = LLVMStoreSizeOfType(LLVMGetModuleDataLayout(w->ir->llvm), type);
  uint64_t first = LLVMConstIntGetZExtValue(number) * size;
  int64_t distance = wa_widen_distance(w, lane.step);
  lanes->stream = stream;
  lanes->count++;
  for (uint64_t i = first; i < first + size && i < BLOCK; i++)
    if (lanes->bytes[i] == WA_WIDEN_NONE) // else a later one has replaced it
      lanes->bytes[i] = distance + (int64_t)(i - first);
  return true;
}

// Where the stream's accesses of the step's turn begin and end.
static void find_limits(const struct wa_widening *w, int step, struct wa_widen_lanes *lanes) {
  const struct wa_widen_stream *stream = &w->streams[lanes->stream];
  int64_t way = (int64_t)(step / w->instr_count) * stream->step;
  lanes->begin = stream->first + way;
  lanes->end = stream->end + way;
}

bool wa_widen_find_lanes(const struct wa_widening *w, int step, struct wa_widen_lanes *lanes) {
  LLVMTypeRef type = LLVMTypeOf(wa_widen_instr(w, step));
  *lanes = (struct wa_widen_lanes){.count = 0};
  for (int i = 0; i < BLOCK; i++)
    lanes->bytes[i] = WA_WIDEN_NONE;
  struct wa_widen_ref rest = {step, NULL};
  for (; rest.step != WA_WIDEN_NONE; rest = wa_widen_operand(w, rest.step, 0))
    if (!LLVMIsAInsertElementInst(wa_widen_instr(w, rest.step)) || !take_lane(w, rest.step, lanes))
      return false;
  if (!LLVMIsUndef(rest.value) || lanes->count < FEWEST ||
      LLVMStoreSizeOfType(LLVMGetModuleDataLayout(w->ir->llvm), type) != BLOCK)
    return false;
  find_limits(w, step, lanes);
  bool is_inside = lanes->end - lanes->begin >= BLOCK;
  for (int i = 0; i < BLOCK; i++)
    is_inside &= lanes->bytes[i] == WA_WIDEN_NONE ||
                 (lanes->bytes[i] >= lanes->begin && lanes->bytes[i] < lanes->end);
  return is_inside;
}

static bool has_bytes(const struct wa_widen_lanes *lanes, int64_t from) {
  for (int i = 0; i < BLOCK; i++)
    if (lanes->bytes[i] >= from && lanes->bytes[i] < from + BLOCK)
      return true;
  return false;
}

int wa_widen_save_lanes(const struct wa_widening *w, int step) {
  struct wa_widen_lanes lanes;
  LLVMValueRef instr = wa_widen_instr(w, step);
  if (!LLVMIsAInsertElementInst(instr))
    return 0;
  for (LLVMUseRef use = LLVMGetFirstUse(instr); use; use = LLVMGetNextUse(use))
    if (LLVMIsAInsertElementInst(LLVMGetUser(use)))
      return 0; // not the last
  if (!wa_widen_find_lanes(w, step, &lanes))
    return 0;
  int saved = 2 * lanes.count;
  for (int64_t from = lanes.begin; from < lanes.end; from += BLOCK)
    saved -= 2 * has_bytes(&lanes, from);
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
  for (int64_t from = lanes->begin; from < lanes->end; from += BLOCK)
    if (has_bytes(lanes, from))
      vector = add_block(w, lanes, from, vector);
  return LLVMBuildBitCast(w->ir->builder, vector, type, "");
}
