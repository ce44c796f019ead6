// Host functions that run on the stack of the host's call instead of the guest's: for hosts whose
// runtime knows a thread by its stack, as those of Go, Java and Ruby do.
#ifndef WA_RUNTIME_CALL_TURN_H
#define WA_RUNTIME_CALL_TURN_H

#include "runtime/thread/thread.h"

// What a host function must find there of its thread's stack.
#define WA_TURN_ROOM ((uintptr_t)128 << 10)

enum wa_turn {
  WA_TURN_STAY, // it is on the host's stack already, or one of a group's threads, which have one
  WA_TURN_TAKE, // `turn` says where
  WA_TURN_FULL, // less than WA_TURN_ROOM is left, or the call was made on a coroutine's stack,
                // whose end nobody knows
};

// For a host function that the calling thread's guest is about to call.
enum wa_turn wa_turn_find(struct wa_thread *thread, struct wa_arch_turn *turn);
// Whether the caller's frame is on the host's stack, below the one where the turn began: a call
// from there goes on at `turn->left`.
bool wa_turn_is_here(struct wa_thread *thread);
// Whether an address is on the stack that the C library gave the thread. False when it does not
// say.
bool wa_turn_on_host_stack(struct wa_thread *thread, uintptr_t address);

static inline bool wa_on_guest_stack(const struct wa_thread *thread, uintptr_t address) {
  return address >= thread->stack_low && address < thread->stack_high;
}

#endif
