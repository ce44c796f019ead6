// Functions that are compiled when they are called. All that refers to a function refers to its
// entry in a procedure linkage table, which jumps to where its slot of the global offset table says
// (compiler/object/merge.h) and leaves the slot's address in a register: r11, x16 or t3. Until
// there is code, the slot says wa_arch_lazy, which keeps all registers, asks wa_lazy_enter, and
// goes on where that says, as if it had been called itself.
#ifndef WA_RUNTIME_THREAD_LAZY_H
#define WA_RUNTIME_THREAD_LAZY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// An artifact's table.
struct wa_lazy {
  const void *const *slots; // of functions, by index
  uint32_t count;
  const void *failed; // code that raises WA_TRAP_HOST, whoever calls it
  // Waits until there is code for a function and its slot says so. False when there cannot be any,
  // with the reason raised (runtime.h). Called on guest stacks, by any number of threads at once.
  bool (*compile)(struct wa_lazy *lazy, uint32_t function);
};

struct wa_range;

// What slots say that have no code yet.
extern const char wa_arch_lazy[] __attribute__((visibility("hidden")));

// Before the first call, and after the last. NULL when out of memory.
struct wa_range *wa_lazy_add(struct wa_lazy *lazy);
void wa_lazy_remove(struct wa_range *range);

// Where a call of the function goes on whose slot it is.
const void *wa_lazy_enter(const void *const *slot);

#endif
