// Backtraces of compiled code, from inside a signal handler.
#ifndef WA_RUNTIME_THREAD_UNWIND_H
#define WA_RUNTIME_THREAD_UNWIND_H

#include "runtime/thread/thread.h"

// Records the frames of the thread's innermost activation, innermost first, and their locals when
// `locals` is not NULL. Async-signal-safe, bounded in time, and never reads outside the thread's
// guest stack and the artifacts' sections, whatever those contain.
void wa_unwind_record(const struct wa_thread *thread, const void *context, struct wa_fault *fault,
                      struct wa_kept_locals *locals);
// The frames from a call: the registers as the caller has them again, where the callee returns to.
void wa_unwind_callers(const struct wa_thread *thread,
                       const uintptr_t registers[WA_DWARF_REGISTERS], struct wa_fault *fault);

#endif
