// Loops that were rolled up in vain, as the vectoriser has not taken them.
#include "reroll.h"

#include <stdlib.h>
#include <string.h>

static bool is_rest_of_vectors(LLVMBasicBlockRef preheader) {
  return wa_block_has_name(preheader, "scalar.ph") ||
         wa_block_has_name(preheader, "vec.epilog.scalar.ph");
}

void wa_unroll_again(struct wa_lower *lower, LLVMValueRef function) {
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    LLVMBasicBlockRef preheader =
        wa_block_has_name(block, WA_ROLLED_NAME) ? wa_reroll_preheader(block) : NULL;
    if (preheader && !is_rest_of_vectors(preheader)) {
      const char *count = LLVMGetBasicBlockName(block) + strlen(WA_ROLLED_NAME);
      wa_advise_loop(lower, block, "llvm.loop.unroll.count", (uint32_t)strtoul(count, NULL, 10));
    }
  }
}
