// Types have trampolines where a call can come from the host, or go there, and nowhere else; host
// functions that are called as values find theirs.
#include "runtime/runtime.h"
#include "tests/unit/guest_modules.h"
#include "tests/unit/module_builder.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <string.h>

enum { I32 = 0x7f, I64 = 0x7e, F32 = 0x7d, F64 = 0x7c, FUNCREF = 0x70 };

static const struct {
  const char *what;
  bool entry, exit;
} expected[] = {
    {"nothing", false, false},
    {"an exported function", true, false},
    {"a function that is called directly", false, false},
    {"a call through a table", false, true},
    {"a call by reference", false, true},
    {"a tail call through a table", false, true},
    {"a tail call by reference", false, true},
    {"the start function", true, false},
    {"nothing, but it has a subtype", false, false},
    {"nothing, but it is a subtype", false, true},
    {"a function under ref.func", true, false},
    {"nothing, but it equals one that is called through a table", false, true},
    {"an imported function", false, true},
};
enum { TYPES = sizeof expected / sizeof *expected };

// Function 0 is imported, if at all; the next is exported as "f" and gives what the function in the
// table "t" makes of its parameter, twice.
static void build(struct builder *b, bool import) {
  uint8_t f = import ? 1 : 0;
  begin_module(b);
  begin_section(b, 1);
  put_bytes(b, TYPES, 0x60, 3, I32, I32, I32, 0, 0x60, 1, I32, 1, I32, 0x60, 1, F32, 1, F32);
  put_bytes(b, 0x60, 2, I32, I32, 1, I32, 0x60, 2, I64, I64, 1, I64, 0x60, 1, F64, 1, I32);
  put_bytes(b, 0x60, 1, I64, 1, I32, 0x60, 0, 0, 0x50, 0, 0x60, 0, 1, I64);
  put_bytes(b, 0x4f, 1, 8, 0x60, 0, 1, I64, 0x60, 0, 1, F64, 0x60, 2, I32, I32, 1, I32);
  put_bytes(b, 0x60, 4, I32, I32, I32, I32, 0);
  end_sized(b);
  if (import) {
    put_section(b, 2, 1, 1, 'm', 1, 'i', 0, 12);
  }
  put_section(b, 3, 5, 1, 1, 2, 7, 10);
  put_section(b, 4, 1, FUNCREF, 0, 1);
  put_section(b, 7, 2, 1, 'f', 0, f, 1, 't', 1, 0);
  put_section(b, 8, (uint8_t)(f + 3));
  put_section(b, 9, 1, 3, 0, 1, (uint8_t)(f + 4));
  begin_section(b, 10);
  put_bytes(b, 5, 11, 0, 0x20, 0, 0x20, 0, 0x41, 0, 0x11, 3, 0, 0x0b);
  // What follows `unreachable` is never run: calls as the table says, by type or function.
  put_bytes(b, 22, 0, 0x00, 0x14, 4, 0x00, 0x13, 5, 0, 0x00, 0x15, 6, 0x00);
  put_bytes(b, 0xd2, (uint8_t)(f + 4), 0x00, 0x10, (uint8_t)(f + 2), 0x00, 0x10, 0, 0x00, 0x0b);
  put_bytes(b, 4, 0, 0x20, 0, 0x0b, 2, 0, 0x0b, 11, 0, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b);
  end_sized(b);
}

static struct object compile(const struct builder *b, int level) {
  return compile_guest(b->bytes, b->size, level);
}

START_TEST(only_where_they_are_used) {
  static struct builder b;
  build(&b, true);
  struct object object = compile(&b, _i);
  struct wa_artifact *artifact = load_guest(&object);
  ck_assert_uint_eq(artifact->meta->types.count, TYPES);
  for (uint32_t i = 0; i < TYPES; i++) {
    const struct wa_meta_type *type = WA_META_ROW(artifact->meta, types, struct wa_meta_type, i);
    ck_assert_msg((type->entry != WA_NONE) == expected[i].entry, "entry of type %u, used by %s", i,
                  expected[i].what);
    ck_assert_msg((type->exit != WA_NONE) == expected[i].exit, "exit of type %u, used by %s", i,
                  expected[i].what);
  }
  wa_artifact_release(artifact);
  free(object.bytes);
}
END_TEST

static bool sum(const struct wa_host_call *call, union wa_cell *cells) {
  (void)call;
  cells[0].i32 += cells[1].i32;
  return true;
}

START_TEST(host_functions_as_values) {
  static struct builder b;
  build(&b, false);
  struct guest guest = start_object(compile(&b, _i));
  uint32_t params[] = {WA_I32, WA_I32}, results[] = {WA_I32};
  struct wa_error err;
  struct wa_func_ref *host =
      wa_host_func_new(guest.store, wa_type_intern(params, 2, results, 1), sum, NULL, &err);
  struct wa_extern table, f;
  ck_assert(wa_instance_export(guest.instance, "t", 1, &table));
  ck_assert(wa_instance_export(guest.instance, "f", 1, &f));
  wa_table_set(table.table, 0, host);
  union wa_cell cells[2] = {{.i32 = 21}};
  struct wa_trap trap;
  ck_assert_msg(wa_func_call(f.func, cells, &trap), "%s", trap.message);
  ck_assert_int_eq(cells[0].i32, 42);
  stop_guest(&guest);
}
END_TEST

// More types than a partition has the trampolines of: each function is entered by its own.
START_TEST(many_types) {
  enum { MANY = 1200 };
  static struct builder b;
  begin_module(&b);
  begin_section(&b, 1);
  put_u32(&b, MANY);
  for (uint32_t i = 0; i < MANY; i++) { // (i32, then 12 that differ) -> i32
    put_bytes(&b, 0x60, 13, I32);
    for (uint32_t bit = 0; bit < 12; bit++) {
      put_bytes(&b, i >> bit & 1 ? I64 : I32);
    }
    put_bytes(&b, 1, I32);
  }
  end_sized(&b);
  begin_section(&b, 3);
  put_u32(&b, MANY);
  for (uint32_t i = 0; i < MANY; i++) {
    put_u32(&b, i);
  }
  end_sized(&b);
  put_section(&b, 4, 1, FUNCREF, 1, 0xb0, 0x09, 0xb0, 0x09);
  put_section(&b, 7, 1, 1, 't', 1, 0);
  begin_section(&b, 9);
  put_bytes(&b, 1, 0, 0x41, 0, 0x0b);
  put_u32(&b, MANY);
  for (uint32_t i = 0; i < MANY; i++) {
    put_u32(&b, i);
  }
  end_sized(&b);
  begin_section(&b, 10);
  put_u32(&b, MANY);
  for (uint32_t i = 0; i < MANY; i++) { // the last parameter as an i32
    put_bytes(&b, i >> 11 & 1 ? 5 : 4, 0, 0x20, 12);
    if (i >> 11 & 1) {
      put_bytes(&b, 0xa7);
    }
    put_bytes(&b, 0x0b);
  }
  end_sized(&b);
  struct guest guest = start_object(compile(&b, 1));
  struct wa_extern table;
  ck_assert(wa_instance_export(guest.instance, "t", 1, &table));
  for (uint32_t i = 0; i < MANY; i += 37) {
    union wa_cell cells[13] = {0};
    cells[12].i64 = i;
    struct wa_trap trap;
    ck_assert(wa_func_call(wa_table_get(table.table, i), cells, &trap));
    ck_assert_int_eq(cells[0].i32, (int32_t)i);
  }
  stop_guest(&guest);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("trampolines");
  TCase *tests = tcase_create("trampolines");
  tcase_set_timeout(tests, 60);
  tcase_add_loop_test(tests, only_where_they_are_used, 0, 4);
  tcase_add_loop_test(tests, host_functions_as_values, 0, 4);
  tcase_add_test(tests, many_types);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
