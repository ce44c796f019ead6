// Dominators against their definition, on random control flow; and long blocks that are cut.
#include "compiler/base/arena.h"
#include "compiler/blocks.h"
#include "compiler/ir/dominators.h"

#include <check.h>
#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <stdlib.h>

enum { MOST_BLOCKS = 40, GRAPHS = 400, LENGTH = 9000 };

static LLVMContextRef context;
static LLVMModuleRef module;
static LLVMBuilderRef builder;
static LLVMTypeRef i32;
static LLVMValueRef function;

static void begin(void) {
  context = LLVMContextCreate();
  module = LLVMModuleCreateWithNameInContext("blocks", context);
  builder = LLVMCreateBuilderInContext(context);
  i32 = LLVMInt32TypeInContext(context);
  function = LLVMAddFunction(module, "f", LLVMFunctionType(i32, &i32, 1, false));
}

static void end(void) {
  LLVMDisposeBuilder(builder);
  LLVMDisposeModule(module);
  LLVMContextDispose(context);
}

static LLVMBasicBlockRef add_block(void) {
  return LLVMAppendBasicBlockInContext(context, function, "");
}

// ---- Dominators ----

struct graph {
  unsigned count;
  bool edges[MOST_BLOCKS][MOST_BLOCKS];
};

static uint32_t next_random(uint32_t *state) {
  *state = *state * 1664525 + 1013904223;
  return *state >> 8;
}

// Blocks of which each leads to one or two others, maybe itself, or returns; none to the first.
static void build_graph(struct graph *graph, uint32_t seed, LLVMBasicBlockRef *blocks) {
  *graph = (struct graph){.count = 2 + next_random(&seed) % (MOST_BLOCKS - 2)};
  for (unsigned i = 0; i < graph->count; i++) {
    blocks[i] = add_block();
  }
  for (unsigned i = 0; i < graph->count; i++) {
    unsigned a = 1 + next_random(&seed) % (graph->count - 1);
    unsigned b = i + 1 < graph->count && next_random(&seed) % 4 ? i + 1 : a;
    LLVMPositionBuilderAtEnd(builder, blocks[i]);
    if (next_random(&seed) % 8 == 0) {
      LLVMBuildRet(builder, LLVMGetParam(function, 0));
      continue;
    }
    LLVMValueRef condition = LLVMBuildIsNull(builder, LLVMGetParam(function, 0), "");
    LLVMBuildCondBr(builder, condition, blocks[a], blocks[b]);
    graph->edges[i][a] = graph->edges[i][b] = true;
  }
}

// What the first block reaches without `removed`.
static void find_reached(const struct graph *graph, unsigned removed, bool *reached) {
  unsigned stack[MOST_BLOCKS], height = 0;
  if (removed != 0) {
    reached[0] = true;
    stack[height++] = 0;
  }
  while (height) {
    unsigned from = stack[--height];
    for (unsigned to = 0; to < graph->count; to++) {
      if (graph->edges[from][to] && to != removed && !reached[to]) {
        reached[to] = true;
        stack[height++] = to;
      }
    }
  }
}

static void check_dominators(const struct graph *graph, const struct wa_dominators *dominators,
                             const LLVMBasicBlockRef *blocks) {
  bool reached[MOST_BLOCKS] = {false};
  find_reached(graph, MOST_BLOCKS, reached);
  for (unsigned a = 0; a < graph->count; a++) {
    uint32_t number = wa_dominators_number(dominators, blocks[a]);
    ck_assert(reached[a] == (number != WA_NO_BLOCK));
    bool reached_without[MOST_BLOCKS] = {false};
    find_reached(graph, a, reached_without);
    for (unsigned b = 0; b < graph->count && reached[a]; b++) {
      if (reached[b]) {
        uint32_t other = wa_dominators_number(dominators, blocks[b]);
        ck_assert(wa_dominates(dominators, number, other) == !reached_without[b]);
        ck_assert(!wa_dominates(dominators, number, other) || number <= other);
      }
    }
  }
}

START_TEST(dominators_are_those_of_the_definition) {
  for (uint32_t seed = 0; seed < GRAPHS; seed++) {
    struct graph graph;
    struct wa_arena arena;
    struct wa_dominators dominators;
    LLVMBasicBlockRef blocks[MOST_BLOCKS];
    begin();
    build_graph(&graph, seed, blocks);
    wa_arena_init(&arena, 0);
    wa_dominators_init(&dominators, function, &arena);
    check_dominators(&graph, &dominators, blocks);
    wa_arena_deinit(&arena);
    end();
  }
}
END_TEST

// ---- Long blocks ----

// A variable, a loop of one block of `length` sums whose phi takes its last value, and what comes
// behind it.
static void build_loop(unsigned length) {
  LLVMBasicBlockRef entry = add_block(), loop = add_block(), behind = add_block();
  LLVMPositionBuilderAtEnd(builder, entry);
  LLVMBuildAlloca(builder, i32, "");
  LLVMBuildBr(builder, loop);
  LLVMPositionBuilderAtEnd(builder, loop);
  LLVMValueRef phi = LLVMBuildPhi(builder, i32, ""), sum = phi;
  for (unsigned i = 0; i < length; i++) {
    sum = LLVMBuildMul(builder, sum, LLVMGetParam(function, 0), "");
  }
  LLVMValueRef values[] = {LLVMGetParam(function, 0), sum};
  LLVMBasicBlockRef blocks[] = {entry, loop};
  LLVMAddIncoming(phi, values, blocks, 2);
  LLVMBuildCondBr(builder, LLVMBuildIsNull(builder, sum, ""), loop, behind);
  LLVMPositionBuilderAtEnd(builder, behind);
  LLVMValueRef last = LLVMBuildPhi(builder, i32, "");
  LLVMAddIncoming(last, &sum, &loop, 1);
  LLVMBuildRet(builder, last);
}

static unsigned longest_block(unsigned *instrs) {
  unsigned longest = 0;
  *instrs = 0;
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    unsigned length = 0;
    for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i)) {
      length++;
    }
    longest = length > longest ? length : longest;
    *instrs += length;
  }
  return longest;
}

START_TEST(long_blocks_are_cut) {
  begin();
  build_loop(LENGTH);
  struct wa_ir ir = {.context = context, .llvm = module, .builder = builder};
  unsigned before, after;
  ck_assert_uint_gt(longest_block(&before), LENGTH);
  ck_assert(wa_has_long_block(function));
  wa_cut_blocks(&ir, function);
  ck_assert(!wa_has_long_block(function));
  ck_assert_uint_lt(longest_block(&after), 600);
  // Nothing but branches to the pieces was added.
  ck_assert_uint_eq(after - before, LLVMCountBasicBlocks(function) - 3);
  ck_assert(!LLVMVerifyFunction(function, LLVMPrintMessageAction));
  end();
}
END_TEST

START_TEST(short_blocks_are_not) {
  begin();
  build_loop(400);
  struct wa_ir ir = {.context = context, .llvm = module, .builder = builder};
  ck_assert(!wa_has_long_block(function));
  wa_cut_blocks(&ir, function);
  ck_assert_uint_eq(LLVMCountBasicBlocks(function), 3);
  end();
}
END_TEST

int main(void) {
  Suite *suite = suite_create("blocks");
  TCase *tests = tcase_create("blocks");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, dominators_are_those_of_the_definition);
  tcase_add_test(tests, long_blocks_are_cut);
  tcase_add_test(tests, short_blocks_are_not);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
