// Branch hints: read leniently, and what is unlikely lies behind the rest.
#include "compiler/compile.h"
#include "tests/unit/module_builder.h"
#include "tests/unit/suite.h"

#include <check.h>

static struct builder builder;

#define HINTS(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

// An import, then (func (param i32) (result i32) (if (local.get 0) (then (call 2))) (local.get 0)),
// or (block (br_if 0 (local.get 0)) (call 2)) in place of the if, then what is called. The if and
// the br_if are 3 and 5 bytes behind the beginning of the locals.
static void build(bool with_if, const uint8_t *hints, size_t size) {
  begin_module(&builder);
  put_section(&builder, 1, 2, 0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f);
  put_section(&builder, 2, 1, 1, 'm', 1, 'f', 0, 0);
  put_section(&builder, 3, 2, 1, 0);
  put_section(&builder, 6, 1, 0x7f, 1, 0x41, 0, 0x0b);
  put_section(&builder, 7, 1, 1, 'f', 0, 1);
  if (size) {
    begin_section(&builder, 0);
    put_name(&builder, "metadata.code.branch_hint");
    put(&builder, hints, size);
    end_sized(&builder);
  }
  if (with_if) {
    put_section(&builder, 10, 2, 11, 0, 0x20, 0, 0x04, 0x40, 0x10, 2, 0x0b, 0x20, 0, 0x0b, 4, 0,
                0x10, 0, 0x0b);
  } else {
    put_section(&builder, 10, 2, 13, 0, 0x02, 0x40, 0x20, 0, 0x0d, 0, 0x10, 2, 0x0b, 0x20, 0, 0x0b,
                4, 0, 0x10, 0, 0x0b);
  }
}

// Whether the call in function 1 lies behind its first return.
static bool call_is_out_of_line(void) {
  struct wa_module module;
  struct wa_error err;
  struct wa_buffer text;
  struct wa_compile_options options;
  wa_error_clear(&err);
  ck_assert_msg(load(&builder, &module, &err), "%s", err.message);
  wa_compile_options_init(&options);
  options.target = "x86_64-linux-gnu";
  options.emit = WA_EMIT_ASM;
  options.verify = true;
  ck_assert_msg(wa_compile(&module, &options, &text, &err), "%s", err.message);
  char *all = strndup((const char *)text.data, text.size);
  const char *function = strstr(all, "\nf1:"), *call = strstr(function, "callq\t"),
             *end = strstr(function, "retq");
  ck_assert(function && call && end);
  bool result = call > end;
  free(all);
  wa_buffer_free(&text);
  wa_module_deinit(&module);
  return result;
}

START_TEST(unlikely_blocks_lie_behind) {
  build(true, HINTS(1, 1, 1, 3, 1, 0));
  ck_assert(call_is_out_of_line());
  build(true, HINTS(1, 1, 1, 3, 1, 1));
  ck_assert(!call_is_out_of_line());
  build(false, HINTS(1, 1, 1, 5, 1, 1));
  ck_assert(call_is_out_of_line());
  build(false, HINTS(1, 1, 1, 5, 1, 0));
  ck_assert(!call_is_out_of_line());
}
END_TEST

static uint32_t hint_count(uint64_t off) {
  struct wa_module module;
  struct wa_error err;
  wa_error_clear(&err);
  ck_assert_msg(
      wa_module_init_without(&module, (struct wa_bytes){builder.bytes, builder.size}, off, &err),
      "%s", err.message);
  uint32_t count = module.branch_hint_count;
  wa_module_deinit(&module);
  return count;
}

START_TEST(read) {
  build(true, HINTS(2, 1, 2, 1, 1, 0, 3, 1, 1, 2, 1, 1, 1, 0));
  ck_assert_uint_eq(hint_count(0), 3);
  ck_assert_uint_eq(hint_count(WA_FEATURE_BRANCH_HINTING), 0);
  build(true, NULL, 0);
  ck_assert_uint_eq(hint_count(0), 0);
}
END_TEST

// Whatever is wrong with the section, the module is as good as without it; what stands before the
// fault counts.
START_TEST(faults_are_ignored) {
  static const struct {
    uint8_t bytes[16];
    size_t size;
    uint32_t count;
  } rows[] = {
      {{0xff, 0xff, 0xff, 0xff, 0xff}, 5, 0},
      {{1}, 1, 0},
      {{1, 1}, 2, 0},
      {{1, 1, 0xff, 0xff, 0xff, 0xff, 0x0f}, 7, 0},
      {{1, 9, 1, 3, 1, 0}, 6, 0},                 // no such function
      {{1, 0, 1, 3, 1, 0}, 6, 0},                 // an imported one
      {{1, 1, 1, 3, 2, 0, 0}, 7, 0},              // a hint of two bytes
      {{1, 1, 1, 3, 1, 2}, 6, 0},                 // neither way
      {{1, 1, 1, 99, 1, 0}, 6, 0},                // behind the function
      {{1, 1, 2, 3, 1, 0, 3, 1, 0}, 9, 1},        // twice the same
      {{2, 2, 1, 1, 1, 0, 1, 1, 3, 1, 0}, 11, 1}, // functions out of order
      {{1, 1, 1, 3, 1}, 5, 0},
      {{1, 1, 1, 4, 1, 0}, 6, 1}, // within an instruction: of no effect
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    build(true, rows[i].bytes, rows[i].size);
    ck_assert_msg(hint_count(0) == rows[i].count, "row %zu", i);
    (void)call_is_out_of_line();
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("branch hints");
  TCase *tests = tcase_create("branch hints");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, unlikely_blocks_lie_behind);
  tcase_add_test(tests, read);
  tcase_add_test(tests, faults_are_ignored);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
