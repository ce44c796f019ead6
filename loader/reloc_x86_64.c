// x86-64 psABI, 4.4.1.
#include "loader/reloc.h"

#include <elf.h>

static bool compute(uint32_t type, uint64_t S, uint64_t A, uint64_t P, struct wa_reloc_value *out) {
  switch (type) {
  case R_X86_64_NONE:
    *out = (struct wa_reloc_value){0, 0, WA_RELOC_ANY};
    return true;
  case R_X86_64_64:
    *out = (struct wa_reloc_value){S + A, 8, WA_RELOC_ANY};
    return true;
  case R_X86_64_PC64:
    *out = (struct wa_reloc_value){S + A - P, 8, WA_RELOC_ANY};
    return true;
  case R_X86_64_PC32:
  case R_X86_64_PLT32: // every symbol is within the object: L is S
    *out = (struct wa_reloc_value){S + A - P, 4, WA_RELOC_SIGNED32};
    return true;
  case R_X86_64_32:
    *out = (struct wa_reloc_value){S + A, 4, WA_RELOC_UNSIGNED32};
    return true;
  case R_X86_64_32S:
    *out = (struct wa_reloc_value){S + A, 4, WA_RELOC_SIGNED32};
    return true;
  default:
    return false;
  }
}

static const char *type_name(uint32_t type) {
  static const char *const names[] = {
      "R_X86_64_NONE",     "R_X86_64_64",       "R_X86_64_PC32",     "R_X86_64_GOT32",
      "R_X86_64_PLT32",    "R_X86_64_COPY",     "R_X86_64_GLOB_DAT", "R_X86_64_JUMP_SLOT",
      "R_X86_64_RELATIVE", "R_X86_64_GOTPCREL", "R_X86_64_32",       "R_X86_64_32S",
      "R_X86_64_16",       "R_X86_64_PC16",     "R_X86_64_8",        "R_X86_64_PC8",
      "R_X86_64_DTPMOD64", "R_X86_64_DTPOFF64", "R_X86_64_TPOFF64",  "R_X86_64_TLSGD",
      "R_X86_64_TLSLD",    "R_X86_64_DTPOFF32", "R_X86_64_GOTTPOFF", "R_X86_64_TPOFF32",
      "R_X86_64_PC64",     "R_X86_64_GOTOFF64", "R_X86_64_GOTPC32",
  };
  switch (type) {
  case R_X86_64_GOTPCRELX:
    return "R_X86_64_GOTPCRELX";
  case R_X86_64_REX_GOTPCRELX:
    return "R_X86_64_REX_GOTPCRELX";
  default:
    return type < sizeof names / sizeof names[0] ? names[type] : NULL;
  }
}

const struct wa_reloc_target wa_reloc_x86_64 = {EM_X86_64, compute, type_name};
