// WASI preview 1 and wasi-threads over the runtime's API.
//
// One wa_wasi is one program's view of the world: its arguments, environment, descriptors and
// granted directories. Any number of guest threads may call its functions at once. It must outlive
// every instance that imports from it.
#ifndef WA_WASI_H
#define WA_WASI_H

#include "runtime/group/threads.h"
#include "runtime/runtime.h"

struct wa_wasi;

struct wa_wasi_preopen {
  const char *host;  // directory to grant
  const char *guest; // what the guest calls it
  // As on a read-only file system, for the directory and all that is reached through it: what
  // would change something is EROFS.
  bool read_only;
};

// A call of WASI, for who watches them.
struct wa_wasi_event {
  const char *name;          // "fd_write", "thread-spawn"
  const union wa_cell *args; // as the guest gave them
  int32_t tid;               // of the guest's thread; 0: its main one
  bool unstable;             // through wasi_unstable
  bool ended;                // it did not return: the thread ends
  int32_t result;            // of a call that did: a wasi_errno, of thread-spawn a thread
  const uint8_t *memory;     // of the guest, which may be changing
  uint64_t memory_size;
  uint64_t start; // for the watcher's own use
};
// Called before (`done` false) and after each call with the same event, on the thread that calls.
typedef void wa_wasi_watch(void *arg, struct wa_wasi_event *event, bool done);

// By what calls are made. Watched ones are in a file of their own, which the library is without.
struct wa_wasi_calls {
  wa_host_fn *call, *spawn;
};
extern const struct wa_wasi_calls wa_wasi_watched_calls; // watch.c

// All pointers are only read during wa_wasi_new. Nothing is granted that is not listed here.
struct wa_wasi_config {
  const char *const *args; // the program's name first
  size_t arg_count;
  const char *const *env; // "NAME=VALUE"
  size_t env_count;
  const struct wa_wasi_preopen *preopens; // descriptors 3, 4, ...
  size_t preopen_count;
  // Open host descriptors, sockets for example, that the guest gets after the directories. Taken
  // over, also on failure. Directories are refused.
  const int *handed;
  size_t handed_count;
  int stdio[3];    // host descriptors; stay the caller's and open while the wa_wasi lives; -1: none
  bool no_openat2; // resolve paths as on kernels without openat2; for tests
  const struct wa_wasi_calls *calls; // NULL: plain ones
  wa_wasi_watch *watch;              // with watched ones
  void *watch_arg;
};

// NULL with err when a directory cannot be opened or memory is short.
struct wa_wasi *wa_wasi_new(const struct wa_wasi_config *config, struct wa_error *err);
void wa_wasi_free(struct wa_wasi *wasi); // NULL is fine

// A new descriptor that listens at ADDR:PORT, 127.0.0.1:80 or [::1]:80, for wa_wasi_config.handed;
// port 0 is one that the system chooses. -1 with err. listen.c.
int wa_wasi_listen(const char *address, struct wa_error *err);

// Defines wasi_snapshot_preview1, wasi_unstable and wasi.thread-spawn; of them only what `artifact`
// imports, unless it is NULL. New threads are instances of the spawning instance's artifact, linked
// by the same `linker`, which must therefore live and not change as long as threads may be spawned.
// Once for a wa_wasi.
bool wa_wasi_define(struct wa_wasi *wasi, struct wa_linker *linker,
                    const struct wa_artifact *artifact, struct wa_error *err);

// Makes each memory that the artifact imports and nobody has defined, by the import's own limits,
// and defines it: what threaded modules expect of their host. Refuses a module that imports
// wasi.thread-spawn and something that references to the functions of a thread's instance could
// reach: the instance goes with its thread. Also one that does so and has a shared memory of its
// own, of which every thread would get another.
bool wa_wasi_define_memories(struct wa_store *store, const struct wa_artifact *artifact,
                             struct wa_linker *linker, struct wa_error *err);

// Guest threads that thread-spawn started and that have not ended. Any thread.
uint32_t wa_wasi_live_threads(const struct wa_wasi *wasi);

// ---- Programs ----

enum wa_wasi_outcome {
  WA_WASI_RETURNED, // the body returned true; other guest threads may still be running
  WA_WASI_TRAPPED,  // *trap says which trap or exit ended the program; its threads are gone
  WA_WASI_FAILED,   // *err says why it never ran
};

// What a program's linker still lacks, defined on the program's main thread before it is
// instantiated, while no other runs: what takes guest code to make, for example.
typedef enum wa_instantiate_result wa_wasi_link(void *arg, struct wa_trap *trap,
                                                struct wa_error *err);

// What a program does once it is instantiated, on the program's main thread. Returns false with
// *trap filled when a call trapped or exited.
typedef bool wa_wasi_body(struct wa_instance *instance, void *arg, struct wa_trap *trap);

// Calls `link`, unless it is NULL, instantiates `artifact` and runs `body`, all on the main thread
// of `group`.
enum wa_wasi_outcome wa_wasi_run(struct wa_group *group, struct wa_store *store,
                                 struct wa_artifact *artifact, const struct wa_linker *linker,
                                 wa_wasi_link *link, wa_wasi_body *body, void *arg,
                                 struct wa_trap *trap, struct wa_error *err);
// Whether a module imports wasi.thread-spawn.
bool wa_wasi_starts_threads(const struct wa_artifact *artifact);

// Finds an exported function of type () -> (): how `_start` and `_initialize` are called. NULL when
// there is no such export or it has another type.
struct wa_func_ref *wa_wasi_entry(struct wa_instance *instance, const char *name);

#endif
