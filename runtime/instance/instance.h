// An instance (core spec 4.2.9): a context for compiled code and what the runtime keeps beside it.
#ifndef WA_RUNTIME_INSTANCE_INSTANCE_H
#define WA_RUNTIME_INSTANCE_INSTANCE_H

#include "runtime/call/binding.h"
#include "runtime/call/exception.h"
#include "runtime/object/memory.h"
#include "runtime/object/object.h"
#include "runtime/object/prepared.h"
#include "runtime/object/table.h"

#include <stdatomic.h>

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

// Where imports come from: by name, or, when `values` is not NULL, in the artifact's order.
struct wa_imports {
  const struct wa_linker *linker;
  const struct wa_extern *values;
};

// Resolves and checks every import (4.5.4, step "external values match"), and writes what compiled
// code and the runtime need of them. link.c.
bool wa_instance_link(struct wa_instance *instance, const struct wa_imports *imports,
                      struct wa_error *err);

// The value of a constant expression. init.c.
void wa_instance_evaluate(const struct wa_instance *instance, const struct wa_meta_expr *expr,
                          union wa_cell value[2]);
// A reference to a function of the index space; the same as the instance's own for one that has it.
// init.c.
void wa_instance_make_ref(struct wa_instance *instance, uint32_t function, struct wa_func_ref *ref);
// Type ids, function references and globals: what cannot fail. init.c.
void wa_instance_fill(struct wa_instance *instance);
// Active segments in order; the first that does not fit traps, those before it stay. init.c.
enum wa_trap_code wa_instance_apply_segments(struct wa_instance *instance);

// memory.init and table.init, for compiled code and active segments alike. The checks come before
// the first write. init.c.
enum wa_trap_code wa_memory_init(struct wa_instance *instance, uint32_t memory, uint32_t segment,
                                 uint64_t dst, uint64_t src, uint64_t length);
enum wa_trap_code wa_table_init(struct wa_instance *instance, uint32_t table, uint32_t segment,
                                uint64_t dst, uint64_t src, uint64_t length);

// Whether [at, at + length) lies within size.
static inline bool wa_range_fits(uint64_t at, uint64_t length, uint64_t size) {
  return at <= size && length <= size - at;
}

extern const struct wa_builtins wa_builtins_table;

#endif
