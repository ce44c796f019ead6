#include "cli/commands.h"
#include "cli/process.h"
#include "cli/report.h"
#include "cli/words.h"
#include "runtime/abi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// As the interpreter of modules that the kernel runs (binfmt_misc) the command is called
// wasmaot-run, with the module and its arguments; there is no place for options but the
// environment.
static int run_as_interpreter(int argc, char **argv) {
  const char *text = secure_getenv("WASMAOT_OPTIONS");
  struct wa_words words;
  struct wa_error err;
  wa_error_clear(&err);
  if (argc < 2) {
    wa_report("wasmaot-run is for the kernel to run modules with; use 'wasmaot run'");
    return WA_EXIT_USAGE;
  }
  if (!wa_words_split(&words, text == NULL ? "" : text, argc, &err)) {
    (void)wa_report_error("WASMAOT_OPTIONS", &err);
    return WA_EXIT_USAGE;
  }
  static char end[] = "--";
  words.items[words.count++] = end;
  for (int i = 1; i < argc; i++)
    words.items[words.count++] = argv[i];
  int status = wa_run_module(words.count, words.items);
  wa_words_deinit(&words);
  return status;
}

static bool is_interpreter(const char *name) {
  const char *slash = strrchr(name, '/');
  return strcmp(slash != NULL ? slash + 1 : name, "wasmaot-run") == 0;
}

int main(int argc, char **argv) {
  const char *name = argc < 2 ? "" : argv[1];
  if (!wa_process_init())
    return WA_EXIT_FAILURE;
  if (argc > 0 && is_interpreter(argv[0]))
    return wa_process_finish(run_as_interpreter(argc, argv));
  if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
    (void)printf("wasmaot %s (ABI %u)\n", WASMAOT_VERSION, WA_ABI_VERSION);
    return wa_process_finish(WA_EXIT_OK);
  }
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    wa_program_help(stdout);
    return wa_process_finish(WA_EXIT_OK);
  }
  for (const struct wa_command *const *command = wa_commands; *command != NULL; command++) {
    if (strcmp(name, (*command)->name) == 0)
      return wa_process_finish((*command)->run(argc - 2, argv + 2));
  }
  if (argc < 2)
    wa_program_help(stderr);
  else
    wa_report("unknown command '%s'; 'wasmaot --help' lists them", name);
  return WA_EXIT_USAGE;
}
