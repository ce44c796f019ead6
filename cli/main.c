#include "cli/commands.h"
#include "cli/process.h"
#include "cli/report.h"
#include "cli/wasmtime.h"
#include "cli/words.h"
#include "runtime/abi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int run_words(int argc, char **argv);

// Runs with the options in WASMAOT_OPTIONS before the arguments, and `end` between them unless it
// is NULL.
static int run_with_options(int argc, char **argv, char *end, run_words *run) {
  const char *text = secure_getenv("WASMAOT_OPTIONS");
  struct wa_words words;
  struct wa_error err;
  wa_error_clear(&err);
  if (!wa_words_split(&words, text == NULL ? "" : text, argc + 1, &err)) {
    (void)wa_report_error("WASMAOT_OPTIONS", &err);
    return WA_EXIT_USAGE;
  }
  if (end != NULL) {
    words.items[words.count++] = end;
  }
  for (int i = 0; i < argc; i++) {
    words.items[words.count++] = argv[i];
  }
  int status = run(words.count, words.items);
  wa_words_deinit(&words);
  return status;
}

// As the interpreter of modules that the kernel runs (binfmt_misc) the command is called
// wasmaot-run, with the module and its arguments; there is no place for options but the
// environment.
static int run_as_interpreter(int argc, char **argv) {
  static char end[] = "--";
  if (argc < 2) {
    wa_report("wasmaot-run is for the kernel to run modules with; use 'wasmaot run'");
    return WA_EXIT_USAGE;
  }
  return run_with_options(argc - 1, argv + 1, end, wa_run_module);
}

// The command may be called by other names.
static bool is_called(const char *path, const char *name) {
  const char *slash = strrchr(path, '/');
  return strcmp(slash != NULL ? slash + 1 : path, name) == 0;
}

static const struct wa_command *find_command(const char *name) {
  for (const struct wa_command *const *command = wa_commands; *command != NULL; command++) {
    if (strcmp(name, (*command)->name) == 0) {
      return *command;
    }
  }
  return NULL;
}

// `wasmaot app.wasm` and `wasmaot --dir=. app.wasm` mean `wasmaot run`. A word that is no file's
// name is more likely to be meant for a command.
static bool is_run(const char *word) {
  return word[0] == '-' || strpbrk(word, "./") != NULL || access(word, F_OK) == 0;
}

static int unknown_command(const char *name, bool as_wasmtime) {
  const char *names[16];
  size_t count = 0;
  for (const struct wa_command *const *command = wa_commands; *command != NULL; command++) {
    names[count++] = (*command)->name;
  }
  const char *nearest = wa_nearest_name(name, strlen(name), names, count);
  if (as_wasmtime && wa_is_wasmtime_command(name)) {
    wa_report("'%s' is a command of wasmtime that wasmaot lacks; docs/migrating.md has a list",
              name);
  } else if (nearest != NULL) {
    wa_report("unknown command '%s', and no file of that name; did you mean '%s'?", name, nearest);
  } else {
    wa_report("unknown command '%s', and no file of that name; 'wasmaot --help' lists them", name);
  }
  return WA_EXIT_USAGE;
}

static int dispatch(int argc, char **argv, bool as_wasmtime) {
  const char *name = argc < 2 ? "" : argv[1];
  const struct wa_command *command = find_command(name);
  if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
    (void)printf("wasmaot %s (ABI %u%s)\n", WASMAOT_VERSION, WA_ABI_VERSION,
                 as_wasmtime ? ", called as wasmtime" : "");
    return WA_EXIT_OK;
  }
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    wa_program_help(stdout);
    return WA_EXIT_OK;
  }
  if (argc < 2) {
    wa_program_help(stderr);
    return WA_EXIT_USAGE;
  }
  if (command != NULL && (command != &wa_command_run || !as_wasmtime)) {
    return command->run(argc - 2, argv + 2);
  }
  if (command == NULL && !is_run(name)) {
    return unknown_command(name, as_wasmtime);
  }
  int skip = command != NULL ? 2 : 1;
  return as_wasmtime ? run_with_options(argc - skip, argv + skip, NULL, wa_run_as_wasmtime)
                     : wa_command_run.run(argc - skip, argv + skip);
}

int main(int argc, char **argv) {
  if (!wa_process_init()) {
    return WA_EXIT_FAILURE;
  }
  if (argc > 0 && is_called(argv[0], "wasmaot-run")) {
    return wa_process_finish(run_as_interpreter(argc, argv));
  }
  return wa_process_finish(dispatch(argc, argv, argc > 0 && is_called(argv[0], "wasmtime")));
}
