// wasmaot run: an object, or a module compiled in memory, as a WASI program or by one export.
#include "commands.h"
#include "file.h"
#include "handed.h"
#include "invoke.h"
#include "loader.h"
#include "report.h"
#include "translate.h"
#include "wasi.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const unknown_choices[] = {"fail", "trap", NULL};
static const char *const perf_choices[] = {"none", "map", "jitdump", NULL};

struct values {
  struct wa_translate_options translate;
  struct wa_string_list directories;
  struct wa_string_list env;
  struct wa_string_list listen;
  struct wa_string_list inherited;
  const char *invoke;
  const char *argv0;
  int unknown_imports;
  int perf;
  uint64_t max_threads; // 0: the runtime's default, as below
  uint64_t max_stack;
  uint64_t max_memory;
  uint64_t max_table;
  uint64_t timeout; // nanoseconds
};

static const struct wa_option options[] = {
    {.long_name = "dir",
     .metavar = "HOST[::GUEST]",
     .help = "grant the directory HOST, which the guest sees as GUEST\n(default: the same name)",
     .kind = WA_OPTION_LIST,
     .offset = offsetof(struct values, directories)},
    {.long_name = "tcplisten",
     .metavar = "ADDR:PORT",
     .help = "listen at an IPv4 or [IPv6] address and hand the guest the socket; the first one\n"
             "is its descriptor 3, or the next after the last --dir",
     .kind = WA_OPTION_LIST,
     .offset = offsetof(struct values, listen)},
    {.long_name = "fd",
     .metavar = "N",
     .help = "hand the guest the inherited descriptor N, a socket or a pipe for example, as its\n"
             "next descriptor after those of --tcplisten",
     .kind = WA_OPTION_LIST,
     .offset = offsetof(struct values, inherited)},
    {.long_name = "env",
     .metavar = "NAME[=VALUE]",
     .help = "set an environment variable, or pass it on when no value is given",
     .kind = WA_OPTION_LIST,
     .offset = offsetof(struct values, env)},
    {.long_name = "argv0",
     .metavar = "NAME",
     .help = "what the guest is told its own name is (default: the file's name)",
     .kind = WA_OPTION_STRING,
     .offset = offsetof(struct values, argv0)},
    {.long_name = "invoke",
     .metavar = "NAME",
     .help = "call this export with the arguments after FILE and print its results,\n"
             "one a line, instead of running the program",
     .kind = WA_OPTION_STRING,
     .offset = offsetof(struct values, invoke)},
    {.long_name = "unknown-imports",
     .metavar = "WHAT",
     .help = "functions that nobody provides: fail before the start (default),\n"
             "or trap when they are called",
     .kind = WA_OPTION_CHOICE,
     .offset = offsetof(struct values, unknown_imports),
     .choices = unknown_choices},
    {.long_name = "max-threads",
     .metavar = "N",
     .help = "most threads at once besides the main one (default 4096)",
     .kind = WA_OPTION_NUMBER,
     .offset = offsetof(struct values, max_threads),
     .min = 1,
     .max = 1u << 20},
    {.long_name = "max-stack",
     .metavar = "SIZE",
     .help = "stack of every thread, the main one too (default 8M); more is a trap",
     .kind = WA_OPTION_SIZE,
     .offset = offsetof(struct values, max_stack),
     .min = 256u << 10,
     .max = 1ull << 36},
    {.long_name = "max-memory",
     .metavar = "SIZE",
     .help = "most that all memories together may have; growing beyond fails\n"
             "(default: as their types say, 4G each, 64G with 64-bit addresses)",
     .kind = WA_OPTION_SIZE,
     .offset = offsetof(struct values, max_memory),
     .min = WA_PAGE_SIZE,
     .max = 1ull << 46},
    {.long_name = "max-table",
     .metavar = "ENTRIES",
     .help = "most entries that all tables together may have, those of threads\n"
             "included; growing beyond fails (default: 10000000 in each)",
     .kind = WA_OPTION_NUMBER,
     .offset = offsetof(struct values, max_table),
     .min = 1,
     .max = 1ull << 40},
    {.long_name = "timeout",
     .metavar = "SECONDS",
     .help = "end the program, exit status 124, when it has run so long; 0.5 is fine",
     .kind = WA_OPTION_SECONDS,
     .offset = offsetof(struct values, timeout),
     .min = 1000000,
     .max = 1000000000ull * 1000000000ull},
    {.long_name = "perf",
     .metavar = "WHAT",
     .help = "map: write /tmp/perf-PID.map, so that perf shows wasm functions;\n"
             "jitdump: write /tmp/jit-PID.dump, which has their code and lines, too",
     .kind = WA_OPTION_CHOICE,
     .offset = offsetof(struct values, perf),
     .choices = perf_choices},
    WA_TRANSLATE_OPTIONS(struct values, "native"),
    {.help = NULL},
};

// ---- Getting the artifact ----

static struct wa_artifact *compile_and_load(const char *path, const struct values *values,
                                            const struct wa_load_options *load,
                                            struct wa_error *err) {
  const struct wa_compiler_api *api = NULL;
  struct wa_buffer object;
  if (!wa_translate(path, &values->translate, &api, &object, err))
    return NULL;
  struct wa_artifact *artifact = wa_artifact_load_memory(object.data, object.size, path, load, err);
  api->buffer_free(&object);
  return artifact;
}

static struct wa_artifact *load(const char *path, const struct values *values,
                                struct wa_error *err) {
  struct wa_load_options load = {
      .perf_map = values->perf == 1,
      .jitdump = values->perf == 2,
      .gdb = true,
      .features_off = values->translate.features_off,
  };
  enum wa_file_kind kind;
  if (!wa_file_kind(path, &kind, err))
    return NULL;
  switch (kind) {
  case WA_FILE_ARTIFACT:
    return wa_artifact_load_file(path, &load, err);
  case WA_FILE_MODULE:
    return compile_and_load(path, values, &load, err);
  default:
    (void)wa_file_refuse(path, err);
    return NULL;
  }
}

// ---- The guest's world ----

struct world {
  const char **args;
  const char **env;
  char **preopen_hosts; // copies that options are cut out of
  struct wa_wasi_preopen *preopens;
  struct wa_handed handed;
  size_t arg_count, env_count, preopen_count;
};

static void world_deinit(struct world *world) {
  for (size_t i = 0; i < world->preopen_count; i++)
    free(world->preopen_hosts[i]);
  free(world->preopen_hosts);
  free(world->preopens);
  free(world->args);
  free(world->env);
  wa_handed_deinit(&world->handed);
}

static bool add_env(struct world *world, const char *item, struct wa_error *err) {
  size_t length = strcspn(item, "=");
  if (length == 0)
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "--env: '%s' has no name", item);
  if (item[length] == '=') {
    world->env[world->env_count++] = item;
    return true;
  }
  // environ's own "NAME=VALUE" is what the guest gets; a variable that is not set is not passed on.
  for (char **entry = environ; *entry != NULL; entry++) {
    if (strncmp(*entry, item, length) == 0 && (*entry)[length] == '=')
      world->env[world->env_count++] = *entry;
  }
  return true;
}

static bool add_directory(struct world *world, const char *item, struct wa_error *err) {
  char *host = strdup(item);
  if (host == NULL)
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  char *colons = strstr(host, "::");
  const char *guest = host;
  if (colons != NULL) {
    *colons = '\0';
    guest = colons + 2;
  }
  world->preopen_hosts[world->preopen_count] = host;
  world->preopens[world->preopen_count] = (struct wa_wasi_preopen){host, guest};
  world->preopen_count++;
  if (host[0] == '\0' || guest[0] == '\0')
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "--dir: '%s' is not HOST or HOST::GUEST",
                   item);
  return true;
}

static bool world_init(struct world *world, const struct values *values,
                       const struct wa_operands *operands, struct wa_error *err) {
  *world = (struct world){.args = NULL};
  world->arg_count = (size_t)operands->count;
  world->args = calloc(world->arg_count + 1, sizeof *world->args);
  world->env = calloc(values->env.count + 1, sizeof *world->env);
  world->preopens = calloc(values->directories.count + 1, sizeof *world->preopens);
  world->preopen_hosts = calloc(values->directories.count + 1, sizeof *world->preopen_hosts);
  if (world->args == NULL || world->env == NULL || world->preopens == NULL ||
      world->preopen_hosts == NULL)
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  for (size_t i = 0; i < world->arg_count; i++)
    world->args[i] = operands->items[i];
  const char *slash = strrchr(operands->items[0], '/');
  world->args[0] = slash != NULL ? slash + 1 : operands->items[0];
  if (values->argv0 != NULL)
    world->args[0] = values->argv0;
  for (size_t i = 0; i < values->env.count; i++) {
    if (!add_env(world, values->env.items[i], err))
      return false;
  }
  for (size_t i = 0; i < values->directories.count; i++) {
    if (!add_directory(world, values->directories.items[i], err))
      return false;
  }
  // The last, because from here on something is open.
  return wa_handed_init(&world->handed, &values->listen, &values->inherited, err);
}

static struct wa_wasi *make_wasi(const struct world *world, struct wa_error *err) {
  const struct wa_wasi_config config = {
      .handed = world->handed.fds,
      .handed_count = world->handed.count,
      .args = world->args,
      .arg_count = world->arg_count,
      .env = world->env,
      .env_count = world->env_count,
      .preopens = world->preopens,
      .preopen_count = world->preopen_count,
      .stdio = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO},
      .no_openat2 = getenv("WASMAOT_NO_OPENAT2") != NULL,
  };
  return wa_wasi_new(&config, err);
}

// ---- Running ----

struct program {
  struct wa_artifact *artifact;
  struct wa_store *store;
  struct wa_linker *linker;
  struct wa_wasi *wasi;
  struct wa_group *group;
  struct wa_invocation invocation; // when an export is invoked
  bool invoke;
};

// In the reverse order of dependence; no thread of the program is left.
static void program_deinit(struct program *program) {
  if (program->group != NULL)
    wa_group_free(program->group);
  if (program->linker != NULL)
    wa_linker_free(program->linker);
  if (program->store != NULL)
    wa_store_free(program->store);
  wa_wasi_free(program->wasi);
  wa_artifact_release(program->artifact);
  wa_invocation_deinit(&program->invocation);
}

static bool body(struct wa_instance *instance, void *arg, struct wa_trap *trap) {
  struct program *program = arg;
  union wa_cell none;
  struct wa_func_ref *start = wa_wasi_entry(instance, "_start");
  struct wa_func_ref *initialize = wa_wasi_entry(instance, "_initialize");
  if (!program->invoke)
    return wa_func_call(start, &none, trap);
  if (initialize != NULL && !wa_func_call(initialize, &none, trap))
    return false;
  return wa_invocation_call(&program->invocation, instance, trap);
}

// What is to be called must be there before anything runs.
static bool check_entry(struct program *program, const struct values *values,
                        const struct wa_operands *operands, struct wa_error *err) {
  const struct wa_meta_type *type;
  if (values->invoke != NULL) {
    program->invoke = true;
    return wa_invocation_init(&program->invocation, program->artifact, values->invoke,
                              operands->items + 1, operands->count - 1, err);
  }
  if (!wa_find_function(program->artifact, "_start", &type))
    return wa_fail(err, WA_ERROR_UNLINKABLE, WA_NO_OFFSET,
                   "is not a program: it exports no _start; call one of its exports with --invoke");
  if (type->param_count != 0 || type->result_count != 0)
    return wa_fail(err, WA_ERROR_UNLINKABLE, WA_NO_OFFSET,
                   "is not a program: its _start takes or returns values");
  return true;
}

static bool prepare(struct program *program, const struct values *values,
                    const struct wa_operands *operands, struct wa_error *err) {
  const struct wa_store_options store = {.max_memory_pages = values->max_memory / WA_PAGE_SIZE,
                                         .max_table_entries = values->max_table};
  const struct wa_group_options group = {.max_threads = (uint32_t)values->max_threads,
                                         .stack_size = values->max_stack,
                                         .timeout = values->timeout};
  if (!check_entry(program, values, operands, err))
    return false;
  program->store = wa_store_new(&store);
  program->linker = program->store == NULL ? NULL : wa_linker_new(program->store);
  if (program->linker == NULL)
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  wa_linker_trap_unknown(program->linker, values->unknown_imports == 1);
  if (!wa_wasi_define(program->wasi, program->linker, err) ||
      !wa_wasi_define_memories(program->store, program->artifact, program->linker, err))
    return false;
  program->group = wa_group_new(&group, err);
  return program->group != NULL;
}

static int report_end(const char *path, const struct values *values, const struct wa_trap *trap) {
  if (trap->exited)
    return trap->exit_status & 0xff;
  if (trap->code == WA_TRAP_TIMEOUT) {
    wa_report("%s: ended after %g seconds (--timeout)", path, (double)values->timeout / 1e9);
    return WA_EXIT_TIMEOUT;
  }
  wa_report_trap(trap);
  return WA_EXIT_TRAP;
}

static int execute(struct program *program, const char *path, const struct values *values,
                   struct wa_error *err) {
  struct wa_trap trap;
  switch (wa_wasi_run(program->group, program->store, program->artifact, program->linker, body,
                      program, &trap, err)) {
  case WA_WASI_FAILED:
    return wa_report_error(path, err);
  case WA_WASI_TRAPPED:
    return report_end(path, values, &trap);
  default:
    if (program->invoke)
      wa_invocation_print(&program->invocation);
    return WA_EXIT_OK;
  }
}

static int run_file(const struct values *values, const struct wa_operands *operands) {
  struct program program = {.artifact = NULL};
  struct world world;
  struct wa_error err;
  const char *path = operands->items[0];
  int status = WA_EXIT_OK;
  wa_error_clear(&err);
  // These errors are the arguments' or a directory's, not the file's.
  if (!world_init(&world, values, operands, &err) ||
      (program.wasi = make_wasi(&world, &err)) == NULL)
    status = wa_report_error(NULL, &err);
  world_deinit(&world);
  if (status == WA_EXIT_OK && (program.artifact = load(path, values, &err)) == NULL)
    status = wa_report_error(path, &err);
  if (status == WA_EXIT_OK && !prepare(&program, values, operands, &err))
    status = wa_report_error(path, &err);
  if (program.group != NULL)
    status = execute(&program, path, values, &err);
  // A program ends when its main thread does. Others may be anywhere, so nothing may be freed.
  if (program.wasi != NULL && wa_wasi_live_threads(program.wasi) > 0) {
    (void)fflush(stdout);
    _exit(status);
  }
  program_deinit(&program);
  return status;
}

static int run(int argc, char **argv) {
  struct values values = {.translate = {.opt_level = 3, .default_cpu = "native"}};
  struct wa_operands operands;
  int status = WA_EXIT_USAGE;
  switch (wa_options_parse(&wa_command_run, argc, argv, &values, &operands)) {
  case WA_PARSE_HELP:
    status = WA_EXIT_OK;
    break;
  case WA_PARSE_ERROR:
    break;
  default:
    if (operands.count == 0) {
      wa_report("run: no file given; 'wasmaot run --help' shows how");
      break;
    }
    if (!wa_parse_features(values.translate.features, &values.translate.features_off))
      break;
    status = run_file(&values, &operands);
  }
  wa_string_list_deinit(&values.directories);
  wa_string_list_deinit(&values.env);
  wa_string_list_deinit(&values.listen);
  wa_string_list_deinit(&values.inherited);
  return status;
}

const struct wa_command wa_command_run = {
    .name = "run",
    .operands = "FILE [ARGUMENT]...",
    .summary =
        "Run a program: an object of 'wasmaot compile', or a module, which is compiled first.\n\n"
        "Options end at FILE: everything after it is the guest's. The exit status is the guest's,\n"
        "134 when it traps, 124 when its time is up, 1 when it cannot be run, 2 for a wrong "
        "command\n"
        "line.",
    .options = options,
    .guest_operands = true,
    .run = run,
};
