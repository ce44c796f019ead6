// Groups of guest threads, and above all their end: whatever the threads are doing, all are gone.
#include "runtime/group/threads.h"
#include "tests/unit/guest_modules.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct object object;
static struct wa_artifact *artifact;
static struct wa_store *store;
static struct wa_linker *linker;
static struct wa_group *group;
static struct wa_memory_object *memory;
static struct wa_error err;
static int block_pipe[2];
static atomic_int started;

// env.block: reads from a pipe that nobody writes to.
static bool block(const struct wa_host_call *call, union wa_cell *cells) {
  (void)call;
  (void)cells;
  char byte;
  while (!wa_group_stopping()) {
    if (read(block_pipe[0], &byte, 1) < 0 && errno != EINTR) {
      return wa_raise(WA_TRAP_HOST, "read failed");
    }
  }
  return wa_raise(WA_TRAP_INTERRUPTED, "interrupted");
}

static void setup(void) {
  artifact = load_guest(&object);
  store = wa_store_new(NULL);
  linker = wa_linker_new(store);
  memory = wa_memory_new(store, 1, 4, true, &err);
  struct wa_extern value = {.kind = WA_EXTERN_MEMORY};
  value.memory = memory;
  ck_assert(wa_linker_define(linker, "env", 3, "memory", 6, value, &err));
  ck_assert(wa_linker_define_func(linker, "env", "block", "", block, NULL, &err));
  ck_assert_int_eq(pipe(block_pipe), 0);
  group = wa_group_new(NULL, &err);
  ck_assert_ptr_nonnull(group);
}

static void teardown(void) {
  wa_group_free(group);
  wa_linker_free(linker);
  wa_store_free(store);
  wa_artifact_release(artifact);
}

static void nap(long nanoseconds) {
  struct timespec pause = {.tv_nsec = nanoseconds};
  nanosleep(&pause, NULL);
}

// Runs an export of a new instance; its own arguments are (0, -1), which makes `wait` endless.
static bool run_export(void *arg, int32_t tid, struct wa_trap *trap) {
  const char *name = arg;
  struct wa_instance *instance;
  struct wa_error own;
  (void)tid;
  if (wa_instance_new(store, artifact, linker, &instance, trap, &own) != WA_INSTANTIATED) {
    return false;
  }
  struct wa_extern fn;
  union wa_cell cells[2] = {{.i32 = 0}, {.i64 = -1}};
  bool ok = wa_instance_export(instance, name, strlen(name), &fn);
  atomic_fetch_add(&started, 1);
  ok = ok && wa_func_call(fn.func, cells, trap);
  wa_instance_free(instance);
  return ok;
}

// ThreadSanitizer holds signals back until the thread calls something: it cannot interrupt a loop
// that makes no call.
#ifdef __SANITIZE_THREAD__
static char *const kinds[] = {"wait", "block"};
#else
static char *const kinds[] = {"wait", "block", "spin", "spin_pure"};
#endif
enum { KINDS = sizeof kinds / sizeof kinds[0], EACH = 3 };

static void start_all(void) {
  for (int i = 0; i < KINDS * EACH; i++) {
    ck_assert_int_gt(wa_group_spawn(group, run_export, kinds[i % KINDS]), 0);
  }
  while (atomic_load(&started) < KINDS * EACH) {
    nap(100000);
  }
}

static bool start_and_trap(void *arg, int32_t tid, struct wa_trap *trap) {
  start_all();
  return run_export(arg, tid, trap);
}

static bool start_and_exit(void *arg, int32_t tid, struct wa_trap *trap) {
  (void)arg;
  (void)tid;
  start_all();
  trap->code = WA_TRAP_HOST;
  trap->exited = true;
  trap->exit_status = 3;
  trap->frame_count = 0;
  return false;
}

START_TEST(a_trap_ends_all) {
  struct wa_trap trap;
  ck_assert(!wa_group_run(group, start_and_trap, "trap", &trap));
  ck_assert_int_eq(trap.code, WA_TRAP_UNREACHABLE);
  ck_assert_int_eq(wa_group_spawn(group, run_export, "add"), -EAGAIN);
}
END_TEST

START_TEST(an_exit_ends_all) {
  struct wa_trap trap;
  ck_assert(!wa_group_run(group, start_and_exit, NULL, &trap));
  ck_assert(trap.exited);
  ck_assert_int_eq(trap.exit_status, 3);
}
END_TEST

START_TEST(a_trap_elsewhere_ends_the_main_thread) {
  struct wa_trap trap;
  ck_assert_int_gt(wa_group_spawn(group, run_export, "trap"), 0);
  ck_assert(!wa_group_run(group, run_export, kinds[_i], &trap));
  ck_assert_int_eq(trap.code, WA_TRAP_UNREACHABLE);
}
END_TEST

static void *end_later(void *arg) {
  struct wa_trap trap = {.code = WA_TRAP_INTERRUPTED};
  (void)arg;
  nap(20000000);
  wa_group_end(group, &trap);
  return NULL;
}

START_TEST(the_host_ends_all) {
  struct wa_trap trap;
  pthread_t thread;
  ck_assert_int_eq(pthread_create(&thread, NULL, end_later, NULL), 0);
  ck_assert(!wa_group_run(group, run_export, kinds[_i], &trap));
  ck_assert_int_eq(trap.code, WA_TRAP_INTERRUPTED);
  pthread_join(thread, NULL);
}
END_TEST

static bool start_and_return(void *arg, int32_t tid, struct wa_trap *trap) {
  (void)arg;
  (void)trap;
  ck_assert_int_eq(tid, 0);
  start_all();
  return true;
}

START_TEST(main_returns_while_others_go_on) {
  struct wa_trap trap;
  ck_assert(wa_group_run(group, start_and_return, NULL, &trap));
  // Freeing the group (teardown) ends the rest.
}
END_TEST

enum { ADDERS = 200 };

static bool spawn_adders(void *arg, int32_t tid, struct wa_trap *trap) {
  (void)arg;
  (void)tid;
  (void)trap;
  int32_t last = 0;
  for (int i = 0; i < ADDERS; i++) {
    int32_t id = wa_group_spawn(group, run_export, "add");
    ck_assert_int_gt(id, last);
    last = id;
  }
  while (atomic_load(&started) < ADDERS) {
    nap(100000);
  }
  return true;
}

START_TEST(many_threads_come_and_go) {
  struct wa_trap trap;
  ck_assert(wa_group_run(group, spawn_adders, NULL, &trap));
}
END_TEST

START_TEST(thread_limit) {
  struct wa_group_options options = {.max_threads = 2, .stack_size = 1 << 20};
  struct wa_group *small = wa_group_new(&options, &err);
  ck_assert_int_gt(wa_group_spawn(small, run_export, "wait"), 0);
  ck_assert_int_gt(wa_group_spawn(small, run_export, "wait"), 0);
  ck_assert_int_eq(wa_group_spawn(small, run_export, "wait"), -EAGAIN);
  wa_group_free(small);
}
END_TEST

static bool own_group(void *arg, int32_t tid, struct wa_trap *trap) {
  (void)trap;
  (void)tid;
  return wa_group_current() == arg && !wa_group_stopping();
}

START_TEST(threads_know_their_group) {
  struct wa_trap trap;
  ck_assert_ptr_null(wa_group_current());
  ck_assert(!wa_group_stopping());
  ck_assert(wa_group_run(group, own_group, group, &trap));
}
END_TEST

int main(void) {
  object = compile_guest(shared_wasm, shared_wasm_size, 1);
  Suite *suite = suite_create("groups");
  TCase *tests = tcase_create("groups");
  tcase_set_timeout(tests, 30);
  tcase_add_checked_fixture(tests, setup, teardown);
  tcase_add_test(tests, a_trap_ends_all);
  tcase_add_test(tests, an_exit_ends_all);
  tcase_add_loop_test(tests, a_trap_elsewhere_ends_the_main_thread, 0, KINDS);
  tcase_add_loop_test(tests, the_host_ends_all, 0, KINDS);
  tcase_add_test(tests, main_returns_while_others_go_on);
  tcase_add_test(tests, many_threads_come_and_go);
  tcase_add_test(tests, thread_limit);
  tcase_add_test(tests, threads_know_their_group);
  suite_add_tcase(suite, tests);
  int status = run_suite(suite);
  free(object.bytes);
  return status;
}
