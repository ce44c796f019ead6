// The locals of a frame: right where the table is, and harmless where it is not.
#include "runtime/code/locals.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { FUNCTIONS = 2, PLACES = 6, STACK = 8, ROOM = 8, FUNCTION = 7, HERE = 100, SP = WA_DWARF_SP };

static struct {
  struct wa_locals header;
  struct wa_locals_function functions[FUNCTIONS];
  struct wa_locals_place places[PLACES];
} table;
static uint64_t stack[STACK];
static uintptr_t registers[WA_DWARF_REGISTERS];
static struct wa_locals_frame frame;
static struct wa_local_value values[ROOM + 1];

static struct wa_locals_place place(uint32_t local, enum wa_local_type type,
                                    enum wa_local_base base, bool in_memory, int64_t value) {
  return (struct wa_locals_place){.start = HERE,
                                  .end = HERE + 1,
                                  .local = local,
                                  .type = (uint8_t)type,
                                  .base = (uint8_t)base,
                                  .reg = SP,
                                  .in_memory = in_memory,
                                  .value = value};
}

static void set_up(void) {
  table.header = (struct wa_locals){FUNCTIONS, PLACES};
  table.functions[0] = (struct wa_locals_function){.function = 3};
  table.functions[1] = (struct wa_locals_function){
      .function = FUNCTION, .local_count = PLACES, .place_count = PLACES};
  table.places[0] = place(0, WA_LOCAL_I32, WA_BASE_NONE, false, -5);
  table.places[1] = place(1, WA_LOCAL_I64, WA_BASE_REGISTER, true, 8);
  table.places[2] = place(2, WA_LOCAL_F32, WA_BASE_FRAME, true, -12);
  table.places[3] = place(3, WA_LOCAL_I64, WA_BASE_REGISTER, false, 1);
  table.places[4] = place(4, WA_LOCAL_F64, WA_BASE_FRAME, true, -8);
  table.places[5] = place(4, WA_LOCAL_F64, WA_BASE_FRAME, true, -8);
  table.places[5].start = table.places[5].end; // nowhere
  table.places[5].local = 5;
  for (unsigned i = 0; i < STACK; i++) {
    stack[i] = UINT64_C(0x1111111100000000) * i + i;
  }
  registers[SP] = (uintptr_t)stack;
  frame = (struct wa_locals_frame){.registers = registers,
                                   .cfa = (uintptr_t)(stack + STACK),
                                   .innermost = true,
                                   .stack_low = (uintptr_t)stack,
                                   .stack_high = (uintptr_t)(stack + STACK)};
}

static uint32_t read_at(uint32_t function, uint32_t text_offset) {
  const struct wa_artifact artifact = {.locals = &table.header};
  memset(values, 0xee, sizeof values);
  uint32_t count = wa_locals_read(&artifact, function, text_offset, &frame, values, ROOM);
  ck_assert_uint_le(count, ROOM);
  ck_assert_uint_eq(values[ROOM].type, 0xee);
  return count;
}

static void expect(uint32_t local, enum wa_local_type type, uint64_t bits) {
  ck_assert_uint_eq(values[local].type, type);
  if (type != WA_LOCAL_UNKNOWN) {
    ck_assert_uint_eq(values[local].bits, bits);
  }
}

START_TEST(places_are_read) {
  ck_assert_uint_eq(read_at(FUNCTION, HERE), PLACES);
  expect(0, WA_LOCAL_I32, 0xfffffffb);
  expect(1, WA_LOCAL_I64, stack[1]);
  expect(2, WA_LOCAL_F32, stack[STACK - 2] >> 32);
  expect(3, WA_LOCAL_I64, (uintptr_t)stack + 1);
  expect(4, WA_LOCAL_F64, stack[STACK - 1]);
  expect(5, WA_LOCAL_UNKNOWN, 0);
  ck_assert_uint_eq(read_at(FUNCTION, HERE + 1), PLACES);
  expect(0, WA_LOCAL_UNKNOWN, 0);
  ck_assert_uint_eq(read_at(FUNCTION + 1, HERE), 0);
  ck_assert_uint_eq(read_at(3, HERE), 0);
}
END_TEST

START_TEST(callers_have_what_calls_preserve) {
  frame.innermost = false;
  table.places[1].preserved = 1;
  ck_assert_uint_eq(read_at(FUNCTION, HERE), PLACES);
  expect(1, WA_LOCAL_I64, stack[1]);
  expect(3, WA_LOCAL_UNKNOWN, 0);
  frame.cfa = 0;
  (void)read_at(FUNCTION, HERE);
  expect(2, WA_LOCAL_UNKNOWN, 0);
}
END_TEST

START_TEST(nothing_is_read_beside_the_stack) {
  static const int64_t beside[] = {-1, -8, 8 * STACK - 7, 8 * STACK, INT64_MAX, INT64_MIN};
  for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
    table.places[1].value = beside[i];
    (void)read_at(FUNCTION, HERE);
    expect(1, WA_LOCAL_UNKNOWN, 0);
  }
  table.places[1].value = 8 * STACK - 8;
  (void)read_at(FUNCTION, HERE);
  expect(1, WA_LOCAL_I64, stack[STACK - 1]);
  table.places[1].reg = UINT8_MAX;
  (void)read_at(FUNCTION, HERE);
  expect(1, WA_LOCAL_UNKNOWN, 0);
}
END_TEST

START_TEST(rows_beyond_the_table_are_not_looked_at) {
  table.functions[1].local_count = ROOM + 1;
  ck_assert_uint_eq(read_at(FUNCTION, HERE), 0);
  table.functions[1].local_count = 2; // the others are of locals that it has not
  ck_assert_uint_eq(read_at(FUNCTION, HERE), 2);
  ck_assert_uint_eq(values[2].type, 0xee);
  table.functions[1].first_place = 1;
  ck_assert_uint_eq(read_at(FUNCTION, HERE), 0);
  table.functions[1].first_place = UINT32_MAX;
  ck_assert_uint_eq(read_at(FUNCTION, HERE), 0);
}
END_TEST

START_TEST(a_section_that_is_cut_short_is_told) {
  ck_assert(wa_locals_check(&table.header, sizeof table));
  ck_assert(!wa_locals_check(&table.header, sizeof table - 1));
  ck_assert(!wa_locals_check(&table.header, sizeof table.header - 1));
  table.header.place_count = UINT32_MAX;
  table.header.function_count = UINT32_MAX;
  ck_assert(!wa_locals_check(&table.header, sizeof table));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("locals");
  TCase *tests = tcase_create("locals");
  tcase_add_checked_fixture(tests, set_up, NULL);
  tcase_add_test(tests, places_are_read);
  tcase_add_test(tests, callers_have_what_calls_preserve);
  tcase_add_test(tests, nothing_is_read_beside_the_stack);
  tcase_add_test(tests, rows_beyond_the_table_are_not_looked_at);
  tcase_add_test(tests, a_section_that_is_cut_short_is_told);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
