// From compiled code back to the module: what the debug information that LLVM made of
// lower/debug.c's says, read from the partitions' objects.
#ifndef WA_COMPILER_DEBUG_MAP_H
#define WA_COMPILER_DEBUG_MAP_H

#include "compiler/base/bytes.h"
#include "compiler/debug/places.h"
#include "compiler/object/merge.h"

// Code from here to the next row's comes from the wasm instruction at this offset of the code
// section; WA_NONE: from none in particular.
struct wa_map_row {
  uint32_t text;
  uint32_t wasm;
};

// A function's frame, as its native code keeps it.
struct wa_map_frame {
  struct wa_bytes frame_base; // native DW_AT_frame_base
  struct wa_bytes slot;       // location of the slot with the wasm frame's address; size 0: none
};

struct wa_map {
  struct wa_bytes_buffer rows; // struct wa_map_row[], by `text`
  struct wa_map_frame *frames; // per function
  struct wa_places places;     // of variables
  const struct wa_merge_machine *machine;
  struct wa_arena arena; // relocated sections, which frames and places point into
};

// `merged` must outlive the map. False when memory is out, or LLVM's DWARF is not as expected.
bool wa_map_init(struct wa_map *map, const struct wa_merged *merged, const struct wa_module *module,
                 const struct wa_merge_machine *machine, struct wa_error *err);
void wa_map_deinit(struct wa_map *map);

// The first row at or behind a text offset.
size_t wa_map_find(const struct wa_map *map, uint32_t text);

#endif
