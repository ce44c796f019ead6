// How a module is cut into partitions: all of it, in pieces of the size that is wanted, and so that
// an edit moves only the ends around it.
#include "compiler/partition.h"
#include "tests/unit/edited_module.h"
#include "tests/unit/suite.h"

#include <check.h>

enum { FUNCTIONS = 1000, MOST = 400 };

static struct builder builder;
static struct edited edited;

struct cut {
  uint64_t pieces[MOST]; // hashes of the identities of the functions of each
  uint32_t count;
  uint32_t largest; // functions
};

// Cuts the edited module, and checks that every function is in one partition, in order.
static struct cut cut(void) {
  struct wa_module module;
  struct wa_layout layout;
  struct wa_error err;
  struct wa_arena arena;
  struct cut result = {.count = 0};
  wa_error_clear(&err);
  edited_build(&builder, &edited);
  ck_assert_msg(load(&builder, &module, &err), "%s", err.message);
  ck_assert(wa_layout_init(&layout, &module, false, &err));
  wa_arena_init(&arena, 0);
  uint32_t count;
  struct wa_compile_options options;
  wa_compile_options_init(&options);
  struct wa_partition *partitions =
      wa_partition_split(&module, &layout, &options, &arena, &count, &err);
  ck_assert_msg(partitions != NULL, "%s", err.message);
  ck_assert_uint_le(count, MOST);
  uint32_t next = module.imported_functions;
  for (uint32_t i = 0; i < count && partitions[i].end; i++) {
    uint64_t hash = 1;
    ck_assert_uint_eq(partitions[i].first, next);
    ck_assert_uint_gt(partitions[i].end, next);
    for (; next < partitions[i].end; next++) {
      hash = (hash ^ edited.functions[next - module.imported_functions].id) * 0x9e3779b97f4a7c15u;
      hash ^= hash >> 31;
    }
    uint32_t size = partitions[i].end - partitions[i].first;
    result.largest = size > result.largest ? size : result.largest;
    result.pieces[result.count++] = hash;
  }
  ck_assert_uint_eq(next, module.function_count);
  wa_arena_deinit(&arena);
  wa_layout_deinit(&layout);
  wa_module_deinit(&module);
  return result;
}

// How many of the pieces are none of `before`.
static uint32_t new_pieces(const struct cut *before, const struct cut *after) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < after->count; i++) {
    bool found = false;
    for (uint32_t j = 0; j < before->count; j++) {
      found |= before->pieces[j] == after->pieces[i];
    }
    count += !found;
  }
  return count;
}

START_TEST(an_edit_moves_no_other_ends) {
  enum { EDITS = 30, LARGE = 12 };
  uint32_t most = 0, sum = 0;
  edited_init(&edited, FUNCTIONS, 60, 1);
  struct cut before = cut();
  // A function is a small part of a piece, and a piece of the module.
  ck_assert_uint_gt(before.count, 15);
  ck_assert_uint_lt(before.largest, FUNCTIONS / LARGE * 4);
  for (uint32_t i = 0; i < EDITS; i++) {
    uint32_t at = edited_random(&edited.state, edited.function_count);
    if (i % 3 == 0) {
      edited_insert_function(&edited, at, FUNCTIONS + i);
    } else if (i % 3 == 1) {
      edited_remove_function(&edited, at);
    } else {
      edited.functions[at].id = FUNCTIONS + i; // and with it who calls it
      edited.functions[at].seed += 12345;
    }
    struct cut after = cut();
    uint32_t moved = new_pieces(&before, &after);
    ck_assert_uint_ge(moved, 1 - (i % 3 == 1)); // one that was cut off may be a piece of its own
    most = moved > most ? moved : most;
    sum += moved;
    before = after;
  }
  ck_assert_uint_le(most, 5);
  ck_assert_uint_le(sum, EDITS * 2);
}
END_TEST

// Imports, types and globals in front of the others move every index.
START_TEST(indexes_do_not_matter) {
  edited_init(&edited, FUNCTIONS, 60, 2);
  struct cut before = cut();
  for (uint32_t i = 0; i < 8; i++) {
    edited_insert(edited.imports, &edited.import_count, 0, 100 + i);
    edited_insert(edited.types, &edited.type_count, 0, 10 + i);
    edited_insert(edited.globals, &edited.global_count, 0, 100 + i);
  }
  // What calls an import by its identity modulo their number calls another one now, which does not
  // matter either.
  struct cut after = cut();
  ck_assert_uint_eq(after.count, before.count);
  ck_assert_uint_eq(new_pieces(&before, &after), 0);
}
END_TEST

// Whatever the hash of a function is that all are copies of.
START_TEST(equal_functions_make_pieces_too) {
  for (uint32_t seed = 0; seed < 10; seed++) {
    edited_init(&edited, FUNCTIONS, 60, 3);
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
      edited.functions[i].seed = seed;
    }
    struct cut all = cut();
    ck_assert_uint_ge(all.count, 3);
    ck_assert_uint_le(all.count, FUNCTIONS / 4);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("partitions");
  TCase *tests = tcase_create("partitions");
  tcase_set_timeout(tests, 30);
  tcase_add_test(tests, an_edit_moves_no_other_ends);
  tcase_add_test(tests, indexes_do_not_matter);
  tcase_add_test(tests, equal_functions_make_pieces_too);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
