// Loops that look for something: what a loop computes, for a vector of turns. See search.c.
#include "compiler/opt/search.h"

struct wa_search_phi *wa_search_phi_of(struct wa_search *s, LLVMValueRef value) {
  for (int i = 0; i < s->phi_count; i++) {
    if (s->phis[i].phi == value) {
      return &s->phis[i];
    }
  }
  return NULL;
}

struct wa_search_stream *wa_search_stream_of(struct wa_search *s, LLVMValueRef load) {
  for (int i = 0; i < s->stream_count; i++) {
    if (s->streams[i].load == load) {
      return &s->streams[i];
    }
  }
  return NULL;
}

static bool is_elementwise(LLVMValueRef value) {
  switch (LLVMGetInstructionOpcode(value)) {
  case LLVMAdd:
  case LLVMSub:
  case LLVMAnd:
  case LLVMOr:
  case LLVMXor:
  case LLVMICmp:
  case LLVMSelect:
  case LLVMZExt:
  case LLVMSExt:
  case LLVMTrunc:
  case LLVMFreeze:
    return true;
  case LLVMShl:
  case LLVMLShr:
  case LLVMAShr:
    return LLVMIsAConstantInt(LLVMGetOperand(value, 1)) != NULL;
  default:
    return false;
  }
}

// Whether a vector register holds the lanes of a type.
static bool has_room(const struct wa_search *s, LLVMTypeRef type) {
  unsigned width = LLVMGetTypeKind(type) == LLVMIntegerTypeKind ? LLVMGetIntTypeWidth(type) : 64;
  return width == 1 || (width >= 8 && width * s->lanes <= WA_SEARCH_VECTOR * 8);
}

// Whether a comparison is of a lane that was extended, and of what does not change: where that has
// no more bits than a lane, the extension does not matter.
static bool is_extended(const struct wa_search *s, LLVMValueRef value) {
  if (!LLVMIsAICmpInst(value)) {
    return false;
  }
  LLVMIntPredicate predicate = LLVMGetICmpPredicate(value);
  LLVMValueRef left = LLVMGetOperand(value, 0), right = LLVMGetOperand(value, 1);
  return (predicate == LLVMIntEQ || predicate == LLVMIntNE) && LLVMIsAZExtInst(left) &&
         !wa_search_is_invariant(s, left) && wa_search_is_invariant(s, right) &&
         !has_room(s, LLVMTypeOf(right));
}

static int value_index(const struct wa_search *s, LLVMValueRef value) {
  int i = 0;
  while (i < s->value_count && s->values[i].value != value) {
    i++;
  }
  return i;
}

bool wa_search_is_lanes(struct wa_search *s, LLVMValueRef value, bool *loads) {
  int32_t step;
  if (!has_room(s, LLVMTypeOf(value))) {
    return false;
  }
  struct wa_search_phi *phi = wa_search_phi_of(s, value);
  bool is_loaded = wa_search_stream_of(s, value) || (phi && !phi->step);
  *loads |= is_loaded;
  if (value_index(s, value) < s->value_count) {
    return true;
  }
  if (s->value_count == WA_SEARCH_VALUES) {
    return false;
  }
  s->values[s->value_count++].value = value;
  if (is_loaded || wa_search_is_invariant(s, value) || wa_search_find_step(s, value, &step)) {
    return true;
  }
  if (!LLVMIsAInstruction(value) || !is_elementwise(value)) {
    return false;
  }
  if (is_extended(s, value)) {
    return wa_search_is_lanes(s, LLVMGetOperand(LLVMGetOperand(value, 0), 0), loads);
  }
  for (unsigned i = 0; i < (unsigned)LLVMGetNumOperands(value); i++) {
    if (!wa_search_is_lanes(s, LLVMGetOperand(value, i), loads)) {
      return false;
    }
  }
  return true;
}

// ---- Building ----

LLVMValueRef wa_search_build_now(struct wa_search *s, LLVMValueRef value) {
  if (wa_search_is_invariant(s, value)) {
    return value;
  }
  if (LLVMIsAPHINode(value)) {
    return wa_search_phi_of(s, value)->now;
  }
  LLVMValueRef left = wa_search_build_now(s, LLVMGetOperand(value, 0));
  LLVMValueRef right = wa_search_build_now(s, LLVMGetOperand(value, 1));
  return LLVMBuildBinOp(s->ir->builder, LLVMGetInstructionOpcode(value), left, right, "");
}

static LLVMValueRef build_splat(const struct wa_search *s, LLVMValueRef value) {
  LLVMBuilderRef builder = s->ir->builder;
  LLVMTypeRef type = LLVMVectorType(LLVMTypeOf(value), s->lanes);
  LLVMTypeRef mask = LLVMVectorType(s->ir->i32, s->lanes);
  LLVMValueRef none = LLVMGetPoison(type);
  LLVMValueRef one = LLVMBuildInsertElement(builder, none, value, wa_ir_const_i32(s->ir, 0), "");
  return LLVMBuildShuffleVector(builder, one, none, LLVMConstNull(mask), "");
}

static void go_to_start(const struct wa_search *s) {
  LLVMPositionBuilderBefore(s->ir->builder, LLVMGetBasicBlockTerminator(s->start));
}

static LLVMValueRef build_invariant(const struct wa_search *s, LLVMValueRef value) {
  LLVMBasicBlockRef here = LLVMGetInsertBlock(s->ir->builder);
  go_to_start(s);
  LLVMValueRef lanes = build_splat(s, value);
  LLVMPositionBuilderAtEnd(s->ir->builder, here);
  return lanes;
}

// An induction variable in each of the turns.
static LLVMValueRef build_turns(struct wa_search *s, LLVMValueRef value, int32_t step) {
  LLVMValueRef ways[WA_SEARCH_VECTOR];
  for (unsigned i = 0; i < s->lanes; i++) {
    ways[i] = wa_ir_const_i32(s->ir, i * (uint32_t)step);
  }
  LLVMValueRef first = build_splat(s, wa_search_build_now(s, value));
  return LLVMBuildAdd(s->ir->builder, first, LLVMConstVector(ways, s->lanes), "");
}

static LLVMValueRef build_load(const struct wa_search *s, const struct wa_search_stream *stream) {
  LLVMTypeRef type = LLVMVectorType(LLVMTypeOf(stream->load), s->lanes);
  LLVMValueRef lanes = wa_ir_load(s->ir, type, stream->place, WA_ALIAS_MEMORY);
  LLVMSetAlignment(lanes, 1);
  return LLVMBuildFreeze(s->ir->builder, lanes, "");
}

// What each turn has from the one before.
static LLVMValueRef build_carried(struct wa_search *s, const struct wa_search_phi *phi) {
  LLVMValueRef loaded = wa_search_build_lanes(s, wa_loop_next(&s->loop, phi->phi));
  LLVMValueRef mask[WA_SEARCH_VECTOR];
  for (unsigned i = 0; i < s->lanes; i++) {
    mask[i] = wa_ir_const_i32(s->ir, i == 0 ? 0 : s->lanes + i - 1);
  }
  LLVMValueRef first = build_splat(s, phi->now);
  return LLVMBuildShuffleVector(s->ir->builder, first, loaded, LLVMConstVector(mask, s->lanes), "");
}

// What an extended lane is compared with, cut to its bits.
static LLVMValueRef build_cut(const struct wa_search *s, LLVMValueRef value) {
  LLVMValueRef narrow = LLVMGetOperand(LLVMGetOperand(value, 0), 0);
  return LLVMBuildTrunc(s->ir->builder, LLVMGetOperand(value, 1), LLVMTypeOf(narrow), "");
}

static LLVMValueRef build_extended(struct wa_search *s, LLVMValueRef value) {
  LLVMBuilderRef builder = s->ir->builder;
  LLVMBasicBlockRef here = LLVMGetInsertBlock(builder);
  go_to_start(s);
  LLVMValueRef all = build_splat(s, build_cut(s, value));
  LLVMPositionBuilderAtEnd(builder, here);
  LLVMValueRef lanes = wa_search_build_lanes(s, LLVMGetOperand(LLVMGetOperand(value, 0), 0));
  return LLVMBuildICmp(builder, LLVMGetICmpPredicate(value), lanes, all, "");
}

LLVMValueRef wa_search_build_limit(const struct wa_search *s, LLVMValueRef limit) {
  struct wa_ir *ir = s->ir;
  for (int i = 0; i < s->value_count; i++) {
    LLVMValueRef value = s->values[i].value;
    if (is_extended(s, value)) {
      LLVMValueRef wide = LLVMGetOperand(value, 1);
      LLVMValueRef cut = LLVMBuildZExt(ir->builder, build_cut(s, value), LLVMTypeOf(wide), "");
      LLVMValueRef fits = LLVMBuildICmp(ir->builder, LLVMIntEQ, cut, wide, "");
      limit = LLVMBuildSelect(ir->builder, fits, limit, wa_ir_const_i64(ir, 0), "");
    }
  }
  return limit;
}

static LLVMValueRef build_elementwise(struct wa_search *s, LLVMValueRef value) {
  LLVMBuilderRef builder = s->ir->builder;
  LLVMOpcode opcode = LLVMGetInstructionOpcode(value);
  LLVMTypeRef type = LLVMVectorType(LLVMTypeOf(value), s->lanes);
  LLVMValueRef operands[3];
  for (unsigned i = 0; i < (unsigned)LLVMGetNumOperands(value); i++) {
    operands[i] = wa_search_build_lanes(s, LLVMGetOperand(value, i));
  }
  switch (opcode) {
  case LLVMICmp:
    return LLVMBuildICmp(builder, LLVMGetICmpPredicate(value), operands[0], operands[1], "");
  case LLVMSelect:
    return LLVMBuildSelect(builder, operands[0], operands[1], operands[2], "");
  case LLVMFreeze:
    return LLVMBuildFreeze(builder, operands[0], "");
  default:
    return LLVMIsACastInst(value) ? LLVMBuildCast(builder, opcode, operands[0], type, "")
                                  : LLVMBuildBinOp(builder, opcode, operands[0], operands[1], "");
  }
}

static LLVMValueRef build(struct wa_search *s, LLVMValueRef value) {
  const struct wa_search_stream *stream = wa_search_stream_of(s, value);
  const struct wa_search_phi *phi = wa_search_phi_of(s, value);
  int32_t step;
  if (wa_search_is_invariant(s, value)) {
    return build_invariant(s, value);
  }
  if (stream) {
    return build_load(s, stream);
  }
  if (phi && !phi->step) {
    return build_carried(s, phi);
  }
  if (is_extended(s, value)) {
    return build_extended(s, value);
  }
  return wa_search_find_step(s, value, &step) ? build_turns(s, value, step)
                                              : build_elementwise(s, value);
}

LLVMValueRef wa_search_build_lanes(struct wa_search *s, LLVMValueRef value) {
  int i = value_index(s, value);
  if (!s->values[i].lanes) {
    s->values[i].lanes = build(s, value);
  }
  return s->values[i].lanes;
}
