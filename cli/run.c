// wasmaot run: an object, or a module compiled first, as a WASI program or by one export.
#include "cli/run.h"
#include "cli/background.h"
#include "cli/bundle.h"
#include "cli/cache.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/lazy.h"
#include "cli/mistakes.h"
#include "cli/report.h"
#include "cli/wasmtime.h"
#include "include/wa_clock.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const wa_run_level_choices[] = {"0", "1", "2", "3", "auto", NULL};

static const struct wa_option options[] = {
    WA_PROGRAM_OPTIONS(struct wa_run_values, program),
    {.long_name = "preload",
     .metavar = "NAME=FILE",
     .help = "link the program to the exports of another module, which it imports from NAME;\n"
             "those given later may import from those given before",
     .kind = WA_OPTION_LIST,
     .offset = offsetof(struct wa_run_values, preloads),
     .complete = WA_COMPLETE_FILES},
    {.short_name = 'O',
     .long_name = "optimize",
     .metavar = "LEVEL",
     .help = "optimise: 0 compiles fastest, 3 runs fastest; auto (default): what is not in the\n"
             "cache starts as with 0, and is optimised beside the program, for the next run;\n"
             "'-O help' lists keys that wasmtime has",
     .kind = WA_OPTION_KEYS,
     .complete = "0 1 2 3 auto",
     .keys = wa_optimize_keys},
    WA_TRANSLATE_OPTIONS(struct wa_run_values, "native"),
    {.long_name = "no-background",
     .help = "let -O auto optimise before the start: no process goes on after the program",
     .kind = WA_OPTION_FLAG,
     .offset = offsetof(struct wa_run_values, no_background)},
    {.long_name = "lazy",
     .metavar = "SIZE",
     .help =
         "let -O auto compile each function when it is first called, and not before the start,\n"
         "of modules with so much code (default 128K)",
     .kind = WA_OPTION_SIZE,
     .offset = offsetof(struct wa_run_values, lazy_from),
     .min = 1,
     .max = 1ull << 32},
    {.long_name = "no-lazy",
     .help = "let -O auto compile all of a module before the start",
     .kind = WA_OPTION_FLAG,
     .offset = offsetof(struct wa_run_values, no_lazy)},
    {.long_name = "no-cache",
     .help = "compile a module even if the cache has it, and keep nothing",
     .kind = WA_OPTION_FLAG,
     .offset = offsetof(struct wa_run_values, no_cache)},
    {.long_name = "no-pieces",
     .help = "neither look for pieces of a module in the cache nor keep any: after an edit all of\n"
             "it is compiled",
     .kind = WA_OPTION_FLAG,
     .offset = offsetof(struct wa_run_values, no_pieces)},
    {.long_name = "native",
     .help = "run FILE also when it is an object and its name does not end in .o; an object is\n"
             "native code: run it only if you trust who compiled it",
     .kind = WA_OPTION_FLAG,
     .offset = offsetof(struct wa_run_values, native)},
    WA_MESSAGES_OPTION,
    WA_WASMTIME_OPTIONS,
    {.help = NULL},
};

static const struct wa_help_row examples[] = {
    {"wasmaot run app.o a b", "run a compiled program with two arguments"},
    {"wasmaot run --dir=. --env=HOME app.wasm", "compile, then run; grant a directory, a variable"},
    {"wasmaot run --invoke=add lib.wasm 2 3", "call one export and print its results"},
    {"wasmaot run --preload=math=lib.wasm app.wasm", "give the program the exports of a library"},
    {"wasmaot app.wasm a b", "the same as 'wasmaot run app.wasm a b'"},
    {.text = NULL},
};

// ---- Getting the artifact ----

struct request {
  const char *path;
  const char *name; // what a trap's report calls it: the path's last component
  struct wa_run_values *values;
  struct wa_load_options load;
};

// NULL for standard input.
static const char *file_of(const struct request *request) {
  return strcmp(request->path, "-") == 0 ? NULL : request->path;
}

// One compilation: a module by certain options, and where it is kept.
struct job {
  const struct request *request;
  const struct wa_file *file;
  struct wa_translate_options translate;
  const struct wa_cache *cache; // NULL: nothing is kept
  struct wa_cache_key key;      // when it is
};

enum {
  BEST_LEVEL = 3,
  FAST_LEVEL = 0,
  SMALL = 16 << 10, // bytes of a module that is optimised in a fifth of a second
};

static struct job job_at(const struct request *request, const struct wa_file *file,
                         const struct wa_cache *cache, unsigned level) {
  struct job job = {
      .request = request, .file = file, .translate = request->values->translate, .cache = cache};
  job.translate.opt_level = level;
  if (cache != NULL) {
    bool has_pieces = cache->directory >= 0 && file->size > SMALL && !request->values->no_pieces;
    job.translate.pieces = has_pieces ? cache : NULL;
    wa_cache_key(&job.key, file, &job.translate);
  }
  return job;
}

static struct wa_artifact *find(const struct job *job, uint64_t *cost) {
  return wa_cache_find(job->cache, &job->key, job->request->name, &job->request->load, cost);
}

// Found, and so not compiled.
static struct wa_artifact *find_to_run(const struct job *job) {
  uint64_t cost;
  struct wa_artifact *artifact = find(job, &cost);
  if (artifact != NULL) {
    wa_cache_add_saved(job->cache, cost);
  }
  return artifact;
}

static struct wa_artifact *compile_and_load(const struct job *job, struct wa_error *err) {
  const struct request *request = job->request;
  const struct wa_compiler_api *api = NULL;
  struct wa_buffer object;
  struct wa_artifact *artifact = NULL;
  uint64_t start = wa_processor_time();
  if (!wa_translate_bytes(request->path, job->file, &job->translate, &api, &object, err)) {
    return NULL;
  }
  if (job->cache != NULL) {
    uint64_t cost = wa_processor_time() - start;
    if (wa_cache_store(job->cache, &job->key, &object, cost) && job->cache->noexec) {
      wa_report_as(WA_REPORT_WARNING, NULL,
                   "the cache %s is on a file system mounted noexec: what is found there is "
                   "copied to memory for each run; WASMAOT_CACHE_DIR may name another",
                   job->cache->path);
    }
    // From the cache rather than memory, so that processes share its pages.
    artifact = find(job, NULL);
  }
  if (artifact == NULL) {
    artifact =
        wa_artifact_load_memory(object.data, object.size, request->name, &request->load, err);
  }
  api->buffer_free(&object);
  return artifact;
}

static void print_cached(uint64_t start) {
  (void)fprintf(stderr, "%-16s %10.3f  elapsed, found in the cache\n", "all",
                wa_clock_seconds_since(start));
}

static struct wa_artifact *find_or_compile(const struct job *job, struct wa_error *err) {
  uint64_t start = wa_clock_now();
  struct wa_artifact *artifact = find_to_run(job);
  int lock = -1;
  if (artifact == NULL) {
    lock = wa_cache_lock(job->cache, &job->key);
    // Another process may have compiled it by now.
    artifact = find_to_run(job);
  }
  if (artifact != NULL && job->translate.timings) {
    print_cached(start);
  }
  if (artifact == NULL) {
    artifact = compile_and_load(job, err);
  }
  if (lock >= 0) {
    (void)close(lock);
  }
  return artifact;
}

// ---- Compiling functions when they are called ----

struct wa_lazy_program {
  struct wa_file file; // the module's
  struct wa_lazy_translation translation;
  struct wa_lazy_functions *functions;
  struct wa_bundle *bundle; // where functions of earlier runs are, or NULL
  struct wa_lazy_program *next;
};

// Why functions are not compiled when they are called, even if there are many: NULL when they are.
static const char *why_not_lazy(const struct job *job) {
  if (job->request->values->no_lazy) {
    return "--no-lazy";
  }
  // The limit is kept by a process that has nothing else to do, and is ended.
  if (job->translate.max_memory != 0) {
    return "--max-compile-memory limits it as a whole";
  }
  return job->translate.debug ? "-g, and a debugger may be asked to stop in any function" : NULL;
}

static bool may_be_lazy(const struct job *job) {
  const char *reason = why_not_lazy(job);
  if (reason != NULL && job->translate.timings) {
    (void)fprintf(stderr, "all of it is compiled before the start: %s\n", reason);
  }
  return reason == NULL;
}

// NULL when the system has no room for code that comes later: then all of it has to come before.
static struct wa_lazy_functions *load_lazy(const struct job *job,
                                           const struct wa_lazy_translation *translation,
                                           const struct wa_buffer *object,
                                           struct wa_artifact **artifact) {
  struct wa_load_options load = job->request->load;
  struct wa_lazy_functions *functions = NULL;
  struct wa_error err;
  wa_error_clear(&err);
  load.parts = true;
  *artifact = wa_artifact_load_memory(object->data, object->size, job->request->name, &load, &err);
  if (*artifact != NULL) {
    functions = wa_lazy_functions_new(translation->api, translation->lazy, *artifact,
                                      (unsigned)job->translate.jobs, &err);
  }
  if (functions == NULL) {
    wa_artifact_release(*artifact);
    *artifact = NULL;
  }
  return functions;
}

// All but the functions. False with err when the module cannot be compiled; *artifact is NULL when
// it is better compiled as a whole.
static bool start_lazily(const struct job *job, struct wa_lazy_program **started,
                         struct wa_artifact **artifact, struct wa_error *err) {
  struct wa_lazy_program *program = calloc(1, sizeof *program);
  struct wa_buffer object;
  *artifact = NULL;
  if (program == NULL) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  if (job->translate.pieces != NULL && file_of(job->request) != NULL) {
    program->bundle = wa_bundle_open(job->translate.pieces, file_of(job->request));
  }
  if (!wa_translate_lazily(job->request->path, job->file, &job->translate,
                           program->bundle == NULL ? NULL : wa_bundle_store(program->bundle),
                           job->request->values->lazy_from, &program->translation, &object, err)) {
    wa_bundle_free(program->bundle);
    free(program);
    return false;
  }
  if (program->translation.lazy != NULL) {
    program->functions = load_lazy(job, &program->translation, &object, artifact);
    program->translation.api->buffer_free(&object);
  }
  if (program->functions == NULL) {
    wa_lazy_translation_deinit(&program->translation);
    wa_bundle_free(program->bundle);
    free(program);
    return true;
  }
  *started = program;
  return true;
}

// Takes over the file.
static void keep_lazy(struct wa_lazy_program *program, struct wa_file *file,
                      struct wa_run_values *values) {
  program->file = *file;
  *file = (struct wa_file){.data = NULL};
  program->next = values->lazy;
  values->lazy = program;
}

static void print_lazy(const struct wa_lazy_program *program) {
  const struct wa_module *module = &program->translation.module;
  (void)fprintf(stderr, "%-16s %10u  functions of %u, when they were called\n", "compiled",
                wa_lazy_functions_compiled(program->functions),
                module->function_count - module->imported_functions);
  if (program->bundle != NULL) {
    (void)fprintf(stderr, "%-16s %10u  parts of that, which the cache had\n", "not compiled",
                  wa_bundle_found(program->bundle));
  }
}

// What was compiled is kept for the next run. The program has ended, but not all of its threads.
static void end_lazy(void *arg) {
  const struct wa_run_values *values = arg;
  for (struct wa_lazy_program *program = values->lazy; program != NULL; program = program->next) {
    if (values->translate.timings) {
      print_lazy(program);
    }
    if (program->bundle != NULL) {
      wa_bundle_keep(program->bundle);
    }
  }
}

// Does not return while something is still compiled that nobody waits for.
static void stop_lazy(struct wa_run_values *values, int status) {
  struct wa_lazy_program *program = values->lazy;
  while (program != NULL) {
    struct wa_lazy_program *next = program->next;
    if (!wa_lazy_functions_stop(program->functions)) {
      (void)fflush(stdout);
      _exit(status);
    }
    wa_lazy_functions_free(program->functions);
    wa_lazy_translation_deinit(&program->translation);
    wa_bundle_free(program->bundle);
    wa_file_deinit(&program->file);
    free(program);
    program = next;
  }
}

// ---- Starting now, optimising beside it ----

static void optimize_beside(const struct job *best, const struct job *fast) {
  const struct wa_background_job job = {
      .path = file_of(best->request),
      .module = best->file,
      .options = &best->translate,
      .cache = best->cache,
      .key = &best->key,
      .instead = &fast->key,
  };
  wa_background_compile(&job);
}

// The optimised code when the cache has it; else what compiles fast, and the other is made
// meanwhile.
static struct wa_artifact *start_fast(const struct request *request, struct wa_file *file,
                                      const struct wa_cache *cache, struct wa_error *err) {
  struct wa_run_values *values = request->values;
  const struct job best = job_at(request, file, cache, BEST_LEVEL);
  struct wa_artifact *artifact = find_to_run(&best);
  if (artifact != NULL) {
    if (best.translate.timings) {
      (void)fprintf(stderr, "optimised code was found in the cache\n");
    }
    return artifact;
  }
  struct job fast = best;
  struct wa_lazy_program *lazy = NULL;
  fast.translate.opt_level = FAST_LEVEL;
  fast.translate.replaceable = !best.translate.debug;
  wa_cache_key_options(&fast.key, &fast.translate);
  if (!wa_cache_has(cache, &fast.key) && may_be_lazy(&fast) &&
      !start_lazily(&fast, &lazy, &artifact, err)) {
    return NULL;
  }
  if (artifact == NULL) {
    artifact = find_or_compile(&fast, err);
  }
  if (artifact == NULL) {
    return NULL;
  }
  if (best.translate.timings) {
    (void)fprintf(stderr, "this is -O%d code%s; -O%d code is made beside the program\n", FAST_LEVEL,
                  lazy != NULL ? ", made when it is called" : "", BEST_LEVEL);
  }
  optimize_beside(&best, &fast);
  // A debugger, and the files that perf reads, would show both.
  if (fast.translate.replaceable && values->program.perf == 0) {
    wa_replacements_add(&values->replacements, artifact, cache, &best.key, request->name,
                        &request->load);
  }
  if (lazy != NULL) {
    keep_lazy(lazy, file, values);
  }
  return artifact;
}

// Without anything in the background.
static unsigned level_before_start(const struct wa_run_values *values) {
  return values->level == WA_LEVEL_AUTO ? BEST_LEVEL : (unsigned)values->level;
}

static struct wa_artifact *load_cached(const struct request *request, struct wa_file *file,
                                       const struct wa_cache *cache, struct wa_error *err) {
  // The kernel's wall lets nothing become executable that comes later.
  bool can_wait = request->values->no_background || request->values->program.sandbox ||
                  (file->size <= SMALL && request->values->lazy_from == 0) ||
                  !wa_cache_can_keep(cache, file->size);
  if (request->values->level == WA_LEVEL_AUTO && !can_wait) {
    return start_fast(request, file, cache, err);
  }
  if (request->values->level == WA_LEVEL_AUTO && request->values->program.sandbox &&
      request->values->translate.timings) {
    (void)fprintf(stderr, "all of it is optimised before the start: --sandbox\n");
  }
  const struct job job = job_at(request, file, cache, level_before_start(request->values));
  return find_or_compile(&job, err);
}

static struct wa_artifact *load_bytes(const struct request *request, struct wa_file *file,
                                      struct wa_error *err) {
  struct wa_cache cache;
  if (request->values->no_cache) {
    const struct job job = job_at(request, file, NULL, level_before_start(request->values));
    return compile_and_load(&job, err);
  }
  wa_cache_open(&cache, true);
  if (cache.refused[0] != '\0') {
    wa_report_as(WA_REPORT_WARNING, NULL, "the cache %s is not used: %s", cache.path,
                 cache.refused);
  }
  struct wa_artifact *artifact = load_cached(request, file, &cache, err);
  wa_cache_close(&cache);
  return artifact;
}

static struct wa_artifact *load_module(const struct request *request, struct wa_error *err) {
  struct wa_file file;
  if (!wa_file_read(request->path, &file, err)) {
    return NULL;
  }
  struct wa_artifact *artifact = load_bytes(request, &file, err);
  wa_file_deinit(&file);
  return artifact;
}

// A stream has no name by which somebody could have said that it is native code.
static struct wa_artifact *load_stdin(const struct request *request, struct wa_error *err) {
  struct wa_file file;
  struct wa_artifact *artifact = NULL;
  if (isatty(STDIN_FILENO) == 1) {
    (void)wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                  "standard input is a terminal; give it a module: wasmaot run - < app.wasm");
    return NULL;
  }
  if (!wa_file_read_from(STDIN_FILENO, &file, err)) {
    return NULL;
  }
  switch (wa_file_kind_of(file.data, file.size)) {
  case WA_FILE_MODULE:
    artifact = load_bytes(request, &file, err);
    break;
  case WA_FILE_ARTIFACT:
    (void)wa_fail(err, WA_ERROR_REFUSED, WA_NO_OFFSET,
                  "is native code (an ELF file), which is never run from standard input; put it "
                  "in a file named *.o if you trust who compiled it");
    break;
  case WA_FILE_OTHER:
    (void)wa_refuse_start("", file.data, file.size, err);
    break;
  }
  wa_file_deinit(&file);
  return artifact;
}

// The name as it was given counts, not what it links to: who writes app.wasm means a module.
static bool is_named_object(const char *path) {
  size_t length = strlen(path);
  return length > 2 && strcmp(path + length - 2, ".o") == 0;
}

static bool may_run_native(const struct request *request, struct wa_error *err) {
  switch (request->values->native_rule) {
  case WA_NATIVE_NEVER:
    return wa_fail(err, WA_ERROR_REFUSED, WA_NO_OFFSET,
                   "is native code (an ELF file), and wasmaot-run runs modules only; if you trust "
                   "who compiled it, use 'wasmaot run'");
  case WA_NATIVE_ASKED:
    return request->values->native ||
           wa_fail(err, WA_ERROR_REFUSED, WA_NO_OFFSET,
                   "is native code (an ELF file); if you trust who compiled it, say so with "
                   "--allow-precompiled");
  case WA_NATIVE_NAMED:
    break;
  }
  return request->values->native || is_named_object(request->path) ||
         wa_fail(err, WA_ERROR_REFUSED, WA_NO_OFFSET,
                 "is native code (an ELF file), but not named *.o; if you trust who compiled it, "
                 "say so with 'wasmaot run --native'");
}

static struct wa_artifact *load_native(const struct request *request, struct wa_error *err) {
  if (!may_run_native(request, err)) {
    return NULL;
  }
  struct wa_artifact *artifact = wa_artifact_load_file(request->path, &request->load, err);
  if (artifact == NULL) {
    (void)wa_check_ours(request->path, err);
  }
  return artifact;
}

static struct wa_artifact *load(void *arg, const char *path, struct wa_error *err) {
  struct wa_run_values *values = arg;
  const char *slash = strrchr(path, '/');
  struct request request = {
      .path = path, .name = slash != NULL ? slash + 1 : path, .values = values};
  enum wa_file_kind kind;
  wa_program_load_options(&values->program, &request.load);
  request.load.features_off = values->translate.features_off;
  if (file_of(&request) == NULL) {
    return load_stdin(&request, err);
  }
  if (!wa_file_kind(path, &kind, err)) {
    return NULL;
  }
  switch (kind) {
  case WA_FILE_ARTIFACT:
    return load_native(&request, err);
  case WA_FILE_MODULE:
    return load_module(&request, err);
  case WA_FILE_OTHER:
    break;
  }
  (void)wa_refuse_file(path, err);
  return NULL;
}

// Threads come last: processes that optimise are made by fork.
static void start_beside(void *arg) {
  struct wa_run_values *values = arg;
  for (struct wa_lazy_program *program = values->lazy; program != NULL; program = program->next) {
    wa_lazy_functions_start(program->functions);
  }
  wa_replacements_start(&values->replacements);
}

// Options that are other names of others.
static void settle(struct wa_run_values *values) {
  values->translate.max_time = values->program.timeout;
  values->translate.features_off =
      (values->translate.features_off & ~values->proposals.on) | values->proposals.off;
  if (values->one_job) {
    values->translate.jobs = 1;
  }
  if (values->trap_unknown) {
    values->program.unknown_imports = 1;
  }
}

static int run_file(struct wa_run_values *values, const struct wa_operands *operands) {
  const struct wa_program_setting setting = {.preloads = &values->preloads,
                                             .timeout_status = values->timeout_status,
                                             .loaded = start_beside,
                                             .ending = end_lazy};
  struct wa_error err;
  wa_error_clear(&err);
  settle(values);
  if (!wa_replacements_init(&values->replacements, &err)) {
    return wa_report_error(NULL, &err);
  }
  values->replacements.timings = values->translate.timings;
  int status =
      wa_program_run(operands->items[0], &values->program, &setting, operands, load, values);
  wa_replacements_deinit(&values->replacements);
  stop_lazy(values, status);
  return status;
}

static int parse_and_run(int argc, char **argv, enum wa_native_rule rule, int timeout_status) {
  struct wa_run_values values = {.translate = {.default_cpu = "native"},
                                 .level = WA_LEVEL_AUTO,
                                 .native_rule = rule,
                                 .timeout_status = timeout_status};
  struct wa_operands operands;
  int status;
  if (wa_options_parse(&wa_command_run, argc, argv, &values, &operands, &status)) {
    status = WA_EXIT_USAGE;
    if (operands.count == 0) {
      wa_report("run: no file given; 'wasmaot run --help' shows how");
    } else if (wa_parse_features(values.translate.features, &values.translate.features_off)) {
      status = run_file(&values, &operands);
    }
  }
  wa_program_options_deinit(&values.program);
  wa_string_list_deinit(&values.preloads);
  return status;
}

static int run(int argc, char **argv) {
  return parse_and_run(argc, argv, WA_NATIVE_NAMED, WA_EXIT_TIMEOUT);
}

int wa_run_module(int argc, char **argv) {
  return parse_and_run(argc, argv, WA_NATIVE_NEVER, WA_EXIT_TIMEOUT);
}

int wa_run_as_wasmtime(int argc, char **argv) {
  return parse_and_run(argc, argv, WA_NATIVE_ASKED, WA_EXIT_TRAP);
}

const struct wa_command wa_command_run = {
    .name = "run",
    .operands = "FILE [ARGUMENT]...",
    .summary =
        "Run a program: an object of 'wasmaot compile', or a module, which is compiled first.\n\n"
        "A module may come from anyone. An object is native code, and is run only when FILE ends "
        "in\n"
        ".o or --native is given. A module that is named - comes from standard input. What a\n"
        "module was compiled to is kept: 'wasmaot cache --help' says where.\n"
        "Options end at FILE: everything after it is the guest's. The exit status is the guest's,\n"
        "134 when it traps, 124 when its time is up, 1 when it cannot be run, 2 for a wrong "
        "command\n"
        "line.",
    .options = options,
    .complete = WA_COMPLETE_FILES,
    .examples = examples,
    .guest_operands = true,
    .elsewhere = wa_elsewhere_options,
    .run = run,
};
