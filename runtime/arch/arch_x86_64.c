#include "runtime/arch/arch.h"

#include <string.h>
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

static const int by_number[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                  REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                  REG_R12, REG_R13, REG_R14, REG_R15};

bool wa_arch_trap_types(const uint8_t *pc, size_t available, const void *context,
                        struct wa_arch_types *types) {
  const greg_t *registers = ((const ucontext_t *)context)->uc_mcontext.gregs;
  uint8_t bytes[8] = {0};
  memcpy(bytes, pc, available < sizeof bytes ? available : sizeof bytes);
  size_t at = (bytes[0] & 0xf0) == 0x40 ? 1 : 0;
  uint8_t rex = at != 0 ? bytes[0] : 0, modrm = bytes[at + 2];
  if (bytes[at] != 0x0f || bytes[at + 1] != 0xb9) {
    return false;
  }
  *types = (struct wa_arch_types){.own = (rex & 8) == 0};
  types->found = (uintptr_t)registers[by_number[(modrm >> 3 & 7) | (rex & 4) << 1]];
  if (!types->own) {
    types->expected = (uintptr_t)registers[by_number[(modrm & 7) | (rex & 1) << 3]];
    return modrm >> 6 == 3;
  }
  uint32_t expected = bytes[at + 3]; // type indexes are not negative
  if (modrm >> 6 == 2) {
    memcpy(&expected, bytes + at + 3, sizeof expected);
  }
  types->expected = expected;
  types->found = (uint32_t)types->found;
  return (modrm >> 6 == 1 || modrm >> 6 == 2) && (modrm & 7) == 0;
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
