// Splits a module's functions into partitions, and compiles one.
#ifndef WA_COMPILER_PARTITION_H
#define WA_COMPILER_PARTITION_H

#include "compiler/artifact/layout.h"
#include "compiler/compile.h"
#include "compiler/object/merge.h"
#include "compiler/passes.h"
#include "compiler/source/source.h"
#include "compiler/target/target.h"

// Functions [first, end) of the index space, and trampolines of types [first_type, end_type). Only
// partitions without functions have those; the support partition is the last of them.
struct wa_partition {
  uint32_t first, end;
  uint32_t first_type, end_type;
  uint64_t code_size;  // bytes of wasm
  uint64_t bit_counts; // of vectors: see effort.h
  bool support;
  bool unoptimized; // its one function would cost too much: see effort.h
};

// By the code alone, so that the result does not depend on how many threads work on it. The array
// is in the arena; NULL when memory is out, or when no effort is enough for the module (effort.h).
// Lazy functions are in none.
struct wa_partition *wa_partition_split(const struct wa_module *module,
                                        const struct wa_layout *layout,
                                        const struct wa_compile_options *options,
                                        struct wa_arena *arena, uint32_t *count,
                                        struct wa_error *err);

// How many values all calls and branches of a module may pass on.
uint64_t wa_partition_limit(const struct wa_module *module);
// A partition of one function. Adds to *carried the values that it passes on; false when they are
// too many.
bool wa_partition_of(const struct wa_module *module, uint32_t function, uint64_t limit,
                     _Atomic(uint64_t) *carried, struct wa_partition *partition,
                     struct wa_error *err);

enum { WA_OPT_LEVELS = 4 };

// What a worker keeps from one partition to the next.
struct wa_worker {
  const struct wa_module *module;
  const struct wa_layout *layout;
  const struct wa_target *target;
  const struct wa_compile_options *options;
  const struct wa_pass_switches *switches;
  const struct wa_compile_budget *budget;
  const struct wa_source *source;               // with -g, else NULL
  LLVMTargetMachineRef machines[WA_OPT_LEVELS]; // made when first needed
  double seconds[WA_PHASE_COUNT];
  uint32_t cheaper; // functions compiled with less effort than was asked for
  uint32_t found;   // partitions that were in the store
};

void wa_worker_deinit(struct wa_worker *worker);

// A body whose code turns out to do less than it must is compiled again, more plainly: so many
// times at most.
enum { WA_ATTEMPTS = 3 };

// What came of a partition. All zero before.
struct wa_compiled {
  // An object for each attempt, or what options->emit says; without data where there was none.
  struct wa_bytes outputs[WA_ATTEMPTS];
  LLVMMemoryBufferRef buffers[WA_ATTEMPTS]; // which hold them, or
  struct wa_buffer found;                   // from the store, all of them
  bool has_symbols;
  struct wa_symbols symbols; // when it has them: what numbers in the objects' names stand for
};

// To be freed also after a failure.
bool wa_partition_compile(struct wa_worker *worker, const struct wa_partition *partition,
                          struct wa_compiled *compiled, struct wa_error *err);
void wa_compiled_deinit(struct wa_compiled *compiled);
// Its objects as the merger takes them: WA_ATTEMPTS at most. Returns how many.
uint32_t wa_compiled_inputs(const struct wa_compiled *compiled, struct wa_merge_input *inputs);

#endif
