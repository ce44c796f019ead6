#include "runtime/arch/arch.h"

#include <asm/sigcontext.h>
#include <string.h>
#include <ucontext.h>

_Static_assert(offsetof(struct wa_activation, host_stack) == WA_ACTIVATION_HOST_STACK,
               "arch_aarch64.S");

void wa_arch_trap_exit(void);

// x19 to x30, sp and d8 to d15.
const uint8_t wa_arch_saved[WA_SAVED_REGISTERS] = {19, 20, 21, 22, 23,          24,          25,
                                                   26, 27, 28, 29, WA_DWARF_RA, WA_DWARF_SP, 72,
                                                   73, 74, 75, 76, 77,          78,          79};

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

bool wa_arch_trap_types(const uint8_t *pc, size_t available, const void *context,
                        struct wa_arch_types *types) {
  const ucontext_t *ucontext = context;
  uint32_t instructions[2];
  if (available < sizeof instructions) {
    return false;
  }
  memcpy(instructions, pc, sizeof instructions);
  // brk 0x5700 or 0x5701, then cmp, of which only the registers' numbers matter.
  if ((instructions[0] & ~0x20u) != (0xd4200000 | 0x5700 << 5)) {
    return false;
  }
  *types = (struct wa_arch_types){.own = (instructions[0] & 0x20) == 0};
  uint32_t found = instructions[1] >> 5 & 0x1f, expected = instructions[1] >> 16 & 0x1f;
  types->found = found == 31 ? 0 : ucontext->uc_mcontext.regs[found];
  types->expected = expected == 31 ? 0 : ucontext->uc_mcontext.regs[expected];
  if (types->own) {
    types->found = (uint32_t)types->found;
    types->expected = (uint32_t)types->expected;
  }
  return true;
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

// The kernel's record of the vector registers, one of a list that starts in every signal frame.
static struct fpsimd_context *vectors(const ucontext_t *ucontext) {
  uintptr_t at = (uintptr_t)ucontext->uc_mcontext.__reserved;
  uintptr_t end = at + sizeof ucontext->uc_mcontext.__reserved;
  while (at + sizeof(struct fpsimd_context) <= end) {
    struct _aarch64_ctx *record = (struct _aarch64_ctx *)at;
    if (record->magic == FPSIMD_MAGIC) {
      return (struct fpsimd_context *)record;
    }
    if (record->size == 0) {
      break;
    }
    at += record->size;
  }
  return NULL;
}

void wa_arch_registers(const void *context, uintptr_t registers[WA_DWARF_REGISTERS]) {
  const ucontext_t *ucontext = context;
  const struct fpsimd_context *from = vectors(ucontext);
  memset(registers, 0, WA_DWARF_REGISTERS * sizeof *registers);
  for (int i = 0; i < WA_DWARF_SP; i++) {
    registers[i] = ucontext->uc_mcontext.regs[i];
  }
  registers[WA_DWARF_SP] = ucontext->uc_mcontext.sp;
  for (int i = WA_DWARF_V0; i < WA_DWARF_REGISTERS && from != NULL; i++) {
    registers[i] = (uintptr_t)from->vregs[i - WA_DWARF_V0];
  }
}
