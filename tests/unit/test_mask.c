// With masked indexes (lower/mask.c) everything inside is found and everything outside traps or
// takes the default as without; and the code that a processor runs ahead with has the masks.
#include "compiler/compile.h"
#include "runtime/runtime.h"
#include "tests/unit/guest_modules.h"
#include "tests/unit/module_builder.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { I32 = 0x7f, FUNCREF = 0x70, ENTRIES = 3, LABELS = 4 };

// Table 0 can change, table 1 cannot; both hold functions 0 to 2, which return 10 to 12. Exported:
//   a  call_indirect table 0     b  call_indirect table 1
//   c  table.get, ref.is_null    d  table.set to what is there
//   e  br_table of 4 labels and a default, which return 0 to 4
static void build(struct builder *b) {
  begin_module(b);
  put_section(b, 1, 2, 0x60, 0, 1, I32, 0x60, 1, I32, 1, I32);
  put_section(b, 3, 8, 0, 0, 0, 1, 1, 1, 1, 1);
  put_section(b, 4, 2, FUNCREF, 0, ENTRIES, FUNCREF, 0, ENTRIES);
  put_section(b, 7, 5, 1, 'a', 0, 3, 1, 'b', 0, 4, 1, 'c', 0, 5, 1, 'd', 0, 6, 1, 'e', 0, 7);
  put_section(b, 9, 2, 0, 0x41, 0, 0x0b, 3, 0, 1, 2, 2, 1, 0x41, 0, 0x0b, 0, 3, 0, 1, 2);
  begin_section(b, 10);
  put_bytes(b, 8);
  put_bytes(b, 4, 0, 0x41, 10, 0x0b, 4, 0, 0x41, 11, 0x0b, 4, 0, 0x41, 12, 0x0b);
  put_bytes(b, 7, 0, 0x20, 0, 0x11, 0, 0, 0x0b);
  put_bytes(b, 7, 0, 0x20, 0, 0x11, 0, 1, 0x0b);
  put_bytes(b, 7, 0, 0x20, 0, 0x25, 0, 0xd1, 0x0b);
  put_bytes(b, 12, 0, 0x20, 0, 0x20, 0, 0x25, 0, 0x26, 0, 0x41, 0, 0x0b);
  put_bytes(b, 40, 0, 0x02, 0x40, 0x02, 0x40, 0x02, 0x40, 0x02, 0x40, 0x02, 0x40);
  put_bytes(b, 0x20, 0, 0x0e, LABELS, 0, 1, 2, 3, 4, 0x0b, 0x41, 0, 0x0f, 0x0b, 0x41, 1, 0x0f);
  put_bytes(b, 0x0b, 0x41, 2, 0x0f, 0x0b, 0x41, 3, 0x0f, 0x0b, 0x41, 4, 0x0b);
  end_sized(b);
}

static struct wa_compile_options options_at(int level) {
  struct wa_compile_options options;
  wa_compile_options_init(&options);
  options.opt_level = level;
  options.jobs = 1;
  options.verify = true;
  options.mask_indexes = true;
  return options;
}

static void call(struct wa_instance *instance, const char *name, uint32_t index, uint32_t expected,
                 enum wa_trap_code code) {
  struct wa_extern function;
  struct wa_trap trap;
  union wa_cell cell = {.u32 = index};
  ck_assert(wa_instance_export(instance, name, 1, &function));
  bool returned = wa_func_call(function.func, &cell, &trap);
  ck_assert_msg(returned == (code == 0), "%s(%u) %s", name, index,
                returned ? "returned" : "trapped");
  if (returned) {
    ck_assert_msg(cell.u32 == expected, "%s(%u) is %u", name, index, cell.u32);
  } else {
    ck_assert_int_eq(trap.code, code);
  }
}

START_TEST(behaves_as_without) {
  static const uint32_t indexes[] = {0, 1, 2, 3, 4, 5, 6, 0x7fffffff, 0x80000000, 0xffffffff};
  static struct builder b;
  build(&b);
  struct wa_compile_options options = options_at(_i);
  struct guest guest = start_object(compile_guest_with(b.bytes, b.size, &options));
  for (size_t i = 0; i < sizeof indexes / sizeof *indexes; i++) {
    uint32_t index = indexes[i];
    bool outside = index >= ENTRIES;
    enum wa_trap_code undefined = outside ? WA_TRAP_UNDEFINED_ELEMENT : 0;
    enum wa_trap_code bounds = outside ? WA_TRAP_TABLE_OUT_OF_BOUNDS : 0;
    call(guest.instance, "a", index, 10 + index, undefined);
    call(guest.instance, "b", index, 10 + index, undefined);
    call(guest.instance, "c", index, 0, bounds);
    call(guest.instance, "d", index, 0, bounds);
    call(guest.instance, "e", index, index < LABELS ? index : LABELS, 0);
  }
  stop_guest(&guest);
}
END_TEST

static unsigned count_of(const struct wa_buffer *text, const char *word) {
  unsigned count = 0;
  size_t size = strlen(word);
  for (size_t i = 0; i + size <= text->size; i++) {
    count += memcmp(text->data + i, word, size) == 0;
  }
  return count;
}

// Types: 0 can have subtypes, 1 is one, 2 is equal but for that. Table 0 can change, as it is
// exported, table 1 cannot; both hold functions 0 to 2, each of the type of its number, which
// return 10 to 12. Exported:
//   a  call_indirect type 0 table 0     b  call_indirect type 0 table 1
//   c  call_indirect type 1 table 0     d  call_indirect type 1 table 1
static void build_types(struct builder *b) {
  begin_module(b);
  put_section(b, 1, 4, 0x50, 0, 0x60, 0, 1, I32, 0x4f, 1, 0, 0x60, 0, 1, I32, 0x60, 0, 1, I32, 0x60,
              1, I32, 1, I32);
  put_section(b, 3, 7, 0, 1, 2, 3, 3, 3, 3);
  put_section(b, 4, 2, FUNCREF, 0, ENTRIES, FUNCREF, 0, ENTRIES);
  put_section(b, 7, 5, 1, 'a', 0, 3, 1, 'b', 0, 4, 1, 'c', 0, 5, 1, 'd', 0, 6, 1, 't', 1, 0);
  put_section(b, 9, 2, 0, 0x41, 0, 0x0b, 3, 0, 1, 2, 2, 1, 0x41, 0, 0x0b, 0, 3, 0, 1, 2);
  begin_section(b, 10);
  put_bytes(b, 7);
  put_bytes(b, 4, 0, 0x41, 10, 0x0b, 4, 0, 0x41, 11, 0x0b, 4, 0, 0x41, 12, 0x0b);
  put_bytes(b, 7, 0, 0x20, 0, 0x11, 0, 0, 0x0b, 7, 0, 0x20, 0, 0x11, 0, 1, 0x0b);
  put_bytes(b, 7, 0, 0x20, 0, 0x11, 1, 0, 0x0b, 7, 0, 0x20, 0, 0x11, 1, 1, 0x0b);
  end_sized(b);
}

START_TEST(types_are_as_without) {
  static const uint32_t indexes[] = {0, 1, 2, 3, 0xffffffff};
  static struct builder b;
  build_types(&b);
  struct wa_compile_options options = options_at(_i);
  struct guest guest = start_object(compile_guest_with(b.bytes, b.size, &options));
  for (size_t i = 0; i < sizeof indexes / sizeof *indexes; i++) {
    uint32_t index = indexes[i];
    enum wa_trap_code other =
        index < ENTRIES ? WA_TRAP_INDIRECT_CALL_TYPE : WA_TRAP_UNDEFINED_ELEMENT;
    call(guest.instance, "a", index, 10 + index, index < 2 ? 0 : other);
    call(guest.instance, "b", index, 10 + index, index < 2 ? 0 : other);
    call(guest.instance, "c", index, 10 + index, index == 1 ? 0 : other);
    call(guest.instance, "d", index, 10 + index, index == 1 ? 0 : other);
  }
  stop_guest(&guest);
}
END_TEST

// How many values the optimiser is kept from knowing, and addresses made of numbers, there are.
static void expect_masks(const struct builder *b, int level, unsigned hidden, unsigned addresses) {
  struct wa_module module;
  struct wa_buffer with = {0}, without = {0};
  struct wa_error err;
  ck_assert(load(b, &module, &err));
  struct wa_compile_options options = options_at(level);
  options.emit = WA_EMIT_IR;
  ck_assert(wa_compile(&module, &options, &with, &err));
  options.mask_indexes = false;
  ck_assert(wa_compile(&module, &options, &without, &err));
  ck_assert_uint_eq(count_of(&with, "asm \"\", \"=r,0\""), hidden);
  ck_assert_uint_eq(count_of(&with, " = inttoptr i64"), addresses);
  ck_assert_uint_eq(count_of(&without, "asm \"\", \"=r,0\""), 0);
  wa_buffer_free(&with);
  wa_buffer_free(&without);
  wa_module_deinit(&module);
}

// The optimiser took none of them away: two for each of five accesses and the br_table, one for
// each type that is compared, and one more where it may be a subtype.
START_TEST(masks_stay) {
  static struct builder b;
  build(&b);
  expect_masks(&b, _i, 14, 2);
  build_types(&b);
  expect_masks(&b, _i, 14, 4);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("mask");
  TCase *tests = tcase_create("mask");
  tcase_add_loop_test(tests, behaves_as_without, 0, 4);
  tcase_add_loop_test(tests, types_are_as_without, 0, 4);
  tcase_add_loop_test(tests, masks_stay, 0, 4);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
