// How calls end: turning what the signal handler recorded into a struct wa_trap.
#ifndef WA_RUNTIME_CALL_TRAP_H
#define WA_RUNTIME_CALL_TRAP_H

#include "runtime/thread/thread.h"

// Fills a trap of a code, with its standard message and no frames.
void wa_trap_init(struct wa_trap *trap, enum wa_trap_code code);
// The trap that ended the thread's innermost activation, names looked up.
void wa_trap_from_fault(struct wa_trap *trap, struct wa_thread *thread);
// Adds the frames that were recorded, names looked up.
void wa_trap_add_frames(struct wa_trap *trap, const struct wa_fault *fault);
// The reason a host function that the host called itself gave.
void wa_trap_from_reason(struct wa_trap *trap, struct wa_thread *thread);

#endif
