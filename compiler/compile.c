#include "compiler/compile.h"

#include "compiler/compilation.h"
#include "compiler/debug/write.h"
#include "include/wa_clock.h"

#include <errno.h>
#include <llvm-c/Core.h>
#include <llvm/Config/llvm-config.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---- Workers ----

static void report_failure(struct wa_compilation *c, const struct wa_error *err) {
  pthread_mutex_lock(&c->lock);
  if (!atomic_exchange(&c->failed, true)) {
    *c->err = *err;
  }
  pthread_mutex_unlock(&c->lock);
}

static void report_progress(struct wa_compilation *c, uint64_t size) {
  pthread_mutex_lock(&c->lock);
  c->done += size;
  if (c->options->progress) {
    c->options->progress(c->options->progress_arg, c->done, c->total);
  }
  pthread_mutex_unlock(&c->lock);
}

static void compile_partitions(struct wa_compilation *c, struct wa_worker *worker) {
  struct wa_error err;
  wa_error_clear(&err);
  while (!atomic_load(&c->failed)) {
    uint32_t index = atomic_fetch_add(&c->next, 1);
    if (index >= c->partition_count) {
      return;
    }
    if (wa_partition_compile(worker, &c->partitions[index], &c->compiled[index], &err)) {
      report_progress(c, c->partitions[index].code_size);
    } else {
      report_failure(c, &err);
    }
  }
}

struct wa_worker wa_compilation_worker(const struct wa_compilation *c) {
  return (struct wa_worker){.module = c->module,
                            .layout = &c->layout,
                            .target = &c->target,
                            .options = c->options,
                            .switches = &c->switches,
                            .budget = &c->budget,
                            .source = c->has_source ? &c->source : NULL};
}

static void *work(void *arg) {
  struct wa_compilation *c = arg;
  struct wa_worker worker = wa_compilation_worker(c);
  compile_partitions(c, &worker);
  pthread_mutex_lock(&c->lock);
  for (int i = 0; i < WA_PHASE_COUNT; i++) {
    c->timings.phase[i] += worker.seconds[i];
  }
  c->timings.cheaper += worker.cheaper;
  c->timings.found += worker.found;
  pthread_mutex_unlock(&c->lock);
  wa_worker_deinit(&worker);
  return NULL;
}

static unsigned worker_count(const struct wa_compilation *c) {
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  unsigned jobs = c->options->jobs ? c->options->jobs : processors > 0 ? (unsigned)processors : 1;
  return jobs < c->partition_count ? jobs : c->partition_count;
}

// 0, or a number of errno.
static int start_worker(struct wa_compilation *c, pthread_t *thread) {
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (error != 0) {
    return error;
  }
  pthread_attr_setstacksize(&attributes, WA_COMPILE_WORKER_STACK);
  error = pthread_create(thread, &attributes, work, c);
  pthread_attr_destroy(&attributes);
  return error;
}

// Threads that the system refuses are done without, but for the first.
static bool run_workers(struct wa_compilation *c) {
  unsigned jobs = worker_count(c), started = 0;
  pthread_t *threads = calloc(jobs, sizeof *threads);
  int error = threads ? 0 : ENOMEM;
  while (error == 0 && started < jobs) {
    error = start_worker(c, &threads[started]);
    started += error == 0;
  }
  for (unsigned i = 0; i < started; i++) {
    pthread_join(threads[i], NULL);
  }
  free(threads);
  c->timings.jobs = started;
  if (started == 0) {
    return wa_fail(c->err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                   "cannot start a thread to compile with: %s%s", strerror(error),
                   error == EPERM ? "; a seccomp filter that refuses clone3 has to answer ENOSYS"
                                  : "");
  }
  return !atomic_load(&c->failed);
}

// ---- Results ----

static void warn(struct wa_compilation *c, const char *message) {
  if (c->options->warn) {
    c->options->warn(c->options->warn_arg, message);
  }
}

// Debug information that cannot be had is done without.
static bool make_debug(struct wa_compilation *c, const struct wa_merged *merged, struct wa_map *map,
                       struct wa_debug *debug) {
  struct wa_error err;
  wa_error_clear(&err);
  *map = (struct wa_map){0};
  *debug = (struct wa_debug){0};
  if (!c->has_source) {
    return false;
  }
  const struct wa_merge_machine *machine = wa_merge_machine(c->target.arch->machine);
  enum wa_debug_locals locals = c->options->opt_level == 0 ? WA_LOCALS_PLACED : WA_LOCALS_COUNTED;
  if (wa_map_init(map, merged, c->module, machine, &err) &&
      wa_debug_init(debug, &c->source, map, merged, c->options->mangled, locals, &err)) {
    return true;
  }
  warn(c, err.message);
  return false;
}

bool wa_compilation_merge(struct wa_compilation *c, struct wa_merged *merged) {
  struct wa_merge_input *inputs =
      wa_arena_alloc(&c->arena, (size_t)c->partition_count * WA_ATTEMPTS, sizeof *inputs);
  uint32_t count = 0;
  if (!inputs) {
    return wa_fail(c->err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  for (uint32_t i = 0; i < c->partition_count; i++) {
    count += wa_compiled_inputs(&c->compiled[i], inputs + count);
  }
  const struct wa_merge_machine *machine = wa_merge_machine(c->target.arch->machine);
  return wa_merge(merged, c->module, &c->layout, machine, inputs, count, c->options, c->err);
}

bool wa_compilation_write(struct wa_compilation *c, const struct wa_merged *merged,
                          struct wa_buffer *object) {
  struct wa_map map;
  struct wa_debug debug;
  bool has_debug = make_debug(c, merged, &map, &debug);
  bool written = wa_object_write(object, c->module, &c->layout, merged, &c->target, c->options,
                                 has_debug ? debug.sections : NULL, c->err);
  wa_debug_deinit(&debug);
  wa_map_deinit(&map);
  return written;
}

static bool write_object(struct wa_compilation *c, struct wa_buffer *object) {
  struct wa_merged merged;
  if (!wa_compilation_merge(c, &merged)) {
    return false;
  }
  bool written = wa_compilation_write(c, &merged, object);
  wa_merged_deinit(&merged);
  return written;
}

// IR, bitcode or assembly of all partitions, one after the other.
static bool concatenate(struct wa_compilation *c, struct wa_buffer *object) {
  struct wa_bytes_buffer all = {0};
  for (uint32_t i = 0; i < c->partition_count * WA_ATTEMPTS; i++) {
    struct wa_bytes output = c->compiled[i / WA_ATTEMPTS].outputs[i % WA_ATTEMPTS];
    if (output.data) {
      wa_bytes_append(&all, output.data, output.size);
    }
  }
  if (all.failed) {
    wa_bytes_deinit(&all);
    return wa_fail(c->err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  *object = (struct wa_buffer){.data = all.data, .size = all.size};
  return true;
}

// ---- The whole ----

static bool check_options(const struct wa_compile_options *options, struct wa_error *err) {
  if (options->opt_level < 0 || options->opt_level > 3) {
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "no optimisation level %d; use 0 to 3",
                   options->opt_level);
  }
  return true;
}

static bool prepare(struct wa_compilation *c) {
  c->partitions =
      wa_partition_split(c->module, &c->layout, c->options, &c->arena, &c->partition_count, c->err);
  if (!c->partitions) {
    return false;
  }
  c->compiled = wa_arena_alloc(&c->arena, c->partition_count, sizeof *c->compiled);
  if (!c->compiled) {
    return wa_fail(c->err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  for (uint32_t i = 0; i < c->partition_count; i++) {
    c->total += c->partitions[i].code_size;
  }
  return true;
}

static void read_source(struct wa_compilation *c) {
  struct wa_error err;
  if (!c->options->debug) {
    return;
  }
  c->has_source = wa_source_init(&c->source, c->module, &err);
  if (!c->has_source) {
    warn(c, err.message);
  }
}

bool wa_compilation_init(struct wa_compilation *c, const struct wa_module *module,
                         const struct wa_compile_options *options, struct wa_error *err) {
  *c = (struct wa_compilation){
      .module = module, .options = options, .err = err, .start = wa_clock_now()};
  if (!check_options(options, err) ||
      !wa_pass_switches_init(&c->switches, options->passes, options->print_after, err) ||
      !wa_target_init(&c->target, options, err) ||
      !wa_layout_init(&c->layout, module, options->explicit_checks, err)) {
    return false;
  }
  wa_arena_init(&c->arena, 0);
  pthread_mutex_init(&c->lock, NULL);
  wa_compile_budget_init(&c->budget, options->max_memory, options->max_time);
  read_source(c);
  return true;
}

bool wa_compilation_run(struct wa_compilation *c) {
  return prepare(c) && run_workers(c);
}

void wa_compilation_note_timings(struct wa_compilation *c) {
  c->timings.wall = wa_clock_seconds_since(c->start);
  c->timings.partitions = c->partition_count;
  if (c->options->timings) {
    *c->options->timings = c->timings;
  }
}

void wa_compilation_deinit(struct wa_compilation *c) {
  for (uint32_t i = 0; c->compiled && i < c->partition_count; i++) {
    wa_compiled_deinit(&c->compiled[i]);
  }
  if (c->has_source) {
    wa_source_deinit(&c->source);
  }
  wa_arena_deinit(&c->arena);
  wa_layout_deinit(&c->layout);
  pthread_mutex_destroy(&c->lock);
}

bool wa_compile(const struct wa_module *module, const struct wa_compile_options *options,
                struct wa_buffer *object, struct wa_error *err) {
  struct wa_compilation c;
  *object = (struct wa_buffer){0};
  if (!wa_compilation_init(&c, module, options, err)) {
    return false;
  }
  bool succeeded = wa_compilation_run(&c);
  uint64_t merging = wa_clock_now();
  if (succeeded) {
    succeeded = options->emit == WA_EMIT_OBJ ? write_object(&c, object) : concatenate(&c, object);
  }
  c.timings.phase[WA_PHASE_MERGE] = wa_clock_seconds_since(merging);
  wa_compilation_note_timings(&c);
  wa_compilation_deinit(&c);
  return succeeded;
}

// ---- As a shared library ----

__attribute__((visibility("default"))) const struct wa_compiler_api *
wasmaot_compiler_api(uint32_t version) {
  static const struct wa_compiler_api api = {
      .version = WA_COMPILER_API_VERSION,
      .llvm_version = LLVM_VERSION_STRING,
      .options_init = wa_compile_options_init,
      .compile = wa_compile,
      .buffer_free = wa_buffer_free,
      .targets = wa_targets,
      .host = wa_target_of_host,
      .glue = wa_glue_compile,
      .lazy_new = wa_lazy_new,
      .lazy_trap = wa_lazy_trap,
      .lazy_worker_new = wa_lazy_worker_new,
      .lazy_compile = wa_lazy_compile,
      .lazy_worker_free = wa_lazy_worker_free,
      .lazy_free = wa_lazy_free,
  };
  return version == WA_COMPILER_API_VERSION ? &api : NULL;
}
