// The registers of each processor by DWARF number, as frame information names them, and those of
// them that a callee preserves: all that an exception's way through frames has to restore.
#ifndef WA_RUNTIME_ARCH_REGISTERS_H
#define WA_RUNTIME_ARCH_REGISTERS_H

#include <stdint.h>

// WA_CALL_IN_REGISTER: a call leaves the return address in a register, and a function that calls
// none may keep it there.
// WA_DWARF_CONTEXT: what callees preserve and compiled functions find their context in, or -1.
// WA_SAVED_*: how many registers wa_arch_throw saves, and where among them the stack pointer and
// the return address are. wa_arch_saved has their DWARF numbers.
#if defined(__x86_64__)
enum { WA_CALL_IN_REGISTER = 0 };
enum { WA_DWARF_REGISTERS = 17, WA_DWARF_SP = 7, WA_DWARF_RA = 16, WA_DWARF_CONTEXT = 13 };
enum { WA_SAVED_REGISTERS = 8, WA_SAVED_SP = 6, WA_SAVED_RA = 7 };
#elif defined(__aarch64__)
enum { WA_CALL_IN_REGISTER = 1 };
// Up to v15: a callee preserves the low half of v8 to v15. Between x31 and v0 is nothing of ours.
enum {
  WA_DWARF_REGISTERS = 80,
  WA_DWARF_SP = 31,
  WA_DWARF_RA = 30,
  WA_DWARF_V0 = 64,
  WA_DWARF_CONTEXT = 20
};
enum { WA_SAVED_REGISTERS = 21, WA_SAVED_SP = 12, WA_SAVED_RA = 11 };
#elif defined(__riscv) && __riscv_xlen == 64
enum { WA_CALL_IN_REGISTER = 1 };
enum {
  WA_DWARF_REGISTERS = 64,
  WA_DWARF_SP = 2,
  WA_DWARF_RA = 1,
  WA_DWARF_F0 = 32,
  WA_DWARF_CONTEXT = -1
};
enum { WA_SAVED_REGISTERS = 26, WA_SAVED_SP = 1, WA_SAVED_RA = 0 };
#else
#error "no runtime for this architecture yet: add arch_NAME.c and arch_NAME.S"
#endif

extern const uint8_t wa_arch_saved[WA_SAVED_REGISTERS] __attribute__((visibility("hidden")));

#endif
