// An LLVM on which an option does nothing is refused: here the option is not set. Every test is a
// process of its own, and so may set LLVM up.
#include "compiler/target/target.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <string.h>

static const char *const options[] = {
    "-disable-licm-promotion",
#ifdef WASMAOT_LLVM_X86
    "-combiner-store-merging=false",
    "-combiner-reduce-load-op-store-width=false",
    "-combiner-shrink-load-replace-store-with-store=false",
    "-x86-cmov-converter=false",
#endif
};

START_TEST(all_options_work) {
  struct wa_error err;
  wa_error_clear(&err);
  ck_assert_msg(wa_target_start_llvm(NULL, &err), "%s", err.message);
}
END_TEST

START_TEST(names_the_option_without_effect) {
  struct wa_error err;
  wa_error_clear(&err);
  ck_assert(!wa_target_start_llvm(options[_i], &err));
  ck_assert_int_eq(err.kind, WA_ERROR_UNSUPPORTED);
  ck_assert_msg(strstr(err.message, options[_i]) != NULL, "%s", err.message);
  ck_assert(strchr(err.message, '\n') == NULL);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("probe");
  TCase *tcase = tcase_create("probe");
  tcase_add_test(tcase, all_options_work);
  tcase_add_loop_test(tcase, names_the_option_without_effect, 0,
                      (int)(sizeof options / sizeof options[0]));
  suite_add_tcase(suite, tcase);
  return run_suite(suite);
}
