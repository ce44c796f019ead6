// What the files of wasi/ share: the state of one program and the shape of a WASI function.
#ifndef WA_WASI_INTERNAL_H
#define WA_WASI_INTERNAL_H

#include "runtime/group/threads.h"
#include "runtime/runtime.h"
#include "wasi/fd_table.h"
#include "wasi/guest_memory.h"
#include "wasi/host_errno.h"
#include "wasi/sandbox.h"
#include "wasi/wasi.h"
#include "wasi/witx.h"

// NUL-terminated strings one after the other, as args_get and environ_get hand them out.
struct wa_strings {
  char *bytes;
  uint32_t *offsets;
  uint32_t size; // bytes, NULs included
  uint32_t count;
};

struct wa_wasi {
  struct wa_strings args;
  struct wa_strings env;
  struct wa_fd_table fds;
  bool no_openat2;
  const struct wa_wasi_calls *calls;
  wa_wasi_watch *watch;
  void *watch_arg;
  struct wa_linker *linker;
  atomic_uint live_threads;
  struct wa_wasi_binding *bindings; // one per function and module name
};

// One call of one WASI function. Arguments are read from `args` in order.
struct wa_wasi_call {
  struct wa_wasi *wasi;
  struct wa_guest guest;
  const union wa_cell *args;
  bool unstable; // called through wasi_unstable, whose records differ
};

// Returns a wasi_errno, or WA_WASI_RAISED after wa_raise or wa_raise_exit.
typedef int wa_wasi_fn(struct wa_wasi_call *call);
enum { WA_WASI_RAISED = -1 };

#define WASI_FUNCTION(name, signature, function) wa_wasi_fn function;
#include "wasi/functions.def"
#undef WASI_FUNCTION

struct wa_wasi_binding {
  struct wa_wasi *wasi;
  wa_wasi_fn *function;
  const char *name, *signature; // as in functions.def
  bool unstable;
};

// All functions but thread-spawn; a wa_host_fn with a wa_wasi_binding as its environment.
bool wa_wasi_dispatch(const struct wa_host_call *call, union wa_cell *cells);
// wasi.thread-spawn; a wa_host_fn with the wa_wasi as its environment.
bool wa_wasi_thread_spawn(const struct wa_host_call *call, union wa_cell *cells);

// What errno means for the guest after a system call failed. EINTR never reaches a guest: the
// caller repeats the call on WA_WASI_RETRY, and gives up on WA_WASI_RAISED, when the signal came to
// end this thread.
int wa_wasi_failure(void);
enum { WA_WASI_RETRY = -2 };

// Raises the trap of a thread that is to end.
int wa_wasi_interrupted(void);

// The file type of a host file, for its mode.
uint8_t wa_wasi_filetype(mode_t mode);

// What an open host descriptor is, and the most rights that apply to such a file.
struct wa_kind {
  uint8_t filetype; // enum wasi_filetype
  uint64_t rights;
  uint64_t inheriting;
};

// False with errno when the descriptor is not open.
bool wa_wasi_kind(int host, struct wa_kind *kind);

// Writes a filestat record in the layout of the call. A wasi_errno.
struct stat;
int wa_wasi_put_filestat(const struct wa_wasi_call *call, uint32_t address,
                         const struct stat *status);

// Turns fstflags into the two times of utimensat. A wasi_errno.
struct timespec;
int wa_wasi_times(uint32_t flags, uint64_t atim, uint64_t mtim, struct timespec times[2]);

#endif
