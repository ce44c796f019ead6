/* A program with threads that would run for ever, ended by another thread of the host. */
#include "example.h"

#include <pthread.h>

struct state {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int started;
  wasmaot_group_t *group;
};

/* Called on the threads of the program, at once: uses its environment, and nothing of the store. */
static wasm_trap_t *started(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  struct state *state = (struct state *)env;
  (void)args;
  (void)results;
  pthread_mutex_lock(&state->lock);
  state->started++;
  pthread_cond_broadcast(&state->changed);
  pthread_mutex_unlock(&state->lock);
  return NULL;
}

static void *stop(void *arg) {
  struct state *state = (struct state *)arg;
  pthread_mutex_lock(&state->lock);
  while (state->started < 2) {
    pthread_cond_wait(&state->changed, &state->lock);
  }
  pthread_mutex_unlock(&state->lock);
  printf("two threads run: stopping the program\n");
  wasmaot_group_stop(state->group);
  return NULL;
}

int main(int argc, char **argv) {
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile_file(store, argc > 1 ? argv[1] : "stop.wasm");
  struct state state;
  pthread_mutex_init(&state.lock, NULL);
  pthread_cond_init(&state.changed, NULL);
  state.started = 0;

  wasmaot_linker_t *linker = wasmaot_linker_new(store);
  wasmaot_wasi_config_t *config = wasmaot_wasi_config_new();
  need(wasmaot_linker_define_wasi(linker, config));
  wasmaot_wasi_config_delete(config);
  wasm_functype_t *type = wasm_functype_new_0_0();
  wasm_func_t *func = wasm_func_new_with_env(store, type, started, &state, NULL);
  wasm_functype_delete(type);
  need(wasmaot_linker_define(linker, "host", "started", wasm_func_as_extern(func)));
  wasm_func_delete(func);

  wasmaot_group_options_t options;
  memset(&options, 0, sizeof options);
  options.max_threads = 4;
  need(wasmaot_group_new(&options, &state.group));
  pthread_t stopper;
  check(pthread_create(&stopper, NULL, stop, &state) == 0, "cannot start a thread");
  wasm_trap_t *trap;
  int status;
  need(wasmaot_group_run_command(state.group, linker, module, &status, &trap));
  pthread_join(stopper, NULL);
  check(trap != NULL, "it was to be stopped");
  print_trap(trap);
  printf("%s\n",
         wasmaot_trap_code(trap) == WASMAOT_TRAP_INTERRUPTED ? "stopped" : "ended otherwise");
  wasm_trap_delete(trap);

  wasmaot_group_delete(state.group);
  wasmaot_linker_delete(linker);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
