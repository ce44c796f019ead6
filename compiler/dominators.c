// Dominators by iteration in reverse postorder (Cooper, Harvey, Kennedy: "A Simple, Fast Dominance
// Algorithm").
#include "dominators.h"

#include "lower.h"

enum { NONE = UINT32_MAX };

struct graph {
  struct wa_arena *arena;
  LLVMBasicBlockRef *keys; // a hash table from blocks to their numbers
  uint32_t *numbers;
  uint32_t mask;
};

static uint32_t slot_of(const struct graph *graph, LLVMBasicBlockRef block) {
  uint32_t slot = (uint32_t)(((uintptr_t)block >> 4) * 0x9e3779b1u);
  slot = (slot ^ slot >> 15) & graph->mask;
  while (graph->keys[slot] && graph->keys[slot] != block)
    slot = (slot + 1) & graph->mask;
  return slot;
}

static void init_graph(struct graph *graph, struct wa_arena *arena, uint32_t block_count) {
  uint32_t capacity = 16;
  while (capacity < block_count * 2)
    capacity *= 2;
  *graph = (struct graph){
      .arena = arena,
      .keys = wa_lower_alloc(arena, capacity, sizeof *graph->keys),
      .numbers = wa_lower_alloc(arena, capacity, sizeof *graph->numbers),
      .mask = capacity - 1,
  };
}

// A block that the depth-first search has entered, and how many of its successors it has tried.
struct visit {
  LLVMBasicBlockRef block;
  uint32_t next;
};

// Fills `postorder` and numbers blocks by it.
static uint32_t search(struct graph *graph, LLVMBasicBlockRef entry, uint32_t block_count,
                       LLVMBasicBlockRef *postorder) {
  struct visit *stack = wa_lower_alloc(graph->arena, block_count, sizeof *stack);
  uint32_t height = 0, count = 0;
  graph->keys[slot_of(graph, entry)] = entry;
  stack[height++] = (struct visit){entry, 0};
  while (height) {
    struct visit *top = &stack[height - 1];
    LLVMValueRef terminator = LLVMGetBasicBlockTerminator(top->block);
    if (top->next == LLVMGetNumSuccessors(terminator)) {
      graph->numbers[slot_of(graph, top->block)] = count;
      postorder[count++] = top->block;
      height--;
      continue;
    }
    LLVMBasicBlockRef successor = LLVMGetSuccessor(terminator, top->next++);
    uint32_t slot = slot_of(graph, successor);
    if (graph->keys[slot])
      continue;
    graph->keys[slot] = successor;
    stack[height++] = (struct visit){successor, 0};
  }
  return count;
}

// Edges as lists of predecessors, all in one array: block b's are [starts[b], starts[b + 1]).
struct predecessors {
  uint32_t *starts, *blocks;
};

static struct predecessors find_predecessors(const struct graph *graph,
                                             const struct wa_dominators *dominators) {
  uint32_t count = dominators->count, edges = 0;
  struct predecessors result = {wa_lower_alloc(graph->arena, count + 2, sizeof(uint32_t)), NULL};
  for (int pass = 0; pass < 2; pass++) {
    for (uint32_t b = 0; b < count; b++) {
      LLVMValueRef terminator = LLVMGetBasicBlockTerminator(dominators->blocks[b]);
      for (unsigned i = 0; i < LLVMGetNumSuccessors(terminator); i++) {
        uint32_t to = count - 1 - graph->numbers[slot_of(graph, LLVMGetSuccessor(terminator, i))];
        if (pass == 0)
          result.starts[to + 2]++, edges++;
        else
          result.blocks[result.starts[to + 1]++] = b;
      }
    }
    if (pass == 0) {
      result.blocks = wa_lower_alloc(graph->arena, edges, sizeof(uint32_t));
      for (uint32_t b = 2; b <= count; b++)
        result.starts[b] += result.starts[b - 1];
    }
  }
  return result;
}

static uint32_t common_dominator(const uint32_t *parents, uint32_t a, uint32_t b) {
  while (a != b) {
    while (a > b)
      a = parents[a];
    while (b > a)
      b = parents[b];
  }
  return a;
}

// Immediate dominators. In reverse postorder a dominator comes before what it dominates.
static uint32_t *find_parents(const struct graph *graph, const struct wa_dominators *dominators) {
  struct predecessors edges = find_predecessors(graph, dominators);
  uint32_t *parents = wa_lower_alloc(graph->arena, dominators->count, sizeof *parents);
  for (uint32_t b = 1; b < dominators->count; b++)
    parents[b] = NONE;
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t b = 1; b < dominators->count; b++) {
      uint32_t parent = NONE;
      for (uint32_t i = edges.starts[b]; i < edges.starts[b + 1]; i++) {
        uint32_t from = edges.blocks[i];
        if (from == 0 || parents[from] != NONE)
          parent = parent == NONE ? from : common_dominator(parents, parent, from);
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
  dominators->first = wa_lower_alloc(arena, count, sizeof(uint32_t));
  dominators->size = wa_lower_alloc(arena, count, sizeof(uint32_t));
  uint32_t *next = wa_lower_alloc(arena, count, sizeof(uint32_t));
  for (uint32_t b = count; b-- > 0;) {
    dominators->size[b]++;
    if (b)
      dominators->size[parents[b]] += dominators->size[b];
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
  struct graph graph;
  uint32_t block_count = LLVMCountBasicBlocks(function);
  init_graph(&graph, arena, block_count);
  LLVMBasicBlockRef *postorder = wa_lower_alloc(arena, block_count, sizeof *postorder);
  dominators->count = search(&graph, LLVMGetEntryBasicBlock(function), block_count, postorder);
  dominators->blocks = wa_lower_alloc(arena, dominators->count, sizeof *dominators->blocks);
  for (uint32_t b = 0; b < dominators->count; b++)
    dominators->blocks[b] = postorder[dominators->count - 1 - b];
  number_tree(dominators, find_parents(&graph, dominators), arena);
}
