// The process's handlers for faults in compiled code, and the signal that interrupts threads.
#ifndef WA_RUNTIME_THREAD_SIGNALS_H
#define WA_RUNTIME_THREAD_SIGNALS_H

#include <pthread.h>
#include <stdbool.h>

// Installs the handlers once per process; later calls are cheap. Thread-safe. False when the system
// refused.
bool wa_signals_install(void);

// Makes a thread look at its stop flag: leaves compiled code, or has its blocking call return
// EINTR.
void wa_signals_interrupt(pthread_t thread);

// Lets the calling thread receive the signals the runtime needs, whatever mask it inherited.
void wa_signals_unblock(void);

#endif
