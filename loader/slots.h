// What parts.c needs of loader.c. Slots of functions in a loaded artifact's global offset table
// (struct wa_meta, `got`): where calls of the artifact's functions go. No two threads change one at
// the same time.
#ifndef WA_LOADER_SLOTS_H
#define WA_LOADER_SLOTS_H

#include "include/wa_error.h"
#include "runtime/code/artifact.h"

// Lets calls of the functions that `code` holds go there, unless the artifact was replaced.
bool wa_slots_fill(struct wa_artifact *artifact, const struct wa_code *code, struct wa_error *err);
// Lets calls of functions that the artifact has no code for go to `address`.
bool wa_slots_fill_empty(struct wa_artifact *artifact, const void *address, struct wa_error *err);

// Tells perf of the artifact's code, or of a part of it, as loading was asked to (perf_map,
// jitdump).
bool wa_tell_perf(const struct wa_code *code, struct wa_error *err);

// Where the room of WA_PARTS_ROOM bytes behind it begins; NULL when it was loaded without.
const uint8_t *wa_artifact_room(const struct wa_artifact *artifact);

#endif
