// Backtraces of compiled code, from inside a signal handler: a small interpreter of the call frame
// information in an artifact's .eh_frame (DWARF 5, 6.4; LSB core, 10.6).
#ifndef WA_RUNTIME_THREAD_UNWIND_H
#define WA_RUNTIME_THREAD_UNWIND_H

#include "runtime/thread/thread.h"

// Records the frames of the thread's innermost activation in thread->fault, innermost first.
// Async-signal-safe, bounded in time, and never reads outside the thread's guest stack and the
// artifacts' sections, whatever those contain.
void wa_unwind_record(struct wa_thread *thread, const void *context);

// Takes thread->exception from the throw at `context` to the first landing pad of a caller within
// the innermost activation, where the thread will continue. False when there is none: nothing has
// changed then. As safe as the above; as long as the stack is deep.
bool wa_unwind_throw(struct wa_thread *thread, void *context);

#endif
