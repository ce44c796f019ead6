// Where the places of a guest's variables are in native code: what debug.c's debug
// information says besides lines. LLVM follows, through all that it does to the code,
//   v<N>        the number of the expression that variable N of the function (source/variables.h)
//   has
//               at this point of the program: a constant, or nothing
//   l<N><t>     the value of wasm local N
//   s<N>.<M><t> what lay M deep on the operand stack when variable N came to be there
//   x0          nothing: wa_debug_forget was called for the function
// where <t> is i, j, f or d: i32, i64, f32 or f64. debug/places.c reads it back. The number and the
// values are of the same point of the program, so what is made of them is true.
#ifndef WA_COMPILER_LOWER_PLACES_H
#define WA_COMPILER_LOWER_PLACES_H

#include "compiler/wasm/instr.h"

struct wa_lower_function;

// What is known of a function before it is lowered.
struct wa_body_shape {
  uint32_t joins;      // instructions where control may come from several places
  uint32_t sets;       // instructions that set a local
  uint32_t frame_sets; // those that set the frame's
};

struct wa_body_shape wa_body_shape(const struct wa_lower_function *f, uint32_t frame_local);

// After the function has its scope, at the end of the entry block. May leave f->debug.places NULL.
void wa_places_begin(struct wa_lower_function *f, uint32_t function,
                     const struct wa_body_shape *shape);
// Before an instruction is lowered, or skipped as unreachable. `address` counts in the code
// section.
void wa_places_instr(struct wa_lower_function *f, enum wa_op op, uint32_t address);
// Before an instruction sets a local.
void wa_places_local_unknown(struct wa_lower_function *f, uint32_t local);
// When it has.
void wa_places_local_set(struct wa_lower_function *f, uint32_t local);

#endif
