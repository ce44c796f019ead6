// Reading expressions (DWARF 5, 2.5 and 2.6) operation by operation.
#ifndef WA_COMPILER_DWARF_EXPRESSION_H
#define WA_COMPILER_DWARF_EXPRESSION_H

#include "compiler/dwarf/cursor.h"

enum wa_wasm_place {
  WA_WASM_LOCAL = 0,
  WA_WASM_GLOBAL = 1,
  WA_WASM_STACK = 2,
  WA_WASM_GLOBAL32 = 3
};

struct wa_operation {
  uint8_t code;          // DW_OP_*
  uint64_t operand;      // a signed one too; of DW_OP_WASM_location the index; of bregN the offset
  uint64_t reg;          // of regN, regx, bregN and bregx: the register
  uint64_t kind;         // of DW_OP_WASM_location: enum wa_wasm_place
  struct wa_bytes bytes; // the operation as it stands
};

// Reads the next operation. False, and the cursor has failed, when it is cut off or not one of
// those that dwarf.h knows. Addresses have `address_size` bytes.
bool wa_operation_read(struct wa_cursor *cursor, unsigned address_size,
                       struct wa_operation *operation);

#endif
