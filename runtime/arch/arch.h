// What differs between processors: entering compiled code, leaving it at a trap or a throw, and
// reading the registers of an interrupted thread. One pair arch_NAME.c, arch_NAME.S and one
// try_NAME.S per architecture.
#ifndef WA_RUNTIME_ARCH_ARCH_H
#define WA_RUNTIME_ARCH_ARCH_H

#include "runtime/abi.h"
#include "runtime/arch/registers.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wa_calls;

// One entry from the host into compiled code, on the host's stack. Innermost first.
struct wa_activation {
  void *host_stack; // the stack pointer to go back to; arch_*.S knows that it is first
  struct wa_activation *outer;
  struct wa_calls *calls;                // of the store of the function that was called
  const struct wa_activation *elsewhere; // the next outer one of another store
};

#define WA_ACTIVATION_HOST_STACK 0

typedef void wa_entry_fn(const void *code, void *context, void *cells);

// Saves the callee-saved registers, notes the stack pointer in the activation, moves to `stack`
// (16-byte aligned top; NULL: stays) and calls entry(code, context, cells). True when that
// returned, false when the signal handler left it through wa_arch_leave.
bool wa_arch_enter(struct wa_activation *activation, wa_entry_fn *entry, const void *code,
                   void *context, void *cells, void *stack);

// Entry point, in the convention of compiled code, of every host function reference: goes on to the
// exit trampoline that the binding (struct wa_binding) names.
void wa_arch_host_stub(void);
// Where in a binding the pointer to it is; arch_*.S knows that, too.
#define WA_BINDING_EXIT 8

// The builtin exception_throw (abi.h): saves the registers that a callee preserves, in the order of
// wa_arch_saved, and has wa_exception_land (exception.h) look for a landing pad. It goes on there,
// with the registers that the pad's function had left when it called and the exception in the first
// one of LLVM's landingpad (psABI, 4.8.1); the second, the selector, nobody looks at. Without a
// landing pad it returns.
void wa_arch_throw(void *context, void *exception);

// A function of the host's that a guest calls, back on the stack of the host.
struct wa_arch_turn {
  void *stack; // a stack pointer of the host's, 16-byte aligned; nothing is below it
  void *left;  // the one on the guest stack meanwhile
};

// Calls fn(arg), on `turn->stack` when there is a turn. NULL when it returned, else the exception
// of the host's language that it threw: wa_thrown_personality (thrown.c) has the unwinder go on at
// wa_arch_caught, with the exception in the register for it.
void *wa_arch_try(void (*fn)(void *arg), void *arg, struct wa_arch_turn *turn);
extern const char wa_arch_caught[] __attribute__((visibility("hidden")));

// ---- For signal handlers; `context` is a ucontext_t ----

uintptr_t wa_arch_pc(const void *context);
// Makes the interrupted thread continue where its innermost activation was entered.
void wa_arch_leave(void *context, struct wa_activation *activation);
// The code of the trap instruction at `pc`, which has `available` bytes to the end of the text.
enum wa_trap_code wa_arch_trap_code(const uint8_t *pc, size_t available);
// What a trap of WA_TRAP_INDIRECT_CALL_TYPE was about (abi.h, "Traps").
struct wa_arch_types {
  uintptr_t found;    // struct wa_func_ref *; own: type index + 1, 0 for null
  uintptr_t expected; // canonical id; own: type index + 1
  bool own;           // type indexes of the artifact
};
// False when the instruction at `pc` is no such trap.
bool wa_arch_trap_types(const uint8_t *pc, size_t available, const void *context,
                        struct wa_arch_types *types);

// What a trap instruction raises.
#if defined(__aarch64__)
enum { WA_TRAP_SIGNAL = SIGTRAP };
#else
enum { WA_TRAP_SIGNAL = SIGILL };
#endif
void wa_arch_registers(const void *context, uintptr_t registers[WA_DWARF_REGISTERS]);

#endif
