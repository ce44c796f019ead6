// Backtraces of compiled code, from inside a signal handler.
#ifndef WA_RUNTIME_THREAD_UNWIND_H
#define WA_RUNTIME_THREAD_UNWIND_H

#include "runtime/thread/thread.h"

// Records the frames of the thread's innermost activation in thread->fault, innermost first.
// Async-signal-safe, bounded in time, and never reads outside the thread's guest stack and the
// artifacts' sections, whatever those contain.
void wa_unwind_record(struct wa_thread *thread, const void *context);

#endif
