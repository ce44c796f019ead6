// What a program does by words of 32 bits, and the processor in fewer instructions.
//
// C that was written with a size_t of 64 bits in mind has a second version for machines whose
// words have 32, and that is what a module of wasm32 has.
//
// Bit counts: a number of 64 bits whose zeros are counted in its halves.
//   Shape: a select by whether one half is 0, of its own count and the other's plus 32.
//   Rewrite:
//     %low = trunc i64 %v to i32
//     %high = trunc i64 (lshr %v, 32) to i32
//     %h = add (cttz i32 %high), 32          =>   %c = cttz i64 %v
//     %c = select (icmp eq %low, 0), %h,
//          (cttz i32 %low)
//   What `or` and `xor` make of 32 and the 32 of a number that is 0 is put right.
// Byte masks: which bytes of an array are not 0, a bit for each, a word at a time.
//   Shape: WORD_GROUP words or a multiple of it, each with nibble() of it or'ed into a number at a
//     place of its own; the nibbles fill fields of 16 bits.
//   Preconditions: x86-64, which has an instruction for the bits.
//   Rewrite:
//     (nibble(%a ^ %s) | nibble(%b ^ %s) << 4   =>   %v = <%a, %b, %c, %d>
//       | ... << 8 | ... << 12)                      bitcast (icmp ne <16 x i8> %v, %s) to i16
// Right when the guest
//   traps, aliases or races: no access is moved, merged or dropped. Each value that is used is used
//     once where it was used several times.
//   wraps: nothing adds up to an address that did not before.
// If wrong: a number is another one. It bounds nothing: addresses are made of it as of any other.
#include "compiler/opt/opt.h"

#include <elf.h>

enum {
  WORD = 32,
  WORD_BYTES = 4,
  NIBBLE = 4,     // bits, one for each byte of a word
  WORD_GROUP = 4, // words of a vector
  MOST_WORDS = 16,
  MOST_STEPS = 96, // from a mask to its words
};

static bool is_number(LLVMValueRef value, uint64_t number) {
  return LLVMIsAConstantInt(value) && LLVMGetIntTypeWidth(LLVMTypeOf(value)) <= 64 &&
         LLVMConstIntGetZExtValue(value) == number;
}

static bool is(LLVMValueRef value, LLVMOpcode opcode) {
  return LLVMIsAInstruction(value) && LLVMGetInstructionOpcode(value) == opcode;
}

// What is taken with this number, which optimised code has on the right; else NULL.
static LLVMValueRef operand_with(LLVMValueRef value, LLVMOpcode opcode, uint64_t number) {
  return is(value, opcode) && is_number(LLVMGetOperand(value, 1), number) ? LLVMGetOperand(value, 0)
                                                                          : NULL;
}

// ---- Bit counts ----

// A half of a number of 64 bits.
struct half {
  LLVMValueRef whole;
  bool is_high;
};

// Of 32 bits; or the high one as what is left when the low one was shifted out.
static bool is_half(const struct wa_ir *ir, LLVMValueRef value, struct half *half) {
  bool is_short = is(value, LLVMTrunc) && LLVMTypeOf(value) == ir->i32;
  LLVMValueRef whole = is_short ? LLVMGetOperand(value, 0) : value;
  LLVMValueRef shifted = operand_with(whole, LLVMLShr, WORD);
  *half = (struct half){shifted ? shifted : whole, .is_high = shifted};
  return LLVMTypeOf(whole) == ir->i64 && (is_short || shifted);
}

// Whether a condition says that a half is 0, or that it is not.
static bool asks_for_zero(const struct wa_ir *ir, LLVMValueRef condition, struct half *half,
                          bool *is_negated) {
  if (!is(condition, LLVMICmp)) {
    return false;
  }
  LLVMIntPredicate predicate = LLVMGetICmpPredicate(condition);
  LLVMValueRef left = LLVMGetOperand(condition, 0), right = LLVMGetOperand(condition, 1);
  if (predicate == LLVMIntEQ || predicate == LLVMIntNE) {
    *is_negated = predicate == LLVMIntNE;
    return is_number(right, 0) && is_half(ir, left, half);
  }
  *is_negated = predicate == LLVMIntUGT;
  *half = (struct half){left, .is_high = true};
  return LLVMTypeOf(left) == ir->i64 &&
         (*is_negated ? is_number(right, UINT32_MAX)
                      : predicate == LLVMIntULT && is_number(right, UINT32_MAX + 1ULL));
}

// Whether a value is the count of zeros in a half that a trailing or leading count begins with
// (`is_first`), or goes on with.
static bool counts(const struct wa_ir *ir, LLVMValueRef value, const struct half *first,
                   bool is_first) {
  struct half half;
  enum wa_intrinsic wanted = first->is_high ? WA_INTRINSIC_CTLZ : WA_INTRINSIC_CTTZ;
  return is(value, LLVMCall) && LLVMTypeOf(value) == ir->i32 &&
         LLVMIsAFunction(LLVMGetCalledValue(value)) &&
         wa_ir_is_one_of(ir, LLVMGetIntrinsicID(LLVMGetCalledValue(value)), &wanted, 1) &&
         is_half(ir, LLVMGetOperand(value, 0), &half) && half.whole == first->whole &&
         (half.is_high == first->is_high) == is_first;
}

// What 32 and the count of the other half were made into, of the count of the whole: the two
// differ where the whole is 0, whose count is 64.
static LLVMValueRef put_right(struct wa_ir *ir, LLVMOpcode opcode, LLVMValueRef count) {
  LLVMBuilderRef builder = ir->builder;
  if (opcode == LLVMXor) {
    return LLVMBuildAnd(builder, count, wa_ir_const_i32(ir, 2 * WORD - 1), "");
  }
  if (opcode == LLVMOr) {
    LLVMValueRef half = LLVMBuildLShr(builder, count, wa_ir_const_i32(ir, 1), "");
    return LLVMBuildSub(builder, count, LLVMBuildAnd(builder, half, wa_ir_const_i32(ir, WORD), ""),
                        "");
  }
  return count;
}

// What the count of a select is as one of 64 bits; NULL when it is none.
static LLVMValueRef whole_count(struct wa_ir *ir, LLVMValueRef select) {
  struct half first;
  bool is_negated;
  if (LLVMTypeOf(select) != ir->i32 ||
      !asks_for_zero(ir, LLVMGetOperand(select, 0), &first, &is_negated)) {
    return NULL;
  }
  LLVMValueRef first_count = LLVMGetOperand(select, is_negated ? 1 : 2);
  LLVMValueRef sum = LLVMGetOperand(select, is_negated ? 2 : 1);
  if (!counts(ir, first_count, &first, true) ||
      !(is(sum, LLVMAdd) || is(sum, LLVMOr) || is(sum, LLVMXor)) ||
      !is_number(LLVMGetOperand(sum, 1), WORD) ||
      !counts(ir, LLVMGetOperand(sum, 0), &first, false)) {
    return NULL;
  }
  LLVMPositionBuilderBefore(ir->builder, select);
  LLVMValueRef args[] = {first.whole, LLVMConstNull(ir->i1)};
  enum wa_intrinsic intrinsic = first.is_high ? WA_INTRINSIC_CTLZ : WA_INTRINSIC_CTTZ;
  LLVMValueRef count = wa_ir_intrinsic(ir, intrinsic, &ir->i64, 1, args, 2);
  count = LLVMBuildTrunc(ir->builder, count, ir->i32, "");
  return put_right(ir, LLVMGetInstructionOpcode(sum), count);
}

// ---- Byte masks ----

// The words whose nibbles a number is made of, by place.
struct mask {
  LLVMValueRef words[MOST_WORDS];
  unsigned steps;
};

// The word of which each byte's highest bit tells whether the byte is 0; else NULL. Filled up from
// below, and less 1, a byte keeps that bit if one of the other seven was set; no byte borrows from
// the next.
static LLVMValueRef tested_word(LLVMValueRef value) {
  enum { HIGH = 0x80808080, LESS_ONE = 0xfefefeff };
  LLVMValueRef either = operand_with(value, LLVMAnd, (uint32_t)HIGH);
  if (!either || !is(either, LLVMOr)) {
    return NULL;
  }
  for (unsigned i = 0; i < 2; i++) {
    LLVMValueRef word = LLVMGetOperand(either, i);
    LLVMValueRef filled = operand_with(LLVMGetOperand(either, 1 - i), LLVMAdd, (uint32_t)LESS_ONE);
    if (filled && operand_with(filled, LLVMOr, (uint32_t)HIGH) == word) {
      return word;
    }
  }
  return NULL;
}

// The word whose four bits are at `place` of the value, which has no others; else NULL. The factor
// brings bits 7, 15, 23 and 31 to 28 to 31; all ten products are at places of their own, so that
// nothing is carried.
static LLVMValueRef nibble(LLVMValueRef value, unsigned *place) {
  enum { FACTOR = 1 | 1 << 7 | 1 << 14 | 1 << 21, TOP = WORD - NIBBLE };
  for (unsigned shift = 0; shift <= TOP; shift += NIBBLE) {
    *place = TOP - shift;
    LLVMValueRef bits = shift == TOP ? value : operand_with(value, LLVMAnd, UINT64_C(15) << *place);
    LLVMValueRef product = bits && shift ? operand_with(bits, LLVMLShr, shift) : bits;
    LLVMValueRef set = product ? operand_with(product, LLVMMul, FACTOR) : NULL;
    if (set && LLVMGetIntTypeWidth(LLVMTypeOf(set)) == WORD) {
      return tested_word(set);
    }
  }
  return NULL;
}

static bool add_nibble(struct mask *mask, LLVMValueRef value, unsigned place, unsigned end) {
  unsigned inside;
  LLVMValueRef word = nibble(value, &inside);
  place += word ? inside : 0;
  if (!word || place % NIBBLE || place + NIBBLE > end || mask->words[place / NIBBLE]) {
    return false;
  }
  mask->words[place / NIBBLE] = word;
  return true;
}

// Finds what a value is or'ed together from, whose bit 0 is at `place`. Bits from `end` on are
// lost.
static bool gather(struct mask *mask, LLVMValueRef value, unsigned place, unsigned end) {
  if (mask->steps++ == MOST_STEPS) {
    return false;
  }
  unsigned width = LLVMGetIntTypeWidth(LLVMTypeOf(value));
  end = place + width < end ? place + width : end;
  if (is(value, LLVMOr)) {
    return gather(mask, LLVMGetOperand(value, 1), place, end) &&
           gather(mask, LLVMGetOperand(value, 0), place, end);
  }
  if (is(value, LLVMZExt)) {
    return gather(mask, LLVMGetOperand(value, 0), place, end);
  }
  if (is(value, LLVMShl) && LLVMIsAConstantInt(LLVMGetOperand(value, 1))) {
    uint64_t shift = LLVMConstIntGetZExtValue(LLVMGetOperand(value, 1));
    return shift < width && gather(mask, LLVMGetOperand(value, 0), place + (unsigned)shift, end);
  }
  return add_nibble(mask, value, place, end);
}

// The operand that all four words are compared with by an xor; else NULL.
static LLVMValueRef common_operand(LLVMValueRef words[WORD_GROUP]) {
  for (unsigned i = 0; i < 2 && is(words[0], LLVMXor); i++) {
    LLVMValueRef common = LLVMGetOperand(words[0], i);
    unsigned having = 0;
    while (having < WORD_GROUP && is(words[having], LLVMXor) &&
           (LLVMGetOperand(words[having], 0) == common ||
            LLVMGetOperand(words[having], 1) == common)) {
      having++;
    }
    if (having == WORD_GROUP) {
      return common;
    }
  }
  return NULL;
}

static LLVMValueRef build_vector(struct wa_ir *ir, LLVMValueRef words[WORD_GROUP]) {
  LLVMValueRef vector = LLVMGetPoison(LLVMVectorType(ir->i32, WORD_GROUP));
  for (unsigned i = 0; i < WORD_GROUP; i++) {
    LLVMValueRef lane = wa_ir_const_i32(ir, i);
    vector = LLVMBuildInsertElement(ir->builder, vector, words[i], lane, "");
  }
  LLVMTypeRef bytes = LLVMVectorType(ir->i8, WORD_GROUP * WORD_BYTES);
  return LLVMBuildBitCast(ir->builder, vector, bytes, "");
}

// 16 bits for four words.
static LLVMValueRef build_field(struct wa_ir *ir, LLVMValueRef words[WORD_GROUP]) {
  LLVMValueRef compared[WORD_GROUP], with[WORD_GROUP];
  LLVMValueRef common = common_operand(words);
  for (unsigned i = 0; i < WORD_GROUP; i++) {
    bool is_right = common && LLVMGetOperand(words[i], 0) == common;
    compared[i] = common ? LLVMGetOperand(words[i], is_right) : words[i];
    with[i] = common ? common : LLVMConstNull(ir->i32);
  }
  LLVMValueRef bytes = build_vector(ir, compared);
  LLVMValueRef differ = LLVMBuildICmp(ir->builder, LLVMIntNE, bytes, build_vector(ir, with), "");
  return LLVMBuildBitCast(ir->builder, differ, ir->i16, "");
}

// Whether words fill fields, or leave them out.
static bool fills_fields(const struct mask *mask) {
  for (unsigned i = 0; i < MOST_WORDS; i++) {
    if (!mask->words[i] != !mask->words[i - i % WORD_GROUP]) {
      return false;
    }
  }
  return true;
}

// A mask by vectors; NULL when the value is none.
static LLVMValueRef whole_mask(struct wa_ir *ir, LLVMValueRef value) {
  struct mask mask = {.steps = 0};
  LLVMTypeRef type = LLVMTypeOf(value);
  if ((type != ir->i32 && type != ir->i64) || !gather(&mask, value, 0, LLVMGetIntTypeWidth(type)) ||
      !fills_fields(&mask)) {
    return NULL;
  }
  LLVMPositionBuilderBefore(ir->builder, value);
  LLVMValueRef whole = NULL;
  for (unsigned i = 0; i < MOST_WORDS; i += WORD_GROUP) {
    if (mask.words[i]) {
      LLVMValueRef field = LLVMBuildZExt(ir->builder, build_field(ir, &mask.words[i]), type, "");
      if (i > 0) {
        LLVMValueRef place = LLVMConstInt(type, i * NIBBLE, false);
        field = LLVMBuildShl(ir->builder, field, place, "");
      }
      whole = whole ? LLVMBuildOr(ir->builder, whole, field, "") : field;
    }
  }
  return whole;
}

// ---- All of a function ----

// From the end on, so that a mask comes before its parts, which then nobody uses.
static void rewrite_block(struct wa_ir *ir, LLVMBasicBlockRef block) {
  bool has_masks = wa_target_is(ir->target, EM_X86_64, 0), is_rewritten = false;
  LLVMValueRef before;
  for (LLVMValueRef i = LLVMGetLastInstruction(block); i; i = before) {
    before = LLVMGetPreviousInstruction(i);
    LLVMValueRef better = is(i, LLVMSelect)            ? whole_count(ir, i)
                          : has_masks && is(i, LLVMOr) ? whole_mask(ir, i)
                                                       : NULL;
    if (better) {
      LLVMReplaceAllUsesWith(i, better);
      is_rewritten = true;
    }
    bool is_plain = LLVMIsABinaryOperator(i) || LLVMIsACastInst(i) || LLVMIsASelectInst(i);
    if (is_rewritten && is_plain && !LLVMGetFirstUse(i)) {
      LLVMInstructionEraseFromParent(i);
    }
  }
}

void wa_rewrite_idioms(struct wa_ir *ir, LLVMValueRef function) {
  LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function);
  for (; block; block = LLVMGetNextBasicBlock(block)) {
    rewrite_block(ir, block);
  }
}
