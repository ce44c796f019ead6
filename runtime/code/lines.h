// Source lines of compiled code, where -g kept them.
#ifndef WA_RUNTIME_CODE_LINES_H
#define WA_RUNTIME_CODE_LINES_H

#include "runtime/code/artifact.h"

#include <stdbool.h>

struct wa_source_line {
  const char *path; // not terminated; the artifact's
  uint32_t path_size;
  uint32_t line; // from 1
};

// A call of a function whose code is inside of its caller's.
struct wa_inlined {
  const char *name; // not terminated; the artifact's
  uint32_t name_size;
  struct wa_source_line call; // an empty path and line 0: not known
};

// Whether a section of so many bytes holds what its header says.
bool wa_lines_check(const struct wa_lines *lines, size_t size);

// Rows of the artifact's table, 0 without one.
uint32_t wa_lines_count(const struct wa_artifact *artifact);
// What row `index` says, and where it begins. False when it names no line.
bool wa_lines_row(const struct wa_artifact *artifact, uint32_t index, uint32_t *text_offset,
                  struct wa_source_line *line);
// The first row that begins behind a place in the text.
uint32_t wa_lines_behind(const struct wa_artifact *artifact, uint32_t text_offset);
// The line of a place in the text; false when it is not known.
bool wa_lines_find(const struct wa_artifact *artifact, uint32_t text_offset,
                   struct wa_source_line *line);

// The innermost inlined call that a place in the text is in, of those before `*index`, which
// becomes its own: from WA_NONE on outwards, until there is none and it is false.
bool wa_lines_inlined(const struct wa_artifact *artifact, uint32_t text_offset, uint32_t *index,
                      struct wa_inlined *inlined);

#endif
