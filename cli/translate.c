#include "cli/translate.h"

#include "cli/mistakes.h"
#include "cli/pieces.h"
#include "cli/report.h"
#include "cli/supervise.h"
#include "compiler/wasm/features.h"
#include "include/wa_clock.h"

#include <stdio.h>
#include <string.h>

static void print_timings(const struct wa_timings *timings, double validating, double total) {
  static const char *const names[WA_PHASE_COUNT] = {
      [WA_PHASE_LOWER] = "lower to IR",
      [WA_PHASE_OPTIMIZE] = "optimise",
      [WA_PHASE_CODEGEN] = "generate code",
      [WA_PHASE_MERGE] = "merge",
  };
  (void)fprintf(stderr, "%-16s %10s\n", "phase", "seconds");
  (void)fprintf(stderr, "%-16s %10.3f\n", "validate", validating);
  for (int i = 0; i < WA_PHASE_COUNT; i++) {
    (void)fprintf(stderr, "%-16s %10.3f%s\n", names[i], timings->phase[i],
                  i == WA_PHASE_MERGE ? "" : "  of CPU");
  }
  (void)fprintf(stderr, "%-16s %10.3f  elapsed, %u partitions on %u threads\n", "all", total,
                timings->partitions, timings->jobs);
  if (timings->found > 0) {
    (void)fprintf(stderr, "%-16s %10u  partitions, which the cache had\n", "not compiled",
                  timings->found);
  }
  if (timings->cheaper > 0) {
    (void)fprintf(stderr, "%-16s %10u  functions, on which LLVM would be slow\n",
                  "with less effort", timings->cheaper);
  }
}

bool wa_parse_features(const char *list, uint64_t *off) {
  uint64_t on = WA_FEATURES_ALL;
  struct wa_error err;
  wa_error_clear(&err);
  if (list != NULL && !wa_features_apply(&on, list, &err)) {
    wa_report("--features: %s", err.message);
    return false;
  }
  *off = ~on;
  return true;
}

const char *const wa_memory_checks_choices[] = {"guard", "explicit", NULL};

static void warn(void *arg, const char *message) {
  wa_report_as(WA_REPORT_WARNING, arg, "%s", message);
}

static struct wa_compile_options options_for(const char *path,
                                             const struct wa_translate_options *options,
                                             const struct wa_compiler_api *api,
                                             struct wa_timings *timings) {
  struct wa_compile_options compile;
  api->options_init(&compile);
  compile.opt_level = (int)options->opt_level;
  compile.jobs = (unsigned)options->jobs;
  compile.max_memory = options->max_memory;
  compile.max_time = options->max_time;
  compile.target = options->target;
  compile.cpu = options->cpu;
  compile.default_cpu = options->default_cpu;
  compile.source_name = path;
  compile.emit = (enum wa_emit)options->emit;
  compile.passes = options->passes;
  compile.print_after = options->print_after;
  compile.debug = options->debug;
  compile.replaceable = options->replaceable;
  compile.mask_indexes = options->mask_indexes;
  compile.explicit_checks = options->memory_checks == WA_CHECKS_EXPLICIT;
  compile.mangled = options->mangled;
  compile.warn = warn;
  compile.warn_arg = (void *)(uintptr_t)path;
  compile.timings = timings;
  return compile;
}

static bool compile_module(const struct wa_module *module, const char *path,
                           const struct wa_translate_options *options,
                           const struct wa_compiler_api *api, struct wa_timings *timings,
                           struct wa_buffer *object, struct wa_error *err) {
  struct wa_compile_options compile = options_for(path, options, api, timings);
  struct wa_progress progress;
  struct wa_pieces pieces;
  wa_progress_init(&progress, (enum wa_progress_mode)options->progress);
  if (options->pieces != NULL) {
    wa_pieces_init(&pieces, options->pieces);
    compile.pieces = &pieces.store;
  }
  if (progress.on) {
    compile.progress = wa_progress_update;
    compile.progress_arg = &progress;
  }
  bool limited = compile.max_memory != 0 || compile.max_time != 0;
  bool done = limited ? wa_compile_supervised(api, module, &compile, object, err)
                      : api->compile(module, &compile, object, err);
  progress.shown |= limited && progress.on; // by the other process
  wa_progress_end(&progress);
  return done;
}

// An invalid module is refused whether or not the compiler is installed.
static bool read_module(const struct wa_file *file, const struct wa_translate_options *options,
                        struct wa_module *module, struct wa_error *err) {
  return wa_check_layer(file->data, file->size, err) &&
         wa_check_linked(file->data, file->size, err) &&
         wa_module_init_without(module, (struct wa_bytes){file->data, file->size},
                                options->features_off, err);
}

bool wa_translate_bytes(const char *path, const struct wa_file *file,
                        const struct wa_translate_options *options,
                        const struct wa_compiler_api **api, struct wa_buffer *object,
                        struct wa_error *err) {
  struct wa_module module;
  struct wa_timings timings = {.wall = 0};
  bool done = false;
  *object = (struct wa_buffer){.data = NULL};
  uint64_t start = wa_clock_now();
  if (!read_module(file, options, &module, err)) {
    return false;
  }
  double validating = wa_clock_seconds_since(start);
  *api = wa_compiler_open(err);
  if (*api != NULL) {
    done = compile_module(&module, path, options, *api, &timings, object, err);
  }
  if (done && options->after != NULL && !options->after(options->after_arg, &module, *api, err)) {
    (*api)->buffer_free(object);
    done = false;
  }
  wa_module_deinit(&module);
  if (done && options->timings) {
    print_timings(&timings, validating, wa_clock_seconds_since(start));
  }
  return done;
}

bool wa_translate(const char *path, const struct wa_translate_options *options,
                  const struct wa_compiler_api **api, struct wa_buffer *object,
                  struct wa_error *err) {
  struct wa_file file;
  if (!wa_file_read(path, &file, err)) {
    return false;
  }
  bool done = wa_translate_bytes(path, &file, options, api, object, err);
  wa_file_deinit(&file);
  return done;
}

// ---- Function by function ----

// Less code than this is compiled as a whole so fast that it is not worth it.
enum { LITTLE_CODE = 128 << 10 };

bool wa_translate_lazily(const char *path, const struct wa_file *file,
                         const struct wa_translate_options *options,
                         const struct wa_piece_store *store, uint64_t least,
                         struct wa_lazy_translation *translation, struct wa_buffer *object,
                         struct wa_error *err) {
  struct wa_timings timings = {.wall = 0};
  uint64_t start = wa_clock_now();
  *translation = (struct wa_lazy_translation){.lazy = NULL};
  *object = (struct wa_buffer){.data = NULL};
  if (!read_module(file, options, &translation->module, err)) {
    return false;
  }
  double validating = wa_clock_seconds_since(start);
  if (wa_module_code_size(&translation->module) < (least != 0 ? least : LITTLE_CODE)) {
    return true;
  }
  translation->api = wa_compiler_open(err);
  if (translation->api != NULL) {
    struct wa_compile_options compile = options_for(path, options, translation->api, &timings);
    compile.pieces = store;
    translation->lazy = translation->api->lazy_new(&translation->module, &compile, object, err);
  }
  if (translation->lazy == NULL) {
    wa_module_deinit(&translation->module);
    return false;
  }
  if (options->timings) {
    print_timings(&timings, validating, wa_clock_seconds_since(start));
  }
  return true;
}

void wa_lazy_translation_deinit(struct wa_lazy_translation *translation) {
  if (translation->lazy != NULL) {
    translation->api->lazy_free(translation->lazy);
  }
  wa_module_deinit(&translation->module);
}
