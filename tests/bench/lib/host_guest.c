#include "bench.h"
#include "guest.h"
#include "host.h"

void *bench_alloc(size_t size) {
  return allocate(size);
}

int64_t bench_nanoseconds(void) {
  uint64_t time = 0;
  (void)wasi_clock_time_get(CLOCK_MONOTONIC, 1, &time);
  return (int64_t)time;
}

void bench_report(const char *name, int64_t value) {
  host_print(name, value);
}

int64_t host_parse(const char *digits) {
  return parse(digits);
}

void host_print(const char *name, int64_t value) {
  print(name, " ", number(0, value), "\n", NULL);
}
