// Data segments in memory: random ones, near, far, over each other and outside, against a model
// that copies one after the other.
#include "runtime/runtime.h"
#include "tests/unit/guest_modules.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { PAGES = 8, MEMORY = PAGES * 65536, SEGMENTS = 12, ROUNDS = 30 };
enum { MODULE = SEGMENTS * (200000 + 32) + 256 };

static uint64_t state = 1;

static uint32_t below(uint32_t bound) {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)((state >> 33) % bound);
}

static uint8_t module[MODULE];
static uint8_t section[MODULE];
static uint8_t model[MEMORY];

struct writer {
  uint8_t *bytes;
  size_t size;
};

static void put(struct writer *to, uint8_t byte) {
  ck_assert_uint_lt(to->size, MODULE);
  to->bytes[to->size++] = byte;
}

// Five bytes, which is as good an encoding as a shorter one.
static void put_leb(struct writer *to, uint32_t value) {
  for (int i = 0; i < 4; i++) {
    put(to, (uint8_t)(0x80 | (value >> (7 * i) & 0x7f)));
  }
  put(to, (uint8_t)(value >> 28));
}

static uint32_t random_length(void) {
  static const uint32_t bounds[] = {1, 2, 100, 5000, 70000, 200000};
  return below(bounds[below(sizeof bounds / sizeof bounds[0])]);
}

static uint32_t random_offset(uint32_t last_end) {
  static const uint32_t gaps[] = {0, 0, 0, 1, 15, 16, 100, 4095, 4096, 5000};
  switch (below(8)) {
  case 0:
    return below(MEMORY);
  case 1:
    return last_end - below(last_end < 300 ? last_end + 1 : 300);
  default:
    return last_end + gaps[below(sizeof gaps / sizeof gaps[0])];
  }
}

// Fills the module and the model; whether a segment does not fit, which is the last one to count.
static bool make_module(struct writer *to) {
  static const uint8_t head[] = {0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 0, PAGES};
  struct writer data = {.bytes = section};
  bool traps = false;
  uint32_t count = 1 + below(SEGMENTS);
  uint32_t end = below(20000);
  memset(model, 0, sizeof model);
  put_leb(&data, count);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t length = random_length();
    uint32_t offset = random_offset(end);
    bool passive = below(10) == 0;
    bool fits = offset <= MEMORY && length <= MEMORY - offset;
    put(&data, passive ? 1 : 0);
    if (!passive) {
      put(&data, 0x41);
      put_leb(&data, offset);
      put(&data, 0x0b);
      end = offset + length;
      traps |= !fits;
    }
    put_leb(&data, length);
    for (uint32_t k = 0; k < length; k++) {
      put(&data, (uint8_t)(1 + below(255)));
      if (!passive && !traps) {
        model[offset + k] = section[data.size - 1];
      }
    }
  }
  for (size_t i = 0; i < sizeof head; i++) {
    put(to, head[i]);
  }
  put(to, 11);
  put_leb(to, (uint32_t)data.size);
  ck_assert_uint_le(to->size + data.size, MODULE);
  memcpy(to->bytes + to->size, section, data.size);
  to->size += data.size;
  return traps;
}

START_TEST(segments_land_in_order) {
  for (int round = 0; round < ROUNDS; round++) {
    struct writer to = {.bytes = module};
    bool traps = make_module(&to);
    struct object object = compile_guest(module, to.size, 0);
    // What lies between segments does not let an object grow beyond measure.
    ck_assert_uint_lt(object.size, 2 * to.size + SEGMENTS * 3 * 4096 + 65536);
    struct wa_artifact *artifact = load_guest(&object);
    struct wa_store *store = wa_store_new(NULL);
    struct wa_linker *linker = wa_linker_new(store);
    struct wa_instance *instance;
    struct wa_trap trap;
    struct wa_error err;
    for (int again = 0; again < 2; again++) {
      ck_assert_int_eq(wa_instance_new(store, artifact, linker, &instance, &trap, &err),
                       traps ? WA_INSTANTIATE_TRAPPED : WA_INSTANTIATED);
      struct wa_memory_object *memory = wa_instance_memory(instance, 0);
      ck_assert_uint_eq(wa_memory_size(memory), MEMORY);
      ck_assert_msg(memcmp(wa_memory_base(memory), model, MEMORY) == 0, "round %d", round);
      wa_instance_free(instance);
    }
    wa_linker_free(linker);
    wa_store_free(store);
    wa_artifact_release(artifact);
    free(object.bytes);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("data");
  TCase *tests = tcase_create("data");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, segments_land_in_order);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
