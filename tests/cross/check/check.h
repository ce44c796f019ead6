// The part of Check's interface that the unit tests use, for targets that have no Check: a test is
// a process of its own with a time limit, and fails by its exit status.
#ifndef WA_CROSS_CHECK_H
#define WA_CROSS_CHECK_H

#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// An emulator takes its time.
enum { CK_DEFAULT_TIMEOUT = 60, CK_PATIENCE = 10 };
enum { CK_NORMAL, CK_ENV };

struct ck_test {
  const char *name;
  void (*run)(int _i);
};

struct ck_entry {
  const struct ck_test *test;
  int first, end; // of _i
};

typedef struct TCase {
  struct ck_entry entries[256];
  size_t count;
  void (*setup)(void);
  void (*teardown)(void);
  double timeout; // seconds
  struct TCase *next;
} TCase;

typedef struct {
  const char *name;
  TCase *cases;
} Suite;

typedef struct {
  Suite *suite;
  int ran, failed;
} SRunner;

#define CK_HELPER __attribute__((unused)) static

// ---- Assertions ----

CK_HELPER __attribute__((noreturn, format(printf, 3, 4))) void ck_fail(const char *file, int line,
                                                                       const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  (void)printf("%s:%d: ", file, line);
  (void)vprintf(format, arguments);
  (void)printf("\n");
  va_end(arguments);
  (void)fflush(stdout);
  _exit(EXIT_FAILURE);
}

#define ck_abort_msg(...) ck_fail(__FILE__, __LINE__, __VA_ARGS__)
#define ck_assert_msg(condition, ...)                                                              \
  do {                                                                                             \
    if (!(condition))                                                                              \
      ck_fail(__FILE__, __LINE__, __VA_ARGS__);                                                    \
  } while (0)
#define ck_assert(condition) ck_assert_msg((condition), "'%s' does not hold", #condition)

#define CK_COMPARE(type, format, a, op, b)                                                         \
  do {                                                                                             \
    type ck_a = (type)(a);                                                                         \
    type ck_b = (type)(b);                                                                         \
    ck_assert_msg(ck_a op ck_b, "'%s' does not hold: " format " and " format, #a " " #op " " #b,   \
                  ck_a, ck_b);                                                                     \
  } while (0)
#define ck_assert_int_eq(a, b) CK_COMPARE(intmax_t, "%jd", a, ==, b)
#define ck_assert_int_ne(a, b) CK_COMPARE(intmax_t, "%jd", a, !=, b)
#define ck_assert_int_lt(a, b) CK_COMPARE(intmax_t, "%jd", a, <, b)
#define ck_assert_int_le(a, b) CK_COMPARE(intmax_t, "%jd", a, <=, b)
#define ck_assert_int_gt(a, b) CK_COMPARE(intmax_t, "%jd", a, >, b)
#define ck_assert_int_ge(a, b) CK_COMPARE(intmax_t, "%jd", a, >=, b)
#define ck_assert_uint_eq(a, b) CK_COMPARE(uintmax_t, "%ju", a, ==, b)
#define ck_assert_uint_ne(a, b) CK_COMPARE(uintmax_t, "%ju", a, !=, b)
#define ck_assert_uint_lt(a, b) CK_COMPARE(uintmax_t, "%ju", a, <, b)
#define ck_assert_uint_le(a, b) CK_COMPARE(uintmax_t, "%ju", a, <=, b)
#define ck_assert_uint_gt(a, b) CK_COMPARE(uintmax_t, "%ju", a, >, b)
#define ck_assert_uint_ge(a, b) CK_COMPARE(uintmax_t, "%ju", a, >=, b)
#define ck_assert_float_eq(a, b) CK_COMPARE(double, "%g", a, ==, b)
#define ck_assert_double_eq(a, b) CK_COMPARE(double, "%g", a, ==, b)
#define ck_assert_ptr_eq(a, b) CK_COMPARE(const void *, "%p", a, ==, b)
#define ck_assert_ptr_ne(a, b) CK_COMPARE(const void *, "%p", a, !=, b)
#define ck_assert_ptr_null(a) ck_assert((a) == NULL)
#define ck_assert_ptr_nonnull(a) ck_assert((a) != NULL)
#define ck_assert_str_eq(a, b)                                                                     \
  do {                                                                                             \
    const char *ck_a = (a);                                                                        \
    const char *ck_b = (b);                                                                        \
    ck_assert_msg(ck_a != NULL && ck_b != NULL && strcmp(ck_a, ck_b) == 0,                         \
                  "'%s' does not hold: \"%s\" and \"%s\"", #a " == " #b, ck_a ? ck_a : "(null)",   \
                  ck_b ? ck_b : "(null)");                                                         \
  } while (0)
#define ck_assert_mem_eq(a, b, size)                                                               \
  ck_assert_msg(memcmp((a), (b), (size)) == 0, "%s and %s differ", #a, #b)

// ---- Tests, cases, suites ----

#define START_TEST(test_name)                                                                      \
  static void test_name##_run(int _i);                                                             \
  static const struct ck_test test_name##_test = {#test_name, test_name##_run};                    \
  static const struct ck_test *const test_name = &test_name##_test;                                \
  static void test_name##_run(int _i __attribute__((unused)))
#define END_TEST

CK_HELPER Suite *suite_create(const char *name) {
  Suite *suite = calloc(1, sizeof *suite);
  suite->name = name;
  return suite;
}

CK_HELPER TCase *tcase_create(const char *name) {
  (void)name;
  TCase *tests = calloc(1, sizeof *tests);
  tests->timeout = CK_DEFAULT_TIMEOUT;
  return tests;
}

CK_HELPER void suite_add_tcase(Suite *suite, TCase *tests) {
  tests->next = suite->cases;
  suite->cases = tests;
}

CK_HELPER void tcase_add_loop_test(TCase *tests, const struct ck_test *test, int first, int end) {
  if (tests->count == sizeof tests->entries / sizeof tests->entries[0])
    abort();
  tests->entries[tests->count++] = (struct ck_entry){test, first, end};
}

CK_HELPER void tcase_add_test(TCase *tests, const struct ck_test *test) {
  tcase_add_loop_test(tests, test, 0, 1);
}

CK_HELPER void tcase_add_checked_fixture(TCase *tests, void (*setup)(void),
                                         void (*teardown)(void)) {
  tests->setup = setup;
  tests->teardown = teardown;
}

CK_HELPER void tcase_set_timeout(TCase *tests, double seconds) {
  tests->timeout = seconds;
}

// ---- Running ----

CK_HELPER SRunner *srunner_create(Suite *suite) {
  SRunner *runner = calloc(1, sizeof *runner);
  runner->suite = suite;
  return runner;
}

CK_HELPER __attribute__((noreturn)) void ck_child(const TCase *tests, const struct ck_entry *entry,
                                                  int i) {
  alarm((unsigned)ceil(tests->timeout) * CK_PATIENCE);
  if (tests->setup != NULL)
    tests->setup();
  entry->test->run(i);
  if (tests->teardown != NULL)
    tests->teardown();
  exit(EXIT_SUCCESS);
}

CK_HELPER void ck_run_one(SRunner *runner, const TCase *tests, const struct ck_entry *entry,
                          int i) {
  int status = -1;
  (void)fflush(NULL);
  pid_t child = fork();
  if (child == 0)
    ck_child(tests, entry, i);
  runner->ran++;
  if (child > 0 && waitpid(child, &status, 0) == child && status == 0)
    return;
  runner->failed++;
  (void)printf("%s: %s [%d] failed: %s\n", runner->suite->name, entry->test->name, i,
               child > 0 && WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "see above");
}

CK_HELPER void srunner_run_all(SRunner *runner, int verbosity) {
  (void)verbosity;
  for (const TCase *tests = runner->suite->cases; tests != NULL; tests = tests->next) {
    for (size_t at = 0; at < tests->count; at++) {
      for (int i = tests->entries[at].first; i < tests->entries[at].end; i++)
        ck_run_one(runner, tests, &tests->entries[at], i);
    }
  }
  (void)printf("%s: Checks: %d, Failures: %d\n", runner->suite->name, runner->ran, runner->failed);
}

CK_HELPER int srunner_ntests_failed(SRunner *runner) {
  return runner->failed;
}

CK_HELPER void srunner_free(SRunner *runner) {
  while (runner->suite->cases != NULL) {
    TCase *next = runner->suite->cases->next;
    free(runner->suite->cases);
    runner->suite->cases = next;
  }
  free(runner->suite);
  free(runner);
}

#endif
