// One instruction at a time: the reader that validator, disassembler and lowering share. What an
// opcode is stands in opcodes.def alone.
#ifndef WA_COMPILER_WASM_INSTR_H
#define WA_COMPILER_WASM_INSTR_H

#include "compiler/wasm/module.h"

// Opcodes: prefix byte and number, as in the binary format (5.4).
#define WA_OPCODE(prefix, number) (((uint32_t)(prefix) << 16) | (uint32_t)(number))

// The feature of what needs none, as opcodes.def names it.
#define WA_FEATURE_MVP UINT64_C(0)

enum wa_op {
#define WA_OP(name, opcode, spelling, imm, signature, align, feature, family) WA_OP_##name,
#include "compiler/wasm/opcodes.def"
#undef WA_OP
  WA_OP_COUNT
};

// Instructions that are lowered together, one file each; families.h has an enum of each.
enum wa_family {
  WA_FAMILY_CONTROL,
  WA_FAMILY_CALL,
  WA_FAMILY_VARIABLE,
  WA_FAMILY_TABLE,
  WA_FAMILY_MEMORY,
  WA_FAMILY_NUMERIC,
  WA_FAMILY_CONVERT,
  WA_FAMILY_WIDE,
  WA_FAMILY_BULK,
  WA_FAMILY_SIMD,
  WA_FAMILY_ATOMIC,
};

enum wa_imm_kind {
  WA_IMM_NONE,
  WA_IMM_BLOCK,         // block_type
  WA_IMM_LABEL,         // index
  WA_IMM_LABEL_TABLE,   // label_table
  WA_IMM_TRY_TABLE,     // block_type, labels: its catch clauses
  WA_IMM_TAG,           // index
  WA_IMM_FUNC,          // index
  WA_IMM_TYPE,          // index
  WA_IMM_TYPE_TABLE,    // index = type, index2 = table (call_indirect)
  WA_IMM_LOCAL,         // index
  WA_IMM_GLOBAL,        // index
  WA_IMM_TABLE,         // index
  WA_IMM_MEMORY,        // index (memory.size, memory.grow, memory.fill)
  WA_IMM_MEMARG,        // memarg
  WA_IMM_MEMARG_LANE,   // memarg, lane
  WA_IMM_LANE,          // lane
  WA_IMM_LANES,         // bits, of 16 lane numbers (i8x16.shuffle)
  WA_IMM_I32,           // bits[0], zero-extended
  WA_IMM_I64,           // bits[0]
  WA_IMM_F32,           // bits[0], zero-extended
  WA_IMM_F64,           // bits[0]
  WA_IMM_V128,          // bits
  WA_IMM_REF_TYPE,      // type
  WA_IMM_TYPES,         // index = number of types, type = the first (select t*)
  WA_IMM_DATA,          // index
  WA_IMM_DATA_MEMORY,   // index = data, index2 = memory (memory.init)
  WA_IMM_MEMORY_MEMORY, // index = destination, index2 = source
  WA_IMM_ELEM,          // index
  WA_IMM_ELEM_TABLE,    // index = elem, index2 = table (table.init)
  WA_IMM_TABLE_TABLE,   // index = destination, index2 = source
  WA_IMM_FENCE,         // the reserved byte of atomic.fence
};

enum { WA_SIGNATURE_SIZE = 8, WA_SPELLING_SIZE = 39 }; // with the zero at the end

// Facts of an opcode, one row of opcodes.def. The texts are arrays, because the table is part of
// the command: pointers would be relocated at each start, also where nothing is compiled. It is a
// twelfth of the stripped library, so rows are small.
struct wa_op_info {
  uint32_t opcode;
  enum wa_imm_kind imm;
  uint32_t feature; // the WA_FEATURE_* it belongs to; 0 for the MVP
  enum wa_family family;
  uint8_t align; // log2 of the natural alignment of a memory access, else 0
  // "ii:i"; i I f F v for i32 i64 f32 f64 v128; "*" when it needs code of its own
  char signature[WA_SIGNATURE_SIZE];
  char spelling[WA_SPELLING_SIZE];
};

extern const struct wa_op_info wa_op_infos[WA_OP_COUNT];

// Whether an instruction divides integers, or takes the remainder: it traps at zero.
bool wa_op_divides(enum wa_op op);

struct wa_block_type {
  // Exactly one shape: no type (both -1 / 0), one result, or a type index.
  uint32_t result; // value type, or 0
  uint32_t type;   // type index, or WA_NONE
};

struct wa_memarg {
  uint32_t align; // log2
  // Of atomic instructions, also of the fence, which has nothing else of this.
  bool has_order;       // one is given (relaxed atomics); else it is sequentially consistent
  bool acquire_release; // reads acquire, writes release
  uint32_t memory;
  uint64_t offset;
};

struct wa_label_table { // br_table: `count` targets then the default, LEB128, from `start`; or
                        // `count` catch clauses
  uint32_t count;
  size_t start;
};

// Small, as one is set to zero for each instruction that is read.
struct wa_instr {
  enum wa_op op;
  uint8_t lane;
  size_t offset; // of the opcode, from the start of the file
  uint32_t index, index2;
  uint32_t type;
  struct wa_block_type block;
  union { // by the kind of the immediates
    struct wa_memarg memarg;
    uint64_t bits[2]; // 16 lane numbers of shuffle as well: wa_instr_byte
    struct wa_label_table labels;
  };
};

// Of the 16 of a vector's constant, or of a shuffle's lane numbers.
static inline uint8_t wa_instr_byte(const struct wa_instr *instr, unsigned i) {
  return (uint8_t)(instr->bits[i / 8] >> (i % 8 * 8));
}

// A cursor over a part of a file. Offsets in errors count from the start of the file.
struct wa_reader {
  const uint8_t *start; // of the file
  size_t position;
  size_t end;
};

// Reads the next instruction and its immediates. Fails (WA_ERROR_MALFORMED) on an unknown opcode, a
// bad LEB128 or the end of the range. Indexes are not checked here.
bool wa_instr_read(struct wa_reader *reader, struct wa_instr *instr, struct wa_error *err);

enum wa_catch_kind { WA_CATCH = 0, WA_CATCH_REF = 1, WA_CATCH_ALL = 2, WA_CATCH_ALL_REF = 3 };

struct wa_catch {
  enum wa_catch_kind kind;
  uint32_t tag; // of WA_CATCH and WA_CATCH_REF
  uint32_t label;
};

// Reads one catch clause of a try_table; for validated code it cannot fail.
bool wa_reader_catch(struct wa_reader *reader, struct wa_catch *clause, struct wa_error *err);
// Reads one LEB128 label of a br_table; for validated code it cannot fail.
bool wa_reader_u32(struct wa_reader *reader, uint32_t *value, struct wa_error *err);

// The runs of locals of a defined function, in order; *count of them, in the arena given.
struct wa_local_run *wa_function_locals(const struct wa_module *module,
                                        const struct wa_function *function, struct wa_arena *arena,
                                        uint32_t *count);

#endif
