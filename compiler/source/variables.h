// The variables of a module that are, at least in parts of their function, where native code has no
// such thing: in wasm locals and on the operand stack. Optimised guests have them. What each of
// their places is worth is known only while the function is lowered (lower/places.c).
#ifndef WA_COMPILER_SOURCE_VARIABLES_H
#define WA_COMPILER_SOURCE_VARIABLES_H

#include "compiler/base/bytes.h"
#include "compiler/dwarf/entries.h"

// From one wasm instruction to another, both as offsets in the code section, a variable is where
// its expression `expression` says.
struct wa_variable_range {
  uint32_t start, end;
  uint32_t expression;
};

struct wa_variable {
  uint64_t die;          // offset in .debug_info
  uint32_t function;     // that it is in, inlined or not
  uint32_t number;       // among those of the function, from 0
  uint32_t next;         // of the function, or WA_NONE
  uint32_t address_size; // of its expressions
  uint32_t first_range, range_count;
  uint32_t first_expression, expression_count; // no two of which are the same
};

struct wa_variables {
  struct wa_bytes_buffer variables;   // struct wa_variable[], by `die`
  struct wa_bytes_buffer ranges;      // struct wa_variable_range[]
  struct wa_bytes_buffer expressions; // struct wa_bytes[]
  uint32_t *first;                    // per function: its first variable, or WA_NONE
};

struct wa_source;

// A walk through a module's entries.
struct wa_variable_scan {
  const struct wa_source *source;
  struct wa_variables *variables;
  struct wa_bytes_buffer scopes; // struct scope[]: what the entry at hand lies in
  struct wa_bytes_buffer pieces; // struct wa_variable_range[]: code of those scopes
  uint32_t *last;                // per function: its last variable, or WA_NONE
  uint64_t budget;               // of bytes to look at: entries may share lists
};

// `source` must know its sections and have an arena; its `variables` must be empty. False when
// memory is out.
bool wa_variable_scan_init(struct wa_variable_scan *scan, struct wa_source *source);
void wa_variable_scan_deinit(struct wa_variable_scan *scan);
// At the start of a unit.
void wa_variable_scan_unit(struct wa_variable_scan *scan);
// The next entry of the unit.
void wa_variable_scan_entry(struct wa_variable_scan *scan, const struct wa_die_reader *dies,
                            const struct wa_die *die);

void wa_variables_deinit(struct wa_variables *variables);
// The variable of an entry, or NULL.
const struct wa_variable *wa_variable_find(const struct wa_variables *variables, uint64_t die);

static inline const struct wa_variable *wa_variable_at(const struct wa_variables *variables,
                                                       uint32_t index) {
  return &((const struct wa_variable *)variables->variables.data)[index];
}

static inline const struct wa_variable_range *
wa_variable_ranges(const struct wa_variables *variables, const struct wa_variable *variable) {
  return (const struct wa_variable_range *)variables->ranges.data + variable->first_range;
}

static inline struct wa_bytes wa_variable_expression(const struct wa_variables *variables,
                                                     const struct wa_variable *variable,
                                                     uint32_t expression) {
  return ((const struct wa_bytes *)
              variables->expressions.data)[variable->first_expression + expression];
}

#endif
