#include "runtime/thread/lazy.h"

#include "runtime/code/ranges.h"
#include "runtime/runtime.h"
#include "runtime/thread/host_stack.h"

// What waiting takes, with room to spare; it is not called with less.
enum { STACK = 32 << 10 };

static struct wa_ranges tables = WA_RANGES_INIT;

struct wa_range *wa_lazy_add(struct wa_lazy *lazy) {
  return wa_ranges_add(&tables, lazy->slots, lazy->count * sizeof *lazy->slots, lazy);
}

void wa_lazy_remove(struct wa_range *range) {
  wa_ranges_remove(&tables, range);
}

static bool compile(struct wa_lazy *lazy, uint32_t function) {
  struct wa_thread *thread = wa_thread_peek();
  if (!wa_host_stack_suffices(thread, (uintptr_t)__builtin_frame_address(0), STACK)) {
    // This may be the spare part already: it stays open until the thread's next call from outside.
    return wa_raise(WA_TRAP_STACK_EXHAUSTED, "call stack exhausted: no room to compile a function");
  }
  bool done = lazy->compile(lazy, function);
  wa_host_stack_restore(thread);
  return done;
}

const void *wa_lazy_enter(const void *const *slot) {
  struct wa_lazy *lazy = wa_ranges_find(&tables, (uintptr_t)slot);
  if (!compile(lazy, (uint32_t)(slot - lazy->slots))) {
    return lazy->failed;
  }
  return __atomic_load_n(slot, __ATOMIC_ACQUIRE);
}
