#ifndef WA_CHECK_META_H
#define WA_CHECK_META_H

#include "include/wa_error.h"
#include "runtime/code/artifact.h"

// Checks all of an artifact's metadata against its text, data, unwind table and itself. `size` is
// that of the section, which is 8-byte aligned. After it, the runtime uses the metadata unchecked.
bool wa_check_meta(const struct wa_artifact *artifact, size_t size, struct wa_error *err);

#endif
