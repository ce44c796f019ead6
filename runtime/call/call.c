// Calls from the host into compiled code, and from compiled code into the host.
#include "runtime/arch/arch.h"
#include "runtime/call/binding.h"
#include "runtime/call/trap.h"
#include "runtime/call/turn.h"
#include "runtime/object/instance.h"
#include "runtime/object/store.h"
#include "runtime/thread/fiber.h"
#include "runtime/thread/host_stack.h"
#include "runtime/thread/interrupt.h"
#include "runtime/thread/signals.h"

struct entry_call {
  wa_entry_fn *entry;
  const void *code;
  void *context;
  union wa_cell *cells;
};

static bool on_guest_stack(const struct wa_thread *thread) {
  return wa_on_guest_stack(thread, (uintptr_t)__builtin_frame_address(0));
}

// In the spare part below it: a host function there has run out of stack.
static bool below_guest_stack(const struct wa_thread *thread) {
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  return here >= thread->guard_low && here < thread->stack_low;
}

#ifdef WA_ASAN

struct fiber_call {
  const struct entry_call *call;
  const void *host_bottom;
  size_t host_size;
};

// First on the guest stack. A trap skips its second half, and has leave_fiber do it.
WA_NO_ASAN static void enter_fiber(const void *code, void *context, void *cells) {
  (void)code;
  (void)cells;
  struct fiber_call *fiber = context;
  __sanitizer_finish_switch_fiber(NULL, &fiber->host_bottom, &fiber->host_size);
  const struct entry_call *call = fiber->call;
  call->entry(call->code, call->context, call->cells);
  __sanitizer_start_switch_fiber(NULL, fiber->host_bottom, fiber->host_size);
}

static bool enter_on_stack(struct wa_thread *thread, struct wa_activation *activation,
                           const struct entry_call *call, void *top) {
  struct fiber_call fiber = {.call = call};
  void *fake_stack = NULL;
  __sanitizer_start_switch_fiber(&fake_stack, (const void *)thread->stack_low,
                                 thread->stack_high - thread->stack_low);
  bool returned = wa_arch_enter(activation, enter_fiber, NULL, &fiber, NULL, top);
  if (!returned) {
    __sanitizer_start_switch_fiber(NULL, fiber.host_bottom, fiber.host_size);
  }
  __sanitizer_finish_switch_fiber(fake_stack, NULL, NULL);
  return returned;
}

#else

static bool enter_on_stack(struct wa_thread *thread, struct wa_activation *activation,
                           const struct entry_call *call, void *top) {
  (void)thread;
  return wa_arch_enter(activation, call->entry, call->code, call->context, call->cells, top);
}

#endif

// Compiled code runs on guest stacks only: they all have the same size and a guard wide enough for
// its probes. A nested call goes on where the outer one is, or was when its host function took its
// turn on the host's stack.
static bool enter(struct wa_thread *thread, struct wa_activation *activation,
                  const struct entry_call *call) {
  if (on_guest_stack(thread)) {
    return wa_arch_enter(activation, call->entry, call->code, call->context, call->cells, NULL);
  }
  void *top = activation->outer != NULL ? thread->turn->left : (void *)thread->stack_high;
  return enter_on_stack(thread, activation, call, top);
}

static bool fail(struct wa_trap *trap, const char *message) {
  wa_trap_init(trap, WA_TRAP_HOST);
  (void)snprintf(trap->message, sizeof trap->message, "%s", message);
  return false;
}

// ---- Calls that were left behind ----

// Whether a host function left all of the thread's calls by a longjmp: the outermost was made on
// the stack that the C library gave the thread, and whoever is there again has not come back from
// it. What the calls left in their own frames is not looked at.
static bool is_abandoned(struct wa_thread *thread) {
  return atomic_load(&thread->strangers) == 0 &&
         wa_turn_on_host_stack(thread, thread->entered_from) &&
         wa_turn_on_host_stack(thread, (uintptr_t)__builtin_frame_address(0));
}

// For a call while another is in progress, whose host function has left the guest stack: that is
// one of a coroutine, or the other one is no more. Coroutines would take each other's guest stack.
static __attribute__((noinline)) bool enters_again(struct wa_thread *thread) {
  if (!is_abandoned(thread)) {
    return false;
  }
  thread->activation = NULL;
  thread->turn = NULL;
  atomic_store(&thread->calls, NULL);
  return true;
}

static bool call_compiled(struct wa_thread *thread, const struct wa_func_ref *func,
                          union wa_cell *cells, struct wa_trap *trap) {
  const struct wa_instance *instance = wa_context_fixed(func->context)->instance;
  const void *entry = wa_prepared_entry(instance->prepared, func->type);
  if (entry == NULL) {
    return fail(trap, "the artifact has no entry trampoline for this function's type");
  }
  if (!wa_thread_need_stack(thread, instance->store->stack_size)) {
    return fail(trap, "no address space for a guest stack");
  }
  if (thread->activation != NULL && !on_guest_stack(thread) && !below_guest_stack(thread) &&
      !wa_turn_is_here(thread) && !enters_again(thread)) {
    return fail(trap,
                "a call of this thread is in progress on another stack: a host function of it "
                "switched coroutines");
  }
  if (thread->activation == NULL) {
    wa_host_stack_restore(thread);
  }
  if (thread->spare_open) {
    // The guest's frames would lie in the guard.
    wa_trap_init(trap, WA_TRAP_STACK_EXHAUSTED);
    return false;
  }
  struct entry_call call = {
      .entry = (wa_entry_fn *)(uintptr_t)entry,
      .code = func->code,
      .context = func->context,
      .cells = cells,
  };
  if (thread->activation == NULL) {
    thread->entered_from = (uintptr_t)__builtin_frame_address(0);
  }
  struct wa_activation activation;
  wa_call_begin(thread, &activation, &instance->store->calls);
  bool returned = false;
  if (wa_thread_stopping(thread)) {
    wa_trap_init(trap, WA_TRAP_INTERRUPTED);
  } else {
    returned = enter(thread, &activation, &call);
    if (!returned) {
      wa_trap_from_fault(trap, thread);
    }
  }
  wa_call_end(thread, &activation);
  return returned;
}

// A thread that blocks signals, as workers of servers do, has them in a call: a blocked fault would
// end the process. Here rather than in every call, as each costs two system calls.
static __attribute__((noinline)) bool call_unblocked(struct wa_thread *thread,
                                                     const struct wa_func_ref *func,
                                                     union wa_cell *cells, struct wa_trap *trap) {
  sigset_t blocked;
  bool any = wa_signals_blocked(&blocked);
  if (any) {
    wa_signals_unblock();
  }
  bool returned = call_compiled(thread, func, cells, trap);
  if (any) {
    wa_signals_block(&blocked);
  }
  return returned;
}

bool wa_func_call(struct wa_func_ref *func, union wa_cell *cells, struct wa_trap *trap) {
  struct wa_thread *thread = wa_thread_current();
  if (thread == NULL) {
    return fail(trap, "no memory for this thread's record, or no signal handler");
  }
  if (!wa_func_is_host(func)) {
    bool unblock = thread->blocks_signals && thread->activation == NULL;
    return unblock ? call_unblocked(thread, func, cells, trap)
                   : call_compiled(thread, func, cells, trap);
  }
  if (wa_thread_stopping(thread)) {
    wa_trap_init(trap, WA_TRAP_INTERRUPTED);
    return false;
  }
  struct wa_binding *binding = func->context;
  if (!wa_binding_call(binding, cells)) {
    wa_trap_from_reason(trap, thread);
    return false;
  }
  return true;
}

bool wa_binding_call(struct wa_binding *binding, union wa_cell *cells) {
  if (!binding->fn(&binding->call, cells)) {
    return false;
  }
  // The interrupt signal finds a thread in host code and leaves it alone: this is where it looks.
  return !wa_interrupted() || wa_raise(WA_TRAP_INTERRUPTED, "interrupted");
}

const struct wa_signature *wa_func_signature(const struct wa_func_ref *func) {
  return wa_type_signature((uint32_t)func->type);
}
