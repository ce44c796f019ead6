#include "cli/json.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static char *text;
static size_t text_size;
static struct wa_json json;

static void setup(void) {
  FILE *to = open_memstream(&text, &text_size);
  ck_assert_ptr_nonnull(to);
  wa_json_init(&json, to);
}

static void teardown(void) {
  free(text);
}

static void is(const char *expected) {
  (void)fclose(json.to);
  ck_assert_str_eq(text, expected);
}

START_TEST(nesting) {
  wa_json_open(&json, NULL, '{');
  wa_json_number(&json, "a", UINT64_MAX);
  wa_json_open(&json, "b", '[');
  wa_json_bool(&json, NULL, true);
  wa_json_open(&json, NULL, '{');
  wa_json_close(&json, '}');
  wa_json_close(&json, ']');
  wa_json_open(&json, "c", '[');
  wa_json_close(&json, ']');
  wa_json_close(&json, '}');
  is("{\n  \"a\": 18446744073709551615,\n  \"b\": [\n    true,\n    {}\n  ],\n  \"c\": []\n}\n");
}
END_TEST

START_TEST(one_line) {
  wa_json_init_line(&json, json.to);
  for (uint64_t i = 0; i < 2; i++) {
    wa_json_open(&json, NULL, '{');
    wa_json_number(&json, "a", i);
    wa_json_open(&json, "b", '[');
    wa_json_text(&json, NULL, "x\ny");
    wa_json_bool(&json, NULL, false);
    wa_json_close(&json, ']');
    wa_json_close(&json, '}');
    json.first = true;
  }
  is("{\"a\": 0, \"b\": [\"x\\u000ay\", false]}\n{\"a\": 1, \"b\": [\"x\\u000ay\", false]}\n");
}
END_TEST

// Every kind of byte sequence that JSON or UTF-8 treats specially.
static const struct {
  const char *bytes;
  size_t size;
  const char *json;
} strings[] = {
    {"plain", 5, "\"plain\""},
    {"\"\\/", 3, "\"\\\"\\\\/\""},
    {"\0\n\x1f\x7f", 4, "\"\\u0000\\u000a\\u001f\\u007f\""},
    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
    {"\x80", 1, "\"\\ufffd\""},
    {"\xc0\xaf", 2, "\"\\ufffd\\ufffd\""},
    {"\xe2\x82", 2, "\"\\ufffd\\ufffd\""},
    {"\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\""},
    {"\xf4\x90\x80\x80", 4, "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {"\xff", 1, "\"\\ufffd\""},
};

START_TEST(string) {
  wa_json_string(&json, NULL, strings[_i].bytes, strings[_i].size);
  is(strings[_i].json);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("cli_json");
  TCase *tcase = tcase_create("writer");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, nesting);
  tcase_add_test(tcase, one_line);
  tcase_add_loop_test(tcase, string, 0, sizeof strings / sizeof strings[0]);
  suite_add_tcase(suite, tcase);
  return run_suite(suite);
}
