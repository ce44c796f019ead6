// The artifact's debug sections: DWARF 5 for the native code, made from the module's own DWARF and
// the map of the compiled code, and the runtime's table of source lines.
#ifndef WA_COMPILER_DEBUG_WRITE_H
#define WA_COMPILER_DEBUG_WRITE_H

#include "compiler/debug/map.h"
#include "compiler/object/debug_sections.h"
#include "compiler/source/source.h"

// A range of the text.
struct wa_text_range {
  uint32_t start, end;
};

// A call of a function that the module's compiler had inlined.
struct wa_inlined_call {
  struct wa_text_range text;
  uint64_t origin; // the function's entry
  uint32_t unit, file, line;
};

// An entry that names a function, by itself or by another that it leads to.
struct wa_named {
  uint64_t entry;
  struct wa_bytes name;
  uint64_t other; // entry, or WA_NO_ADDRESS
  bool placed;    // in the table: there
  uint32_t place, placed_size;
};

// What the runtime is told of locals. LLVM's places are true of code that is not optimised; else it
// may go on with a value of before.
enum wa_debug_locals { WA_LOCALS_LEFT_OUT, WA_LOCALS_COUNTED, WA_LOCALS_PLACED };

struct wa_debug {
  const struct wa_source *source;
  const struct wa_map *map;
  const struct wa_merged *merged;
  struct wa_debug_output sections[WA_DEBUG_SECTION_COUNT];
  // For the runtime's table: struct wa_inlined_call[], outer ones first; struct wa_named[], the
  // names of functions, by entry.
  struct wa_bytes_buffer inlined, names;
  bool mangled;
  enum wa_debug_locals locals;
  uint32_t *line_programs; // per unit: offset in WA_DEBUG_LINE
  // The functions of each unit: the first per unit, the next per function; WA_NONE ends.
  uint32_t *first_functions, *next_functions;
  struct wa_arena arena;
};

// False when memory is out, or with WA_ERROR_MALFORMED when the module's DWARF is; *debug is empty
// then. `source`, `map` and `merged` must outlive it.
// `mangled`: names of inlined functions stay as the module has them.
bool wa_debug_init(struct wa_debug *debug, const struct wa_source *source, const struct wa_map *map,
                   const struct wa_merged *merged, bool mangled, enum wa_debug_locals locals,
                   struct wa_error *err);
void wa_debug_deinit(struct wa_debug *debug);

// ---- Among the writers ----

// Appends little-endian integers and LEB128.
void wa_put(struct wa_bytes_buffer *to, uint64_t value, unsigned size);
void wa_put_uleb(struct wa_bytes_buffer *to, uint64_t value);
void wa_put_sleb(struct wa_bytes_buffer *to, int64_t value);
void wa_put_string(struct wa_bytes_buffer *to, struct wa_bytes string);
// Appends `width` bytes that are relocated to target + addend.
void wa_put_relocated(struct wa_debug_output *to, unsigned width, unsigned target, uint64_t addend);
// Fills in the length of a unit that began at `start` with four bytes for it.
void wa_patch32(struct wa_bytes_buffer *in, size_t at, uint64_t value);

bool wa_debug_write_lines(struct wa_debug *debug);
bool wa_debug_write_info(struct wa_debug *debug, struct wa_error *err);
// The runtime's table, when all entries have been written.
bool wa_debug_write_table(struct wa_debug *debug);
// Its table of locals.
bool wa_debug_write_locals(struct wa_debug *debug);

#endif
