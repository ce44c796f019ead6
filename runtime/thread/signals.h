// The process's handlers for faults in compiled code, and the signal that interrupts threads.
#ifndef WA_RUNTIME_THREAD_SIGNALS_H
#define WA_RUNTIME_THREAD_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct wa_thread;

// Installs the handlers once per process; later calls are cheap. Thread-safe. False when the system
// refused, with errno set. What is not ours goes on to the handlers that were there before. The
// signal that interrupts is a real-time one that nobody uses; where all are in use it is one that
// the host ignores, or handles: then the host's handler gets what the runtime did not send. So does
// one that takes the signal later.
bool wa_signals_install(void);

// Makes a thread look at its stop flag: leaves compiled code, or has its blocking call return
// EINTR. The thread must not end meanwhile; one that has not adopted its record yet gets nothing.
void wa_signals_interrupt(const struct wa_thread *thread);

// Which of the signals that the runtime needs the calling thread blocks. False when none: a fault
// that is blocked is the end of the process.
bool wa_signals_blocked(sigset_t *blocked);
// Lets the calling thread receive all of them, whatever mask it inherited; blocks some again.
void wa_signals_unblock(void);
void wa_signals_block(const sigset_t *blocked);

#endif
