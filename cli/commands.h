// The subcommands. Each is one file, with its option table.
#ifndef WA_CLI_COMMANDS_H
#define WA_CLI_COMMANDS_H

#include "options.h"

extern const struct wa_command wa_command_compile;
extern const struct wa_command wa_command_run;
extern const struct wa_command wa_command_inspect;
extern const struct wa_command wa_command_validate;
extern const struct wa_command wa_command_cache;

#endif
