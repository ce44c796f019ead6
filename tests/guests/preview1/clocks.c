#include "test.h"

static void resolutions(void) {
  for (uint32_t id = CLOCK_REALTIME; id <= CLOCK_THREAD; id++) {
    uint64_t resolution = 0;
    OK(wasi_clock_res_get(id, &resolution));
    TRUE(resolution > 0 && resolution <= 1000000000);
  }
}

static void res_unknown(void) {
  uint64_t resolution = 7;
  IS(wasi_clock_res_get(4, &resolution), E_INVAL);
  IS(wasi_clock_res_get(0xffffffff, &resolution), E_INVAL);
  TRUE(resolution == 7);
}

static void res_bad_pointer(void) {
  IS(wasi_clock_res_get(CLOCK_REALTIME, (uint64_t *)(memory_end() - 7)), E_FAULT);
}

static void wall_clock(void) {
  uint64_t now = 0;
  OK(wasi_clock_time_get(CLOCK_REALTIME, 0, &now));
  TRUE(now / 1000000000 > 1600000000 && now / 1000000000 < 10000000000);
}

static void never_back(void) {
  uint64_t before = 0;
  for (int i = 0; i < 1000; i++) {
    uint64_t now = 0;
    OK(wasi_clock_time_get(CLOCK_MONOTONIC, 1, &now));
    TRUE(now >= before && now > 0);
    before = now;
  }
}

static void cpu_clocks(void) {
  for (uint32_t id = CLOCK_PROCESS; id <= CLOCK_THREAD; id++) {
    volatile uint32_t work = 0;
    uint64_t before = 0;
    uint64_t after = 0;
    OK(wasi_clock_time_get(id, 0, &before));
    for (int rounds = 0; rounds < 1000 && after <= before; rounds++) {
      for (int i = 0; i < 10000; i++)
        work += (uint32_t)i;
      OK(wasi_clock_time_get(id, 0, &after));
    }
    TRUE(after > before);
  }
}

static void any_precision(void) {
  uint64_t now = 0;
  OK(wasi_clock_time_get(CLOCK_REALTIME, UINT64_MAX, &now));
  TRUE(now > 0);
}

static void time_unknown(void) {
  uint64_t now = 7;
  IS(wasi_clock_time_get(4, 0, &now), E_INVAL);
  TRUE(now == 7);
}

static void time_bad_pointer(void) {
  uint64_t *last = (uint64_t *)(memory_end() - 8);
  IS(wasi_clock_time_get(CLOCK_REALTIME, 0, (uint64_t *)(memory_end() - 7)), E_FAULT);
  OK(wasi_clock_time_get(CLOCK_REALTIME, 0, last));
  TRUE(*last != 0);
}

static void time_unaligned(void) {
  static char bytes[17];
  uint64_t now;
  OK(wasi_clock_time_get(CLOCK_REALTIME, 0, (uint64_t *)(void *)(bytes + 3)));
  memcpy(&now, bytes + 3, sizeof now);
  TRUE(now / 1000000000 > 1600000000 && bytes[2] == 0 && bytes[11] == 0);
}

const struct test tests_clocks[] = {
    {"clock_res_get", "more than 0 for every clock", resolutions},
    {"clock_res_get", "EINVAL for no clock", res_unknown},
    {"clock_res_get", "EFAULT past the memory's end", res_bad_pointer},
    {"clock_time_get", "the wall clock counts from 1970", wall_clock},
    {"clock_time_get", "the monotonic clock never goes back", never_back},
    {"clock_time_get", "processor time of process and thread grows with work", cpu_clocks},
    {"clock_time_get", "any precision", any_precision},
    {"clock_time_get", "EINVAL for no clock", time_unknown},
    {"clock_time_get", "EFAULT past the memory's end, not at it", time_bad_pointer},
    {"clock_time_get", "unaligned result", time_unaligned},
    {NULL, NULL, NULL},
};
