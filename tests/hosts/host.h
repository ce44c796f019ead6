// What the hosts in C share: host.wat in a store of its own, and whether everything works that
// needs the process's cooperation.
#ifndef HOSTS_HOST_H
#define HOSTS_HOST_H

#include "support.h"

#include <stdbool.h>

// An instance of host.wat. Its import `back` calls `back`, on the calling thread, where that is
// set; else it gives its argument.
struct host {
  wasm_store_t *store;
  wasm_instance_t *instance;
  wasm_trap_t *(*back)(struct host *host, int32_t argument, int32_t *result);
  void *data; // of `back`
};

// Whether a sanitizer watches, which leaves some things to nobody else.
#if defined __SANITIZE_ADDRESS__
enum { HOST_ASAN = 1, HOST_TSAN = 0 };
#elif defined __SANITIZE_THREAD__
enum { HOST_ASAN = 0, HOST_TSAN = 1 };
#else
enum { HOST_ASAN = 0, HOST_TSAN = 0 };
#endif

// Whether host functions run on the caller's stack; before the first host is made.
extern bool host_caller_stack;

// Fails the test when it cannot be made. Compiles the module at its first use in the process.
void host_init(struct host *host);
void host_deinit(struct host *host);
// A call of an export with one result; NULL when it returned. `second` is for those of two.
wasm_trap_t *host_call(struct host *host, const char *name, int32_t first, int32_t second,
                       int32_t *result);
// The same of a call that has to return.
int32_t host_result(struct host *host, const char *name, int32_t first, int32_t second);
// Calls an export that has to trap with the code.
void host_traps(struct host *host, const char *name, int32_t first, wasmaot_trap_code_t code);
// Every kind of trap, also in a call within a call.
void host_traps_all(struct host *host);
// Calls `spin` on this thread, and interrupts it from another.
void host_spins(struct host *host);
// All of that, on this thread.
void host_works(void);

#endif
