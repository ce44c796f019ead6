// Compiling a module's functions when they are needed: first everything else as an artifact, then
// one function after the other, each merged for the place that it will have next to that.
#include "compiler/compilation.h"
#include "compiler/object/meta.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct wa_lazy_module {
  struct wa_compile_options options;
  struct wa_compilation compilation;
  struct wa_merged base;
  uint64_t limit; // of `carried`
  _Atomic(uint64_t) carried;
};

struct wa_lazy_worker {
  struct wa_lazy_module *lazy;
  struct wa_worker worker;
};

static bool make_base(struct wa_lazy_module *lazy, struct wa_buffer *object) {
  struct wa_compilation *c = &lazy->compilation;
  return wa_compilation_run(c) && wa_compilation_merge(c, &lazy->base) &&
         wa_compilation_write(c, &lazy->base, object);
}

struct wa_lazy_module *wa_lazy_new(const struct wa_module *module,
                                   const struct wa_compile_options *options,
                                   struct wa_buffer *object, struct wa_error *err) {
  struct wa_lazy_module *lazy = calloc(1, sizeof *lazy);
  *object = (struct wa_buffer){0};
  if (!lazy) {
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
    return NULL;
  }
  lazy->options = *options;
  lazy->options.lazy = true;
  lazy->options.replaceable = true;
  lazy->options.debug = false;
  lazy->options.emit = WA_EMIT_OBJ;
  lazy->options.pieces = NULL; // for now: the base is not worth it
  if (!wa_compilation_init(&lazy->compilation, module, &lazy->options, err)) {
    free(lazy);
    return NULL;
  }
  lazy->limit = wa_partition_limit(module);
  if (!make_base(lazy, object)) {
    wa_lazy_free(lazy);
    return NULL;
  }
  wa_compilation_note_timings(&lazy->compilation);
  lazy->compilation.err = NULL;
  lazy->options.timings = NULL;
  lazy->options.pieces = options->pieces;
  // What limits the program ends it while it waits for a function.
  wa_compile_budget_init(&lazy->compilation.budget, 0, 0);
  return lazy;
}

uint32_t wa_lazy_trap(const struct wa_lazy_module *lazy) {
  return lazy->base.failed.offset;
}

void wa_lazy_free(struct wa_lazy_module *lazy) {
  wa_merged_deinit(&lazy->base);
  wa_compilation_deinit(&lazy->compilation);
  free(lazy);
}

struct wa_lazy_worker *wa_lazy_worker_new(struct wa_lazy_module *lazy) {
  struct wa_lazy_worker *worker = calloc(1, sizeof *worker);
  if (worker) {
    worker->lazy = lazy;
    worker->worker = wa_compilation_worker(&lazy->compilation);
  }
  return worker;
}

void wa_lazy_worker_free(struct wa_lazy_worker *worker) {
  wa_worker_deinit(&worker->worker);
  free(worker);
}

// ---- Functions ----

// The tables in one block, and the text as it is.
static bool take(struct wa_merged *merged, struct wa_lazy_code *code, struct wa_error *err) {
  struct wa_bytes_buffer unwind = {0};
  wa_meta_build_unwind(&unwind, merged);
  wa_meta_sort_codes(merged->map.data, merged->map.size / sizeof(struct wa_meta_code));
  size_t map = unwind.size, frames = map + merged->map.size;
  wa_bytes_append(&unwind, merged->map.data, merged->map.size);
  wa_bytes_append(&unwind, merged->eh_frame.data, merged->eh_frame.size);
  if (unwind.failed) {
    wa_bytes_deinit(&unwind);
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  *code = (struct wa_lazy_code){
      .text = merged->text.data,
      .text_size = merged->text.size,
      .tables = unwind.data,
      .unwind = (const struct wa_unwind_entry *)unwind.data,
      .unwind_count = map / sizeof(struct wa_unwind_entry),
      .map = (const struct wa_meta_code *)(const void *)(unwind.data + map),
      .map_count = merged->map.size / sizeof(struct wa_meta_code),
      .eh_frame = unwind.data + frames,
      .eh_frame_size = merged->eh_frame.size,
  };
  merged->text = (struct wa_bytes_buffer){0};
  return true;
}

// Bytes of wasm code that are compiled together.
enum { TOGETHER = 8 << 10 };

// Whether a function goes with a partition; then it is in it.
static bool add(struct wa_lazy_module *lazy, struct wa_partition *partition, uint32_t function) {
  struct wa_partition one;
  struct wa_error err;
  wa_error_clear(&err);
  if (!wa_partition_of(lazy->compilation.module, function, lazy->limit, &lazy->carried, &one,
                       &err) ||
      one.unoptimized || partition->unoptimized ||
      partition->code_size + one.code_size > TOGETHER) {
    return false;
  }
  partition->first = one.first < partition->first ? one.first : partition->first;
  partition->end = one.end > partition->end ? one.end : partition->end;
  partition->code_size += one.code_size;
  return true;
}

// The partition of a function, with neighbours.
static bool cut(struct wa_lazy_module *lazy, uint32_t function, uint32_t first, uint32_t end,
                struct wa_partition *partition, struct wa_error *err) {
  if (!wa_partition_of(lazy->compilation.module, function, lazy->limit, &lazy->carried, partition,
                       err)) {
    return false;
  }
  while (partition->end < end && add(lazy, partition, partition->end)) {
  }
  while (partition->first > first && add(lazy, partition, partition->first - 1)) {
  }
  return true;
}

static bool merge(struct wa_lazy_worker *worker, const struct wa_compiled *compiled,
                  const struct wa_lazy_room *room, struct wa_lazy_code *code,
                  struct wa_error *err) {
  const struct wa_lazy_module *lazy = worker->lazy;
  const struct wa_merge_place place = {.find = room->find, .arg = room->arg};
  struct wa_merge_input inputs[WA_ATTEMPTS];
  struct wa_merged merged;
  uint32_t count = wa_compiled_inputs(compiled, inputs);
  if (!wa_merge_later(&merged, &lazy->base, lazy->compilation.module,
                      wa_merge_machine(lazy->compilation.target.arch->machine), inputs, count,
                      &place, err)) {
    return false;
  }
  bool taken = take(&merged, code, err);
  wa_merged_deinit(&merged);
  return taken;
}

bool wa_lazy_compile(struct wa_lazy_worker *worker, uint32_t function, uint32_t first, uint32_t end,
                     const struct wa_lazy_room *room, struct wa_lazy_code *code,
                     struct wa_error *err) {
  struct wa_partition partition;
  struct wa_compiled compiled = {.has_symbols = false};
  *code = (struct wa_lazy_code){0};
  bool done = cut(worker->lazy, function, first, end, &partition, err) &&
              wa_partition_compile(&worker->worker, &partition, &compiled, err) &&
              merge(worker, &compiled, room, code, err);
  wa_compiled_deinit(&compiled);
  return done;
}
