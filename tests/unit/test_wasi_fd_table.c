#include "tests/unit/suite.h"
#include "wasi/fd_table.h"

#include "wasi/witx.h"

#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct wa_fd_table table;

static void setup(void) {
  wa_fd_table_init(&table);
}

static void teardown(void) {
  wa_fd_table_deinit(&table);
}

static uint32_t add(int host, uint64_t rights) {
  uint32_t fd = UINT32_MAX;
  struct wa_fd *file = wa_fd_new(host, true, WASI_FILETYPE_UNKNOWN, rights, 0, NULL);
  ck_assert_ptr_nonnull(file);
  ck_assert_int_eq(wa_fd_table_add(&table, file, &fd), WASI_ESUCCESS);
  return fd;
}

static bool is_open(int host) {
  return fcntl(host, F_GETFD) >= 0;
}

START_TEST(numbers) {
  struct wa_fd *file;
  for (uint32_t i = 0; i < 20; i++) {
    ck_assert_uint_eq(add(dup(0), 0), i);
  }
  ck_assert_int_eq(wa_fd_table_close(&table, 7), WASI_ESUCCESS);
  ck_assert_int_eq(wa_fd_table_close(&table, 7), WASI_EBADF);
  ck_assert_int_eq(wa_fd_table_get(&table, 7, 0, &file), WASI_EBADF);
  ck_assert_int_eq(wa_fd_table_close(&table, UINT32_MAX), WASI_EBADF);
  ck_assert_int_eq(wa_fd_table_get(&table, UINT32_MAX, 0, &file), WASI_EBADF);
  ck_assert_uint_eq(add(dup(0), 0), 7); // the lowest free one
}
END_TEST

START_TEST(rights) {
  struct wa_fd *file;
  uint32_t fd = add(dup(0), WASI_RIGHT_FD_READ);
  ck_assert_int_eq(wa_fd_table_get(&table, fd, WASI_RIGHT_FD_READ, &file), WASI_ESUCCESS);
  wa_fd_release(file);
  ck_assert_int_eq(wa_fd_table_get(&table, fd, WASI_RIGHT_FD_WRITE, &file), WASI_ENOTCAPABLE);
  ck_assert_ptr_null(file);
}
END_TEST

START_TEST(references) {
  struct wa_fd *file;
  int host = dup(0);
  uint32_t fd = add(host, 0);
  ck_assert_int_eq(wa_fd_table_get(&table, fd, 0, &file), WASI_ESUCCESS);
  ck_assert_int_eq(wa_fd_table_close(&table, fd), WASI_ESUCCESS);
  ck_assert(is_open(host)); // somebody still reads
  wa_fd_release(file);
  ck_assert(!is_open(host));
}
END_TEST

START_TEST(renumber) {
  struct wa_fd *file;
  int first = dup(0);
  int second = dup(0);
  uint32_t a = add(first, 0);
  uint32_t b = add(second, 0);
  ck_assert_int_eq(wa_fd_table_renumber(&table, a, 99), WASI_EBADF);
  ck_assert_int_eq(wa_fd_table_renumber(&table, 99, a), WASI_EBADF);
  ck_assert_int_eq(wa_fd_table_renumber(&table, a, a), WASI_ESUCCESS);
  ck_assert(is_open(first));
  ck_assert_int_eq(wa_fd_table_renumber(&table, a, b), WASI_ESUCCESS);
  ck_assert(!is_open(second));
  ck_assert_int_eq(wa_fd_table_get(&table, a, 0, &file), WASI_EBADF);
  ck_assert_int_eq(wa_fd_table_get(&table, b, 0, &file), WASI_ESUCCESS);
  ck_assert_int_eq(file->host, first);
  wa_fd_release(file);
}
END_TEST

enum { THREADS = 4, ROUNDS = 5000 };

// Looks up, uses and closes descriptors that the other threads use and close too.
static void *churn(void *arg) {
  unsigned seed = (unsigned)(uintptr_t)arg;
  for (int i = 0; i < ROUNDS; i++) {
    struct wa_fd *file;
    uint32_t fd = (uint32_t)rand_r(&seed) % 8;
    if (wa_fd_table_get(&table, fd, 0, &file) == WASI_ESUCCESS) {
      ck_assert(is_open(file->host));
      wa_fd_release(file);
    }
    if (i % 3 == 0) {
      (void)wa_fd_table_close(&table, fd);
    }
    if (i % 3 == 1) {
      (void)add(dup(0), 0);
    }
    if (i % 7 == 0) {
      (void)wa_fd_table_renumber(&table, fd, (fd + 1) % 8);
    }
  }
  return NULL;
}

START_TEST(many_threads) {
  pthread_t threads[THREADS];
  for (uintptr_t i = 0; i < THREADS; i++) {
    ck_assert_int_eq(pthread_create(&threads[i], NULL, churn, (void *)(i + 1)), 0);
  }
  for (int i = 0; i < THREADS; i++) {
    (void)pthread_join(threads[i], NULL);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("wasi_fd_table");
  TCase *tcase = tcase_create("table");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, numbers);
  tcase_add_test(tcase, rights);
  tcase_add_test(tcase, references);
  tcase_add_test(tcase, renumber);
  tcase_add_test(tcase, many_threads);
  suite_add_tcase(suite, tcase);
  return run_suite(suite);
}
