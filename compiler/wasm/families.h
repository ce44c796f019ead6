// The instructions of a family as an enum of their own, with the values of enum wa_op. A switch
// over one of them has no default: the compiler then says which row of opcodes.def it lacks. SIMD
// and atomic instructions have none, because their lowering goes by parts of their spelling (a test
// sees that each finds its function).
#ifndef WA_COMPILER_WASM_FAMILIES_H
#define WA_COMPILER_WASM_FAMILIES_H

#include "compiler/wasm/instr.h"

#define WA_OP(name, opcode, spelling, imm, signature, align, feature, family) WA_IN_##family(name)
#define WA_IN_CONTROL(name)
#define WA_IN_CALL(name)
#define WA_IN_VARIABLE(name)
#define WA_IN_TABLE(name)
#define WA_IN_MEMORY(name)
#define WA_IN_NUMERIC(name)
#define WA_IN_CONVERT(name)
#define WA_IN_WIDE(name)
#define WA_IN_BULK(name)
#define WA_IN_SIMD(name)
#define WA_IN_ATOMIC(name)

#undef WA_IN_CONTROL
#define WA_IN_CONTROL(name) WA_CONTROL_##name = WA_OP_##name,
enum wa_control_op {
#include "compiler/wasm/opcodes.def"
};
#undef WA_IN_CONTROL
#define WA_IN_CONTROL(name)

#undef WA_IN_CALL
#define WA_IN_CALL(name) WA_CALL_##name = WA_OP_##name,
enum wa_call_op {
#include "compiler/wasm/opcodes.def"
};
#undef WA_IN_CALL
#define WA_IN_CALL(name)

#undef WA_IN_VARIABLE
#define WA_IN_VARIABLE(name) WA_VARIABLE_##name = WA_OP_##name,
enum wa_variable_op {
#include "compiler/wasm/opcodes.def"
};
#undef WA_IN_VARIABLE
#define WA_IN_VARIABLE(name)

#undef WA_IN_TABLE
#define WA_IN_TABLE(name) WA_TABLE_##name = WA_OP_##name,
enum wa_table_op {
#include "compiler/wasm/opcodes.def"
};
#undef WA_IN_TABLE
#define WA_IN_TABLE(name)

#undef WA_IN_MEMORY
#define WA_IN_MEMORY(name) WA_MEMORY_##name = WA_OP_##name,
enum wa_memory_op {
#include "compiler/wasm/opcodes.def"
};
#undef WA_IN_MEMORY
#define WA_IN_MEMORY(name)

#undef WA_IN_NUMERIC
#define WA_IN_NUMERIC(name) WA_NUMERIC_##name = WA_OP_##name,
enum wa_numeric_op {
#include "compiler/wasm/opcodes.def"
};
#undef WA_IN_NUMERIC
#define WA_IN_NUMERIC(name)

#undef WA_IN_CONVERT
#define WA_IN_CONVERT(name) WA_CONVERT_##name = WA_OP_##name,
enum wa_convert_op {
#include "compiler/wasm/opcodes.def"
};
#undef WA_IN_CONVERT
#define WA_IN_CONVERT(name)

#undef WA_IN_WIDE
#define WA_IN_WIDE(name) WA_WIDE_##name = WA_OP_##name,
enum wa_wide_op {
#include "compiler/wasm/opcodes.def"
};
#undef WA_IN_WIDE
#define WA_IN_WIDE(name)

#undef WA_IN_BULK
#define WA_IN_BULK(name) WA_BULK_##name = WA_OP_##name,
enum wa_bulk_op {
#include "compiler/wasm/opcodes.def"
};
#undef WA_IN_BULK
#define WA_IN_BULK(name)

#undef WA_IN_CONTROL
#undef WA_IN_CALL
#undef WA_IN_VARIABLE
#undef WA_IN_TABLE
#undef WA_IN_MEMORY
#undef WA_IN_NUMERIC
#undef WA_IN_CONVERT
#undef WA_IN_WIDE
#undef WA_IN_BULK
#undef WA_IN_SIMD
#undef WA_IN_ATOMIC
#undef WA_OP

#endif
