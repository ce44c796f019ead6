// The functions of a program that were compiled when they were called, as one piece of the cache.
// It is named after the module's file and found by the next run of that, whatever the module has
// become by then: each of its rows is named after what the function's code depends on.
#ifndef WA_CLI_BUNDLE_H
#define WA_CLI_BUNDLE_H

#include "cli/cache.h"

struct wa_bundle;

// What earlier runs of the file have left. NULL when nothing can be kept: no cache, no name.
struct wa_bundle *wa_bundle_open(const struct wa_cache *cache, const char *path);
void wa_bundle_free(struct wa_bundle *bundle); // NULL is fine

// For wa_compile_options.pieces; it stays as long as the bundle.
const struct wa_piece_store *wa_bundle_store(const struct wa_bundle *bundle);

// How many rows of earlier runs were of use so far. Any thread.
unsigned wa_bundle_found(struct wa_bundle *bundle);

// Keeps what is new, if anything, with what was there. Any thread, while others may still look for
// rows and add some: those come too late.
void wa_bundle_keep(struct wa_bundle *bundle);

#endif
