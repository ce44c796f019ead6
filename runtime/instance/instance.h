// Making instances: linking, initialising, freeing.
#ifndef WA_RUNTIME_INSTANCE_INSTANCE_H
#define WA_RUNTIME_INSTANCE_INSTANCE_H

#include "runtime/call/binding.h"
#include "runtime/call/exception.h"
#include "runtime/object/instance.h"
#include "runtime/object/memory.h"
#include "runtime/object/table.h"

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
