// The options of `wasmtime run`, version 46, that stand in KEY=VALUE groups, so that its command
// lines work here. What has no meaning here is accepted where leaving it out changes nothing, and
// refused with a word about what to do where it would.
#ifndef WA_CLI_WASMTIME_H
#define WA_CLI_WASMTIME_H

#include "cli/options.h"

// Keys for a struct wa_run_values.
extern const struct wa_option wa_optimize_keys[];
extern const struct wa_option wa_codegen_keys[];
extern const struct wa_option wa_debug_keys[];
extern const struct wa_option wa_wasm_keys[];
extern const struct wa_option wa_wasi_keys[];

// Options of other engines that `run` does not have, and what to use instead.
extern const struct wa_help_row wa_elsewhere_options[];

// Whether it is the name of a command that wasmtime has and this one lacks.
bool wa_is_wasmtime_command(const char *name);

// The rows of an option table for a struct wa_run_values, but for -O.
#define WA_WASMTIME_OPTIONS                                                                        \
  {.short_name = 'W',                                                                              \
   .long_name = "wasm",                                                                            \
   .metavar = "KEY[=VALUE],...",                                                                   \
   .help = "proposals and limits, as wasmtime spells them: -W threads=y,simd=n,timeout=2s;\n"      \
           "'-W help' lists the keys",                                                             \
   .kind = WA_OPTION_KEYS,                                                                         \
   .keys = wa_wasm_keys},                                                                          \
      {.short_name = 'S',                                                                          \
       .long_name = "wasi",                                                                        \
       .metavar = "KEY[=VALUE],...",                                                               \
       .help = "WASI, as wasmtime spells it: -S threads,inherit-env; '-S help' lists the keys",    \
       .kind = WA_OPTION_KEYS,                                                                     \
       .keys = wa_wasi_keys},                                                                      \
      {.short_name = 'C',                                                                          \
       .long_name = "codegen",                                                                     \
       .metavar = "KEY[=VALUE],...",                                                               \
       .help = "compiling, as wasmtime spells it: -C cache=n; '-C help' lists the keys",           \
       .kind = WA_OPTION_KEYS,                                                                     \
       .keys = wa_codegen_keys},                                                                   \
      {.short_name = 'D',                                                                          \
       .long_name = "debug",                                                                       \
       .metavar = "KEY[=VALUE],...",                                                               \
       .help = "debugging, as wasmtime spells it: -D debug-info; '-D help' lists the keys",        \
       .kind = WA_OPTION_KEYS,                                                                     \
       .keys = wa_debug_keys},                                                                     \
      {.long_name = "wasm-features",                                                               \
       .metavar = "LIST",                                                                          \
       .help = "another name of --features",                                                       \
       .kind = WA_OPTION_STRING,                                                                   \
       .offset = offsetof(struct wa_run_values, translate.features)},                              \
      {.long_name = "allow-precompiled",                                                           \
       .help = "another name of --native",                                                         \
       .kind = WA_OPTION_FLAG,                                                                     \
       .offset = offsetof(struct wa_run_values, native)},                                          \
  {                                                                                                \
    .long_name = "profile", .metavar = "WHAT",                                                     \
    .help = "another name of --perf: perfmap is its map, jitdump the same",                        \
    .kind = WA_OPTION_CHOICE, .offset = offsetof(struct wa_run_values, program.perf),              \
    .choices = wa_profile_choices                                                                  \
  }

extern const char *const wa_profile_choices[];

#endif
