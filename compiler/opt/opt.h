// The passes that only make code faster: each can be left out (--passes=-NAME). passes.c says where
// in the pipeline each runs; its file says what it looks for, and why it is right.
#ifndef WA_COMPILER_OPT_OPT_H
#define WA_COMPILER_OPT_OPT_H

#include "compiler/ir/ir.h"

// Rewrites addresses that are a known distance above one accessed before, so that the distance
// becomes part of the instruction. Needs SSA form.
void wa_anchor_addresses(struct wa_ir *ir, LLVMValueRef function);

// Does at once what a program does by words of 32 bits: counts of bits, masks of bytes. Wants code
// that LLVM has simplified.
void wa_rewrite_idioms(struct wa_ir *ir, LLVMValueRef function);

// Gives loops over 128-bit vectors a copy that does two of them at once, where the CPU has vectors
// of 256 bits and run-time checks allow it. Whether it did.
bool wa_widen_loops(struct wa_ir *ir, LLVMValueRef function);

// Gives loops that look for something in memory one in front that looks at a vector at once.
// Whether it did. Needs loops to have preheaders.
bool wa_search_vectors(struct wa_ir *ir, LLVMValueRef function);

// Lets sums that a loop makes side by side be lanes of a vector. Behind all that counts loads.
void wa_pack_sums(struct wa_ir *ir, LLVMValueRef function);

// Prefetches what addresses point to that are put into an array and will be taken out of it later.
// Behind LLVM's passes.
void wa_prefetch_gathered(struct wa_ir *ir, LLVMValueRef function);

// Lets jump tables that many ways lead to be jumped through from each of them: nothing is checked
// in front. Behind LLVM's passes.
void wa_spread_dispatch(struct wa_ir *ir, LLVMValueRef function);

// Keeps addresses that live across blocks extended to 64 bits. Behind all that knows induction
// variables.
void wa_promote_addresses(struct wa_ir *ir, LLVMValueRef function);

#endif
