// x86-64 psABI, 4.4.1.
#include "compiler/object/merge_machine.h"

#include <elf.h>
#include <string.h>

static enum wa_relocated relocate(uint8_t *place, uint32_t type, uint64_t S, uint64_t A,
                                  uint64_t P) {
  if (type != R_X86_64_PC32 && type != R_X86_64_PLT32) {
    return WA_RELOCATION_UNKNOWN;
  }
  int64_t distance = (int64_t)(S + A - P);
  if (distance != (int32_t)distance) {
    return WA_RELOCATION_OUT_OF_REACH;
  }
  int32_t word = (int32_t)distance;
  memcpy(place, &word, sizeof word);
  return WA_RELOCATED;
}

const struct wa_merge_machine wa_merge_x86_64 = {
    .machine = EM_X86_64,
    .eh_frame_type = SHT_X86_64_UNWIND,
    .abs64 = R_X86_64_64,
    .abs32 = R_X86_64_32,
    .pcrel32 = R_X86_64_PC32,
    .text_alignment = 4096,
    .reach = "2 GiB",
    // lea slot(%rip), %r11; jmp *(%r11)
    .plt_entry = {0x4c, 0x8d, 0x1d, 0, 0, 0, 0, 0x41, 0xff, 0x23, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc,
                  0xcc},
    .plt_relocs = {{.at = 3, .origin = 3, .type = R_X86_64_PC32, .addend = -4}},
    .relocate = relocate,
};
