// Which instructions of a loop become one: a part of widen.c's contract.
//
// Shape: two stores that lie side by side, or two vectors that go into the same reduction; from
//   there on the operands of what has become one, as long as both have the same opcode (can_pair).
// Preconditions: operands that are no vectors are the same; an intrinsic works lane by lane, or
//   there is one that works on each half by itself; keeps_order().
// Rewrite, by widen_build.c:
//     %a = op <4 x i32> %x, %y             =>   %ab = op <8 x i32> (%x, %z), (%y, %u)
//     %b = op <4 x i32> %z, %u
// Right because loads are made at the earlier of their two places and stores at the later one, and
//   keeps_order() refuses what changes places with an access of the same bytes; streams that may be
//   the same one are told to the check in front of the loop (may_be_equal).
// If wrong: another value is loaded or stored; of what lies at most HALF bytes behind that which
//   widen_streams.c checks, still inside the reservation's guard.
#include "compiler/opt/widen.h"

#include <string.h>

enum {
  HALF = 16,          // bytes of a vector that there is one of twice the size for
  LARGEST = 2 * HALF, // of what is made from such on the way, in two registers when doubled
};

// ---- Copies ----

LLVMValueRef wa_widen_instr(const struct wa_widening *w, int copy) {
  return w->instrs[copy % w->instr_count].value;
}

static struct wa_widen_ref find(const struct wa_widening *w, LLVMValueRef value, int iteration) {
  while (wa_widen_is_in(w, value) && LLVMIsAPHINode(value) && iteration > 0) {
    value = wa_widen_next(w, value);
    iteration--;
  }
  if (wa_widen_is_in(w, value) && !LLVMIsAPHINode(value)) {
    for (int i = 0; i < w->instr_count; i++) {
      if (w->instrs[i].value == value) {
        return (struct wa_widen_ref){iteration * w->instr_count + i, NULL};
      }
    }
  }
  return (struct wa_widen_ref){WA_WIDEN_NONE, value};
}

struct wa_widen_ref wa_widen_operand(const struct wa_widening *w, int copy, unsigned number) {
  return find(w, LLVMGetOperand(wa_widen_instr(w, copy), number), copy / w->instr_count);
}

struct wa_widen_ref wa_widen_last(const struct wa_widening *w, LLVMValueRef phi) {
  return find(w, wa_widen_next(w, phi), w->unroll - 1);
}

int64_t wa_widen_distance(const struct wa_widening *w, int copy) {
  const struct wa_widen_instr *instr = &w->instrs[copy % w->instr_count];
  return instr->distance + (int64_t)(copy / w->instr_count) * w->streams[instr->stream].stride;
}

static int stream_of(const struct wa_widening *w, int copy) {
  return w->instrs[copy % w->instr_count].stream;
}

int wa_widen_position(const struct wa_widening *w, int copy) {
  if (w->pair_of[copy] == WA_WIDEN_NONE) {
    return copy;
  }
  const struct wa_widen_pair *pair = &w->pairs[w->pair_of[copy]];
  bool first_is_early = pair->first < pair->second;
  bool is_store = LLVMIsAStoreInst(wa_widen_instr(w, copy));
  return first_is_early == is_store ? pair->second : pair->first;
}

struct wa_widen_pair *wa_widen_pair_of(struct wa_widening *w, struct wa_widen_ref first,
                                       struct wa_widen_ref second) {
  if (first.copy == WA_WIDEN_NONE || second.copy == WA_WIDEN_NONE ||
      w->pair_of[first.copy] == WA_WIDEN_NONE) {
    return NULL;
  }
  struct wa_widen_pair *pair = &w->pairs[w->pair_of[first.copy]];
  return pair->first == first.copy && pair->second == second.copy ? pair : NULL;
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
  for (size_t i = 0; id && i < sizeof twins / sizeof twins[0]; i++) {
    if (id == w->ir->intrinsics[twins[i].half]) {
      return twins[i].both ? LLVMLookupIntrinsicID(twins[i].both, strlen(twins[i].both)) : id;
    }
  }
  return 0;
}

static bool is_same_ref(struct wa_widen_ref a, struct wa_widen_ref b) {
  return a.copy == b.copy && a.value == b.value;
}

// Operands that are no addresses and no functions.
static unsigned value_operands(LLVMValueRef instr) {
  if (LLVMIsALoadInst(instr)) {
    return 0;
  }
  if (LLVMIsAStoreInst(instr)) {
    return 1;
  }
  return (unsigned)LLVMGetNumOperands(instr) - (LLVMIsACallInst(instr) != NULL);
}

// Whether operands that are no vectors, those of calls and the conditions of selects, are the same.
static bool same_scalars(const struct wa_widening *w, int first, int second) {
  LLVMValueRef instr = wa_widen_instr(w, first);
  for (unsigned i = 0; i < value_operands(instr); i++) {
    LLVMTypeRef type = LLVMTypeOf(LLVMGetOperand(instr, i));
    if (is_vector(type)
            ? !can_double(w, type)
            : !is_same_ref(wa_widen_operand(w, first, i), wa_widen_operand(w, second, i))) {
      return false;
    }
    if (LLVMTypeOf(LLVMGetOperand(wa_widen_instr(w, second), i)) != type) {
      return false;
    }
  }
  return true;
}

static bool same_masks(LLVMValueRef a, LLVMValueRef b) {
  unsigned count = LLVMGetNumMaskElements(a);
  if (count != LLVMGetNumMaskElements(b)) {
    return false;
  }
  for (unsigned i = 0; i < count; i++) {
    if (LLVMGetMaskValue(a, i) != LLVMGetMaskValue(b, i)) {
      return false;
    }
  }
  return true;
}

static bool is_beside(const struct wa_widening *w, int first, int second, LLVMTypeRef type) {
  return stream_of(w, first) == stream_of(w, second) &&
         wa_widen_distance(w, second) - wa_widen_distance(w, first) == (int64_t)size_of(w, type);
}

static bool can_pair(const struct wa_widening *w, int first, int second) {
  LLVMValueRef a = wa_widen_instr(w, first), b = wa_widen_instr(w, second);
  LLVMOpcode opcode = LLVMGetInstructionOpcode(a);
  if (first == second || opcode != LLVMGetInstructionOpcode(b) || LLVMTypeOf(a) != LLVMTypeOf(b)) {
    return false;
  }
  if (opcode == LLVMStore) {
    LLVMTypeRef type = LLVMTypeOf(LLVMGetOperand(a, 0));
    return type == LLVMTypeOf(LLVMGetOperand(b, 0)) && is_half(w, type) &&
           is_beside(w, first, second, type);
  }
  if (!can_double(w, LLVMTypeOf(a))) {
    return false;
  }
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
           wa_ir_is_vector(LLVMGetOperand(a, 0));
  }
}

static void add_pair(struct wa_widening *w, int first, int second) {
  if (first == WA_WIDEN_NONE || second == WA_WIDEN_NONE || w->pair_of[first] != WA_WIDEN_NONE ||
      w->pair_of[second] != WA_WIDEN_NONE || !can_pair(w, first, second)) {
    return;
  }
  w->pairs[w->pair_count] = (struct wa_widen_pair){.first = first, .second = second};
  w->pair_of[first] = w->pair_of[second] = w->pair_count++;
}

// Makes two copies one, and what they are made from.
static void pair(struct wa_widening *w, int first, int second) {
  int next = w->pair_count;
  add_pair(w, first, second);
  for (; next < w->pair_count; next++) {
    struct wa_widen_pair found = w->pairs[next];
    unsigned count = value_operands(wa_widen_instr(w, found.first));
    for (unsigned i = 0; i < count; i++) {
      add_pair(w, wa_widen_operand(w, found.first, i).copy,
               wa_widen_operand(w, found.second, i).copy);
    }
  }
}

// ---- Reductions ----

// The operand of a link that is not what the chain has come to so far, or -1.
static int leaf_operand(LLVMValueRef link, LLVMValueRef so_far) {
  switch (LLVMGetInstructionOpcode(link)) {
  case LLVMAdd:
  case LLVMAnd:
  case LLVMOr:
  case LLVMXor:
  case LLVMFAdd:
  case LLVMFMul:
    return LLVMGetOperand(link, 0) == so_far ? 1 : 0;
  case LLVMSub:
  case LLVMFSub:
    return LLVMGetOperand(link, 0) == so_far ? 1 : -1;
  default:
    return -1;
  }
}

// The only user in the loop, or NULL.
static LLVMValueRef only_user(const struct wa_widening *w, LLVMValueRef value) {
  LLVMValueRef user = NULL;
  for (LLVMUseRef use = LLVMGetFirstUse(value); use; use = LLVMGetNextUse(use)) {
    if (!wa_widen_is_in(w, LLVMGetUser(use))) {
      continue;
    }
    if (user) {
      return NULL;
    }
    user = LLVMGetUser(use);
  }
  return user;
}

static bool add_chain(struct wa_widening *w, struct wa_widen_reduction *reduction, int iteration) {
  LLVMValueRef value = reduction->phi;
  do {
    LLVMValueRef link = only_user(w, value);
    if (!link || LLVMTypeOf(link) != LLVMTypeOf(value) || leaf_operand(link, value) < 0 ||
        reduction->chain_length == WA_WIDEN_CHAIN) {
      return false;
    }
    LLVMOpcode opcode = LLVMGetInstructionOpcode(link);
    if (reduction->chain_length > 0 && opcode != reduction->opcode) {
      return false;
    }
    reduction->opcode = opcode;
    reduction->chain[reduction->chain_length++] = find(w, link, iteration).copy;
    value = link;
  } while (value != wa_widen_next(w, reduction->phi));
  return only_user(w, value) == reduction->phi;
}

struct wa_widen_ref wa_widen_leaf(const struct wa_widening *w,
                                  const struct wa_widen_reduction *reduction, int link) {
  int copy = reduction->chain[link];
  LLVMValueRef instr = wa_widen_instr(w, copy);
  LLVMValueRef before = reduction->phi;
  if (link % (reduction->chain_length / w->unroll) > 0) {
    before = wa_widen_instr(w, reduction->chain[link - 1]);
  }
  return wa_widen_operand(w, copy, (unsigned)leaf_operand(instr, before));
}

void wa_widen_chain_pair(const struct wa_widening *w, const struct wa_widen_reduction *reduction,
                         int number, int chain[2]) {
  int half = reduction->chain_length / 2;
  chain[0] = w->unroll == 2 ? number : number * 2;
  chain[1] = w->unroll == 2 ? number + half : number * 2 + 1;
}

static void find_reduction(struct wa_widening *w, LLVMValueRef phi) {
  struct wa_widen_reduction *reduction = &w->reductions[w->reduction_count];
  *reduction = (struct wa_widen_reduction){.phi = phi};
  if (!is_half(w, LLVMTypeOf(phi))) {
    return;
  }
  for (int iteration = 0; iteration < w->unroll; iteration++) {
    if (!add_chain(w, reduction, iteration)) {
      return;
    }
  }
  if (reduction->chain_length % 2 == 1) {
    return;
  }
  for (int i = 0; i < reduction->chain_length / 2; i++) {
    int chain[2];
    wa_widen_chain_pair(w, reduction, i, chain);
    pair(w, wa_widen_leaf(w, reduction, chain[0]).copy, wa_widen_leaf(w, reduction, chain[1]).copy);
  }
  // Floats must be added in their order, one half after the other.
  LLVMTypeRef lane = LLVMGetElementType(LLVMTypeOf(phi));
  w->reduction_count += LLVMGetTypeKind(lane) == LLVMIntegerTypeKind;
}

// ---- The plan ----

static void pair_stores(struct wa_widening *w) {
  int copies = w->unroll * w->instr_count;
  for (int a = 0; a < copies; a++) {
    if (LLVMIsAStoreInst(wa_widen_instr(w, a))) {
      for (int b = 0; b < copies && w->pair_of[a] == WA_WIDEN_NONE; b++) {
        pair(w, a, b);
      }
    }
  }
}

static uint64_t access_size(const struct wa_widening *w, LLVMValueRef access) {
  return size_of(w, LLVMTypeOf(LLVMIsAStoreInst(access) ? LLVMGetOperand(access, 0) : access));
}

// Whether two accesses, one of them a store, come in another order than they did, though they touch
// the same bytes of their stream, or of two streams that are the same.
static bool is_swapped(const struct wa_widening *w, int a, int b) {
  LLVMValueRef first = wa_widen_instr(w, a), second = wa_widen_instr(w, b);
  if ((LLVMIsALoadInst(first) && LLVMIsALoadInst(second)) ||
      wa_widen_position(w, a) < wa_widen_position(w, b)) {
    return false;
  }
  int64_t from = wa_widen_distance(w, a), other = wa_widen_distance(w, b);
  return from < other + (int64_t)access_size(w, second) &&
         other < from + (int64_t)access_size(w, first);
}

// Streams are apart or, with may_be_equal, the same. Single lanes are loaded at any time.
static void find_equals(struct wa_widening *w) {
  for (int i = 0; i < w->stream_count; i++) {
    for (int j = 0; j < w->stream_count; j++) {
      w->may_be_equal[i][j] =
          w->streams[i].base == w->streams[j].base && w->streams[i].stride == w->streams[j].stride;
    }
  }
  for (int copy = 0; copy < w->unroll * w->instr_count; copy++) {
    struct wa_widen_lanes lanes;
    if (!LLVMIsAInsertElementInst(wa_widen_instr(w, copy)) ||
        !wa_widen_find_lanes(w, copy, &lanes)) {
      continue;
    }
    for (int i = 0; i < w->stream_count; i++) {
      w->may_be_equal[i][lanes.stream] = w->may_be_equal[lanes.stream][i] = false;
    }
  }
}

static bool keeps_order(struct wa_widening *w) {
  int copies = w->unroll * w->instr_count;
  find_equals(w);
  for (int a = 0; a < copies; a++) {
    for (int b = a + 1; b < copies && stream_of(w, a) != WA_WIDEN_NONE; b++) {
      int first = stream_of(w, a), second = stream_of(w, b);
      if (second == WA_WIDEN_NONE || !is_swapped(w, a, b)) {
        continue;
      }
      if (first == second) {
        return false;
      }
      w->may_be_equal[first][second] = w->may_be_equal[second][first] = false;
    }
  }
  return true;
}

static bool changes(const struct wa_widening *w, struct wa_widen_ref ref) {
  return ref.copy != WA_WIDEN_NONE || wa_widen_is_in(w, ref.value);
}

// Vectors that have to be put together for a pair.
static int joins(struct wa_widening *w, const struct wa_widen_pair *pair) {
  LLVMValueRef instr = wa_widen_instr(w, pair->first);
  unsigned operands = (unsigned)LLVMGetNumOperands(instr), count = 0;
  for (unsigned i = 0; i < operands; i++) {
    if (!wa_ir_is_vector(LLVMGetOperand(instr, i))) {
      continue;
    }
    struct wa_widen_ref a = wa_widen_operand(w, pair->first, i);
    struct wa_widen_ref b = wa_widen_operand(w, pair->second, i);
    count += !wa_widen_pair_of(w, a, b) && (changes(w, a) || changes(w, b));
  }
  return (int)count;
}

// Halves that an instruction needs of others that are one.
static int halves(const struct wa_widening *w, int copy) {
  unsigned operands = (unsigned)LLVMGetNumOperands(wa_widen_instr(w, copy)), count = 0;
  for (unsigned i = 0; i < operands; i++) {
    struct wa_widen_ref ref = wa_widen_operand(w, copy, i);
    count += ref.copy != WA_WIDEN_NONE && w->pair_of[ref.copy] != WA_WIDEN_NONE;
  }
  return (int)count;
}

static bool is_link(const struct wa_widening *w, int copy) {
  for (int i = 0; i < w->reduction_count; i++) {
    for (int j = 0; j < w->reductions[i].chain_length; j++) {
      if (w->reductions[i].chain[j] == copy) {
        return true;
      }
    }
  }
  return false;
}

// Whether an instruction takes time that does not hide behind that of others. Where vectors are
// wider on the way, instruction selection often has one instruction for all of that.
static bool is_work(const struct wa_widening *w, LLVMValueRef instr) {
  LLVMTypeRef type = LLVMTypeOf(instr);
  if (LLVMIsALoadInst(instr) || LLVMIsAStoreInst(instr)) {
    return true;
  }
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
  for (int copy = 0; copy < w->unroll * w->instr_count; copy++) {
    work += is_work(w, wa_widen_instr(w, copy));
    by_lanes += wa_widen_save_lanes(w, copy);
    if (w->pair_of[copy] == WA_WIDEN_NONE && !is_link(w, copy)) {
      added += halves(w, copy);
    }
  }
  for (int i = 0; i < w->reduction_count; i++) {
    for (int j = 0; j < w->reductions[i].chain_length / 2; j++) {
      int chain[2];
      wa_widen_chain_pair(w, &w->reductions[i], j, chain);
      added += !wa_widen_pair_of(w, wa_widen_leaf(w, &w->reductions[i], chain[0]),
                                 wa_widen_leaf(w, &w->reductions[i], chain[1]));
      saved++;
    }
  }
  if (accesses == 0 && by_lanes == 0) {
    return 0;
  }
  bool pays = saved >= 2 * added && 4 * (saved + by_lanes - added) >= work;
  return pays ? (saved + by_lanes - added) * WA_WIDEN_UNROLL / w->unroll : 0;
}

int wa_widen_plan(struct wa_widening *w, int unroll) {
  w->unroll = unroll;
  w->pair_count = w->reduction_count = 0;
  for (int i = 0; i < WA_WIDEN_COPIES; i++) {
    w->pair_of[i] = WA_WIDEN_NONE;
  }
  pair_stores(w);
  for (int i = 0; i < w->phi_count; i++) {
    find_reduction(w, w->phis[i]);
  }
  return keeps_order(w) ? savings(w) : 0;
}
