// RISC-V psABI, 8.5: what an artifact's slots and .eh_frame need. ADD and SUB work on what is at
// the place already, so .eh_frame that uses them is not for this table; LLVM's objects have
// R_RISCV_32_PCREL.
#include "loader/reloc.h"

#include <elf.h>

#ifndef R_RISCV_32_PCREL
#define R_RISCV_32_PCREL 57
#endif

static bool compute(uint32_t type, uint64_t S, uint64_t A, uint64_t P, struct wa_reloc_value *out) {
  switch (type) {
  case R_RISCV_NONE:
    *out = (struct wa_reloc_value){0, 0, WA_RELOC_ANY};
    return true;
  case R_RISCV_64:
    *out = (struct wa_reloc_value){S + A, 8, WA_RELOC_ANY};
    return true;
  case R_RISCV_32_PCREL:
    *out = (struct wa_reloc_value){S + A - P, 4, WA_RELOC_SIGNED32};
    return true;
  default:
    return false;
  }
}

static const char *type_name(uint32_t type) {
  switch (type) {
  case R_RISCV_CALL:
    return "R_RISCV_CALL";
  case R_RISCV_CALL_PLT:
    return "R_RISCV_CALL_PLT";
  case R_RISCV_PCREL_HI20:
    return "R_RISCV_PCREL_HI20";
  case R_RISCV_ADD32:
    return "R_RISCV_ADD32";
  case R_RISCV_SUB32:
    return "R_RISCV_SUB32";
  default:
    return NULL;
  }
}

const struct wa_reloc_target wa_reloc_riscv = {EM_RISCV, compute, type_name};
