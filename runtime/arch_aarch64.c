#include "arch.h"
#include "binding.h"

#include <string.h>
#include <ucontext.h>

_Static_assert(offsetof(struct wa_activation, host_stack) == WA_ACTIVATION_HOST_STACK,
               "arch_aarch64.S");
_Static_assert(offsetof(struct wa_binding, exit) == 8, "arch_aarch64.S");

void wa_arch_trap_exit(void);

uintptr_t wa_arch_pc(const void *context) {
  const ucontext_t *ucontext = context;
  return ucontext->uc_mcontext.pc;
}

void wa_arch_leave(void *context, struct wa_activation *activation) {
  ucontext_t *ucontext = context;
  ucontext->uc_mcontext.pc = (uintptr_t)wa_arch_trap_exit;
  ucontext->uc_mcontext.regs[19] = (uintptr_t)activation;
  ucontext->uc_mcontext.sp = (uintptr_t)activation->host_stack;
}

enum wa_trap_code wa_arch_trap_code(const uint8_t *pc, size_t available) {
  uint32_t instruction;
  if (available < sizeof instruction) {
    return WA_TRAP_NONE;
  }
  memcpy(&instruction, pc, sizeof instruction);
  // brk #immediate
  if ((instruction & 0xffe0001f) != 0xd4200000) {
    return WA_TRAP_NONE;
  }
  uint32_t immediate = instruction >> 5 & 0xffff;
  // llvm.ubsantrap(code): 'U' and the code; llvm.trap: 1. Others are a debugger's.
  if (immediate >> 8 == 0x55) {
    uint32_t code = immediate & 0xff;
    return code < WA_TRAP_CODE_COUNT ? (enum wa_trap_code)code : WA_TRAP_UNREACHABLE;
  }
  return immediate == 1 ? WA_TRAP_UNREACHABLE : WA_TRAP_NONE;
}

void wa_arch_registers(const void *context, uintptr_t registers[WA_DWARF_REGISTERS]) {
  const ucontext_t *ucontext = context;
  for (int i = 0; i < WA_DWARF_SP; i++) {
    registers[i] = ucontext->uc_mcontext.regs[i];
  }
  registers[WA_DWARF_SP] = ucontext->uc_mcontext.sp;
}
