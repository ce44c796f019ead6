// Builds the artifact's own sections: .wasmaot.module, .wasmaot.data, .wasmaot.unwind and the note.
#ifndef WA_COMPILER_OBJECT_META_H
#define WA_COMPILER_OBJECT_META_H

#include "compiler/artifact/data_places.h"
#include "compiler/artifact/layout.h"
#include "compiler/base/bytes.h"
#include "compiler/object/merge.h"
#include "compiler/target/target.h"

// Appends the struct wa_meta of a module, with all its rows.
void wa_meta_build(struct wa_bytes_buffer *out, const struct wa_module *module,
                   const struct wa_layout *layout, const struct wa_merged *merged,
                   const struct wa_compile_options *options);

// The segments' bytes, in order, each at the offset that its wa_meta_data row says.
void wa_meta_build_data(struct wa_bytes_buffer *out, const struct wa_module *module);

// Sorts struct wa_meta_code rows by text offset.
void wa_meta_sort_codes(void *rows, size_t count);

// struct wa_unwind_entry rows, sorted by text offset.
void wa_meta_build_unwind(struct wa_bytes_buffer *out, const struct wa_merged *merged);

void wa_meta_build_note(struct wa_note *note, const struct wa_module *module,
                        const struct wa_layout *layout, const struct wa_target *target,
                        int opt_level);

#endif
