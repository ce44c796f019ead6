// Addresses that wait in a buffer: what lies there is fetched when they are put in.
//
// Programs that look up much gather the places of a batch first, or those of the next rounds, and
// prefetch each as it becomes known. WebAssembly has no instruction for it: the gathering is left.
//
// Shape: a load L of 32 bits from an array, of whose value an address is made by sums and constant
//   shifts, products and masks; and a store S into that array, a sum of 32 bits with the same value
//   for its start, of what comes from memory, in one of two arrangements:
//     a batch: the innermost loops around L and S are apart from each other;
//     a delay line: S follows L in its block, at the same address, whose index is masked.
// Preconditions: x86-64, where it was measured. Behind LLVM's passes, for which a prefetch would be
//   an access.
// Rewrite: what L's value becomes an address by is done with S's, too. Addends of which the value
//   is not known there yet are left out, so that what is fetched is near what will be needed.
//     store i32 %v, ptr %s                =>   store i32 %v, ptr %s
//     ...                                      %a = base + zext(%v + %start)
//     %u = load i32, ptr %l                    call void @llvm.prefetch(ptr %a, ...)
//     %a = base + zext(%u + %start + %n)       ...
// Right when the guest
//   traps: a prefetch never does, wherever it points.
//   wraps: the address is a sum of 32 bits, extended, as that of the access is.
//   aliases or races: no access is moved, merged or dropped. What is fetched may be the wrong line.
// If wrong: a line of the memory, or of its guard, is fetched in vain.
#include "compiler/opt/opt.h"

#include "compiler/ir/address.h"
#include "compiler/ir/loop.h"

#include <elf.h>

enum {
  MOST_SPOTS = 512,      // loads, and stores, that are looked at in a function
  MOST_BLOCKS = 4096,    // of a function that is looked at
  MOST_DISTANCE = 128,   // of accesses to one array
  MOST_PAIRS = 128,      // of a load and a store of one array
  MOST_BETWEEN = 4096,   // instructions between two of a block
  MOST_STEPS = 8,        // from a value to an address
  MOST_USES = 64,        // of a value, and of what comes of it, that are looked at
  MOST_FETCHES = 4,      // for a store
  MOST_MASK = 0xffff,    // of an index of a delay line
  LEAST_ADDEND = 64,     // less is in the same line, or the next
  PREFETCH_LOCALITY = 3, // into all caches
};

// An access of 32 bits to an array: base + zext(start + indexes) + constant. `start` is NULL where
// the array is at the constant.
struct spot {
  LLVMValueRef access, base, sum, start, index;
  int64_t constant;
};

// An operation on a path from a value to an address, with what is its second operand.
struct step {
  LLVMOpcode opcode;
  LLVMValueRef other;
};

struct path {
  LLVMValueRef base;
  struct step steps[MOST_STEPS];
  uint32_t count;
  bool lacks, has_start; // an addend that is not known where it is put in; one that is
};

struct prefetching {
  struct wa_ir *ir;
  struct wa_dominators dominators;
  struct wa_loop_search search;
  struct wa_arena arena;
  struct spot *loads, *stores;
  uint32_t load_count, store_count;
  uint32_t *headers; // per block: that of the innermost loop, or WA_NO_BLOCK
  uint32_t pairs;    // of one array
  // For the store at hand.
  LLVMValueRef store;
  struct path paths[MOST_FETCHES];
  uint32_t path_count;
  uint32_t uses; // that may still be looked at
};

// ---- Arrays ----

static bool has_constant(LLVMValueRef instr) {
  return LLVMIsAConstantInt(LLVMGetOperand(instr, 1));
}

// A multiple of something, or a number of few bits.
static bool is_scaled(LLVMValueRef value) {
  LLVMOpcode opcode = LLVMIsABinaryOperator(value) ? LLVMGetInstructionOpcode(value) : LLVMRet;
  return (opcode == LLVMShl || opcode == LLVMMul || opcode == LLVMAnd) && has_constant(value);
}

static bool is_sum(LLVMValueRef value) {
  return LLVMIsABinaryOperator(value) && LLVMGetInstructionOpcode(value) == LLVMAdd;
}

// Where a phi starts that grows by a constant; NULL for any other value.
static LLVMValueRef initial_of(LLVMValueRef phi) {
  if (!LLVMIsAPHINode(phi) || LLVMCountIncoming(phi) != 2) {
    return NULL;
  }
  for (unsigned i = 0; i < 2; i++) {
    LLVMValueRef next = LLVMGetIncomingValue(phi, i);
    if (wa_adds_constant(next) && LLVMGetOperand(next, 0) == phi) {
      return LLVMGetIncomingValue(phi, 1 - i);
    }
  }
  return NULL;
}

static bool is_index(LLVMValueRef value) {
  LLVMValueRef initial = initial_of(value);
  return is_scaled(value) || (initial && LLVMIsConstant(initial));
}

// Takes an index or a constant off; false when there is none.
static bool take_off(struct spot *spot) {
  LLVMValueRef start = spot->start, initial = initial_of(start);
  if (is_index(start)) {
    spot->index = start;
    spot->start = NULL;
  } else if (initial) {
    spot->index = start;
    spot->start = initial;
  } else if (wa_adds_constant(start)) {
    spot->constant += LLVMConstIntGetSExtValue(LLVMGetOperand(start, 1));
    spot->start = LLVMGetOperand(start, 0);
  } else if (is_sum(start) && is_index(LLVMGetOperand(start, 0))) {
    spot->index = LLVMGetOperand(start, 0);
    spot->start = LLVMGetOperand(start, 1);
  } else if (is_sum(start) && is_index(LLVMGetOperand(start, 1))) {
    spot->index = LLVMGetOperand(start, 1);
    spot->start = LLVMGetOperand(start, 0);
  } else {
    return false;
  }
  return true;
}

static bool find_spot(const struct wa_ir *ir, LLVMValueRef access, struct spot *spot) {
  LLVMValueRef address = LLVMGetOperand(access, (unsigned)wa_pointer_operand(access));
  struct wa_address place = wa_take_apart(ir, address, true);
  if (!place.index || LLVMTypeOf(place.index) != ir->i32) {
    return false;
  }
  *spot = (struct spot){.access = access,
                        .base = place.root,
                        .sum = place.index,
                        .start = place.index,
                        .constant = place.constant};
  for (int i = 0; i < MOST_STEPS && spot->start && take_off(spot); i++) {
  }
  return spot->index != NULL;
}

// Whether a value was loaded, or computed from what was loaded and constants.
static bool comes_from_memory(LLVMValueRef value) {
  for (int i = 0; i < MOST_STEPS && LLVMIsAInstruction(value); i++) {
    if (LLVMIsALoadInst(value)) {
      return true;
    }
    if (!LLVMIsABinaryOperator(value) && !LLVMIsACastInst(value) && !LLVMIsAFreezeInst(value)) {
      return false;
    }
    value = LLVMGetOperand(value, 0);
  }
  return false;
}

static void find_spots(struct prefetching *p) {
  for (uint32_t i = 0; i < p->dominators.count; i++) {
    for (LLVMValueRef instr = LLVMGetFirstInstruction(p->dominators.blocks[i]); instr;
         instr = LLVMGetNextInstruction(instr)) {
      bool is_load = LLVMIsALoadInst(instr) && LLVMTypeOf(instr) == p->ir->i32;
      bool is_store = LLVMIsAStoreInst(instr) &&
                      LLVMTypeOf(LLVMGetOperand(instr, 0)) == p->ir->i32 &&
                      comes_from_memory(LLVMGetOperand(instr, 0));
      struct spot spot;
      if ((is_load || is_store) && find_spot(p->ir, instr, &spot)) {
        if (is_load && p->load_count < MOST_SPOTS) {
          p->loads[p->load_count++] = spot;
        } else if (is_store && p->store_count < MOST_SPOTS) {
          p->stores[p->store_count++] = spot;
        }
      }
    }
  }
}

// ---- Arrangements ----

static uint32_t block_of(const struct prefetching *p, LLVMValueRef instr) {
  return wa_dominators_number(&p->dominators, LLVMGetInstructionParent(instr));
}

// Inner loops have their headers behind those of the loops around.
static void find_headers(struct prefetching *p) {
  uint32_t count = p->dominators.count;
  p->headers = wa_ir_alloc(&p->arena, count, sizeof *p->headers);
  for (uint32_t i = 0; i < count; i++) {
    p->headers[i] = WA_NO_BLOCK;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (wa_loop_search_find(&p->search, i, count)) {
      for (uint32_t j = 0; j < p->search.block_count; j++) {
        p->headers[p->search.blocks[j]] = i;
      }
    }
  }
}

static bool has_in_loop(struct prefetching *p, uint32_t header, LLVMValueRef instr) {
  return wa_loop_search_find(&p->search, header, p->dominators.count) &&
         wa_loop_search_has(&p->search, LLVMGetInstructionParent(instr));
}

static bool is_batch(struct prefetching *p, LLVMValueRef load, LLVMValueRef store) {
  if (!p->headers) {
    find_headers(p);
  }
  uint32_t from = p->headers[block_of(p, store)], to = p->headers[block_of(p, load)];
  return from != WA_NO_BLOCK && to != WA_NO_BLOCK && !has_in_loop(p, from, load) &&
         !has_in_loop(p, to, store);
}

// An unrolled loop has several stores to an array, of which some are not at its start.
static bool is_one_array(const struct spot *a, const struct spot *b) {
  int64_t distance = a->constant - b->constant;
  return a->start == b->start && a->base == b->base && distance <= MOST_DISTANCE &&
         distance >= -MOST_DISTANCE;
}

static bool is_in_front(LLVMValueRef instr, LLVMValueRef other) {
  for (int i = 0; i < MOST_BETWEEN && instr && instr != other; i++) {
    instr = LLVMGetNextInstruction(instr);
  }
  return instr == other;
}

static bool is_masked(LLVMValueRef value) {
  if (LLVMIsABinaryOperator(value) && LLVMGetInstructionOpcode(value) == LLVMShl) {
    value = LLVMGetOperand(value, 0);
  }
  return LLVMIsABinaryOperator(value) && LLVMGetInstructionOpcode(value) == LLVMAnd &&
         has_constant(value) && LLVMConstIntGetZExtValue(LLVMGetOperand(value, 1)) <= MOST_MASK;
}

static bool is_delay_line(const struct spot *load, const struct spot *store) {
  return load->sum == store->sum && is_masked(load->index) &&
         LLVMGetInstructionParent(load->access) == LLVMGetInstructionParent(store->access) &&
         is_in_front(load->access, store->access) &&
         LLVMGetOperand(store->access, 0) != load->access;
}

// ---- Paths ----

static bool is_known_at(const struct prefetching *p, LLVMValueRef value, LLVMValueRef at) {
  if (!LLVMIsAInstruction(value)) {
    return true;
  }
  uint32_t from = block_of(p, value), to = block_of(p, at);
  if (from == to) {
    return is_in_front(value, at);
  }
  return from != WA_NO_BLOCK && wa_dominates(&p->dominators, from, to);
}

static bool is_small(LLVMValueRef addend) {
  return LLVMIsAConstantInt(addend) && LLVMConstIntGetSExtValue(addend) < LEAST_ADDEND &&
         LLVMConstIntGetSExtValue(addend) > -LEAST_ADDEND;
}

static bool is_same(const struct path *a, const struct path *b) {
  bool same = a->base == b->base && a->count == b->count;
  for (uint32_t i = 0; same && i < a->count; i++) {
    same = a->steps[i].opcode == b->steps[i].opcode && a->steps[i].other == b->steps[i].other;
  }
  return same;
}

static void add_path(struct prefetching *p, const struct path *path) {
  for (uint32_t i = 0; i < p->path_count; i++) {
    if (is_same(&p->paths[i], path)) {
      return;
    }
  }
  if (p->path_count < MOST_FETCHES) {
    p->paths[p->path_count++] = *path;
  }
}

// Goes on from `value` by one that uses it. False when no address is made so.
static bool add_step(const struct prefetching *p, struct path *path, LLVMValueRef user,
                     LLVMValueRef value) {
  if (LLVMIsAPHINode(user) || LLVMIsAFreezeInst(user)) {
    return true;
  }
  if (!LLVMIsABinaryOperator(user)) {
    return false;
  }
  LLVMOpcode opcode = LLVMGetInstructionOpcode(user);
  bool is_addition = opcode == LLVMAdd || (opcode == LLVMOr && WA_IS_DISJOINT(user));
  bool is_second = LLVMGetOperand(user, 1) == value;
  LLVMValueRef other = LLVMGetOperand(user, is_second ? 0 : 1);
  if (is_addition) {
    if (!is_known_at(p, other, p->store)) {
      path->lacks = true;
    } else if (!is_small(other)) {
      path->steps[path->count++] = (struct step){.opcode = LLVMAdd, .other = other};
      path->has_start |= !LLVMIsConstant(other);
    }
    return true;
  }
  bool is_scaling =
      opcode == LLVMShl || opcode == LLVMLShr || opcode == LLVMMul || opcode == LLVMAnd;
  if (!is_scaling || !LLVMIsAConstantInt(other) || is_second) {
    return false;
  }
  path->steps[path->count++] = (struct step){.opcode = opcode, .other = other};
  return true;
}

// Adds the addresses that an extended number is the offset of.
static void add_addresses(struct prefetching *p, LLVMValueRef extended, const struct path *path) {
  for (LLVMUseRef use = LLVMGetFirstUse(extended); use; use = LLVMGetNextUse(use)) {
    LLVMValueRef user = LLVMGetUser(use);
    if (wa_is_offset(user) && LLVMGetOperand(user, 1) == extended &&
        (path->has_start || !path->lacks) && is_known_at(p, LLVMGetOperand(user, 0), p->store)) {
      struct path whole = *path;
      whole.base = LLVMGetOperand(user, 0);
      add_path(p, &whole);
    }
  }
}

static void find_paths(struct prefetching *p, LLVMValueRef value, const struct path *path,
                       uint32_t depth) {
  for (LLVMUseRef use = LLVMGetFirstUse(value); use && p->uses > 0; use = LLVMGetNextUse(use)) {
    p->uses--;
    LLVMValueRef user = LLVMGetUser(use);
    struct path longer = *path;
    if (LLVMIsAZExtInst(user) && LLVMTypeOf(user) == p->ir->i64) {
      add_addresses(p, user, path);
    } else if (depth < MOST_STEPS && add_step(p, &longer, user, value)) {
      find_paths(p, user, &longer, depth + 1);
    }
  }
}

// ---- Fetching ----

static void build_fetch(struct wa_ir *ir, const struct path *path, LLVMValueRef value) {
  for (uint32_t i = 0; i < path->count; i++) {
    const struct step *step = &path->steps[i];
    value = LLVMBuildBinOp(ir->builder, step->opcode, value, step->other, "");
  }
  LLVMValueRef offset = LLVMBuildZExt(ir->builder, value, ir->i64, "");
  LLVMValueRef address = LLVMBuildGEP2(ir->builder, ir->i8, path->base, &offset, 1, "");
  LLVMValueRef args[] = {address, wa_ir_const_i32(ir, 0), wa_ir_const_i32(ir, PREFETCH_LOCALITY),
                         wa_ir_const_i32(ir, 1)};
  wa_ir_intrinsic(ir, WA_INTRINSIC_PREFETCH, &ir->ptr, 1, args, 4);
}

static void fetch_for(struct prefetching *p, const struct spot *store) {
  p->store = store->access;
  p->path_count = 0;
  for (uint32_t i = 0; i < p->load_count; i++) {
    const struct spot *load = &p->loads[i];
    if (is_one_array(load, store) && p->pairs++ < MOST_PAIRS &&
        (is_delay_line(load, store) || is_batch(p, load->access, store->access))) {
      p->uses = MOST_USES;
      find_paths(p, load->access, &(struct path){0}, 0);
    }
  }
  LLVMPositionBuilderBefore(p->ir->builder, LLVMGetNextInstruction(store->access));
  for (uint32_t i = 0; i < p->path_count; i++) {
    build_fetch(p->ir, &p->paths[i], LLVMGetOperand(store->access, 0));
  }
}

void wa_prefetch_gathered(struct wa_ir *ir, LLVMValueRef function) {
  if (!wa_target_is(ir->target, EM_X86_64, 0) || LLVMIsDeclaration(function)) {
    return;
  }
  struct prefetching p = {.ir = ir};
  wa_arena_init(&p.arena, 0);
  wa_dominators_init(&p.dominators, function, &p.arena);
  if (p.dominators.count <= MOST_BLOCKS) {
    wa_loop_search_init(&p.search, &p.dominators, &p.arena);
    p.loads = wa_ir_alloc(&p.arena, MOST_SPOTS, sizeof *p.loads);
    p.stores = wa_ir_alloc(&p.arena, MOST_SPOTS, sizeof *p.stores);
    find_spots(&p);
    for (uint32_t i = 0; i < p.store_count; i++) {
      fetch_for(&p, &p.stores[i]);
    }
  }
  wa_arena_deinit(&p.arena);
}
