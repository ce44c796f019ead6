#include "cli/commands.h"

#include <string.h>

const struct wa_command *const wa_commands[] = {
    &wa_command_compile,
    &wa_command_run,
    &wa_command_inspect,
    &wa_command_validate,
    &wa_command_cache,
    &wa_command_targets,
    NULL,
};

const char wa_program_summary[] = "Compiles WebAssembly ahead of time and runs what it compiled.";

const struct wa_help_row wa_program_environment[] = {
    {"WASMAOT_COMPILER_LIBRARY",
     "the compiler library to open, instead of the libwasmaot-compiler.so that is installed beside "
     "the command"},
    {"WASMAOT_CACHE_DIR",
     "the directory of the cache (default: $XDG_CACHE_HOME/wasmaot, or ~/.cache/wasmaot)"},
    {"WASMAOT_CACHE_SIZE", "how many bytes the cache may have, K, M or G may follow (default 1G)"},
    {"WASMAOT_OPTIONS",
     "options of 'wasmaot run' for modules that the kernel runs (binfmt_misc), for programs of "
     "'wasmaot compile --emit=exe', and for the command called as wasmtime"},
    {"WASMAOT_LLD", "the ld.lld that links (default: the one it was built with, or one in PATH)"},
    {"WASMAOT_START_DIR",
     "a directory of start files of other targets: the directory start of a build for them"},
    {"WASMAOT_SYSROOT", "where the C library of the target is, for --emit=shared (default: /)"},
    {.text = NULL},
};

const struct wa_help_row wa_program_statuses[] = {
    {"0", "all went well"},
    {"1", "wasmaot could not do what it was told; one line on standard error says why"},
    {"2", "the command line is wrong"},
    {.text = NULL},
};

void wa_program_help(FILE *to) {
  (void)fprintf(to, "Usage: wasmaot COMMAND [OPTION]... [ARGUMENT]...\n\n%s\n\nCommands:\n",
                wa_program_summary);
  for (const struct wa_command *const *command = wa_commands; *command != NULL; command++) {
    const char *summary = (*command)->summary;
    (void)fprintf(to, "  %-10s  %.*s\n", (*command)->name, (int)strcspn(summary, "\n"), summary);
  }
  (void)fputs("\nA file in place of a command, or an option, is for 'wasmaot run'.\n"
              "'wasmaot COMMAND --help' says more. 'wasmaot --version' prints the version.\n",
              to);
}
