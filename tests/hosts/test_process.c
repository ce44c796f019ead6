// Hosts that do with stacks, processes and the library itself what the library is not told.
#include "host.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

// ---- Coroutines ----

enum { COROUTINE_STACK = 256 << 10, COROUTINES = 3 };

static ucontext_t coroutines[COROUTINES], scheduler;
static int finished;

static void start_coroutine(int i, void (*body)(void)) {
  ucontext_t *coroutine = &coroutines[i];
  ck_assert_int_eq(getcontext(coroutine), 0);
  coroutine->uc_stack.ss_sp = malloc(COROUTINE_STACK);
  coroutine->uc_stack.ss_size = COROUTINE_STACK;
  coroutine->uc_link = &scheduler;
  makecontext(coroutine, body, 0);
}

static void resume(int i) {
  ck_assert_int_eq(swapcontext(&scheduler, &coroutines[i]), 0);
}

static void work(void) {
  host_works();
  finished++;
}

// Switches between calls are nobody's business.
START_TEST(coroutines_take_turns) {
  for (int i = 0; i < COROUTINES; i++) {
    start_coroutine(i, work);
    resume(i);
    host_works();
    free(coroutines[i].uc_stack.ss_sp);
  }
  ck_assert_int_eq(finished, COROUTINES);
}
END_TEST

static struct host shared_host;

// Suspends the first coroutine inside of its guest.
static wasm_trap_t *suspend(struct host *host, int32_t argument, int32_t *result) {
  host->back = NULL;
  ck_assert_int_eq(swapcontext(&coroutines[0], &scheduler), 0);
  *result = argument + 1;
  return NULL;
}

static void call_and_suspend(void) {
  struct host host;
  host_init(&host);
  host.back = suspend;
  ck_assert_int_eq(host_result(&host, "call", 10, 0), 1011);
  host_traps_all(&host);
  host_deinit(&host);
  finished++;
}

static void expect_refusal(void) {
  int32_t result;
  wasm_trap_t *trap = host_call(&shared_host, "add", 1, 2, &result);
  expect_message(trap, "switched coroutines");
  ck_assert_int_eq(wasmaot_trap_code(trap), WASMAOT_TRAP_HOST);
  wasm_trap_delete(trap);
}

static void be_refused(void) {
  expect_refusal();
  finished++;
}

// What is in progress is whole afterwards, and so is who was refused.
START_TEST(coroutines_inside_of_guests) {
  host_init(&shared_host);
  start_coroutine(0, call_and_suspend);
  start_coroutine(1, be_refused);
  resume(0);
  expect_refusal();
  resume(1);
  ck_assert_int_eq(finished, 1);
  resume(0);
  ck_assert_int_eq(finished, 2);
  host_traps_all(&shared_host);
  host_deinit(&shared_host);
  host_works();
  free(coroutines[0].uc_stack.ss_sp);
  free(coroutines[1].uc_stack.ss_sp);
}
END_TEST

// Nobody knows how much is left of theirs, so host functions are not called there.
static void call_the_host(void) {
  struct host host;
  host_init(&host);
  host_traps(&host, "call", 1, WASMAOT_TRAP_STACK_EXHAUSTED);
  ck_assert_int_eq(host_result(&host, "add", 1, 2), 3);
  host_traps(&host, "sink", 0, WASMAOT_TRAP_STACK_EXHAUSTED);
  host_deinit(&host);
  finished++;
}

START_TEST(coroutines_on_the_callers_stack) {
  start_coroutine(0, call_the_host);
  resume(0);
  ck_assert_int_eq(finished, 1);
  host_works();
  free(coroutines[0].uc_stack.ss_sp);
}
END_TEST

// ---- Whose stack host functions are on ----

static uintptr_t seen[3];
static int depth;

static wasm_trap_t *see(struct host *host, int32_t argument, int32_t *result) {
  seen[depth] = (uintptr_t)__builtin_frame_address(0);
  *result = argument;
  if (depth < 2) {
    depth++;
    *result = host_result(host, "call", argument, 0);
    depth--;
    host_traps(host, "load", 70000000, WASMAOT_TRAP_MEMORY_OUT_OF_BOUNDS);
  }
  return NULL;
}

static void see_stacks(uintptr_t low, uintptr_t high, bool expected) {
  struct host host;
  host_init(&host);
  host.back = see;
  ck_assert_int_eq(host_result(&host, "call", 1, 0), 3001);
  for (int i = 0; i < 3; i++) {
    ck_assert_msg((seen[i] >= low && seen[i] < high) == expected, "depth %d", i);
  }
  ck_assert(!expected || (seen[0] > seen[1] && seen[1] > seen[2]));
  host_traps_all(&host);
  host_deinit(&host);
}

static void own_stack(uintptr_t *low, uintptr_t *high) {
  pthread_attr_t attributes;
  void *start;
  size_t size;
  ck_assert_int_eq(pthread_getattr_np(pthread_self(), &attributes), 0);
  ck_assert_int_eq(pthread_attr_getstack(&attributes, &start, &size), 0);
  pthread_attr_destroy(&attributes);
  *low = (uintptr_t)start;
  *high = *low + size;
}

static void *see_own_stack(void *arg) {
  uintptr_t low, high;
  (void)arg;
  own_stack(&low, &high);
  see_stacks(low, high, host_caller_stack);
  return NULL;
}

START_TEST(host_functions_have_a_stack) {
  pthread_t thread;
  see_own_stack(NULL);
  ck_assert_int_eq(pthread_create(&thread, NULL, see_own_stack, NULL), 0);
  pthread_join(thread, NULL);
}
END_TEST

// As a guest can have it: through the host, again and again. The host's stack is the smaller one.
static wasm_trap_t *descend(struct host *host, int32_t argument, int32_t *result) {
  depth++;
  return host_call(host, "call", argument, 0, result);
}

static void *descend_to_the_end(void *arg) {
  struct host host;
  (void)arg;
  host_init(&host);
  for (int i = 0; i < 3; i++) {
    depth = 0;
    host.back = descend;
    host_traps(&host, "call", 0, WASMAOT_TRAP_STACK_EXHAUSTED);
    ck_assert_int_gt(depth, 20);
    host.back = NULL;
    host_traps_all(&host);
  }
  host_deinit(&host);
  return NULL;
}

START_TEST(the_hosts_stack_is_full) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 1 << 20);
  ck_assert_int_eq(pthread_create(&thread, &attributes, descend_to_the_end, NULL), 0);
  pthread_join(thread, NULL);
  pthread_attr_destroy(&attributes);
}
END_TEST

// ---- Leaving by longjmp ----

static jmp_buf outside;

static wasm_trap_t *jump(struct host *host, int32_t argument, int32_t *result) {
  (void)host;
  *result = argument;
  longjmp(outside, 1);
}

static wasm_trap_t *jump_from_inside(struct host *host, int32_t argument, int32_t *result) {
  host->back = jump;
  *result = host_result(host, "call", argument, 0);
  return NULL;
}

// From deeper or less deep than the last call.
static __attribute__((noinline)) int32_t call_below(struct host *host, int32_t argument,
                                                    int levels) {
  return levels == 0 ? host_result(host, "call", argument, 0)
                     : 1 + call_below(host, argument - 1, levels - 1);
}

static void leave_by_longjmp(struct host *host) {
  int32_t result;
  if (setjmp(outside) == 0) {
    wasm_trap_delete(host_call(host, "call", 1, 0, &result));
    ck_abort_msg("it did not jump");
  }
}

// Not on the caller's stack: see wasmaot_config_set_caller_stack. The store is not freed: see
// docs/embedding.md.
START_TEST(host_functions_jump_out) {
  struct host host;
  host_init(&host);
  for (int i = 0; i < 200; i++) {
    host.back = i % 2 == 0 ? jump : jump_from_inside;
    leave_by_longjmp(&host);
    host.back = NULL;
    ck_assert_int_eq(call_below(&host, i, i % 10), 1000 + i);
    host_traps(&host, "div", 1, WASMAOT_TRAP_INTEGER_DIVIDE_BY_ZERO);
  }
  host_works();
}
END_TEST

// ---- Forks ----

static void expect_child(pid_t child) {
  int status;
  ck_assert(child > 0);
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", (unsigned)status);
}

static void fork_and_work(void) {
  pid_t child = fork();
  if (child == 0) {
    host_works();
    _exit(0);
  }
  expect_child(child);
}

static volatile bool done;

// A thread of the parent, which traps again and again. Check's functions take a lock, which a child
// would find taken for good: while children are made, none is called here.
struct worker {
  pthread_t thread;
  struct host host;
  wasm_func_t *div;
  int wrong;
};

static void *keep_working(void *arg) {
  struct worker *worker = arg;
  while (!done) {
    wasm_val_t args[2] = {WASM_I32_VAL(1), WASM_I32_VAL(0)}, values[1];
    wasm_val_vec_t from = {2, args}, to = {1, values};
    wasm_trap_t *trap = wasm_func_call(worker->div, &from, &to);
    worker->wrong += trap == NULL || wasmaot_trap_code(trap) != WASMAOT_TRAP_INTEGER_DIVIDE_BY_ZERO;
    wasm_trap_delete(trap);
  }
  return NULL;
}

static void start_worker(struct worker *worker) {
  host_init(&worker->host);
  worker->div = function(worker->host.instance, "div");
  ck_assert_uint_eq(wasm_func_param_arity(worker->div), 2);
  ck_assert_int_eq(pthread_create(&worker->thread, NULL, keep_working, worker), 0);
}

static void end_worker(struct worker *worker) {
  pthread_join(worker->thread, NULL);
  ck_assert_int_eq(worker->wrong, 0);
  wasm_func_delete(worker->div);
  host_deinit(&worker->host);
}

START_TEST(children_before_use) {
  fork_and_work();
  fork_and_work();
  host_works();
}
END_TEST

START_TEST(children_after_use) {
  host_works();
  fork_and_work();
  host_works();
  fork_and_work();
}
END_TEST

// Threads that the child does not have; one of them may be anywhere.
START_TEST(children_of_a_process_with_threads) {
  struct worker workers[2] = {0};
  struct host host;
  host_init(&host);
  for (int i = 0; i < 2; i++) {
    start_worker(&workers[i]);
  }
  for (int i = 0; i < 20; i++) {
    pid_t child = fork();
    if (child == 0) {
      host_traps_all(&host);
      host_spins(&host);
      _exit(0);
    }
    expect_child(child);
  }
  done = true;
  for (int i = 0; i < 2; i++) {
    end_worker(&workers[i]);
  }
  host_traps_all(&host);
  host_deinit(&host);
}
END_TEST

static wasm_trap_t *fork_inside(struct host *host, int32_t argument, int32_t *result) {
  host->back = NULL;
  pid_t child = fork();
  *result = argument;
  if (child == 0) {
    host_traps_all(host);
    *result = argument + 1; // and goes on in the guest
  } else {
    expect_child(child);
  }
  return NULL;
}

START_TEST(children_of_host_functions) {
  struct host host;
  host_init(&host);
  host.back = fork_inside;
  int32_t result = host_result(&host, "call", 1, 0);
  host_traps_all(&host);
  if (result == 1002) {
    host_deinit(&host);
    _exit(0);
  }
  ck_assert_int_eq(result, 1001);
  host_deinit(&host);
}
END_TEST

static volatile bool is_busy;

static wasm_trap_t *say_busy(struct host *host, int32_t argument, int32_t *result) {
  (void)host;
  *result = argument;
  is_busy = true;
  return NULL;
}

static wasm_trap_t *spin_body(void *arg) {
  int32_t result;
  return host_call(arg, "spin", 0, 0, &result);
}

static wasm_trap_t *call_in_group(void *arg) {
  host_traps_all(arg);
  return NULL;
}

static void *spin_in_group(void *arg) {
  wasm_trap_t *trap = wasmaot_group_run(((struct host *)arg)->data, spin_body, arg);
  ck_assert_ptr_nonnull(trap);
  wasm_trap_delete(trap);
  return NULL;
}

// The child of a process in whose group a thread computes: there it is not, and nobody waits for
// it.
START_TEST(busy_groups_in_children) {
  wasmaot_group_t *group;
  struct host busy, host;
  pthread_t thread;
  host_init(&busy);
  host_init(&host);
  expect_ok(wasmaot_group_new(NULL, &group));
  busy.data = group;
  busy.back = say_busy;
  ck_assert_int_eq(pthread_create(&thread, NULL, spin_in_group, &busy), 0);
  while (!is_busy) {
    usleep(100);
  }
  pid_t child = fork();
  if (child == 0) {
    ck_assert_ptr_null(wasmaot_group_run(group, call_in_group, &host));
    wasmaot_group_stop(group);
    wasmaot_group_delete(group);
    _exit(0);
  }
  expect_child(child);
  wasmaot_group_stop(group);
  pthread_join(thread, NULL);
  wasmaot_group_delete(group);
  host_deinit(&busy);
  host_deinit(&host);
}
END_TEST

// What the parent's group has is not the child's: a new one is.
START_TEST(groups_in_children) {
  wasmaot_group_t *group;
  struct host host;
  host_init(&host);
  expect_ok(wasmaot_group_new(NULL, &group));
  ck_assert_ptr_null(wasmaot_group_run(group, call_in_group, &host));
  pid_t child = fork();
  if (child == 0) {
    wasmaot_group_t *own;
    expect_ok(wasmaot_group_new(NULL, &own));
    ck_assert_ptr_null(wasmaot_group_run(own, call_in_group, &host));
    wasmaot_group_delete(own);
    _exit(0);
  }
  expect_child(child);
  wasmaot_group_delete(group);
  host_deinit(&host);
}
END_TEST

// ---- Numbers ----

// Each has a reservation of 8 GiB: most of the address space that a process has.
enum { INSTANCES = 10000 };

START_TEST(ten_thousand_instances) {
  static struct host hosts[INSTANCES];
  for (int i = 0; i < INSTANCES; i++) {
    host_init(&hosts[i]);
  }
  for (int i = 0; i < INSTANCES; i += 7) {
    ck_assert_int_eq(host_result(&hosts[i], "add", i, 1), i + 1);
    host_traps(&hosts[i], "load", 70000000, WASMAOT_TRAP_MEMORY_OUT_OF_BOUNDS);
  }
  for (int i = 0; i < INSTANCES; i++) {
    host_deinit(&hosts[i]);
  }
  host_works();
}
END_TEST

static void *work_once(void *arg) {
  struct host host;
  (void)arg;
  host_init(&host);
  ck_assert_int_eq(host_result(&host, "add", 1, 1), 2);
  host_traps(&host, "div", 1, WASMAOT_TRAP_INTEGER_DIVIDE_BY_ZERO);
  host_deinit(&host);
  return NULL;
}

START_TEST(threads_come_and_go) {
  host_works();
  for (int i = 0; i < 1000; i++) {
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, work_once, NULL), 0);
    pthread_join(thread, NULL);
  }
}
END_TEST

static void add(TCase *tcase) {
  bool sanitizer = HOST_ASAN || HOST_TSAN;
  // It is told of no other stacks, takes the frames that a longjmp left for alive, and most of the
  // address space for itself.
  if (!sanitizer) {
    if (host_caller_stack) {
      tcase_add_test(tcase, coroutines_on_the_callers_stack);
    } else {
      tcase_add_test(tcase, coroutines_take_turns);
      tcase_add_test(tcase, coroutines_inside_of_guests);
      tcase_add_test(tcase, host_functions_jump_out);
    }
    tcase_add_test(tcase, ten_thousand_instances);
  }
  if (!HOST_ASAN) { // which would have to be told, too
    tcase_add_test(tcase, host_functions_have_a_stack);
  }
  if (host_caller_stack && !HOST_ASAN) {
    tcase_add_test(tcase, the_hosts_stack_is_full);
  }
  tcase_add_test(tcase, children_before_use);
  tcase_add_test(tcase, children_after_use);
  if (!sanitizer) { // they have locks of their own that another thread may hold
    tcase_add_test(tcase, busy_groups_in_children);
    tcase_add_test(tcase, children_of_a_process_with_threads);
  }
  tcase_add_test(tcase, children_of_host_functions);
  tcase_add_test(tcase, groups_in_children);
  tcase_add_test(tcase, threads_come_and_go);
}

static void nothing(void) {
}

int main(void) {
  int status = run_tests_with("hosts process", add, nothing, nothing);
  host_caller_stack = true;
  return status + run_tests_with("hosts process, host functions on the caller's stack", add,
                                 nothing, nothing);
}
