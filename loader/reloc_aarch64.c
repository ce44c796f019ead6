// ELF for the Arm 64-bit Architecture, 5.7: what an artifact's slots and .eh_frame need.
#include "loader/reloc.h"

#include <elf.h>

static bool compute(uint32_t type, uint64_t S, uint64_t A, uint64_t P, struct wa_reloc_value *out) {
  switch (type) {
  case R_AARCH64_NONE:
    *out = (struct wa_reloc_value){0, 0, WA_RELOC_ANY};
    return true;
  case R_AARCH64_ABS64:
    *out = (struct wa_reloc_value){S + A, 8, WA_RELOC_ANY};
    return true;
  case R_AARCH64_PREL64:
    *out = (struct wa_reloc_value){S + A - P, 8, WA_RELOC_ANY};
    return true;
  case R_AARCH64_PREL32:
    *out = (struct wa_reloc_value){S + A - P, 4, WA_RELOC_SIGNED32};
    return true;
  default:
    return false;
  }
}

static const char *type_name(uint32_t type) {
  switch (type) {
  case R_AARCH64_CALL26:
    return "R_AARCH64_CALL26";
  case R_AARCH64_JUMP26:
    return "R_AARCH64_JUMP26";
  case R_AARCH64_ADR_PREL_PG_HI21:
    return "R_AARCH64_ADR_PREL_PG_HI21";
  case R_AARCH64_ADD_ABS_LO12_NC:
    return "R_AARCH64_ADD_ABS_LO12_NC";
  default:
    return NULL;
  }
}

const struct wa_reloc_target wa_reloc_aarch64 = {EM_AARCH64, compute, type_name};
