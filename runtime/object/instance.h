// An instance (core spec 4.2.9): a context for compiled code and what the runtime keeps beside it.
#ifndef WA_RUNTIME_OBJECT_INSTANCE_H
#define WA_RUNTIME_OBJECT_INSTANCE_H

#include "runtime/object/object.h"
#include "runtime/object/prepared.h"

#include <stdatomic.h>

struct wa_binding;

struct wa_instance {
  struct wa_object object;
  struct wa_store *store;
  struct wa_prepared *prepared;
  uint8_t *ctx; // what compiled code gets: the end of the context

  // A module with memory 0 at ctx has context and memory in one mapping; others have the context in
  // the block that holds everything else.
  void *mapping;
  size_t mapping_size;
  uint64_t accessible; // bytes at ctx that are when memory 0 is made there
  uint64_t counted;    // bytes that count against the store's limit on instances

  // By index space. The first members of the objects are the views, so ctx->memories and
  // ctx->tables are these arrays. Read-only tables are NULL.
  struct wa_memory_object **memories;
  struct wa_table_object **tables;
  struct wa_global_object *globals;
  struct wa_tag_object **tags;
  struct wa_tag_object *own_tags; // by tag index, of those that are not imported

  struct wa_func_ref *func_refs; // by func_ref index; not to change once others can see them
  struct wa_func_ref **imported; // by function index, of imported functions
  struct wa_binding *bindings;   // by function index, of imported functions of the host
  // By segment. What a segment holds is the artifact's and stays, so that one that is dropped while
  // another thread copies of it does no harm.
  atomic_bool *elem_dropped;
  atomic_bool *data_dropped;
  uint32_t imported_funcs;
  uint32_t imported_tables;
  uint32_t imported_memories;
  uint32_t imported_tags;
};

// The fixed part of a context.
static inline struct wa_context_fixed *wa_context_fixed(void *ctx) {
  return (struct wa_context_fixed *)ctx - 1;
}

static inline struct wa_instance *wa_context_instance(void *ctx) {
  return wa_context_fixed(ctx)->instance;
}

static inline const struct wa_meta *wa_instance_meta(const struct wa_instance *instance) {
  return instance->prepared->artifact->meta;
}

#endif
