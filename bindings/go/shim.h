// What the package does in C: whatever has to be done in one call, on one thread.
#ifndef WASMAOT_GO_SHIM_H
#define WASMAOT_GO_SHIM_H

#include <wasm.h>
#include <wasmaot.h>

// Who uses a store. wasm.h lets one thread at a time; a host function is on the thread of the call
// that it is a part of, so that it may go on with the store, and nobody else.
typedef struct wasmaot_go_guard {
  uintptr_t owner; // the thread, 0: none
  uint32_t depth;  // uses of the thread's own, one within the other
  uint32_t closed;
} wasmaot_go_guard;

enum { WASMAOT_GO_ENTERED, WASMAOT_GO_BUSY, WASMAOT_GO_CLOSED };

// A use begins, if it may; then it has to end on the same thread.
int wasmaot_go_enter(wasmaot_go_guard *);
void wasmaot_go_leave(wasmaot_go_guard *);

// Calls with `count` cells, which are the arguments and become the results.
wasm_trap_t *wasmaot_go_call(const wasm_func_t *, uint64_t *cells, size_t count);

// Calls a function on a group's main thread.
wasm_trap_t *wasmaot_go_run(wasmaot_group_t *, const wasm_func_t *, uint64_t *cells, size_t count);

// A function of the host that calls wasmaotGoCall with the handle, and wasmaotGoEnd at its end.
wasm_func_t *wasmaot_go_func_new(wasm_store_t *, const wasm_functype_t *, uintptr_t handle);

// Copies out of a memory and into it: by atomic accesses, as other threads may write to it. Words,
// and bytes where these are not aligned.
void wasmaot_go_copy_out(uint8_t *to, const uint8_t *from, size_t size);
void wasmaot_go_copy_in(uint8_t *to, const uint8_t *from, size_t size);

#endif
