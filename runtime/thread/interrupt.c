// A call and an interrupt race: the call is published, then the flag is read; the flag is set, then
// what is published is read. Each needs a full barrier between. Calls are many and interrupts few,
// so the kernel runs the calls' barrier on the interrupt's behalf (membarrier) where it can.
#include "runtime/thread/interrupt.h"

#include "include/wa_clock.h"
#include "runtime/thread/signals.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static bool kernel_barrier;

static bool membarrier(int command) {
  return syscall(SYS_membarrier, command, 0, 0) == 0;
}

void wa_interrupt_init(void) {
  kernel_barrier = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
}

void wa_interrupt_barrier(void) {
  atomic_thread_fence(memory_order_seq_cst);
  if (kernel_barrier) {
    (void)membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
  }
}

// ---- Calls ----

// Another store than that of the thread's outermost call: rare, so it may cost.
static bool is_stranger(const struct wa_thread *thread, const struct wa_activation *activation) {
  return atomic_load_explicit(&thread->calls, memory_order_relaxed) != activation->calls;
}

void wa_call_begin(struct wa_thread *thread, struct wa_activation *activation,
                   struct wa_calls *calls) {
  struct wa_activation *outer = thread->activation;
  activation->outer = outer;
  activation->calls = calls;
  if (outer == NULL) {
    activation->elsewhere = NULL;
    atomic_store_explicit(&thread->calls, calls, memory_order_relaxed);
  } else {
    activation->elsewhere = outer->calls == calls ? outer->elsewhere : outer;
    if (is_stranger(thread, activation)) {
      atomic_fetch_add(&calls->nested, 1);
      atomic_fetch_add(&thread->strangers, 1);
    }
  }
  atomic_signal_fence(memory_order_release); // the handler follows what it finds
  thread->activation = activation;
  if (kernel_barrier) {
    atomic_signal_fence(memory_order_seq_cst);
  } else {
    atomic_thread_fence(memory_order_seq_cst);
  }
}

void wa_call_end(struct wa_thread *thread, const struct wa_activation *activation) {
  thread->activation = activation->outer;
  if (activation->outer == NULL) {
    atomic_store_explicit(&thread->calls, NULL, memory_order_release);
  } else if (is_stranger(thread, activation)) {
    atomic_fetch_sub(&thread->strangers, 1);
    atomic_fetch_sub(&activation->calls->nested, 1);
  }
}

// ---- Interrupting ----

long wa_interrupt_pause(unsigned times) {
  // Quick for five seconds, while whoever can end soon does: a loop that rounds by the C library is
  // found in its own code once in a hundred times. Then at leisure, for the host calls of others.
  enum { FIRST_US = 200, QUICK_US = 1000, SLOW_US = 20000, QUICK_TIMES = 5000 };
  return (times == 0 ? FIRST_US : times < QUICK_TIMES ? QUICK_US : SLOW_US) * 1000L;
}

// Of the calls that are nested in ones of another store, how many are this thread's own.
static uint32_t own_nested(const struct wa_calls *calls) {
  const struct wa_thread *self = wa_thread_peek();
  uint32_t count = 0;
  for (const struct wa_activation *activation = self == NULL ? NULL : self->activation;
       activation != NULL; activation = activation->outer) {
    count += activation->calls == calls && is_stranger(self, activation);
  }
  return count;
}

struct search {
  const struct wa_calls *calls;
  bool found;
};

static void interrupt_thread(struct wa_thread *thread, void *arg) {
  struct search *search = arg;
  if (thread == wa_thread_peek()) {
    return;
  }
  bool inside = atomic_load_explicit(&thread->calls, memory_order_acquire) == search->calls;
  if (inside || atomic_load(&thread->strangers) != 0) {
    wa_signals_interrupt(thread);
  }
  search->found |= inside;
}

// Signals other threads with calls in the store; whether there are any.
static bool interrupt_calls(struct wa_calls *calls) {
  struct search search = {.calls = calls};
  wa_threads_visit(interrupt_thread, &search);
  return search.found || atomic_load(&calls->nested) > own_nested(calls);
}

bool wa_calls_interrupt(struct wa_calls *calls, int64_t wait) {
  uint64_t start = wa_clock_now();
  atomic_store(&calls->interrupted, true);
  // Whoever has a call in progress has installed the handlers; without them there is none.
  if (!wa_signals_install()) {
    return true;
  }
  wa_interrupt_barrier();
  for (unsigned times = 0; interrupt_calls(calls); times++) {
    long pause = wa_interrupt_pause(times);
    int64_t left = wait < 0 ? pause : wait - (int64_t)(wa_clock_now() - start);
    if (left <= 0) {
      return false;
    }
    struct timespec time = {.tv_nsec = left < pause ? (long)left : pause};
    nanosleep(&time, NULL);
  }
  return true;
}
