// What the options of `wasmaot run` fill.
#ifndef WA_CLI_RUN_H
#define WA_CLI_RUN_H

#include "cli/program.h"
#include "cli/replace.h"
#include "cli/translate.h"

// What may run as native code.
enum wa_native_rule {
  WA_NATIVE_NAMED, // a file that is named *.o, or any with --native
  WA_NATIVE_ASKED, // any file, but only with --native: as `wasmtime` has it
  WA_NATIVE_NEVER, // modules only: what the kernel starts
};

struct wa_lazy_program;

// The choices of `level`: optimisation levels, and WA_LEVEL_AUTO.
extern const char *const wa_run_level_choices[];
enum { WA_LEVEL_AUTO = 4 };

struct wa_run_values {
  struct wa_translate_options translate;
  struct wa_program_options program;
  struct wa_string_list preloads; // "NAME=FILE"
  struct wa_option_bits proposals;
  int level;
  bool no_background;
  uint64_t
      lazy_from; // bytes of code of a module from which on its functions come when called; 0: some
  bool no_lazy;
  bool no_pieces;
  bool no_cache;
  bool native;
  bool trap_unknown; // another name of --unknown-imports=trap
  bool one_job;      // another name of --jobs=1
  // No options: how the command was started.
  enum wa_native_rule native_rule;
  int timeout_status;                  // exit status when the time is up
  struct wa_replacements replacements; // of the code that the program starts on
  struct wa_lazy_program *lazy;        // modules whose functions are compiled when they are called
};

#endif
