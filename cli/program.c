// Running a loaded artifact as a WASI program, or one export of it: what `wasmaot run` and
// standalone programs share.
#include "cli/program.h"

#include "cli/advice.h"
#include "cli/confine.h"
#include "cli/ending.h"
#include "cli/grant.h"
#include "cli/handed.h"
#include "cli/invoke.h"
#include "cli/preload.h"
#include "cli/report.h"
#include "cli/trace.h"
#include "include/wa_clock.h"
#include "runtime/thread/fiber.h"
#include "runtime/thread/snapshot.h"
#include "wasi/wasi.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const wa_unknown_imports_choices[] = {"fail", "trap", NULL};
const char *const wa_backtrace_choices[] = {"short", "full", NULL};
const char *const wa_perf_choices[] = {"none", "map", "jitdump", NULL};

void wa_program_options_deinit(struct wa_program_options *options) {
  wa_string_list_deinit(&options->directories);
  wa_string_list_deinit(&options->env);
  wa_string_list_deinit(&options->listen);
  wa_string_list_deinit(&options->inherited);
}

void wa_program_load_options(const struct wa_program_options *options,
                             struct wa_load_options *load) {
  *load = (struct wa_load_options){
      .perf_map = options->perf == 1, .jitdump = options->perf == 2, .gdb = true};
}

// ---- The guest's world ----

struct world {
  const char **args;
  const char **env;
  struct wa_grant *grants; // of the preopens
  struct wa_wasi_preopen *preopens;
  struct wa_handed handed;
  size_t arg_count, env_count, preopen_count;
};

static void world_deinit(struct world *world) {
  for (size_t i = 0; i < world->preopen_count; i++) {
    wa_grant_deinit(&world->grants[i]);
  }
  free(world->grants);
  free(world->preopens);
  free(world->args);
  free(world->env);
  wa_handed_deinit(&world->handed);
}

static bool add_env(struct world *world, const char *item, struct wa_error *err) {
  size_t length = strcspn(item, "=");
  if (length == 0) {
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "--env: '%s' has no name", item);
  }
  if (item[length] == '=') {
    world->env[world->env_count++] = item;
    return true;
  }
  // environ's own "NAME=VALUE" is what the guest gets; a variable that is not set is not passed on.
  for (char **entry = environ; *entry != NULL; entry++) {
    if (strncmp(*entry, item, length) == 0 && (*entry)[length] == '=') {
      world->env[world->env_count++] = *entry;
    }
  }
  return true;
}

static bool sets(const char *item, const char *name, size_t length) {
  return strncmp(item, name, length) == 0 && (item[length] == '=' || item[length] == '\0');
}

// All variables but those that --env names, which it may set otherwise or know not to be set.
static void inherit_env(struct world *world, const struct wa_string_list *given) {
  for (char **entry = environ; *entry != NULL; entry++) {
    size_t length = strcspn(*entry, "=");
    bool passed = length > 0 && (*entry)[length] == '=';
    for (size_t i = 0; passed && i < given->count; i++) {
      passed = !sets(given->items[i], *entry, length);
    }
    if (passed) {
      world->env[world->env_count++] = *entry;
    }
  }
}

static size_t environ_size(void) {
  size_t size = 0;
  while (environ[size] != NULL) {
    size++;
  }
  return size;
}

static bool add_directory(struct world *world, const char *item, struct wa_error *err) {
  struct wa_grant *grant = &world->grants[world->preopen_count];
  if (!wa_grant_init(grant, item)) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  world->preopens[world->preopen_count++] = (struct wa_wasi_preopen){
      .host = grant->host, .guest = grant->guest, .read_only = grant->read_only};
  if (grant->host[0] == '\0' || grant->guest[0] == '\0') {
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                   "--dir: '%s' is not HOST or HOST::GUEST, with or without :ro", item);
  }
  return true;
}

static bool world_init(struct world *world, const struct wa_program_options *options,
                       const struct wa_operands *operands, struct wa_error *err) {
  *world = (struct world){.args = NULL};
  world->arg_count = (size_t)operands->count;
  world->args = calloc(world->arg_count + 1, sizeof *world->args);
  size_t inherited = options->inherit_env ? environ_size() : 0;
  world->env = calloc(options->env.count + inherited + 1, sizeof *world->env);
  world->preopens = calloc(options->directories.count + 1, sizeof *world->preopens);
  world->grants = calloc(options->directories.count + 1, sizeof *world->grants);
  if (world->args == NULL || world->env == NULL || world->preopens == NULL ||
      world->grants == NULL) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  for (size_t i = 0; i < world->arg_count; i++) {
    world->args[i] = operands->items[i];
  }
  const char *slash = strrchr(operands->items[0], '/');
  world->args[0] = slash != NULL ? slash + 1 : operands->items[0];
  if (options->argv0 != NULL) {
    world->args[0] = options->argv0;
  }
  for (size_t i = 0; i < options->env.count; i++) {
    if (!add_env(world, options->env.items[i], err)) {
      return false;
    }
  }
  if (inherited > 0) {
    inherit_env(world, &options->env);
  }
  for (size_t i = 0; i < options->directories.count; i++) {
    if (!add_directory(world, options->directories.items[i], err)) {
      return false;
    }
  }
  // The last, because from here on something is open.
  return wa_handed_init(&world->handed, &options->listen, &options->inherited, err);
}

static struct wa_wasi *make_wasi(const struct world *world, struct wa_trace *trace,
                                 struct wa_error *err) {
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
      .calls = trace->file >= 0 ? &wa_wasi_watched_calls : NULL,
      .watch = wa_trace_call,
      .watch_arg = trace,
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
  struct wa_instance *instance; // the main thread's, once it is made
  struct wa_ending ending;
  struct wa_dump dump;
  struct wa_preloads preloads;
  const struct wa_program_setting *setting;
  void *arg;                       // of what the setting calls
  struct wa_invocation invocation; // when an export is invoked
  bool invoke;
};

// In the reverse order of dependence; no thread of the program is left.
static void program_deinit(struct program *program) {
  if (program->group != NULL) {
    wa_ending_forget();
    wa_group_free(program->group);
    wa_ending_deinit(&program->ending);
  }
  if (program->linker != NULL) {
    wa_linker_free(program->linker);
  }
  if (program->store != NULL) {
    wa_store_free(program->store);
  }
  wa_wasi_free(program->wasi);
  wa_preloads_deinit(&program->preloads);
  wa_artifact_release(program->artifact);
  wa_invocation_deinit(&program->invocation);
  wa_dump_deinit(&program->dump);
}

// Linked with -pthread and without --max-memory a program gets what it needs to start and no more:
// it fails when it first allocates, or starts a thread, and says anything but that.
static void hint_at_memory(const struct program *program) {
  const struct wa_memory_object *memory = program->ending.memory;
  const struct wa_meta *meta = program->artifact->meta;
  if (memory == NULL || !wa_memory_is_shared(memory) || !wa_memory_refused(memory)) {
    return;
  }
  const struct wa_meta_memory *row = WA_META_ROW(meta, memories, struct wa_meta_memory, 0);
  if ((row->flags & WA_LIMITS_HAS_MAX) != 0 && row->min == row->max) {
    wa_report_as(WA_REPORT_NOTE, NULL,
                 "the shared memory of %llu bytes may not grow, which was tried: link the program "
                 "with -Wl,--max-memory=1073741824, or as much as it needs",
                 (unsigned long long)wa_memory_size(memory));
  }
}

static void end(const struct program *program) {
  if (program->setting->ending != NULL) {
    program->setting->ending(program->arg);
  }
}

// The process ends with the program's main thread, wherever others are: no one is waited for and
// nothing is taken down. Unless the end was another thread's, which is to be reported, or a
// sanitizer looks for leaks.
static bool run_start(const struct program *program, struct wa_func_ref *start,
                      struct wa_trap *trap) {
  union wa_cell none;
  bool returned = wa_func_call(start, &none, trap);
#ifdef WA_ASAN
  (void)program;
#else
  if ((returned || trap->exited) && !wa_group_stopping()) {
    if (!returned && trap->exit_status != 0) {
      hint_at_memory(program);
    }
    end(program);
    _exit(returned ? WA_EXIT_OK : trap->exit_status & 0xff);
  }
#endif
  return returned;
}

// The memories last: those that a preloaded module exports are not made.
static enum wa_instantiate_result link_program(void *arg, struct wa_trap *trap,
                                               struct wa_error *err) {
  struct program *program = arg;
  enum wa_instantiate_result result =
      wa_preloads_instantiate(&program->preloads, program->store, program->linker, trap, err);
  if (result == WA_INSTANTIATED &&
      !wa_wasi_define_memories(program->store, program->artifact, program->linker, err)) {
    result = WA_INSTANTIATE_FAILED;
  }
  return result;
}

static bool body(struct wa_instance *instance, void *arg, struct wa_trap *trap) {
  struct program *program = arg;
  union wa_cell none;
  program->instance = instance;
  program->ending.memory = wa_instance_memory(instance, 0);
  struct wa_func_ref *initialize = wa_wasi_entry(instance, "_initialize");
  if (!program->invoke) {
    return run_start(program, wa_wasi_entry(instance, "_start"), trap);
  }
  if (initialize != NULL && !wa_func_call(initialize, &none, trap)) {
    return false;
  }
  return wa_invocation_call(&program->invocation, instance, trap);
}

// What is to be called must be there before anything runs.
static bool check_entry(struct program *program, const struct wa_program_options *options,
                        const struct wa_operands *operands, struct wa_error *err) {
  const struct wa_meta_type *type;
  if (options->invoke != NULL) {
    program->invoke = true;
    return wa_invocation_init(&program->invocation, program->artifact, options->invoke,
                              operands->items + 1, operands->count - 1, err);
  }
  if (!wa_find_function(program->artifact, "_start", &type)) {
    return wa_fail(err, WA_ERROR_UNLINKABLE, WA_NO_OFFSET,
                   "is not a program: it exports no _start; call one of its exports with --invoke");
  }
  if (type->param_count != 0 || type->result_count != 0) {
    return wa_fail(err, WA_ERROR_UNLINKABLE, WA_NO_OFFSET,
                   "is not a program: its _start takes or returns values");
  }
  return true;
}

// Whether the timeout, which counts from before the program is compiled, is over.
static bool is_late(const struct wa_program_options *options, uint64_t start) {
  return options->timeout != 0 && wa_clock_now() - start >= options->timeout;
}

// What is left of it for the program: 0 when there is none, else at least 1.
static uint64_t time_left(const struct wa_program_options *options, uint64_t start) {
  uint64_t taken = wa_clock_now() - start;
  if (options->timeout == 0) {
    return 0;
  }
  return taken < options->timeout ? options->timeout - taken : 1;
}

static int report_timeout(const struct program *program, const char *path,
                          const struct wa_program_options *options, const char *where) {
  wa_report_as(WA_REPORT_TIMEOUT, path, "ended after %g seconds (--timeout)%s",
               (double)options->timeout / 1e9, where);
  return program->setting->timeout_status;
}

// An error of the program, or of what is preloaded, with advice where imports are missing.
static int report_failure(const struct program *program, const char *path, struct wa_error *err) {
  const char *advice = NULL;
  bool preloading = program->preloads.failed != NULL;
  if (err->kind == WA_ERROR_MISSING && !preloading) {
    advice = wa_import_advice(program->artifact, program->linker);
  }
  if (advice == NULL) {
    return wa_report_error(preloading ? program->preloads.failed : path, err);
  }
  return wa_report_error_advice(path, err, advice);
}

static bool prepare(struct program *program, const struct wa_program_options *options,
                    uint64_t start, const struct wa_operands *operands, struct wa_error *err) {
  const struct wa_store_options store = {.max_memory_pages = options->max_memory / WA_PAGE_SIZE,
                                         .max_table_entries = options->max_table,
                                         .no_huge_pages = options->no_huge_pages};
  const struct wa_group_options group = {.max_threads = (uint32_t)options->max_threads,
                                         .stack_size = options->max_stack,
                                         .timeout = time_left(options, start),
                                         .ended = wa_ending_thread,
                                         .reported = wa_ending_place,
                                         .take = wa_snapshot_take,
                                         .keep_locals = options->coredump != NULL,
                                         .hook_arg = &program->ending};
  if (!check_entry(program, options, operands, err)) {
    return false;
  }
  program->store = wa_store_new(&store);
  program->linker = program->store == NULL ? NULL : wa_linker_new(program->store);
  if (program->linker == NULL) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  wa_linker_trap_unknown(program->linker, options->unknown_imports == 1);
  // What modules import that are preloaded is not looked at one by one: they get all there is.
  if (!wa_wasi_define(program->wasi, program->linker,
                      program->preloads.count > 0 ? NULL : program->artifact, err)) {
    return false;
  }
  if (options->coredump != NULL && !wa_dump_init(&program->dump, program->artifact, err)) {
    return false;
  }
  wa_ending_init(&program->ending, options->coredump != NULL ? &program->dump : NULL);
  program->group = wa_group_new(&group, err);
  return program->group != NULL;
}

// A trap in the start function or of a segment leaves no instance to dump.
static void write_dump(struct program *program, const char *path, const char *file) {
  struct wa_error err;
  wa_error_clear(&err);
  if (program->instance == NULL) {
    wa_report_as(WA_REPORT_NOTE, NULL,
                 "--coredump: the program trapped before it began; nothing is written");
  } else if (!wa_dump_write(&program->dump, file, path, program->instance, &err)) {
    (void)wa_report_error(NULL, &err);
  }
}

static int report_end(struct program *program, const char *path,
                      const struct wa_program_options *options, const struct wa_trap *trap) {
  if (trap->exited) {
    if (trap->exit_status != 0) {
      hint_at_memory(program);
    }
    return trap->exit_status & 0xff;
  }
  if (options->coredump != NULL) {
    write_dump(program, path, options->coredump);
  }
  if (trap->code == WA_TRAP_TIMEOUT) {
    return report_timeout(program, path, options, "");
  }
  if (trap->code == WA_TRAP_SYSTEM) {
    wa_report_as(WA_REPORT_SYSTEM, path, "%s", trap->message);
    return WA_EXIT_FAILURE;
  }
  wa_report_trap(trap, options->backtrace == 1,
                 (program->artifact->meta->flags & WA_META_LEFT_LINES) != 0);
  hint_at_memory(program);
  return WA_EXIT_TRAP;
}

// One heap for all: the second thread, which is the guest's main one, is not worth another, nor are
// those that the guest starts. They allocate next to nothing.
static void share_heap(void) {
#ifdef M_ARENA_MAX
  (void)mallopt(M_ARENA_MAX, 1);
#endif
}

// The last thing before the program's threads are started.
static bool confine(const struct wa_program_options *options, struct wa_error *err) {
  size_t count = options->directories.count, made = 0;
  struct wa_grant *grants = calloc(count + 1, sizeof *grants);
  struct wa_confine_directory *directories = calloc(count + 1, sizeof *directories);
  bool ok = grants != NULL && directories != NULL;
  while (ok && made < count) {
    ok = wa_grant_init(&grants[made], options->directories.items[made]);
    directories[made] = (struct wa_confine_directory){grants[made].host, grants[made].read_only};
    made++;
  }
  if (!ok) {
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  } else if (options->coredump != NULL) {
    ok =
        wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                "--coredump writes a file at the end, which --sandbox does not allow; leave one of "
                "them out");
  } else {
    ok = wa_confine(directories, count, err);
  }
  for (size_t i = 0; i < made; i++) {
    wa_grant_deinit(&grants[i]);
  }
  free(directories);
  free(grants);
  return ok;
}

static int execute(struct program *program, const char *path,
                   const struct wa_program_options *options, struct wa_error *err) {
  struct wa_trap trap;
  share_heap();
  wa_ending_watch(program->group);
  switch (wa_wasi_run(program->group, program->store, program->artifact, program->linker,
                      link_program, body, program, &trap, err)) {
  case WA_WASI_FAILED:
    return report_failure(program, path, err);
  case WA_WASI_TRAPPED:
    return report_end(program, path, options, &trap);
  default:
    if (program->invoke) {
      wa_invocation_print(&program->invocation);
    }
    return WA_EXIT_OK;
  }
}

// The program and what it is linked to. False, reported, with the exit status.
static bool load_all(struct program *program, const char *path,
                     const struct wa_program_options *options, uint64_t start,
                     wa_program_load *load, void *arg, int *status) {
  struct wa_error err;
  wa_error_clear(&err);
  program->artifact = load(arg, path, &err);
  if (program->artifact != NULL && wa_preloads_load(&program->preloads, load, arg, &err)) {
    if (program->setting->loaded != NULL) {
      program->setting->loaded(arg);
    }
    return true;
  }
  *status = is_late(options, start) ? report_timeout(program, path, options, " while compiling")
                                    : report_failure(program, path, &err);
  return false;
}

int wa_program_run(const char *path, const struct wa_program_options *options,
                   const struct wa_program_setting *setting, const struct wa_operands *operands,
                   wa_program_load *load, void *arg) {
  static const struct wa_string_list none = {.items = NULL};
  struct program program = {.setting = setting, .arg = arg};
  struct world world;
  struct wa_trace trace = {.file = -1};
  struct wa_error err;
  int status = WA_EXIT_OK;
  uint64_t start = wa_clock_now();
  wa_error_clear(&err);
  // These errors are the arguments' or a directory's, not the file's.
  if (!wa_preloads_init(&program.preloads, setting->preloads != NULL ? setting->preloads : &none,
                        &err)) {
    status = wa_report_error(NULL, &err);
    wa_preloads_deinit(&program.preloads);
    return status;
  }
  // The trace is opened last: its descriptor is none that was inherited.
  if (!world_init(&world, options, operands, &err) ||
      !wa_trace_init(&trace, options->trace_wasi, &err) ||
      (program.wasi = make_wasi(&world, &trace, &err)) == NULL) {
    status = wa_report_error(NULL, &err);
  }
  world_deinit(&world);
  if (status == WA_EXIT_OK && load_all(&program, path, options, start, load, arg, &status) &&
      !(prepare(&program, options, start, operands, &err) &&
        (!options->sandbox || confine(options, &err)))) {
    status = wa_report_error(path, &err);
  }
  if (status == WA_EXIT_OK) {
    trace.start = wa_clock_now();
    status = execute(&program, path, options, &err);
    end(&program);
  }
  // A program ends when its main thread does. Others may be anywhere, so nothing may be freed.
  if (program.wasi != NULL && wa_wasi_live_threads(program.wasi) > 0) {
    (void)fflush(stdout);
    _exit(status);
  }
  program_deinit(&program);
  wa_trace_deinit(&trace);
  return status;
}
