// Runs a kernel that was compiled natively: prints its checksum and how many nanoseconds it took.
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

uint32_t run(void);

int main(void) {
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  uint32_t checksum = run();
  clock_gettime(CLOCK_MONOTONIC, &end);
  int64_t taken = (end.tv_sec - start.tv_sec) * INT64_C(1000000000) + (end.tv_nsec - start.tv_nsec);
  printf("%" PRIu32 " %" PRId64 "\n", checksum, taken);
  return 0;
}
