// How every program of unit tests ends.
#ifndef SUITE_H
#define SUITE_H

#include <check.h>
#include <stdlib.h>

// Runs the suite and frees it; what main returns. Check's CK_VERBOSITY says how much is printed.
static inline int run_suite(Suite *suite) {
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
