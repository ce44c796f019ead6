// Memories and tables, as the host makes them.
#include "runtime/object/memory.h"
#include "tests/unit/suite.h"

#include "runtime/code/artifact.h"
#include "runtime/object/pages.h"

#include <check.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

static struct wa_store *store;
static struct wa_error err;

static void setup(void) {
  store = wa_store_new(NULL);
  ck_assert_ptr_nonnull(store);
}

static void teardown(void) {
  wa_store_free(store);
}

START_TEST(grows_in_place) {
  struct wa_memory_object *memory = wa_memory_new(store, 1, 10, false, &err);
  ck_assert_ptr_nonnull(memory);
  uint8_t *base = wa_memory_base(memory);
  base[65535] = 7;
  ck_assert_int_eq(wa_memory_grow(memory, 0), 1);
  ck_assert_int_eq(wa_memory_grow(memory, 4), 1);
  ck_assert_ptr_eq(wa_memory_base(memory), base);
  ck_assert_uint_eq(wa_memory_size(memory), 5 * 65536);
  ck_assert_uint_eq(wa_memory_pages(memory), 5);
  ck_assert_uint_eq(base[65535], 7);
  ck_assert_uint_eq(base[65536], 0);
  base[5 * 65536 - 1] = 9;
}
END_TEST

START_TEST(respects_its_maximum) {
  struct wa_memory_object *memory = wa_memory_new(store, 1, 3, false, &err);
  ck_assert_int_eq(wa_memory_grow(memory, 3), -1);
  ck_assert_int_eq(wa_memory_grow(memory, UINT64_MAX), -1);
  ck_assert_uint_eq(wa_memory_pages(memory), 1);
  ck_assert_int_eq(wa_memory_grow(memory, 2), 1);
  ck_assert_int_eq(wa_memory_grow(memory, 1), -1);
}
END_TEST

// All of them only from the start: see WA_MEMORY32_MAX_GROWN_PAGES.
START_TEST(reaches_four_gib) {
  struct wa_memory_object *memory = wa_memory_new(store, 65536, UINT64_MAX, false, &err);
  ck_assert_int_eq(wa_memory_grow(memory, 1), -1);
  wa_memory_base(memory)[UINT32_MAX] = 1;
  memory = wa_memory_new(store, 0, 65536, false, &err);
  ck_assert_uint_eq(wa_memory_size(memory), 0);
  ck_assert_int_eq(wa_memory_grow(memory, 65536), -1);
  ck_assert_int_eq(wa_memory_grow(memory, 65535), 0);
  ck_assert_int_eq(wa_memory_grow(memory, 1), -1);
  wa_memory_base(memory)[UINT32_MAX - 65536] = 1;
}
END_TEST

START_TEST(respects_the_store) {
  struct wa_store_options options = {.max_memory_pages = 4, .max_table_entries = 10};
  struct wa_store *small = wa_store_new(&options);
  struct wa_memory_object *memory = wa_memory_new(small, 2, UINT64_MAX, false, &err);
  ck_assert_int_eq(wa_memory_grow(memory, 3), -1);
  ck_assert_int_eq(wa_memory_grow(memory, 2), 2);
  ck_assert_ptr_null(wa_memory_new(small, 5, UINT64_MAX, false, &err));
  ck_assert_int_eq(err.kind, WA_ERROR_SYSTEM);
  ck_assert_ptr_null(wa_table_new(small, WA_FUNCREF, 11, UINT64_MAX, &err));
  wa_store_free(small);
  struct wa_store *unlimited = wa_store_new(NULL); // its tables have a limit nevertheless
  struct wa_table_object *table = wa_table_new(unlimited, WA_FUNCREF, 1, UINT64_MAX, &err);
  ck_assert_ptr_nonnull(wa_table_new(unlimited, WA_FUNCREF, 1, UINT64_MAX, &err));
  ck_assert_int_eq(wa_table_grow(table, NULL, 9999999), -1);
  ck_assert_int_eq(wa_table_grow(table, NULL, 9999998), 1);
  wa_store_free(unlimited);
}
END_TEST

// Limits are for all of a store together, and what is freed or fails is given back.
START_TEST(a_store_bounds_all_its_objects) {
  struct wa_store_options options = {.max_memory_pages = 10, .max_table_entries = 100};
  struct wa_store *small = wa_store_new(&options);
  struct wa_memory_object *memories[3];
  for (int i = 0; i < 3; i++) {
    memories[i] = wa_memory_new(small, 2, UINT64_MAX, false, &err);
    ck_assert_ptr_nonnull(memories[i]);
  }
  ck_assert_ptr_null(wa_memory_new(small, 5, UINT64_MAX, false, &err));
  ck_assert_msg(strstr(err.message, "--max-memory") != NULL, "%s", err.message);
  ck_assert_int_eq(wa_memory_grow(memories[0], 5), -1);
  ck_assert_int_eq(wa_memory_grow(memories[0], UINT64_MAX), -1);
  ck_assert_int_eq(wa_memory_grow(memories[1], 4), 2);
  ck_assert_int_eq(wa_memory_grow(memories[2], 1), -1);
  for (int i = 0; i < 100; i++) {
    ck_assert_int_eq(wa_memory_grow(memories[2], 1), -1);
  }
  struct wa_table_object *table = wa_table_new(small, WA_FUNCREF, 60, UINT64_MAX, &err);
  struct wa_table_object *other = wa_table_new(small, WA_EXTERNREF, 10, UINT64_MAX, &err);
  ck_assert_ptr_nonnull(table);
  ck_assert_int_eq(wa_table_grow(other, NULL, 31), -1);
  ck_assert_int_eq(wa_table_grow(other, NULL, UINT64_MAX), -1);
  ck_assert_int_eq(wa_table_grow(other, NULL, UINT32_MAX), -1);
  ck_assert_int_eq(wa_table_grow(other, NULL, 30), 10);
  ck_assert_int_eq(wa_table_grow(table, NULL, 1), -1);
  ck_assert_ptr_null(wa_table_new(small, WA_FUNCREF, 1, UINT64_MAX, &err));
  ck_assert_msg(strstr(err.message, "--max-table") != NULL, "%s", err.message);
  wa_store_free(small);
}
END_TEST

START_TEST(a_table_grows_to_ten_million) {
  struct wa_table_object *table = wa_table_new(store, WA_EXTERNREF, 0, UINT64_MAX, &err);
  uint64_t size = 0;
  for (uint64_t delta = 1; wa_table_grow(table, NULL, delta) >= 0; delta *= 3) {
    size += delta;
  }
  while (wa_table_grow(table, NULL, 4096) >= 0) {
    size += 4096;
  }
  ck_assert_uint_eq(wa_table_size(table), size);
  ck_assert_uint_gt(size, 10000000 - 4096);
  ck_assert_uint_le(size, 10000000);
}
END_TEST

START_TEST(shared_needs_a_maximum) {
  ck_assert_ptr_null(wa_memory_new(store, 1, UINT64_MAX, true, &err));
  ck_assert_int_eq(err.kind, WA_ERROR_USAGE);
  struct wa_memory_object *memory = wa_memory_new(store, 1, 2, true, &err);
  ck_assert(wa_memory_is_shared(memory));
}
END_TEST

enum { GROWERS = 8, EACH = 100 };

// Grows page by page and touches what it got at once.
static void *grow_and_touch(void *arg) {
  struct wa_memory_object *memory = arg;
  for (int i = 0; i < EACH; i++) {
    int64_t page = wa_memory_grow(memory, 1);
    if (page < 0 || wa_memory_size(memory) < (uint64_t)(page + 1) * 65536) {
      return (void *)1;
    }
    wa_memory_base(memory)[(uint64_t)page * 65536] += 1;
  }
  return NULL;
}

START_TEST(shared_grows_on_many_threads) {
  struct wa_memory_object *memory = _i == 0 ? wa_memory_new(store, 0, 65536, true, &err)
                                            : wa_memory_new64(store, 0, 1 << 20, true, &err);
  pthread_t threads[GROWERS];
  for (int i = 0; i < GROWERS; i++) {
    ck_assert_int_eq(pthread_create(&threads[i], NULL, grow_and_touch, memory), 0);
  }
  for (int i = 0; i < GROWERS; i++) {
    void *failed;
    pthread_join(threads[i], &failed);
    ck_assert_ptr_null(failed);
  }
  ck_assert_uint_eq(wa_memory_pages(memory), GROWERS * EACH);
  for (int page = 0; page < GROWERS * EACH; page++) {
    ck_assert_uint_eq(wa_memory_base(memory)[page * 65536], 1); // each page went to one thread
  }
}
END_TEST

static bool has_linux(int wanted_major, int wanted_minor) {
  struct utsname name;
  int major = 0;
  int minor = 0;
  uname(&name);
  sscanf(name.release, "%d.%d", &major, &minor);
  return major > wanted_major || (major == wanted_major && minor >= wanted_minor);
}

// Bytes of a file become a memory's, whether their pages can be mapped or must be copied: mapped
// from a descriptor, or once more from where they are.
START_TEST(loads_from_a_file) {
  enum { SIZE = 300000 };
  static uint8_t bytes[SIZE];
  for (int i = 0; i < SIZE; i++) {
    bytes[i] = (uint8_t)(i * 7 + i / 251);
  }
  int file = memfd_create("data", MFD_CLOEXEC);
  ck_assert_int_eq(write(file, bytes, SIZE), SIZE);
  void *mapped = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, file, 0);
  const struct wa_artifact from = {
      .data = mapped, .data_size = SIZE, .file = _i == 0 ? file : -1, .repeatable = _i == 1};
  ck_assert(_i != 1 || wa_pages_can_repeat(mapped) || !has_linux(5, 13));
  static const struct {
    uint64_t dst, offset, length;
  } rows[] = {
      {0, 0, SIZE},         {4096, 0, SIZE},       {5000, 904, 290000},
      {5000, 905, 290000},  {100, 4196, 4000},     {8191, 4095, 8194},
      {70000, 4464, 65536}, {70000, 4464, 250000}, {3, 3, 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct wa_memory_object *memory = wa_memory_new(store, 10, 12, false, &err);
    uint8_t *base = wa_memory_base(memory);
    memset(base, 0xee, wa_memory_size(memory));
    wa_memory_load(memory, rows[i].dst, &from, rows[i].offset, rows[i].length);
    ck_assert_int_eq(memcmp(mapped, bytes, SIZE), 0);
    ck_assert_int_eq(memcmp(base + rows[i].dst, bytes + rows[i].offset, rows[i].length), 0);
    uint64_t untouched = 0;
    for (uint64_t at = 0; at < wa_memory_size(memory); at++) {
      untouched += at - rows[i].dst >= rows[i].length && base[at] == 0xee;
    }
    ck_assert_uint_eq(untouched, wa_memory_size(memory) - rows[i].length);
    memset(base, 1, wa_memory_size(memory)); // writable, and the file stays as it was
    ck_assert_int_eq(wa_memory_grow(memory, 2), 10);
  }
  uint8_t byte;
  ck_assert_int_eq(pread(file, &byte, 1, 5000), 1);
  ck_assert_uint_eq(byte, bytes[5000]);
  munmap(mapped, SIZE);
  close(file);
}
END_TEST

// Memory of no file, which packed programs consist of, is told apart and stays as it was.
START_TEST(repeats_no_anonymous_pages) {
  uint8_t *page = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  page[1000] = 77;
  ck_assert(!wa_pages_can_repeat(page));
  ck_assert_uint_eq(page[1000], 77);
  munmap(page, 65536);
}
END_TEST

static bool no_op(const struct wa_host_call *call, union wa_cell *cells) {
  (void)call;
  (void)cells;
  return true;
}

START_TEST(tables_hold_functions) {
  uint32_t type = wa_type_intern(NULL, 0, NULL, 0);
  struct wa_func_ref *func = wa_host_func_new(store, type, no_op, NULL, &err);
  struct wa_table_object *table = wa_table_new(store, WA_FUNCREF, 2, 100, &err);
  ck_assert_ptr_null(wa_table_get(table, 0));
  wa_table_set(table, 1, func);
  ck_assert_ptr_eq(wa_table_get(table, 1), func);
  ck_assert_int_eq(wa_table_grow(table, func, 50), 2);
  ck_assert_ptr_eq(wa_table_get(table, 1), func);
  ck_assert_ptr_eq(wa_table_get(table, 51), func);
  ck_assert_int_eq(wa_table_grow(table, NULL, 1), 52);
  ck_assert_ptr_null(wa_table_get(table, 52));
  wa_table_set(table, 1, NULL);
  ck_assert_ptr_null(wa_table_get(table, 1));
  ck_assert_int_eq(wa_table_grow(table, NULL, 48), -1);
  ck_assert_uint_eq(wa_table_size(table), 53);
}
END_TEST

START_TEST(tables_hold_host_values) {
  int value;
  struct wa_table_object *table = wa_table_new(store, WA_EXTERNREF, 0, UINT64_MAX, &err);
  ck_assert_uint_eq(wa_table_elem_type(table), WA_EXTERNREF);
  for (int i = 0; i < 1000; i++) {
    ck_assert_int_eq(wa_table_grow(table, &value, 1), i);
  }
  ck_assert_ptr_eq(wa_table_get(table, 999), &value);
  ck_assert_int_eq(wa_table_grow(table, NULL, UINT64_MAX), -1);
}
END_TEST

START_TEST(globals_hold_values) {
  union wa_cell value[2] = {{.u64 = 11}, {.u64 = 22}};
  struct wa_global_object *global = wa_global_new(store, WA_V128, true, value, &err);
  ck_assert_uint_eq(global->cell[0].u64, 11);
  ck_assert_uint_eq(global->cell[1].u64, 22);
  ck_assert_uint_eq((uintptr_t)global->cell % 16, 0);
  ck_assert(global->mut);
}
END_TEST

// Whether the mapping at an address is one for which huge pages were asked (proc(5), VmFlags: hg).
static bool asks_for_huge_pages(const void *address) {
  FILE *maps = fopen("/proc/self/smaps", "r");
  ck_assert_ptr_nonnull(maps);
  char line[512];
  bool here = false, asks = false;
  while (fgets(line, sizeof line, maps) != NULL) {
    uintptr_t start, end;
    if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &start, &end) == 2) {
      here = (uintptr_t)address >= start && (uintptr_t)address < end;
    } else if (here && strncmp(line, "VmFlags:", 8) == 0) {
      asks = strstr(line, " hg") != NULL;
    }
  }
  fclose(maps);
  return asks;
}

// A kernel without huge pages, or an emulator that passes no such request on.
static bool has_huge_pages(void) {
  enum { SIZE = 4 << 20 };
  void *mapping = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  bool asks = madvise(mapping, SIZE, MADV_HUGEPAGE) == 0 && asks_for_huge_pages(mapping);
  munmap(mapping, SIZE);
  return asks;
}

// Only what a memory has grown by, and only once that is 4 MiB: one that begins large may be hardly
// touched.
START_TEST(asks_for_huge_pages_when_it_has_grown) {
  bool shared = _i == 1, on = _i != 2 && has_huge_pages();
  if (_i == 2) {
    wa_store_free(store);
    store = wa_store_new(&(struct wa_store_options){.no_huge_pages = true});
  }
  struct wa_memory_object *memory = wa_memory_new(store, 128, 1024, shared, &err);
  uint8_t *base = wa_memory_base(memory), *grown = base + 128 * 65536;
  ck_assert_int_eq(wa_memory_grow(memory, 64), 128);
  ck_assert(!asks_for_huge_pages(grown));
  ck_assert_int_eq(wa_memory_grow(memory, 64), 192);
  ck_assert(asks_for_huge_pages(grown + 64 * 65536) == on);
  ck_assert_int_eq(wa_memory_grow(memory, 128), 256);
  ck_assert(asks_for_huge_pages(grown + 255 * 65536) == on);
  ck_assert(!asks_for_huge_pages(base));
  memset(base, 1, 384 * 65536);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("memory");
  TCase *tests = tcase_create("memory");
  tcase_add_checked_fixture(tests, setup, teardown);
  tcase_add_test(tests, grows_in_place);
  tcase_add_test(tests, respects_its_maximum);
  tcase_add_loop_test(tests, asks_for_huge_pages_when_it_has_grown, 0, 3);
  tcase_add_test(tests, reaches_four_gib);
  tcase_add_test(tests, respects_the_store);
  tcase_add_test(tests, a_store_bounds_all_its_objects);
  tcase_add_test(tests, a_table_grows_to_ten_million);
  tcase_add_test(tests, shared_needs_a_maximum);
  tcase_add_loop_test(tests, shared_grows_on_many_threads, 0, 2);
  tcase_add_loop_test(tests, loads_from_a_file, 0, 3);
  tcase_add_test(tests, repeats_no_anonymous_pages);
  tcase_add_test(tests, tables_hold_functions);
  tcase_add_test(tests, tables_hold_host_values);
  tcase_add_test(tests, globals_hold_values);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
