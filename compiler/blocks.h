// Blocks that are too long for LLVM's code generator.
#ifndef WA_COMPILER_BLOCKS_H
#define WA_COMPILER_BLOCKS_H

#include "compiler/ir/ir.h"

// Whether a function has a block that is.
bool wa_has_long_block(LLVMValueRef function);
// Cuts the long blocks of a function in pieces. Only for code that is generated as at -O0: more
// than that would join them again. No phi may be added afterwards to what was cut.
void wa_cut_blocks(struct wa_ir *ir, LLVMValueRef function);

#endif
