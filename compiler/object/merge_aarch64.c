// ELF for the Arm 64-bit Architecture, 5.7.
#include "compiler/object/merge_machine.h"

#include <elf.h>
#include <string.h>

// Puts the low `bits` of a value into an instruction, from bit `shift` up.
static void insert(uint8_t *place, uint64_t value, unsigned bits, unsigned shift) {
  uint32_t mask = (UINT32_C(1) << bits) - 1, instruction;
  memcpy(&instruction, place, sizeof instruction);
  instruction = (instruction & ~(mask << shift)) | (((uint32_t)value & mask) << shift);
  memcpy(place, &instruction, sizeof instruction);
}

static bool fits(int64_t value, unsigned bits) {
  return value >= -((int64_t)1 << (bits - 1)) && value < (int64_t)1 << (bits - 1);
}

// A distance in units of four bytes.
static enum wa_relocated branch(uint8_t *place, uint64_t distance, unsigned bits, unsigned shift) {
  if (distance % 4 != 0) {
    return WA_RELOCATION_UNKNOWN;
  }
  if (!fits((int64_t)distance, bits + 2)) {
    return WA_RELOCATION_OUT_OF_REACH;
  }
  insert(place, distance >> 2, bits, shift);
  return WA_RELOCATED;
}

// adr and adrp: the low two bits of the value are apart from the rest.
static enum wa_relocated address(uint8_t *place, int64_t value) {
  if (!fits(value, 21)) {
    return WA_RELOCATION_OUT_OF_REACH;
  }
  insert(place, (uint64_t)value, 2, 29);
  insert(place, (uint64_t)value >> 2, 19, 5);
  return WA_RELOCATED;
}

// The offset in a page, in units of the access.
static enum wa_relocated page_offset(uint8_t *place, uint64_t value, unsigned scale) {
  if (value % (UINT64_C(1) << scale) != 0) {
    return WA_RELOCATION_UNKNOWN;
  }
  insert(place, (value & 0xfff) >> scale, 12, 10);
  return WA_RELOCATED;
}

static enum wa_relocated distance32(uint8_t *place, uint64_t distance) {
  int32_t word = (int32_t)distance;
  if ((int64_t)distance != word) {
    return WA_RELOCATION_OUT_OF_REACH;
  }
  memcpy(place, &word, sizeof word);
  return WA_RELOCATED;
}

static uint64_t page(uint64_t address) {
  return address & ~(uint64_t)0xfff;
}

static enum wa_relocated relocate(uint8_t *place, uint32_t type, uint64_t S, uint64_t A,
                                  uint64_t P) {
  uint64_t value = S + A;
  switch (type) {
  case R_AARCH64_CALL26:
  case R_AARCH64_JUMP26:
    return branch(place, value - P, 26, 0);
  case R_AARCH64_CONDBR19:
  case R_AARCH64_LD_PREL_LO19:
    return branch(place, value - P, 19, 5);
  case R_AARCH64_TSTBR14:
    return branch(place, value - P, 14, 5);
  case R_AARCH64_ADR_PREL_LO21:
    return address(place, (int64_t)(value - P));
  case R_AARCH64_ADR_PREL_PG_HI21:
    return address(place, (int64_t)(page(value) - page(P)) >> 12);
  case R_AARCH64_ADD_ABS_LO12_NC:
  case R_AARCH64_LDST8_ABS_LO12_NC:
    return page_offset(place, value, 0);
  case R_AARCH64_LDST16_ABS_LO12_NC:
    return page_offset(place, value, 1);
  case R_AARCH64_LDST32_ABS_LO12_NC:
    return page_offset(place, value, 2);
  case R_AARCH64_LDST64_ABS_LO12_NC:
    return page_offset(place, value, 3);
  case R_AARCH64_LDST128_ABS_LO12_NC:
    return page_offset(place, value, 4);
  case R_AARCH64_PREL32:
    return distance32(place, value - P);
  default:
    return WA_RELOCATION_UNKNOWN;
  }
}

const struct wa_merge_machine wa_merge_aarch64 = {
    .machine = EM_AARCH64,
    .eh_frame_type = SHT_PROGBITS,
    .abs64 = R_AARCH64_ABS64,
    .abs32 = R_AARCH64_ABS32,
    .pcrel32 = R_AARCH64_PREL32,
    .text_alignment = 65536,
    .reach = "128 MiB",
    // adrp x16, slot; add x16, x16, slot; ldr x17, [x16]; br x17. Both are the linker's to use
    // between functions.
    .plt_entry = {0x10, 0x00, 0x00, 0x90, 0x10, 0x02, 0x00, 0x91, 0x11, 0x02, 0x40, 0xf9, 0x20,
                  0x02, 0x1f, 0xd6},
    .plt_relocs = {{.at = 0, .origin = 0, .type = R_AARCH64_ADR_PREL_PG_HI21},
                   {.at = 4, .origin = 4, .type = R_AARCH64_ADD_ABS_LO12_NC}},
    .relocate = relocate,
};
