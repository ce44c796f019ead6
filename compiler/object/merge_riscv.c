// RISC-V psABI, 8.5; instruction formats as in the unprivileged ISA, 2.3 and 16.2.
#include "compiler/object/merge_machine.h"

#include <elf.h>
#include <string.h>

#ifndef R_RISCV_32_PCREL
#define R_RISCV_32_PCREL 57
#endif
#ifndef EF_RISCV_RVC
#define EF_RISCV_RVC 0x1
#endif
#ifndef EF_RISCV_FLOAT_ABI_DOUBLE
#define EF_RISCV_FLOAT_ABI_DOUBLE 0x4
#endif

static uint32_t read32(const uint8_t *place) {
  uint32_t word;
  memcpy(&word, place, sizeof word);
  return word;
}

static void write32(uint8_t *place, uint32_t word) {
  memcpy(place, &word, sizeof word);
}

static void write16(uint8_t *place, uint32_t word) {
  uint16_t half = (uint16_t)word;
  memcpy(place, &half, sizeof half);
}

static bool fits(int64_t value, unsigned bits) {
  return value >= -((int64_t)1 << (bits - 1)) && value < (int64_t)1 << (bits - 1);
}

// Bits [low, low + count) of a value, moved to bit `to`.
static uint32_t field(uint64_t value, unsigned low, unsigned count, unsigned to) {
  return ((uint32_t)(value >> low) & ((UINT32_C(1) << count) - 1)) << to;
}

// The upper part rounds so that the signed lower twelve bits make up the rest.
static enum wa_relocated upper(uint8_t *place, uint64_t distance) {
  if (!fits((int64_t)(distance + 0x800), 32)) {
    return WA_RELOCATION_OUT_OF_REACH;
  }
  write32(place, (read32(place) & 0xfff) | ((uint32_t)(distance + 0x800) & 0xfffff000));
  return WA_RELOCATED;
}

static void lower_i(uint8_t *place, uint64_t distance) {
  write32(place, (read32(place) & 0x000fffff) | field(distance, 0, 12, 20));
}

static void lower_s(uint8_t *place, uint64_t distance) {
  write32(place,
          (read32(place) & 0x01fff07f) | field(distance, 5, 7, 25) | field(distance, 0, 5, 7));
}

static enum wa_relocated branch(uint8_t *place, uint64_t d) {
  if (!fits((int64_t)d, 13)) {
    return WA_RELOCATION_OUT_OF_REACH;
  }
  write32(place, (read32(place) & 0x01fff07f) | field(d, 12, 1, 31) | field(d, 5, 6, 25) |
                     field(d, 1, 4, 8) | field(d, 11, 1, 7));
  return WA_RELOCATED;
}

static enum wa_relocated jump(uint8_t *place, uint64_t d) {
  if (!fits((int64_t)d, 21)) {
    return WA_RELOCATION_OUT_OF_REACH;
  }
  write32(place, (read32(place) & 0xfff) | field(d, 20, 1, 31) | field(d, 1, 10, 21) |
                     field(d, 11, 1, 20) | field(d, 12, 8, 12));
  return WA_RELOCATED;
}

static enum wa_relocated short_branch(uint8_t *place, uint64_t d) {
  if (!fits((int64_t)d, 9)) {
    return WA_RELOCATION_OUT_OF_REACH;
  }
  write16(place, ((uint32_t)(place[0] | place[1] << 8) & 0xe383) | field(d, 8, 1, 12) |
                     field(d, 3, 2, 10) | field(d, 6, 2, 5) | field(d, 1, 2, 3) |
                     field(d, 5, 1, 2));
  return WA_RELOCATED;
}

static enum wa_relocated short_jump(uint8_t *place, uint64_t d) {
  if (!fits((int64_t)d, 12)) {
    return WA_RELOCATION_OUT_OF_REACH;
  }
  write16(place, ((uint32_t)(place[0] | place[1] << 8) & 0xe003) | field(d, 11, 1, 12) |
                     field(d, 4, 1, 11) | field(d, 8, 2, 9) | field(d, 10, 1, 8) |
                     field(d, 6, 1, 7) | field(d, 7, 1, 6) | field(d, 1, 3, 3) | field(d, 5, 1, 2));
  return WA_RELOCATED;
}

static enum wa_relocated distance32(uint8_t *place, uint64_t distance) {
  if ((int64_t)distance != (int32_t)distance) {
    return WA_RELOCATION_OUT_OF_REACH;
  }
  write32(place, (uint32_t)distance);
  return WA_RELOCATED;
}

static enum wa_relocated relocate(uint8_t *place, uint32_t type, uint64_t S, uint64_t A,
                                  uint64_t P) {
  uint64_t distance = S + A - P;
  switch (type) {
  case R_RISCV_CALL:
  case R_RISCV_CALL_PLT: // every symbol is within the text
    lower_i(place + 4, distance);
    return upper(place, distance);
  case R_RISCV_PCREL_HI20:
    return upper(place, distance);
  case R_RISCV_PCREL_LO12_I:
    lower_i(place, distance);
    return WA_RELOCATED;
  case R_RISCV_PCREL_LO12_S:
    lower_s(place, distance);
    return WA_RELOCATED;
  case R_RISCV_BRANCH:
    return branch(place, distance);
  case R_RISCV_JAL:
    return jump(place, distance);
  case R_RISCV_RVC_BRANCH:
    return short_branch(place, distance);
  case R_RISCV_RVC_JUMP:
    return short_jump(place, distance);
  case R_RISCV_ADD32:
    write32(place, read32(place) + (uint32_t)(S + A));
    return WA_RELOCATED;
  case R_RISCV_SUB32:
    write32(place, read32(place) - (uint32_t)(S + A));
    return WA_RELOCATED;
  case R_RISCV_32_PCREL:
    return distance32(place, distance);
  default:
    return WA_RELOCATION_UNKNOWN;
  }
}

// Their symbol is the label of the auipc, whose own relocation names what is addressed.
static bool is_second_half(uint32_t type) {
  return type == R_RISCV_PCREL_LO12_I || type == R_RISCV_PCREL_LO12_S;
}

const struct wa_merge_machine wa_merge_riscv = {
    .machine = EM_RISCV,
    .elf_flags = EF_RISCV_RVC | EF_RISCV_FLOAT_ABI_DOUBLE,
    .eh_frame_type = SHT_PROGBITS,
    .abs64 = R_RISCV_64,
    .abs32 = R_RISCV_32,
    .pcrel32 = R_RISCV_32_PCREL,
    .text_alignment = 4096,
    .reach = "2 GiB",
    // auipc t3, slot; addi t3, t3, slot; ld t4, (t3); jr t4
    .plt_entry = {0x17, 0x0e, 0x00, 0x00, 0x13, 0x0e, 0x0e, 0x00, 0x83, 0x3e, 0x0e, 0x00, 0x67,
                  0x80, 0x0e, 0x00},
    .plt_relocs = {{.at = 0, .origin = 0, .type = R_RISCV_PCREL_HI20},
                   {.at = 4, .origin = 0, .type = R_RISCV_PCREL_LO12_I}},
    .relocate = relocate,
    .is_second_half = is_second_half,
};
