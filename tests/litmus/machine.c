// Runs programs on real threads. Each thread has an instance over the same memory and goes through
// many areas; the threads wait for each other before each, but not for long, so that they mostly
// run side by side and a thread that the system took from its processor holds up nobody.
#include "tests/litmus/machine.h"
#include "compiler/compile.h"
#include "loader/loader.h"
#include "runtime/runtime.h"
#include "tests/litmus/program.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { AREAS = 1000, DISTANCE = 64, SPINS = 400, PATIENCE = 20 * SPINS, HANG_SECONDS = 120 };

struct worker {
  struct machine *machine;
  unsigned index;
  struct wa_func_ref *func;
  unsigned delay;                  // random
  union wa_cell (*cells)[MAX_OPS]; // AREAS of them
};

struct machine {
  const struct program *program;
  struct worker workers[MAX_THREADS];
  _Atomic unsigned progress[MAX_THREADS]; // areas begun
};

void machine_fail(const char *what, const char *message) {
  (void)fprintf(stderr, "litmus: %s: %s\n", what, message);
  exit(2);
}

// ---- Building ----

void machine_open(struct loaded *loaded, const uint8_t *bytes, size_t size, int opt_level) {
  struct wa_error err;
  struct wa_module module;
  struct wa_buffer object = {0};
  struct wa_compile_options options;
  struct wa_extern memory = {.kind = WA_EXTERN_MEMORY};
  wa_error_clear(&err);
  wa_compile_options_init(&options);
  options.opt_level = opt_level;
  options.jobs = 1;
  options.verify = true;
  if (!wa_module_init(&module, (struct wa_bytes){bytes, size}, &err) ||
      !wa_compile(&module, &options, &object, &err)) {
    machine_fail("compile", err.message);
  }
  loaded->artifact = wa_artifact_load_memory(object.data, object.size, "litmus", NULL, &err);
  if (loaded->artifact == NULL) {
    machine_fail("load", err.message);
  }
  wa_buffer_free(&object);
  wa_module_deinit(&module);
  loaded->store = wa_store_new(NULL);
  loaded->linker = wa_linker_new(loaded->store);
  loaded->memory = memory.memory = wa_memory_new(loaded->store, 1, 16, true, &err);
  if (memory.memory == NULL || !wa_linker_define(loaded->linker, "m", 1, "m", 1, memory, &err)) {
    machine_fail("memory", err.message);
  }
}

struct wa_func_ref *machine_function(struct loaded *loaded, const char *name) {
  struct wa_error err;
  struct wa_trap trap;
  struct wa_instance *instance;
  struct wa_extern value;
  wa_error_clear(&err);
  if (wa_instance_new(loaded->store, loaded->artifact, loaded->linker, &instance, &trap, &err) !=
          WA_INSTANTIATED ||
      !wa_instance_export(instance, name, strlen(name), &value)) {
    machine_fail("instantiate", err.message);
  }
  return value.func;
}

void machine_close(struct loaded *loaded) {
  wa_linker_free(loaded->linker);
  wa_store_free(loaded->store);
  wa_artifact_release(loaded->artifact);
}

bool machine_join(pthread_t *threads, unsigned count) {
  struct timespec end;
  (void)clock_gettime(CLOCK_REALTIME, &end);
  end.tv_sec += HANG_SECONDS;
  for (unsigned t = 0; t < count; t++) {
    if (pthread_timedjoin_np(threads[t], NULL, &end) != 0) {
      return false;
    }
  }
  return true;
}

// ---- Running ----

static void meet(struct worker *worker, unsigned area) {
  struct machine *machine = worker->machine;
  atomic_store_explicit(&machine->progress[worker->index], area + 1, memory_order_relaxed);
  for (unsigned t = 0; t < machine->program->thread_count; t++) {
    for (unsigned i = 1; i <= PATIENCE; i++) {
      if (atomic_load_explicit(&machine->progress[t], memory_order_relaxed) > area) {
        break;
      }
      if (i % SPINS == 0) {
        (void)sched_yield();
      }
    }
  }
  worker->delay = worker->delay * 1103515245 + 12345;
  for (volatile unsigned i = worker->delay >> 16 & 15; i > 0; i--) {
  }
}

static void *work(void *arg) {
  struct worker *worker = arg;
  struct wa_trap trap;
  for (unsigned area = 0; area < AREAS; area++) {
    union wa_cell *cells = worker->cells[area];
    cells[0].u64 = area * DISTANCE;
    meet(worker, area);
    if (!wa_func_call(worker->func, cells, &trap)) {
      machine_fail(worker->machine->program->name, trap.message);
    }
  }
  return NULL;
}

static void add_outcome(struct run *run, const struct outcome *outcome) {
  for (size_t i = 0; i < run->count; i++) {
    if (memcmp(&run->tallies[i].outcome, outcome, sizeof *outcome) == 0) {
      run->tallies[i].count++;
      return;
    }
  }
  run->tallies = realloc(run->tallies, (run->count + 1) * sizeof *run->tallies);
  if (run->tallies == NULL) {
    abort();
  }
  run->tallies[run->count++] = (struct tally){*outcome, 1};
}

static void collect(const struct machine *machine, const uint8_t *memory, unsigned areas,
                    struct run *run) {
  const struct program *program = machine->program;
  for (unsigned area = 0; area < areas; area++) {
    struct outcome outcome = {.memory = {0}};
    for (unsigned t = 0; t < program->thread_count; t++) {
      const union wa_cell *cells = machine->workers[t].cells[area];
      for (unsigned i = 0; i < program->op_count[t]; i++) {
        if (op_reads(&program->ops[t][i])) {
          outcome.seen[t][i] = (cells++)->u64;
        }
      }
    }
    memcpy(outcome.memory, memory + area * DISTANCE, AREA);
    add_outcome(run, &outcome);
  }
}

static bool run_batch(struct machine *machine) {
  pthread_t threads[MAX_THREADS];
  unsigned count = machine->program->thread_count;
  for (unsigned t = 0; t < count; t++) {
    atomic_store(&machine->progress[t], 0);
  }
  for (unsigned t = 0; t < count; t++) {
    if (pthread_create(&threads[t], NULL, work, &machine->workers[t]) != 0) {
      machine_fail("thread", "cannot start one");
    }
  }
  return machine_join(threads, count);
}

void run_program(const struct program *program, int opt_level, unsigned times, struct run *run) {
  struct machine machine = {.program = program};
  struct loaded loaded;
  size_t size;
  uint8_t *bytes = program_emit(program, &size);
  *run = (struct run){.count = 0};
  machine_open(&loaded, bytes, size, opt_level);
  free(bytes);
  for (unsigned t = 0; t < program->thread_count; t++) {
    const char name[] = {(char)('0' + t), 0};
    machine.workers[t] = (struct worker){.machine = &machine, .index = t, .delay = t + 1};
    machine.workers[t].func = machine_function(&loaded, name);
    machine.workers[t].cells = calloc(AREAS, sizeof *machine.workers[t].cells);
  }
  for (unsigned done = 0; done < times && !run->hung; done += AREAS) {
    uint8_t *memory = wa_memory_base(loaded.memory);
    memset(memory, 0, AREAS * DISTANCE);
    run->hung = !run_batch(&machine);
    if (!run->hung) {
      collect(&machine, memory, times - done < AREAS ? times - done : AREAS, run);
    }
  }
  if (run->hung) { // its threads still use everything
    return;
  }
  for (unsigned t = 0; t < program->thread_count; t++) {
    free(machine.workers[t].cells);
  }
  machine_close(&loaded);
}

void run_deinit(struct run *run) {
  free(run->tallies);
}
