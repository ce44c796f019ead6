// What a program's runs keep of the functions that were compiled when they were called: what is
// found again, what goes, and files that are not as they should be.
#include "cli/bundle.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], module[96];
static struct wa_cache cache;

static void make_folder(void) {
  (void)snprintf(folder, sizeof folder, "/tmp/wasmaot-bundle.XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(folder));
  (void)snprintf(module, sizeof module, "%s/module.wasm", folder);
  int file = open(module, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ck_assert_int_ge(file, 0);
  (void)close(file);
  ck_assert_int_eq(setenv("WASMAOT_CACHE_DIR", folder, 1), 0);
  wa_cache_open(&cache, true);
  ck_assert_int_ge(cache.directory, 0);
}

static void remove_folder(void) {
  (void)wa_cache_clear(&cache);
  wa_cache_close(&cache);
  (void)unlink(module);
  (void)rmdir(folder);
}

static struct wa_bundle *open_it(void) {
  struct wa_bundle *bundle = wa_bundle_open(&cache, module);
  ck_assert_ptr_nonnull(bundle);
  return bundle;
}

// Row `number` has number + 1 bytes, each of them the number.
static void row(unsigned number, uint8_t key[WA_SHA256_SIZE], uint8_t bytes[256]) {
  wa_sha256(&number, sizeof number, key);
  memset(bytes, (int)number, 256);
}

static void add(struct wa_bundle *bundle, unsigned number) {
  const struct wa_piece_store *store = wa_bundle_store(bundle);
  uint8_t key[WA_SHA256_SIZE], bytes[256];
  row(number, key, bytes);
  store->keep(store->arg, key, (struct wa_bytes){bytes, number + 1});
}

static bool has(struct wa_bundle *bundle, unsigned number) {
  const struct wa_piece_store *store = wa_bundle_store(bundle);
  uint8_t key[WA_SHA256_SIZE], bytes[256];
  struct wa_buffer piece;
  row(number, key, bytes);
  if (!store->find(store->arg, key, &piece)) {
    return false;
  }
  ck_assert_uint_eq(piece.size, number + 1);
  ck_assert_int_eq(memcmp(piece.data, bytes, piece.size), 0);
  free(piece.data);
  return true;
}

static void end(struct wa_bundle *bundle) {
  wa_bundle_keep(bundle);
  wa_bundle_free(bundle);
}

// The one file that the cache has, by its key.
static bool find_file(uint8_t key[WA_SHA256_SIZE]) {
  DIR *directory = opendir(folder);
  bool found = false;
  ck_assert_ptr_nonnull(directory);
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (strstr(entry->d_name, WA_CACHE_PIECE_SUFFIX) != NULL) {
      ck_assert(!found);
      found = true;
      for (int i = 0; i < WA_SHA256_SIZE; i++) {
        char digits[3] = {entry->d_name[i * 2], entry->d_name[i * 2 + 1]};
        key[i] = (uint8_t)strtoul(digits, NULL, 16);
      }
    }
  }
  (void)closedir(directory);
  return found;
}

START_TEST(what_was_kept_is_found) {
  struct wa_bundle *bundle = open_it();
  for (unsigned i = 0; i < 200; i += 2) {
    add(bundle, i);
  }
  add(bundle, 40);
  ck_assert(!has(bundle, 0)); // not before the next run
  end(bundle);
  bundle = open_it();
  for (unsigned i = 0; i < 200; i++) {
    ck_assert(has(bundle, i) == (i % 2 == 0));
  }
  ck_assert_uint_eq(wa_bundle_found(bundle), 100);
  add(bundle, 201);
  end(bundle);
  bundle = open_it();
  ck_assert(has(bundle, 201) && has(bundle, 198) && !has(bundle, 199));
  wa_bundle_free(bundle);
}
END_TEST

START_TEST(nothing_new_is_not_written) {
  uint8_t key[WA_SHA256_SIZE];
  struct wa_bundle *bundle = open_it();
  end(bundle);
  ck_assert(!find_file(key));
  bundle = open_it();
  add(bundle, 1);
  end(bundle);
  ck_assert(find_file(key));
  bundle = open_it();
  ck_assert(has(bundle, 1));
  (void)wa_cache_clear(&cache);
  end(bundle);
  ck_assert(!find_file(key));
}
END_TEST

START_TEST(what_is_of_no_use_goes) {
  struct wa_bundle *bundle = open_it();
  add(bundle, 0);
  add(bundle, 1);
  end(bundle);
  unsigned edits = 0;
  for (bool is_there = true; is_there; edits++) {
    bundle = open_it();
    ck_assert(has(bundle, 1));
    add(bundle, 2 + edits);
    end(bundle);
    bundle = open_it();
    is_there = has(bundle, 0);
    wa_bundle_free(bundle);
    ck_assert_uint_lt(edits, 100);
  }
  ck_assert_uint_gt(edits, 4);
}
END_TEST

START_TEST(not_without_a_cache_or_a_file) {
  struct wa_cache none = {.directory = -1};
  ck_assert_ptr_null(wa_bundle_open(&none, module));
  ck_assert_ptr_null(wa_bundle_open(&cache, "/nothing/here.wasm"));
  wa_bundle_free(NULL);
}
END_TEST

START_TEST(another_file_has_another) {
  char other[128];
  (void)snprintf(other, sizeof other, "%s/../", folder);
  struct wa_bundle *bundle = open_it();
  add(bundle, 1);
  end(bundle);
  bundle = wa_bundle_open(&cache, other);
  ck_assert_ptr_nonnull(bundle);
  ck_assert(!has(bundle, 1));
  wa_bundle_free(bundle);
}
END_TEST

START_TEST(no_more_than_its_part_of_the_cache) {
  uint8_t key[WA_SHA256_SIZE];
  cache.limit = 16 * 1024;
  struct wa_bundle *bundle = open_it();
  for (unsigned i = 0; i < 100; i++) {
    add(bundle, i);
  }
  end(bundle);
  ck_assert(!find_file(key));
}
END_TEST

static struct wa_bundle *shared;

static void *use(void *arg) {
  unsigned first = *(const unsigned *)arg;
  for (unsigned i = 0; i < 50; i++) {
    add(shared, 100 + (first + i) % 100);
    bool found = has(shared, (first + i) % 100);
    if (first == 0 && i == 25) {
      wa_bundle_keep(shared);
    }
    if (!found) {
      return NULL;
    }
  }
  return arg;
}

// Threads that compile, and the program's end meanwhile.
START_TEST(several_threads) {
  static const unsigned firsts[] = {0, 10, 20, 30};
  pthread_t threads[4];
  shared = open_it();
  for (unsigned i = 0; i < 100; i++) {
    add(shared, i);
  }
  end(shared);
  shared = open_it();
  for (int i = 0; i < 4; i++) {
    ck_assert_int_eq(pthread_create(&threads[i], NULL, use, (void *)(uintptr_t)&firsts[i]), 0);
  }
  for (int i = 0; i < 4; i++) {
    void *result;
    (void)pthread_join(threads[i], &result);
    ck_assert_ptr_nonnull(result);
  }
  ck_assert_uint_eq(wa_bundle_found(shared), 200);
  end(shared);
  shared = open_it();
  for (unsigned i = 0; i < 180; i++) {
    ck_assert(has(shared, i));
  }
  wa_bundle_free(shared);
}
END_TEST

// Whatever the disk has made of it, no other bytes are found.
START_TEST(a_damaged_file_has_nothing) {
  uint8_t key[WA_SHA256_SIZE];
  char path[256];
  struct stat status;
  struct wa_bundle *bundle = open_it();
  add(bundle, 3);
  add(bundle, 9);
  end(bundle);
  ck_assert(find_file(key));
  int length = snprintf(path, sizeof path, "%s/", folder);
  for (int i = 0; i < WA_SHA256_SIZE; i++) {
    length += snprintf(path + length, sizeof path - (size_t)length, "%02x", key[i]);
  }
  (void)snprintf(path + length, sizeof path - (size_t)length, WA_CACHE_PIECE_SUFFIX);
  int file = open(path, O_RDWR | O_CLOEXEC);
  ck_assert_int_ge(file, 0);
  ck_assert_int_eq(fstat(file, &status), 0);
  unsigned intact = 0;
  for (off_t at = 0; at < status.st_size; at++) {
    uint8_t byte, flipped;
    ck_assert_int_eq(pread(file, &byte, 1, at), 1);
    flipped = (uint8_t)(byte ^ 0x10);
    ck_assert_int_eq(pwrite(file, &flipped, 1, at), 1);
    bundle = open_it();
    bool third = has(bundle, 3), ninth = has(bundle, 9);
    wa_bundle_free(bundle);
    intact += third || ninth;
    ck_assert_int_eq(pwrite(file, &byte, 1, at), 1);
  }
  (void)close(file);
  ck_assert_uint_le(intact, 8); // the end says what it had cost, which nobody asks a piece for
}
END_TEST

// Files whose sums are right, and whose rows are not.
static const struct {
  const char *what;
  uint64_t words[12]; // count, 0; key (4), offset, size and unused; key...
  size_t size;
} crafted[] = {
    {"no header", {1}, 8},
    {"no rows", {1, 0}, 16},
    {"more rows than bytes", {UINT64_MAX / 48, 0, 1, 2, 3, 4, 64, 8}, 80},
    {"in the rows", {1, 0, 1, 2, 3, 4, 48, 8}, 80},
    {"behind the end", {1, 0, 1, 2, 3, 4, 96, 8}, 80},
    {"longer than the rest", {1, 0, 1, 2, 3, 4, 64, 17}, 80},
    {"empty", {1, 0, 1, 2, 3, 4, 64, 0}, 80},
    {"not aligned", {1, 0, 1, 2, 3, 4, 72, 8}, 80},
    {"an offset that wraps", {1, 0, 1, 2, 3, 4, UINT64_MAX - 15, 32}, 80},
    {"intact", {1, 0, 1, 2, 3, 4, 64, 8}, 80},
};
enum { CRAFTED = sizeof crafted / sizeof *crafted };

START_TEST(rows_that_are_wrong_are_none) {
  uint8_t name[WA_SHA256_SIZE], key[WA_SHA256_SIZE];
  struct wa_buffer piece;
  struct wa_bundle *bundle = open_it();
  add(bundle, 0);
  end(bundle);
  ck_assert(find_file(name));
  memcpy(key, crafted[_i].words + 2, sizeof key);
  const struct wa_bytes bytes = {(const uint8_t *)crafted[_i].words, crafted[_i].size};
  ck_assert(wa_cache_store_piece(&cache, name, bytes));
  bundle = open_it();
  const struct wa_piece_store *store = wa_bundle_store(bundle);
  bool found = store->find(store->arg, key, &piece);
  if (found) {
    free(piece.data);
  }
  ck_assert_msg(found == (_i == CRAFTED - 1), "%s", crafted[_i].what);
  add(bundle, 5);
  end(bundle);
  bundle = open_it();
  ck_assert(has(bundle, 5));
  wa_bundle_free(bundle);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("bundle");
  TCase *tcase = tcase_create("bundle");
  tcase_add_checked_fixture(tcase, make_folder, remove_folder);
  tcase_add_test(tcase, what_was_kept_is_found);
  tcase_add_test(tcase, nothing_new_is_not_written);
  tcase_add_test(tcase, what_is_of_no_use_goes);
  tcase_add_test(tcase, not_without_a_cache_or_a_file);
  tcase_add_test(tcase, another_file_has_another);
  tcase_add_test(tcase, no_more_than_its_part_of_the_cache);
  tcase_add_test(tcase, several_threads);
  tcase_add_test(tcase, a_damaged_file_has_nothing);
  tcase_add_loop_test(tcase, rows_that_are_wrong_are_none, 0, CRAFTED);
  suite_add_tcase(suite, tcase);
  return run_suite(suite);
}
