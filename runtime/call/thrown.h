// Exceptions of the host's own language, C++ or another one that uses the Itanium ABI's unwinder,
// that a host function throws. They do not cross compiled code, which ends its calls as for a trap,
// so that all that calls have changed is put back. The host that made the call gets them again.
#ifndef WA_RUNTIME_CALL_THROWN_H
#define WA_RUNTIME_CALL_THROWN_H

#include "runtime/arch/arch.h"

#include <stdbool.h>

// Calls fn(arg), which may throw, on the stack of the turn (turn.h) if there is one. False when it
// did: the exception is then the thread's, and whoever leaves the thread's call throws it on or
// drops it. One that was there before is dropped. Where the unwinder's functions cannot be found it
// throws past here, and what happens then is up to the host's language. The thread has a record.
bool wa_thrown_catch(void (*fn)(void *arg), void *arg, struct wa_arch_turn *turn);

// Whether the calling thread has an exception from a call that it is leaving.
bool wa_thrown_pending(void);
// Throws it on, from the caller's frame. Returns when no caller catches it, having dropped it.
void wa_thrown_go_on(void);
// Ends it. A language that does not allow that (a panic of Rust) ends the process.
void wa_thrown_drop(void);

#endif
