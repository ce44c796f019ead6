#include "compiler/base/sha256.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void is(const void *bytes, size_t size, const char *expected) {
  uint8_t digest[WA_SHA256_SIZE];
  char text[2 * WA_SHA256_SIZE + 1];
  wa_sha256(bytes, size, digest);
  for (size_t i = 0; i < sizeof digest; i++) {
    (void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
  }
  ck_assert_str_eq(text, expected);
  wa_sha256_portable(bytes, size, digest);
  for (size_t i = 0; i < sizeof digest; i++) {
    (void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
  }
  ck_assert_str_eq(text, expected);
}

// The standard's examples.
START_TEST(known_digests) {
  is("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  is("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  char *many = malloc(1000000);
  ck_assert_ptr_nonnull(many);
  memset(many, 'a', 1000000);
  is(many, 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  free(many);
}
END_TEST

// Around every boundary of a block the two ways agree.
START_TEST(both_ways_agree) {
  uint8_t bytes[300];
  uint8_t fast[WA_SHA256_SIZE];
  uint8_t plain[WA_SHA256_SIZE];
  for (size_t size = 0; size <= sizeof bytes; size++) {
    for (size_t i = 0; i < size; i++) {
      bytes[i] = (uint8_t)(i * 7 + size);
    }
    wa_sha256(bytes, size, fast);
    wa_sha256_portable(bytes, size, plain);
    ck_assert_mem_eq(fast, plain, WA_SHA256_SIZE);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("sha256");
  TCase *tests = tcase_create("sha256");
  tcase_add_test(tests, known_digests);
  tcase_add_test(tests, both_ways_agree);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
