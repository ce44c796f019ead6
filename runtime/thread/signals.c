#include "runtime/thread/signals.h"

#include "runtime/arch/arch.h"
#include "runtime/code/code.h"
#include "runtime/code/ranges.h"
#include "runtime/thread/host_stack.h"
#include "runtime/thread/interrupt.h"
#include "runtime/thread/snapshot.h"
#include "runtime/thread/unwind.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int fault_signals[] = {WA_TRAP_SIGNAL, SIGSEGV, SIGBUS, SIGFPE};
enum { FAULT_SIGNAL_COUNT = sizeof fault_signals / sizeof fault_signals[0] };

static struct sigaction previous[FAULT_SIGNAL_COUNT];
static int interrupt_signal;
static int install_error = EINVAL; // an errno; 0: installed
static pthread_once_t once = PTHREAD_ONCE_INIT;

// Its address is what our interrupts carry: the host may send the same signal for its own ends.
static char mark;

// Ends the innermost activation of the thread that the signal hit in compiled code.
static void end_activation(struct wa_thread *thread, enum wa_trap_code code, uintptr_t address,
                           void *context) {
  // A builtin that was cut short returns a status, for which compiled code has a trap of its own.
  thread->fault.code = wa_thread_stopping(thread) ? WA_TRAP_INTERRUPTED : code;
  thread->fault.address = address;
  wa_unwind_record(thread, context, &thread->fault, thread->kept_locals);
  wa_arch_leave(context, thread->activation);
}

// A null entry of a read-only table has no type, and is told from others only here.
static enum wa_trap_code trap_of(const uint8_t *pc, size_t available, const void *context,
                                 struct wa_arch_types *types) {
  if (!wa_arch_trap_types(pc, available, context, types)) {
    return wa_arch_trap_code(pc, available);
  }
  return types->own && types->found == 0 ? WA_TRAP_UNINITIALIZED_ELEMENT
                                         : WA_TRAP_INDIRECT_CALL_TYPE;
}

static enum wa_trap_code classify(const struct wa_thread *thread, const struct wa_code *code,
                                  int signal, const siginfo_t *info, const void *context,
                                  struct wa_arch_types *types) {
  uintptr_t pc = wa_arch_pc(context);
  uintptr_t address = (uintptr_t)info->si_addr;
  switch (signal) {
  case WA_TRAP_SIGNAL:
    return trap_of((const uint8_t *)pc, code->text_size - (pc - (uintptr_t)code->text), context,
                   types);
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
  const struct wa_code *code = wa_code_find(pc);
  if (code == NULL) {
    return handle_host_fault(thread, signal, info, context);
  }
  struct wa_arch_types types = {.expected = 0};
  enum wa_trap_code trap = classify(thread, code, signal, info, context, &types);
  if (trap == WA_TRAP_NONE) {
    return false;
  }
  thread->fault.types = types;
  bool has_address = signal == SIGSEGV || signal == SIGBUS;
  end_activation(thread, trap, has_address ? (uintptr_t)info->si_addr : 0, context);
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

static bool has_handler(const struct sigaction *action) {
  return (action->sa_flags & SA_SIGINFO) != 0 ||
         (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN);
}

// What the host does with the signal that interrupts: each is set once, the last one counts. A host
// can take the signal again and again.
enum { MAX_TAKEN = 16 };
static struct sigaction taken[MAX_TAKEN];
static atomic_uint taken_count;
static pthread_mutex_t taken_lock = PTHREAD_MUTEX_INITIALIZER;

// The host's handler may pass on what it got to ours, as ours does to it.
static _Thread_local volatile bool passing_on __attribute__((tls_model("initial-exec")));

static void pass_interrupt_on(int signal, siginfo_t *info, void *context) {
  const struct sigaction *action = &taken[atomic_load(&taken_count) - 1];
  if (has_handler(action) && !passing_on) {
    passing_on = true;
    pass_on(signal, info, context, action);
    passing_on = false;
  }
}

// Who asks where the thread is gets to know it.
static void answer(struct wa_thread *thread, const void *context) {
  struct wa_snapshot *snapshot = atomic_exchange(&thread->snapshot, NULL);
  if (snapshot != NULL) {
    snapshot->take(snapshot, thread, context);
  }
}

static void on_interrupt(int signal, siginfo_t *info, void *context) {
  int saved_errno = errno;
  if (info->si_code != SI_QUEUE || info->si_value.sival_ptr != &mark) {
    pass_interrupt_on(signal, info, context);
  }
  // Whoever sent it: a thread that is to end has got a signal, which is all that it takes.
  struct wa_thread *thread = wa_thread_peek();
  if (thread != NULL) {
    answer(thread, context);
  }
  if (thread != NULL && thread->activation != NULL && wa_thread_stopping(thread) &&
      wa_code_find(wa_arch_pc(context)) != NULL) {
    end_activation(thread, WA_TRAP_INTERRUPTED, 0, context);
  }
  errno = saved_errno;
}

// ---- Installing ----

enum use { UNUSED, IGNORED, HANDLED };

static enum use use_of(const struct sigaction *action) {
  if (has_handler(action)) {
    return HANDLED;
  }
  return action->sa_handler == SIG_IGN ? IGNORED : UNUSED;
}

// A real-time signal, and what the host does with it: nothing, if there is such a one. A program in
// Go handles all of them.
static int choose_interrupt_signal(struct sigaction *action) {
  for (enum use use = UNUSED; use <= HANDLED; use++) {
    for (int signal = SIGRTMIN + 6; signal <= SIGRTMAX; signal++) {
      if (sigaction(signal, NULL, action) == 0 && use_of(action) == use) {
        return signal;
      }
    }
  }
  return 0;
}

// In the place of what the host has for it, to which ours passes on what is not the runtime's.
static bool take_interrupt_signal(const struct sigaction *host) {
  // No SA_RESTART: a blocked system call is to return EINTR.
  struct sigaction action = {.sa_sigaction = on_interrupt, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  if (has_handler(host)) {
    action.sa_mask = host->sa_mask;
  } else {
    sigemptyset(&action.sa_mask);
  }
  unsigned count = atomic_load(&taken_count);
  if (count == MAX_TAKEN) {
    return false;
  }
  taken[count] = *host;
  atomic_store(&taken_count, count + 1);
  return sigaction(interrupt_signal, &action, NULL) == 0;
}

// A host that installs a handler for all signals, after the first store, is told by nobody.
static void keep_interrupt_signal(void) {
  struct sigaction now;
  // Whoever has the lock does it; a child of fork may never get it.
  if (pthread_mutex_trylock(&taken_lock) != 0) {
    return;
  }
  if (sigaction(interrupt_signal, NULL, &now) == 0 && now.sa_sigaction != on_interrupt) {
    (void)take_interrupt_signal(&now);
  }
  pthread_mutex_unlock(&taken_lock);
}

static bool install_all(void) {
  struct sigaction host;
  interrupt_signal = choose_interrupt_signal(&host);
  if (interrupt_signal == 0 || !take_interrupt_signal(&host)) {
    return false;
  }
  // Without SA_NODEFER a fault in the handler itself ends the process at once.
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, interrupt_signal);
  for (int i = 0; i < FAULT_SIGNAL_COUNT; i++) {
    if (sigaction(fault_signals[i], &action, &previous[i]) != 0) {
      return false;
    }
  }
  return true;
}

static void install(void) {
  wa_interrupt_init();
  install_error = install_all() ? 0 : errno;
}

bool wa_signals_install(void) {
  pthread_once(&once, install);
  errno = install_error;
  return install_error == 0;
}

// ---- Threads ----

void wa_signals_interrupt(const struct wa_thread *thread) {
  keep_interrupt_signal();
  pid_t tid = atomic_load(&thread->tid);
  siginfo_t info = {.si_signo = interrupt_signal, .si_code = SI_QUEUE};
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_ptr = &mark;
  // Filters of system calls may know only the older of the two.
  if (tid != 0 && syscall(SYS_rt_tgsigqueueinfo, info.si_pid, tid, interrupt_signal, &info) != 0) {
    (void)syscall(SYS_tgkill, info.si_pid, tid, interrupt_signal);
  }
}

static void all_signals(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, interrupt_signal);
  for (int i = 0; i < FAULT_SIGNAL_COUNT; i++) {
    sigaddset(set, fault_signals[i]);
  }
}

bool wa_signals_blocked(sigset_t *blocked) {
  sigset_t all;
  all_signals(&all);
  pthread_sigmask(SIG_BLOCK, NULL, blocked);
  return sigandset(blocked, blocked, &all) == 0 && !sigisemptyset(blocked);
}

void wa_signals_unblock(void) {
  sigset_t all;
  all_signals(&all);
  pthread_sigmask(SIG_UNBLOCK, &all, NULL);
}

void wa_signals_block(const sigset_t *blocked) {
  pthread_sigmask(SIG_BLOCK, blocked, NULL);
}
