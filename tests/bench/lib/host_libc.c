#include "bench.h"
#include "host.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void *bench_alloc(size_t size) {
  void *memory = malloc(size);
  if (memory == NULL) {
    fputs("no memory\n", stderr);
    exit(1);
  }
  return memory;
}

int64_t bench_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void bench_report(const char *name, int64_t value) {
  host_print(name, value);
}

int64_t host_parse(const char *digits) {
  return strtoll(digits, NULL, 10);
}

void host_print(const char *name, int64_t value) {
  printf("%s %" PRId64 "\n", name, value);
}
