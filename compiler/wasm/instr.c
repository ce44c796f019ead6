#include "compiler/wasm/instr.h"

#include "compiler/wasm/reader.h"

#include <string.h>

const struct wa_op_info wa_op_infos[WA_OP_COUNT] = {
#define WA_OP(name, opcode, spelling, imm, signature, align, feature, family)                      \
  {opcode, WA_IMM_##imm, WA_FEATURE_##feature, WA_FAMILY_##family, align, signature, spelling},
#include "compiler/wasm/opcodes.def"
#undef WA_OP
};

#define WA_OP(name, opcode, spelling, imm, signature, align, feature, family)                      \
  _Static_assert(sizeof(signature) <= WA_SIGNATURE_SIZE && sizeof(spelling) <= WA_SPELLING_SIZE,   \
                 spelling);
#include "compiler/wasm/opcodes.def"
#undef WA_OP

_Static_assert(WA_FEATURE_COUNT <= 32, "features of instructions have 32 bits");

// One page of 256 opcodes without a prefix, one for each of the prefixes 0xfc, 0xfd and 0xfe, and
// one for the numbers from 0x100 on that only 0xfd has.
#define PAGE(prefix, number) ((number) > 0xff ? 4u : (prefix) ? (prefix)-0xfbu : 0u)
#define SLOT(opcode) (PAGE((opcode) >> 16, (opcode)&0xffff) << 8 | ((opcode)&0xff))
enum { PAGES = 5 };

// enum wa_op + 1, and from OP_BITS on the kind of its immediates; 0 where there is no instruction.
enum { OP_BITS = 10 };
_Static_assert(WA_OP_COUNT < 1 << OP_BITS && WA_IMM_FENCE < 1 << (16 - OP_BITS), "both fit");
static const uint16_t ops_by_slot[PAGES * 256] = {
#define WA_OP(name, opcode, spelling, imm, signature, align, feature, family)                      \
  [SLOT(opcode)] = WA_IMM_##imm << OP_BITS | (WA_OP_##name + 1),
#include "compiler/wasm/opcodes.def"
#undef WA_OP
};

// Every number after a prefix must fit a page, or two instructions would share a slot.
#define WA_OP(name, opcode, spelling, imm, signature, align, feature, family)                      \
  _Static_assert(((opcode)&0xffff) <= ((opcode) >> 16 == 0xfd ? 0x1ff : 0xff), spelling);
#include "compiler/wasm/opcodes.def"
#undef WA_OP

// Opcodes of proposals that are not compiled, so that a message can name what a module needs.
static const struct {
  uint32_t first, last;
  const char *proposal;
} later_opcodes[] = {
    {0xd3, 0xd3, "garbage collection"},
    {0xe0, 0xe6, "stack switching"},
    {WA_OPCODE(0xfb, 0), WA_OPCODE(0xfb, 0x1e), "garbage collection"},
    {WA_OPCODE(0xfb, 0x1f), WA_OPCODE(0xfb, 0x1f), "shared-everything threads"},
    {WA_OPCODE(0xfb, 0x20), WA_OPCODE(0xfb, 0x26), "custom descriptors"},
    {WA_OPCODE(0xfc, 0x12), WA_OPCODE(0xfc, 0x12), "memory control"},
    {WA_OPCODE(0xfe, 0x04), WA_OPCODE(0xfe, 0x04), "shared-everything threads"},
    {WA_OPCODE(0xfe, 0x4f), WA_OPCODE(0xfe, 0x71), "shared-everything threads"},
};

static bool fail_opcode(uint32_t prefix, uint32_t number, size_t offset, struct wa_error *err) {
  char what[48];
  if (prefix) {
    (void)snprintf(what, sizeof what, "opcode 0x%02x 0x%02x", prefix, number);
  } else {
    (void)snprintf(what, sizeof what, "opcode 0x%02x", number);
  }
  if (number <= 0xffff) {
    uint32_t opcode = WA_OPCODE(prefix, number);
    for (size_t i = 0; i < sizeof later_opcodes / sizeof *later_opcodes; i++) {
      if (opcode >= later_opcodes[i].first && opcode <= later_opcodes[i].last) {
        return wa_fail_proposal(err, offset, what, later_opcodes[i].proposal);
      }
    }
  }
  return wa_fail(err, WA_ERROR_MALFORMED, offset, "unknown %s", what);
}

static bool read_op(struct wa_reader *reader, struct wa_instr *instr, enum wa_imm_kind *imm,
                    struct wa_error *err) {
  uint8_t byte;
  if (!wa_reader_byte(reader, "an instruction", &byte, err)) {
    return false;
  }
  uint32_t prefix = 0, number = byte;
  if (byte >= 0xfb && byte <= 0xfe) {
    prefix = byte;
    if (!wa_reader_number(reader, "an opcode", &number, err)) {
      return false;
    }
  }
  uint16_t op = 0;
  if (prefix != 0xfb && number <= (prefix == 0xfd ? 0x1ffu : 0xffu)) {
    op = ops_by_slot[SLOT(WA_OPCODE(prefix, number))];
  }
  if (!op) {
    return fail_opcode(prefix, number, instr->offset, err);
  }
  instr->op = (enum wa_op)((op & ((1u << OP_BITS) - 1)) - 1);
  *imm = (enum wa_imm_kind)(op >> OP_BITS);
  return true;
}

// 5.4.1: a block type shares its number space with the value types, as a negative s33.
static bool read_block_type(struct wa_reader *reader, struct wa_block_type *block,
                            struct wa_error *err) {
  *block = (struct wa_block_type){.type = WA_NONE};
  uint8_t byte = 0;
  if (reader->position == reader->end) {
    return wa_reader_byte(reader, "a block type", &byte, err);
  }
  byte = reader->start[reader->position];
  if (byte == 0x40) {
    reader->position++;
    return true;
  }
  if ((byte & 0xc0) == 0x40) {
    return wa_reader_valtype(reader, &block->result, err);
  }
  size_t offset = reader->position;
  int64_t index;
  if (!wa_reader_signed(reader, 33, "a block type", &index, err)) {
    return false;
  }
  if (index < 0) {
    return wa_fail(err, WA_ERROR_MALFORMED, offset, "unknown block type");
  }
  block->type = (uint32_t)index;
  return true;
}

static bool read_label_table(struct wa_reader *reader, struct wa_label_table *labels,
                             struct wa_error *err) {
  if (!wa_reader_count(reader, "the number of labels", 1, &labels->count, err)) {
    return false;
  }
  labels->start = reader->position;
  for (uint64_t i = 0; i <= labels->count; i++) {
    uint32_t label;
    if (!wa_reader_number(reader, "a label", &label, err)) {
      return false;
    }
  }
  return true;
}

bool wa_reader_catch(struct wa_reader *reader, struct wa_catch *clause, struct wa_error *err) {
  size_t offset = reader->position;
  uint8_t kind;
  *clause = (struct wa_catch){WA_CATCH, 0, 0};
  if (!wa_reader_byte(reader, "a catch clause", &kind, err)) {
    return false;
  }
  if (kind > WA_CATCH_ALL_REF) {
    return wa_fail(err, WA_ERROR_MALFORMED, offset, "malformed catch clause 0x%02x", kind);
  }
  clause->kind = (enum wa_catch_kind)kind;
  if (kind <= WA_CATCH_REF && !wa_reader_number(reader, "a tag index", &clause->tag, err)) {
    return false;
  }
  return wa_reader_number(reader, "a label", &clause->label, err);
}

static bool read_catches(struct wa_reader *reader, struct wa_label_table *catches,
                         struct wa_error *err) {
  if (!wa_reader_count(reader, "the number of catch clauses", 2, &catches->count, err)) {
    return false;
  }
  catches->start = reader->position;
  for (uint32_t i = 0; i < catches->count; i++) {
    struct wa_catch clause;
    if (!wa_reader_catch(reader, &clause, err)) {
      return false;
    }
  }
  return true;
}

// An ordering (relaxed atomics): 0 sequentially consistent, 1 acquire and release. What reads and
// writes has one for each in four bits; they are the same.
static bool read_order(struct wa_reader *reader, bool twofold, struct wa_memarg *memarg,
                       struct wa_error *err) {
  uint8_t byte;
  if (!wa_reader_byte(reader, "a memory ordering", &byte, err)) {
    return false;
  }
  memarg->acquire_release = byte != 0;
  return byte == 0 || byte == (twofold ? 0x11 : 0x01) ||
         wa_fail(err, WA_ERROR_MALFORMED, reader->position - 1, "malformed memory ordering 0x%02x",
                 byte);
}

// 5.4.6: bit 6 of the alignment says that a memory index follows (multi-memory), bit 5 of an atomic
// access that an ordering does.
static bool read_memarg(struct wa_reader *reader, const struct wa_instr *instr,
                        struct wa_memarg *memarg, struct wa_error *err) {
  size_t offset = reader->position;
  if (!wa_reader_number(reader, "an alignment", &memarg->align, err)) {
    return false;
  }
  if (memarg->align >= 0x80) {
    return wa_fail(err, WA_ERROR_MALFORMED, offset, "malformed memory access flags 0x%x",
                   memarg->align);
  }
  if (memarg->align & 0x40) {
    memarg->align &= 0x3f;
    if (!wa_reader_number(reader, "a memory index", &memarg->memory, err)) {
      return false;
    }
  }
  bool accesses =
      instr->op >= WA_OP_i32_atomic_load && instr->op <= WA_OP_i64_atomic_rmw32_cmpxchg_u;
  if (accesses && (memarg->align & 0x20) != 0) {
    memarg->align &= 0x1f;
    memarg->has_order = true;
    if (!read_order(reader, instr->op >= WA_OP_i32_atomic_rmw_add, memarg, err)) {
      return false;
    }
  }
  return wa_reader_u64(reader, "a memory offset", &memarg->offset, err);
}

static uint64_t little_endian(const uint8_t *bytes, size_t size) {
  uint64_t value = 0;
  for (size_t i = size; i-- > 0;) {
    value = value << 8 | bytes[i];
  }
  return value;
}

static bool read_fixed(struct wa_reader *reader, size_t size, const char *what, uint64_t bits[2],
                       struct wa_error *err) {
  struct wa_bytes bytes;
  if (!wa_reader_bytes(reader, size, what, &bytes, err)) {
    return false;
  }
  bits[0] = little_endian(bytes.data, size < 8 ? size : 8);
  bits[1] = size == 16 ? little_endian(bytes.data + 8, 8) : 0;
  return true;
}

static bool read_integer(struct wa_reader *reader, unsigned bits, uint64_t *value,
                         struct wa_error *err) {
  int64_t number;
  if (!wa_reader_signed(reader, bits, "a constant", &number, err)) {
    return false;
  }
  *value = bits == 32 ? (uint32_t)number : (uint64_t)number;
  return true;
}

static bool read_types(struct wa_reader *reader, struct wa_instr *instr, struct wa_error *err) {
  if (!wa_reader_count(reader, "the number of types", 1, &instr->index, err)) {
    return false;
  }
  for (uint32_t i = 0; i < instr->index; i++) {
    uint32_t type;
    if (!wa_reader_valtype(reader, &type, err)) {
      return false;
    }
    if (i == 0) {
      instr->type = type;
    }
  }
  return true;
}

// A byte that was always zero before there were orderings.
static bool read_fence(struct wa_reader *reader, struct wa_memarg *memarg, struct wa_error *err) {
  uint8_t byte;
  if (!wa_reader_byte(reader, "the ordering of atomic.fence", &byte, err)) {
    return false;
  }
  memarg->has_order = memarg->acquire_release = byte == 1;
  return byte <= 1 || wa_fail(err, WA_ERROR_MALFORMED, reader->position - 1,
                              "zero byte expected after atomic.fence, found 0x%02x", byte);
}

static bool read_two(struct wa_reader *reader, uint32_t *first, const char *first_name,
                     uint32_t *second, const char *second_name, struct wa_error *err) {
  return wa_reader_number(reader, first_name, first, err) &&
         wa_reader_number(reader, second_name, second, err);
}

static bool read_immediates(struct wa_reader *reader, struct wa_instr *instr, enum wa_imm_kind imm,
                            struct wa_error *err) {
  switch (imm) {
  case WA_IMM_NONE:
    return true;
  case WA_IMM_BLOCK:
    return read_block_type(reader, &instr->block, err);
  case WA_IMM_LABEL:
    return wa_reader_number(reader, "a label", &instr->index, err);
  case WA_IMM_LABEL_TABLE:
    return read_label_table(reader, &instr->labels, err);
  case WA_IMM_FUNC:
    return wa_reader_number(reader, "a function index", &instr->index, err);
  case WA_IMM_TRY_TABLE:
    return read_block_type(reader, &instr->block, err) && read_catches(reader, &instr->labels, err);
  case WA_IMM_TAG:
    return wa_reader_number(reader, "a tag index", &instr->index, err);
  case WA_IMM_TYPE:
    return wa_reader_number(reader, "a type index", &instr->index, err);
  case WA_IMM_LOCAL:
    return wa_reader_number(reader, "a local index", &instr->index, err);
  case WA_IMM_GLOBAL:
    return wa_reader_number(reader, "a global index", &instr->index, err);
  case WA_IMM_TABLE:
    return wa_reader_number(reader, "a table index", &instr->index, err);
  case WA_IMM_MEMORY:
    return wa_reader_number(reader, "a memory index", &instr->index, err);
  case WA_IMM_DATA:
    return wa_reader_number(reader, "a data index", &instr->index, err);
  case WA_IMM_ELEM:
    return wa_reader_number(reader, "an elem index", &instr->index, err);
  case WA_IMM_TYPE_TABLE:
    return read_two(reader, &instr->index, "a type index", &instr->index2, "a table index", err);
  case WA_IMM_DATA_MEMORY:
    return read_two(reader, &instr->index, "a data index", &instr->index2, "a memory index", err);
  case WA_IMM_ELEM_TABLE:
    return read_two(reader, &instr->index, "an elem index", &instr->index2, "a table index", err);
  case WA_IMM_MEMORY_MEMORY:
    return read_two(reader, &instr->index, "a memory index", &instr->index2, "a memory index", err);
  case WA_IMM_TABLE_TABLE:
    return read_two(reader, &instr->index, "a table index", &instr->index2, "a table index", err);
  case WA_IMM_MEMARG:
    return read_memarg(reader, instr, &instr->memarg, err);
  case WA_IMM_MEMARG_LANE:
    return read_memarg(reader, instr, &instr->memarg, err) &&
           wa_reader_byte(reader, "a lane", &instr->lane, err);
  case WA_IMM_LANE:
    return wa_reader_byte(reader, "a lane", &instr->lane, err);
  case WA_IMM_I32:
    return read_integer(reader, 32, &instr->bits[0], err);
  case WA_IMM_I64:
    return read_integer(reader, 64, &instr->bits[0], err);
  case WA_IMM_F32:
    return read_fixed(reader, 4, "a constant", instr->bits, err);
  case WA_IMM_F64:
    return read_fixed(reader, 8, "a constant", instr->bits, err);
  case WA_IMM_V128:
    return read_fixed(reader, 16, "a constant", instr->bits, err);
  case WA_IMM_LANES:
    return read_fixed(reader, 16, "the lanes of a shuffle", instr->bits, err);
  case WA_IMM_REF_TYPE:
    return wa_reader_heaptype(reader, &instr->type, err);
  case WA_IMM_TYPES:
    return read_types(reader, instr, err);
  case WA_IMM_FENCE:
    return read_fence(reader, &instr->memarg, err);
  }
  return false;
}

bool wa_op_divides(enum wa_op op) {
  switch (op) {
  case WA_OP_i32_div_s:
  case WA_OP_i32_div_u:
  case WA_OP_i32_rem_s:
  case WA_OP_i32_rem_u:
  case WA_OP_i64_div_s:
  case WA_OP_i64_div_u:
  case WA_OP_i64_rem_s:
  case WA_OP_i64_rem_u:
    return true;
  default:
    return false;
  }
}

bool wa_instr_read(struct wa_reader *reader, struct wa_instr *instr, struct wa_error *err) {
  *instr = (struct wa_instr){.offset = reader->position};
  enum wa_imm_kind imm = WA_IMM_NONE;
  return read_op(reader, instr, &imm, err) && read_immediates(reader, instr, imm, err);
}

struct wa_local_run *wa_function_locals(const struct wa_module *module,
                                        const struct wa_function *function, struct wa_arena *arena,
                                        uint32_t *count) {
  // The validator has read these bytes before: nothing here can fail but the arena.
  struct wa_error err;
  struct wa_reader reader = {module->bytes.data, function->body_offset, function->code_offset};
  if (!wa_reader_u32(&reader, count, &err)) {
    return NULL;
  }
  struct wa_local_run *runs = wa_arena_alloc(arena, *count, sizeof *runs);
  for (uint32_t i = 0; runs && i < *count; i++) {
    if (!wa_reader_u32(&reader, &runs[i].count, &err) ||
        !wa_reader_valtype(&reader, &runs[i].type, &err)) {
      return NULL;
    }
  }
  return runs;
}
