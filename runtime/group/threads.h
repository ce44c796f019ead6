// Groups of guest threads: the mechanism below wasi-threads. A group is one program: its threads
// end together, at the first trap or exit in any of them.
#ifndef WA_RUNTIME_GROUP_THREADS_H
#define WA_RUNTIME_GROUP_THREADS_H

#include "runtime/runtime.h"

struct wa_group;
struct wa_snapshot;
struct wa_thread;

// How a guest thread came to its end, other than by returning.
struct wa_thread_end {
  int32_t tid;
  const struct wa_trap *trap;
  const struct wa_local_value *locals; // of its frames, with keep_locals; else NULL
};

// Where a guest thread is, that goes on.
struct wa_thread_place {
  uint32_t number, count; // of the threads in this report, the number from 0
  int32_t tid;
  bool answered;               // else nothing more is known: it does not take signals
  bool called;                 // in a host function, or in one of the runtime's
  const void *waits_at;        // in memory.atomic.wait: the address; else NULL
  uint64_t waited;             // nanoseconds, to some milliseconds
  uint64_t cpu;                // nanoseconds of processor time that it has used
  const struct wa_trap *stack; // no trap: frames only
};

struct wa_group_options {
  uint32_t max_threads; // guest threads at once, the main one not counted; 0: 4096
  size_t stack_size;    // bytes each thread may use, the main one too, at least 256 KiB; 0: 8 MiB
  uint64_t timeout;     // nanoseconds from wa_group_run until WA_TRAP_TIMEOUT ends it; 0: none
  // Called on every thread that does not return, at its end: the first one's trap is the reason of
  // all. Several at a time. NULL: nobody.
  void (*ended)(void *arg, const struct wa_thread_end *end);
  // Called by wa_group_run for every thread there is, after wa_group_report, the main one first.
  // NULL: nobody, and there are no reports.
  void (*reported)(void *arg, const struct wa_thread_place *place);
  // wa_snapshot_take, when there are reports.
  void (*take)(struct wa_snapshot *snapshot, const struct wa_thread *thread, const void *context);
  void *hook_arg;   // of both
  bool keep_locals; // of the frames of threads that `ended` is called for, where -g has them
};

struct wa_group *wa_group_new(const struct wa_group_options *options, struct wa_error *err);
// As wa_group_stop, then frees the group. Not on one of its threads.
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
// arg stays the caller's. Should the new thread not get ready, the group ends, and fn is called
// with -EAGAIN for a tid, only to free arg.
int32_t wa_group_spawn(struct wa_group *group, wa_thread_fn *fn, void *arg);

// Ends every thread of the group, without waiting: those in compiled code leave it, those parked in
// a wait or blocked in a WASI function return, those in a host function finish it and end when it
// returns. Any thread, the group's own too, any time before wa_group_free; not in a signal handler.
// Only the first reason is kept. Threads that the signal missed are sent it again as long as
// somebody is in wa_group_run or wa_group_stop.
void wa_group_end(struct wa_group *group, const struct wa_trap *trap);
// Has every thread tell where it is, in a moment, while wa_group_run runs; the threads go on. In a
// signal handler, too. Asked again before the report is over, there is one more. For one host
// thread in wa_group_run at a time.
void wa_group_report(struct wa_group *group);
// As wa_group_end, and returns when every thread of the group has gone, what it had is freed, and
// wa_group_run has returned or will without touching the group again. `reason` NULL:
// WA_TRAP_INTERRUPTED. It waits for host functions of yours that a guest thread is in, so hold no
// lock that they need. On one of the group's own threads it does not wait.
void wa_group_stop(struct wa_group *group, const struct wa_trap *reason);

// The group of the calling guest thread, or NULL.
struct wa_group *wa_group_current(void);
// The id of the calling guest thread, as wa_thread_fn has it; 0 on others.
int32_t wa_group_tid(void);
// Whether the calling thread is one that wa_group_spawn started: neither the host's own nor its
// group's main thread.
bool wa_group_spawned(void);
// Whether the calling thread is to end: its group ends, or the store of one of its calls was
// interrupted (wa_store_interrupt). Host functions that block or loop ask on EINTR and before they
// block; when true they return wa_raise(WA_TRAP_INTERRUPTED, "...").
bool wa_group_stopping(void);

#endif
