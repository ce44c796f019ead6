// What the runtime keeps per host thread that runs compiled code: its guest stack, its signal
// stack, and the calls in progress.
#ifndef WA_RUNTIME_THREAD_THREAD_H
#define WA_RUNTIME_THREAD_THREAD_H

#include "runtime/arch/arch.h"
#include "runtime/code/locals.h"
#include "runtime/runtime.h"
#include "runtime/thread/landing.h"

#include <signal.h>
#include <stdatomic.h>

struct wa_group_member;
struct wa_snapshot;

// What the calls into one store have in common, whoever makes them.
struct wa_calls {
  atomic_bool interrupted;
  atomic_uint nested; // in progress on threads whose outermost call is another store's
  size_t host_stack;  // bytes that its host functions are guaranteed
};

// A frame as the signal handler leaves it; names are looked up later, outside the handler.
struct wa_raw_frame {
  const struct wa_code *code;
  uint32_t text_offset; // of the instruction that trapped or called
  uintptr_t context;    // what the function's instance has as its, or 0
  uint32_t first_local, local_count;
};

// The locals of frames.
enum { WA_MAX_KEPT_LOCALS = 4096 };
struct wa_kept_locals {
  uint32_t count;
  struct wa_local_value values[WA_MAX_KEPT_LOCALS];
};

// What the signal handler recorded of the trap that ended the innermost activation.
struct wa_fault {
  enum wa_trap_code code;
  uintptr_t address; // of the access that faulted, else 0
  // Of WA_TRAP_INDIRECT_CALL_TYPE; `expected` is 0 when it is not known.
  struct wa_arch_types types;
  uint32_t frame_count;
  uint32_t frames_dropped;
  struct wa_raw_frame frames[WA_MAX_FRAMES];
};

// Where a thread waits (memory.atomic.wait).
struct wa_parked {
  const void *address; // NULL: nowhere
  int64_t since;       // nanoseconds of the monotonic clock, to some milliseconds
};

struct wa_thread {
  struct wa_activation *activation; // innermost, or NULL when no compiled code is in progress
  uintptr_t stack_low;              // guest stack: [stack_low, stack_high)
  uintptr_t stack_high;
  uintptr_t entered_from;    // the frame that made the outermost call
  struct wa_arch_turn *turn; // of the innermost host function on the host's stack, or NULL
  uintptr_t host_low;        // the stack that the C library gave it, once somebody asked (turn.h)
  uintptr_t host_high;
  uintptr_t guard_low; // its guard, with the spare part: [guard_low, stack_low)
  void *mapping;       // of this record, with its signal stack and a group's thread's guest stack
  size_t mapping_size;
  void *signal_stack;
  bool made_here;  // at first use by the thread itself, with which it goes
  void *own_stack; // mapping of the guest stack when the thread record owns it
  size_t own_stack_size;
  size_t own_stack_asked;            // the usable size that it was made for
  struct wa_group_member *member;    // of a group's thread, else NULL
  const atomic_bool *group_stopping; // its group's flag, else NULL
  void *thrown;                      // by a host function of the call that it leaves (thrown.c)
  void (*throw_on)(void);            // what throws it on
  void (*drop_thrown)(void);         // wa_thrown_drop, which static programs need not have
  stack_t previous_signal_stack;     // put back when the thread ends
  bool raised;                       // a host function said why it fails
  bool spare_open;                   // see host_stack.h
  bool blocks_signals;               // its mask has some of ours: calls unblock them meanwhile
  struct wa_parked parked;
  struct wa_kept_locals *kept_locals; // where those go of a trap's frames; NULL: nobody wants them
  struct wa_thread *previous;         // in the list of all
  struct wa_thread *next;
  atomic_int tid; // the kernel's id; 0: adopted by none yet
  // For other threads that interrupt this one. See interrupt.c.
  _Atomic(struct wa_calls *) calls;       // of the outermost call's store, or NULL
  atomic_uint strangers;                  // calls in progress of other stores than that
  _Atomic(struct wa_snapshot *) snapshot; // that somebody asks it for, or NULL
  // From here on nothing is cleared for a new thread, and no page touched without a trap or throw.
  struct wa_trap reason;  // valid when raised
  struct wa_fault fault;  // of the trap at hand
  struct wa_trap outcome; // of a group's thread: how its guest thread ended
  struct wa_landing_cache landings;
};

// A record for a thread to come, which runs on the stack of so many bytes, at least, that is below
// it: [stack_low, stack_high). Its maker learns here of a want of memory: then it is NULL. Where
// the C library keeps what it has of a thread on top of the stack, the record is on the same page.
struct wa_thread *wa_thread_reserve(size_t stack_size);
// When no thread has adopted it, or that thread has been joined.
void wa_thread_release(struct wa_thread *thread);
// Makes it the record of the calling thread, which has none. Fails only with a kernel or C library
// that refuses what they always grant.
bool wa_thread_adopt(struct wa_thread *thread);
// Looks again at the calling thread's signal mask and alternate stack, which the host may have
// changed since its record was made. False when the system refused the stack.
bool wa_thread_refresh(void);
// Gives back what was touched of a reserved stack below the 64 KiB under `top`, which its own
// thread may do with its stack pointer.
void wa_thread_trim(const struct wa_thread *thread, uintptr_t top);
// The record of the calling thread, made at first use. NULL when out of memory.
struct wa_thread *wa_thread_current(void);
// initial-exec: the signal handler reads it, and the general model may allocate at first use.
extern _Thread_local struct wa_thread *wa_thread_record
    __attribute__((tls_model("initial-exec"), visibility("hidden")));
// The same, never made: async-signal-safe.
static inline struct wa_thread *wa_thread_peek(void) {
  return wa_thread_record;
}
// Gives a thread that has no guest stack one of its own, of so many bytes; one that it got here
// before, of another size, is replaced unless a call is in progress.
bool wa_thread_need_stack(struct wa_thread *thread, size_t size);
// Calls a function for every record there is. A thread whose record is visited does not end
// meanwhile.
void wa_threads_visit(void (*visit)(struct wa_thread *thread, void *arg), void *arg);

#define WA_DEFAULT_STACK_SIZE ((size_t)8 << 20)
// What the probes of compiled code and a signal's frame leave something of.
#define WA_MIN_STACK_SIZE ((size_t)256 << 10)

// The size of stack that an option asks for: 0 is the default.
static inline size_t wa_stack_size_for(size_t option) {
  size_t size = option == 0 ? WA_DEFAULT_STACK_SIZE : option;
  return size < WA_MIN_STACK_SIZE ? WA_MIN_STACK_SIZE : size;
}

#endif
