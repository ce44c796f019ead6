// Host functions deep down in a guest's recursion: what they are guaranteed, and what happens to
// one that needs more.
#include "support.h"

#include <alloca.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

enum { KIB = 1024, MIB = 1024 * KIB };

// Of one store's calls of its host function.
struct calls {
  wasm_store_t *store;
  wasm_instance_t *instance;
  pthread_mutex_t lock; // held while the function uses its stack
  atomic_uint begun;
  atomic_uint ended;
  bool unprobed;      // touch the far end of the frame alone
  const char *nested; // what the function calls from its frame, with `nested_arg`
  int32_t nested_arg;
  unsigned nested_traps;
  bool exit;      // end the program from its frame
  bool lingering; // do not return before the store is interrupted
};

static wasm_trap_t *call_with(const struct calls *calls, const char *name, int32_t value) {
  wasm_func_t *func = function(calls->instance, name);
  wasm_val_t arg[1] = {WASM_I32_VAL(value)};
  wasm_val_vec_t args = WASM_ARRAY_VEC(arg);
  wasm_val_t result[1];
  wasm_val_vec_t results = WASM_ARRAY_VEC(result);
  wasm_trap_t *trap = wasm_func_call(func, &args, &results);
  wasm_func_delete(func);
  return trap;
}

static wasm_trap_t *call_nested(struct calls *calls) {
  const char *name = calls->nested;
  calls->nested = NULL;
  wasm_trap_t *trap = call_with(calls, name, calls->nested_arg);
  if (trap != NULL) {
    ck_assert(wasmaot_trap_code(trap) == WASMAOT_TRAP_STACK_EXHAUSTED);
    calls->nested_traps++;
  }
  calls->nested = name;
  return trap;
}

static void linger(void) {
  struct timespec pause = {.tv_nsec = 50000000};
  (void)nanosleep(&pause, NULL); // the interrupt ends it, or comes while it lasts
}

// Ends as the test at hand says, from a frame of so many bytes.
static __attribute__((noinline)) wasm_trap_t *use_stack(struct calls *calls, size_t bytes) {
  volatile char *frame = alloca(bytes);
  for (size_t i = bytes; !calls->unprobed && i > 4 * KIB; i -= 4 * KIB) {
    frame[i - 1] = 1;
  }
  frame[0] = 1;
  if (calls->nested != NULL) {
    wasm_trap_delete(call_nested(calls));
  }
  if (calls->lingering) {
    linger();
  }
  if (calls->exit) {
    return wasmaot_trap_new_exit(42);
  }
  frame[bytes - 1] = frame[0];
  return NULL;
}

static wasm_trap_t *host_f(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  struct calls *calls = env;
  (void)results;
  bool locked = calls->nested == NULL;
  if (locked) {
    pthread_mutex_lock(&calls->lock);
  }
  atomic_fetch_add(&calls->begun, 1);
  wasm_trap_t *trap = use_stack(calls, (size_t)args->data[0].of.i32);
  atomic_fetch_add(&calls->ended, 1);
  if (locked) {
    pthread_mutex_unlock(&calls->lock);
  }
  return trap;
}

static wasm_func_t *make_host_f(struct calls *calls, wasm_store_t *in) {
  wasm_functype_t *type = wasm_functype_new_1_0(wasm_valtype_new_i32());
  wasm_func_t *func = wasm_func_new_with_env(in, type, host_f, calls, NULL);
  wasm_functype_delete(type);
  return func;
}

// The module, in a store whose host functions are guaranteed so many bytes; 0: as by default.
static void begin(struct calls *calls, size_t host_stack, size_t stack) {
  *calls = (struct calls){.lock = PTHREAD_MUTEX_INITIALIZER};
  wasm_config_t *config = wasm_config_new();
  ck_assert(wasmaot_config_set_optimization(config, 1));
  ck_assert(wasmaot_config_set_cpu(config, "baseline"));
  ck_assert(host_stack == 0 || wasmaot_config_set_host_stack(config, host_stack));
  ck_assert(stack == 0 || wasmaot_config_set_stack(config, stack));
  wasm_engine_t *own_engine = wasm_engine_new_with_config(config);
  calls->store = wasm_store_new(own_engine);
  wasm_engine_delete(own_engine);
  wasm_func_t *func = make_host_f(calls, calls->store);
  wasm_extern_t *externs[1] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  calls->instance =
      wasm_instance_new(calls->store, module_named("host_stack.wasm"), &imports, NULL);
  ck_assert_msg(calls->instance != NULL, "%s", wasmaot_last_error_message());
  wasm_func_delete(func);
}

static void end(struct calls *calls) {
  wasm_instance_delete(calls->instance);
  wasm_store_delete(calls->store);
}

// A call that ends for want of stack, in a trap that says so.
static void expect_exhausted(struct calls *calls, const char *name, int32_t bytes,
                             const char *message) {
  atomic_store(&calls->begun, 0);
  atomic_store(&calls->ended, 0);
  wasm_trap_t *trap = call_with(calls, name, bytes);
  expect_message(trap, message);
  ck_assert(wasmaot_trap_code(trap) == WASMAOT_TRAP_STACK_EXHAUSTED);
  wasm_trap_delete(trap);
  ck_assert_uint_ge(atomic_load(&calls->begun), 1);
  // Whatever it needed, no call of the host's was left half done.
  ck_assert_uint_eq(atomic_load(&calls->begun), atomic_load(&calls->ended));
}

static const char *const ways[] = {"direct", "indirect", "tail", "tail_indirect", "caught"};
enum { WAYS = sizeof ways / sizeof ways[0] };

static const char not_called[] = "call stack exhausted: a host function would have less";
static const char needed_more[] = "call stack exhausted: a host function needed more";

START_TEST(what_is_guaranteed_is_there) {
  static const struct {
    size_t host_stack, stack;
    int32_t bytes;
  } sizes[] = {{0, MIB, 100 * KIB},
               {128 * KIB, 256 * KIB, 100 * KIB},
               {MIB, 2 * MIB, 1000 * KIB},
               {4 * MIB, 5 * MIB, 4 * MIB - 24 * KIB}};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    struct calls calls;
    begin(&calls, sizes[i].host_stack, sizes[i].stack);
    for (int way = 0; way < WAYS; way++) {
      // Touched to its end each time; with the default the probe of compiled code is as far down.
      expect_exhausted(&calls, ways[way], sizes[i].bytes,
                       sizes[i].host_stack > 128 * KIB ? not_called : "call stack exhausted");
    }
    end(&calls);
  }
}
END_TEST

START_TEST(a_function_that_needs_more_returns_and_traps) {
  struct calls calls;
  begin(&calls, 0, MIB);
  for (int unprobed = 0; unprobed < 2; unprobed++) {
    calls.unprobed = unprobed != 0;
    for (int way = 0; way < WAYS; way++) {
      for (int32_t bytes = 160 * KIB; bytes < 7 * MIB; bytes *= 6) {
        expect_exhausted(&calls, ways[way], bytes, needed_more);
      }
    }
  }
  // The guard is closed again, and all as it was.
  expect_exhausted(&calls, "direct", KIB, "call stack exhausted");
  ck_assert_ptr_null(call_with(&calls, "once", KIB));
  ck_assert_ptr_null(call_with(&calls, "once", 900 * KIB));
  end(&calls);
}
END_TEST

START_TEST(a_stack_has_room_for_its_host_functions) {
  struct calls calls;
  begin(&calls, 16 * MIB, 256 * KIB);
  ck_assert_ptr_null(call_with(&calls, "once", 15 * MIB));
  expect_exhausted(&calls, "direct", 15 * MIB, not_called);
  end(&calls);
}
END_TEST

START_TEST(exceptions_find_their_handlers_after_it) {
  struct calls calls;
  begin(&calls, 0, 0);
  expect_exhausted(&calls, "caught", MIB, needed_more);
  wasm_func_t *throws = function(calls.instance, "throws");
  int32_t bytes[1] = {5 * MIB};
  ck_assert_int_eq(call_i32(throws, 1, bytes), 42);
  wasm_func_delete(throws);
  end(&calls);
}
END_TEST

START_TEST(nested_calls_share_the_stack) {
  struct calls calls;
  begin(&calls, 0, MIB);
  // The inner call uses up the stack, and is the only one that traps.
  calls.nested = "direct";
  calls.nested_arg = 300000;
  ck_assert_ptr_null(call_with(&calls, "once", 200 * KIB));
  ck_assert_uint_eq(calls.nested_traps, 1);
  // From within the spare part no guest is called; the outer function ends in its own time.
  calls.nested = "once";
  calls.nested_arg = 16;
  calls.nested_traps = 0;
  wasm_trap_t *trap = call_with(&calls, "once", 2 * MIB);
  expect_message(trap, needed_more);
  wasm_trap_delete(trap);
  ck_assert_uint_eq(calls.nested_traps, 1);
  // And again when it is closed.
  ck_assert_ptr_null(call_with(&calls, "once", 16));
  end(&calls);
}
END_TEST

START_TEST(an_exit_from_there_is_an_exit) {
  struct calls calls;
  begin(&calls, 0, MIB);
  calls.exit = true;
  wasm_trap_t *trap = call_with(&calls, "once", 2 * MIB);
  int status = 0;
  ck_assert(wasmaot_trap_exit_status(trap, &status));
  ck_assert_int_eq(status, 42);
  wasm_trap_delete(trap);
  calls.exit = false;
  expect_exhausted(&calls, "direct", 300000, needed_more);
  end(&calls);
}
END_TEST

static void *interrupt(void *arg) {
  struct calls *calls = arg;
  while (atomic_load(&calls->begun) == 0) {
  }
  ck_assert(wasmaot_store_interrupt(calls->store, (int64_t)10000000000));
  return NULL;
}

START_TEST(an_interrupt_waits_for_its_return) {
  struct calls calls;
  begin(&calls, 0, MIB);
  calls.lingering = true;
  pthread_t thread;
  ck_assert_int_eq(pthread_create(&thread, NULL, interrupt, &calls), 0);
  wasm_trap_t *trap = call_with(&calls, "once", 2 * MIB);
  pthread_join(thread, NULL);
  ck_assert(wasmaot_trap_code(trap) == WASMAOT_TRAP_INTERRUPTED);
  wasm_trap_delete(trap);
  ck_assert_uint_eq(atomic_load(&calls.ended), 1);
  wasmaot_store_resume(calls.store);
  calls.lingering = false;
  expect_exhausted(&calls, "direct", 300000, needed_more);
  end(&calls);
}
END_TEST

enum { THREADS = 8 };

static void *exhaust(void *arg) {
  struct calls *calls = arg;
  for (int i = 0; i < 10; i++) {
    expect_exhausted(calls, ways[i % WAYS], 300000 + i * 100000, needed_more);
  }
  return NULL;
}

START_TEST(threads_have_their_own) {
  static struct calls calls[THREADS];
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) {
    begin(&calls[i], 0, i % 2 == 0 ? 2 * MIB : MIB);
    ck_assert_int_eq(pthread_create(&threads[i], NULL, exhaust, &calls[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    end(&calls[i]);
  }
}
END_TEST

START_TEST(threads_of_a_program_end_with_it) {
  for (int round = 0; round < 5; round++) {
    struct calls calls = {.lock = PTHREAD_MUTEX_INITIALIZER};
    wasmaot_group_t *group;
    wasmaot_group_options_t options = {.stack_size = MIB};
    expect_ok(wasmaot_group_new(&options, &group));
    wasmaot_linker_t *linker = wasmaot_linker_new(store);
    wasmaot_wasi_config_t *wasi = wasmaot_wasi_config_new();
    expect_ok(wasmaot_linker_define_wasi(linker, wasi));
    wasmaot_wasi_config_delete(wasi);
    wasm_func_t *func = make_host_f(&calls, store);
    expect_ok(wasmaot_linker_define(linker, "host", "f", wasm_func_as_extern(func)));
    wasm_trap_t *trap = NULL;
    int status = 0;
    expect_ok(wasmaot_group_run_command(group, linker, module_named("host_stack_threads.wasm"),
                                        &status, &trap));
    expect_message(trap, needed_more);
    wasm_trap_delete(trap);
    wasmaot_group_delete(group);
    ck_assert_uint_ge(atomic_load(&calls.begun), 4);
    ck_assert_uint_eq(atomic_load(&calls.begun), atomic_load(&calls.ended));
    wasm_func_delete(func);
    wasmaot_linker_delete(linker);
  }
}
END_TEST

START_TEST(sizes_have_bounds) {
  wasm_config_t *config = wasm_config_new();
  ck_assert(!wasmaot_config_set_host_stack(config, 0));
  ck_assert(!wasmaot_config_set_host_stack(config, 128 * KIB - 1));
  ck_assert(strstr(wasmaot_last_error_message(), "128 KiB to 1 GiB") != NULL);
  ck_assert(!wasmaot_config_set_host_stack(config, (size_t)1024 * MIB + 1));
  ck_assert(!wasmaot_config_set_host_stack(config, SIZE_MAX));
  ck_assert(wasmaot_config_set_host_stack(config, 128 * KIB));
  ck_assert(wasmaot_config_set_host_stack(config, (size_t)1024 * MIB));
  wasm_config_delete(config);
}
END_TEST

static void add(TCase *tcase) {
  tcase_add_test(tcase, what_is_guaranteed_is_there);
  tcase_add_test(tcase, a_function_that_needs_more_returns_and_traps);
  tcase_add_test(tcase, a_stack_has_room_for_its_host_functions);
  tcase_add_test(tcase, exceptions_find_their_handlers_after_it);
  tcase_add_test(tcase, nested_calls_share_the_stack);
  tcase_add_test(tcase, an_exit_from_there_is_an_exit);
  tcase_add_test(tcase, an_interrupt_waits_for_its_return);
  tcase_add_test(tcase, threads_have_their_own);
  tcase_add_test(tcase, threads_of_a_program_end_with_it);
  tcase_add_test(tcase, sizes_have_bounds);
}

int main(void) {
  return run_tests("api host stack", add);
}
