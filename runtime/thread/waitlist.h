// memory.atomic.wait and memory.atomic.notify (threads proposal): threads parked by address, in
// user space. 32- and 64-bit waits on one address share a queue; the queue is first in, first out.
#ifndef WA_RUNTIME_THREAD_WAITLIST_H
#define WA_RUNTIME_THREAD_WAITLIST_H

#include <stdint.h>

// Parks the calling thread while *address holds `expected`. `timeout` in nanoseconds, negative for
// none. 0: notified; 1: the value was another; 2: timed out; -1: the thread's group ends.
int32_t wa_waitlist_wait32(const void *address, uint32_t expected, int64_t timeout);
int32_t wa_waitlist_wait64(const void *address, uint64_t expected, int64_t timeout);

// Wakes up to `count` threads parked at the address; how many. No system call, and no lock, when
// nobody waits.
uint32_t wa_waitlist_notify(const void *address, uint32_t count);

#endif
