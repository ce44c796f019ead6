#include "compiler/budget.h"

#include "include/wa_clock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Bytes that the process has resident: the second number of the file. 0 when it cannot be read.
static uint64_t resident(void) {
  char text[128];
  int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return 0;
  }
  ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  text[size > 0 ? size : 0] = 0;
  const char *second = strchr(text, ' ');
  return second ? strtoull(second, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static uint64_t sum(uint64_t a, uint64_t b) {
  uint64_t result;
  return __builtin_add_overflow(a, b, &result) ? UINT64_MAX : result;
}

void wa_compile_budget_init(struct wa_compile_budget *budget, uint64_t memory, uint64_t time) {
  budget->asked = memory;
  budget->memory = memory ? sum(resident(), memory) : UINT64_MAX;
  budget->deadline = time ? sum(wa_clock_now(), time) : UINT64_MAX;
}

bool wa_compile_budget_check(const struct wa_compile_budget *budget, struct wa_error *err) {
  if (budget->deadline != UINT64_MAX && wa_clock_now() >= budget->deadline) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "compiling took longer than it may");
  }
  if (budget->memory != UINT64_MAX && resident() > budget->memory) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                   "compiling took more memory than the %" PRIu64 " bytes that it may",
                   budget->asked);
  }
  return true;
}
