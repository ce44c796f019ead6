#include "wasi/clocks.h"

#include "wasi/internal.h"

#include <errno.h>

static const uint64_t second = 1000000000;

bool wa_wasi_clock(uint32_t id, clockid_t *clock) {
  static const clockid_t clocks[] = {
      [WASI_CLOCK_REALTIME] = CLOCK_REALTIME,
      [WASI_CLOCK_MONOTONIC] = CLOCK_MONOTONIC,
      [WASI_CLOCK_PROCESS_CPUTIME] = CLOCK_PROCESS_CPUTIME_ID,
      [WASI_CLOCK_THREAD_CPUTIME] = CLOCK_THREAD_CPUTIME_ID,
  };
  if (id >= sizeof clocks / sizeof clocks[0]) {
    return false;
  }
  *clock = clocks[id];
  return true;
}

uint64_t wa_wasi_nanoseconds(const struct timespec *time) {
  uint64_t total;
  if (time->tv_sec < 0) {
    return 0;
  }
  if (__builtin_mul_overflow((uint64_t)time->tv_sec, second, &total) ||
      __builtin_add_overflow(total, (uint64_t)time->tv_nsec, &total)) {
    return UINT64_MAX;
  }
  return total;
}

uint64_t wa_wasi_clock_now(clockid_t clock) {
  struct timespec now;
  return clock_gettime(clock, &now) == 0 ? wa_wasi_nanoseconds(&now) : 0;
}

int wa_wasi_clock_res_get(struct wa_wasi_call *call) {
  clockid_t clock;
  struct timespec resolution;
  if (!wa_wasi_clock(call->args[0].u32, &clock)) {
    return WASI_EINVAL;
  }
  if (clock_getres(clock, &resolution) != 0) {
    return wa_wasi_errno(errno);
  }
  return wa_guest_write_u64(&call->guest, call->args[1].u32, wa_wasi_nanoseconds(&resolution))
             ? WASI_ESUCCESS
             : WASI_EFAULT;
}

int wa_wasi_clock_time_get(struct wa_wasi_call *call) {
  clockid_t clock;
  struct timespec now;
  if (!wa_wasi_clock(call->args[0].u32, &clock)) {
    return WASI_EINVAL;
  }
  if (clock_gettime(clock, &now) != 0) {
    return wa_wasi_errno(errno);
  }
  return wa_guest_write_u64(&call->guest, call->args[2].u32, wa_wasi_nanoseconds(&now))
             ? WASI_ESUCCESS
             : WASI_EFAULT;
}
