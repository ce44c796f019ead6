// The process around a command or a standalone program: signals, standard streams, the end.
#ifndef WA_CLI_PROCESS_H
#define WA_CLI_PROCESS_H

#include <stdbool.h>

// To be called before anything else. False, reported, when the standard streams are beyond help.
bool wa_process_init(void);
// The exit status, once output is flushed: output that was lost is a failure, also of a command
// that otherwise did its work.
int wa_process_finish(int status);

#endif
