#include "loader/reloc.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <elf.h>
#include <stdlib.h>

struct row {
  const struct wa_reloc_target *target;
  uint32_t type;
  uint64_t S, A, P;
  uint64_t value;
  uint32_t width;
  bool fits;
};

static const struct row rows[] = {
    {&wa_reloc_x86_64, R_X86_64_NONE, 1, 2, 3, 0, 0, true},
    {&wa_reloc_x86_64, R_X86_64_64, 0x123456789abcull, 0x10, 0, 0x123456789accull, 8, true},
    {&wa_reloc_x86_64, R_X86_64_64, 0x1000, (uint64_t)-1, 0, 0xfff, 8, true},
    {&wa_reloc_x86_64, R_X86_64_PC64, 0x1000, 4, 0x2000, (uint64_t)-0xffc, 8, true},
    {&wa_reloc_x86_64, R_X86_64_PC32, 0x2000, (uint64_t)-4, 0x1000, 0xffc, 4, true},
    {&wa_reloc_x86_64, R_X86_64_PLT32, 0x1000, (uint64_t)-4, 0x2000, (uint64_t)-0x1004, 4, true},
    {&wa_reloc_x86_64, R_X86_64_PC32, 0x80000000, 0, 1, 0x7fffffff, 4, true},
    {&wa_reloc_x86_64, R_X86_64_PC32, 0x80000000, 0, 0, 0x80000000, 4, false},
    {&wa_reloc_x86_64, R_X86_64_PC32, 0, 0, 0x80000000, (uint64_t)-0x80000000ll, 4, true},
    {&wa_reloc_x86_64, R_X86_64_PC32, 0, 0, 0x80000001, (uint64_t)-0x80000001ll, 4, false},
    {&wa_reloc_x86_64, R_X86_64_32, 0xfffffff0, 0xf, 0, 0xffffffff, 4, true},
    {&wa_reloc_x86_64, R_X86_64_32, 0xfffffff0, 0x10, 0, 0x100000000, 4, false},
    {&wa_reloc_x86_64, R_X86_64_32S, 0, (uint64_t)-1, 0, (uint64_t)-1, 4, true},
    {&wa_reloc_x86_64, R_X86_64_32S, 0x80000000, 0, 0, 0x80000000, 4, false},
    {&wa_reloc_aarch64, R_AARCH64_ABS64, 0x1000, 8, 0, 0x1008, 8, true},
    {&wa_reloc_aarch64, R_AARCH64_PREL32, 0x1000, 0, 0x1010, (uint64_t)-0x10, 4, true},
    {&wa_reloc_aarch64, R_AARCH64_PREL32, 0x100001000, 0, 0, 0x100001000, 4, false},
    {&wa_reloc_aarch64, R_AARCH64_PREL64, 0x100001000, 0, 0, 0x100001000, 8, true},
    {&wa_reloc_riscv, R_RISCV_64, 0x1000, 8, 0, 0x1008, 8, true},
    {&wa_reloc_riscv, 57, 0x1000, 0, 0x1010, (uint64_t)-0x10, 4, true},
};

START_TEST(arithmetic) {
  const struct row *row = &rows[_i];
  struct wa_reloc_value value;
  ck_assert(row->target->compute(row->type, row->S, row->A, row->P, &value));
  ck_assert_uint_eq(value.value, row->value);
  ck_assert_uint_eq(value.width, row->width);
  ck_assert_int_eq(wa_reloc_fits(&value), row->fits);
}
END_TEST

START_TEST(unknown_types_are_refused) {
  struct wa_reloc_value value;
  ck_assert(!wa_reloc_x86_64.compute(R_X86_64_GOTPCREL, 0, 0, 0, &value));
  ck_assert(!wa_reloc_x86_64.compute(R_X86_64_TPOFF64, 0, 0, 0, &value));
  ck_assert(!wa_reloc_x86_64.compute(UINT32_MAX, 0, 0, 0, &value));
  ck_assert(!wa_reloc_aarch64.compute(R_AARCH64_CALL26, 0, 0, 0, &value));
  ck_assert(!wa_reloc_riscv.compute(R_RISCV_CALL, 0, 0, 0, &value));
  ck_assert_str_eq(wa_reloc_x86_64.type_name(R_X86_64_GOTPCREL), "R_X86_64_GOTPCREL");
  ck_assert_str_eq(wa_reloc_x86_64.type_name(R_X86_64_REX_GOTPCRELX), "R_X86_64_REX_GOTPCRELX");
  ck_assert_ptr_null(wa_reloc_x86_64.type_name(12345));
}
END_TEST

START_TEST(targets_by_machine) {
  ck_assert_ptr_eq(wa_reloc_target(EM_X86_64), &wa_reloc_x86_64);
  ck_assert_ptr_eq(wa_reloc_target(EM_AARCH64), &wa_reloc_aarch64);
  ck_assert_ptr_eq(wa_reloc_target(EM_RISCV), &wa_reloc_riscv);
  ck_assert_ptr_null(wa_reloc_target(EM_386));
}
END_TEST

START_TEST(support_symbols) {
  ck_assert_uint_ne(wa_support_symbol("memcpy"), 0);
  ck_assert_uint_ne(wa_support_symbol("roundevenf"), 0);
  ck_assert_uint_eq(wa_support_symbol("system"), 0);
  ck_assert_uint_eq(wa_support_symbol(""), 0);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("reloc");
  TCase *tests = tcase_create("reloc");
  tcase_add_loop_test(tests, arithmetic, 0, (int)(sizeof rows / sizeof rows[0]));
  tcase_add_test(tests, unknown_types_are_refused);
  tcase_add_test(tests, targets_by_machine);
  tcase_add_test(tests, support_symbols);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
