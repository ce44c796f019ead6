// Modules that `run --preload` links a program to: each is one instance, whose exports are defined
// under its name, for those that follow it and for the program.
#ifndef WA_CLI_PRELOAD_H
#define WA_CLI_PRELOAD_H

#include "cli/program.h"

struct wa_preload {
  char *name;       // malloc
  const char *path; // in the option's own string
  struct wa_artifact *artifact;
};

struct wa_preloads {
  struct wa_preload *items; // calloc
  size_t count;
  const char *failed; // path of the one that an error is about; NULL: of none
};

// From options "NAME=FILE". False with err; to be freed with deinit in any case.
bool wa_preloads_init(struct wa_preloads *preloads, const struct wa_string_list *options,
                      struct wa_error *err);
void wa_preloads_deinit(struct wa_preloads *preloads); // after their instances' store is gone

// Gets their artifacts, and refuses those that are programs or start threads. False with err and
// `failed`.
bool wa_preloads_load(struct wa_preloads *preloads, wa_program_load *load, void *arg,
                      struct wa_error *err);

// Makes the instances, one after the other, runs start functions and `_initialize`, and defines
// the exports in the linker, from which they import. A memory that nobody provides is made.
enum wa_instantiate_result wa_preloads_instantiate(struct wa_preloads *preloads,
                                                   struct wa_store *store, struct wa_linker *linker,
                                                   struct wa_trap *trap, struct wa_error *err);

#endif
