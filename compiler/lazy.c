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
  lazy->options.debug = false;
  lazy->options.emit = WA_EMIT_OBJ;
  lazy->options.pieces = NULL;
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

static bool compile_all(struct wa_lazy_worker *worker, const uint32_t *functions, uint32_t count,
                        struct wa_compiled *compiled, struct wa_error *err) {
  struct wa_lazy_module *lazy = worker->lazy;
  for (uint32_t i = 0; i < count; i++) {
    struct wa_partition partition;
    if (!wa_partition_of(lazy->compilation.module, functions[i], lazy->limit, &lazy->carried,
                         &partition, err) ||
        !wa_partition_compile(&worker->worker, &partition, &compiled[i], err)) {
      return false;
    }
  }
  return true;
}

static bool merge_all(struct wa_lazy_worker *worker, const struct wa_compiled *compiled,
                      uint32_t count, struct wa_merge_input *inputs,
                      const struct wa_lazy_room *room, struct wa_lazy_code *code,
                      struct wa_error *err) {
  const struct wa_lazy_module *lazy = worker->lazy;
  const struct wa_merge_place place = {.find = room->find, .arg = room->arg};
  struct wa_merged merged;
  uint32_t inputs_count = 0;
  for (uint32_t i = 0; i < count; i++) {
    inputs_count += wa_compiled_inputs(&compiled[i], inputs + inputs_count);
  }
  if (!wa_merge_later(&merged, &lazy->base, lazy->compilation.module,
                      wa_merge_machine(lazy->compilation.target.arch->machine), inputs,
                      inputs_count, &place, err)) {
    return false;
  }
  bool taken = take(&merged, code, err);
  wa_merged_deinit(&merged);
  return taken;
}

bool wa_lazy_compile(struct wa_lazy_worker *worker, const uint32_t *functions, uint32_t count,
                     const struct wa_lazy_room *room, struct wa_lazy_code *code,
                     struct wa_error *err) {
  struct wa_compiled *compiled = calloc(count, sizeof *compiled);
  struct wa_merge_input *inputs = calloc((size_t)count * WA_ATTEMPTS, sizeof *inputs);
  *code = (struct wa_lazy_code){0};
  bool done = (compiled && inputs) || wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  done = done && compile_all(worker, functions, count, compiled, err) &&
         merge_all(worker, compiled, count, inputs, room, code, err);
  for (uint32_t i = 0; compiled && i < count; i++) {
    wa_compiled_deinit(&compiled[i]);
  }
  free(compiled);
  free(inputs);
  return done;
}
