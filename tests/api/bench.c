// What embedding costs: bench DIRECTORY [ITERATIONS]. Prints a line per measurement, the best of
// five rounds, in time of the CPU, which other programs disturb least.
#include "wasm.h"
#include "wasmaot.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 5, MANY = 2000 };

static wasm_engine_t *engine;
static wasm_store_t *store;
static wasm_module_t *module;
static long iterations = 20000;

static void check(bool ok, const char *what) {
  if (!ok) {
    (void)fprintf(stderr, "%s: %s\n", what, wasmaot_last_error_message());
    exit(EXIT_FAILURE);
  }
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static wasm_module_t *load(const char *directory, const char *name) {
  char path[1024];
  static char bytes[1 << 16];
  wasm_module_t *loaded = NULL;
  (void)snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE *file = fopen(path, "rb");
  check(file != NULL, path);
  size_t size = fread(bytes, 1, sizeof bytes, file);
  (void)fclose(file);
  check(wasmaot_module_new(engine, bytes, size, &loaded) == NULL, path);
  return loaded;
}

static wasm_instance_t *instantiate(wasm_store_t *in) {
  wasm_extern_vec_t none = WASM_EMPTY_VEC;
  wasm_instance_t *instance = wasm_instance_new(in, module, &none, NULL);
  check(instance != NULL, "instantiate");
  return instance;
}

static wasm_trap_t *call(wasm_func_t *func, int32_t argument) {
  wasm_val_t from[1] = {WASM_I32_VAL(argument)};
  wasm_val_t to[1];
  wasm_val_vec_t args = WASM_ARRAY_VEC(from);
  wasm_val_vec_t results = WASM_ARRAY_VEC(to);
  return wasm_func_call(func, &args, &results);
}

static void instance_per_request(long count) {
  for (long i = 0; i < count; i++) {
    wasm_instance_delete(instantiate(store));
  }
}

static void instance_with_call(long count) {
  for (long i = 0; i < count; i++) {
    wasm_instance_t *instance = instantiate(store);
    wasm_func_t *run = wasm_extern_as_func(wasmaot_instance_export(instance, "run"));
    check(call(run, 16) == NULL, "run");
    wasm_func_delete(run);
    wasm_instance_delete(instance);
  }
}

static void store_per_request(long count) {
  for (long i = 0; i < count; i++) {
    wasm_store_t *own_store = wasm_store_new(engine);
    wasm_instance_delete(instantiate(own_store));
    wasm_store_delete(own_store);
  }
}

static void many_alive(long count) {
  static wasm_instance_t *instances[MANY];
  for (long done = 0; done < count; done += MANY) {
    for (int i = 0; i < MANY; i++) {
      instances[i] = instantiate(store);
    }
    for (int i = 0; i < MANY; i++) {
      wasm_instance_delete(instances[i]);
    }
  }
}

static wasm_func_t *run_func;

static void calls(long count) {
  for (long i = 0; i < count; i++) {
    check(call(run_func, 16) == NULL, "run");
  }
}

static void cell_calls(long count) {
  for (long i = 0; i < count; i++) {
    wasmaot_cell_t cells[1] = {{.i32 = 16}};
    check(wasmaot_func_call_cells(run_func, cells) == NULL, "run");
  }
}

static void measure(const char *name, void (*body)(long), long count) {
  double best = 1e9;
  for (int i = 0; i < ROUNDS; i++) {
    double start = now();
    body(count);
    double time = now() - start;
    best = time < best ? time : best;
  }
  (void)printf("%-44s %10.1f ns\n", name, best / (double)count * 1e9);
}

int main(int argc, char **argv) {
  check(argc >= 2, "usage: bench DIRECTORY [ITERATIONS]");
  if (argc > 2) {
    iterations = strtol(argv[2], NULL, 10);
  }
  engine = wasm_engine_new();
  store = wasm_store_new(engine);
  module = load(argv[1], "small.wasm");
  measure("instantiate and delete", instance_per_request, iterations);
  measure("instantiate, find an export, call, delete", instance_with_call, iterations);
  measure("the same with a store each, no call", store_per_request, iterations);
  measure("instantiate while thousands live", many_alive, iterations);
  wasm_instance_t *instance = instantiate(store);
  run_func = wasm_extern_as_func(wasmaot_instance_export(instance, "run"));
  measure("wasm_func_call", calls, iterations * 50);
  measure("wasmaot_func_call_cells", cell_calls, iterations * 50);
  wasm_func_delete(run_func);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return EXIT_SUCCESS;
}
