// Running a loaded artifact as a WASI program: the options for that and the running itself, shared
// by `wasmaot run` and standalone programs.
#ifndef WA_CLI_PROGRAM_H
#define WA_CLI_PROGRAM_H

#include "cli/options.h"
#include "loader/loader.h"
#include "runtime/runtime.h"

struct wa_program_options {
  struct wa_string_list directories;
  struct wa_string_list env;
  struct wa_string_list listen;
  struct wa_string_list inherited;
  bool inherit_env;
  const char *invoke;
  const char *argv0;
  int unknown_imports;
  int backtrace;
  const char *coredump;   // a file; NULL: none
  const char *trace_wasi; // a file, "" for standard error; NULL: no trace
  int perf;
  uint64_t max_threads; // 0: the runtime's default, as below
  uint64_t max_stack;
  uint64_t max_memory;
  uint64_t max_table;
  bool no_huge_pages;
  bool sandbox;
  uint64_t timeout; // nanoseconds
};

extern const char *const wa_unknown_imports_choices[];
extern const char *const wa_backtrace_choices[];
extern const char *const wa_perf_choices[];

// What these options may be, by whatever name they are given.
#define WA_BOUNDS_OF_MEMORY .min = WA_PAGE_SIZE, .max = 1ull << 46
#define WA_BOUNDS_OF_TABLE .min = 1, .max = 1ull << 40
#define WA_BOUNDS_OF_STACK .min = 256u << 10, .max = 1ull << 36
#define WA_BOUNDS_OF_SECONDS .min = 1000000, .max = 1000000000ull * 1000000000ull

// The rows of an option table, for a struct `type` whose `member` is a wa_program_options.
#define WA_PROGRAM_OPTIONS(type, member)                                                           \
  {.long_name = "dir",                                                                             \
   .metavar = "HOST[::GUEST][:ro]",                                                                \
   .help = "grant the directory HOST, which the guest sees as GUEST\n(default: the same name); "   \
           "with :ro it can only read there",                                                      \
   .kind = WA_OPTION_LIST,                                                                         \
   .offset = offsetof(type, member.directories),                                                   \
   .complete = WA_COMPLETE_DIRECTORIES},                                                           \
      {.long_name = "tcplisten",                                                                   \
       .metavar = "ADDR:PORT",                                                                     \
       .help =                                                                                     \
           "listen at an IPv4 or [IPv6] address and hand the guest the socket; the first one\n"    \
           "is its descriptor 3, or the next after the last --dir",                                \
       .kind = WA_OPTION_LIST,                                                                     \
       .offset = offsetof(type, member.listen)},                                                   \
      {.long_name = "fd",                                                                          \
       .metavar = "N",                                                                             \
       .help =                                                                                     \
           "hand the guest the inherited descriptor N, a socket or a pipe for example, as its\n"   \
           "next descriptor after those of --tcplisten",                                           \
       .kind = WA_OPTION_LIST,                                                                     \
       .offset = offsetof(type, member.inherited)},                                                \
      {.long_name = "env",                                                                         \
       .metavar = "NAME[=VALUE]",                                                                  \
       .help = "set an environment variable, or pass it on when no value is given",                \
       .kind = WA_OPTION_LIST,                                                                     \
       .offset = offsetof(type, member.env)},                                                      \
      {.long_name = "inherit-env",                                                                 \
       .help = "pass on all environment variables; those of --env take the place of theirs",       \
       .kind = WA_OPTION_FLAG,                                                                     \
       .offset = offsetof(type, member.inherit_env)},                                              \
      {.long_name = "argv0",                                                                       \
       .metavar = "NAME",                                                                          \
       .help = "what the guest is told its own name is (default: the file's name)",                \
       .kind = WA_OPTION_STRING,                                                                   \
       .offset = offsetof(type, member.argv0)},                                                    \
      {.long_name = "invoke",                                                                      \
       .metavar = "NAME",                                                                          \
       .help = "call this export with the arguments after FILE and print its results,\n"           \
               "one a line, instead of running the program",                                       \
       .kind = WA_OPTION_STRING,                                                                   \
       .offset = offsetof(type, member.invoke)},                                                   \
      {.long_name = "unknown-imports",                                                             \
       .metavar = "WHAT",                                                                          \
       .help = "functions that nobody provides: fail before the start (default),\n"                \
               "or trap when they are called",                                                     \
       .kind = WA_OPTION_CHOICE,                                                                   \
       .offset = offsetof(type, member.unknown_imports),                                           \
       .choices = wa_unknown_imports_choices},                                                     \
      {.long_name = "max-threads",                                                                 \
       .metavar = "N",                                                                             \
       .help = "most threads at once besides the main one (default 4096)",                         \
       .kind = WA_OPTION_NUMBER,                                                                   \
       .offset = offsetof(type, member.max_threads),                                               \
       .min = 1,                                                                                   \
       .max = 1u << 20},                                                                           \
      {.long_name = "max-stack",                                                                   \
       .metavar = "SIZE",                                                                          \
       .help = "stack of every thread, the main one too (default 8M); more is a trap",             \
       .kind = WA_OPTION_SIZE,                                                                     \
       .offset = offsetof(type, member.max_stack),                                                 \
       WA_BOUNDS_OF_STACK},                                                                        \
      {.long_name = "max-memory",                                                                  \
       .metavar = "SIZE",                                                                          \
       .help = "most that all memories together may have; growing beyond fails\n"                  \
               "(default: as their types say, 4G each, 64G with 64-bit addresses)",                \
       .kind = WA_OPTION_SIZE,                                                                     \
       .offset = offsetof(type, member.max_memory),                                                \
       WA_BOUNDS_OF_MEMORY},                                                                       \
      {.long_name = "max-table",                                                                   \
       .metavar = "ENTRIES",                                                                       \
       .help = "most entries that all tables together may have, those of threads\n"                \
               "included; growing beyond fails (default: 10000000)",                               \
       .kind = WA_OPTION_NUMBER,                                                                   \
       .offset = offsetof(type, member.max_table),                                                 \
       WA_BOUNDS_OF_TABLE},                                                                        \
      {.long_name = "no-huge-pages",                                                               \
       .help = "ask for no huge pages for a memory that has grown by 4M or more:\n"                \
               "slower, for programs that touch little of what they allocate",                     \
       .kind = WA_OPTION_FLAG,                                                                     \
       .offset = offsetof(type, member.no_huge_pages)},                                            \
      {.long_name = "sandbox",                                                                     \
       .help = "let the kernel, too, keep the program to what it is granted: by Landlock,\n"       \
               "and a seccomp filter for system calls (Linux 5.13)",                               \
       .kind = WA_OPTION_FLAG,                                                                     \
       .offset = offsetof(type, member.sandbox)},                                                  \
      {.long_name = "timeout",                                                                     \
       .metavar = "SECONDS",                                                                       \
       .help = "end the program, exit status 124, when compiling and running it have\n"            \
               "taken so long; 0.5, 100ms and 5m are fine",                                        \
       .kind = WA_OPTION_SECONDS,                                                                  \
       .offset = offsetof(type, member.timeout),                                                   \
       WA_BOUNDS_OF_SECONDS},                                                                      \
      {.long_name = "trace-wasi",                                                                  \
       .metavar = "FILE",                                                                          \
       .help = "write each call of WASI to FILE, or to standard error: thread, time, arguments,\n" \
               "result, how long it took",                                                         \
       .kind = WA_OPTION_OPTIONAL,                                                                 \
       .offset = offsetof(type, member.trace_wasi),                                                \
       .complete = WA_COMPLETE_FILES},                                                             \
      {.long_name = "coredump",                                                                    \
       .metavar = "FILE",                                                                          \
       .help = "write a core dump of WebAssembly at a trap: the stacks of all threads,\n"          \
               "memories, globals",                                                                \
       .kind = WA_OPTION_STRING,                                                                   \
       .offset = offsetof(type, member.coredump),                                                  \
       .complete = WA_COMPLETE_FILES},                                                             \
      {.long_name = "backtrace",                                                                   \
       .metavar = "WHAT",                                                                          \
       .help = "of a trap: short leaves out the frames of a Rust panic itself (default),\n"        \
               "full shows all",                                                                   \
       .kind = WA_OPTION_CHOICE,                                                                   \
       .offset = offsetof(type, member.backtrace),                                                 \
       .choices = wa_backtrace_choices},                                                           \
  {                                                                                                \
    .long_name = "perf", .metavar = "WHAT",                                                        \
    .help = "map: write /tmp/perf-PID.map, so that perf shows wasm functions;\n"                   \
            "jitdump: write /tmp/jit-PID.dump, which has their code and lines, too",               \
    .kind = WA_OPTION_CHOICE, .offset = offsetof(type, member.perf), .choices = wa_perf_choices    \
  }

void wa_program_options_deinit(struct wa_program_options *options);

// How an artifact is loaded for them.
void wa_program_load_options(const struct wa_program_options *options,
                             struct wa_load_options *load);

// Loads a file to run or to preload, or NULL with err. Called when all that the options name is
// there.
typedef struct wa_artifact *wa_program_load(void *arg, const char *path, struct wa_error *err);

// Besides the program itself.
struct wa_program_setting {
  const struct wa_string_list *preloads; // "NAME=FILE"; NULL: none
  int timeout_status;                    // exit status when the time is up
  void (*loaded)(void *arg); // called with wa_program_run's `arg` when all is loaded; NULL: nothing
  void (*ending)(void *arg); // the same when the program has ended; threads of it may go on
};

// Runs it with the operands as its arguments, the first of which is its path; reports what goes
// wrong. The exit status; does not return when threads are left that nobody can wait for.
int wa_program_run(const char *path, const struct wa_program_options *options,
                   const struct wa_program_setting *setting, const struct wa_operands *operands,
                   wa_program_load *load, void *arg);

#endif
