// Dominators by iteration in reverse postorder (Cooper, Harvey, Kennedy: "A Simple, Fast Dominance
// Algorithm").
#include "compiler/ir/dominators.h"

#include "compiler/ir/ir.h"

enum { NONE = UINT32_MAX };

static uint32_t slot_of(const struct wa_block_numbers *table, LLVMBasicBlockRef block) {
  uint32_t slot = wa_hash_pointer(block) & table->mask;
  while (table->keys[slot] && table->keys[slot] != block) {
    slot = (slot + 1) & table->mask;
  }
  return slot;
}

static void init_numbers(struct wa_block_numbers *table, struct wa_arena *arena,
                         uint32_t block_count) {
  uint32_t capacity = 16;
  while (capacity < block_count * 2) {
    capacity *= 2;
  }
  *table = (struct wa_block_numbers){
      .keys = wa_ir_alloc(arena, capacity, sizeof *table->keys),
      .numbers = wa_ir_alloc(arena, capacity, sizeof *table->numbers),
      .mask = capacity - 1,
  };
}

uint32_t wa_dominators_number(const struct wa_dominators *dominators, LLVMBasicBlockRef block) {
  const struct wa_block_numbers *table = &dominators->numbers;
  uint32_t slot = slot_of(table, block);
  return table->keys[slot] ? dominators->count - 1 - table->numbers[slot] : WA_NO_BLOCK;
}

// A block that the depth-first search has entered, and how many of its successors it has tried.
struct visit {
  LLVMBasicBlockRef block;
  uint32_t next;
};

// Fills `postorder` and numbers blocks by it.
static uint32_t search(struct wa_block_numbers *table, LLVMBasicBlockRef entry,
                       uint32_t block_count, LLVMBasicBlockRef *postorder, struct wa_arena *arena) {
  struct visit *stack = wa_ir_alloc(arena, block_count, sizeof *stack);
  uint32_t height = 0, count = 0;
  table->keys[slot_of(table, entry)] = entry;
  stack[height++] = (struct visit){entry, 0};
  while (height) {
    struct visit *top = &stack[height - 1];
    LLVMValueRef terminator = LLVMGetBasicBlockTerminator(top->block);
    if (top->next == LLVMGetNumSuccessors(terminator)) {
      table->numbers[slot_of(table, top->block)] = count;
      postorder[count++] = top->block;
      height--;
      continue;
    }
    LLVMBasicBlockRef successor = LLVMGetSuccessor(terminator, top->next++);
    uint32_t slot = slot_of(table, successor);
    if (table->keys[slot]) {
      continue;
    }
    table->keys[slot] = successor;
    stack[height++] = (struct visit){successor, 0};
  }
  return count;
}

static void find_edges(struct wa_dominators *d, struct wa_arena *arena) {
  uint32_t edge_count = 0;
  d->edge_starts = wa_ir_alloc(arena, d->count + 2, sizeof *d->edge_starts);
  for (int pass = 0; pass < 2; pass++) {
    for (uint32_t b = 0; b < d->count; b++) {
      LLVMValueRef terminator = LLVMGetBasicBlockTerminator(d->blocks[b]);
      for (unsigned i = 0; i < LLVMGetNumSuccessors(terminator); i++) {
        uint32_t to = wa_dominators_number(d, LLVMGetSuccessor(terminator, i));
        if (pass == 0) {
          d->edge_starts[to + 2]++, edge_count++;
        } else {
          d->edges[d->edge_starts[to + 1]++] = b;
        }
      }
    }
    if (pass == 0) {
      d->edges = wa_ir_alloc(arena, edge_count, sizeof *d->edges);
      for (uint32_t b = 2; b <= d->count; b++) {
        d->edge_starts[b] += d->edge_starts[b - 1];
      }
    }
  }
}

static uint32_t common_dominator(const uint32_t *parents, uint32_t a, uint32_t b) {
  while (a != b) {
    while (a > b) {
      a = parents[a];
    }
    while (b > a) {
      b = parents[b];
    }
  }
  return a;
}

// Immediate dominators. In reverse postorder a dominator comes before what it dominates.
static uint32_t *find_parents(const struct wa_dominators *dominators, struct wa_arena *arena) {
  uint32_t *parents = wa_ir_alloc(arena, dominators->count, sizeof *parents);
  for (uint32_t b = 1; b < dominators->count; b++) {
    parents[b] = NONE;
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t b = 1; b < dominators->count; b++) {
      uint32_t parent = NONE;
      for (uint32_t i = dominators->edge_starts[b]; i < dominators->edge_starts[b + 1]; i++) {
        uint32_t from = dominators->edges[i];
        if (from == 0 || parents[from] != NONE) {
          parent = parent == NONE ? from : common_dominator(parents, parent, from);
        }
      }
      changed |= parents[b] != parent;
      parents[b] = parent;
    }
  }
  return parents;
}

static void number_tree(struct wa_dominators *dominators, const uint32_t *parents,
                        struct wa_arena *arena) {
  uint32_t count = dominators->count;
  dominators->first = wa_ir_alloc(arena, count, sizeof(uint32_t));
  dominators->size = wa_ir_alloc(arena, count, sizeof(uint32_t));
  uint32_t *next = wa_ir_alloc(arena, count, sizeof(uint32_t));
  for (uint32_t b = count; b-- > 0;) {
    dominators->size[b]++;
    if (b) {
      dominators->size[parents[b]] += dominators->size[b];
    }
  }
  next[0] = 1;
  for (uint32_t b = 1; b < count; b++) {
    dominators->first[b] = next[parents[b]];
    next[parents[b]] += dominators->size[b];
    next[b] = dominators->first[b] + 1;
  }
}

void wa_dominators_init(struct wa_dominators *dominators, LLVMValueRef function,
                        struct wa_arena *arena) {
  uint32_t block_count = LLVMCountBasicBlocks(function);
  init_numbers(&dominators->numbers, arena, block_count);
  LLVMBasicBlockRef *postorder = wa_ir_alloc(arena, block_count, sizeof *postorder);
  dominators->count =
      search(&dominators->numbers, LLVMGetEntryBasicBlock(function), block_count, postorder, arena);
  dominators->blocks = wa_ir_alloc(arena, dominators->count, sizeof *dominators->blocks);
  for (uint32_t b = 0; b < dominators->count; b++) {
    dominators->blocks[b] = postorder[dominators->count - 1 - b];
  }
  find_edges(dominators, arena);
  number_tree(dominators, find_parents(dominators, arena), arena);
}
