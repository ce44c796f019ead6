// How often a loop runs, computed in front of it.
#include "compiler/repair/ranges.h"

// The condition under which the loop goes on: `left` grows, `right` does not.
struct ending {
  LLVMIntPredicate predicate;
  LLVMValueRef left, right;
  int64_t step;
};

static bool find_ending(struct wa_ranges *r, struct ending *ending) {
  struct wa_loop_condition stays;
  struct wa_form left, right;
  if (!wa_loop_find_condition(r->loop, &stays) ||
      !wa_find_form(r, stays.left, WA_MOST_DEPTH, &left) ||
      !wa_find_form(r, stays.right, WA_MOST_DEPTH, &right)) {
    return false;
  }
  if (left.step == 0) {
    struct wa_form other = left;
    left = right;
    right = other;
    stays = wa_loop_condition_swapped(&stays);
  }
  *ending = (struct ending){stays.predicate, left.start, right.start, left.step};
  return left.step != 0 && right.step == 0;
}

// How often it goes on until both are equal: the distance, which has to be a multiple of the step.
static LLVMValueRef count_to_equal(struct wa_ranges *r, const struct ending *ending) {
  LLVMBuilderRef builder = r->builder;
  bool falls = ending->step < 0;
  uint64_t step = falls ? -(uint64_t)ending->step : (uint64_t)ending->step;
  LLVMValueRef from = falls ? ending->right : ending->left;
  LLVMValueRef to = falls ? ending->left : ending->right;
  LLVMValueRef far =
      LLVMBuildIntCast2(builder, LLVMBuildSub(builder, to, from, ""), r->i64, false, "");
  if (step == 1) {
    return far;
  }
  LLVMValueRef by = wa_number(r, (int64_t)step);
  LLVMValueRef rest = LLVMBuildURem(builder, far, by, "");
  wa_add_condition(r, LLVMBuildICmp(builder, LLVMIntNE, rest, wa_number(r, 0), ""));
  return LLVMBuildUDiv(builder, far, by, "");
}

// How often it goes on until one is not less any more, or not greater. The bound itself counts when
// `closed`. Numbers of 64 bits could wrap on the way.
static LLVMValueRef count_to_order(struct wa_ranges *r, const struct ending *ending, bool is_signed,
                                   bool falls, bool closed) {
  LLVMBuilderRef builder = r->builder;
  unsigned width = wa_width_of(ending->left);
  if (falls != (ending->step < 0) || width > 32) {
    return NULL;
  }
  LLVMValueRef from = LLVMBuildIntCast2(builder, ending->left, r->i64, is_signed, "");
  LLVMValueRef to = LLVMBuildIntCast2(builder, ending->right, r->i64, is_signed, "");
  int64_t step = falls ? -ending->step : ending->step;
  // The first value that ends it must fit, or it would wrap and go on.
  int64_t least = is_signed ? -((int64_t)1 << (width - 1)) : 0;
  int64_t most = least + (int64_t)((1ull << width) - 1);
  int64_t slack = step - 1 + closed;
  LLVMValueRef wraps = falls
                           ? LLVMBuildICmp(builder, LLVMIntSLT, to, wa_number(r, least + slack), "")
                           : LLVMBuildICmp(builder, LLVMIntSGT, to, wa_number(r, most - slack), "");
  wa_add_condition(r, wraps);
  LLVMValueRef far =
      falls ? LLVMBuildSub(builder, from, to, "") : LLVMBuildSub(builder, to, from, "");
  far = LLVMBuildAdd(builder, far, wa_number(r, slack), "");
  LLVMValueRef none = LLVMBuildICmp(builder, LLVMIntSLT, far, wa_number(r, 0), "");
  far = LLVMBuildSelect(builder, none, wa_number(r, 0), far, "");
  return step == 1 ? far : LLVMBuildUDiv(builder, far, wa_number(r, step), "");
}

static LLVMValueRef count(struct wa_ranges *r, const struct ending *ending) {
  switch (ending->predicate) {
  case LLVMIntNE:
    return count_to_equal(r, ending);
  case LLVMIntULT:
    return count_to_order(r, ending, false, false, false);
  case LLVMIntULE:
    return count_to_order(r, ending, false, false, true);
  case LLVMIntUGT:
    return count_to_order(r, ending, false, true, false);
  case LLVMIntUGE:
    return count_to_order(r, ending, false, true, true);
  case LLVMIntSLT:
    return count_to_order(r, ending, true, false, false);
  case LLVMIntSLE:
    return count_to_order(r, ending, true, false, true);
  case LLVMIntSGT:
    return count_to_order(r, ending, true, true, false);
  case LLVMIntSGE:
    return count_to_order(r, ending, true, true, true);
  default:
    return NULL;
  }
}

bool wa_find_last(struct wa_ranges *r) {
  struct ending ending;
  if (!find_ending(r, &ending) || !(r->last = count(r, &ending))) {
    return false;
  }
  wa_add_condition(r, LLVMBuildICmp(r->builder, LLVMIntUGT, r->last, wa_number(r, UINT32_MAX), ""));
  return true;
}
