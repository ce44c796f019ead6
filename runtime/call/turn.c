#include "runtime/call/turn.h"

#include "runtime/thread/fiber.h"

#include <pthread.h>

// Asked once: for the main thread the C library reads a file.
static void find_host_stack(struct wa_thread *thread) {
  pthread_attr_t attributes;
  void *low;
  size_t size;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) {
    return;
  }
  if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
    thread->host_low = (uintptr_t)low;
    thread->host_high = (uintptr_t)low + size;
  }
  pthread_attr_destroy(&attributes);
}

bool wa_turn_on_host_stack(struct wa_thread *thread, uintptr_t address) {
  if (thread->host_high == 0) {
    find_host_stack(thread);
  }
  return address >= thread->host_low && address < thread->host_high;
}

// A build with AddressSanitizer has told it that the thread is on the guest's stack.
#ifdef WA_ASAN
enum { IS_TOLD_OF_STACKS = 1 };
#else
enum { IS_TOLD_OF_STACKS = 0 };
#endif

enum wa_turn wa_turn_find(struct wa_thread *thread, struct wa_arch_turn *turn) {
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  if (IS_TOLD_OF_STACKS || thread->activation == NULL || !wa_on_guest_stack(thread, here)) {
    return WA_TURN_STAY;
  }
  uintptr_t host = (uintptr_t)thread->activation->host_stack;
  if (wa_on_guest_stack(thread, host)) {
    return WA_TURN_STAY;
  }
  if (!wa_turn_on_host_stack(thread, host) || host - thread->host_low < WA_TURN_ROOM) {
    return WA_TURN_FULL;
  }
  turn->stack = (void *)(host & ~(uintptr_t)15);
  return WA_TURN_TAKE;
}

bool wa_turn_is_here(struct wa_thread *thread) {
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  return thread->turn != NULL && wa_turn_on_host_stack(thread, here) &&
         here < (uintptr_t)thread->turn->stack;
}
