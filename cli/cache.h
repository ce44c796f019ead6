// The cache of compiled modules that `wasmaot run` keeps: a directory of artifacts, each named
// after everything its code depends on, and of pieces of modules (compiler/piece.h). It is an
// economy and nothing else: whatever is wrong with it, the module is compiled instead. Several
// processes may use one cache at once.
#ifndef WA_CLI_CACHE_H
#define WA_CLI_CACHE_H

#include "cli/file.h"
#include "cli/translate.h"
#include "compiler/base/sha256.h"
#include "loader/loader.h"

#include <limits.h>

struct wa_cache {
  char path[PATH_MAX]; // "" when no directory was found
  int directory;       // descriptor; -1: not used
  uint64_t limit;      // bytes of all entries
  bool noexec;         // no code may be mapped from its file system: what is found is copied
  char refused[160];   // why a directory that is there is not used, or ""
};

// Of one module and its options.
struct wa_cache_key {
  uint8_t source[WA_SHA256_SIZE]; // of the module
  uint8_t digest[WA_SHA256_SIZE]; // of everything; the entry's name
};

// Opens $WASMAOT_CACHE_DIR, $XDG_CACHE_HOME/wasmaot or ~/.cache/wasmaot, making it when `create`.
// A directory that others could have written to is not used. Always to be closed.
void wa_cache_open(struct wa_cache *cache, bool create);
void wa_cache_close(struct wa_cache *cache);
// Whether an artifact of so many bytes could be kept.
bool wa_cache_can_keep(const struct wa_cache *cache, uint64_t size);

void wa_cache_key(struct wa_cache_key *key, const struct wa_file *module,
                  const struct wa_translate_options *options);
// Of the same module, compiled otherwise.
void wa_cache_key_options(struct wa_cache_key *key, const struct wa_translate_options *options);

// The artifact under a key; NULL when there is none. A damaged one is removed. `name` is what
// reports call it; `cost` gets what wa_cache_store was told, and may be NULL.
struct wa_artifact *wa_cache_find(const struct wa_cache *cache, const struct wa_cache_key *key,
                                  const char *name, const struct wa_load_options *load,
                                  uint64_t *cost);
// Whether there is one, intact or not.
bool wa_cache_has(const struct wa_cache *cache, const struct wa_cache_key *key);
// Keeps an artifact, and makes room for it. False, and nothing has happened, when that cannot be
// done. `cost`: nanoseconds of processor time that it took to make.
bool wa_cache_store(const struct wa_cache *cache, const struct wa_cache_key *key,
                    const struct wa_buffer *object, uint64_t cost);
// The same of a piece, whose name the compiler makes. What is found is malloc'd. Any thread. Room
// is made once for many: by wa_cache_store or wa_cache_make_room.
bool wa_cache_find_piece(const struct wa_cache *cache, const uint8_t key[WA_SHA256_SIZE],
                         struct wa_buffer *piece);
bool wa_cache_store_piece(const struct wa_cache *cache, const uint8_t key[WA_SHA256_SIZE],
                          struct wa_bytes piece);
void wa_cache_remove(const struct wa_cache *cache, const struct wa_cache_key *key);

// Waits while another process compiles for the same key, a minute at most. The descriptor that
// holds the lock until it is closed, or -1.
int wa_cache_lock(const struct wa_cache *cache, const struct wa_cache_key *key);
// Waits, as long as it takes, until no other process compiles for this cache in the background. The
// process keeps the turn, and the key, until it ends. False when there is nothing to do: another
// process compiles for the key or is going to, or the cache has it.
bool wa_cache_take_turn(const struct wa_cache *cache, const struct wa_cache_key *key);
// Whether another process has that turn for the key, or waits for it.
bool wa_cache_is_coming(const struct wa_cache *cache, const struct wa_cache_key *key);

// ---- Of the whole cache: cache_room.c ----

struct wa_cache_size {
  uint64_t entries; // artifacts
  uint64_t pieces;
  uint64_t bytes; // of both
};

struct wa_cache_size wa_cache_measure(const struct wa_cache *cache);
// Removes everything, and says what that was.
struct wa_cache_size wa_cache_clear(const struct wa_cache *cache);
// Removes the entries that were used longest ago, until the rest is below the limit, and what
// processes that were killed left behind.
void wa_cache_make_room(const struct wa_cache *cache);

// ---- What it was good for: cache_saved.c ----

struct wa_cache_saved {
  uint64_t runs;        // that found their code
  uint64_t nanoseconds; // of processor time that compiling it had taken
};

// Since the cache was emptied. Zeros when nothing is known.
struct wa_cache_saved wa_cache_read_saved(const struct wa_cache *cache);
// One run more. It does not wait: what another process writes to at this moment, and what cannot be
// written, does not get it.
void wa_cache_add_saved(const struct wa_cache *cache, uint64_t nanoseconds);
void wa_cache_forget_saved(const struct wa_cache *cache);
// Nanoseconds of processor time that this process has used, and those that it has waited for.
uint64_t wa_processor_time(void);

// Of artifacts, and of pieces: equally long.
#define WA_CACHE_ENTRY_SUFFIX ".aot"
#define WA_CACHE_PIECE_SUFFIX ".obj"
#define WA_CACHE_TEMPORARY_PREFIX "new-"

#endif
