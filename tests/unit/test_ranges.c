#include "runtime/code/ranges.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { COUNT = 5 * WA_RANGES_PER_CHUNK + 3, SIZE = 16, STRIDE = 32 };

static struct wa_ranges set = WA_RANGES_INIT;
static char owners[COUNT];
static struct wa_range *ranges[COUNT];

static uintptr_t address_of(size_t i) {
  return (uintptr_t)STRIDE * (i + 1);
}

static void add(size_t i) {
  ranges[i] = wa_ranges_add(&set, (const void *)address_of(i), SIZE, &owners[i]);
  ck_assert_ptr_nonnull(ranges[i]);
}

static void take_out(size_t i) {
  wa_ranges_remove(&set, ranges[i]);
  ranges[i] = NULL;
}

// Every address finds its owner, and what lies between or was removed finds none.
static void check_all(void) {
  for (size_t i = 0; i < COUNT; i++) {
    void *owner = ranges[i] == NULL ? NULL : &owners[i];
    ck_assert_ptr_eq(wa_ranges_find(&set, address_of(i)), owner);
    ck_assert_ptr_eq(wa_ranges_find(&set, address_of(i) + SIZE - 1), owner);
    ck_assert_ptr_null(wa_ranges_find(&set, address_of(i) + SIZE));
    ck_assert_ptr_null(wa_ranges_find(&set, address_of(i) - 1));
  }
}

static size_t count_chunks(void) {
  size_t count = 0;
  for (struct wa_range_chunk *chunk = &set.first; chunk != NULL;
       chunk = atomic_load(&chunk->next)) {
    count++;
  }
  return count;
}

START_TEST(finds_what_is_there) {
  for (size_t i = 0; i < COUNT; i++) {
    add(i);
  }
  check_all();
  size_t chunks = count_chunks();
  for (int round = 0; round < 3; round++) {
    for (size_t i = (size_t)round; i < COUNT; i += 3) {
      take_out(i);
    }
    check_all();
    for (size_t i = (size_t)round; i < COUNT; i += 3) {
      add(i);
    }
    check_all();
  }
  ck_assert_uint_eq(count_chunks(), chunks); // slots are used again
  for (size_t i = 0; i < COUNT; i++) {
    take_out(i);
  }
  check_all();
  wa_ranges_remove(&set, NULL);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("ranges");
  TCase *tests = tcase_create("ranges");
  tcase_add_test(tests, finds_what_is_there);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
