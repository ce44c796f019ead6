// Natural loops, their induction variables and the condition at their latch, on IR that was written
// by hand.
#include "compiler/base/arena.h"
#include "compiler/ir/loop.h"

#include <check.h>
#include <llvm-c/Core.h>
#include <llvm-c/IRReader.h>
#include <stdlib.h>
#include <string.h>

static LLVMContextRef context;
static LLVMModuleRef module;
static struct wa_arena arena;
static struct wa_dominators dominators;
static struct wa_loop_search search;

static void read_function(const char *text) {
  char *message = NULL;
  LLVMMemoryBufferRef buffer =
      LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), "loops");
  context = LLVMContextCreate();
  ck_assert_msg(!LLVMParseIRInContext(context, buffer, &module, &message), "%s", message);
  wa_arena_init(&arena, 0);
  wa_dominators_init(&dominators, LLVMGetFirstFunction(module), &arena);
  wa_loop_search_init(&search, &dominators, &arena);
}

static void dispose(void) {
  wa_arena_deinit(&arena);
  LLVMDisposeModule(module);
  LLVMContextDispose(context);
}

static uint32_t block(const char *name) {
  for (uint32_t i = 0; i < dominators.count; i++) {
    if (strcmp(LLVMGetBasicBlockName(dominators.blocks[i]), name) == 0) {
      return i;
    }
  }
  ck_abort_msg("no block %s", name);
}

static void expect_name(LLVMBasicBlockRef found, const char *name) {
  ck_assert_ptr_nonnull(found);
  ck_assert_str_eq(LLVMGetBasicBlockName(found), name);
}

static LLVMValueRef named(const char *block_name, const char *name) {
  LLVMValueRef instr = LLVMGetFirstInstruction(dominators.blocks[block(block_name)]);
  for (; instr; instr = LLVMGetNextInstruction(instr)) {
    size_t length;
    if (strcmp(LLVMGetValueName2(instr, &length), name) == 0) {
      return instr;
    }
  }
  ck_abort_msg("no value %s", name);
}

static const char nest[] = "define void @f(i32 %n) {\n"
                           "entry:\n  br label %outer\n"
                           "outer:\n  %i = phi i32 [ 0, %entry ], [ %i2, %tail ]\n"
                           "  br label %inner\n"
                           "inner:\n  %j = phi i32 [ 7, %outer ], [ %j2, %body ]\n"
                           "  %k = phi i32 [ 1, %outer ], [ %k2, %body ]\n"
                           "  br label %body\n"
                           "body:\n  %j2 = add i32 %j, 3\n  %k2 = mul i32 %k, 3\n"
                           "  %c = icmp ult i32 %n, %j2\n  br i1 %c, label %tail, label %inner\n"
                           "tail:\n  %i2 = add i32 %i, -1\n  %d = icmp ne i32 %i2, 0\n"
                           "  br i1 %d, label %outer, label %end\n"
                           "end:\n  ret void\n}\n";

START_TEST(inner_and_outer_loop) {
  struct wa_loop loop;
  read_function(nest);
  ck_assert(!wa_loop_find(&loop, &dominators, block("body")));
  ck_assert(wa_loop_find(&loop, &dominators, block("outer")));
  expect_name(loop.preheader, "entry");
  expect_name(loop.latch, "tail");
  ck_assert(wa_loop_find_blocks(&loop, &search));
  ck_assert_uint_eq(loop.block_count, 4);
  ck_assert(!wa_loop_search_is_innermost(&search));
  ck_assert(wa_loop_find_exit(&loop));
  expect_name(loop.exit, "end");

  ck_assert(wa_loop_find(&loop, &dominators, block("inner")));
  ck_assert(wa_loop_find_blocks(&loop, &search));
  expect_name(loop.blocks[0], "inner");
  expect_name(loop.blocks[1], "body");
  ck_assert_uint_eq(loop.block_count, 2);
  ck_assert(wa_loop_search_is_innermost(&search));
  ck_assert(wa_loop_search_has(&search, loop.latch));
  ck_assert(!wa_loop_search_has(&search, dominators.blocks[block("outer")]));
  ck_assert(wa_loop_has(&loop, named("body", "j2")) && !wa_loop_has(&loop, named("outer", "i")));
  dispose();
}
END_TEST

START_TEST(induction_variables) {
  struct wa_loop loop;
  read_function(nest);
  ck_assert(wa_loop_find(&loop, &dominators, block("inner")));
  LLVMValueRef j = named("inner", "j");
  ck_assert_int_eq(LLVMConstIntGetSExtValue(wa_loop_initial(&loop, j)), 7);
  ck_assert_ptr_eq(wa_loop_next(&loop, j), named("body", "j2"));
  ck_assert_int_eq(LLVMConstIntGetSExtValue(wa_loop_step(&loop, j)), 3);
  ck_assert_ptr_null(wa_loop_step(&loop, named("inner", "k"))); // no sum
  ck_assert_ptr_null(wa_loop_step(&loop, named("outer", "i"))); // another loop's
  ck_assert_ptr_null(wa_phi_from(j, dominators.blocks[block("end")]));
  dispose();
}
END_TEST

// Both branches to the header: when the condition holds, and when it does not.
START_TEST(condition_at_the_latch) {
  struct wa_loop loop;
  struct wa_loop_condition stays;
  read_function(nest);
  ck_assert(wa_loop_find(&loop, &dominators, block("outer")));
  ck_assert(wa_loop_find_condition(&loop, &stays));
  ck_assert_int_eq(stays.predicate, LLVMIntNE);
  ck_assert_ptr_eq(stays.left, named("tail", "i2"));

  ck_assert(wa_loop_find(&loop, &dominators, block("inner")));
  ck_assert(wa_loop_find_condition(&loop, &stays)); // not n < j2
  ck_assert_int_eq(stays.predicate, LLVMIntUGE);
  stays = wa_loop_condition_swapped(&stays);
  ck_assert_int_eq(stays.predicate, LLVMIntULE);
  ck_assert_ptr_eq(stays.left, named("body", "j2"));
  dispose();
}
END_TEST

// What is no loop as a pass wants it: two latches, two ways in, two ways out.
START_TEST(other_shapes) {
  struct wa_loop loop;
  read_function("define void @f(i1 %a) {\n"
                "entry:\n  br i1 %a, label %two, label %way\n"
                "way:\n  br label %two\n"
                "two:\n  br i1 %a, label %first, label %second\n"
                "first:\n  br i1 %a, label %two, label %end\n"
                "second:\n  br label %two\n"
                "end:\n  br label %leaves\n"
                "leaves:\n  br i1 %a, label %out, label %latch\n"
                "latch:\n  br i1 %a, label %leaves, label %out\n"
                "out:\n  ret void\n}\n");
  ck_assert(!wa_loop_find(&loop, &dominators, block("two")));
  ck_assert_ptr_null(loop.preheader);
  ck_assert(wa_loop_search_find(&search, block("two"), UINT32_MAX));
  ck_assert_uint_eq(search.block_count, 3);
  ck_assert(wa_loop_search_find(&search, block("two"), 1));
  ck_assert_uint_gt(search.block_count, 1);
  ck_assert(!wa_loop_search_find(&search, block("end"), UINT32_MAX));

  ck_assert(wa_loop_find(&loop, &dominators, block("leaves")));
  ck_assert(wa_loop_find_blocks(&loop, &search));
  ck_assert(!wa_loop_find_exit(&loop));
  ck_assert(!wa_loop_of_block(&loop, dominators.blocks[block("leaves")]));
  dispose();
}
END_TEST

START_TEST(a_block_that_is_a_loop) {
  struct wa_loop loop;
  struct wa_loop_condition stays;
  read_function("define void @f(i1 %a) {\n"
                "entry:\n  br label %loop\n"
                "loop:\n  %i = phi i32 [ %j, %loop ], [ 9, %entry ]\n  %j = add i32 %i, 2\n"
                "  br i1 %a, label %loop, label %out\n"
                "out:\n  ret void\n}\n");
  ck_assert(wa_loop_of_block(&loop, dominators.blocks[block("loop")]));
  expect_name(loop.preheader, "entry");
  expect_name(loop.exit, "out");
  ck_assert_int_eq(LLVMConstIntGetSExtValue(wa_loop_step(&loop, named("loop", "i"))), 2);
  ck_assert(!wa_loop_find_condition(&loop, &stays)); // no comparison
  ck_assert(!wa_loop_of_block(&loop, dominators.blocks[block("out")]));
  dispose();
}
END_TEST

int main(void) {
  Suite *suite = suite_create("ir_loops");
  TCase *tests = tcase_create("loops");
  tcase_add_test(tests, inner_and_outer_loop);
  tcase_add_test(tests, induction_variables);
  tcase_add_test(tests, condition_at_the_latch);
  tcase_add_test(tests, other_shapes);
  tcase_add_test(tests, a_block_that_is_a_loop);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
