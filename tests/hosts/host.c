#include "host.h"

#include <pthread.h>
#include <semaphore.h>

bool host_caller_stack;
static wasm_engine_t *host_engine;
static wasm_module_t *host_module;

static void compile(wasm_store_t *in) {
  if (host_module == NULL) {
    wasm_byte_vec_t bytes = read_module("host.wasm");
    host_module = wasm_module_new(in, &bytes);
    ck_assert_msg(host_module != NULL, "%s", wasmaot_last_error_message());
    wasm_byte_vec_delete(&bytes);
  }
}

static wasm_trap_t *call_back(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  struct host *host = env;
  int32_t result = args->data[0].of.i32;
  wasm_trap_t *trap = NULL;
  if (host->back != NULL) {
    trap = host->back(host, args->data[0].of.i32, &result);
  }
  results->data[0] = (wasm_val_t)WASM_I32_VAL(result);
  return trap;
}

void host_init(struct host *host) {
  *host = (struct host){0};
  if (host_engine == NULL) {
    wasm_config_t *config = wasm_config_new();
    ck_assert(wasmaot_config_set_caller_stack(config, host_caller_stack));
    host_engine = wasm_engine_new_with_config(config);
  }
  host->store = wasm_store_new(host_engine);
  ck_assert_msg(host->store != NULL, "%s", wasmaot_last_error_message());
  compile(host->store);
  wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t *back = wasm_func_new_with_env(host->store, type, call_back, host, NULL);
  wasm_extern_t *import = wasm_func_as_extern(back);
  wasm_extern_vec_t imports = {1, &import};
  wasm_trap_t *trap = NULL;
  host->instance = wasm_instance_new(host->store, host_module, &imports, &trap);
  ck_assert_msg(host->instance != NULL, "%s", wasmaot_last_error_message());
  wasm_func_delete(back);
  wasm_functype_delete(type);
}

void host_deinit(struct host *host) {
  wasm_instance_delete(host->instance);
  wasm_store_delete(host->store);
}

wasm_trap_t *host_call(struct host *host, const char *name, int32_t first, int32_t second,
                       int32_t *result) {
  wasm_func_t *func = function(host->instance, name);
  wasm_val_t args[2] = {WASM_I32_VAL(first), WASM_I32_VAL(second)};
  wasm_val_t values[1] = {WASM_I32_VAL(0)};
  wasm_val_vec_t from = {wasm_func_param_arity(func), args};
  wasm_val_vec_t to = {wasm_func_result_arity(func), values};
  wasm_trap_t *trap = wasm_func_call(func, &from, &to);
  wasm_func_delete(func);
  *result = values[0].of.i32;
  return trap;
}

int32_t host_result(struct host *host, const char *name, int32_t first, int32_t second) {
  int32_t result;
  wasm_trap_t *trap = host_call(host, name, first, second, &result);
  if (trap != NULL) {
    expect_message(trap, "(no trap)");
  }
  return result;
}

static void expect_code(wasm_trap_t *trap, wasmaot_trap_code_t code) {
  ck_assert_ptr_nonnull(trap);
  ck_assert_int_eq(wasmaot_trap_code(trap), code);
  wasm_trap_delete(trap);
}

void host_traps(struct host *host, const char *name, int32_t first, wasmaot_trap_code_t code) {
  int32_t result;
  expect_code(host_call(host, name, first, 0, &result), code);
}

static void trap_each(struct host *host) {
  host_traps(host, "div", 1, WASMAOT_TRAP_INTEGER_DIVIDE_BY_ZERO);
  host_traps(host, "load", 70000000, WASMAOT_TRAP_MEMORY_OUT_OF_BOUNDS);
  host_traps(host, "stop", 0, WASMAOT_TRAP_UNREACHABLE);
  ck_assert_int_eq(host_result(host, "add", 40, 2), 42);
}

static wasm_trap_t *trap_inside(struct host *host, int32_t argument, int32_t *result) {
  host->back = NULL;
  trap_each(host);
  *result = argument + 1;
  return NULL;
}

void host_traps_all(struct host *host) {
  trap_each(host);
  host_traps(host, "sink", 0, WASMAOT_TRAP_STACK_EXHAUSTED);
  host->back = trap_inside;
  ck_assert_int_eq(host_result(host, "call", 5, 0), 1006);
}

// ---- Interrupts ----

struct interrupter {
  struct host *host;
  sem_t spinning;
  bool done;
};

static wasm_trap_t *say_spinning(struct host *host, int32_t argument, int32_t *result) {
  struct interrupter *interrupter = host->data;
  *result = argument;
  sem_post(&interrupter->spinning);
  return NULL;
}

static void *interrupt(void *arg) {
  struct interrupter *interrupter = arg;
  sem_wait(&interrupter->spinning);
  interrupter->done = wasmaot_store_interrupt(interrupter->host->store, INT64_C(20000000000));
  return NULL;
}

void host_spins(struct host *host) {
  struct interrupter interrupter = {.host = host};
  pthread_t thread;
  sem_init(&interrupter.spinning, 0, 0);
  host->back = say_spinning;
  host->data = &interrupter;
  ck_assert_int_eq(pthread_create(&thread, NULL, interrupt, &interrupter), 0);
  host_traps(host, "spin", 0, WASMAOT_TRAP_INTERRUPTED);
  pthread_join(thread, NULL);
  ck_assert(interrupter.done);
  wasmaot_store_resume(host->store);
  host->back = NULL;
  ck_assert_int_eq(host_result(host, "call", 1, 0), 1001);
}

void host_works(void) {
  struct host host;
  host_init(&host);
  host_traps_all(&host);
  if (!HOST_TSAN) { // it holds signals back from code that makes no call
    host_spins(&host);
  }
  host_deinit(&host);
}
