// Functions that are compiled when they are first called: what the caller passes and has in
// registers, traps and exceptions on the way, several threads, too little stack, functions that
// cannot be compiled, and what happens meanwhile.
#include "cli/lazy.h"
#include "loader/cpu.h"
#include "loader/loader.h"
#include "runtime/runtime.h"
#include "runtime/thread/interrupt.h"
#include "tests/unit/guest_modules.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <elf.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const uint8_t wasm[] = {
#include "lazy.inc"
};
static const uint8_t tail_wasm[] = {
#include "lazy_tail.inc"
};

static int level;
static struct wa_compiler_api api; // of the compiler, or with a function of ours in it
static struct wa_module module;
static struct wa_lazy_module *lazy;
static struct wa_lazy_functions *functions;
static struct wa_artifact *artifact;
static struct wa_store *store;
static struct wa_linker *linker;
static struct wa_instance *instance;
static struct wa_trap trap;
static struct wa_error err;

static void instantiate(struct wa_store **in, struct wa_linker **by, struct wa_instance **made) {
  struct wa_error why;
  struct wa_trap ended;
  wa_error_clear(&why);
  *in = wa_store_new(NULL);
  *by = wa_linker_new(*in);
  ck_assert_int_eq(wa_instance_new(*in, artifact, *by, made, &ended, &why), WA_INSTANTIATED);
}

static void start(const uint8_t *bytes, size_t size) {
  const struct wa_load_options load = {.parts = true};
  struct wa_compile_options options;
  struct wa_buffer object;
  wa_error_clear(&err);
  api = *wasmaot_compiler_api(WA_COMPILER_API_VERSION);
  wa_compile_options_init(&options);
  options.opt_level = level;
  options.passes = "-inline"; // calls that stay calls
  options.jobs = 1;
  options.verify = true;
  ck_assert(wa_module_init(&module, (struct wa_bytes){bytes, size}, &err));
  lazy = wa_lazy_new(&module, &options, &object, &err);
  ck_assert_msg(lazy != NULL, "%s", err.message);
  artifact = wa_artifact_load_memory(object.data, object.size, "lazy", &load, &err);
  ck_assert_msg(artifact != NULL, "%s", err.message);
  wa_buffer_free(&object);
  functions = wa_lazy_functions_new(&api, lazy, artifact, 2, &err);
  ck_assert_msg(functions != NULL, "%s", err.message);
  wa_lazy_functions_start(functions);
  instantiate(&store, &linker, &instance);
}

static void start_plain(void) {
  start(wasm, sizeof wasm);
}

static void start_tail(void) {
  start(tail_wasm, sizeof tail_wasm);
}

static void stop(void) {
  wa_linker_free(linker);
  wa_store_free(store);
  while (!wa_lazy_functions_stop(functions)) {
  }
  wa_lazy_functions_free(functions);
  wa_artifact_release(artifact);
  wa_lazy_free(lazy);
  wa_module_deinit(&module);
}

static atomic_uint times;

static bool count_first(struct wa_lazy_worker *worker, uint32_t function, uint32_t first,
                        uint32_t end, const struct wa_lazy_room *room, struct wa_lazy_code *code,
                        struct wa_error *why) {
  atomic_fetch_add(&times, 1);
  return wa_lazy_compile(worker, function, first, end, room, code, why);
}

// They are counted a moment after they can be called.
static uint32_t compiled(uint32_t expected) {
  const struct timespec pause = {.tv_nsec = 1000000};
  for (int i = 0; i < 10000 && wa_lazy_functions_compiled(functions) < expected; i++) {
    nanosleep(&pause, NULL);
  }
  return wa_lazy_functions_compiled(functions);
}

static bool call_in(struct wa_instance *in, const char *name, int32_t argument, int32_t *result,
                    struct wa_trap *ended) {
  struct wa_extern function;
  union wa_cell cells[1] = {{.i32 = argument}};
  ck_assert(wa_instance_export(in, name, strlen(name), &function));
  bool returned = wa_func_call(function.func, cells, ended);
  *result = cells[0].i32;
  return returned;
}

static bool call(const char *name, int32_t argument, int32_t *result) {
  return call_in(instance, name, argument, result, &trap);
}

static void check(const char *name, int32_t argument, int32_t expected) {
  int32_t result;
  for (int i = 0; i < 2; i++) {
    ck_assert_msg(call(name, argument, &result), "%s: %s", name, trap.message);
    ck_assert_int_eq(result, expected);
  }
}

// ---- What is called ----

START_TEST(only_what_is_called) {
  ck_assert_uint_eq(compiled(0), 0);
  check("plain", 5, 6);
  ck_assert_uint_eq(compiled(2), 2);
  check("indirect", 5, 7);
  ck_assert_uint_eq(compiled(4), 4);
}
END_TEST

enum { SUM = 2 + 2 + 3 + 4 + 45 + 98 + 198 + 55 };

START_TEST(arguments_of_all_kinds) {
  check("direct", 100, 100 + SUM);
}
END_TEST

START_TEST(arguments_by_a_table) {
  check("by_value", 100, 100 + SUM);
}
END_TEST

START_TEST(exceptions) {
  check("caught", 5, 15);
}
END_TEST

START_TEST(traps) {
  int32_t result;
  ck_assert(!call("trap", 5, &result));
  ck_assert_int_eq(trap.code, WA_TRAP_INTEGER_DIVIDE_BY_ZERO);
  ck_assert_uint_eq(trap.frame_count, 3);
  for (uint32_t i = 0; i < trap.frame_count; i++) {
    ck_assert_str_eq(trap.frames[i].artifact, "lazy");
    ck_assert(i == 0 || trap.frames[i].function != trap.frames[i - 1].function);
  }
}
END_TEST

START_TEST(tail_calls) {
  check("tail", 1000, 1000 + 1000 + 500 - 11);
}
END_TEST

// ---- Neighbours ----

// The function that calls them, one that is called, then 2, 4 and what is left.
enum { TOGETHER = 5 };

START_TEST(neighbours_that_are_called_in_a_row) {
  api.lazy_compile = count_first;
  check("upwards", 0, 4095);
  ck_assert_uint_le(atomic_load(&times), TOGETHER);
  check("downwards", 0, 4095);
  ck_assert_uint_le(atomic_load(&times), 2 * TOGETHER);
}
END_TEST

static bool only_alone(struct wa_lazy_worker *worker, uint32_t function, uint32_t first,
                       uint32_t end, const struct wa_lazy_room *room, struct wa_lazy_code *code,
                       struct wa_error *why) {
  return end - first == 1 ? wa_lazy_compile(worker, function, first, end, room, code, why)
                          : wa_fail(why, WA_ERROR_SYSTEM, WA_NO_OFFSET, "too many");
}

START_TEST(neighbours_that_fail) {
  api.lazy_compile = only_alone;
  check("upwards", 0, 4095);
  check("downwards", 0, 4095);
}
END_TEST

// ---- Stack ----

// Where the stack ends before there is code for the last function, the call traps as any does that
// exhausts it; with a little less depth there is room.
START_TEST(too_little_stack) {
  int32_t result, depth = 1000;
  while (call("deep", depth, &result)) {
    ck_assert_int_eq(result, depth + 21);
    depth += depth / 4;
  }
  ck_assert_int_eq(trap.code, WA_TRAP_STACK_EXHAUSTED);
  check("deep", 1000, 1021);
}
END_TEST

START_TEST(too_little_stack_for_the_first_call) {
  int32_t result;
  ck_assert(!call("deep", 1 << 30, &result));
  ck_assert_int_eq(trap.code, WA_TRAP_STACK_EXHAUSTED);
  int32_t most = 1 << 30, least = 0;
  // The deepest that $late can be compiled from is less than what it can be called from.
  while (most - least > 1) {
    int32_t middle = least + (most - least) / 2;
    if (call("deep", middle, &result)) {
      least = middle;
    } else {
      ck_assert_int_eq(trap.code, WA_TRAP_STACK_EXHAUSTED);
      most = middle;
    }
  }
  check("deep", least, least + 21);
}
END_TEST

// Down to the last frame that there is room for: at each depth the stub, or what it calls, finds
// another end of the stack.
START_TEST(hardly_any_stack) {
#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__
  enum { FRAMES = 20 }; // each trap takes a tenth of a second there
#else
  enum { FRAMES = 200 }; // less than what is asked for
#endif
  int32_t result, least = 0, most = 1 << 30;
  api.lazy_compile = count_first;
  check("call_late", 0, 0);
  while (most - least > 1) {
    int32_t middle = least + (most - least) / 2;
    if (call("deep", middle, &result)) {
      least = middle;
    } else {
      most = middle;
    }
  }
  check("call_late", 1, 0);
  unsigned begun = atomic_load(&times);
  for (int32_t depth = least; depth > least - FRAMES; depth--) {
    ck_assert(!call("deep", depth, &result));
    ck_assert_int_eq(trap.code, WA_TRAP_STACK_EXHAUSTED);
  }
  ck_assert_uint_eq(atomic_load(&times), begun);
  check("deep", 1000, 1021);
}
END_TEST

// ---- Threads ----

enum { THREADS = 8 };

static pthread_barrier_t together;

static void *call_all(void *arg) {
  static const struct {
    const char *name;
    int32_t result;
  } calls[] = {{"plain", 101},
               {"indirect", 102},
               {"direct", 100 + SUM},
               {"by_value", 100 + SUM},
               {"caught", 110}};
  enum { COUNT = sizeof calls / sizeof *calls };
  size_t first = *(const size_t *)arg;
  struct wa_store *own_store;
  struct wa_linker *own_linker;
  struct wa_instance *own;
  instantiate(&own_store, &own_linker, &own);
  (void)pthread_barrier_wait(&together);
  for (size_t i = 0; i < COUNT; i++) {
    struct wa_trap ended;
    int32_t result;
    size_t n = (first + i) % COUNT;
    ck_assert(call_in(own, calls[n].name, 100, &result, &ended));
    ck_assert_int_eq(result, calls[n].result);
    ck_assert(!call_in(own, "trap", 1, &result, &ended));
    ck_assert_int_eq(ended.code, WA_TRAP_INTEGER_DIVIDE_BY_ZERO);
    ck_assert_uint_eq(ended.frame_count, 3);
  }
  wa_linker_free(own_linker);
  wa_store_free(own_store);
  return NULL;
}

START_TEST(many_threads) {
  pthread_t threads[THREADS];
  size_t first[THREADS];
  ck_assert_int_eq(pthread_barrier_init(&together, NULL, THREADS), 0);
  for (size_t i = 0; i < THREADS; i++) {
    first[i] = i;
    ck_assert_int_eq(pthread_create(&threads[i], NULL, call_all, &first[i]), 0);
  }
  for (size_t i = 0; i < THREADS; i++) {
    (void)pthread_join(threads[i], NULL);
  }
  ck_assert_uint_ge(compiled(15), 15); // and neighbours
  (void)pthread_barrier_destroy(&together);
}
END_TEST

// ---- What happens meanwhile ----

static bool cannot(struct wa_lazy_worker *worker, uint32_t function, uint32_t first, uint32_t end,
                   const struct wa_lazy_room *room, struct wa_lazy_code *code,
                   struct wa_error *why) {
  (void)worker, (void)function, (void)first, (void)end, (void)room, (void)code;
  return wa_fail(why, WA_ERROR_SYSTEM, WA_NO_OFFSET, "no more memory today");
}

START_TEST(a_function_that_cannot_be_compiled) {
  int32_t result;
  check("plain", 5, 6);
  api.lazy_compile = cannot;
  for (int i = 0; i < 2; i++) {
    ck_assert(!call("indirect", 5, &result));
    ck_assert_int_eq(trap.code, WA_TRAP_HOST);
    ck_assert_ptr_nonnull(strstr(trap.message, "a function cannot be compiled: no more memory"));
  }
  check("plain", 5, 6);
}
END_TEST

// The backtrace has the callers of what cannot be compiled.
START_TEST(a_callee_that_cannot_be_compiled) {
  int32_t result;
  ck_assert(!call("trap", 5, &result));
  api.lazy_compile = cannot;
  ck_assert(!call("deep", 5, &result)); // not even the export
  ck_assert_uint_eq(trap.frame_count, 0);
}
END_TEST

static struct wa_artifact *whole;

static bool replace_first(struct wa_lazy_worker *worker, uint32_t function, uint32_t first,
                          uint32_t end, const struct wa_lazy_room *room, struct wa_lazy_code *code,
                          struct wa_error *why) {
  atomic_fetch_add(&times, 1);
  if (whole != NULL) {
    struct wa_artifact *by = whole;
    whole = NULL;
    ck_assert_msg(wa_artifact_replace(artifact, by, why), "%s", why->message);
    wa_artifact_release(by);
  }
  return wa_lazy_compile(worker, function, first, end, room, code, why);
}

// Optimised code of the whole module that comes while a function is compiled: it is called from
// then on, also by who waits, and no part takes its place.
START_TEST(replaced_while_a_guest_waits) {
  struct object object = compile_guest(wasm, sizeof wasm, 3);
  whole = wa_artifact_load_memory(object.bytes, object.size, "whole", NULL, &err);
  ck_assert(whole != NULL);
  free(object.bytes);
  check("plain", 5, 6);
  api.lazy_compile = replace_first;
  check("caught", 5, 15);
  ck_assert(whole == NULL);
  // The guest did not wait for its function, which may still be on its way; none is begun anew.
  unsigned begun = atomic_load(&times);
  check("direct", 100, 100 + SUM);
  check("plain", 5, 6);
  int32_t result;
  ck_assert(!call("trap", 5, &result));
  ck_assert_uint_eq(atomic_load(&times), begun);
  ck_assert_uint_ge(trap.frame_count, 1);
  for (uint32_t i = 0; i < trap.frame_count; i++) {
    ck_assert_str_eq(trap.frames[i].artifact, "whole");
  }
}
END_TEST

// ThreadSanitizer keeps a signal until its thread makes a call that it knows, which a loop of the
// guest's never does.
#ifndef __SANITIZE_THREAD__
static atomic_bool waits, may_go_on;

static bool wait_first(struct wa_lazy_worker *worker, uint32_t function, uint32_t first,
                       uint32_t end, const struct wa_lazy_room *room, struct wa_lazy_code *code,
                       struct wa_error *why) {
  const struct timespec pause = {.tv_nsec = 1000000};
  atomic_store(&waits, true);
  while (!atomic_load(&may_go_on)) {
    nanosleep(&pause, NULL);
  }
  return wa_lazy_compile(worker, function, first, end, room, code, why);
}

static void *spin(void *arg) {
  int32_t result;
  *(bool *)arg = call("spin", 0, &result);
  return NULL;
}

// A thread that is told to end while it waits for code waits no longer.
START_TEST(interrupted_while_it_waits) {
  const struct timespec pause = {.tv_nsec = 1000000};
  pthread_t thread;
  bool returned = true;
  api.lazy_compile = wait_first;
  ck_assert_int_eq(pthread_create(&thread, NULL, spin, &returned), 0);
  while (!atomic_load(&waits)) {
    nanosleep(&pause, NULL);
  }
  ck_assert(wa_store_interrupt(store, -1));
  (void)pthread_join(thread, NULL);
  ck_assert(!returned);
  ck_assert_int_eq(trap.code, WA_TRAP_INTERRUPTED);
  atomic_store(&may_go_on, true);
  wa_store_resume(store);
  check("plain", 5, 6);
}
END_TEST
#endif

static Suite *make(const char *name) {
  Suite *suite = suite_create(name);
  TCase *plain = tcase_create("plain");
  tcase_add_checked_fixture(plain, start_plain, stop);
  tcase_add_test(plain, only_what_is_called);
  tcase_add_test(plain, arguments_of_all_kinds);
  tcase_add_test(plain, arguments_by_a_table);
  tcase_add_test(plain, exceptions);
  tcase_add_test(plain, traps);
  tcase_add_test(plain, neighbours_that_are_called_in_a_row);
  tcase_add_test(plain, neighbours_that_fail);
  tcase_add_test(plain, too_little_stack);
  tcase_add_test(plain, too_little_stack_for_the_first_call);
  tcase_add_test(plain, hardly_any_stack);
  tcase_add_test(plain, many_threads);
  tcase_add_test(plain, a_function_that_cannot_be_compiled);
  tcase_add_test(plain, a_callee_that_cannot_be_compiled);
  tcase_add_test(plain, replaced_while_a_guest_waits);
#ifndef __SANITIZE_THREAD__
  tcase_add_test(plain, interrupted_while_it_waits);
#endif
  suite_add_tcase(suite, plain);
  // LLVM promises no such tail call on RISC-V; see docs/semantics.md.
  if (wa_host_machine() != EM_RISCV) {
    TCase *tail = tcase_create("tail");
    tcase_add_checked_fixture(tail, start_tail, stop);
    tcase_add_test(tail, tail_calls);
    suite_add_tcase(suite, tail);
  }
  return suite;
}

int main(void) {
  level = 0;
  int fast = run_suite(make("compiled when called, -O0"));
  level = 3;
  int slow = run_suite(make("compiled when called, -O3"));
  return fast == EXIT_SUCCESS ? slow : fast;
}
