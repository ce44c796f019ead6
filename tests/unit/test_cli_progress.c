// The progress bar on terminals of different widths: never longer than a line, which could not be
// cleared, and nothing at all where it would be garbage.
#include "cli/progress.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int terminal;
static char seen[4096];

// stderr becomes a terminal; Check runs each test in a process of its own.
static void open_terminal(unsigned short columns, const char *type) {
  struct winsize size = {.ws_row = 24, .ws_col = columns};
  int other;
  ck_assert_int_eq(openpty(&terminal, &other, NULL, NULL, &size), 0);
  ck_assert_int_eq(dup2(other, STDERR_FILENO), STDERR_FILENO);
  ck_assert_int_eq(setenv("TERM", type, 1), 0);
}

static const char *read_terminal(void) {
  ssize_t size = read(terminal, seen, sizeof seen - 1);
  ck_assert_int_ge(size, 0);
  seen[size] = '\0';
  return seen;
}

static void begin_long_ago(struct wa_progress *progress) {
  wa_progress_init(progress, WA_PROGRESS_AUTO);
  progress->start -= 10 * 1000;
}

START_TEST(bar_and_time_left) {
  struct wa_progress progress;
  open_terminal(100, "xterm");
  begin_long_ago(&progress);
  wa_progress_update(&progress, 250000, 1000000);
  ck_assert_ptr_nonnull(strstr(read_terminal(), "[##########......"));
  ck_assert_ptr_nonnull(strstr(seen, " 25% of 1.0 MB, 30 s left"));
  wa_progress_end(&progress);
  ck_assert_str_eq(read_terminal(), "\r\033[K");
}
END_TEST

START_TEST(no_estimate_from_nothing) {
  struct wa_progress progress;
  open_terminal(100, "xterm");
  begin_long_ago(&progress);
  wa_progress_update(&progress, 0, 1000000);
  ck_assert_ptr_null(strstr(read_terminal(), "left"));
}
END_TEST

// A window may be made narrower at any time.
START_TEST(fits_any_window) {
  struct wa_progress progress;
  open_terminal(100, "xterm");
  begin_long_ago(&progress);
  for (unsigned short columns = 1; columns < 90; columns++) {
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    ck_assert_int_eq(ioctl(terminal, TIOCSWINSZ, &size), 0);
    progress.last = 0;
    wa_progress_update(&progress, 500000, 1000000);
    const char *line = read_terminal();
    ck_assert_msg(strncmp(line, "\r\033[K", 4) == 0, "%s", line);
    ck_assert_uint_lt(strlen(line + 4), columns);
  }
}
END_TEST

START_TEST(silent_at_first) {
  struct wa_progress progress;
  open_terminal(100, "xterm");
  wa_progress_init(&progress, WA_PROGRESS_AUTO);
  wa_progress_update(&progress, 500000, 1000000);
  ck_assert(!progress.shown);
}
END_TEST

START_TEST(nothing_where_lines_cannot_be_cleared) {
  struct wa_progress progress;
  open_terminal(100, "dumb");
  begin_long_ago(&progress);
  wa_progress_update(&progress, 500000, 1000000);
  ck_assert(!progress.shown);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("progress");
  TCase *tests = tcase_create("progress");
  tcase_add_test(tests, bar_and_time_left);
  tcase_add_test(tests, no_estimate_from_nothing);
  tcase_add_test(tests, fits_any_window);
  tcase_add_test(tests, silent_at_first);
  tcase_add_test(tests, nothing_where_lines_cannot_be_cleared);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
