// Groups of guest threads: the mechanism below wasi-threads. A group is one program: its threads
// end together, at the first trap or exit in any of them.
#ifndef WA_THREADS_H
#define WA_THREADS_H

#include "runtime.h"

struct wa_group;

struct wa_group_options {
  uint32_t max_threads; // guest threads at once, the main one not counted; 0: 4096
  size_t stack_size;    // bytes each thread may use, the main one too; 0: 8 MiB
};

struct wa_group *wa_group_new(const struct wa_group_options *options, struct wa_error *err);
// Waits until every thread is gone.
void wa_group_free(struct wa_group *group);

// What a guest thread runs. False when it trapped or exited, with *trap filled: that ends the
// group.
typedef bool wa_thread_fn(void *arg, int32_t tid, struct wa_trap *trap);

// Runs fn(arg) on a new thread of the group that has the group's stack, and waits for it: the main
// thread of the program. Returns when it returned (true), or when any thread ended the group
// (false; *trap is the first trap or exit). When the group ended, all its threads are gone on
// return. `tid` of the main thread is 0.
bool wa_group_run(struct wa_group *group, wa_thread_fn *fn, void *arg, struct wa_trap *trap);

// Starts fn(arg) on a new thread. The thread's id (1 .. 2^29 - 1), or a negative errno (-EAGAIN)
// when the limit or the system's is reached, or the group is ending; then fn is never called and
// arg stays the caller's.
int32_t wa_group_spawn(struct wa_group *group, wa_thread_fn *fn, void *arg);

// Ends every thread of the group. Any host thread, any time. Only the first reason is kept.
void wa_group_end(struct wa_group *group, const struct wa_trap *trap);

// The group of the calling guest thread, or NULL.
struct wa_group *wa_group_current(void);
// Whether the calling thread is to end: host functions that block or loop ask on EINTR and before
// they block; when true they return wa_raise(WA_TRAP_INTERRUPTED, "...").
bool wa_group_stopping(void);

#endif
