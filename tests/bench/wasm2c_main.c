// Runs a kernel that wasm2c turned into C: prints its checksum and how many nanoseconds it took.
#include "kernel_wasm2c.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

int main(void) {
  Z_kernel_instance_t instance;
  wasm_rt_init();
  Z_kernel_init_module();
  Z_kernel_instantiate(&instance);
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  uint32_t checksum = Z_kernelZ_run(&instance);
  clock_gettime(CLOCK_MONOTONIC, &end);
  int64_t taken = (end.tv_sec - start.tv_sec) * INT64_C(1000000000) + (end.tv_nsec - start.tv_nsec);
  printf("%" PRIu32 " %" PRId64 "\n", checksum, taken);
  Z_kernel_free(&instance);
  wasm_rt_free();
  return 0;
}
