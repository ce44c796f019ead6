// Inside the validator: the algorithm of the core spec's appendix 7.3, on the bytes of a function
// body, with a stack of operand types and a stack of control frames.
#ifndef WA_COMPILER_WASM_VALIDATE_H
#define WA_COMPILER_WASM_VALIDATE_H

#include "compiler/wasm/decode.h"

// Value types as they lie in a type section, or in the validator's own constants.
struct wa_types {
  const uint32_t *data; // value types
  uint32_t count;
};

struct wa_frame {
  enum wa_op op; // what opened it: block, loop, if, else, try or catch; block for the body itself
  bool unreachable;   // the rest of the block is not reached: operands below `height` have any type
  uint32_t height;    // of the operand stack at its beginning, parameters not counted
  uint32_t set_count; // locals without a default that are set at its beginning
  struct wa_types start, end;
};

// Runs of locals of one type, parameters first; `end` is one past the run's last index.
struct wa_local_span {
  uint32_t end;
  uint32_t type;
};

// One for all functions of a module: its arrays are reused. Zero it, set the decoder, and deinit.
struct wa_validator {
  struct wa_decoder *decoder;
  struct wa_reader reader; // of the body
  struct wa_instr instr;   // being validated
  const struct wa_functype *type;
  // Value types; 0 for one that unreachable code leaves open, and WA_REF_NON_NULL alone for a
  // reference of which only that is known.
  uint32_t *operands;
  uint32_t height, operand_capacity;
  struct wa_frame *frames;
  uint32_t depth, frame_capacity;
  struct wa_local_span *locals;
  uint32_t span_count, span_capacity, local_count;
  // Locals without a default value, when the function has any: which are set, and in what order
  // they were.
  bool track_locals;
  bool *is_set;
  uint32_t *set_order;
  uint32_t set_count, set_capacity, order_capacity;
};

// Validates one body, whose body_offset and end_offset are set; sets code_offset.
bool wa_validate_function(struct wa_validator *validator, struct wa_function *function);
void wa_validator_deinit(struct wa_validator *validator);

// ---- Stacks (validate.c) ----

bool wa_push(struct wa_validator *validator, uint32_t type);
bool wa_push_types(struct wa_validator *validator, struct wa_types types);
bool wa_pop(struct wa_validator *validator, uint32_t expected);
// A reference of any type; 0 when it is open.
bool wa_pop_ref(struct wa_validator *validator, uint32_t *found);
// Any type; 0 when it is open.
bool wa_pop_any(struct wa_validator *validator, uint32_t *found);
bool wa_pop_types(struct wa_validator *validator, struct wa_types types);
// Fails as wa_pop_types would, but leaves the stack as it is.
bool wa_check_types(struct wa_validator *validator, struct wa_types types);
bool wa_push_frame(struct wa_validator *validator, enum wa_op op, struct wa_types start,
                   struct wa_types end);
bool wa_pop_frame(struct wa_validator *validator, struct wa_frame *frame);
void wa_set_unreachable(struct wa_validator *validator);
// Fails with WA_ERROR_INVALID at the instruction being validated.
__attribute__((format(printf, 2, 3))) bool wa_reject(struct wa_validator *validator,
                                                     const char *format, ...);

// Notes that a local was set, which matters until the block ends.
void wa_set_local(struct wa_validator *validator, uint32_t index);

// ---- Instructions ----

bool wa_validate_instr(struct wa_validator *validator);        // validate_instr.c
bool wa_validate_control(struct wa_validator *validator);      // validate_control.c
bool wa_validate_table_access(struct wa_validator *validator); // validate_table.c
bool wa_check_table(struct wa_validator *validator, uint32_t index);
bool wa_check_elem(struct wa_validator *validator, uint32_t index);
// Makes sure that the type's index is known.
bool wa_check_known(struct wa_validator *validator, uint32_t type);
bool wa_check_function(struct wa_validator *validator, uint32_t index);

#endif
