// What a module's DWARF says, as far as compiling needs it before any code is there: source lines
// by address, which wasm local each function keeps its frame's address in, and which variables are
// in wasm locals. Addresses count from the contents of the code section. Read once, then shared by
// all workers.
#ifndef WA_COMPILER_SOURCE_SOURCE_H
#define WA_COMPILER_SOURCE_SOURCE_H

#include "compiler/dwarf/entries.h"
#include "compiler/dwarf/lines.h"
#include "compiler/source/types.h"
#include "compiler/source/variables.h"
#include "compiler/wasm/module.h"

// A unit of .debug_info and its table of files.
struct wa_source_unit {
  uint64_t offset; // in .debug_info
  struct wa_line_table table;
  struct wa_bytes name, directory;
};

struct wa_source_row {
  uint32_t address;
  uint32_t unit;
  uint32_t file, line;
  uint16_t column;
  uint16_t flags; // WA_LINE_*
  uint32_t order; // in which it was read
};

struct wa_source {
  const struct wa_module *module;
  struct wa_dwarf dwarf;
  size_t code_start; // in the file
  struct wa_arena arena;
  struct wa_bytes_buffer units; // struct wa_source_unit[]
  struct wa_bytes_buffer rows;  // struct wa_source_row[], by address
  uint32_t *frame_locals;       // per function: index of the local, or WA_NONE
  struct wa_variables variables;
  struct wa_types types;
};

// False, with a message that says why there is nothing to go on, when the module has no DWARF or it
// cannot be read.
bool wa_source_init(struct wa_source *source, const struct wa_module *module, struct wa_error *err);
void wa_source_deinit(struct wa_source *source);

static inline uint32_t wa_source_unit_count(const struct wa_source *source) {
  return (uint32_t)(source->units.size / sizeof(struct wa_source_unit));
}

static inline const struct wa_source_unit *wa_source_unit(const struct wa_source *source,
                                                          uint32_t unit) {
  return &((const struct wa_source_unit *)source->units.data)[unit];
}

// The defined function that an address lies in, or WA_NONE.
uint32_t wa_source_function(const struct wa_source *source, uint64_t address);
// The row that covers an address, or NULL.
const struct wa_source_row *wa_source_row(const struct wa_source *source, uint32_t address);
#endif
