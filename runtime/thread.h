// What the runtime keeps per host thread that runs compiled code: its guest stack, its signal
// stack, and the calls in progress.
#ifndef WA_THREAD_H
#define WA_THREAD_H

#include "runtime.h"

#include <signal.h>

struct wa_group_member;

// One entry from the host into compiled code, on the host's stack. Innermost first.
struct wa_activation {
  void *host_stack; // the stack pointer to go back to; arch_*.S knows that it is first
  struct wa_activation *outer;
};

#define WA_ACTIVATION_HOST_STACK 0

// A frame as the signal handler leaves it; names are looked up later, outside the handler.
struct wa_raw_frame {
  struct wa_artifact *artifact;
  uint32_t text_offset; // of the instruction that trapped or called
};

// What the signal handler recorded of the trap that ended the innermost activation.
struct wa_fault {
  enum wa_trap_code code;
  uintptr_t address; // of the access that faulted, else 0
  uint32_t frame_count;
  uint32_t frames_dropped;
  struct wa_raw_frame frames[WA_MAX_FRAMES];
};

struct wa_thread {
  struct wa_activation *activation; // innermost, or NULL when no compiled code is in progress
  uintptr_t stack_low;              // guest stack: [stack_low, stack_high)
  uintptr_t stack_high;
  uintptr_t guard_low; // its guard: [guard_low, stack_low)
  void *own_stack;     // mapping of the guest stack when the thread record owns it
  size_t own_stack_size;
  struct wa_group_member *member; // of a group's thread, else NULL
  stack_t previous_signal_stack;  // put back when the thread ends
  struct wa_exception *exception; // being thrown
  bool raised;                    // a host function said why it fails
  // From here on nothing is cleared for a new thread.
  struct wa_trap reason; // valid when raised
  struct wa_fault fault; // of the trap at hand
};

// The record of the calling thread, made at first use. NULL when out of memory.
struct wa_thread *wa_thread_current(void);
// The same, never made: async-signal-safe.
struct wa_thread *wa_thread_peek(void);
// Gives a thread without a guest stack one of its own, of the default size.
bool wa_thread_need_stack(struct wa_thread *thread);

// A stack for guest code: `size` usable bytes above a guard of at least WA_STACK_GUARD_SIZE. The
// mapping starts with the guard, and may have been another thread's. NULL when address space is
// short. Thread-safe.
void *wa_stack_map(size_t size, size_t *mapped_size);
void wa_stack_unmap(void *mapping, size_t mapped_size);
// Bytes of guard at the start of a stack mapping.
size_t wa_stack_guard(void);

#define WA_DEFAULT_STACK_SIZE ((size_t)8 << 20)

#endif
