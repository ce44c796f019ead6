// Expressions of LLVM's for native code, read so that they can be put into larger ones.
#ifndef WA_COMPILER_DEBUG_NATIVE_H
#define WA_COMPILER_DEBUG_NATIVE_H

#include "compiler/debug/map.h"

enum wa_native_kind {
  WA_NATIVE_REGISTER, // the value is in `reg`
  WA_NATIVE_MEMORY,   // `bytes` computes its address
  WA_NATIVE_VALUE,    // `bytes` computes the value
  WA_NATIVE_IMPLICIT, // `bytes` contains it: DW_OP_implicit_value
};

// What calls do to the registers that an expression uses.
enum wa_native_life {
  WA_NATIVE_PRESERVED,
  WA_NATIVE_UNSURE, // preserved by most
  WA_NATIVE_CLOBBERED,
};

struct wa_native {
  enum wa_native_kind kind;
  enum wa_native_life life;
  uint64_t reg;
  struct wa_bytes_buffer bytes;
};

// False when the expression is of a kind that native code of ours does not have; `frame` is that of
// the function. `native` must be empty or the same as before, whose memory is used again.
bool wa_native_read(struct wa_native *native, uint16_t machine, const struct wa_map_frame *frame,
                    struct wa_bytes expression);
void wa_native_deinit(struct wa_native *native);

// As a location of its own.
void wa_native_put_location(const struct wa_native *native, struct wa_bytes_buffer *out);
// As a number of `size` bytes, 4 or 8, on the stack of an expression. False when it is none.
bool wa_native_put_value(const struct wa_native *native, uint16_t machine, unsigned size,
                         struct wa_bytes_buffer *out);

#endif
