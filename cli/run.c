// wasmaot run: an object, or a module compiled first, as a WASI program or by one export.
#include "cli/cache.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/program.h"
#include "cli/report.h"
#include "cli/translate.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

struct values {
  struct wa_translate_options translate;
  struct wa_program_options program;
  bool no_cache;
  bool native;
  bool modules_only; // no option: how the command was started
};

static const struct wa_option options[] = {
    WA_PROGRAM_OPTIONS(struct values, program),
    WA_TRANSLATE_OPTIONS(struct values, "native"),
    {.long_name = "no-cache",
     .help = "compile a module even if the cache has it, and keep nothing",
     .kind = WA_OPTION_FLAG,
     .offset = offsetof(struct values, no_cache)},
    {.long_name = "native",
     .help = "run FILE also when it is an object and its name does not end in .o; an object is\n"
             "native code: run it only if you trust who compiled it",
     .kind = WA_OPTION_FLAG,
     .offset = offsetof(struct values, native)},
    {.help = NULL},
};

static const struct wa_help_row examples[] = {
    {"wasmaot run app.o a b", "run a compiled program with two arguments"},
    {"wasmaot run --dir=. --env=HOME app.wasm", "compile, then run; grant a directory, a variable"},
    {"wasmaot run --invoke=add lib.wasm 2 3", "call one export and print its results"},
    {.text = NULL},
};

// ---- Getting the artifact ----

struct request {
  const char *path;
  const char *name; // what a trap's report calls it: the path's last component
  const struct values *values;
  struct wa_load_options load;
};

static struct wa_artifact *compile_and_load(const struct request *request,
                                            const struct wa_file *file,
                                            const struct wa_cache *cache,
                                            const struct wa_cache_key *key, struct wa_error *err) {
  const struct wa_compiler_api *api = NULL;
  struct wa_buffer object;
  struct wa_artifact *artifact = NULL;
  if (!wa_translate_bytes(request->path, file, &request->values->translate, &api, &object, err))
    return NULL;
  if (cache != NULL) {
    wa_cache_store(cache, key, &object);
    // From the cache rather than memory, so that processes share its pages.
    artifact = wa_cache_find(cache, key, request->name, &request->load);
  }
  if (artifact == NULL)
    artifact =
        wa_artifact_load_memory(object.data, object.size, request->name, &request->load, err);
  api->buffer_free(&object);
  return artifact;
}

static void print_cached(const struct timespec *start) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  (void)fprintf(stderr, "%-16s %10.3f  elapsed, found in the cache\n", "all",
                (double)(now.tv_sec - start->tv_sec) +
                    (double)(now.tv_nsec - start->tv_nsec) / 1e9);
}

static struct wa_artifact *find_or_compile(const struct request *request,
                                           const struct wa_file *file, struct wa_cache *cache,
                                           struct wa_error *err) {
  struct wa_cache_key key;
  struct timespec start;
  (void)clock_gettime(CLOCK_MONOTONIC, &start);
  wa_cache_key(&key, file, &request->values->translate);
  struct wa_artifact *artifact = wa_cache_find(cache, &key, request->name, &request->load);
  int lock = -1;
  if (artifact == NULL) {
    lock = wa_cache_lock(cache, &key);
    // Another process may have compiled it by now.
    artifact = wa_cache_find(cache, &key, request->name, &request->load);
  }
  if (artifact != NULL && request->values->translate.timings)
    print_cached(&start);
  if (artifact == NULL)
    artifact = compile_and_load(request, file, cache, &key, err);
  if (lock >= 0)
    (void)close(lock);
  return artifact;
}

static struct wa_artifact *load_module(const struct request *request, struct wa_error *err) {
  struct wa_file file;
  struct wa_cache cache;
  struct wa_artifact *artifact;
  if (!wa_file_read(request->path, &file, err))
    return NULL;
  if (request->values->no_cache) {
    artifact = compile_and_load(request, &file, NULL, NULL, err);
  } else {
    wa_cache_open(&cache, true);
    if (cache.refused[0] != '\0')
      wa_report("warning: the cache %s is not used: %s", cache.path, cache.refused);
    artifact = find_or_compile(request, &file, &cache, err);
    wa_cache_close(&cache);
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
  if (request->values->modules_only) {
    return wa_fail(err, WA_ERROR_REFUSED, WA_NO_OFFSET,
                   "is native code (an ELF file), and wasmaot-run runs modules only; if you trust "
                   "who compiled it, use 'wasmaot run'");
  }
  if (!request->values->native && !is_named_object(request->path)) {
    return wa_fail(err, WA_ERROR_REFUSED, WA_NO_OFFSET,
                   "is native code (an ELF file), but not named *.o; if you trust who compiled it, "
                   "say so with 'wasmaot run --native'");
  }
  return true;
}

static struct wa_artifact *load(void *arg, struct wa_error *err) {
  const struct request *request = arg;
  enum wa_file_kind kind;
  if (!wa_file_kind(request->path, &kind, err))
    return NULL;
  switch (kind) {
  case WA_FILE_ARTIFACT:
    if (!may_run_native(request, err)) {
      return NULL;
    }
    return wa_artifact_load_file(request->path, &request->load, err);
  case WA_FILE_MODULE:
    return load_module(request, err);
  default:
    (void)wa_file_refuse(request->path, err);
    return NULL;
  }
}

static int run_file(struct values *values, const struct wa_operands *operands) {
  values->translate.max_time = values->program.timeout;
  const char *path = operands->items[0];
  const char *slash = strrchr(path, '/');
  struct request request = {
      .path = path, .name = slash != NULL ? slash + 1 : path, .values = values};
  wa_program_load_options(&values->program, &request.load);
  request.load.features_off = values->translate.features_off;
  return wa_program_run(request.path, &values->program, operands, load, &request);
}

static int parse_and_run(int argc, char **argv, bool modules_only) {
  struct values values = {.translate = {.opt_level = 3, .default_cpu = "native"},
                          .modules_only = modules_only};
  struct wa_operands operands;
  int status;
  if (wa_options_parse(&wa_command_run, argc, argv, &values, &operands, &status)) {
    status = WA_EXIT_USAGE;
    if (operands.count == 0)
      wa_report("run: no file given; 'wasmaot run --help' shows how");
    else if (wa_parse_features(values.translate.features, &values.translate.features_off))
      status = run_file(&values, &operands);
  }
  wa_program_options_deinit(&values.program);
  return status;
}

static int run(int argc, char **argv) {
  return parse_and_run(argc, argv, false);
}

int wa_run_module(int argc, char **argv) {
  return parse_and_run(argc, argv, true);
}

const struct wa_command wa_command_run = {
    .name = "run",
    .operands = "FILE [ARGUMENT]...",
    .summary =
        "Run a program: an object of 'wasmaot compile', or a module, which is compiled first.\n\n"
        "A module may come from anyone. An object is native code, and is run only when FILE ends "
        "in\n"
        ".o or --native is given. What a module was compiled to is kept: 'wasmaot cache --help'\n"
        "says where.\n"
        "Options end at FILE: everything after it is the guest's. The exit status is the guest's,\n"
        "134 when it traps, 124 when its time is up, 1 when it cannot be run, 2 for a wrong "
        "command\n"
        "line.",
    .options = options,
    .complete = WA_COMPLETE_FILES,
    .examples = examples,
    .guest_operands = true,
    .run = run,
};
