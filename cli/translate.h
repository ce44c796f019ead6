// From a module's file to object code in memory: what `compile` and `run` share.
#ifndef WA_CLI_TRANSLATE_H
#define WA_CLI_TRANSLATE_H

#include "cli/file.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "compiler/opener/compiler_library.h"

struct wa_cache;

struct wa_translate_options {
  uint64_t opt_level;
  uint64_t jobs;   // 0: one per processor
  const char *cpu; // "NAME,+FEATURE,-FEATURE"; NULL: the command's default
  const char *default_cpu;
  const char *features;  // of WebAssembly: see wa_features_apply
  uint64_t features_off; // what they come to
  const char *target;
  uint64_t max_memory;              // of compiling, bytes; 0: no limit
  uint64_t max_time;                // of compiling, nanoseconds; 0: no limit
  int progress;                     // enum wa_progress_mode
  int emit;                         // enum wa_emit
  const char *passes, *print_after; // see wa_compile_options
  bool timings;
  // Called with the module when it was compiled, if not NULL.
  bool (*after)(void *arg, const struct wa_module *module, const struct wa_compiler_api *api,
                struct wa_error *err);
  void *after_arg;
  const struct wa_cache *pieces; // where pieces of the module are found and kept, or NULL
  bool debug;
  bool replaceable;  // see wa_compile_options
  bool mask_indexes; // see wa_compile_options
  int memory_checks; // enum wa_memory_checks
  bool mangled;      // see wa_compile_options
};

enum wa_memory_checks { WA_CHECKS_GUARD, WA_CHECKS_EXPLICIT };
extern const char *const wa_memory_checks_choices[];

// Proposals, for a command that reads modules.
#define WA_FEATURES_OPTION(type, member)                                                           \
  {                                                                                                \
    .long_name = "features", .metavar = "LIST",                                                    \
    .help = "WebAssembly proposals to allow (default all): simd,-threads adds the one\n"           \
            "and takes the other away; mvp, wasm2, wasm3 and all are sets to begin with",          \
    .kind = WA_OPTION_STRING, .offset = offsetof(type, member)                                     \
  }

// How much LLVM is to do.
#define WA_LEVEL_OPTION(type)                                                                      \
  {                                                                                                \
    .short_name = 'O', .metavar = "LEVEL",                                                         \
    .help = "optimise: 0 compiles fastest, 3 runs fastest (default 3)", .kind = WA_OPTION_NUMBER,  \
    .offset = offsetof(type, translate.opt_level), .max = 3, .complete = "0 1 2 3"                 \
  }

// The rows of an option table that both commands have, for a struct with a member `translate`.
#define WA_TRANSLATE_OPTIONS(type, default_cpu)                                                    \
  {.short_name = 'g',                                                                              \
   .help = "keep the module's debug information, for gdb and for the lines of traps",              \
   .kind = WA_OPTION_FLAG,                                                                         \
   .offset = offsetof(type, translate.debug)},                                                     \
      {.long_name = "no-demangle",                                                                 \
       .help = "call functions as the module does, _ZN3std... and not std::...",                   \
       .kind = WA_OPTION_FLAG,                                                                     \
       .offset = offsetof(type, translate.mangled)},                                               \
      {.short_name = 'j',                                                                          \
       .long_name = "jobs",                                                                        \
       .metavar = "N",                                                                             \
       .help = "compile with N threads (default: one per processor)",                              \
       .kind = WA_OPTION_NUMBER,                                                                   \
       .offset = offsetof(type, translate.jobs),                                                   \
       .min = 1,                                                                                   \
       .max = 1024},                                                                               \
      {.long_name = "max-compile-memory",                                                          \
       .metavar = "SIZE",                                                                          \
       .help = "fail when compiling takes more memory than this (default: no limit)",              \
       .kind = WA_OPTION_SIZE,                                                                     \
       .offset = offsetof(type, translate.max_memory),                                             \
       .min = 1u << 20,                                                                            \
       .max = 1ull << 46},                                                                         \
      {.long_name = "cpu",                                                                         \
       .metavar = "NAME[,+FEATURE][,-FEATURE]...",                                                 \
       .help = "compile for this CPU: a name of LLVM's, 'native' or 'baseline'\n(default "         \
               "" default_cpu "), and with features added or taken away: +avx2,-fma",              \
       .kind = WA_OPTION_STRING,                                                                   \
       .offset = offsetof(type, translate.cpu),                                                    \
       .complete = "native baseline"},                                                             \
      {.long_name = "memory-checks",                                                               \
       .metavar = "HOW",                                                                           \
       .help = "how accesses beyond a memory are found: by guard regions of address space\n"       \
               "around it (guard, the default), or by comparing each with its size (explicit),\n"  \
               "for little address space and many instances",                                      \
       .kind = WA_OPTION_CHOICE,                                                                   \
       .offset = offsetof(type, translate.memory_checks),                                          \
       .choices = wa_memory_checks_choices},                                                       \
      WA_FEATURES_OPTION(type, translate.features),                                                \
      {.long_name = "progress",                                                                    \
       .metavar = "WHEN",                                                                          \
       .help = "show a progress bar: auto (on a terminal), always, never",                         \
       .kind = WA_OPTION_CHOICE,                                                                   \
       .offset = offsetof(type, translate.progress),                                               \
       .choices = wa_progress_choices},                                                            \
  {                                                                                                \
    .long_name = "timings", .help = "print how long each phase of compiling took",                 \
    .kind = WA_OPTION_FLAG, .offset = offsetof(type, translate.timings)                            \
  }

// What a --features option switches off; without one, nothing. False, reported, when it is wrong.
bool wa_parse_features(const char *list, uint64_t *off);

// *api frees *object with buffer_free. False with err, whose offset is one in the file.
bool wa_translate(const char *path, const struct wa_translate_options *options,
                  const struct wa_compiler_api **api, struct wa_buffer *object,
                  struct wa_error *err);
// The same from a file that was read already; `path` is what messages call it.
bool wa_translate_bytes(const char *path, const struct wa_file *file,
                        const struct wa_translate_options *options,
                        const struct wa_compiler_api **api, struct wa_buffer *object,
                        struct wa_error *err);

// A module whose functions are compiled when they are called.
struct wa_lazy_translation {
  struct wa_module module;
  const struct wa_compiler_api *api;
  struct wa_lazy_module
      *lazy; // NULL: the module has too little code for that, and nothing was done
};

// As wa_translate_bytes, for modules of at least `least` bytes of code; 0: what is worth it. The
// file must stay until the translation is deinitialised, after success, and so must the store of
// functions, which may be NULL.
bool wa_translate_lazily(const char *path, const struct wa_file *file,
                         const struct wa_translate_options *options,
                         const struct wa_piece_store *store, uint64_t least,
                         struct wa_lazy_translation *translation, struct wa_buffer *object,
                         struct wa_error *err);
void wa_lazy_translation_deinit(struct wa_lazy_translation *translation);

#endif
