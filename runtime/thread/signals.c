#include "runtime/thread/signals.h"

#include "runtime/arch/arch.h"
#include "runtime/code/code.h"
#include "runtime/code/ranges.h"
#include "runtime/thread/host_stack.h"
#include "runtime/thread/interrupt.h"
#include "runtime/thread/unwind.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>

static const int fault_signals[] = {WA_TRAP_SIGNAL, SIGSEGV, SIGBUS, SIGFPE};
enum { FAULT_SIGNAL_COUNT = sizeof fault_signals / sizeof fault_signals[0] };

static struct sigaction previous[FAULT_SIGNAL_COUNT];
static int interrupt_signal;
static bool installed;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// Ends the innermost activation of the thread that the signal hit in compiled code.
static void end_activation(struct wa_thread *thread, enum wa_trap_code code, uintptr_t address,
                           void *context) {
  // A builtin that was cut short returns a status, for which compiled code has a trap of its own.
  thread->fault.code = wa_thread_stopping(thread) ? WA_TRAP_INTERRUPTED : code;
  thread->fault.address = address;
  wa_unwind_record(thread, context);
  wa_arch_leave(context, thread->activation);
}

static enum wa_trap_code classify(const struct wa_thread *thread,
                                  const struct wa_artifact *artifact, int signal,
                                  const siginfo_t *info, uintptr_t pc) {
  uintptr_t address = (uintptr_t)info->si_addr;
  switch (signal) {
  case WA_TRAP_SIGNAL:
    return wa_arch_trap_code((const uint8_t *)pc,
                             artifact->text_size - (pc - (uintptr_t)artifact->text));
  case SIGFPE:
    return info->si_code == FPE_INTDIV ? WA_TRAP_INTEGER_DIVIDE_BY_ZERO : WA_TRAP_NONE;
  default:
    if (address >= thread->guard_low && address < thread->stack_low) {
      return WA_TRAP_STACK_EXHAUSTED;
    }
    return wa_is_reserved(address) ? WA_TRAP_MEMORY_OUT_OF_BOUNDS : WA_TRAP_NONE;
  }
}

// Whether a function of the host ran out of the guest's stack, and can go on.
static bool handle_host_fault(struct wa_thread *thread, int signal, const siginfo_t *info,
                              const void *context) {
  uintptr_t registers[WA_DWARF_REGISTERS];
  wa_arch_registers(context, registers);
  return signal == SIGSEGV &&
         wa_host_stack_extend(thread, registers[WA_DWARF_SP], (uintptr_t)info->si_addr);
}

static bool handle_fault(int signal, const siginfo_t *info, void *context) {
  struct wa_thread *thread = wa_thread_peek();
  if (thread == NULL || thread->activation == NULL || info->si_code <= 0) {
    return false;
  }
  uintptr_t pc = wa_arch_pc(context);
  const struct wa_artifact *artifact = wa_code_find(pc);
  if (artifact == NULL) {
    return handle_host_fault(thread, signal, info, context);
  }
  enum wa_trap_code code = classify(thread, artifact, signal, info, pc);
  if (code == WA_TRAP_NONE) {
    return false;
  }
  bool has_address = signal == SIGSEGV || signal == SIGBUS;
  end_activation(thread, code, has_address ? (uintptr_t)info->si_addr : 0, context);
  return true;
}

// Not ours: does what would have happened without us.
static void pass_on(int signal, siginfo_t *info, void *context, const struct sigaction *action) {
  if ((action->sa_flags & SA_SIGINFO) != 0) {
    action->sa_sigaction(signal, info, context);
    return;
  }
  if (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN) {
    action->sa_handler(signal);
    return;
  }
  if (action->sa_handler == SIG_IGN && info->si_code <= 0) {
    return; // sent by a process, and ignored; a real fault cannot be
  }
  struct sigaction by_default = {.sa_handler = SIG_DFL};
  sigaction(signal, &by_default, NULL);
  if (info->si_code <= 0) {
    raise(signal); // stays pending until this handler returns; a fault repeats by itself
  }
}

static void on_fault(int signal, siginfo_t *info, void *context) {
  int saved_errno = errno;
  if (!handle_fault(signal, info, context)) {
    for (int i = 0; i < FAULT_SIGNAL_COUNT; i++) {
      if (fault_signals[i] == signal) {
        pass_on(signal, info, context, &previous[i]);
      }
    }
  }
  errno = saved_errno;
}

static void on_interrupt(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)info;
  struct wa_thread *thread = wa_thread_peek();
  if (thread == NULL || thread->activation == NULL || !wa_thread_stopping(thread)) {
    return;
  }
  int saved_errno = errno;
  if (wa_code_find(wa_arch_pc(context)) != NULL) {
    end_activation(thread, WA_TRAP_INTERRUPTED, 0, context);
  }
  errno = saved_errno;
}

// A real-time signal that nobody uses yet.
static int choose_interrupt_signal(void) {
  for (int signal = SIGRTMIN + 6; signal <= SIGRTMAX; signal++) {
    struct sigaction action;
    if (sigaction(signal, NULL, &action) == 0 && (action.sa_flags & SA_SIGINFO) == 0 &&
        action.sa_handler == SIG_DFL) {
      return signal;
    }
  }
  return 0;
}

static void install(void) {
  wa_interrupt_init();
  interrupt_signal = choose_interrupt_signal();
  if (interrupt_signal == 0) {
    return;
  }
  // No SA_RESTART: a blocked system call is to return EINTR.
  struct sigaction action = {.sa_sigaction = on_interrupt, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  if (sigaction(interrupt_signal, &action, NULL) != 0) {
    return;
  }
  // Without SA_NODEFER a fault in the handler itself ends the process at once.
  action.sa_sigaction = on_fault;
  sigaddset(&action.sa_mask, interrupt_signal);
  for (int i = 0; i < FAULT_SIGNAL_COUNT; i++) {
    if (sigaction(fault_signals[i], &action, &previous[i]) != 0) {
      return;
    }
  }
  installed = true;
}

bool wa_signals_install(void) {
  pthread_once(&once, install);
  return installed;
}

void wa_signals_interrupt(pthread_t thread) {
  pthread_kill(thread, interrupt_signal);
}

void wa_signals_unblock(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, interrupt_signal);
  for (int i = 0; i < FAULT_SIGNAL_COUNT; i++) {
    sigaddset(&set, fault_signals[i]);
  }
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
