#include "runtime/code/cfi.h"

#include "runtime/code/cfi_cursor.h"

enum { MAX_REMEMBERED = 8 };

// DWARF 5, 7.24: call frame instructions.
enum {
  DW_CFA_ADVANCE_LOC = 0x1,
  DW_CFA_OFFSET = 0x2,
  DW_CFA_RESTORE = 0x3,
  DW_CFA_NOP = 0x00,
  DW_CFA_ADVANCE_LOC1 = 0x02,
  DW_CFA_ADVANCE_LOC2 = 0x03,
  DW_CFA_ADVANCE_LOC4 = 0x04,
  DW_CFA_OFFSET_EXTENDED = 0x05,
  DW_CFA_RESTORE_EXTENDED = 0x06,
  DW_CFA_UNDEFINED = 0x07,
  DW_CFA_SAME_VALUE = 0x08,
  DW_CFA_REMEMBER_STATE = 0x0a,
  DW_CFA_RESTORE_STATE = 0x0b,
  DW_CFA_DEF_CFA = 0x0c,
  DW_CFA_DEF_CFA_REGISTER = 0x0d,
  DW_CFA_DEF_CFA_OFFSET = 0x0e,
  DW_CFA_GNU_ARGS_SIZE = 0x2e,
};

struct cie {
  uint64_t code_align;
  int64_t data_align;
  size_t pointer_size; // bytes of an encoded address
  bool augmented;      // FDEs have augmentation data
  struct wa_cfi_cursor instructions;
};

// A length-prefixed record at an offset of .eh_frame; false when it does not fit. Leaves the cursor
// at the record's CIE pointer.
static bool read_record(const struct wa_code *code, uint64_t offset, struct wa_cfi_cursor *cursor) {
  if (offset >= code->eh_frame_size) {
    return false;
  }
  const uint8_t *section = code->eh_frame;
  *cursor = (struct wa_cfi_cursor){.at = section + offset, .end = section + code->eh_frame_size};
  uint64_t length = wa_cfi_fixed(cursor, 4);
  if (cursor->bad || length < 4 || length > (uint64_t)(cursor->end - cursor->at)) {
    return false; // the 64-bit form (length 0xffffffff) included: LLVM does not write it
  }
  cursor->end = cursor->at + length;
  return true;
}

static size_t encoded_size(uint64_t encoding) {
  switch (encoding & 0x0f) {
  case 0x03: // DW_EH_PE_udata4
  case 0x0b: // DW_EH_PE_sdata4
    return 4;
  case 0x00: // DW_EH_PE_absptr
  case 0x04: // DW_EH_PE_udata8
  case 0x0c: // DW_EH_PE_sdata8
    return 8;
  default:
    return 0;
  }
}

// Augmentation strings "", "zR" and "zPLR": what LLVM writes for code without and with landing
// pads. The personality is skipped, and where the call-site table lies the unwind table says.
static bool read_augmentation(struct wa_cfi_cursor *cursor, const uint8_t *letters,
                              struct cie *cie) {
  cie->pointer_size = 8;
  cie->augmented = letters[0] == 'z';
  if (!cie->augmented) {
    return letters[0] == 0;
  }
  uint64_t size = wa_cfi_uleb(cursor);
  struct wa_cfi_cursor data = *cursor;
  wa_cfi_skip(cursor, size);
  data.end = cursor->at;
  for (letters++; *letters != 0; letters++) {
    size_t encoding_size = encoded_size(wa_cfi_fixed(&data, 1));
    if (*letters == 'P') {
      wa_cfi_skip(&data, encoding_size);
    } else if (*letters == 'R') {
      cie->pointer_size = encoding_size;
    } else if (*letters != 'L') {
      return false;
    }
  }
  return !data.bad && cie->pointer_size != 0;
}

static bool read_cie(const struct wa_code *code, uint64_t offset, struct cie *cie) {
  struct wa_cfi_cursor cursor;
  if (!read_record(code, offset, &cursor) || wa_cfi_fixed(&cursor, 4) != 0) {
    return false;
  }
  uint64_t version = wa_cfi_fixed(&cursor, 1);
  const uint8_t *letters = cursor.at;
  while (wa_cfi_fixed(&cursor, 1) != 0) {
  }
  cie->code_align = wa_cfi_uleb(&cursor);
  cie->data_align = wa_cfi_sleb(&cursor);
  uint64_t return_register = version == 1 ? wa_cfi_fixed(&cursor, 1) : wa_cfi_uleb(&cursor);
  if (cursor.bad || (version != 1 && version != 3) || return_register != WA_DWARF_RA ||
      !read_augmentation(&cursor, letters, cie) || cursor.bad) {
    return false;
  }
  cie->instructions = cursor;
  return true;
}

struct machine {
  const struct cie *cie;
  struct wa_cfi_row row;
  struct wa_cfi_row initial; // after the CIE's instructions, for DW_CFA_restore
  struct wa_cfi_row remembered[MAX_REMEMBERED];
  unsigned depth;
  uint64_t args_size;
  uint64_t location; // bytes from the function's start
};

static void set_saved(struct wa_cfi_row *row, uint64_t reg, bool saved) {
  uint64_t bit = UINT64_C(1) << (reg % 64);
  if (saved) {
    row->saved[reg / 64] |= bit;
  } else {
    row->saved[reg / 64] &= ~bit;
  }
}

static bool set_rule(struct machine *machine, uint64_t reg, bool saved, int64_t factored) {
  int64_t offset;
  if (reg >= WA_DWARF_REGISTERS) {
    return true; // a vector register: nothing here needs its value
  }
  if (__builtin_mul_overflow(factored, machine->cie->data_align, &offset) || offset < INT32_MIN ||
      offset > INT32_MAX) {
    return false;
  }
  set_saved(&machine->row, reg, saved);
  machine->row.offsets[reg] = (int32_t)offset;
  return true;
}

static bool restore_rule(struct machine *machine, uint64_t reg) {
  if (reg < WA_DWARF_REGISTERS) {
    set_saved(&machine->row, reg, wa_cfi_is_saved(&machine->initial, (unsigned)reg));
    machine->row.offsets[reg] = machine->initial.offsets[reg];
  }
  return true;
}

static bool remember(struct machine *machine) {
  if (machine->depth == MAX_REMEMBERED) {
    return false;
  }
  machine->remembered[machine->depth++] = machine->row;
  return true;
}

static bool recall(struct machine *machine) {
  if (machine->depth == 0) {
    return false;
  }
  machine->row = machine->remembered[--machine->depth];
  return true;
}

static bool advance(struct machine *machine, uint64_t delta) {
  machine->location += delta * machine->cie->code_align;
  return true;
}

// One instruction whose opcode has no operand in its low bits. False for what we do not interpret,
// expressions above all.
static bool step_extended(struct machine *machine, struct wa_cfi_cursor *cursor, uint64_t opcode) {
  uint64_t reg;
  switch (opcode) {
  case DW_CFA_NOP:
    return true;
  case DW_CFA_ADVANCE_LOC1:
    return advance(machine, wa_cfi_fixed(cursor, 1));
  case DW_CFA_ADVANCE_LOC2:
    return advance(machine, wa_cfi_fixed(cursor, 2));
  case DW_CFA_ADVANCE_LOC4:
    return advance(machine, wa_cfi_fixed(cursor, 4));
  case DW_CFA_OFFSET_EXTENDED:
    reg = wa_cfi_uleb(cursor);
    return set_rule(machine, reg, true, (int64_t)wa_cfi_uleb(cursor));
  case DW_CFA_RESTORE_EXTENDED:
    return restore_rule(machine, wa_cfi_uleb(cursor));
  case DW_CFA_UNDEFINED:
  case DW_CFA_SAME_VALUE:
    return set_rule(machine, wa_cfi_uleb(cursor), false, 0);
  case DW_CFA_REMEMBER_STATE:
    return remember(machine);
  case DW_CFA_RESTORE_STATE:
    return recall(machine);
  case DW_CFA_DEF_CFA:
    machine->row.cfa_register = wa_cfi_uleb(cursor);
    machine->row.cfa_offset = wa_cfi_uleb(cursor);
    return true;
  case DW_CFA_DEF_CFA_REGISTER:
    machine->row.cfa_register = wa_cfi_uleb(cursor);
    return true;
  case DW_CFA_DEF_CFA_OFFSET:
    machine->row.cfa_offset = wa_cfi_uleb(cursor);
    return true;
  case DW_CFA_GNU_ARGS_SIZE:
    machine->args_size = wa_cfi_uleb(cursor);
    return true;
  default:
    return false;
  }
}

// Interprets until the row that holds at `target` bytes from the function's start: an instruction
// that advances beyond changes nothing else.
static bool run(struct machine *machine, struct wa_cfi_cursor cursor, uint64_t target) {
  while (cursor.at < cursor.end) {
    uint64_t opcode = wa_cfi_fixed(&cursor, 1);
    uint64_t low = opcode & 0x3f;
    bool known;
    switch (opcode >> 6) {
    case DW_CFA_ADVANCE_LOC:
      known = advance(machine, low);
      break;
    case DW_CFA_OFFSET:
      known = set_rule(machine, low, true, (int64_t)wa_cfi_uleb(&cursor));
      break;
    case DW_CFA_RESTORE:
      known = restore_rule(machine, low);
      break;
    default:
      known = step_extended(machine, &cursor, opcode);
      break;
    }
    if (!known || cursor.bad) {
      return false;
    }
    if (machine->location > target) {
      return true;
    }
  }
  return true;
}

const struct wa_unwind_entry *wa_cfi_entry(const struct wa_code *code, uint32_t text_offset) {
  size_t low = 0;
  size_t high = code->unwind_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (code->unwind[middle].text_offset <= text_offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low == 0 ? NULL : &code->unwind[low - 1];
}

// The instructions of the FDE of an offset in the text, which is `target` bytes from its function's
// start, and its CIE.
static bool read_fde(const struct wa_code *code, uint32_t text_offset, struct cie *cie,
                     struct wa_cfi_cursor *cursor, uint64_t *target) {
  const struct wa_unwind_entry *entry = wa_cfi_entry(code, text_offset);
  if (entry == NULL || !read_record(code, entry->fde_offset, cursor)) {
    return false;
  }
  uint64_t pointer_place = entry->fde_offset + 4;
  uint64_t distance = wa_cfi_fixed(cursor, 4);
  if (distance == 0 || distance > pointer_place || !read_cie(code, pointer_place - distance, cie)) {
    return false;
  }
  wa_cfi_skip(cursor, cie->pointer_size); // the start, which is not relocated: the table has it
  uint64_t size = wa_cfi_fixed(cursor, cie->pointer_size);
  if (cie->augmented) {
    wa_cfi_skip(cursor, wa_cfi_uleb(cursor));
  }
  *target = text_offset - entry->text_offset;
  return !cursor->bad && *target < size;
}

bool wa_cfi_find(const struct wa_code *code, uint32_t text_offset, struct wa_cfi_row *row,
                 uint64_t *args_size) {
  struct cie cie;
  struct wa_cfi_cursor cursor;
  uint64_t target;
  if (!read_fde(code, text_offset, &cie, &cursor, &target)) {
    return false;
  }
  struct machine machine;
  machine.cie = &cie;
  machine.row = (struct wa_cfi_row){0};
  machine.depth = 0;
  machine.args_size = 0;
  machine.location = 0;
  if (!run(&machine, cie.instructions, UINT64_MAX)) {
    return false;
  }
  machine.initial = machine.row;
  machine.location = 0;
  machine.depth = 0;
  if (!run(&machine, cursor, target) || machine.row.cfa_register >= WA_DWARF_REGISTERS) {
    return false;
  }
  *row = machine.row;
  *args_size = machine.args_size;
  return true;
}
