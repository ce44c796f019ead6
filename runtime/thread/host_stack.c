#include "runtime/thread/host_stack.h"

#include <sys/mman.h>

// A function touches its frame near the stack pointer, at times before it has moved that: at most
// as far below as compilers let frames grow between two probes.
#define FAR_BELOW 65536

static void *spare_part(const struct wa_thread *thread) {
  return (void *)(thread->stack_low - WA_HOST_SPARE_SIZE);
}

bool wa_host_stack_extend(struct wa_thread *thread, uintptr_t sp, uintptr_t address) {
  bool is_spare = address < thread->stack_low && thread->stack_low - address <= WA_HOST_SPARE_SIZE;
  // Any other access is a wild pointer's, which must not be hidden.
  bool is_stack = sp >= thread->guard_low && sp < thread->stack_high &&
                  (address >= sp || sp - address <= FAR_BELOW);
  if (thread->spare_open || !is_spare || !is_stack) {
    return false;
  }
  // A system call as any; the C library does not look at it.
  thread->spare_open =
      mprotect(spare_part(thread), WA_HOST_SPARE_SIZE, PROT_READ | PROT_WRITE) == 0;
  return thread->spare_open;
}

void wa_host_stack_restore(struct wa_thread *thread) {
  if (!thread->spare_open) {
    return;
  }
  // Should the kernel have no memory for that, it stays open, and what is called there keeps
  // trapping.
  (void)madvise(spare_part(thread), WA_HOST_SPARE_SIZE, MADV_DONTNEED);
  thread->spare_open = mprotect(spare_part(thread), WA_HOST_SPARE_SIZE, PROT_NONE) != 0;
}
