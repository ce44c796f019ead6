#include "runtime/arch/arch.h"

#include <string.h>
#include <ucontext.h>

_Static_assert(offsetof(struct wa_activation, host_stack) == WA_ACTIVATION_HOST_STACK,
               "arch_riscv64.S");

void wa_arch_trap_exit(void);

// ra, sp, s0 to s11 and fs0 to fs11.
const uint8_t wa_arch_saved[WA_SAVED_REGISTERS] = {
    WA_DWARF_RA, WA_DWARF_SP, 8,  9,  18, 19, 20, 21, 22, 23, 24, 25, 26,
    27,          40,          41, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59};

// The kernel's gregs are x1 to x31 by number, and the pc where x0 would be.
enum { GREG_PC = 0, GREG_S1 = 9, GREG_A0 = 10, GREG_A1 = 11 };

uintptr_t wa_arch_pc(const void *context) {
  const ucontext_t *ucontext = context;
  return ucontext->uc_mcontext.__gregs[GREG_PC];
}

void wa_arch_leave(void *context, struct wa_activation *activation) {
  ucontext_t *ucontext = context;
  ucontext->uc_mcontext.__gregs[GREG_PC] = (uintptr_t)wa_arch_trap_exit;
  ucontext->uc_mcontext.__gregs[GREG_S1] = (uintptr_t)activation;
  ucontext->uc_mcontext.__gregs[WA_DWARF_SP] = (uintptr_t)activation->host_stack;
}

bool wa_arch_trap_types(const uint8_t *pc, size_t available, const void *context,
                        struct wa_arch_types *types) {
  const ucontext_t *ucontext = context;
  uint32_t instruction = 0;
  memcpy(&instruction, pc, available < sizeof instruction ? available : sizeof instruction);
  uint32_t operation = instruction & 0xfff0707f;
  if ((operation != 0xc0001073 && operation != 0xc0101073) || instruction == 0xc0001073) {
    return false; // the last is unimp
  }
  // Writes to counters that user mode may only read: illegal whatever is written.
  *types = (struct wa_arch_types){.own = operation == 0xc0101073};
  uint32_t found = instruction >> 15 & 0x1f, expected = instruction >> 7 & 0x1f;
  types->found = found == 0 ? 0 : ucontext->uc_mcontext.__gregs[found];
  types->expected = expected == 0 ? 0 : ucontext->uc_mcontext.__gregs[expected];
  if (types->own) {
    types->found = (uint32_t)types->found;
    types->expected = (uint32_t)types->expected;
  }
  return true;
}

enum wa_trap_code wa_arch_trap_code(const uint8_t *pc, size_t available) {
  uint32_t instruction = 0;
  memcpy(&instruction, pc, available < sizeof instruction ? available : sizeof instruction);
  // csrwi cycle, code: what compiled code has in place of llvm.ubsantrap.
  if ((instruction & 0xfff07fff) == 0xc0005073) {
    uint32_t code = instruction >> 15 & 0x1f;
    return code < WA_TRAP_CODE_COUNT ? (enum wa_trap_code)code : WA_TRAP_UNREACHABLE;
  }
  // llvm.trap: unimp, or c.unimp.
  return instruction == 0xc0001073 || (instruction & 0xffff) == 0 ? WA_TRAP_UNREACHABLE
                                                                  : WA_TRAP_NONE;
}

void wa_arch_registers(const void *context, uintptr_t registers[WA_DWARF_REGISTERS]) {
  const ucontext_t *ucontext = context;
  registers[0] = 0;
  for (int i = 1; i < WA_DWARF_F0; i++) {
    registers[i] = ucontext->uc_mcontext.__gregs[i];
  }
  for (int i = WA_DWARF_F0; i < WA_DWARF_REGISTERS; i++) {
    registers[i] = ucontext->uc_mcontext.__fpregs.__d.__f[i - WA_DWARF_F0];
  }
}
