// Which instructions of a loop become one.
//
// Beginning with stores that lie side by side, and with vectors that are added to the same sum, two
// instructions that do the same become one when their operands do, too, or can be put together.
#include "compiler/opt/widen.h"

#include <string.h>

enum {
  HALF = 16,          // bytes of a vector that there is one of twice the size for
  LARGEST = 2 * HALF, // of what is made from such on the way, in two registers when doubled
};

// ---- Steps ----

LLVMValueRef wa_widen_instr(const struct wa_widening *w, int step) {
  return w->instrs[step % w->instr_count].value;
}

static struct wa_widen_ref find(const struct wa_widening *w, LLVMValueRef value, int turn) {
  while (wa_widen_is_in(w, value) && LLVMIsAPHINode(value) && turn > 0) {
    value = wa_widen_next(w, value);
    turn--;
  }
  if (wa_widen_is_in(w, value) && !LLVMIsAPHINode(value))
    for (int i = 0; i < w->instr_count; i++)
      if (w->instrs[i].value == value)
        return (struct wa_widen_ref){turn * w->instr_count + i, NULL};
  return (struct wa_widen_ref){WA_WIDEN_NONE, value};
}

struct wa_widen_ref wa_widen_operand(const struct wa_widening *w, int step, unsigned number) {
  return find(w, LLVMGetOperand(wa_widen_instr(w, step), number), step / w->instr_count);
}

struct wa_widen_ref wa_widen_last(const struct wa_widening *w, LLVMValueRef phi) {
  return find(w, wa_widen_next(w, phi), w->turns - 1);
}

int64_t wa_widen_distance(const struct wa_widening *w, int step) {
  const struct wa_widen_instr *instr = &w->instrs[step % w->instr_count];
  return instr->distance + (int64_t)(step / w->instr_count) * w->streams[instr->stream].step;
}

static int stream_of(const struct wa_widening *w, int step) {
  return w->instrs[step % w->instr_count].stream;
}

int wa_widen_place(const struct wa_widening *w, int step) {
  if (w->pair_of[step] == WA_WIDEN_NONE)
    return step;
  const struct wa_widen_pair *pair = &w->pairs[w->pair_of[step]];
  bool first_is_early = pair->first < pair->second;
  bool is_store = LLVMIsAStoreInst(wa_widen_instr(w, step));
  return first_is_early == is_store ? pair->second : pair->first;
}

struct wa_widen_pair *wa_widen_pair_of(struct wa_widening *w, struct wa_widen_ref first,
                                       struct wa_widen_ref second) {
  if (first.step == WA_WIDEN_NONE || second.step == WA_WIDEN_NONE ||
      w->pair_of[first.step] == WA_WIDEN_NONE)
    return NULL;
  struct wa_widen_pair *pair = &w->pairs[w->pair_of[first.step]];
  return pair->first == first.step && pair->second == second.step ? pair : NULL;
}

// ---- What can be one ----

static uint64_t size_of(const struct wa_widening *w, LLVMTypeRef type) {
  return LLVMStoreSizeOfType(LLVMGetModuleDataLayout(w->ir->llvm), type);
}

static bool is_vector(LLVMTypeRef type) {
  return LLVMGetTypeKind(type) == LLVMVectorTypeKind;
}

static bool can_double(const struct wa_widening *w, LLVMTypeRef type) {
  return is_vector(type) && LLVMGetVectorSize(type) <= WA_WIDEN_LANES / 2 &&
         size_of(w, type) <= LARGEST;
}

static bool is_half(const struct wa_widening *w, LLVMTypeRef type) {
  return can_double(w, type) && size_of(w, type) <= HALF;
}

struct twin {
  enum wa_intrinsic half;
  const char *both; // an intrinsic that works on each half by itself; NULL for the same one
};

unsigned wa_widen_intrinsic(const struct wa_widening *w, LLVMValueRef call) {
  static const struct twin twins[] = {
      {WA_INTRINSIC_CTPOP, NULL},
      {WA_INTRINSIC_FSHL, NULL},
      {WA_INTRINSIC_FSHR, NULL},
      {WA_INTRINSIC_FABS, NULL},
      {WA_INTRINSIC_CEIL, NULL},
      {WA_INTRINSIC_FLOOR, NULL},
      {WA_INTRINSIC_TRUNC, NULL},
      {WA_INTRINSIC_NEARBYINT, NULL},
      {WA_INTRINSIC_SQRT, NULL},
      {WA_INTRINSIC_COPYSIGN, NULL},
      {WA_INTRINSIC_SADD_SAT, NULL},
      {WA_INTRINSIC_UADD_SAT, NULL},
      {WA_INTRINSIC_SSUB_SAT, NULL},
      {WA_INTRINSIC_USUB_SAT, NULL},
      {WA_INTRINSIC_SMIN, NULL},
      {WA_INTRINSIC_SMAX, NULL},
      {WA_INTRINSIC_UMIN, NULL},
      {WA_INTRINSIC_UMAX, NULL},
      {WA_INTRINSIC_ABS, NULL},
      {WA_INTRINSIC_FENCE, NULL},
      {WA_INTRINSIC_FMA, NULL},
      {WA_INTRINSIC_X86_PSHUFB, "llvm.x86.avx2.pshuf.b"},
      {WA_INTRINSIC_X86_PMADDWD, "llvm.x86.avx2.pmadd.wd"},
      {WA_INTRINSIC_X86_PMULHRSW, "llvm.x86.avx2.pmul.hr.sw"},
      {WA_INTRINSIC_X86_PMADDUBSW, "llvm.x86.avx2.pmadd.ub.sw"},
      {WA_INTRINSIC_X86_CVTTPS2DQ, "llvm.x86.avx.cvtt.ps2dq.256"},
      {WA_INTRINSIC_X86_PACKSSWB, "llvm.x86.avx2.packsswb"},
      {WA_INTRINSIC_X86_PACKUSWB, "llvm.x86.avx2.packuswb"},
      {WA_INTRINSIC_X86_PACKSSDW, "llvm.x86.avx2.packssdw"},
      {WA_INTRINSIC_X86_PACKUSDW, "llvm.x86.avx2.packusdw"},
  };
  unsigned id = LLVMGetIntrinsicID(LLVMGetCalledValue(call));
  for (size_t i = 0; id && i < sizeof twins / sizeof twins[0]; i++)
    if (id == w->ir->intrinsics[twins[i].half])
      return twins[i].both ? LLVMLookupIntrinsicID(twins[i].both, strlen(twins[i].both)) : id;
  return 0;
}

static bool is_same_ref(struct wa_widen_ref a, struct wa_widen_ref b) {
  return a.step == b.step && a.value == b.value;
}

// Operands that are no addresses and no functions.
static unsigned value_operands(LLVMValueRef instr) {
  if (LLVMIsALoadInst(instr))
    return 0;
  if (LLVMIsAStoreInst(instr))
    return 1;
  return (unsigned)LLVMGetNumOperands(instr) - (LLVMIsACallInst(instr) != NULL);
}

// Whether operands that are no vectors, those of calls and the conditions of selects, are the same.
static bool same_scalars(const struct wa_widening *w, int first, int second) {
  LLVMValueRef instr = wa_widen_instr(w, first);
  for (unsigned i = 0; i < value_operands(instr); i++) {
    LLVMTypeRef type = LLVMTypeOf(LLVMGetOperand(instr, i));
    if (is_vector(type)
            ? !can_double(w, type)
            : !is_same_ref(wa_widen_operand(w, first, i), wa_widen_operand(w, second, i)))
      return false;
    if (LLVMTypeOf(LLVMGetOperand(wa_widen_instr(w, second), i)) != type)
      return false;
  }
  return true;
}

static bool same_masks(LLVMValueRef a, LLVMValueRef b) {
  unsigned count = LLVMGetNumMaskElements(a);
  if (count != LLVMGetNumMaskElements(b))
    return false;
  for (unsigned i = 0; i < count; i++)
    if (LLVMGetMaskValue(a, i) != LLVMGetMaskValue(b, i))
      return false;
  return true;
}

static bool is_beside(const struct wa_widening *w, int first, int second, LLVMTypeRef type) {
  return stream_of(w, first) == stream_of(w, second) &&
         wa_widen_distance(w, second) - wa_widen_distance(w, first) == (int64_t)size_of(w, type);
}

static bool can_pair(const struct wa_widening *w, int first, int second) {
  LLVMValueRef a = wa_widen_instr(w, first), b = wa_widen_instr(w, second);
  LLVMOpcode opcode = LLVMGetInstructionOpcode(a);
  if (first == second || opcode != LLVMGetInstructionOpcode(b) || LLVMTypeOf(a) != LLVMTypeOf(b))
    return false;
  if (opcode == LLVMStore) {
    LLVMTypeRef type = LLVMTypeOf(LLVMGetOperand(a, 0));
    return type == LLVMTypeOf(LLVMGetOperand(b, 0)) && is_half(w, type) &&
           is_beside(w, first, second, type);
  }
  if (!can_double(w, LLVMTypeOf(a)))
    return false;
  switch (opcode) {
  case LLVMLoad:
    return is_half(w, LLVMTypeOf(a)) && is_beside(w, first, second, LLVMTypeOf(a));
  case LLVMICmp:
    return LLVMGetICmpPredicate(a) == LLVMGetICmpPredicate(b) && same_scalars(w, first, second);
  case LLVMFCmp:
    return LLVMGetFCmpPredicate(a) == LLVMGetFCmpPredicate(b) && same_scalars(w, first, second);
  case LLVMShuffleVector:
    return same_masks(a, b) && same_scalars(w, first, second);
  case LLVMCall:
    return LLVMGetCalledValue(a) == LLVMGetCalledValue(b) && wa_widen_intrinsic(w, a) != 0 &&
           same_scalars(w, first, second);
  case LLVMFNeg:
  case LLVMFreeze:
  case LLVMSelect:
    return same_scalars(w, first, second);
  default:
    // A vector made of a number has no half in a vector made of two.
    return (LLVMIsABinaryOperator(a) || LLVMIsACastInst(a)) && same_scalars(w, first, second) &&
           is_vector(LLVMTypeOf(LLVMGetOperand(a, 0)));
  }
}

static void add_pair(struct wa_widening *w, int first, int second) {
  if (first == WA_WIDEN_NONE || second == WA_WIDEN_NONE || w->pair_of[first] != WA_WIDEN_NONE ||
      w->pair_of[second] != WA_WIDEN_NONE || !can_pair(w, first, second))
    return;
  w->pairs[w->pair_count] = (struct wa_widen_pair){.first = first, .second = second};
  w->pair_of[first] = w->pair_of[second] = w->pair_count++;
}

// Makes two steps one, and what they are made from.
static void pair(struct wa_widening *w, int first, int second) {
  int next = w->pair_count;
  add_pair(w, first, second);
  for (; next < w->pair_count; next++) {
    struct wa_widen_pair found = w->pairs[next];
    unsigned count = value_operands(wa_widen_instr(w, found.first));
    for (unsigned i = 0; i < count; i++)
      add_pair(w, wa_widen_operand(w, found.first, i).step,
               wa_widen_operand(w, found.second, i).step);
  }
}

// ---- Sums ----

// The operand of a link that is not the sum so far, or -1.
static int leaf_operand(LLVMValueRef link, LLVMValueRef sum) {
  switch (LLVMGetInstructionOpcode(link)) {
  case LLVMAdd:
  case LLVMAnd:
  case LLVMOr:
  case LLVMXor:
  case LLVMFAdd:
  case LLVMFMul:
    return LLVMGetOperand(link, 0) == sum ? 1 : 0;
  case LLVMSub:
  case LLVMFSub:
    return LLVMGetOperand(link, 0) == sum ? 1 : -1;
  default:
    return -1;
  }
}

// The only user in the loop, or NULL.
static LLVMValueRef only_user(const struct wa_widening *w, LLVMValueRef value) {
  LLVMValueRef user = NULL;
  for (LLVMUseRef use = LLVMGetFirstUse(value); use; use = LLVMGetNextUse(use)) {
    if (!wa_widen_is_in(w, LLVMGetUser(use)))
      continue;
    if (user)
      return NULL;
    user = LLVMGetUser(use);
  }
  return user;
}

static bool add_links(struct wa_widening *w, struct wa_widen_sum *sum, int turn) {
  LLVMValueRef value = sum->phi;
  do {
    LLVMValueRef link = only_user(w, value);
    if (!link || LLVMTypeOf(link) != LLVMTypeOf(value) || leaf_operand(link, value) < 0 ||
        sum->link_count == WA_WIDEN_LINKS)
      return false;
    LLVMOpcode opcode = LLVMGetInstructionOpcode(link);
    if (sum->link_count > 0 && opcode != sum->opcode)
      return false;
    sum->opcode = opcode;
    sum->links[sum->link_count++] = find(w, link, turn).step;
    value = link;
  } while (value != wa_widen_next(w, sum->phi));
  return only_user(w, value) == sum->phi;
}

struct wa_widen_ref wa_widen_leaf(const struct wa_widening *w, const struct wa_widen_sum *sum,
                                  int link) {
  int step = sum->links[link];
  LLVMValueRef instr = wa_widen_instr(w, step);
  LLVMValueRef before = sum->phi;
  if (link % (sum->link_count / w->turns) > 0)
    before = wa_widen_instr(w, sum->links[link - 1]);
  return wa_widen_operand(w, step, (unsigned)leaf_operand(instr, before));
}

void wa_widen_links(const struct wa_widening *w, const struct wa_widen_sum *sum, int number,
                    int links[2]) {
  int half = sum->link_count / 2;
  links[0] = w->turns == 2 ? number : number * 2;
  links[1] = w->turns == 2 ? number + half : number * 2 + 1;
}

static void find_sum(struct wa_widening *w, LLVMValueRef phi) {
  struct wa_widen_sum *sum = &w->sums[w->sum_count];
  *sum = (struct wa_widen_sum){.phi = phi};
  if (!is_half(w, LLVMTypeOf(phi)))
    return;
  for (int turn = 0; turn < w->turns; turn++)
    if (!add_links(w, sum, turn))
      return;
  if (sum->link_count % 2 == 1)
    return;
  for (int i = 0; i < sum->link_count / 2; i++) {
    int links[2];
    wa_widen_links(w, sum, i, links);
    pair(w, wa_widen_leaf(w, sum, links[0]).step, wa_widen_leaf(w, sum, links[1]).step);
  }
  // Floats must be added in their order, one half after the other.
  LLVMTypeRef lane = LLVMGetElementType(LLVMTypeOf(phi));
  w->sum_count += LLVMGetTypeKind(lane) == LLVMIntegerTypeKind;
}

// ---- The plan ----

static void pair_stores(struct wa_widening *w) {
  int steps = w->turns * w->instr_count;
  for (int a = 0; a < steps; a++)
    if (LLVMIsAStoreInst(wa_widen_instr(w, a)))
      for (int b = 0; b < steps && w->pair_of[a] == WA_WIDEN_NONE; b++)
        pair(w, a, b);
}

static uint64_t access_size(const struct wa_widening *w, LLVMValueRef access) {
  return size_of(w, LLVMTypeOf(LLVMIsAStoreInst(access) ? LLVMGetOperand(access, 0) : access));
}

// Whether two accesses, one of them a store, come in another order than they did, though they touch
// the same bytes of their stream, or of two streams that are the same.
static bool is_swapped(const struct wa_widening *w, int a, int b) {
  LLVMValueRef first = wa_widen_instr(w, a), second = wa_widen_instr(w, b);
  if ((LLVMIsALoadInst(first) && LLVMIsALoadInst(second)) ||
      wa_widen_place(w, a) < wa_widen_place(w, b))
    return false;
  int64_t from = wa_widen_distance(w, a), other = wa_widen_distance(w, b);
  return from < other + (int64_t)access_size(w, second) &&
         other < from + (int64_t)access_size(w, first);
}

// Streams are apart or, with may_be_equal, the same. Single lanes are loaded at any time.
static void find_equals(struct wa_widening *w) {
  for (int i = 0; i < w->stream_count; i++)
    for (int j = 0; j < w->stream_count; j++)
      w->may_be_equal[i][j] =
          w->streams[i].base == w->streams[j].base && w->streams[i].step == w->streams[j].step;
  for (int step = 0; step < w->turns * w->instr_count; step++) {
    struct wa_widen_lanes lanes;
    if (!LLVMIsAInsertElementInst(wa_widen_instr(w, step)) || !wa_widen_find_lanes(w, step, &lanes))
      continue;
    for (int i = 0; i < w->stream_count; i++)
      w->may_be_equal[i][lanes.stream] = w->may_be_equal[lanes.stream][i] = false;
  }
}

static bool keeps_order(struct wa_widening *w) {
  int steps = w->turns * w->instr_count;
  find_equals(w);
  for (int a = 0; a < steps; a++)
    for (int b = a + 1; b < steps && stream_of(w, a) != WA_WIDEN_NONE; b++) {
      int first = stream_of(w, a), second = stream_of(w, b);
      if (second == WA_WIDEN_NONE || !is_swapped(w, a, b))
        continue;
      if (first == second)
        return false;
      w->may_be_equal[first][second] = w->may_be_equal[second][first] = false;
    }
  return true;
}

static bool changes(const struct wa_widening *w, struct wa_widen_ref ref) {
  return ref.step != WA_WIDEN_NONE || wa_widen_is_in(w, ref.value);
}

// Vectors that have to be put together for a pair.
static int joins(struct wa_widening *w, const struct wa_widen_pair *pair) {
  LLVMValueRef instr = wa_widen_instr(w, pair->first);
  unsigned operands = (unsigned)LLVMGetNumOperands(instr), count = 0;
  for (unsigned i = 0; i < operands; i++) {
    if (!is_vector(LLVMTypeOf(LLVMGetOperand(instr, i))))
      continue;
    struct wa_widen_ref a = wa_widen_operand(w, pair->first, i);
    struct wa_widen_ref b = wa_widen_operand(w, pair->second, i);
    count += !wa_widen_pair_of(w, a, b) && (changes(w, a) || changes(w, b));
  }
  return (int)count;
}

// Halves that an instruction needs of others that are one.
static int halves(const struct wa_widening *w, int step) {
  unsigned operands = (unsigned)LLVMGetNumOperands(wa_widen_instr(w, step)), count = 0;
  for (unsigned i = 0; i < operands; i++) {
    struct wa_widen_ref ref = wa_widen_operand(w, step, i);
    count += ref.step != WA_WIDEN_NONE && w->pair_of[ref.step] != WA_WIDEN_NONE;
  }
  return (int)count;
}

static bool is_link(const struct wa_widening *w, int step) {
  for (int i = 0; i < w->sum_count; i++)
    for (int j = 0; j < w->sums[i].link_count; j++)
      if (w->sums[i].links[j] == step)
        return true;
  return false;
}

// Whether an instruction takes time that does not hide behind that of others. Where vectors are
// wider on the way, instruction selection often has one instruction for all of that.
static bool is_work(const struct wa_widening *w, LLVMValueRef instr) {
  LLVMTypeRef type = LLVMTypeOf(instr);
  if (LLVMIsALoadInst(instr) || LLVMIsAStoreInst(instr))
    return true;
  return is_half(w, type) && !LLVMIsABitCastInst(instr) && !LLVMIsAFreezeInst(instr);
}

// Every pair saves an instruction, every vector that is put together or taken apart costs one. The
// loop must become a quarter shorter: half of it would be the most.
static int savings(struct wa_widening *w) {
  int saved = 0, added = 0, accesses = 0, work = 0, by_lanes = 0;
  for (int i = 0; i < w->pair_count; i++) {
    LLVMValueRef instr = wa_widen_instr(w, w->pairs[i].first);
    saved += is_work(w, instr);
    accesses += LLVMIsALoadInst(instr) || LLVMIsAStoreInst(instr);
    added += joins(w, &w->pairs[i]);
  }
  for (int step = 0; step < w->turns * w->instr_count; step++) {
    work += is_work(w, wa_widen_instr(w, step));
    by_lanes += wa_widen_save_lanes(w, step);
    if (w->pair_of[step] == WA_WIDEN_NONE && !is_link(w, step))
      added += halves(w, step);
  }
  for (int i = 0; i < w->sum_count; i++)
    for (int j = 0; j < w->sums[i].link_count / 2; j++) {
      int links[2];
      wa_widen_links(w, &w->sums[i], j, links);
      added += !wa_widen_pair_of(w, wa_widen_leaf(w, &w->sums[i], links[0]),
                                 wa_widen_leaf(w, &w->sums[i], links[1]));
      saved++;
    }
  if (accesses == 0 && by_lanes == 0)
    return 0;
  bool pays = saved >= 2 * added && 4 * (saved + by_lanes - added) >= work;
  return pays ? (saved + by_lanes - added) * WA_WIDEN_TURNS / w->turns : 0;
}

int wa_widen_plan(struct wa_widening *w, int turns) {
  w->turns = turns;
  w->pair_count = w->sum_count = 0;
  for (int i = 0; i < WA_WIDEN_STEPS; i++)
    w->pair_of[i] = WA_WIDEN_NONE;
  pair_stores(w);
  for (int i = 0; i < w->phi_count; i++)
    find_sum(w, w->phis[i]);
  return keeps_order(w) ? savings(w) : 0;
}
