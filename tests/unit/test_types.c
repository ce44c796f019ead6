#include "runtime/object/types.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

START_TEST(equal_types_have_one_id) {
  uint32_t a[] = {WA_I32, WA_F64};
  uint32_t b[] = {WA_I32, WA_F64};
  uint32_t id = wa_type_intern(a, 2, a, 1);
  ck_assert_uint_ne(id, 0);
  ck_assert_uint_eq(id, wa_type_intern(b, 2, b, 1));
  ck_assert_uint_ne(id, wa_type_intern(a, 1, a + 1, 1));
  ck_assert_uint_ne(wa_type_intern(a, 1, NULL, 0), wa_type_intern(NULL, 0, a, 1));
}
END_TEST

START_TEST(signature_counts_cells) {
  uint32_t types[] = {WA_V128, WA_I32, WA_EXTERNREF};
  const struct wa_signature *signature = wa_type_signature(wa_type_intern(types, 3, types, 1));
  ck_assert_uint_eq(signature->param_count, 3);
  ck_assert_uint_eq(signature->param_cells, 4);
  ck_assert_uint_eq(signature->result_count, 1);
  ck_assert_uint_eq(signature->result_cells, 2);
  ck_assert_uint_eq(signature->params[2], WA_EXTERNREF);
}
END_TEST

START_TEST(format) {
  uint32_t types[] = {WA_I32, WA_I64, WA_FUNCREF};
  char text[64];
  ck_assert_str_eq(wa_type_format(wa_type_intern(types, 2, types + 2, 1), text, sizeof text),
                   "[i32 i64] -> [funcref]");
  ck_assert_str_eq(wa_type_format(wa_type_intern(NULL, 0, NULL, 0), text, sizeof text), "[] -> []");
  ck_assert_str_eq(wa_type_format(wa_type_intern(types, 3, NULL, 0), text, 8), "[i32 i6");
}
END_TEST

// (rec (type (func (param (ref 1)))) (type (func (result (ref null 0))))), its second type open and
// a subtype of `super` or not.
static uint32_t intern_pair(bool is_final, uint32_t super) {
  uint32_t to_second = wa_type_with_index(WA_REF_IN_GROUP | WA_REF_NON_NULL, 1);
  uint32_t to_first = wa_type_with_index(WA_REF_IN_GROUP, 0);
  struct wa_type_def defs[] = {
      {.params = &to_second, .param_count = 1, .is_final = true},
      {.results = &to_first, .result_count = 1, .is_final = is_final, .supertype = super},
  };
  return wa_type_intern_group(defs, 2);
}

START_TEST(groups) {
  uint32_t first = intern_pair(true, 0);
  ck_assert_uint_eq(first, intern_pair(true, 0));
  ck_assert_uint_ne(first, intern_pair(false, 0));
  const struct wa_signature *signature = wa_type_signature(first);
  ck_assert_uint_eq(signature->params[0],
                    wa_type_with_index(WA_REF_INDEX | WA_REF_NON_NULL, first + 1));
  signature = wa_type_signature(first + 1);
  ck_assert_uint_eq(signature->results[0], wa_type_with_index(WA_REF_INDEX, first));
  // The same types outside a group are others.
  ck_assert_uint_ne(first, wa_type_intern(wa_type_signature(first)->params, 1, NULL, 0));
}
END_TEST

START_TEST(subtypes) {
  uint32_t super = wa_type_intern(NULL, 0, NULL, 0);
  uint32_t sub = intern_pair(true, super) + 1;
  ck_assert(wa_type_id_matches(sub, super));
  ck_assert(!wa_type_id_matches(super, sub));
  uint32_t to_sub = wa_type_with_index(WA_REF_INDEX, sub);
  uint32_t to_super = wa_type_with_index(WA_REF_INDEX, super);
  ck_assert(wa_valtype_matches(to_sub, to_super));
  ck_assert(wa_valtype_matches(to_sub | WA_REF_NON_NULL, to_super));
  ck_assert(!wa_valtype_matches(to_sub, to_super | WA_REF_NON_NULL));
  ck_assert(!wa_valtype_matches(to_super, to_sub));
  ck_assert(wa_valtype_matches(to_sub, WA_FUNCREF));
  ck_assert(wa_valtype_matches(WA_NULLFUNCREF, to_sub));
  ck_assert(!wa_valtype_matches(WA_NULLEXTERNREF, to_sub));
  ck_assert(!wa_valtype_matches(WA_I32, WA_FUNCREF));
}
END_TEST

enum { THREADS = 4, DISTINCT = 3000 };

static void *intern_many(void *result) {
  uint32_t *ids = result;
  for (uint32_t i = 0; i < DISTINCT; i++) {
    uint32_t types[12];
    for (uint32_t bit = 0; bit < 12; bit++) {
      types[bit] = (i >> bit & 1) != 0 ? WA_I32 : WA_I64;
    }
    ids[i] = wa_type_intern(types, 12, NULL, 0);
    if (wa_type_signature(ids[i])->params[0] != types[0]) {
      ids[i] = 0;
    }
  }
  return NULL;
}

START_TEST(threads_agree) {
  static uint32_t ids[THREADS][DISTINCT];
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) {
    ck_assert_int_eq(pthread_create(&threads[i], NULL, intern_many, ids[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
  }
  for (int k = 0; k < DISTINCT; k++) {
    ck_assert_uint_ne(ids[0][k], 0);
    ck_assert(k == 0 || ids[0][k] != ids[0][k - 1]);
    for (int i = 1; i < THREADS; i++) {
      ck_assert_uint_eq(ids[i][k], ids[0][k]);
    }
  }
}
END_TEST

// 400,000 that all differ took 15 s when a bucket had a hundred of them.
START_TEST(many_are_found) {
  enum { MANY = 400000, PARAMS = 10 };
  static const uint32_t kinds[] = {WA_I32, WA_I64, WA_F32, WA_F64};
  static uint32_t ids[MANY];
  clock_t start = clock();
  for (int again = 0; again < 2; again++) {
    for (uint32_t i = 0; i < MANY; i++) {
      uint32_t params[PARAMS];
      for (unsigned k = 0; k < PARAMS; k++) {
        params[k] = kinds[i >> 2 * k & 3];
      }
      uint32_t id = wa_type_intern(params, PARAMS, NULL, 0);
      ck_assert(again == 0 ? id != 0 : id == ids[i]);
      ids[i] = id;
    }
  }
  ck_assert_int_lt((clock() - start) / CLOCKS_PER_SEC, 10);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("types");
  TCase *tests = tcase_create("types");
  tcase_add_test(tests, equal_types_have_one_id);
  tcase_add_test(tests, signature_counts_cells);
  tcase_add_test(tests, format);
  tcase_add_test(tests, groups);
  tcase_add_test(tests, subtypes);
  tcase_add_test(tests, threads_agree);
  tcase_add_test(tests, many_are_found);
  tcase_set_timeout(tests, 60);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
