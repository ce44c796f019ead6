// The other half of optimising beside the program: a thread that waits until the optimised code is
// in the cache and lets it take the place of what the program was started on.
#ifndef WA_CLI_REPLACE_H
#define WA_CLI_REPLACE_H

#include "cli/cache.h"

#include <pthread.h>

struct wa_replacement {
  struct wa_artifact *artifact; // a reference; NULL when there is nothing to wait for any more
  struct wa_cache cache;        // with a descriptor of its own
  struct wa_cache_key key;      // of what is waited for
  struct wa_load_options load;
  char *name;
};

struct wa_replacements {
  struct wa_replacement *items;
  size_t count;
  bool timings; // tell on standard error when code was replaced
  bool started, stopped;
  pthread_t thread;
  pthread_mutex_t lock; // of `stopped`
  pthread_cond_t wake;
};

// No thread yet. To be deinitialised.
bool wa_replacements_init(struct wa_replacements *replacements, struct wa_error *err);
// Something to wait for, before the start. Without memory for it nothing is replaced.
void wa_replacements_add(struct wa_replacements *replacements, struct wa_artifact *artifact,
                         const struct wa_cache *cache, const struct wa_cache_key *key,
                         const char *name, const struct wa_load_options *load);
// Starts the thread, when there is something to wait for.
void wa_replacements_start(struct wa_replacements *replacements);
// Ends it, wherever it is; it may be loading code, which takes milliseconds.
void wa_replacements_deinit(struct wa_replacements *replacements);

#endif
