// Where exceptions go: from a throw through its callers' frames to a landing pad, without a signal
// and, for return addresses that the thread has seen before, without reading any frame information.
#ifndef WA_RUNTIME_THREAD_LANDING_H
#define WA_RUNTIME_THREAD_LANDING_H

#include "runtime/arch/registers.h"

#include <stdbool.h>
#include <stdint.h>

struct wa_thread;

// What a throw needs to know of a call that it passes, by its return address. Only the thread
// itself uses its steps, and never in a signal handler. One cache line on x86-64.
struct wa_landing_step {
  _Alignas(64) uintptr_t pc;
  uint64_t generation; // of the loaded code (code.h); steps of another are void, those of 0 as well
  uintptr_t pad;       // where what the call throws is caught, or 0
  uint32_t cfa_offset; // the caller's stack pointer is the register below plus this
  uint32_t args_size;  // what the call's arguments take on the stack, which a pad expects gone
  uint32_t saved;      // a bit for each of wa_arch_saved that it has, but for the return address
  uint8_t cfa_register;                // index in wa_arch_saved
  uint8_t next;                        // index of the step that came next last time: a guess
  int16_t offsets[WA_SAVED_REGISTERS]; // of what is saved, from the CFA, in words of 8 bytes
};

// Two steps can have the same place, so that two calls do not drive each other out: those at index
// 2n and 2n + 1.
enum { WA_LANDING_SET_BITS = 7, WA_LANDING_STEPS = 2 << WA_LANDING_SET_BITS };

struct wa_landing_cache {
  struct wa_landing_step steps[WA_LANDING_STEPS];
};

// From the registers of a function at a call that throws, in the order of wa_arch_saved, to those
// with which the first landing pad of a caller within the innermost activation goes on: the pad is
// in the place of the return address. False when there is none: the registers are of no use then.
// As long as the stack is deep, and never reads outside the thread's guest stack and the artifacts'
// sections, whatever those contain. Not for signal handlers.
bool wa_landing_find(struct wa_thread *thread, uintptr_t registers[WA_SAVED_REGISTERS]);

#endif
