/* One module on many threads: each has a store of its own. */
#include "example.h"

#include <pthread.h>

enum { THREADS = 8 };

struct job {
  pthread_t thread;
  wasm_engine_t *engine;
  const wasm_shared_module_t *module;
  int32_t id;
  int32_t sum;
};

static wasm_trap_t *report(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  struct job *job = (struct job *)env;
  (void)results;
  job->sum = args->data[0].of.i32 == job->id ? args->data[1].of.i32 : -1;
  return NULL;
}

static void *run(void *arg) {
  struct job *job = (struct job *)arg;
  wasm_store_t *store = wasm_store_new(job->engine);
  wasm_module_t *module = wasm_module_obtain(store, job->module);
  wasm_functype_t *type = wasm_functype_new_2_0(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t *func = wasm_func_new_with_env(store, type, report, job, NULL);
  wasm_functype_delete(type);
  wasm_globaltype_t *content = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_CONST);
  wasm_val_t id = WASM_I32_VAL(job->id);
  wasm_global_t *global = wasm_global_new(store, content, &id);
  wasm_globaltype_delete(content);

  wasm_extern_t *externs[2] = {wasm_func_as_extern(func), wasm_global_as_extern(global)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
  check(instance != NULL, "cannot instantiate");
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  (void)call_i32(wasm_extern_as_func(exports.data[0]), 0, 0, 0);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_func_delete(func);
  wasm_global_delete(global);
  wasm_module_delete(module);
  wasm_store_delete(store);
  return NULL;
}

int main(int argc, char **argv) {
  static struct job jobs[THREADS];
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile_file(store, argc > 1 ? argv[1] : "threads.wasm");
  wasm_shared_module_t *shared = wasm_module_share(module);
  wasm_module_delete(module);
  wasm_store_delete(store);
  for (int32_t i = 0; i < THREADS; i++) {
    jobs[i].engine = engine;
    jobs[i].module = shared;
    jobs[i].id = i;
    check(pthread_create(&jobs[i].thread, NULL, run, &jobs[i]) == 0, "cannot start a thread");
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(jobs[i].thread, NULL);
    printf("thread %d: %d\n", i, jobs[i].sum);
  }
  wasm_shared_module_delete(shared);
  wasm_engine_delete(engine);
  return 0;
}
