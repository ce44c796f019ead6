#include "runtime/arch/arch.h"

#include <ucontext.h>

_Static_assert(offsetof(struct wa_activation, host_stack) == WA_ACTIVATION_HOST_STACK,
               "arch_x86_64.S");

void wa_arch_trap_exit(void);

// rbx, rbp, r12 to r15, rsp and the return address.
const uint8_t wa_arch_saved[WA_SAVED_REGISTERS] = {3, 6, 12, 13, 14, 15, WA_DWARF_SP, WA_DWARF_RA};

uintptr_t wa_arch_pc(const void *context) {
  const ucontext_t *ucontext = context;
  return (uintptr_t)ucontext->uc_mcontext.gregs[REG_RIP];
}

void wa_arch_leave(void *context, struct wa_activation *activation) {
  ucontext_t *ucontext = context;
  ucontext->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)wa_arch_trap_exit;
  ucontext->uc_mcontext.gregs[REG_RBX] = (greg_t)(uintptr_t)activation;
  ucontext->uc_mcontext.gregs[REG_RSP] = (greg_t)(uintptr_t)activation->host_stack;
  ucontext->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)0x400; // direction flag: clear in the psABI
}

enum wa_trap_code wa_arch_trap_code(const uint8_t *pc, size_t available) {
  // llvm.ubsantrap(code): ud1l code(%eax), %eax.
  if (available >= 5 && pc[0] == 0x67 && pc[1] == 0x0f && pc[2] == 0xb9 && pc[3] == 0x40) {
    return pc[4] < WA_TRAP_CODE_COUNT ? (enum wa_trap_code)pc[4] : WA_TRAP_UNREACHABLE;
  }
  // llvm.trap: ud2.
  if (available >= 2 && pc[0] == 0x0f && pc[1] == 0x0b) {
    return WA_TRAP_UNREACHABLE;
  }
  return WA_TRAP_NONE;
}

static const int by_dwarf_number[WA_DWARF_REGISTERS] = {
    REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
    REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP,
};

void wa_arch_registers(const void *context, uintptr_t registers[WA_DWARF_REGISTERS]) {
  const ucontext_t *ucontext = context;
  for (int i = 0; i < WA_DWARF_REGISTERS; i++) {
    registers[i] = (uintptr_t)ucontext->uc_mcontext.gregs[by_dwarf_number[i]];
  }
}
