// Debug information in LLVM IR: nothing but what maps compiled code back to the module. The line of
// every instruction is the wasm instruction's offset in the code section plus 1, and the variable
// of a function is the slot that holds the native address of its frame in linear memory;
// places.c has more of them. What debuggers read is made from that and from the module's own
// DWARF when partitions are merged (debug/map.c).
#ifndef WA_COMPILER_LOWER_DEBUG_H
#define WA_COMPILER_LOWER_DEBUG_H

#include "compiler/lower/places.h"

#include <llvm-c/Types.h>
#include <stddef.h>
#include <stdint.h>

struct wa_ir;
struct wa_lower_function;
struct wa_source;

// Of a function that is being lowered; all zero without -g.
struct wa_debug_function {
  LLVMMetadataRef scope;
  LLVMMetadataRef location; // of the instruction at hand
  LLVMValueRef frame_slot;  // or NULL
  uint32_t frame_local;
  struct wa_debug_places *places; // places.c; or NULL
};

// `all_locals`: each is followed, for core dumps; for code that is not optimised.
void wa_lower_debug_init(struct wa_ir *ir, const struct wa_source *source, bool all_locals);
// Before the optimiser runs. Nothing without -g, as is all that follows.
void wa_lower_debug_end(struct wa_ir *ir);

// At the end of the entry block.
void wa_debug_enter(struct wa_lower_function *f, uint32_t function);
void wa_debug_leave(struct wa_lower_function *f);
// Instructions built from here on belong to the wasm instruction at `position` in the file.
void wa_debug_instr(struct wa_lower_function *f, enum wa_op op, size_t position);
// The same as before, after the builder was elsewhere.
void wa_debug_set_location(struct wa_lower_function *f);
// A local is about to get a value.
void wa_debug_local_setting(struct wa_lower_function *f, uint32_t local);
// It has got it.
void wa_debug_local_set(struct wa_lower_function *f, uint32_t local, LLVMValueRef value);
// Blocks of the function were copied by the C API, which leaves debug records behind: what they say
// of variables is not to be believed. After wa_lower_debug_end, too.
void wa_debug_forget(struct wa_ir *ir, LLVMValueRef function);

// ---- For places.c ----

const struct wa_source *wa_debug_source(const struct wa_lower_function *f);
// Whether every local is followed.
bool wa_debug_all_locals(const struct wa_lower_function *f);
// A variable of the function; the same one for the same name.
LLVMMetadataRef wa_debug_variable(struct wa_lower_function *f, const char *name, LLVMTypeRef type);
// An alloca holds it.
void wa_debug_declare(struct wa_lower_function *f, LLVMValueRef alloca, LLVMMetadataRef variable);
// From here on, in the order of the program, its value is this; poison: unknown.
void wa_debug_value(struct wa_lower_function *f, LLVMValueRef value, LLVMMetadataRef variable);

#endif
