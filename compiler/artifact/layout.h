// Where everything of a module lies at run time: offsets in the instance context, function
// reference slots, and which tables compiled code keeps to itself. Lowering and the metadata writer
// both read it, so that they cannot disagree.
#ifndef WA_COMPILER_ARTIFACT_LAYOUT_H
#define WA_COMPILER_ARTIFACT_LAYOUT_H

#include "compiler/wasm/module.h"

struct wa_layout {
  struct wa_arena arena;
  uint32_t context_size;   // bytes below ctx, a multiple of 16
  bool memory0_at_ctx;     // memory 0 is own, unshared, and begins at ctx
  bool explicit_checks;    // see wa_compile_options
  bool has_shared_memory;  // other threads may change memory between two reads of it
  int32_t *global_offsets; // per global, from ctx
  int32_t *import_slots;   // per imported function, from ctx
  int32_t *tag_slots;      // per tag, from ctx
  int32_t *type_ids;   // per type, from ctx; 0 when no call_indirect compares with it at run time
  uint32_t *func_refs; // per function: index in ctx->func_refs, or WA_NONE
  uint32_t func_ref_count;
  bool *read_only_tables; // per table
  bool *entries, *exits;  // per canonical type: whether it has the trampoline
};

// False when memory is out or the context would grow past what offsets can say.
bool wa_layout_init(struct wa_layout *layout, const struct wa_module *module, bool explicit_checks,
                    struct wa_error *err);
void wa_layout_deinit(struct wa_layout *layout);

// Whether code compares the end of each access to such a memory with its size, so that none faults.
static inline bool wa_layout_checks_ends(const struct wa_layout *layout,
                                         const struct wa_limits *limits) {
  return layout->explicit_checks || wa_has_byte_pages(limits);
}

// Imported mutable globals are reached through a pointer in the context.
static inline bool wa_global_by_pointer(const struct wa_global *global) {
  return global->imported && global->type.mut;
}

#endif
