// Calling one export by name from the command line: its arguments as text, its results as text.
#ifndef WA_CLI_INVOKE_H
#define WA_CLI_INVOKE_H

#include "runtime/runtime.h"

struct wa_invocation {
  const char *name;
  const uint32_t *params; // enum wa_valtype; the artifact's
  const uint32_t *results;
  uint32_t param_count;
  uint32_t result_count;
  union wa_cell *cells; // arguments, then results; malloc
};

// Looks the function up in the artifact and reads its arguments, before anything is run.
// WA_ERROR_USAGE when they do not fit its type.
bool wa_invocation_init(struct wa_invocation *invocation, const struct wa_artifact *artifact,
                        const char *name, char **args, int count, struct wa_error *err);
void wa_invocation_deinit(struct wa_invocation *invocation);

// Calls it in an instance of the artifact. False with *trap.
bool wa_invocation_call(struct wa_invocation *invocation, struct wa_instance *instance,
                        struct wa_trap *trap);
// One result a line.
void wa_invocation_print(const struct wa_invocation *invocation);

// Whether the artifact exports a function of this name; *type is its row when not NULL.
bool wa_find_function(const struct wa_artifact *artifact, const char *name,
                      const struct wa_meta_type **type);

#endif
