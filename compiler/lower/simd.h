// 128-bit vectors: what the files of the SIMD families share. On the operand stack every v128 is
// <16 x i8>; each instruction casts to the shape it works on, which costs nothing.
#ifndef WA_COMPILER_LOWER_SIMD_H
#define WA_COMPILER_LOWER_SIMD_H

#include "compiler/lower/lower.h"

// How an instruction divides the 128 bits, as its spelling says: "i16x8", "f32x4"; "v128" is i8x16.
struct wa_shape {
  unsigned bits, lanes;
  bool is_real;
  LLVMTypeRef lane;   // one lane
  LLVMTypeRef vector; // all lanes
};

// Builds a vector from others, in the function that the builder is in.
typedef LLVMValueRef wa_simd_builder(struct wa_lower_function *f, LLVMValueRef *args,
                                     const struct wa_shape *shape);

struct wa_simd_op;
typedef void wa_simd_fn(struct wa_lower_function *f, const struct wa_instr *instr,
                        const struct wa_shape *shape, const struct wa_simd_op *op);

// One row per operation, for all the shapes it comes in. `pattern` is what stands behind the dot of
// the spelling, '*' for the name of another shape.
struct wa_simd_op {
  const char *pattern;
  wa_simd_fn *lower;
  int integer;    // an LLVMOpcode, a predicate or an enum wa_intrinsic for integer lanes
  int real;       // the same for float lanes
  bool is_signed; // how narrow lanes are widened
  bool high;      // of the operations on half of the lanes
};

extern const struct wa_simd_op wa_simd_numeric_ops[], wa_simd_lane_ops[], wa_simd_memory_ops[];
extern const struct wa_simd_op wa_simd_convert_ops[], wa_simd_relaxed_ops[];

struct wa_shape wa_simd_shape(const struct wa_ir *ir, unsigned bits, bool is_real);
// The same number of bits as integers.
struct wa_shape wa_simd_integers(const struct wa_ir *ir, const struct wa_shape *shape);
// `count` lanes of a type.
LLVMTypeRef wa_simd_vector(LLVMTypeRef lane, unsigned count);
LLVMValueRef wa_simd_pop(struct wa_lower_function *f, const struct wa_shape *shape);
void wa_simd_push(struct wa_lower_function *f, LLVMValueRef vector);
LLVMValueRef wa_simd_splat(struct wa_lower_function *f, LLVMValueRef lane, unsigned count);
LLVMValueRef wa_simd_splat_int(struct wa_lower_function *f, LLVMTypeRef vector, uint64_t value);
// Calls an intrinsic that comes in the shapes of its first argument.
LLVMValueRef wa_simd_intrinsic(struct wa_lower_function *f, enum wa_intrinsic id,
                               LLVMValueRef *args, unsigned count);
// Pushes the lanes of a float vector as i32, truncated and saturated; two lanes are followed by two
// zeros.
void wa_simd_push_truncated(struct wa_lower_function *f, LLVMValueRef value, bool is_signed);
// Lanes first, first + step, ... of the concatenation of a and b.
LLVMValueRef wa_simd_pick(struct wa_lower_function *f, LLVMValueRef a, LLVMValueRef b,
                          unsigned first, unsigned step, unsigned count);
// Calls a function for one or two vectors, of which `build` makes the first time what it returns.
// It has no effects, so that LLVM may still merge, move and delete the call.
LLVMValueRef wa_simd_outline(struct wa_lower_function *f, enum wa_outlined which,
                             const struct wa_shape *shape, LLVMValueRef *args, unsigned count,
                             wa_simd_builder *build);
// The same of bytes and their indexes, in place where those are constant, which makes a shuffle.
LLVMValueRef wa_simd_swizzle(struct wa_lower_function *f, enum wa_outlined which,
                             const struct wa_shape *shape, LLVMValueRef args[2],
                             wa_simd_builder *build);
// Of 16 bytes, lane by lane: the one that the low four bits of the index name where `inside`, else
// 0.
LLVMValueRef wa_simd_swizzle_lanes(struct wa_lower_function *f, LLVMValueRef vector,
                                   LLVMValueRef indexes, LLVMValueRef inside);
// The row that lowers an opcode, or NULL: only a test asks for that.
const struct wa_simd_op *wa_simd_find(enum wa_op op);

#endif
