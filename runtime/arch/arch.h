// What differs between processors: entering compiled code and leaving it at a trap, and reading the
// registers of an interrupted thread. One pair arch_NAME.c, arch_NAME.S per architecture.
#ifndef WA_RUNTIME_ARCH_ARCH_H
#define WA_RUNTIME_ARCH_ARCH_H

#include "runtime/abi.h"

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

// ---- For signal handlers; `context` is a ucontext_t ----

uintptr_t wa_arch_pc(const void *context);
// Makes the interrupted thread continue where its innermost activation was entered.
void wa_arch_leave(void *context, struct wa_activation *activation);
// The code of the trap instruction at `pc`, which has `available` bytes to the end of the text.
enum wa_trap_code wa_arch_trap_code(const uint8_t *pc, size_t available);

// What a trap instruction raises, and registers by DWARF number, for unwinding.
// WA_CALL_IN_REGISTER: a call leaves the return address in a register, and a function that calls
// none may keep it there.
// WA_DWARF_CONTEXT: what callees preserve and compiled functions find their context in, or -1.
#if defined(__x86_64__)
enum { WA_TRAP_SIGNAL = SIGILL, WA_CALL_IN_REGISTER = 0 };
enum { WA_DWARF_REGISTERS = 17, WA_DWARF_SP = 7, WA_DWARF_RA = 16, WA_DWARF_CONTEXT = 13 };
#elif defined(__aarch64__)
enum { WA_TRAP_SIGNAL = SIGTRAP, WA_CALL_IN_REGISTER = 1 };
// Up to v15: a callee preserves the low half of v8 to v15. Between x31 and v0 is nothing of ours.
enum {
  WA_DWARF_REGISTERS = 80,
  WA_DWARF_SP = 31,
  WA_DWARF_RA = 30,
  WA_DWARF_V0 = 64,
  WA_DWARF_CONTEXT = 20
};
#elif defined(__riscv) && __riscv_xlen == 64
enum { WA_TRAP_SIGNAL = SIGILL, WA_CALL_IN_REGISTER = 1 };
enum {
  WA_DWARF_REGISTERS = 64,
  WA_DWARF_SP = 2,
  WA_DWARF_RA = 1,
  WA_DWARF_F0 = 32,
  WA_DWARF_CONTEXT = -1
};
#else
#error "no runtime for this architecture yet: add arch_NAME.c and arch_NAME.S"
#endif
void wa_arch_registers(const void *context, uintptr_t registers[WA_DWARF_REGISTERS]);
// Makes the interrupted thread continue at `pc` with these registers and an exception where a
// landing pad expects it (psABI, 4.8.1).
void wa_arch_land(void *context, const uintptr_t registers[WA_DWARF_REGISTERS], uintptr_t pc,
                  void *exception);

#endif
