#include "tests/unit/suite.h"
#include "wasi/guest_memory.h"

#include "wasi/witx.h"

#include <check.h>
#include <string.h>

static uint8_t bytes[256];
static const struct wa_guest guest = {bytes, sizeof bytes};
static const struct wa_guest none = {NULL, 0};

static void setup(void) {
  memset(bytes, 0, sizeof bytes);
}

START_TEST(ranges) {
  ck_assert_ptr_eq(wa_guest_at(&guest, 0, 0), bytes);
  ck_assert_ptr_eq(wa_guest_at(&guest, 0, 256), bytes);
  ck_assert_ptr_eq(wa_guest_at(&guest, 255, 1), bytes + 255);
  ck_assert_ptr_eq(wa_guest_at(&guest, 256, 0), bytes + 256);
  ck_assert_ptr_null(wa_guest_at(&guest, 257, 0));
  ck_assert_ptr_null(wa_guest_at(&guest, 255, 2));
  ck_assert_ptr_null(wa_guest_at(&guest, 0, 257));
  ck_assert_ptr_null(wa_guest_at(&guest, UINT32_MAX, 1));
  // Sums that would wrap at 32 and at 64 bits.
  ck_assert_ptr_null(wa_guest_at(&guest, 16, UINT32_MAX));
  ck_assert_ptr_null(wa_guest_at(&guest, 16, UINT64_MAX));
  ck_assert_ptr_null(wa_guest_at(&guest, 16, UINT64_MAX - 15));
  ck_assert_ptr_null(wa_guest_at(&none, 0, 0));
  ck_assert_ptr_null(wa_guest_at(&none, 0, 1));
}
END_TEST

START_TEST(copies) {
  uint64_t value = 0;
  ck_assert(wa_guest_write_u64(&guest, 248, 0x1122334455667788));
  ck_assert(!wa_guest_write_u64(&guest, 249, 0));
  ck_assert(wa_guest_read(&guest, 248, &value, 8));
  ck_assert_uint_eq(value, 0x1122334455667788);
  ck_assert(!wa_guest_read(&guest, 249, &value, 8));
  ck_assert(wa_guest_write_u32(&guest, 252, 1));
  ck_assert(!wa_guest_write_u32(&guest, 253, 1));
}
END_TEST

static void put_iovec(uint32_t at, uint32_t buffer, uint32_t length) {
  wa_set_field_u32(bytes + at, buffer);
  wa_set_field_u32(bytes + at + 4, length);
}

START_TEST(iovecs) {
  static struct iovec vectors[WA_GUEST_MAX_IOVECS];
  put_iovec(0, 100, 10);
  put_iovec(8, 0, 0);
  put_iovec(16, 246, 10);
  ck_assert_int_eq(wa_guest_iovecs(&guest, 0, 3, vectors), 2);
  ck_assert_ptr_eq(vectors[1].iov_base, bytes + 246);
  ck_assert_uint_eq(vectors[1].iov_len, 10);
  ck_assert_int_eq(wa_guest_iovecs(&guest, 0, 0, vectors), 0);
  put_iovec(16, 247, 10); // past the end
  ck_assert_int_eq(wa_guest_iovecs(&guest, 0, 3, vectors), -1);
  put_iovec(16, UINT32_MAX, UINT32_MAX);
  ck_assert_int_eq(wa_guest_iovecs(&guest, 0, 3, vectors), -1);
  // The array itself.
  ck_assert_int_eq(wa_guest_iovecs(&guest, 250, 1, vectors), -1);
  ck_assert_int_eq(wa_guest_iovecs(&guest, 0, UINT32_MAX, vectors), -1);
  ck_assert_int_eq(wa_guest_iovecs(&guest, 0, 0x20000000, vectors), -1);
}
END_TEST

START_TEST(many_iovecs) {
  static uint8_t large[2 * WA_GUEST_MAX_IOVECS * 8];
  static struct iovec vectors[WA_GUEST_MAX_IOVECS];
  const struct wa_guest big = {large, sizeof large};
  for (uint32_t i = 0; i < 2 * WA_GUEST_MAX_IOVECS; i++) {
    wa_set_field_u32(large + i * 8 + 4, 1);
  }
  ck_assert_int_eq(wa_guest_iovecs(&big, 0, 2 * WA_GUEST_MAX_IOVECS, vectors), WA_GUEST_MAX_IOVECS);
}
END_TEST

START_TEST(paths) {
  static uint8_t large[2 * PATH_MAX];
  const struct wa_guest big = {large, sizeof large};
  char path[PATH_MAX];
  memcpy(bytes + 10, "a/b", 4);
  ck_assert_int_eq(wa_guest_path(&guest, 10, 3, path), WASI_ESUCCESS);
  ck_assert_str_eq(path, "a/b");
  ck_assert_int_eq(wa_guest_path(&guest, 10, 0, path), WASI_ESUCCESS);
  ck_assert_str_eq(path, "");
  ck_assert_int_eq(wa_guest_path(&guest, 10, 4, path), WASI_EINVAL);
  ck_assert_int_eq(wa_guest_path(&guest, 250, 7, path), WASI_EFAULT);
  ck_assert_int_eq(wa_guest_path(&guest, 1, UINT32_MAX, path), WASI_EFAULT);
  memset(large, 'a', sizeof large);
  ck_assert_int_eq(wa_guest_path(&big, 0, PATH_MAX, path), WASI_ENAMETOOLONG);
  ck_assert_int_eq(wa_guest_path(&big, 0, PATH_MAX - 1, path), WASI_ESUCCESS);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("wasi_guest_memory");
  TCase *tcase = tcase_create("checks");
  tcase_add_checked_fixture(tcase, setup, NULL);
  tcase_add_test(tcase, ranges);
  tcase_add_test(tcase, copies);
  tcase_add_test(tcase, iovecs);
  tcase_add_test(tcase, many_iovecs);
  tcase_add_test(tcase, paths);
  suite_add_tcase(suite, tcase);
  return run_suite(suite);
}
