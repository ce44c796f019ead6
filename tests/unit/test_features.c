// Every proposal: what uses it is noted and refused when it is off, and nothing else is; lists of
// names.
#include "compiler/wasm/features.h"
#include "tests/unit/module_builder.h"
#include "tests/unit/suite.h"

#include <check.h>

// ---- Modules that use one proposal, and what that is built on ----

#define SIMD_ZERO 0xfd, 0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0

struct contents {
  const uint8_t *data;
  size_t size;
};

#define CONTENTS(...)                                                                              \
  { (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}) }

static const struct {
  uint64_t features;
  struct contents types, imports, memories, tags, globals, exports,
      datas;            // sections that are not as usual
  struct contents code; // of the one function
} rows[] = {
    {.code = CONTENTS(0x41, 0, 0x41, 0, 0x36, 2, 0)},
    {.features = WA_FEATURE_MUTABLE_GLOBALS,
     .globals = CONTENTS(1, 0x7f, 1, 0x41, 0, 0x0b),
     .exports = CONTENTS(1, 1, 'g', 3, 0)},
    {.globals = CONTENTS(1, 0x7f, 1, 0x41, 0, 0x0b)},
    {.features = WA_FEATURE_SIGN_EXTENSION, .code = CONTENTS(0x41, 0, 0xc0, 0x1a)},
    {.features = WA_FEATURE_SATURATING_FLOAT_TO_INT,
     .code = CONTENTS(0x43, 0, 0, 0, 0, 0xfc, 0, 0x1a)},
    {.features = WA_FEATURE_MULTI_VALUE, .types = CONTENTS(2, 0x60, 0, 0, 0x60, 0, 2, 0x7f, 0x7f)},
    {.features = WA_FEATURE_MULTI_VALUE,
     .types = CONTENTS(2, 0x60, 0, 0, 0x60, 1, 0x7f, 0),
     .code = CONTENTS(0x41, 0, 0x02, 1, 0x1a, 0x0b)},
    {.features = WA_FEATURE_BULK_MEMORY,
     .code = CONTENTS(0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0b, 0)},
    {.features = WA_FEATURE_BULK_MEMORY, .datas = CONTENTS(1, 1, 1, 'a')},
    {.datas = CONTENTS(1, 0, 0x41, 0, 0x0b, 1, 'a')},
    {.features = WA_FEATURE_REFERENCE_TYPES, .code = CONTENTS(0xd0, 0x70, 0x1a)},
    {.features = WA_FEATURE_REFERENCE_TYPES, .types = CONTENTS(2, 0x60, 0, 0, 0x60, 1, 0x6f, 0)},
    {.features = WA_FEATURE_SIMD, .code = CONTENTS(SIMD_ZERO, 0x1a)},
    {.features = WA_FEATURE_SIMD, .code = CONTENTS(0x00, 0x02, 0x7b, 0x00, 0x0b, 0x1a)},
    {.features = WA_FEATURE_THREADS, .code = CONTENTS(0xfe, 0x03, 0)},
    {.features = WA_FEATURE_THREADS, .memories = CONTENTS(1, 3, 1, 1)},
    {.features = WA_FEATURE_EXTENDED_CONST,
     .globals = CONTENTS(1, 0x7f, 0, 0x41, 1, 0x41, 1, 0x6a, 0x0b)},
    {.features = WA_FEATURE_RELAXED_SIMD | WA_FEATURE_SIMD,
     .code = CONTENTS(SIMD_ZERO, SIMD_ZERO, 0xfd, 0x80, 0x02, 0x1a)},
    {.features = WA_FEATURE_MULTI_MEMORY, .memories = CONTENTS(2, 0, 1, 0, 1)},
    {.features = WA_FEATURE_MEMORY64, .memories = CONTENTS(1, 4, 1)},
    {.features = WA_FEATURE_TAIL_CALL, .code = CONTENTS(0x12, 0)},
    {.features = WA_FEATURE_FUNCTION_REFERENCES | WA_FEATURE_REFERENCE_TYPES,
     .code = CONTENTS(0xd0, 0x70, 0xd4, 0x1a)},
    {.features = WA_FEATURE_EXCEPTION_HANDLING, .tags = CONTENTS(1, 0, 0)},
    {.features = WA_FEATURE_EXCEPTION_HANDLING, .code = CONTENTS(0x1f, 0x40, 0, 0x0b)},
    {.features = WA_FEATURE_WIDE_ARITHMETIC,
     .code = CONTENTS(0x42, 0, 0x42, 0, 0xfc, 0x15, 0x1a, 0x1a)},
    {.features = WA_FEATURE_LEGACY_EXCEPTIONS, .code = CONTENTS(0x06, 0x40, 0x19, 0x0b)},
    {.features = WA_FEATURE_THREADS | WA_FEATURE_RELAXED_ATOMICS, .code = CONTENTS(0xfe, 0x03, 1)},
    {.features = WA_FEATURE_THREADS | WA_FEATURE_RELAXED_ATOMICS,
     .code = CONTENTS(0x41, 0, 0xfe, 0x10, 0x22, 0, 0, 0x1a)},
    {.features = WA_FEATURE_THREADS | WA_FEATURE_RELAXED_ATOMICS,
     .code = CONTENTS(0x41, 0, 0x41, 0, 0xfe, 0x17, 0x22, 1, 0)},
    {.features = WA_FEATURE_THREADS | WA_FEATURE_RELAXED_ATOMICS,
     .code = CONTENTS(0x41, 0, 0x41, 0, 0xfe, 0x1e, 0x22, 0x11, 0, 0x1a)},
    {.features = WA_FEATURE_THREADS | WA_FEATURE_RELAXED_ATOMICS,
     .code = CONTENTS(0x41, 0, 0x41, 0, 0x41, 0, 0xfe, 0x48, 0x62, 0, 0x11, 0, 0x1a)},
    {.features = WA_FEATURE_THREADS, .code = CONTENTS(0x41, 0, 0xfe, 0x10, 2, 0, 0x1a)},
    {.features = WA_FEATURE_COMPACT_IMPORTS,
     .imports =
         CONTENTS(2, 1, 'a', 0, 0x7f, 2, 1, 'b', 0, 0, 1, 'c', 3, 0x7f, 0, 0, 0, 3, 0x7f, 0)},
    {.features = WA_FEATURE_COMPACT_IMPORTS,
     .imports = CONTENTS(1, 0, 0, 0x7e, 0, 0, 2, 0, 1, 'a')},
    {.features = WA_FEATURE_COMPACT_IMPORTS, .imports = CONTENTS(1, 0, 0, 0x7e, 1, 0x70, 0, 9, 0)},
    {.features = WA_FEATURE_COMPACT_IMPORTS,
     .imports = CONTENTS(1, 1, 'a', 0x80, 0x80, 0x80, 0, 0x7f, 0)},
    {.imports = CONTENTS(1, 0, 0, 0, 0)},
    // Where an access would have its ordering.
    {.code = CONTENTS(0x42, 0x7f, 0x1a)},
    {.code = CONTENTS(0x44, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1a)},
    {.features = WA_FEATURE_CUSTOM_PAGE_SIZES, .memories = CONTENTS(1, 8, 1, 0)},
    {.features = WA_FEATURE_CUSTOM_PAGE_SIZES, .memories = CONTENTS(1, 8, 1, 16)},
};
enum { ROWS = sizeof rows / sizeof *rows };

static struct builder builder;

static void section(uint8_t id, struct contents contents, struct contents usual) {
  struct contents used = contents.data ? contents : usual;
  if (!used.data) {
    return;
  }
  begin_section(&builder, id);
  put(&builder, used.data, used.size);
  end_sized(&builder);
}

static void build(int row) {
  static const uint8_t type[] = {1, 0x60, 0, 0}, memory[] = {1, 0, 1}, function[] = {1, 0};
  static const uint8_t table[] = {1, 0x70, 0, 1};
  const struct contents none = {NULL, 0};
  begin_module(&builder);
  section(1, rows[row].types, (struct contents){type, sizeof type});
  section(2, rows[row].imports, none);
  section(3, none, (struct contents){function, sizeof function});
  section(4, none, (struct contents){table, sizeof table});
  section(5, rows[row].memories, (struct contents){memory, sizeof memory});
  section(13, rows[row].tags, none);
  section(6, rows[row].globals, none);
  section(7, rows[row].exports, none);
  begin_section(&builder, 10);
  put_u32(&builder, 1);
  put_u32(&builder, (uint32_t)rows[row].code.size + 2);
  put_u32(&builder, 0);
  put(&builder, rows[row].code.data, rows[row].code.size);
  put_bytes(&builder, 0x0b);
  end_sized(&builder);
  section(11, rows[row].datas, none);
}

static bool load_without(uint64_t off, uint64_t *features, struct wa_error *err) {
  struct wa_module module;
  wa_error_clear(err);
  bool ok =
      wa_module_init_without(&module, (struct wa_bytes){builder.bytes, builder.size}, off, err);
  if (ok) {
    *features = module.features;
    wa_module_deinit(&module);
  }
  return ok;
}

START_TEST(noted_and_refused) {
  struct wa_error err;
  uint64_t features = 0;
  build(_i);
  ck_assert_msg(load_without(0, &features, &err), "row %d: %s", _i, err.message);
  ck_assert_msg(features == rows[_i].features, "row %d: %#llx", _i, (unsigned long long)features);
  for (unsigned bit = 0; bit < WA_FEATURE_COUNT; bit++) {
    uint64_t off = UINT64_C(1) << bit;
    bool loaded = load_without(off, &features, &err);
    ck_assert_msg(loaded == !(rows[_i].features & off), "row %d without %s: %s", _i,
                  wa_feature_name(off), err.message);
    if (loaded) {
      continue;
    }
    char expected[128];
    (void)snprintf(expected, sizeof expected,
                   "needs the proposal %s, which is switched off: --features=+%s allows it",
                   wa_feature_name(off), wa_feature_name(off));
    ck_assert_msg(strstr(err.message, expected), "%s", err.message);
    ck_assert_int_eq(err.kind, WA_ERROR_INVALID);
    ck_assert(err.offset >= 8 && err.offset < builder.size);
  }
}
END_TEST

// Every proposal that changes what is valid has a row.
START_TEST(all_have_rows) {
  uint64_t seen = WA_FEATURE_BRANCH_HINTING;
  for (int i = 0; i < ROWS; i++) {
    seen |= rows[i].features;
  }
  ck_assert(seen == WA_FEATURES_ALL);
}
END_TEST

START_TEST(the_function_and_place_are_named) {
  struct wa_error err;
  uint64_t features;
  const uint8_t code[] = {0x41, 0, 0xc0, 0x1a};
  int row = 0;
  while (rows[row].features != WA_FEATURE_SIGN_EXTENSION) {
    row++;
  }
  build(row);
  ck_assert(!load_without(WA_FEATURE_SIGN_EXTENSION, &features, &err));
  ck_assert_msg(strncmp(err.message, "function 0: needs", 17) == 0, "%s", err.message);
  ck_assert_mem_eq(builder.bytes + err.offset - 2, code, sizeof code);
}
END_TEST

// ---- Lists ----

static const struct {
  const char *list;
  uint64_t features;
} lists[] = {
    {"", WA_FEATURES_ALL},
    {"all", WA_FEATURES_ALL},
    {"mvp", 0},
    {"mvp,simd", WA_FEATURE_SIMD},
    {"mvp,+simd,+threads,-simd", WA_FEATURE_THREADS},
    {"simd,mvp", 0},
    {"-threads", WA_FEATURES_ALL & ~WA_FEATURE_THREADS},
    {"-all,sign-ext,nontrapping-fptoint,multivalue,simd128,atomics,multimemory,exception-handling",
     WA_FEATURE_SIGN_EXTENSION | WA_FEATURE_SATURATING_FLOAT_TO_INT | WA_FEATURE_MULTI_VALUE |
         WA_FEATURE_SIMD | WA_FEATURE_THREADS | WA_FEATURE_MULTI_MEMORY |
         WA_FEATURE_EXCEPTION_HANDLING},
    {"wasm2", WA_FEATURES_WASM2},
    {"wasm3,-wasm2", WA_FEATURES_WASM3 & ~WA_FEATURES_WASM2},
    {"wasm2,+wasm3", WA_FEATURES_WASM3},
    {"mvp,legacy-exceptions,", WA_FEATURE_LEGACY_EXCEPTIONS},
};

START_TEST(applied) {
  uint64_t features = WA_FEATURES_ALL;
  struct wa_error err;
  wa_error_clear(&err);
  ck_assert_msg(wa_features_apply(&features, lists[_i].list, &err), "%s", err.message);
  ck_assert_msg(features == lists[_i].features, "%s: %#llx", lists[_i].list,
                (unsigned long long)features);
}
END_TEST

START_TEST(no_such_name) {
  static const char *const wrong[] = {"sim", "simd ", "+avx2", "simd,,threads", "--simd", "ALL"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    uint64_t features = 5;
    struct wa_error err;
    wa_error_clear(&err);
    ck_assert_msg(!wa_features_apply(&features, wrong[i], &err), "%s", wrong[i]);
    ck_assert_int_eq(err.kind, WA_ERROR_USAGE);
    ck_assert_msg(strstr(err.message, "is no WebAssembly proposal; there are mutable-globals") &&
                      strstr(err.message, "branch-hinting") && strstr(err.message, "--cpu="),
                  "%s", err.message);
    ck_assert_uint_eq(features, 5);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("features");
  TCase *tests = tcase_create("features");
  tcase_add_loop_test(tests, noted_and_refused, 0, ROWS);
  tcase_add_test(tests, all_have_rows);
  tcase_add_test(tests, the_function_and_place_are_named);
  tcase_add_loop_test(tests, applied, 0, (int)(sizeof lists / sizeof *lists));
  tcase_add_test(tests, no_such_name);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
