// Optimising beside the program and after it: what `wasmaot run` started from quickly made code is
// compiled again, in a process of its own, for the cache.
#ifndef WA_CLI_BACKGROUND_H
#define WA_CLI_BACKGROUND_H

#include "cli/cache.h"

struct wa_background_job {
  const char *path; // where the module came from, to see when it is another one; NULL: no file
  const struct wa_file *module;
  const struct wa_translate_options *options;
  const struct wa_cache *cache;
  const struct wa_cache_key *key;
  const struct wa_cache_key *instead; // of the entry that nobody needs then
};

// Starts the process, and does not wait for it. It outlives the caller, has nothing of its streams,
// terminal or descriptors, runs at the lowest priority, one at a time per cache, and gives up when
// the file is no longer the one that is compiled. Nothing happens when another process compiles for
// the key, or when there can be no process. To be called while the process has one thread.
void wa_background_compile(const struct wa_background_job *job);

#endif
