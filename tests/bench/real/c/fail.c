#include "text.h"

#include <stdio.h>
#include <stdlib.h>

void bench_fail(const char *why) {
  (void)fprintf(stderr, "failed: %s\n", why);
  exit(1);
}
