// Modules with so much code that several threads validate it: what is reported is what one thread
// would have reported, the first thing that is wrong, and facts are those of all bodies.
#include "compiler/wasm/module.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { FUNCTIONS = 50000, BODY = 128 }; // bytes of a body with its size

static uint8_t *bytes, *bodies;
static size_t size;
static struct wa_module module;
static struct wa_error err;

static void put(const uint8_t *from, size_t count) {
  memcpy(bytes + size, from, count);
  size += count;
}

#define PUT(...) put((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void put_u32(uint32_t value) {
  PUT((uint8_t)(value | 0x80), (uint8_t)(value >> 7 | 0x80), (uint8_t)(value >> 14 | 0x80),
      (uint8_t)(value >> 21 | 0x80), (uint8_t)(value >> 28));
}

static uint8_t *body(uint32_t index) {
  return bodies + (size_t)index * BODY;
}

// A body of nothing but `nop`.
static void clear(uint32_t index) {
  uint8_t *at = body(index);
  memset(at, 0x01, BODY);
  at[0] = BODY - 1;
  at[1] = 0; // no locals
  at[BODY - 1] = 0x0b;
}

static void set(uint32_t index, const uint8_t *code, size_t count) {
  memcpy(body(index) + 2, code, count);
}

#define SET(index, ...)                                                                            \
  set(index, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

// Types: 0: -> ; 1: -> i32. Tables: 0 and 1, funcref. Functions: all of type 0, the first in a
// declarative segment.
static void start(void) {
  bytes = malloc((size_t)FUNCTIONS * (BODY + 1) + 1024);
  size = 0;
  PUT(0, 'a', 's', 'm', 1, 0, 0, 0);
  PUT(1, 8, 2, 0x60, 0, 0, 0x60, 0, 1, 0x7f);
  PUT(3);
  put_u32(FUNCTIONS + 5);
  put_u32(FUNCTIONS);
  memset(bytes + size, 0, FUNCTIONS);
  size += FUNCTIONS;
  PUT(4, 7, 2, 0x70, 0, 1, 0x70, 0, 1);
  PUT(9, 5, 1, 3, 0, 1, 0);
  PUT(10);
  put_u32(FUNCTIONS * BODY + 5);
  put_u32(FUNCTIONS);
  bodies = bytes + size;
  size += (size_t)FUNCTIONS * BODY;
  for (uint32_t i = 0; i < FUNCTIONS; i++) {
    clear(i);
  }
  wa_error_clear(&err);
}

static void stop(void) {
  free(bytes);
}

static bool decode(void) {
  return wa_module_init(&module, (struct wa_bytes){bytes, size}, &err);
}

START_TEST(facts_of_all_bodies) {
  SET(10, 0x41, 0, 0xd2, 0, 0x26, 1);    // table.set 1 of ref.func 0
  SET(30000, 0x41, 0, 0x11, 1, 0, 0x1a); // call_indirect of type 1
  SET(FUNCTIONS - 1, 0xfd, 0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      0x1a);           // v128.const
  SET(20000, 0x12, 0); // return_call
  // Blocks with results of which the validator makes a list.
  for (uint32_t i = 100; i < FUNCTIONS - 100; i += 7) {
    if (i != 20000 && i != 30000) {
      SET(i, 0x02, 0x63, 0, 0xd0, 0, 0x0b, 0x1a);
    }
  }
  ck_assert_msg(decode(), "%s", err.message);
  ck_assert(module.tables[1].mutated);
  ck_assert(!module.tables[0].mutated);
  ck_assert(module.functions[0].ref_func);
  ck_assert(module.types[1].called);
  ck_assert(!module.types[0].called);
  uint64_t used = WA_FEATURE_SIMD | WA_FEATURE_TAIL_CALL | WA_FEATURE_FUNCTION_REFERENCES;
  ck_assert_uint_eq(module.features & used, used);
  for (uint32_t i = 0; i < FUNCTIONS; i++) {
    ck_assert_uint_eq(module.functions[i].code_offset, module.functions[i].body_offset + 1);
  }
  wa_module_deinit(&module);
}
END_TEST

// Also when many are.
START_TEST(the_first_that_is_invalid) {
  static const uint32_t firsts[] = {0, 1, 63, 64, 12345, FUNCTIONS / 2, FUNCTIONS - 1};
  for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
    uint32_t first = firsts[i];
    for (uint32_t j = first; j < FUNCTIONS; j += 1 + j % 500) {
      SET(j, 0x1a); // drop of nothing
    }
    ck_assert(!decode());
    ck_assert_int_eq(err.kind, WA_ERROR_INVALID);
    ck_assert_uint_eq(err.function, first);
    ck_assert_uint_eq(err.offset, (size_t)(body(first) + 2 - bytes));
    for (uint32_t j = first; j < FUNCTIONS; j++) {
      clear(j);
    }
  }
}
END_TEST

START_TEST(a_body_that_cannot_be_read) {
  memset(body(40000), 0xff, 5); // its size
  ck_assert(!decode());
  ck_assert_int_eq(err.kind, WA_ERROR_MALFORMED);
  ck_assert_uint_eq(err.function, 40000);
  SET(30000, 0x1a);
  ck_assert(!decode());
  ck_assert_int_eq(err.kind, WA_ERROR_INVALID);
  ck_assert_uint_eq(err.function, 30000);
  clear(30000);
  SET(45000, 0x1a);
  ck_assert(!decode());
  ck_assert_uint_eq(err.function, 40000);
}
END_TEST

// A proposal that is switched off is refused where it is used first.
START_TEST(proposals_that_are_off) {
  SET(35000, 0x12, 0);
  SET(15000, 0x12, 0);
  ck_assert(
      !wa_module_init_without(&module, (struct wa_bytes){bytes, size}, WA_FEATURE_TAIL_CALL, &err));
  ck_assert_uint_eq(err.function, 15000);
  ck_assert_ptr_nonnull(strstr(err.message, "tail-call"));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("validating by several threads");
  TCase *tcase = tcase_create("code");
  tcase_add_checked_fixture(tcase, start, stop);
  tcase_add_test(tcase, facts_of_all_bodies);
  tcase_add_test(tcase, the_first_that_is_invalid);
  tcase_add_test(tcase, a_body_that_cannot_be_read);
  tcase_add_test(tcase, proposals_that_are_off);
  suite_add_tcase(suite, tcase);
  return run_suite(suite);
}
