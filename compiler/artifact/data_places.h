// Where the data segments lie in .wasmaot.data. Active segments that follow each other in memory
// keep their distance there, so that the runtime can map them all at once instead of copying each.
#ifndef WA_COMPILER_ARTIFACT_DATA_PLACES_H
#define WA_COMPILER_ARTIFACT_DATA_PLACES_H

#include "compiler/wasm/module.h"

// What large segments' offsets in the section and in memory are congruent by: a page of any host's
// that matters.
enum { WA_DATA_ALIGNMENT = 4096 };

struct wa_data_places {
  const struct wa_module *module;
  uint32_t next;     // segment
  uint32_t run_end;  // the first segment behind the run at hand
  uint64_t end;      // of what is placed
  uint64_t distance; // from the run's offsets in memory to those in the section
  uint64_t highest;  // end in memory of what lies furthest up
};

struct wa_data_places wa_data_places_start(const struct wa_module *module);
// The offset in the section of the next segment; what is between two segments is zero.
uint64_t wa_data_places_next(struct wa_data_places *places);

#endif
