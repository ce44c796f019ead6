// Stores on many threads, memory that they share, groups that are stopped.
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { THREADS = 8, ROUNDS = 60 };

// ThreadSanitizer keeps signals from code that makes no call that it knows, so nothing ends a loop
// in a guest there.
#ifdef __SANITIZE_THREAD__
static const bool can_end_loops = false;
#else
static const bool can_end_loops = true;
#endif

static wasm_module_t *module; // of the test at hand, used by all threads at once

static int32_t call1(wasm_func_t *func, int32_t argument) {
  wasm_val_t from[1] = {WASM_I32_VAL(argument)};
  wasm_val_t to[1] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(from);
  wasm_val_vec_t results = {wasm_func_result_arity(func), to};
  wasm_trap_t *trap = wasm_func_call(func, &args, &results);
  bool trapped = trap != NULL;
  wasm_trap_delete(trap);
  return trapped ? -1 : to[0].of.i32;
}

// The number of failures: Check's assertions are for the main thread.
static void *use_store(void *arg) {
  int *failures = arg;
  for (int i = 0; i < ROUNDS; i++) {
    wasm_store_t *own_store = wasm_store_new(engine);
    wasm_extern_vec_t none = WASM_EMPTY_VEC;
    wasm_instance_t *instance = wasm_instance_new(own_store, module, &none, NULL);
    wasm_func_t *run =
        instance == NULL ? NULL : wasm_extern_as_func(wasmaot_instance_export(instance, "run"));
    *failures += run == NULL || call1(run, 17) != 'e' || call1(run, 70000) != -1;
    wasm_func_delete(run);
    wasm_instance_delete(instance);
    wasm_module_t *copy = wasm_module_copy(module);
    wasm_module_delete(copy);
    wasm_store_delete(own_store);
  }
  return NULL;
}

START_TEST(many_stores_on_many_threads) {
  pthread_t threads[THREADS];
  int failures[THREADS] = {0};
  module = module_named("small.wasm");
  for (int i = 0; i < THREADS; i++) {
    ck_assert(pthread_create(&threads[i], NULL, use_store, &failures[i]) == 0);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    ck_assert_int_eq(failures[i], 0);
  }
}
END_TEST

// ---- Code that is loaded, linked and unloaded while other code runs ----

// What all threads load: text, types and unwind rows of its own each time.
static wasm_byte_vec_t object;
static atomic_int loaders_left;

static bool call_nothing(const wasm_instance_t *instance, const char *name, int32_t argument) {
  wasm_func_t *func = wasm_extern_as_func(wasmaot_instance_export(instance, name));
  wasm_val_t from[1] = {WASM_I32_VAL(argument)};
  wasm_val_vec_t args = WASM_ARRAY_VEC(from);
  wasm_val_vec_t results = WASM_EMPTY_VEC;
  wasm_trap_t *trap = wasm_func_call(func, &args, &results);
  bool returned = trap == NULL;
  wasm_trap_delete(trap);
  wasm_func_delete(func);
  return returned;
}

// A type that few others have, so that types are added meanwhile.
static bool make_function_of(wasm_store_t *own_store, size_t params, bool is_long) {
  wasm_valtype_vec_t types, none = WASM_EMPTY_VEC;
  wasm_valtype_vec_new_uninitialized(&types, params);
  for (size_t i = 0; i < params; i++) {
    types.data[i] = wasm_valtype_new(is_long ? WASM_I64 : WASM_F32);
  }
  wasm_functype_t *type = wasm_functype_new(&types, &none);
  wasm_func_t *func = wasm_func_new(own_store, type, NULL);
  bool right = func != NULL && wasm_func_param_arity(func) == params;
  wasm_func_delete(func);
  wasm_functype_delete(type);
  return right;
}

// The calls go through tables by type and trap when they reach another type or instance.
static void *load_and_unload(void *arg) {
  int *failures = arg;
  for (int i = 0; i < ROUNDS; i++) {
    wasm_store_t *own_store = wasm_store_new(engine);
    wasm_module_t *own = wasm_module_deserialize(own_store, &object);
    wasm_extern_vec_t none = WASM_EMPTY_VEC;
    wasm_instance_t *instances[2];
    for (int k = 0; k < 2; k++) {
      instances[k] = own == NULL ? NULL : wasm_instance_new(own_store, own, &none, NULL);
      *failures += instances[k] == NULL || !call_nothing(instances[k], "write", 20) ||
                   !call_nothing(instances[k], "call", 20);
    }
    *failures += !make_function_of(own_store, (size_t)i % 40, i % 3 != 0);
    wasm_instance_delete(instances[0]);
    wasm_module_delete(own); // the other instance keeps it
    *failures += instances[1] == NULL || !call_nothing(instances[1], "call", 20);
    wasm_instance_delete(instances[1]);
    wasm_store_delete(own_store);
  }
  atomic_fetch_sub(&loaders_left, 1);
  return NULL;
}

// Finds text by the address of a trap, and walks frames, all the time.
static void *trap_until_all_loaded(void *arg) {
  int *failures = arg;
  wasm_store_t *own_store = wasm_store_new(engine);
  wasm_extern_vec_t none = WASM_EMPTY_VEC;
  wasm_instance_t *instance = wasm_instance_new(own_store, module, &none, NULL);
  wasm_func_t *func = wasm_extern_as_func(wasmaot_instance_export(instance, "run"));
  while (atomic_load(&loaders_left) > 0) {
    wasm_val_t from[1] = {WASM_I32_VAL(70000)};
    wasm_val_t to[1] = {WASM_INIT_VAL};
    wasm_val_vec_t args = WASM_ARRAY_VEC(from), results = WASM_ARRAY_VEC(to);
    wasm_trap_t *trap = wasm_func_call(func, &args, &results);
    wasm_frame_t *frame = trap == NULL ? NULL : wasm_trap_origin(trap);
    *failures += frame == NULL || wasm_frame_instance(frame) != instance;
    wasm_frame_delete(frame);
    wasm_trap_delete(trap);
  }
  wasm_func_delete(func);
  wasm_instance_delete(instance);
  wasm_store_delete(own_store);
  return NULL;
}

START_TEST(code_comes_and_goes_while_other_code_runs) {
  enum { LOADERS = 4, RUNNERS = 2 };
  pthread_t threads[LOADERS + RUNNERS];
  int failures[LOADERS + RUNNERS] = {0};
  module = module_named("small.wasm");
  wasm_module_serialize(module_named("linked.wasm"), &object);
  ck_assert_uint_ne(object.size, 0);
  atomic_store(&loaders_left, LOADERS);
  for (int i = 0; i < LOADERS + RUNNERS; i++) {
    ck_assert(pthread_create(&threads[i], NULL,
                             i < LOADERS ? load_and_unload : trap_until_all_loaded,
                             &failures[i]) == 0);
  }
  for (int i = 0; i < LOADERS + RUNNERS; i++) {
    pthread_join(threads[i], NULL);
    ck_assert_msg(failures[i] == 0, "%d wrong on thread %d", failures[i], i);
  }
  wasm_byte_vec_delete(&object);
}
END_TEST

static wasmaot_sharedmemory_t *shared;

static void *add_in_store(void *arg) {
  int *failures = arg;
  wasm_store_t *own_store = wasm_store_new(engine);
  wasm_memory_t *memory = wasmaot_sharedmemory_obtain(own_store, shared);
  wasm_memory_t *again = wasmaot_sharedmemory_obtain(own_store, shared);
  *failures += !wasm_memory_same(memory, again);
  wasm_extern_t *externs[1] = {wasm_memory_as_extern(memory)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t *instance = wasm_instance_new(own_store, module, &imports, NULL);
  wasm_func_t *func =
      instance == NULL ? NULL : wasm_extern_as_func(wasmaot_instance_export(instance, "add"));
  *failures += func == NULL || call1(func, 10000) == -1;
  wasm_func_delete(func);
  wasm_instance_delete(instance);
  wasm_memory_delete(memory);
  wasm_memory_delete(again);
  wasm_store_delete(own_store);
  return NULL;
}

START_TEST(a_memory_of_several_stores) {
  pthread_t threads[THREADS];
  int failures[THREADS] = {0};
  wasmaot_limits_t limits = {.min = 1, .max = 4, .shared = true};
  wasm_memorytype_t *type = wasmaot_memorytype_new(&limits);
  expect_ok(wasmaot_sharedmemory_new(engine, type, &shared));
  wasm_memorytype_delete(type);
  module = module_named("shared.wasm");
  for (int i = 0; i < THREADS; i++) {
    ck_assert(pthread_create(&threads[i], NULL, add_in_store, &failures[i]) == 0);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    ck_assert_int_eq(failures[i], 0);
  }
  int32_t sum;
  memcpy(&sum, wasmaot_sharedmemory_data(shared), sizeof sum);
  ck_assert_int_eq(sum, THREADS * 10000);
  ck_assert_uint_eq(wasmaot_sharedmemory_data_size(shared), 65536);
  // A store keeps the memory.
  wasm_memory_t *memory = wasmaot_sharedmemory_obtain(store, shared);
  wasmaot_sharedmemory_delete(shared);
  memcpy(&sum, wasm_memory_data(memory), sizeof sum);
  ck_assert_int_eq(sum, THREADS * 10000);
  wasm_memory_delete(memory);
}
END_TEST

START_TEST(an_unshared_type_makes_no_shared_memory) {
  wasm_limits_t limits = {1, 4};
  wasm_memorytype_t *type = wasm_memorytype_new(&limits);
  expect_error(wasmaot_sharedmemory_new(engine, type, &shared), "not shared");
  wasm_memorytype_delete(type);
}
END_TEST

// ---- Stopping ----

static atomic_bool ready;

static wasm_trap_t *set_ready(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  (void)args;
  (void)results;
  atomic_store(&ready, true);
  return NULL;
}

static void sleep_ms(long ms) {
  struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
  nanosleep(&pause, NULL);
}

static void *stop_when_ready(void *group) {
  while (!atomic_load(&ready)) {
    sleep_ms(1);
  }
  sleep_ms(5);
  wasmaot_group_stop(group);
  return NULL;
}

static wasm_instance_t *forever;

static wasm_trap_t *call_export(void *name) {
  wasm_func_t *func = wasm_extern_as_func(wasmaot_instance_export(forever, name));
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  wasm_trap_t *trap = wasm_func_call(func, &none, &none);
  wasm_func_delete(func);
  return trap;
}

static void expect_stopped(wasm_trap_t *(*body)(void *), void *arg) {
  wasmaot_group_t *group;
  pthread_t stopper;
  wasmaot_group_options_t options = {.max_threads = 4, .stack_size = 1 << 20};
  expect_ok(wasmaot_group_new(&options, &group));
  atomic_store(&ready, false);
  ck_assert(pthread_create(&stopper, NULL, stop_when_ready, group) == 0);
  wasm_trap_t *trap = wasmaot_group_run(group, body, arg);
  pthread_join(stopper, NULL);
  ck_assert_ptr_nonnull(trap);
  ck_assert(wasmaot_trap_code(trap) == WASMAOT_TRAP_INTERRUPTED);
  wasm_trap_delete(trap);
  // It runs nothing any more.
  trap = wasmaot_group_run(group, body, arg);
  ck_assert(wasmaot_trap_code(trap) == WASMAOT_TRAP_INTERRUPTED);
  wasm_trap_delete(trap);
  wasmaot_group_delete(group);
}

static void make_forever(void) {
  wasm_functype_t *type = wasm_functype_new_0_0();
  wasm_func_t *func = wasm_func_new(store, type, set_ready);
  wasm_functype_delete(type);
  wasm_extern_t *externs[1] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  forever = wasm_instance_new(store, module_named("forever.wasm"), &imports, NULL);
  wasm_func_delete(func);
}

START_TEST(a_group_is_stopped_in_a_loop_and_in_a_wait) {
  static char spin[] = "spin";
  static char wait[] = "wait";
  make_forever();
  if (can_end_loops) {
    expect_stopped(call_export, spin);
  }
  expect_stopped(call_export, wait);
  wasm_instance_delete(forever);
}
END_TEST

static void *interrupt_when_ready(void *arg) {
  (void)arg;
  while (!atomic_load(&ready)) {
    sleep_ms(1);
  }
  // What a signal misses is sent it again.
  return wasmaot_store_interrupt(store, (int64_t)10000000000) ? store : NULL;
}

START_TEST(a_call_outside_of_groups_is_interrupted) {
  static char spin[] = "spin";
  static char wait[] = "wait";
  char *names[] = {spin, wait};
  make_forever();
  for (int i = can_end_loops ? 0 : 1; i < 2; i++) {
    pthread_t interrupter;
    void *seen;
    atomic_store(&ready, false);
    ck_assert(pthread_create(&interrupter, NULL, interrupt_when_ready, NULL) == 0);
    wasm_trap_t *trap = call_export(names[i]);
    pthread_join(interrupter, &seen);
    ck_assert_ptr_nonnull(seen);
    ck_assert(wasmaot_trap_code(trap) == WASMAOT_TRAP_INTERRUPTED);
    wasm_trap_delete(trap);
    // No call begins until it is resumed.
    trap = call_export(names[i]);
    ck_assert(wasmaot_trap_code(trap) == WASMAOT_TRAP_INTERRUPTED);
    wasm_trap_delete(trap);
    wasmaot_store_resume(store);
  }
  wasm_instance_delete(forever);
}
END_TEST

START_TEST(a_groups_time_is_limited) {
  static char wait[] = "wait";
  wasmaot_group_t *group;
  wasmaot_group_options_t options = {.timeout = 20000000};
  make_forever();
  expect_ok(wasmaot_group_new(&options, &group));
  wasm_trap_t *trap = wasmaot_group_run(group, call_export, wait);
  ck_assert(wasmaot_trap_code(trap) == WASMAOT_TRAP_TIMEOUT);
  wasm_trap_delete(trap);
  wasmaot_group_delete(group);
  wasm_instance_delete(forever);
}
END_TEST

static wasm_trap_t *loop_in_host(void *arg) {
  (void)arg;
  atomic_store(&ready, true);
  while (!wasmaot_group_stopping()) {
    sleep_ms(1);
  }
  return wasmaot_trap_new_exit(9);
}

START_TEST(host_code_asks_whether_to_stop) {
  ck_assert(!wasmaot_group_stopping());
  expect_stopped(loop_in_host, NULL);
}
END_TEST

static wasm_trap_t *return_null(void *arg) {
  *(int *)arg += 1;
  return NULL;
}

START_TEST(a_group_runs_again_after_a_return) {
  wasmaot_group_t *group;
  int runs = 0;
  expect_ok(wasmaot_group_new(NULL, &group));
  ck_assert_ptr_null(wasmaot_group_run(group, return_null, &runs));
  ck_assert_ptr_null(wasmaot_group_run(group, return_null, &runs));
  ck_assert_int_eq(runs, 2);
  wasmaot_group_delete(group);
}
END_TEST

static void add(TCase *tcase) {
  tcase_add_test(tcase, many_stores_on_many_threads);
  tcase_add_test(tcase, code_comes_and_goes_while_other_code_runs);
  tcase_add_test(tcase, a_memory_of_several_stores);
  tcase_add_test(tcase, an_unshared_type_makes_no_shared_memory);
  tcase_add_test(tcase, a_group_is_stopped_in_a_loop_and_in_a_wait);
  tcase_add_test(tcase, a_call_outside_of_groups_is_interrupted);
  tcase_add_test(tcase, a_groups_time_is_limited);
  tcase_add_test(tcase, host_code_asks_whether_to_stop);
  tcase_add_test(tcase, a_group_runs_again_after_a_return);
}

int main(void) {
  return run_tests("api threads", add);
}
