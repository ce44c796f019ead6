// Ending calls that the host makes outside of groups, from another thread, in whatever they do.
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

enum { SECOND = 1000000000, PAGES = 1024 };

static struct object object;
static struct wa_artifact *artifact;
static struct wa_error err;
static int block_pipe[2];

struct world {
  struct wa_store *store;
  struct wa_linker *linker;
  struct wa_memory_object *memory;
};

static struct world here;

static void nap(long nanoseconds) {
  struct timespec pause = {.tv_nsec = nanoseconds};
  nanosleep(&pause, NULL);
}

// ---- Host functions ----

static bool quick(const struct wa_host_call *call, union wa_cell *cells) {
  (void)call;
  (void)cells;
  return true;
}

// As a host function that may block should be.
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

enum what { REENTER, SPIN_ELSEWHERE, STUBBORN, INTERRUPT_SELF };

static struct world other;
static atomic_bool stubborn_inside;

static bool call_export(struct world *world, const char *name, struct wa_trap *trap);

// env.call: what the host function does.
static bool do_call(const struct wa_host_call *call, union wa_cell *cells) {
  struct wa_trap trap;
  struct wa_extern fn;
  union wa_cell none[1];
  switch ((enum what)cells[0].i32) {
  case REENTER:
    return wa_instance_export(call->instance, "reenter", 7, &fn) &&
           (wa_func_call(fn.func, none, &trap) || wa_raise_trap(&trap));
  case SPIN_ELSEWHERE:
    return call_export(&other, "spin", &trap) || wa_raise_trap(&trap);
  case STUBBORN:
    atomic_store(&stubborn_inside, true);
    while (atomic_load(&stubborn_inside)) {
      nap(100000);
    }
    return true;
  case INTERRUPT_SELF:
    return wa_store_interrupt(here.store, -1) || wa_raise(WA_TRAP_HOST, "waits for itself");
  }
  return false;
}

// ---- Worlds ----

static void world_init(struct world *world, const struct wa_store_options *options) {
  struct wa_extern value = {.kind = WA_EXTERN_MEMORY};
  world->store = wa_store_new(options);
  world->linker = wa_linker_new(world->store);
  world->memory = wa_memory_new(world->store, PAGES, PAGES, true, &err);
  ck_assert_ptr_nonnull(world->memory);
  value.memory = world->memory;
  ck_assert(wa_linker_define(world->linker, "env", 3, "memory", 6, value, &err));
  ck_assert(wa_linker_define_func(world->linker, "env", "quick", "", quick, NULL, &err));
  ck_assert(wa_linker_define_func(world->linker, "env", "block", "", block, NULL, &err));
  ck_assert(wa_linker_define_func(world->linker, "env", "call", "i", do_call, NULL, &err));
}

static void world_deinit(struct world *world) {
  wa_linker_free(world->linker);
  wa_store_free(world->store);
}

static void setup(void) {
  artifact = load_guest(&object);
  ck_assert_int_eq(pipe(block_pipe), 0);
  world_init(&here, NULL);
}

static void teardown(void) {
  world_deinit(&here);
  wa_artifact_release(artifact);
}

static bool call_with(struct world *world, const char *name, int32_t argument, int32_t *depth,
                      struct wa_trap *trap) {
  struct wa_instance *instance;
  struct wa_error own;
  struct wa_extern value;
  union wa_cell cells[1] = {{.i32 = argument}};
  if (wa_instance_new(world->store, artifact, world->linker, &instance, trap, &own) !=
          WA_INSTANTIATED ||
      !wa_instance_export(instance, name, strlen(name), &value)) {
    abort();
  }
  bool returned = wa_func_call(value.func, cells, trap);
  if (wa_instance_export(instance, "depth", 5, &value) && depth != NULL) {
    *depth = value.global->cell->i32;
  }
  wa_instance_free(instance);
  return returned;
}

static bool call_export(struct world *world, const char *name, struct wa_trap *trap) {
  return call_with(world, name, 0, NULL, trap);
}

// ---- A call on a thread of its own ----

struct caller {
  pthread_t thread;
  struct world *world;
  const char *name;
  int32_t argument;
  bool returned;
  atomic_bool started, done;
  struct wa_trap trap;
};

static void *run_caller(void *arg) {
  struct caller *caller = arg;
  atomic_store(&caller->started, true);
  caller->returned = call_with(caller->world, caller->name, caller->argument, NULL, &caller->trap);
  atomic_store(&caller->done, true);
  return NULL;
}

static void start(struct caller *caller, struct world *world, const char *name, int32_t argument) {
  *caller = (struct caller){.world = world, .name = name, .argument = argument};
  ck_assert_int_eq(pthread_create(&caller->thread, NULL, run_caller, caller), 0);
  while (!atomic_load(&caller->started)) {
    nap(10000);
  }
}

static void expect_interrupted(struct caller *caller) {
  pthread_join(caller->thread, NULL);
  ck_assert(!caller->returned);
  ck_assert_msg(caller->trap.code == WA_TRAP_INTERRUPTED, "%s: %s", caller->name,
                caller->trap.message);
}

// ---- Tests ----

// ThreadSanitizer holds signals back until the thread calls into the C library.
static const char *const states[] = {
    "wait",       "wait_an_hour", "wait_briefly", "wait_never", "block",
    "host_calls",
#ifndef __SANITIZE_THREAD__
    "spin",       "atomics",      "notify",       "fill",       "fill_short",
    "copy",       "grow_by_none", "grow_too_far", "fill_table", "grow_table_too_far",
    "round",
#endif
};
enum { STATES = sizeof states / sizeof states[0] };

static void interrupt_in(const char *state, long delay) {
  struct caller caller;
  start(&caller, &here, state, 0);
  nap(delay);
  ck_assert_msg(wa_store_interrupt(here.store, 30ll * SECOND), "%s goes on", state);
  // What the call itself does after it has left the store is not waited for.
  expect_interrupted(&caller);
  wa_store_resume(here.store);
}

START_TEST(ends_a_call_in_any_state) {
  for (int i = 0; i < 5; i++) {
    interrupt_in(states[_i], 3000000);
  }
  struct wa_trap trap;
  ck_assert(call_export(&here, "nothing", &trap));
}
END_TEST

// The call is just being made, or the thread on its way from one place to another.
START_TEST(ends_a_call_at_any_moment) {
  for (int i = 0; i < 100; i++) {
    interrupt_in(states[_i], rand() % 300000);
  }
}
END_TEST

START_TEST(lets_no_call_begin) {
  struct wa_trap trap;
  ck_assert(wa_store_interrupt(here.store, 0));
  ck_assert(!call_export(&here, "nothing", &trap));
  ck_assert_int_eq(trap.code, WA_TRAP_INTERRUPTED);
  ck_assert(!call_export(&here, "spin", &trap));
  wa_store_resume(here.store);
  ck_assert(call_export(&here, "nothing", &trap));
}
END_TEST

START_TEST(waits_for_host_functions) {
  struct caller caller;
  start(&caller, &here, "call", STUBBORN);
  while (!atomic_load(&stubborn_inside)) {
    nap(10000);
  }
  ck_assert(!wa_store_interrupt(here.store, 0));
  ck_assert(!wa_store_interrupt(here.store, SECOND / 50));
  ck_assert(!atomic_load(&caller.done));
  atomic_store(&stubborn_inside, false);
  ck_assert(wa_store_interrupt(here.store, 5ll * SECOND));
  expect_interrupted(&caller);
  wa_store_resume(here.store);
}
END_TEST

START_TEST(a_host_function_may_interrupt_its_own_call) {
  struct wa_trap trap;
  ck_assert(!call_with(&here, "call", INTERRUPT_SELF, NULL, &trap));
  ck_assert_int_eq(trap.code, WA_TRAP_INTERRUPTED);
}
END_TEST

#ifndef __SANITIZE_THREAD__
// here -> host -> other, spinning there.
START_TEST(reaches_calls_nested_in_another_store) {
  for (int i = 0; i < 2; i++) {
    struct caller caller;
    world_init(&other, NULL);
    struct wa_store *stop = i == 0 ? here.store : other.store;
    start(&caller, &here, "call", SPIN_ELSEWHERE);
    nap(2000000);
    ck_assert(wa_store_interrupt(stop, 5ll * SECOND));
    expect_interrupted(&caller);
    wa_store_resume(stop);
    world_deinit(&other);
  }
}
END_TEST

START_TEST(leaves_other_stores_alone) {
  struct caller caller;
  world_init(&other, NULL);
  start(&caller, &other, "spin", 0);
  for (int i = 0; i < 20; i++) {
    interrupt_in("wait", 100000);
  }
  ck_assert(!atomic_load(&caller.done));
  ck_assert(wa_store_interrupt(other.store, 5ll * SECOND));
  expect_interrupted(&caller);
  world_deinit(&other);
}
END_TEST
#endif

START_TEST(ends_many_callers) {
  enum { CALLERS = 50 };
  static struct caller callers[CALLERS];
  for (int i = 0; i < CALLERS; i++) {
    start(&callers[i], &here, states[i % STATES], 0);
  }
  ck_assert(wa_store_interrupt(here.store, 10ll * SECOND));
  for (int i = 0; i < CALLERS; i++) {
    expect_interrupted(&callers[i]);
  }
}
END_TEST

// ---- Stacks ----

static int32_t depth_of(struct world *world, const char *name) {
  struct wa_trap trap;
  int32_t depth = 0;
  ck_assert(!call_with(world, name, 0, &depth, &trap));
  ck_assert_msg(trap.code == WA_TRAP_STACK_EXHAUSTED, "%s", trap.message);
  return depth;
}

START_TEST(the_store_says_how_much_stack) {
  const struct wa_store_options options = {.stack_size = 1 << 20};
  world_init(&other, &options);
  int32_t large = depth_of(&here, "recurse");
  int32_t small = depth_of(&other, "recurse");
  ck_assert_int_gt(large, 7 * small);
  ck_assert_int_lt(large, 10 * small);
  ck_assert_int_eq(depth_of(&here, "recurse"), large);
  world_deinit(&other);
}
END_TEST

struct depths {
  struct wa_group *group;
  _Atomic int32_t main, spawned;
};

static bool store_depth(_Atomic int32_t *depth) {
  struct wa_trap trap;
  int32_t reached = 0;
  bool returned = call_with(&here, "recurse", 0, &reached, &trap);
  atomic_store(depth, reached);
  return !returned && trap.code == WA_TRAP_STACK_EXHAUSTED;
}

static bool on_spawned(void *arg, int32_t tid, struct wa_trap *trap) {
  (void)tid;
  (void)trap;
  return store_depth(&((struct depths *)arg)->spawned);
}

static bool on_main(void *arg, int32_t tid, struct wa_trap *trap) {
  struct depths *depths = arg;
  (void)tid;
  (void)trap;
  bool right = store_depth(&depths->main) && wa_group_spawn(depths->group, on_spawned, arg) > 0;
  while (right && atomic_load(&depths->spawned) == 0) {
    nap(100000);
  }
  return right;
}

START_TEST(threads_have_the_stack_of_the_main_one) {
  static const size_t sizes[] = {1 << 20, 8 << 20, 32 << 20};
  const struct wa_group_options options = {.stack_size = sizes[_i]};
  struct depths depths = {.group = wa_group_new(&options, &err)};
  struct wa_trap trap;
  ck_assert(wa_group_run(depths.group, on_main, &depths, &trap));
  wa_group_free(depths.group);
  // What the runtime's own frames take is not the same to the byte.
  ck_assert_int_gt(depths.main, 500);
  ck_assert_int_le(abs(depths.main - depths.spawned), 50);
}
END_TEST

START_TEST(recursion_through_the_host_is_a_trap) {
  for (int i = 0; i < 3; i++) {
    ck_assert_int_gt(depth_of(&here, "reenter"), 50);
  }
}
END_TEST

int main(void) {
  object = compile_guest(busy_wasm, busy_wasm_size, 1);
  srand((unsigned)getpid());
  Suite *suite = suite_create("interrupt");
  TCase *tests = tcase_create("interrupt");
  tcase_set_timeout(tests, 120);
  tcase_add_checked_fixture(tests, setup, teardown);
  tcase_add_loop_test(tests, ends_a_call_in_any_state, 0, STATES);
  tcase_add_loop_test(tests, ends_a_call_at_any_moment, 0, STATES);
  tcase_add_test(tests, lets_no_call_begin);
  tcase_add_test(tests, waits_for_host_functions);
  tcase_add_test(tests, a_host_function_may_interrupt_its_own_call);
#ifndef __SANITIZE_THREAD__
  tcase_add_test(tests, reaches_calls_nested_in_another_store);
  tcase_add_test(tests, leaves_other_stores_alone);
#endif
  tcase_add_test(tests, ends_many_callers);
  tcase_add_test(tests, the_store_says_how_much_stack);
  tcase_add_loop_test(tests, threads_have_the_stack_of_the_main_one, 0, 3);
  tcase_add_test(tests, recursion_through_the_host_is_a_trap);
  suite_add_tcase(suite, tests);
  int status = run_suite(suite);
  free(object.bytes);
  return status;
}
