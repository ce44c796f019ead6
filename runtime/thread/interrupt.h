// Ending calls from another thread: what a call publishes so that wa_store_interrupt finds it, and
// how a thread learns that it is to end.
#ifndef WA_RUNTIME_THREAD_INTERRUPT_H
#define WA_RUNTIME_THREAD_INTERRUPT_H

#include "runtime/thread/thread.h"

// Around a call of a function of a store: makes the activation the thread's innermost, and the
// outer one again. From `begin` on wa_thread_stopping looks at the store; after `end` it may be
// gone.
void wa_call_begin(struct wa_thread *thread, struct wa_activation *activation,
                   struct wa_calls *calls);
void wa_call_end(struct wa_thread *thread, const struct wa_activation *activation);

// Whether the thread is to end: its group ends, or the store of one of its calls is interrupted.
// For the thread itself, also in a signal handler.
static inline bool wa_thread_stopping(const struct wa_thread *thread) {
  if (thread->group_stopping != NULL &&
      atomic_load_explicit(thread->group_stopping, memory_order_acquire)) {
    return true;
  }
  for (const struct wa_activation *activation = thread->activation; activation != NULL;
       activation = activation->elsewhere) {
    if (atomic_load_explicit(&activation->calls->interrupted, memory_order_acquire)) {
      return true;
    }
  }
  return false;
}

// The same of the calling thread.
static inline bool wa_interrupted(void) {
  const struct wa_thread *thread = wa_thread_peek();
  return thread != NULL && wa_thread_stopping(thread);
}

// Ends the calls of a store: sets its flag, and interrupts other threads until none of them has a
// call in progress, for at most `wait` nanoseconds (negative: without limit). False when there
// still is one then. The flag stays set.
bool wa_calls_interrupt(struct wa_calls *calls, int64_t wait);

// Makes what this thread has written visible to every thread of the process that has published a
// call since, and what they published visible to this one.
void wa_interrupt_barrier(void);
// Chooses how; once per process.
void wa_interrupt_init(void);

// The pause before the signal is sent again after so many times: it is lost on a thread that was
// just about to block, or in a function of the C library. Nanoseconds.
long wa_interrupt_pause(unsigned times);

#endif
