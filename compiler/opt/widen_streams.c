// What a loop accesses, and when its accesses may be made in another order: a part of widen.c's
// contract.
//
// Shape: addresses of a base, plus an index of 32 bits that may wrap and has a constant stride,
//   plus a constant distance.
// Preconditions: neither volatile nor atomic; stride at most MAX_STRIDE, distance below
//   MAX_DISTANCE, so that no sum of 64 bits below wraps.
// Rewrite: none here; in front of the loop, for each stream and each pair of which one is stored
//   to:
//     %to = start + last * stride + end           ; in 64 bits
//     %inside = icmp ule i64 %to, %size
//     %apart = (to_i <= from_j) | (to_j <= from_i) | start_i == start_j
// Right because the start of an index, its stride and the trip count are known in front of the
//   loop. When the place behind the last access lies in the memory no index wraps and nothing
//   traps; then it does not matter in which order accesses are made, as long as each load finds
//   what it found before.
// If wrong: nothing: security-critical.
#include "compiler/opt/widen.h"

enum { MAX_STRIDE = 4096, MAX_DEPTH = 8, MAX_DISTANCE = 1 << 30 };

// ---- Addresses ----

static bool is_constant(LLVMValueRef value) {
  return LLVMIsAConstantInt(value) != NULL;
}

// Whether an index grows by the same number in every iteration, which is added to `stride`.
static bool find_stride(const struct wa_widening *w, LLVMValueRef index, int depth,
                        uint32_t *stride) {
  if (!wa_widen_is_in(w, index)) {
    return true;
  }
  if (LLVMIsAPHINode(index)) {
    LLVMValueRef constant = wa_loop_step(&w->loop, index);
    if (constant) {
      *stride += (uint32_t)LLVMConstIntGetZExtValue(constant);
    }
    return constant != NULL;
  }
  if (depth == MAX_DEPTH) {
    return false;
  }
  uint32_t part = 0;
  LLVMValueRef left = LLVMGetOperand(index, 0);
  switch (LLVMGetInstructionOpcode(index)) {
  case LLVMAdd:
    return find_stride(w, left, depth + 1, stride) &&
           find_stride(w, LLVMGetOperand(index, 1), depth + 1, stride);
  case LLVMSub:
    return !wa_widen_is_in(w, LLVMGetOperand(index, 1)) && find_stride(w, left, depth + 1, stride);
  case LLVMShl:
    if (!is_constant(LLVMGetOperand(index, 1)) || !find_stride(w, left, depth + 1, &part)) {
      return false;
    }
    *stride += part << (LLVMConstIntGetZExtValue(LLVMGetOperand(index, 1)) & 31);
    return true;
  default:
    return false;
  }
}

// Takes constants off an address.
static LLVMValueRef strip(LLVMValueRef address, int64_t *distance) {
  for (int i = 0; i < MAX_DEPTH && wa_is_offset(address); i++) {
    LLVMValueRef number = LLVMGetOperand(address, 1);
    if (!is_constant(number)) {
      break;
    }
    *distance += LLVMConstIntGetSExtValue(number);
    address = LLVMGetOperand(address, 0);
  }
  return address;
}

static bool find_stream(const struct wa_widening *w, LLVMValueRef address,
                        struct wa_widen_stream *stream, int64_t *distance) {
  *distance = 0;
  *stream = (struct wa_widen_stream){.base = strip(address, distance)};
  LLVMValueRef base = stream->base;
  if (!wa_is_memory0_base(w->ir, w->ctx, base)) {
    LLVMValueRef index = wa_is_offset(base) ? LLVMGetOperand(base, 1) : NULL;
    if (!index || !LLVMIsAZExtInst(index) || LLVMTypeOf(LLVMGetOperand(index, 0)) != w->ir->i32) {
      return false;
    }
    stream->base = LLVMGetOperand(base, 0);
    stream->index = LLVMGetOperand(index, 0);
    if (!wa_is_memory0_base(w->ir, w->ctx, stream->base) ||
        !find_stride(w, stream->index, 0, &stream->stride)) {
      return false;
    }
  }
  return !wa_widen_is_in(w, stream->base) && stream->stride <= MAX_STRIDE && *distance >= 0 &&
         *distance < MAX_DISTANCE;
}

static bool add_access(struct wa_widening *w, struct wa_widen_instr *instr) {
  LLVMValueRef access = instr->value;
  bool is_store = LLVMIsAStoreInst(access);
  if (LLVMGetVolatile(access) || LLVMGetOrdering(access) != LLVMAtomicOrderingNotAtomic) {
    return false;
  }
  struct wa_widen_stream found;
  if (!find_stream(w, LLVMGetOperand(access, is_store), &found, &instr->distance)) {
    return false;
  }
  int i = 0;
  while (i < w->stream_count &&
         (w->streams[i].base != found.base || w->streams[i].index != found.index)) {
    i++;
  }
  if (i == WA_WIDEN_STREAMS) {
    return false;
  }
  struct wa_widen_stream *stream = &w->streams[i];
  if (i == w->stream_count) {
    *stream = found;
    stream->first = stream->end = instr->distance;
    w->stream_count++;
  }
  LLVMTypeRef type = LLVMTypeOf(is_store ? LLVMGetOperand(access, 0) : access);
  uint64_t size = LLVMStoreSizeOfType(LLVMGetModuleDataLayout(w->ir->llvm), type);
  int64_t end = instr->distance + (int64_t)size;
  stream->first = instr->distance < stream->first ? instr->distance : stream->first;
  stream->end = end > stream->end ? end : stream->end;
  stream->has_store |= is_store;
  instr->stream = i;
  return true;
}

bool wa_widen_find_streams(struct wa_widening *w) {
  bool moves = false;
  for (int i = 0; i < w->instr_count; i++) {
    struct wa_widen_instr *instr = &w->instrs[i];
    if (wa_pointer_operand(instr->value) >= 0 && !add_access(w, instr)) {
      return false;
    }
  }
  for (int i = 0; i < w->stream_count; i++) {
    moves |= w->streams[i].stride != 0;
  }
  return moves;
}

// ---- Checks ----

// The value of an index in the first iteration.
static LLVMValueRef build_first(const struct wa_widening *w, LLVMValueRef index) {
  if (!wa_widen_is_in(w, index)) {
    return index;
  }
  if (LLVMIsAPHINode(index)) {
    return wa_widen_initial(w, index);
  }
  LLVMValueRef left = build_first(w, LLVMGetOperand(index, 0));
  LLVMValueRef right = build_first(w, LLVMGetOperand(index, 1));
  return LLVMBuildBinOp(w->ir->builder, LLVMGetInstructionOpcode(index), left, right, "");
}

static LLVMValueRef both(const struct wa_widening *w, LLVMValueRef a, LLVMValueRef b) {
  return LLVMBuildAnd(w->ir->builder, a, b, "");
}

// How many iterations come after the first, when `stays` compares for equality: as long as the
// bound is not met.
static LLVMValueRef count_to_meeting(struct wa_widening *w, LLVMValueRef first,
                                     LLVMValueRef *is_sure) {
  LLVMBuilderRef builder = w->ir->builder;
  const struct wa_widen_trip_count *count = &w->trip;
  bool down = count->step < 0;
  uint32_t size = down ? 0 - (uint32_t)count->step : (uint32_t)count->step;
  LLVMValueRef step = wa_ir_const_i32(w->ir, size);
  LLVMValueRef way = down ? LLVMBuildSub(builder, first, count->bound, "")
                          : LLVMBuildSub(builder, count->bound, first, "");
  *is_sure = LLVMBuildICmp(builder, LLVMIntEQ, LLVMBuildURem(builder, way, step, ""),
                           LLVMConstNull(w->ir->i32), "");
  return LLVMBuildUDiv(builder, way, step, "");
}

// The same, when it stays below the bound. The counter must not wrap on its way.
static LLVMValueRef count_to_bound(struct wa_widening *w, LLVMValueRef first,
                                   LLVMValueRef *is_sure) {
  LLVMBuilderRef builder = w->ir->builder;
  const struct wa_widen_trip_count *count = &w->trip;
  bool is_signed = count->stays == LLVMIntSLT || count->stays == LLVMIntSLE;
  bool is_inclusive = count->stays == LLVMIntULE || count->stays == LLVMIntSLE;
  uint32_t step = (uint32_t)count->step;
  uint32_t highest = (is_signed ? INT32_MAX : UINT32_MAX) - step + !is_inclusive;
  LLVMIntPredicate below = is_signed ? LLVMIntSLE : LLVMIntULE;
  LLVMValueRef limit = wa_ir_const_i32(w->ir, highest);
  *is_sure = both(w, LLVMBuildICmp(builder, count->stays, first, count->bound, ""),
                  LLVMBuildICmp(builder, below, count->bound, limit, ""));
  LLVMValueRef way = LLVMBuildSub(builder, count->bound, first, "");
  uint32_t up = is_inclusive ? step : step - 1;
  way = LLVMBuildAdd(builder, way, wa_ir_const_i32(w->ir, up), "");
  return LLVMBuildUDiv(builder, way, wa_ir_const_i32(w->ir, step), "");
}

struct range {
  LLVMValueRef from, to;
};

// What is checked must be what is used, whatever other threads have made of it.
static LLVMValueRef freeze_shared(const struct wa_widening *w, LLVMValueRef value) {
  bool is_shared = w->ir->module->memories[0].limits.shared;
  return is_shared ? LLVMBuildFreeze(w->ir->builder, value, "") : value;
}

static struct range build_range(struct wa_widening *w, struct wa_widen_stream *stream,
                                LLVMValueRef last) {
  struct wa_ir *ir = w->ir;
  LLVMBuilderRef builder = ir->builder;
  LLVMValueRef start = wa_ir_const_i64(ir, 0);
  if (stream->index) {
    start = LLVMBuildZExt(builder, freeze_shared(w, build_first(w, stream->index)), ir->i64, "");
  }
  stream->start = start;
  LLVMValueRef way = LLVMBuildMul(builder, last, wa_ir_const_i64(ir, stream->stride), "");
  LLVMValueRef first = wa_ir_const_i64(ir, (uint64_t)stream->first);
  LLVMValueRef end = wa_ir_const_i64(ir, (uint64_t)stream->end);
  struct range range = {.from = LLVMBuildAdd(builder, start, first, "")};
  range.to = LLVMBuildAdd(builder, LLVMBuildAdd(builder, start, way, ""), end, "");
  return range;
}

// Whether two streams touch no common byte or, where that is as good, are the same.
static LLVMValueRef build_apart(const struct wa_widening *w, const struct range *ranges, int i,
                                int j) {
  LLVMBuilderRef builder = w->ir->builder;
  LLVMValueRef apart =
      LLVMBuildOr(builder, LLVMBuildICmp(builder, LLVMIntULE, ranges[i].to, ranges[j].from, ""),
                  LLVMBuildICmp(builder, LLVMIntULE, ranges[j].to, ranges[i].from, ""), "");
  if (!w->may_be_equal[i][j]) {
    return apart;
  }
  LLVMValueRef start = w->streams[i].start, other = w->streams[j].start;
  return LLVMBuildOr(builder, apart, LLVMBuildICmp(builder, LLVMIntEQ, start, other, ""), "");
}

LLVMValueRef wa_widen_check(struct wa_widening *w, LLVMValueRef *last) {
  struct wa_ir *ir = w->ir;
  LLVMBuilderRef builder = ir->builder;
  LLVMValueRef may_enter, size = wa_memory0_size(ir, w->ctx);
  LLVMValueRef first = build_first(w, w->trip.value);
  *last = w->trip.stays == LLVMIntNE ? count_to_meeting(w, first, &may_enter)
                                     : count_to_bound(w, first, &may_enter);
  *last = freeze_shared(w, *last);
  LLVMValueRef last64 = LLVMBuildZExt(builder, *last, ir->i64, "");
  struct range ranges[WA_WIDEN_STREAMS];
  for (int i = 0; i < w->stream_count; i++) {
    ranges[i] = build_range(w, &w->streams[i], last64);
    may_enter = both(w, may_enter, LLVMBuildICmp(builder, LLVMIntULE, ranges[i].to, size, ""));
    for (int j = 0; j < i; j++) {
      if (w->streams[i].has_store || w->streams[j].has_store) {
        may_enter = both(w, may_enter, build_apart(w, ranges, i, j));
      }
    }
  }
  return may_enter;
}
