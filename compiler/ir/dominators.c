// Dominators by semi-NCA (Georgiadis, Tarjan: "Dominator Tree Certification and Divergent Spanning
// Trees"), as LLVM has them. Iteration in reverse postorder would take the square of the blocks
// where thousands of checks, one behind the other, lead to one trap.
#include "compiler/ir/dominators.h"

#include "compiler/ir/ir.h"

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

// A block that the depth-first search has entered, its number in preorder, and how many of its
// successors have been tried.
struct visit {
  LLVMBasicBlockRef block;
  uint32_t number, next;
};

// The spanning tree of a depth-first search.
struct spanning_tree {
  LLVMBasicBlockRef *preorder, *postorder;
  uint32_t *parents; // all by numbers in preorder
};

static void enter(struct spanning_tree *tree, struct visit *stack, uint32_t height,
                  LLVMBasicBlockRef block, uint32_t number) {
  tree->preorder[number] = block;
  tree->parents[number] = height ? stack[height - 1].number : 0;
  stack[height] = (struct visit){block, number, 0};
}

// Fills the tree and numbers blocks in postorder.
static uint32_t search(struct wa_block_numbers *table, LLVMBasicBlockRef entry,
                       uint32_t block_count, struct spanning_tree *tree, struct wa_arena *arena) {
  struct visit *stack = wa_ir_alloc(arena, block_count, sizeof *stack);
  uint32_t height = 0, count = 0, entered = 0;
  table->keys[slot_of(table, entry)] = entry;
  enter(tree, stack, height++, entry, entered++);
  while (height) {
    struct visit *top = &stack[height - 1];
    LLVMValueRef terminator = LLVMGetBasicBlockTerminator(top->block);
    if (top->next == LLVMGetNumSuccessors(terminator)) {
      table->numbers[slot_of(table, top->block)] = count;
      tree->postorder[count++] = top->block;
      height--;
      continue;
    }
    LLVMBasicBlockRef successor = LLVMGetSuccessor(terminator, top->next++);
    uint32_t slot = slot_of(table, successor);
    if (table->keys[slot]) {
      continue;
    }
    table->keys[slot] = successor;
    enter(tree, stack, height++, successor, entered++);
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

// What is known of blocks, by numbers in preorder. Those from `linked` on have been linked to their
// parents; the way from such a block to the first that is not linked is shortened with each
// question.
struct forest {
  uint32_t *ancestors, *labels, *semidominators;
  uint32_t *path; // room for one
  uint32_t linked;
};

// The block whose semidominator is least, on the way from a block up to what is not linked.
static uint32_t evaluate(struct forest *f, uint32_t block) {
  uint32_t length = 0;
  for (; f->ancestors[block] >= f->linked; block = f->ancestors[block]) {
    f->path[length++] = block;
  }
  while (length) {
    uint32_t below = f->path[--length];
    if (f->semidominators[f->labels[block]] < f->semidominators[f->labels[below]]) {
      f->labels[below] = f->labels[block];
    }
    f->ancestors[below] = f->ancestors[block];
    block = below;
  }
  return f->labels[block];
}

// From numbers in preorder to indices into `blocks`, and back.
struct orders {
  uint32_t *blocks, *numbers;
};

static struct orders match_orders(const struct wa_dominators *d, const struct spanning_tree *tree,
                                  struct wa_arena *arena) {
  struct orders orders = {wa_ir_alloc(arena, d->count, sizeof(uint32_t)),
                          wa_ir_alloc(arena, d->count, sizeof(uint32_t))};
  for (uint32_t i = 0; i < d->count; i++) {
    orders.blocks[i] = wa_dominators_number(d, tree->preorder[i]);
    orders.numbers[orders.blocks[i]] = i;
  }
  return orders;
}

static void find_semidominators(const struct wa_dominators *d, const struct spanning_tree *tree,
                                const struct orders *orders, struct forest *f) {
  for (uint32_t i = 0; i < d->count; i++) {
    f->ancestors[i] = tree->parents[i];
    f->labels[i] = f->semidominators[i] = i;
  }
  for (uint32_t i = d->count; i-- > 1;) {
    uint32_t block = orders->blocks[i], least = tree->parents[i];
    f->linked = i + 1;
    for (uint32_t j = d->edge_starts[block]; j < d->edge_starts[block + 1]; j++) {
      uint32_t other = f->semidominators[evaluate(f, orders->numbers[d->edges[j]])];
      least = other < least ? other : least;
    }
    f->semidominators[i] = least;
  }
}

// Immediate dominators, as indices into `blocks`: of a block, the nearest common ancestor of its
// parent and its semidominator in the dominator tree so far.
static uint32_t *find_parents(const struct wa_dominators *d, const struct spanning_tree *tree,
                              struct wa_arena *arena) {
  struct orders orders = match_orders(d, tree, arena);
  struct forest forest = {.ancestors = wa_ir_alloc(arena, d->count, sizeof(uint32_t)),
                          .labels = wa_ir_alloc(arena, d->count, sizeof(uint32_t)),
                          .semidominators = wa_ir_alloc(arena, d->count, sizeof(uint32_t)),
                          .path = wa_ir_alloc(arena, d->count, sizeof(uint32_t))};
  find_semidominators(d, tree, &orders, &forest);
  uint32_t *found = wa_ir_alloc(arena, d->count, sizeof *found);
  uint32_t *parents = wa_ir_alloc(arena, d->count, sizeof *parents);
  for (uint32_t i = 1; i < d->count; i++) {
    found[i] = tree->parents[i];
    while (found[i] > forest.semidominators[i]) {
      found[i] = found[found[i]];
    }
    parents[orders.blocks[i]] = orders.blocks[found[i]];
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
  struct spanning_tree tree = {wa_ir_alloc(arena, block_count, sizeof(LLVMBasicBlockRef)),
                               wa_ir_alloc(arena, block_count, sizeof(LLVMBasicBlockRef)),
                               wa_ir_alloc(arena, block_count, sizeof(uint32_t))};
  dominators->count =
      search(&dominators->numbers, LLVMGetEntryBasicBlock(function), block_count, &tree, arena);
  dominators->blocks = wa_ir_alloc(arena, dominators->count, sizeof *dominators->blocks);
  for (uint32_t b = 0; b < dominators->count; b++) {
    dominators->blocks[b] = tree.postorder[dominators->count - 1 - b];
  }
  find_edges(dominators, arena);
  number_tree(dominators, find_parents(dominators, &tree, arena), arena);
}

bool wa_goes_back(struct wa_lazy_dominators *order, LLVMBasicBlockRef from, LLVMBasicBlockRef to) {
  struct wa_dominators *dominators = &order->dominators;
  if (!order->is_made) {
    wa_dominators_init(dominators, order->function, &order->arena);
    order->is_made = true;
  }
  uint32_t a = wa_dominators_number(dominators, to), b = wa_dominators_number(dominators, from);
  return a != WA_NO_BLOCK && b != WA_NO_BLOCK && wa_dominates(dominators, a, b);
}
