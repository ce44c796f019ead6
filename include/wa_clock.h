// The monotonic clock, which counts while nobody sets it: for deadlines, pauses and durations.
#ifndef WA_CLOCK_H
#define WA_CLOCK_H

#include <stdint.h>
#include <time.h>

enum { WA_CLOCK_SECOND = 1000000000 }; // nanoseconds

// Nanoseconds since some moment in the past. Any thread, also in a signal handler.
static inline uint64_t wa_clock_now(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * WA_CLOCK_SECOND + (uint64_t)now.tv_nsec;
}

// The seconds that have passed since wa_clock_now() returned `start`.
static inline double wa_clock_seconds_since(uint64_t start) {
  return (double)(wa_clock_now() - start) / (double)WA_CLOCK_SECOND;
}

// So many nanoseconds from now, for waits that end at a time of this clock.
static inline struct timespec wa_clock_after(uint64_t nanoseconds) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  uint64_t sum = (uint64_t)time.tv_nsec + nanoseconds % WA_CLOCK_SECOND;
  time.tv_sec += (time_t)(nanoseconds / WA_CLOCK_SECOND + sum / WA_CLOCK_SECOND);
  time.tv_nsec = (long)(sum % WA_CLOCK_SECOND);
  return time;
}

#endif
