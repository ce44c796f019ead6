// Hosts with signals, masks and signal stacks of their own. Each test is a process of its own,
// which has not used the library before.
#include "host.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile sig_atomic_t handled[65];

static void handle(int signal) {
  handled[signal]++;
}

static void handle_info(int signal, siginfo_t *info, void *context) {
  (void)context;
  handled[signal] += info->si_signo == signal;
}

static void take_realtime_signals(bool with_info) {
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++) {
    struct sigaction action = {.sa_flags = SA_RESTART};
    if (with_info) {
      action.sa_sigaction = handle_info;
      action.sa_flags |= SA_SIGINFO;
    } else {
      action.sa_handler = handle;
    }
    ck_assert_int_eq(sigaction(signal, &action, NULL), 0);
  }
}

// From this thread, from this process and with a value: none of them is the library's.
static void send_realtime_signals(void) {
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++) {
    raise(signal);
    kill(getpid(), signal);
    sigqueue(getpid(), signal, (union sigval){.sival_int = 1});
  }
}

START_TEST(realtime_signals_are_shared) {
  take_realtime_signals(_i == 1);
  for (int times = 0; times < 3; times++) {
    host_works();
  }
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++) {
    ck_assert_msg(handled[signal] == 0, "the host got the library's signal %d", signal);
  }
  send_realtime_signals();
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++) {
    ck_assert_msg(handled[signal] == 3, "signal %d: %d", signal, (int)handled[signal]);
  }
  host_works();
}
END_TEST

// Handlers that come later, too, and again after those.
START_TEST(realtime_signals_are_taken_later) {
  host_works();
  for (int times = 0; times < 40; times++) {
    take_realtime_signals(times % 2 == 1);
    if (times < 12) {
      host_works();
    }
  }
  send_realtime_signals();
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++) {
    ck_assert_msg(handled[signal] == 3, "signal %d: %d", signal, (int)handled[signal]);
  }
}
END_TEST

// A signal of the host's own comes while its call is to end: both happen.
static wasm_trap_t *raise_all(struct host *host, int32_t argument, int32_t *result) {
  ck_assert(wasmaot_store_interrupt(host->store, 0)); // waits for no call of its own thread
  send_realtime_signals();
  *result = argument;
  return NULL;
}

START_TEST(shared_signals_during_an_interrupt) {
  struct host host;
  take_realtime_signals(false);
  host_init(&host);
  host.back = raise_all;
  host_traps(&host, "call", 0, WASMAOT_TRAP_INTERRUPTED);
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++) {
    ck_assert_int_eq(handled[signal], 3);
  }
  host_deinit(&host);
}
END_TEST

// As after nohup and under service managers.
START_TEST(signals_are_ignored) {
  for (int number = 1; number <= SIGRTMAX; number++) {
    (void)signal(number, SIG_IGN);
  }
  host_works();
  send_realtime_signals();
  raise(SIGSEGV); // not a fault: ignored as before
  host_works();
}
END_TEST

// ---- Masks ----

static void expect_mask(const sigset_t *expected) {
  sigset_t now;
  pthread_sigmask(SIG_BLOCK, NULL, &now);
  for (int signal = 1; signal <= SIGRTMAX; signal++) {
    ck_assert_msg(sigismember(&now, signal) == sigismember(expected, signal), "signal %d", signal);
  }
}

static sigset_t block_all(void) {
  sigset_t set;
  sigfillset(&set);
  ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &set, NULL), 0);
  pthread_sigmask(SIG_BLOCK, NULL, &set); // less what cannot be blocked
  return set;
}

static void *work_blocked(void *arg) {
  sigset_t set = block_all();
  (void)arg;
  host_works();
  expect_mask(&set);
  return NULL;
}

START_TEST(signals_are_blocked) {
  pthread_t thread;
  work_blocked(NULL);
  ck_assert_int_eq(pthread_create(&thread, NULL, work_blocked, NULL), 0);
  pthread_join(thread, NULL);
}
END_TEST

// One of them alone: each is needed.
START_TEST(one_signal_is_blocked) {
  static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    sigset_t set;
    struct host host;
    sigemptyset(&set);
    sigaddset(&set, faults[i]);
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &set, NULL), 0);
    host_init(&host);
    expect_mask(&set);
    ck_assert(wasmaot_thread_refresh());
    host_traps_all(&host);
    expect_mask(&set);
    host_deinit(&host);
  }
}
END_TEST

START_TEST(signals_are_blocked_later) {
  host_works();
  sigset_t set = block_all();
  ck_assert(wasmaot_thread_refresh());
  host_works();
  expect_mask(&set);
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, NULL);
  host_works();
  expect_mask(&none);
}
END_TEST

// What a host function does with its mask holds, but for the library's own signals.
static wasm_trap_t *block_one(struct host *host, int32_t argument, int32_t *result) {
  sigset_t set;
  (void)host;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  *result = argument;
  return NULL;
}

START_TEST(host_functions_change_the_mask) {
  sigset_t set;
  struct host host;
  sigemptyset(&set);
  sigaddset(&set, SIGSEGV);
  pthread_sigmask(SIG_SETMASK, &set, NULL);
  host_init(&host);
  host.back = block_one;
  ck_assert_int_eq(host_result(&host, "call", 2, 0), 1002);
  sigaddset(&set, SIGUSR1);
  expect_mask(&set);
  host_deinit(&host);
}
END_TEST

static wasm_trap_t *spin_in_group(void *arg) {
  int32_t result;
  return host_call(arg, "spin", 0, 0, &result);
}

static void *stop_group(void *arg) {
  usleep(20000);
  wasmaot_group_stop(arg);
  return NULL;
}

// A group's threads have the mask of whoever ran it.
START_TEST(groups_are_stopped_with_signals_blocked_and_taken) {
  struct host host;
  wasmaot_group_t *group;
  pthread_t thread;
  take_realtime_signals(true);
  block_all();
  host_init(&host);
  expect_ok(wasmaot_group_new(NULL, &group));
  ck_assert_int_eq(pthread_create(&thread, NULL, stop_group, group), 0);
  wasm_trap_t *trap = wasmaot_group_run(group, spin_in_group, &host);
  pthread_join(thread, NULL);
  ck_assert_ptr_nonnull(trap);
  ck_assert_int_eq(wasmaot_trap_code(trap), WASMAOT_TRAP_INTERRUPTED);
  wasm_trap_delete(trap);
  wasmaot_group_delete(group);
  host_deinit(&host);
}
END_TEST

// ---- The host's own faults and stacks ----

static sigjmp_buf recovery;
static volatile uintptr_t handler_stack;

static void recover(int signal) {
  handled[signal]++;
  handler_stack = (uintptr_t)__builtin_frame_address(0);
  siglongjmp(recovery, 1);
}

static volatile int *volatile nowhere;

static void fault_and_recover(void) {
  if (sigsetjmp(recovery, 1) == 0) {
    *nowhere = 1;
    ck_abort_msg("nowhere can be written");
  }
}

static wasm_trap_t *fault_inside(struct host *host, int32_t argument, int32_t *result) {
  fault_and_recover();
  host->back = NULL;
  *result = host_result(host, "add", argument, 1);
  return NULL;
}

START_TEST(faults_of_the_host_are_the_hosts) {
  struct host host;
  struct sigaction action = {.sa_handler = recover, .sa_flags = _i == 1 ? SA_ONSTACK : 0};
  nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ck_assert_int_eq(sigaction(SIGSEGV, &action, NULL), 0);
  host_init(&host);
  fault_and_recover();
  host.back = fault_inside;
  ck_assert_int_eq(host_result(&host, "call", 4, 0), 1005);
  host_traps_all(&host);
  fault_and_recover();
  ck_assert_int_eq(handled[SIGSEGV], 3);
  host_deinit(&host);
}
END_TEST

enum { STACK_SIZE = 65536 };
static char host_stack[STACK_SIZE] __attribute__((aligned(16)));

static void *work_with_a_signal_stack(void *arg) {
  struct host host;
  stack_t stack = {.ss_sp = host_stack, .ss_size = STACK_SIZE};
  ck_assert_int_eq(sigaltstack(&stack, NULL), 0);
  host_works();
  fault_and_recover(); // the library's stack is in the place of the host's
  ck_assert(handler_stack < (uintptr_t)host_stack ||
            handler_stack >= (uintptr_t)host_stack + STACK_SIZE);
  if (arg != NULL) {
    // The host takes its own again: refresh is told.
    ck_assert_int_eq(sigaltstack(&stack, NULL), 0);
    host_init(&host);
    ck_assert_int_eq(host_result(&host, "add", 1, 1), 2);
    ck_assert(wasmaot_thread_refresh());
    host_traps_all(&host);
    host_deinit(&host);
  }
  return NULL;
}

static pthread_key_t last;

// Runs after the library's destructor, whose key was made later.
static void look_at_the_end(void *arg) {
  stack_t stack;
  static int rounds;
  if (rounds++ == 0) {
    pthread_setspecific(last, arg);
    return;
  }
  sigaltstack(NULL, &stack);
  *(bool *)arg = stack.ss_sp == host_stack && (stack.ss_flags & SS_DISABLE) == 0;
}

static void *end_with_own_stack(void *arg) {
  pthread_setspecific(last, arg);
  return work_with_a_signal_stack(NULL);
}

START_TEST(signal_stacks_of_the_host) {
  struct sigaction action = {.sa_handler = recover, .sa_flags = SA_ONSTACK};
  pthread_t thread;
  bool restored = false;
  nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ck_assert_int_eq(sigaction(SIGSEGV, &action, NULL), 0);
  ck_assert_int_eq(pthread_key_create(&last, look_at_the_end), 0);
  ck_assert_int_eq(pthread_create(&thread, NULL, end_with_own_stack, &restored), 0);
  pthread_join(thread, NULL);
  ck_assert(restored);
  work_with_a_signal_stack(&thread);
}
END_TEST

static void add(TCase *tcase) {
  tcase_add_loop_test(tcase, realtime_signals_are_shared, 0, 2);
  tcase_add_test(tcase, realtime_signals_are_taken_later);
  tcase_add_test(tcase, shared_signals_during_an_interrupt);
  tcase_add_test(tcase, signals_are_ignored);
  tcase_add_test(tcase, signals_are_blocked);
  tcase_add_test(tcase, one_signal_is_blocked);
  tcase_add_test(tcase, signals_are_blocked_later);
  tcase_add_test(tcase, host_functions_change_the_mask);
  if (!HOST_TSAN) { // see host_works
    tcase_add_test(tcase, groups_are_stopped_with_signals_blocked_and_taken);
  }
  tcase_add_loop_test(tcase, faults_of_the_host_are_the_hosts, 0, 2);
  if (!HOST_ASAN) { // it takes whatever signal stack a thread ends with for its own
    tcase_add_test(tcase, signal_stacks_of_the_host);
  }
}

static void nothing(void) {
}

int main(void) {
  int status = run_tests_with("hosts signals", add, nothing, nothing);
  host_caller_stack = true;
  return status + run_tests_with("hosts signals, host functions on the caller's stack", add,
                                 nothing, nothing);
}
