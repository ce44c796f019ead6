#include "compiler/wasm/leb128.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <stdlib.h>

struct row {
  uint8_t bytes[12];
  size_t size;
  unsigned bits;
  enum wa_leb128 status;
  int64_t value;
};

static const struct row unsigned_rows[] = {
    {{0x00}, 1, 32, WA_LEB128_OK, 0},
    {{0x7f}, 1, 32, WA_LEB128_OK, 127},
    {{0x80, 0x01}, 2, 32, WA_LEB128_OK, 128},
    {{0xe5, 0x8e, 0x26}, 3, 32, WA_LEB128_OK, 624485},
    {{0xff, 0xff, 0xff, 0xff, 0x0f}, 5, 32, WA_LEB128_OK, UINT32_MAX},
    {{0x80, 0x80, 0x80, 0x80, 0x00}, 5, 32, WA_LEB128_OK, 0},
    {{0xff, 0xff, 0xff, 0xff, 0x1f}, 5, 32, WA_LEB128_TOO_LARGE, 0},
    {{0x80, 0x80, 0x80, 0x80, 0x10}, 5, 32, WA_LEB128_TOO_LARGE, 0},
    {{0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, 6, 32, WA_LEB128_TOO_LONG, 0},
    {{0}, 0, 32, WA_LEB128_TRUNCATED, 0},
    {{0x80}, 1, 32, WA_LEB128_TRUNCATED, 0},
    {{0x01}, 1, 1, WA_LEB128_OK, 1},
    {{0x02}, 1, 1, WA_LEB128_TOO_LARGE, 0},
    {{0x7f}, 1, 7, WA_LEB128_OK, 127},
    {{0xff, 0x01}, 2, 8, WA_LEB128_OK, 255},
    {{0xff, 0x02}, 2, 8, WA_LEB128_TOO_LARGE, 0},
    {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, 10, 64, WA_LEB128_OK, -1},
    {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x03}, 10, 64, WA_LEB128_TOO_LARGE, 0},
    {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00},
     11,
     64,
     WA_LEB128_TOO_LONG,
     0},
};

static const struct row signed_rows[] = {
    {{0x00}, 1, 32, WA_LEB128_OK, 0},
    {{0x7f}, 1, 32, WA_LEB128_OK, -1},
    {{0x3f}, 1, 32, WA_LEB128_OK, 63},
    {{0x40}, 1, 32, WA_LEB128_OK, -64},
    {{0x80, 0x7f}, 2, 32, WA_LEB128_OK, -128},
    {{0xff, 0x00}, 2, 32, WA_LEB128_OK, 127},
    {{0xff, 0xff, 0xff, 0xff, 0x07}, 5, 32, WA_LEB128_OK, INT32_MAX},
    {{0x80, 0x80, 0x80, 0x80, 0x78}, 5, 32, WA_LEB128_OK, INT32_MIN},
    {{0xff, 0xff, 0xff, 0xff, 0x7f}, 5, 32, WA_LEB128_OK, -1},
    {{0xff, 0xff, 0xff, 0xff, 0x0f}, 5, 32, WA_LEB128_TOO_LARGE, 0},
    {{0x80, 0x80, 0x80, 0x80, 0x70}, 5, 32, WA_LEB128_TOO_LARGE, 0},
    {{0x80, 0x80, 0x80, 0x80, 0x08}, 5, 32, WA_LEB128_TOO_LARGE, 0},
    {{0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, 6, 32, WA_LEB128_TOO_LONG, 0},
    {{0xff, 0xff, 0xff, 0xff, 0x0f}, 5, 33, WA_LEB128_OK, UINT32_MAX},
    {{0x80, 0x80, 0x80, 0x80, 0x70}, 5, 33, WA_LEB128_OK, -4294967296},
    {{0xff, 0xff, 0xff, 0xff, 0x1f}, 5, 33, WA_LEB128_TOO_LARGE, 0},
    {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00}, 10, 64, WA_LEB128_OK, INT64_MAX},
    {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f}, 10, 64, WA_LEB128_OK, INT64_MIN},
    {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}, 10, 64, WA_LEB128_TOO_LARGE, 0},
    {{0xff}, 1, 64, WA_LEB128_TRUNCATED, 0},
};

enum { UNTOUCHED = 4711 };

// A failure leaves position and value as they were; success reads exactly the number.
static void check_row(const struct row *row, size_t index, enum wa_leb128 status, size_t position,
                      int64_t value) {
  ck_assert_msg(status == row->status, "row %zu: status %d, expected %d", index, (int)status,
                (int)row->status);
  ck_assert_msg(position == (status == WA_LEB128_OK ? row->size : 0), "row %zu: position %zu",
                index, position);
  ck_assert_msg(value == (status == WA_LEB128_OK ? row->value : UNTOUCHED), "row %zu: value %lld",
                index, (long long)value);
}

START_TEST(unsigned_numbers) {
  const struct row *row = &unsigned_rows[_i];
  size_t position = 0;
  uint64_t value = UNTOUCHED;
  enum wa_leb128 status = wa_leb128_unsigned(row->bytes, row->size, &position, row->bits, &value);
  check_row(row, (size_t)_i, status, position, (int64_t)value);
}
END_TEST

START_TEST(signed_numbers) {
  const struct row *row = &signed_rows[_i];
  size_t position = 0;
  int64_t value = UNTOUCHED;
  enum wa_leb128 status = wa_leb128_signed(row->bytes, row->size, &position, row->bits, &value);
  check_row(row, (size_t)_i, status, position, value);
}
END_TEST

START_TEST(starts_where_told) {
  static const uint8_t bytes[] = {0xff, 0xff, 0x05, 0x85, 0x01, 0x80};
  size_t position = 2;
  uint64_t value;
  ck_assert_int_eq(wa_leb128_unsigned(bytes, sizeof bytes, &position, 32, &value), WA_LEB128_OK);
  ck_assert_uint_eq(value, 5);
  ck_assert_int_eq(wa_leb128_unsigned(bytes, sizeof bytes, &position, 32, &value), WA_LEB128_OK);
  ck_assert_uint_eq(value, 133);
  ck_assert_uint_eq(position, 5);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("leb128");
  TCase *tests = tcase_create("numbers");
  tcase_add_loop_test(tests, unsigned_numbers, 0,
                      (int)(sizeof unsigned_rows / sizeof *unsigned_rows));
  tcase_add_loop_test(tests, signed_numbers, 0, (int)(sizeof signed_rows / sizeof *signed_rows));
  tcase_add_test(tests, starts_where_told);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
