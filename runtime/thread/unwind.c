#include "runtime/thread/unwind.h"

#include "runtime/code/code.h"

#include <string.h>

// Frames visited at most, kept or not: a runaway recursion has hundreds of thousands.
enum { MAX_VISITED = 20000, MAX_REMEMBERED = 8 };

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

// Reads little-endian fields up to an end; past it everything is zero and `bad` is set.
struct reader {
  const uint8_t *at;
  const uint8_t *end;
  bool bad;
};

static uint64_t read_fixed(struct reader *reader, size_t size) {
  uint64_t value = 0;
  if ((size_t)(reader->end - reader->at) < size) {
    reader->bad = true;
    reader->at = reader->end;
    return 0;
  }
  memcpy(&value, reader->at, size);
  reader->at += size;
  return value;
}

static uint64_t read_uleb(struct reader *reader) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 63; shift += 7) {
    uint64_t byte = read_fixed(reader, 1);
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) {
      return value;
    }
  }
  reader->bad = true;
  return 0;
}

static int64_t read_sleb(struct reader *reader) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 63; shift += 7) {
    uint64_t byte = read_fixed(reader, 1);
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) {
      bool negative = (byte & 0x40) != 0;
      return (int64_t)(negative ? value | (UINT64_MAX << (shift + 7)) : value);
    }
  }
  reader->bad = true;
  return 0;
}

static void skip(struct reader *reader, uint64_t size) {
  if ((uint64_t)(reader->end - reader->at) < size) {
    reader->bad = true;
    reader->at = reader->end;
  } else {
    reader->at += size;
  }
}

struct cie {
  uint64_t code_align;
  int64_t data_align;
  size_t pointer_size; // bytes of an encoded address
  bool augmented;      // FDEs have augmentation data
  struct reader instructions;
};

// A length-prefixed record at an offset of .eh_frame; false when it does not fit. Leaves the reader
// at the record's CIE pointer.
static bool read_record(const struct wa_artifact *artifact, uint64_t offset,
                        struct reader *reader) {
  if (offset >= artifact->eh_frame_size) {
    return false;
  }
  const uint8_t *section = artifact->eh_frame;
  *reader = (struct reader){.at = section + offset, .end = section + artifact->eh_frame_size};
  uint64_t length = read_fixed(reader, 4);
  if (reader->bad || length < 4 || length > (uint64_t)(reader->end - reader->at)) {
    return false; // the 64-bit form (length 0xffffffff) included: LLVM does not write it
  }
  reader->end = reader->at + length;
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
static bool read_augmentation(struct reader *reader, const uint8_t *letters, struct cie *cie) {
  cie->pointer_size = 8;
  cie->augmented = letters[0] == 'z';
  if (!cie->augmented) {
    return letters[0] == 0;
  }
  uint64_t size = read_uleb(reader);
  struct reader data = *reader;
  skip(reader, size);
  data.end = reader->at;
  for (letters++; *letters != 0; letters++) {
    size_t encoding_size = encoded_size(read_fixed(&data, 1));
    if (*letters == 'P') {
      skip(&data, encoding_size);
    } else if (*letters == 'R') {
      cie->pointer_size = encoding_size;
    } else if (*letters != 'L') {
      return false;
    }
  }
  return !data.bad && cie->pointer_size != 0;
}

static bool read_cie(const struct wa_artifact *artifact, uint64_t offset, struct cie *cie) {
  struct reader reader;
  if (!read_record(artifact, offset, &reader) || read_fixed(&reader, 4) != 0) {
    return false;
  }
  uint64_t version = read_fixed(&reader, 1);
  const uint8_t *letters = reader.at;
  while (read_fixed(&reader, 1) != 0) {
  }
  cie->code_align = read_uleb(&reader);
  cie->data_align = read_sleb(&reader);
  uint64_t return_register = version == 1 ? read_fixed(&reader, 1) : read_uleb(&reader);
  if (reader.bad || (version != 1 && version != 3) || return_register != WA_DWARF_RA ||
      !read_augmentation(&reader, letters, cie) || reader.bad) {
    return false;
  }
  cie->instructions = reader;
  return true;
}

struct rule {
  bool saved;     // at CFA + offset; otherwise the register keeps its value
  int64_t offset; // bytes
};

struct row {
  uint64_t cfa_register;
  uint64_t cfa_offset;
  struct rule rules[WA_DWARF_REGISTERS];
};

struct machine {
  const struct cie *cie;
  struct row row;
  struct row initial; // after the CIE's instructions, for DW_CFA_restore
  struct row remembered[MAX_REMEMBERED];
  unsigned depth;
  uint64_t args_size; // bytes of arguments that the function has pushed for a call
  uint64_t location;  // bytes from the function's start
};

static bool set_rule(struct machine *machine, uint64_t reg, bool saved, int64_t factored) {
  if (reg >= WA_DWARF_REGISTERS) {
    return true; // a vector register: nothing here needs its value
  }
  machine->row.rules[reg] = (struct rule){
      .saved = saved, .offset = (int64_t)((uint64_t)factored * (uint64_t)machine->cie->data_align)};
  return true;
}

static bool restore_rule(struct machine *machine, uint64_t reg) {
  if (reg < WA_DWARF_REGISTERS) {
    machine->row.rules[reg] = machine->initial.rules[reg];
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
static bool step_extended(struct machine *machine, struct reader *reader, uint64_t opcode) {
  uint64_t reg;
  switch (opcode) {
  case DW_CFA_NOP:
    return true;
  case DW_CFA_ADVANCE_LOC1:
    return advance(machine, read_fixed(reader, 1));
  case DW_CFA_ADVANCE_LOC2:
    return advance(machine, read_fixed(reader, 2));
  case DW_CFA_ADVANCE_LOC4:
    return advance(machine, read_fixed(reader, 4));
  case DW_CFA_OFFSET_EXTENDED:
    reg = read_uleb(reader);
    return set_rule(machine, reg, true, (int64_t)read_uleb(reader));
  case DW_CFA_RESTORE_EXTENDED:
    return restore_rule(machine, read_uleb(reader));
  case DW_CFA_UNDEFINED:
  case DW_CFA_SAME_VALUE:
    return set_rule(machine, read_uleb(reader), false, 0);
  case DW_CFA_REMEMBER_STATE:
    return remember(machine);
  case DW_CFA_RESTORE_STATE:
    return recall(machine);
  case DW_CFA_DEF_CFA:
    machine->row.cfa_register = read_uleb(reader);
    machine->row.cfa_offset = read_uleb(reader);
    return true;
  case DW_CFA_DEF_CFA_REGISTER:
    machine->row.cfa_register = read_uleb(reader);
    return true;
  case DW_CFA_DEF_CFA_OFFSET:
    machine->row.cfa_offset = read_uleb(reader);
    return true;
  case DW_CFA_GNU_ARGS_SIZE:
    machine->args_size = read_uleb(reader);
    return true;
  default:
    return false;
  }
}

// Interprets until the row that holds at `target` bytes from the function's start.
static bool run(struct machine *machine, struct reader reader, uint64_t target) {
  while (reader.at < reader.end) {
    struct row before = machine->row;
    uint64_t opcode = read_fixed(&reader, 1);
    uint64_t low = opcode & 0x3f;
    bool known;
    switch (opcode >> 6) {
    case DW_CFA_ADVANCE_LOC:
      known = advance(machine, low);
      break;
    case DW_CFA_OFFSET:
      known = set_rule(machine, low, true, (int64_t)read_uleb(&reader));
      break;
    case DW_CFA_RESTORE:
      known = restore_rule(machine, low);
      break;
    default:
      known = step_extended(machine, &reader, opcode);
      break;
    }
    if (!known || reader.bad) {
      return false;
    }
    if (machine->location > target) {
      machine->row = before;
      return true;
    }
  }
  return true;
}

struct walk {
  const struct wa_thread *thread;
  bool innermost; // no frame has been left yet
  uintptr_t registers[WA_DWARF_REGISTERS];
  struct machine machine;
};

static bool read_stack(const struct walk *walk, uintptr_t address, uintptr_t *value) {
  const struct wa_thread *thread = walk->thread;
  if (address % sizeof *value != 0 || address < thread->stack_low ||
      address > thread->stack_high - sizeof *value) {
    return false;
  }
  memcpy(value, (const void *)address, sizeof *value);
  return true;
}

static const struct wa_unwind_entry *find_entry(const struct wa_artifact *artifact,
                                                uint32_t text_offset) {
  size_t low = 0;
  size_t high = artifact->unwind_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (artifact->unwind[middle].text_offset <= text_offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low == 0 ? NULL : &artifact->unwind[low - 1];
}

// Finds and interprets the FDE of an offset in the text.
static bool find_row(struct machine *machine, struct cie *cie, const struct wa_artifact *artifact,
                     uint32_t text_offset) {
  const struct wa_unwind_entry *entry = find_entry(artifact, text_offset);
  struct reader reader;
  if (entry == NULL || !read_record(artifact, entry->fde_offset, &reader)) {
    return false;
  }
  uint64_t pointer_place = entry->fde_offset + 4;
  uint64_t distance = read_fixed(&reader, 4);
  if (distance == 0 || distance > pointer_place ||
      !read_cie(artifact, pointer_place - distance, cie)) {
    return false;
  }
  skip(&reader, cie->pointer_size); // the start, which is not relocated: the table has it
  uint64_t size = read_fixed(&reader, cie->pointer_size);
  if (cie->augmented) {
    skip(&reader, read_uleb(&reader));
  }
  uint64_t target = text_offset - entry->text_offset;
  if (reader.bad || target >= size) {
    return false;
  }
  *machine = (struct machine){.cie = cie};
  if (!run(machine, cie->instructions, UINT64_MAX)) {
    return false;
  }
  machine->initial = machine->row;
  machine->location = 0;
  machine->depth = 0;
  return run(machine, reader, target);
}

// Whether a frame's return address may be in its register still: then the frame may be empty, too.
static bool is_leaf(const struct walk *walk, const struct row *row) {
  return WA_CALL_IN_REGISTER != 0 && walk->innermost && !row->rules[WA_DWARF_RA].saved;
}

// From a frame to its caller.
static bool step(struct walk *walk, const struct wa_artifact *artifact, uint32_t text_offset) {
  struct cie cie;
  const struct row *row = &walk->machine.row;
  if (!find_row(&walk->machine, &cie, artifact, text_offset) ||
      row->cfa_register >= WA_DWARF_REGISTERS) {
    return false;
  }
  uintptr_t cfa = walk->registers[row->cfa_register] + row->cfa_offset;
  // The stack must shrink, or a hostile table could walk in circles.
  bool leaf = is_leaf(walk, row);
  if (cfa < walk->registers[WA_DWARF_SP] || (cfa == walk->registers[WA_DWARF_SP] && !leaf) ||
      (!row->rules[WA_DWARF_RA].saved && !leaf)) {
    return false;
  }
  for (int i = 0; i < WA_DWARF_REGISTERS; i++) {
    if (row->rules[i].saved &&
        !read_stack(walk, cfa + (uint64_t)row->rules[i].offset, &walk->registers[i])) {
      return false;
    }
  }
  walk->registers[WA_DWARF_SP] = cfa;
  walk->innermost = false;
  return true;
}

// After the step to a function's caller: what that passed as the context. A module with tail calls
// has a convention in which callees need not preserve it.
static uintptr_t context_of(const struct walk *walk, const struct wa_artifact *artifact) {
  bool kept = WA_DWARF_CONTEXT >= 0 && (artifact->note.wasm_features & WA_FEATURE_TAIL_CALL) == 0;
  return kept ? walk->registers[WA_DWARF_CONTEXT < 0 ? 0 : WA_DWARF_CONTEXT] : 0;
}

void wa_unwind_record(struct wa_thread *thread, const void *context) {
  struct wa_fault *fault = &thread->fault;
  struct walk walk = {.thread = thread, .innermost = true};
  wa_arch_registers(context, walk.registers);
  fault->frame_count = 0;
  fault->frames_dropped = 0;
  // The trapping pc is an instruction's own; every further one is a return address, which may
  // belong to the next function when the call was the last instruction of its own.
  uintptr_t pc = wa_arch_pc(context);
  for (uint32_t visited = 0; visited < MAX_VISITED; visited++) {
    struct wa_artifact *artifact = wa_code_find(pc);
    if (artifact == NULL) {
      return;
    }
    uint32_t text_offset = (uint32_t)(pc - (uintptr_t)artifact->text);
    struct wa_raw_frame *frame = NULL;
    if (fault->frame_count < WA_MAX_FRAMES) {
      frame = &fault->frames[fault->frame_count++];
      *frame = (struct wa_raw_frame){.artifact = artifact, .text_offset = text_offset};
    } else {
      fault->frames_dropped++;
    }
    if (!step(&walk, artifact, text_offset)) {
      return;
    }
    if (frame != NULL) {
      frame->context = context_of(&walk, artifact);
    }
    pc = walk.registers[WA_DWARF_RA] - 1;
  }
}

// ---- Exceptions ----

enum { DW_EH_PE_OMIT = 0xff, DW_EH_PE_ULEB128 = 0x01, DW_EH_PE_UDATA4 = 0x03 };

static uint64_t read_call_site(struct reader *reader, uint64_t encoding) {
  return encoding == DW_EH_PE_UDATA4 ? read_fixed(reader, 4) : read_uleb(reader);
}

// The call-site table of a function (Itanium C++ ABI: exception handling, LSDA): ranges of its code
// and their landing pads, all from its start. True when `offset` has one.
static bool find_landing(const struct wa_artifact *artifact, uint32_t lsda, uint64_t offset,
                         uint64_t *landing) {
  struct reader reader = {.at = artifact->text + lsda, .end = artifact->text + artifact->text_size};
  if (read_fixed(&reader, 1) != DW_EH_PE_OMIT) {
    return false; // landing pads from elsewhere: LLVM does not write it
  }
  if (read_fixed(&reader, 1) != DW_EH_PE_OMIT) {
    (void)read_uleb(&reader); // where the types are
  }
  uint64_t encoding = read_fixed(&reader, 1);
  if (encoding != DW_EH_PE_ULEB128 && encoding != DW_EH_PE_UDATA4) {
    return false;
  }
  uint64_t size = read_uleb(&reader);
  if (reader.bad || size > (uint64_t)(reader.end - reader.at)) {
    return false;
  }
  reader.end = reader.at + size;
  while (reader.at < reader.end) {
    uint64_t start = read_call_site(&reader, encoding);
    uint64_t length = read_call_site(&reader, encoding);
    *landing = read_call_site(&reader, encoding);
    (void)read_uleb(&reader); // the action: every landing pad takes everything
    if (!reader.bad && offset >= start && offset - start < length) {
      return *landing != 0;
    }
  }
  return false;
}

static bool find_pad(const struct wa_artifact *artifact, uint32_t text_offset, uintptr_t *pad) {
  const struct wa_unwind_entry *entry = find_entry(artifact, text_offset);
  uint64_t landing;
  if (entry == NULL || entry->lsda == WA_NONE ||
      !find_landing(artifact, entry->lsda, text_offset - entry->text_offset, &landing) ||
      landing >= artifact->text_size - entry->text_offset) {
    return false;
  }
  *pad = (uintptr_t)artifact->text + entry->text_offset + landing;
  return true;
}

// Arguments that were pushed for the call are still on the stack; a landing pad expects them gone.
static bool drop_arguments(struct walk *walk, const struct wa_artifact *artifact,
                           uint32_t text_offset) {
  struct cie cie;
  if (!find_row(&walk->machine, &cie, artifact, text_offset)) {
    return false;
  }
  walk->registers[WA_DWARF_SP] += walk->machine.args_size;
  return true;
}

bool wa_unwind_throw(struct wa_thread *thread, void *context) {
  struct walk walk = {.thread = thread, .innermost = true};
  wa_arch_registers(context, walk.registers);
  // The throw itself is no call, and has no landing pad in its function: compiled code would have
  // branched to it.
  uintptr_t pc = wa_arch_pc(context);
  for (bool first = true;; first = false) {
    const struct wa_artifact *artifact = wa_code_find(pc);
    if (artifact == NULL) {
      return false;
    }
    uint32_t text_offset = (uint32_t)(pc - (uintptr_t)artifact->text);
    uintptr_t pad;
    if (!first && find_pad(artifact, text_offset, &pad)) {
      if (!drop_arguments(&walk, artifact, text_offset)) {
        return false;
      }
      wa_arch_land(context, walk.registers, pad, thread->exception);
      return true;
    }
    if (!step(&walk, artifact, text_offset)) {
      return false;
    }
    pc = walk.registers[WA_DWARF_RA] - 1;
  }
}
