#include "tests/unit/module_builder.h"
#include "tests/unit/suite.h"

#include <check.h>

// The module that bodies are put into: its only defined function has index 1, type 1, i32 -> i32.
//   types: 0: -> ; 1: i32 -> i32; 2: -> i32 i64; 3: i32 i32 ->
//   function 0: imported, type 0, in a declarative segment; function 1: the body; function 2: type
//   0, in no segment
//   tables: 0 funcref, 1 externref; memory 0; globals: 0 immutable i32, 1 mutable i64
//   elem segments: 0 funcref; data segments: 0
static void build(struct builder *builder, const uint8_t *body, size_t size, bool data_count) {
  begin_module(builder);
  put_section(builder, 1, 4, 0x60, 0, 0, 0x60, 1, WA_I32, 1, WA_I32, 0x60, 0, 2, WA_I32, WA_I64,
              0x60, 2, WA_I32, WA_I32, 0);
  put_section(builder, 2, 1, 1, 'm', 1, 'f', 0, 0);
  put_section(builder, 3, 2, 1, 0);
  put_section(builder, 4, 2, WA_FUNCREF, 0, 1, WA_EXTERNREF, 0, 1);
  put_section(builder, 5, 1, 0, 1);
  put_section(builder, 6, 2, WA_I32, 0, 0x41, 0, 0x0b, WA_I64, 1, 0x42, 0, 0x0b);
  put_section(builder, 9, 1, 3, 0, 1, 0);
  if (data_count) {
    put_section(builder, 12, 1);
  }
  begin_section(builder, 10);
  put_u32(builder, 2);
  put_u32(builder, (uint32_t)size);
  put(builder, body, size);
  put_bytes(builder, 2, 0, 0x0b);
  end_sized(builder);
  if (data_count) {
    put_section(builder, 11, 1, 1, 1, 'x');
  }
}

struct row {
  const char *name;
  const char *message; // part of it; NULL when the body is valid
  size_t size;
  uint8_t body[24];
};

#define BODY(...)                                                                                  \
  sizeof((const uint8_t[]){__VA_ARGS__}), {                                                        \
    __VA_ARGS__                                                                                    \
  }

enum { I32 = 0x41, I64 = 0x42, GET = 0x20, DROP = 0x1a, END = 0x0b };

static const struct row valid[] = {
    {"the parameter", NULL, BODY(0, GET, 0, END)},
    {"locals of two types", NULL, BODY(2, 1, WA_I64, 2, WA_I32, GET, 1, DROP, GET, 3, END)},
    {"unreachable gives anything", NULL, BODY(0, 0x00, END)},
    {"unreachable operands", NULL, BODY(0, 0x00, 0x6a, END)},
    {"unreachable select", NULL, BODY(0, 0x00, 0x1b, 0xd1, END)},
    {"block with a type index", NULL, BODY(0, 0x02, 2, I32, 1, I64, 2, END, DROP, END)},
    {"loop with a parameter", NULL, BODY(0, GET, 0, 0x03, 1, END, END)},
    {"if and else", NULL, BODY(0, GET, 0, 0x04, WA_I32, I32, 1, 0x05, I32, 2, END, END)},
    {"br_if keeps its values", NULL, BODY(0, GET, 0, GET, 0, 0x0d, 0, END)},
    {"br_table", NULL, BODY(0, 0x02, 0x40, GET, 0, 0x0e, 1, 0, 0, END, I32, 0, END)},
    {"call", NULL, BODY(0, GET, 0, 0x10, 1, END)},
    {"call_indirect", NULL, BODY(0, GET, 0, GET, 0, 0x11, 1, 0, END)},
    {"select with a type", NULL, BODY(0, 0xd0, 0x6f, 0xd0, 0x6f, GET, 0, 0x1c, 1, 0x6f, 0xd1, END)},
    {"globals", NULL, BODY(0, I64, 1, 0x24, 1, 0x23, 0, END)},
    {"unaligned load", NULL, BODY(0, GET, 0, 0x28, 0, 0xff, 0xff, 0xff, 0xff, 0x0f, END)},
    {"ref.func", NULL, BODY(0, 0xd2, 0, 0xd1, END)},
    {"ref.func is of its type", NULL, BODY(1, 1, 0x64, 0, 0xd2, 0, 0x21, 1, GET, 0, END)},
    {"local set before it is read", NULL,
     BODY(1, 1, 0x64, 0x70, 0xd2, 0, 0x22, 1, DROP, GET, 1, 0xd1, END)},
    {"call_ref", NULL, BODY(0, GET, 0, 0xd0, 1, 0x14, 1, END)},
    {"call_ref in unreachable code", NULL, BODY(0, 0x00, 0xd4, 0x14, 1, END)},
    {"return_call_ref", NULL, BODY(0, GET, 0, 0xd0, 1, 0x15, 1, END)},
    {"return_call", NULL, BODY(0, GET, 0, 0x12, 1, END)},
    {"br_on_null", NULL, BODY(0, 0x02, 0x40, 0xd0, 0x70, 0xd5, 0, DROP, END, GET, 0, END)},
    {"br_on_non_null", NULL, BODY(0, 0x02, 0x64, 0x70, 0xd0, 0x70, 0xd6, 0, 0x00, END, 0xd1, END)},
    {"try_table", NULL, BODY(0, 0x1f, 0x40, 0, END, GET, 0, END)},
    {"catch_all", NULL, BODY(0, 0x02, 0x40, 0x1f, 0x40, 1, 2, 0, END, END, GET, 0, END)},
    {"catch_all_ref", NULL, BODY(0, 0x02, 0x69, 0x1f, 0x40, 1, 3, 0, END, 0x00, END, 0x0a, END)},
    {"a bottom type", NULL, BODY(1, 1, 0x63, 1, 0xd0, 0x73, 0x21, 1, GET, 0, END)},
    {"table.set", NULL, BODY(0, GET, 0, 0xd0, 0x6f, 0x26, 1, I32, 0, END)},
    {"memory.init", NULL, BODY(0, I32, 0, I32, 0, I32, 0, 0xfc, 8, 0, 0, I32, 0, END)},
    {"atomic add", NULL, BODY(0, GET, 0, GET, 0, 0xfe, 0x1e, 2, 0, END)},
    {"atomic.fence", NULL, BODY(0, 0xfe, 3, 0, GET, 0, END)},
    {"vector lane", NULL, BODY(0, GET, 0, 0xfd, 0x0f, 0xfd, 0x15, 15, END)},
};

static const struct row invalid[] = {
    {"local not set", "uninitialized local: local 1 of (ref func)",
     BODY(1, 1, 0x64, 0x70, GET, 1, 0xd1, END)},
    {"local set in a block that ended", "uninitialized local",
     BODY(1, 1, 0x64, 0x70, 0x02, 0x40, 0xd2, 0, 0x21, 1, END, GET, 1, 0xd1, END)},
    {"local set in the other branch", "uninitialized local",
     BODY(1, 1, 0x64, 0x70, GET, 0, 0x04, WA_I32, 0xd2, 0, 0x21, 1, I32, 0, 0x05, GET, 1, 0xd1, END,
          END)},
    {"null for a reference that is none", "local.set expects (ref func), found funcref",
     BODY(1, 1, 0x64, 0x70, 0xd0, 0x70, 0x21, 1, GET, 0, END)},
    {"another function type", "local.set expects", BODY(1, 1, 0x64, 1, 0xd2, 0, 0x21, 1, END)},
    {"unknown tag", "unknown tag 0: the module has 0", BODY(0, 0x08, 0, END)},
    {"clause with another label", "a catch clause and its label 0",
     BODY(0, 0x1f, 0x40, 1, 3, 0, END, GET, 0, END)},
    {"throw_ref of another type", "throw_ref expects exnref, found i32",
     BODY(0, GET, 0, 0x0a, END)},
    {"unknown heap type", "unknown type 9", BODY(0, 0xd0, 9, 0xd1, END)},
    {"unknown type of call_ref", "unknown type 9", BODY(0, 0x00, 0x14, 9, END)},
    {"type of call_ref that wraps", "unknown type 8388608",
     BODY(0, 0x00, 0x14, 0x80, 0x80, 0x80, 4, END)},
    {"reference in unreachable code", "end expects i32, found any reference",
     BODY(0, 0x00, 0xd4, END)},
    {"return_call of other results", "return_call of a function with other results",
     BODY(0, 0x12, 0, END)},
    {"nothing to return", "expects i32, but the stack is empty", BODY(0, END)},
    {"wrong result", "end expects i32, found i64", BODY(0, I64, 0, END)},
    {"too many results", "values remaining", BODY(0, GET, 0, GET, 0, END)},
    {"operand type", "i32.add expects i32, found i64", BODY(0, GET, 0, I64, 0, 0x6a, END)},
    {"operand missing", "i32.add expects i32, but", BODY(0, GET, 0, 0x6a, END)},
    {"operand of the outer block", "empty", BODY(0, GET, 0, 0x02, 0x40, DROP, END, END)},
    {"typed after unreachable", "expects i32, found i64", BODY(0, 0x00, I64, 0, 0x6a, END)},
    {"drop of nothing", "drop expects any type", BODY(0, DROP, GET, 0, END)},
    {"unknown local", "unknown local 1", BODY(0, GET, 1, END)},
    {"local.set type", "local.set expects i32, found i64", BODY(0, I64, 0, 0x21, 0, END)},
    {"local.tee type", "local.tee expects i32, found i64", BODY(0, I64, 0, 0x22, 0, END)},
    {"unknown global", "unknown global 2", BODY(0, 0x23, 2, END)},
    {"immutable global", "immutable global 0", BODY(0, I32, 0, 0x24, 0, END)},
    {"unknown label", "unknown label 1", BODY(0, 0x0c, 1, END)},
    {"br_table label", "unknown label 5", BODY(0, GET, 0, GET, 0, 0x0e, 1, 0, 5, END)},
    {"br_table arity", "br_table labels of 0 and 1",
     BODY(0, 0x02, 0x40, GET, 0, GET, 0, 0x0e, 1, 0, 1, END, END)},
    {"br without a value", "br expects i32", BODY(0, 0x0c, 0, END)},
    {"if without else", "if without else", BODY(0, GET, 0, 0x04, WA_I32, I32, 0, END, END)},
    {"branches differ", "expects i32, found i64",
     BODY(0, GET, 0, 0x04, WA_I32, I32, 0, 0x05, I64, 0, END, END)},
    {"unknown block type", "unknown type 4", BODY(0, 0x02, 4, END, END)},
    {"block parameter", "block expects i32", BODY(0, 0x02, 1, END, END)},
    {"unknown function", "unknown function 3", BODY(0, 0x10, 3, END)},
    {"call argument", "call expects i32, found i64", BODY(0, I64, 0, 0x10, 1, END)},
    {"call_indirect type", "unknown type 9", BODY(0, GET, 0, 0x11, 9, 0, END)},
    {"call_indirect table", "unknown table 2", BODY(0, GET, 0, 0x11, 1, 2, END)},
    {"call_indirect externref", "table of funcref", BODY(0, GET, 0, GET, 0, 0x11, 1, 1, END)},
    {"select types", "select expects i32, found i64", BODY(0, GET, 0, I64, 0, GET, 0, 0x1b, END)},
    {"select of references", "must carry its type",
     BODY(0, 0xd0, 0x6f, 0xd0, 0x6f, GET, 0, 0x1b, 0xd1, END)},
    {"select arity", "invalid result arity", BODY(0, GET, 0, 0x1c, 0, END)},
    {"alignment", "must not be larger than natural", BODY(0, GET, 0, 0x28, 3, 0, END)},
    {"offset", "offset out of range", BODY(0, GET, 0, 0x28, 2, 0x80, 0x80, 0x80, 0x80, 0x10, END)},
    {"atomic alignment", "must be natural", BODY(0, GET, 0, 0xfe, 0x10, 1, 0, END)},
    {"unknown memory", "unknown memory 1", BODY(0, 0x3f, 1, END)},
    {"undeclared function", "undeclared function reference 2", BODY(0, 0xd2, 2, 0xd1, END)},
    {"ref.is_null of a number", "expects a reference, found i32", BODY(0, GET, 0, 0xd1, END)},
    {"unknown table", "unknown table 2", BODY(0, GET, 0, 0x25, 2, END)},
    {"table.set type", "table.set expects funcref, found externref",
     BODY(0, GET, 0, 0xd0, 0x6f, 0x26, 0, GET, 0, END)},
    {"table.copy types", "table.copy to a table of funcref from externref",
     BODY(0, I32, 0, I32, 0, I32, 0, 0xfc, 14, 0, 1, GET, 0, END)},
    {"table.init types", "table.init of a table of externref from (ref func)",
     BODY(0, I32, 0, I32, 0, I32, 0, 0xfc, 12, 0, 1, GET, 0, END)},
    {"unknown elem", "unknown elem segment 1", BODY(0, 0xfc, 13, 1, GET, 0, END)},
    {"unknown data", "unknown data segment 1", BODY(0, 0xfc, 9, 1, GET, 0, END)},
    {"lane", "invalid lane index 16", BODY(0, GET, 0, 0xfd, 0x0f, 0xfd, 0x15, 16, END)},
    {"lane of a load", "invalid lane index 4",
     BODY(0, GET, 0, GET, 0, 0xfd, 0x11, 0xfd, 0x56, 2, 0, 4, DROP, GET, 0, END)},
};

static const struct row malformed[] = {
    {"no end", "unexpected end", BODY(0, GET, 0)},
    {"bytes after the end", "section size mismatch", BODY(0, GET, 0, END, 0x01)},
    {"else without if", "else without an if", BODY(0, GET, 0, 0x05, END)},
    {"too many locals", "too many locals",
     BODY(2, 0xff, 0xff, 0xff, 0xff, 0x0f, WA_I32, 1, WA_I32, GET, 0, END)},
    {"declarations", "length out of bounds", BODY(0xff, 0x7f, GET, 0, END)},
};

static bool try(const struct row *row, bool data_count, struct wa_error *err) {
  struct builder *builder = malloc(sizeof *builder);
  struct wa_module module;
  build(builder, row->body, row->size, data_count);
  bool ok = load(builder, &module, err);
  if (ok) {
    wa_module_deinit(&module);
  }
  free(builder);
  return ok;
}

START_TEST(valid_bodies) {
  struct wa_error err;
  ck_assert_msg(try(&valid[_i], true, &err), "%s: %s", valid[_i].name, err.message);
}
END_TEST

static void check_refused(const struct row *row, enum wa_error_kind kind) {
  struct wa_error err;
  ck_assert_msg(!try(row, true, &err), "%s was accepted", row->name);
  ck_assert_msg(err.kind == kind, "%s: another kind: %s", row->name, err.message);
  ck_assert_msg(strstr(err.message, row->message), "%s: %s", row->name, err.message);
  ck_assert_msg(strncmp(err.message, "function 1: ", 12) == 0, "%s: %s", row->name, err.message);
}

START_TEST(invalid_bodies) {
  check_refused(&invalid[_i], WA_ERROR_INVALID);
}
END_TEST

START_TEST(malformed_bodies) {
  check_refused(&malformed[_i], WA_ERROR_MALFORMED);
}
END_TEST

START_TEST(data_count_is_required) {
  static const struct row row = {"data.drop", NULL, BODY(0, 0xfc, 9, 0, GET, 0, END)};
  struct wa_error err;
  ck_assert(try(&row, true, &err));
  ck_assert(!try(&row, false, &err));
  ck_assert_int_eq(err.kind, WA_ERROR_MALFORMED);
  ck_assert(strstr(err.message, "data count section required"));
}
END_TEST

// The offset is that of the instruction, and the name comes from a section behind the code.
START_TEST(errors_name_the_place) {
  static const uint8_t body[] = {0, GET, 0, I64, 0, 0x6a, END};
  struct builder *builder = malloc(sizeof *builder);
  struct wa_module module;
  struct wa_error err;
  build(builder, body, sizeof body, true);
  size_t add = builder->size;
  while (builder->bytes[add] != 0x6a) {
    add--;
  }
  begin_section(builder, 0);
  put_name(builder, "name");
  put_bytes(builder, 1, 8, 1, 1, 5, 'm', 'a', '\n', 'i', 'n');
  end_sized(builder);
  ck_assert(!load(builder, &module, &err));
  ck_assert_str_eq(err.message,
                   "function 1 (\"ma?in\"): type mismatch: i32.add expects i32, found i64");
  ck_assert_uint_eq(err.offset, add);
  free(builder);
}
END_TEST

START_TEST(facts_for_lowering) {
  static const uint8_t body[] = {0,   GET, 0,   0x25, 0,    0xd1, DROP, 0xd2, 0,    DROP,
                                 GET, 0,   GET, 0,    0xfe, 0x1e, 2,    0,    0xc0, END};
  struct builder *builder = malloc(sizeof *builder);
  struct wa_module module;
  struct wa_error err;
  build(builder, body, sizeof body, true);
  ck_assert_msg(load(builder, &module, &err), "%s", err.message);
  ck_assert(module.tables[0].mutated);
  ck_assert(!module.tables[1].mutated);
  ck_assert(module.functions[0].address_taken && module.functions[0].ref_func);
  ck_assert(!module.functions[1].address_taken && !module.functions[2].address_taken);
  ck_assert(module.features & WA_FEATURE_THREADS);
  ck_assert(module.features & WA_FEATURE_SIGN_EXTENSION);
  ck_assert(!(module.features & WA_FEATURE_SIMD));
  ck_assert_uint_eq(module.functions[1].code_offset, module.functions[1].body_offset + 1);
  ck_assert_uint_eq(module.functions[1].end_offset, module.functions[1].body_offset + sizeof body);
  wa_module_deinit(&module);
  free(builder);
}
END_TEST

// ---- Limits ----

// A module of one function -> () with the body that `fill` writes.
static bool try_body(struct builder *builder, void (*fill)(struct builder *),
                     struct wa_error *err) {
  struct wa_module module;
  begin_module(builder);
  put_section(builder, 1, 1, 0x60, 0, 0);
  put_section(builder, 3, 1, 0);
  begin_section(builder, 10);
  put_u32(builder, 1);
  size_t section = builder->section;
  begin_sized(builder);
  fill(builder);
  end_sized(builder);
  builder->section = section;
  end_sized(builder);
  bool ok = load(builder, &module, err);
  if (ok) {
    wa_module_deinit(&module);
  }
  return ok;
}

static unsigned nesting;

static void fill_nested(struct builder *builder) {
  put_bytes(builder, 0);
  for (unsigned i = 0; i < nesting; i++) {
    put_bytes(builder, 0x02, 0x40);
  }
  for (unsigned i = 0; i <= nesting; i++) {
    put_bytes(builder, END);
  }
}

START_TEST(nesting_is_no_recursion) {
  struct builder *builder = malloc(sizeof *builder);
  struct wa_error err;
  nesting = 20000;
  ck_assert_msg(try_body(builder, fill_nested, &err), "%s", err.message);
  free(builder);
}
END_TEST

static void fill_locals(struct builder *builder) {
  put_bytes(builder, 1);
  put_u32(builder, nesting);
  put_bytes(builder, WA_I32, END);
}

START_TEST(local_limit) {
  struct builder *builder = malloc(sizeof *builder);
  struct wa_error err;
  nesting = WA_LIMIT_LOCALS;
  ck_assert_msg(try_body(builder, fill_locals, &err), "%s", err.message);
  nesting = WA_LIMIT_LOCALS + 1;
  ck_assert(!try_body(builder, fill_locals, &err));
  ck_assert_int_eq(err.kind, WA_ERROR_UNSUPPORTED);
  ck_assert(strstr(err.message, "50001 locals: the limit is 50000"));
  free(builder);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("validator");
  TCase *tests = tcase_create("bodies");
  tcase_add_loop_test(tests, valid_bodies, 0, (int)(sizeof valid / sizeof *valid));
  tcase_add_loop_test(tests, invalid_bodies, 0, (int)(sizeof invalid / sizeof *invalid));
  tcase_add_loop_test(tests, malformed_bodies, 0, (int)(sizeof malformed / sizeof *malformed));
  tcase_add_test(tests, data_count_is_required);
  tcase_add_test(tests, errors_name_the_place);
  tcase_add_test(tests, facts_for_lowering);
  tcase_add_test(tests, nesting_is_no_recursion);
  tcase_add_test(tests, local_limit);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
