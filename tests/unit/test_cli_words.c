#include "cli/words.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <string.h>

// The words of a text, each between bars.
static void is(const char *text, const char *expected) {
  struct wa_words words;
  struct wa_error err;
  char all[256] = "|";
  wa_error_clear(&err);
  ck_assert(wa_words_split(&words, text, 0, &err));
  for (int i = 0; i < words.count; i++) {
    strcat(all, words.items[i]);
    strcat(all, "|");
  }
  wa_words_deinit(&words);
  ck_assert_str_eq(all, expected);
}

START_TEST(splits) {
  is("", "|");
  is(" \t\n", "|");
  is("a", "|a|");
  is(" a  bc\td\n", "|a|bc|d|");
  is("'a b' \"c d\"", "|a b|c d|");
  is("'' \"\"", "|||");
  is("--env 'A=b c'd", "|--env|A=b cd|");
  is("a\\ b \\\\ \\' \\\"", "|a b|\\|'|\"|");
  is("'a\\b' \"a\\\"b\" \"it's\" 'say \"x\"'", "|a\\b|a\"b|it's|say \"x\"|");
  is("$HOME *", "|$HOME|*|");
  is("end\\", "|end\\|");
}
END_TEST

START_TEST(refuses_open_quotes) {
  static const char *const texts[] = {"'", "a \"", "'a\" b", "\"a\\\""};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    struct wa_words words;
    struct wa_error err;
    wa_error_clear(&err);
    ck_assert(!wa_words_split(&words, texts[i], 0, &err));
    ck_assert_int_eq(err.kind, WA_ERROR_USAGE);
    ck_assert_ptr_null(words.items);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("words");
  TCase *tests = tcase_create("words");
  tcase_add_test(tests, splits);
  tcase_add_test(tests, refuses_open_quotes);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
