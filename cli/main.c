#include "abi.h"
#include "commands.h"
#include "report.h"

#include <stdio.h>
#include <string.h>

static const struct wa_command *const commands[] = {
    &wa_command_compile,
    &wa_command_run,
    &wa_command_inspect,
    &wa_command_validate,
};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static void print_help(FILE *to) {
  (void)fputs("Usage: wasmaot COMMAND [OPTION]... [ARGUMENT]...\n\n"
              "Compiles WebAssembly ahead of time and runs what it compiled.\n\nCommands:\n",
              to);
  for (int i = 0; i < COMMAND_COUNT; i++) {
    const char *summary = commands[i]->summary;
    (void)fprintf(to, "  %-10s  %.*s\n", commands[i]->name, (int)strcspn(summary, "\n"), summary);
  }
  (void)fputs("\n'wasmaot COMMAND --help' says more. 'wasmaot --version' prints the version.\n",
              to);
}

// Output that was lost is a failure, also of a command that otherwise did its work.
static int finish(int status) {
  if (fflush(stdout) == 0 && ferror(stdout) == 0)
    return status;
  wa_report("cannot write to standard output");
  return status == WA_EXIT_OK ? WA_EXIT_FAILURE : status;
}

int main(int argc, char **argv) {
  const char *name = argc < 2 ? "" : argv[1];
  if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
    (void)printf("wasmaot %s (ABI %u)\n", WASMAOT_VERSION, WA_ABI_VERSION);
    return finish(WA_EXIT_OK);
  }
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    print_help(stdout);
    return finish(WA_EXIT_OK);
  }
  for (int i = 0; i < COMMAND_COUNT; i++) {
    if (strcmp(name, commands[i]->name) == 0)
      return finish(commands[i]->run(argc - 2, argv + 2));
  }
  if (argc < 2)
    print_help(stderr);
  else
    wa_report("unknown command '%s'; 'wasmaot --help' lists them", name);
  return WA_EXIT_USAGE;
}
