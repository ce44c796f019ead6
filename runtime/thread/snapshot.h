// Where another thread is, which it records itself, in a signal handler, and then goes on.
#ifndef WA_RUNTIME_THREAD_SNAPSHOT_H
#define WA_RUNTIME_THREAD_SNAPSHOT_H

#include "runtime/thread/thread.h"

#include <time.h>

enum wa_snapshot_state {
  WA_SNAPSHOT_ASKED,
  WA_SNAPSHOT_TAKEN,
  WA_SNAPSHOT_GONE, // the thread came to its end before
};

struct wa_snapshot;
// In the handler of the thread.
typedef void wa_snapshot_fn(struct wa_snapshot *snapshot, const struct wa_thread *thread,
                            const void *context);

struct wa_snapshot {
  wa_snapshot_fn *take;
  atomic_int state; // enum wa_snapshot_state
  // Of a snapshot that is taken:
  struct wa_parked parked;
  struct timespec now;   // of the same clock as `parked`
  struct timespec cpu;   // that the thread has used
  struct wa_fault stack; // in no compiled code, but in what that called, it has the callers
};

// The way to take them. Needs the library that unwinds C, of the compiler, which not all programs
// have that the runtime is linked with.
wa_snapshot_fn wa_snapshot_take;
// What has to be done before the first one: that library makes itself ready.
void wa_snapshot_prepare(void);

// Asks a thread, which nobody else asks, and which does not end before it has left (below).
void wa_snapshot_ask(struct wa_thread *thread, struct wa_snapshot *snapshot);
// The signal again, for one that had not adopted its record.
void wa_snapshot_remind(const struct wa_thread *thread);
// Takes the question back: then nobody touches the snapshot any more. Whether it had not been
// answered; when it is just being answered, waits until it is.
bool wa_snapshot_withdraw(struct wa_thread *thread, struct wa_snapshot *snapshot);
// For a thread that is about to end: answers whoever asks it.
void wa_snapshot_leave(struct wa_thread *thread);

#endif
