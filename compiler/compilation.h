// One compilation: what compile.c and lazy.c share.
#ifndef WA_COMPILER_COMPILATION_H
#define WA_COMPILER_COMPILATION_H

#include "compiler/budget.h"
#include "compiler/object/object.h"
#include "compiler/partition.h"

#include <pthread.h>
#include <stdatomic.h>

struct wa_compilation {
  const struct wa_module *module;
  const struct wa_compile_options *options;
  struct wa_layout layout;
  struct wa_target target;
  struct wa_pass_switches switches;
  struct wa_compile_budget budget;
  struct wa_source source;
  bool has_source; // with -g, when the module has DWARF
  struct wa_arena arena;
  struct wa_partition *partitions;
  struct wa_compiled *compiled; // per partition
  uint32_t partition_count;
  uint64_t start; // of the monotonic clock
  // Of the workers:
  atomic_uint next;
  atomic_bool failed;
  pthread_mutex_t lock; // of what follows
  uint64_t done, total;
  struct wa_error *err;
  struct wa_timings timings;
};

// Module and options must stay as long as it. After a failure there is nothing to deinitialise.
bool wa_compilation_init(struct wa_compilation *c, const struct wa_module *module,
                         const struct wa_compile_options *options, struct wa_error *err);
// Compiles all partitions, each by one of several threads.
bool wa_compilation_run(struct wa_compilation *c);
// What a thread needs to compile partitions; to be deinitialised.
struct wa_worker wa_compilation_worker(const struct wa_compilation *c);
// All partitions as one text, to be deinitialised before the compilation.
bool wa_compilation_merge(struct wa_compilation *c, struct wa_merged *merged);
bool wa_compilation_write(struct wa_compilation *c, const struct wa_merged *merged,
                          struct wa_buffer *object);
// Tells whoever asked for timings.
void wa_compilation_note_timings(struct wa_compilation *c);
void wa_compilation_deinit(struct wa_compilation *c);

#endif
