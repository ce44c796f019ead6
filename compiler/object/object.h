// Writes the artifact: one ELF relocatable object, laid out so that the loader maps its text
// straight from the file. The same input gives the same bytes.
#ifndef WA_COMPILER_OBJECT_OBJECT_H
#define WA_COMPILER_OBJECT_OBJECT_H

#include "compiler/object/debug_sections.h"
#include "compiler/object/merge.h"
#include "compiler/object/meta.h"

// `debug` is the sections of that enumeration, or NULL: no debug sections.
bool wa_object_write(struct wa_buffer *object, const struct wa_module *module,
                     const struct wa_layout *layout, const struct wa_merged *merged,
                     const struct wa_target *target, const struct wa_compile_options *options,
                     const struct wa_debug_output debug[WA_DEBUG_SECTION_COUNT],
                     struct wa_error *err);

#endif
