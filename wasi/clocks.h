// WASI's clocks as the host's.
#ifndef WA_WASI_CLOCKS_H
#define WA_WASI_CLOCKS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

bool wa_wasi_clock(uint32_t id, clockid_t *clock); // false: no such clock

// Nanoseconds, at most UINT64_MAX; times before the epoch count as 0.
uint64_t wa_wasi_nanoseconds(const struct timespec *time);

// The clock's time in nanoseconds, 0 when it cannot be read.
uint64_t wa_wasi_clock_now(clockid_t clock);

#endif
