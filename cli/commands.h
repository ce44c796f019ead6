// The subcommands. Each is one file, with its option table.
#ifndef WA_CLI_COMMANDS_H
#define WA_CLI_COMMANDS_H

#include "cli/options.h"

extern const struct wa_command wa_command_compile;
extern const struct wa_command wa_command_run;
extern const struct wa_command wa_command_inspect;
extern const struct wa_command wa_command_validate;
extern const struct wa_command wa_command_cache;
extern const struct wa_command wa_command_targets;

// As wa_command_run.run, for a file that the kernel hands over: objects are refused, whatever the
// options.
int wa_run_module(int argc, char **argv);
// As wa_command_run.run, for a command line of `wasmtime run`: objects take --allow-precompiled,
// whatever their names, and a program whose time is up ends as one that traps.
int wa_run_as_wasmtime(int argc, char **argv);

// All of them, in the order of the help; NULL at the end.
extern const struct wa_command *const wa_commands[];
// What the command is, in a line.
extern const char wa_program_summary[];
// Environment variables, and exit statuses that all commands share.
extern const struct wa_help_row wa_program_environment[];
extern const struct wa_help_row wa_program_statuses[];

void wa_program_help(FILE *to);

#endif
