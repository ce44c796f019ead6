// The stack of host functions. They run on the guest's, and how much of it is left where one is
// called is the guest's doing. So one that has less than it is guaranteed is not called at all, and
// one that needs more all the same finds the spare part below: the guard's upper part, which is
// opened for it by the signal handler. It goes on there and returns, with all locks given back that
// it took, and then the call traps. Only beyond the spare part is a fault what it is on any stack.
#ifndef WA_RUNTIME_THREAD_HOST_STACK_H
#define WA_RUNTIME_THREAD_HOST_STACK_H

#include "runtime/thread/thread.h"

// Bytes of the spare part, which lies in [stack_low - WA_HOST_SPARE_SIZE, stack_low): as much as
// threads have by default, so that what runs on one of those ends well wherever a guest calls it.
// Nothing but addresses, until it is opened.
#define WA_HOST_SPARE_SIZE ((size_t)8 << 20)

// What a host function has at the least by default, and may have by an option.
#define WA_DEFAULT_HOST_STACK ((size_t)WA_STACK_PROBE_HOST)
#define WA_MAX_HOST_STACK ((size_t)1 << 30)

// Whether the thread, with its stack pointer at `sp` on the guest stack, has so many bytes left.
static inline bool wa_host_stack_suffices(const struct wa_thread *thread, uintptr_t sp,
                                          size_t bytes) {
  return sp >= thread->stack_low && sp - thread->stack_low >= bytes;
}

// For the signal handler: opens the spare part when the thread ran out of guest stack at `address`,
// with its stack pointer at `sp`, in code that is not a guest's. Then it can go on. False when that
// is not what happened, or the part is open already.
bool wa_host_stack_extend(struct wa_thread *thread, uintptr_t sp, uintptr_t address);

// Closes it again, when it is open; the stack pointer is above it. What was there is lost.
void wa_host_stack_restore(struct wa_thread *thread);

#endif
