#include "abi.h"
#include "commands.h"
#include "report.h"
#include "words.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A guest that writes to a closed pipe gets EPIPE, or EFBIG past the limit of a file's size, as
// WASI has no signals; and the command itself says what it could not write.
static void ignore_signals(void) {
  (void)signal(SIGPIPE, SIG_IGN);
  (void)signal(SIGXFSZ, SIG_IGN);
}

// A standard stream that is closed becomes a bad one: open, so that no file of ours or the guest's
// gets its number and then our messages, yet open the wrong way round, so that to use it fails.
static bool hold_standard_streams(void) {
  for (int fd = 0; fd <= STDERR_FILENO; fd++) {
    if (fcntl(fd, F_GETFD) >= 0)
      continue;
    if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
      return false;
  }
  return true;
}

// Output that was lost is a failure, also of a command that otherwise did its work.
static int finish(int status) {
  if (fflush(stdout) == 0 && ferror(stdout) == 0)
    return status;
  wa_report("cannot write to standard output");
  return status == WA_EXIT_OK ? WA_EXIT_FAILURE : status;
}

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
  int status = wa_command_run.run(words.count, words.items);
  wa_words_deinit(&words);
  return status;
}

static bool is_interpreter(const char *name) {
  const char *slash = strrchr(name, '/');
  return strcmp(slash != NULL ? slash + 1 : name, "wasmaot-run") == 0;
}

int main(int argc, char **argv) {
  const char *name = argc < 2 ? "" : argv[1];
  ignore_signals();
  if (!hold_standard_streams()) {
    wa_report("a standard stream is closed, and /dev/null cannot be opened in its place");
    return WA_EXIT_FAILURE;
  }
  if (argc > 0 && is_interpreter(argv[0]))
    return finish(run_as_interpreter(argc, argv));
  if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
    (void)printf("wasmaot %s (ABI %u)\n", WASMAOT_VERSION, WA_ABI_VERSION);
    return finish(WA_EXIT_OK);
  }
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    wa_program_help(stdout);
    return finish(WA_EXIT_OK);
  }
  for (const struct wa_command *const *command = wa_commands; *command != NULL; command++) {
    if (strcmp(name, (*command)->name) == 0)
      return finish((*command)->run(argc - 2, argv + 2));
  }
  if (argc < 2)
    wa_program_help(stderr);
  else
    wa_report("unknown command '%s'; 'wasmaot --help' lists them", name);
  return WA_EXIT_USAGE;
}
