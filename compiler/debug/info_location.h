// Locations of variables in .debug_info and .debug_loclists: among the files that write them.
#ifndef WA_COMPILER_DEBUG_INFO_LOCATION_H
#define WA_COMPILER_DEBUG_INFO_LOCATION_H

#include "compiler/debug/info.h"
#include "compiler/debug/native.h"

// What an expression of the module's names and wasm has for a place, with what native code has for
// it in some part of the text.
struct wa_operand {
  uint64_t kind, index; // as in DW_OP_WASM_location
  char type;            // i, j, f or d
  struct wa_native native;
};

enum { WA_MAX_OPERANDS = 8 };

struct wa_operands {
  struct wa_operand rows[WA_MAX_OPERANDS];
  uint32_t count;
};

// Makes a native expression of one of the module's for a variable (its entry in .debug_info), or
// with `is_pointer` the value of a host's pointer of a guest's. False when there is none; `to` is
// overwritten. Without operands (NULL) only what is in memory can be said.
bool wa_info_translate(struct wa_info *info, uint64_t variable, struct wa_bytes expression,
                       const struct wa_operands *operands, bool is_pointer,
                       struct wa_debug_output *to);
// Appends the size of an expression and the expression.
void wa_info_append_expression(struct wa_debug_output *out,
                               const struct wa_debug_output *expression);
// DW_AT_location as a list, of a variable of the function at hand.
void wa_info_listed_location(struct wa_info *info, const struct wa_variable *variable,
                             bool is_pointer);

#endif
