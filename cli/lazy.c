#include "cli/lazy.h"

#include "include/wa_clock.h"
#include "loader/parts.h"
#include "runtime/group/threads.h"
#include "runtime/runtime.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_THREADS = 16 };
// Nanoseconds: until threads are given up, and between two looks whether a guest is to end.
enum { PATIENCE = 50 * 1000 * 1000, LOOK = 5 * 1000 * 1000 };

enum state { NOT_CALLED, QUEUED, COMPILING, COMPILED, FAILED };

// Functions that are called one after the other in the order in which they lie in the module, or
// against it, are constructors or destructors most of the time, and many. They are compiled
// together, more and more at once, as files are read ahead.
enum { MOST_AT_ONCE = 16 };

struct wa_lazy_functions {
  struct wa_lazy lazy; // first: compiled code's calls come with it
  const struct wa_compiler_api *api;
  struct wa_lazy_module *module;
  struct wa_artifact *artifact;
  struct wa_parts *parts;
  unsigned jobs, thread_count;
  pthread_t threads[MAX_THREADS];
  pthread_mutex_t lock; // of what follows
  pthread_cond_t called, compiled, ended;
  uint8_t *states;       // enum state, per function
  uint32_t *queue;       // each function is in it once at most
  uint32_t first, after; // of the queue
  uint32_t edge;         // the last function in the direction of the run
  int32_t run;           // steps of it in a row, negative when they go down
  uint32_t compiled_count;
  unsigned busy; // threads that have not ended
  bool stopped;
  struct wa_error failure; // of the last function that failed
};

// ---- What guests wait for ----

static bool is_ready(const struct wa_lazy_functions *f, uint32_t function) {
  return __atomic_load_n(&f->lazy.slots[function], __ATOMIC_ACQUIRE) != (const void *)wa_arch_lazy;
}

static void call_for(struct wa_lazy_functions *f, uint32_t function) {
  if (f->thread_count == 0) {
    f->states[function] = FAILED;
    return;
  }
  f->states[function] = QUEUED;
  f->queue[f->after++] = function;
  (void)pthread_cond_signal(&f->called);
}

// Until there is code, or there will be none, or the thread is to end: it does not wait for LLVM.
static void wait_for(struct wa_lazy_functions *f, uint32_t function) {
  // Optimised code of the whole module may have come meanwhile.
  while (f->states[function] < COMPILED && !is_ready(f, function) && !wa_group_stopping()) {
    if (f->states[function] == NOT_CALLED) {
      call_for(f, function);
    } else {
      const struct timespec until = wa_clock_after(LOOK);
      (void)pthread_cond_timedwait(&f->compiled, &f->lock, &until);
    }
  }
}

static bool compile(struct wa_lazy *lazy, uint32_t function) {
  struct wa_lazy_functions *f = (struct wa_lazy_functions *)lazy;
  struct wa_error failure;
  (void)pthread_mutex_lock(&f->lock);
  wait_for(f, function);
  bool failed = f->states[function] == FAILED;
  failure = f->failure;
  (void)pthread_mutex_unlock(&f->lock);
  return is_ready(f, function) ||
         (failed ? wa_raise(WA_TRAP_HOST, "a function cannot be compiled: %s", failure.message)
                 : wa_raise(WA_TRAP_INTERRUPTED, "interrupted"));
}

// ---- Threads ----

struct room {
  struct wa_parts *parts;
  struct wa_code *part;
};

static bool find_room(void *arg, size_t size, int64_t *distance, struct wa_error *err) {
  struct room *room = arg;
  room->part = wa_parts_find_room(room->parts, size, distance, err);
  return room->part != NULL;
}

// A function that was called, and the neighbours that may be compiled with it: [first, end).
struct job {
  uint32_t function, first, end;
};

static bool is_free(const struct wa_lazy_functions *f, uint32_t function) {
  return function < f->lazy.count && f->states[function] == NOT_CALLED && !is_ready(f, function) &&
         WA_META_ROW(f->artifact->meta, funcs, struct wa_meta_func, function)->text != WA_NONE;
}

static void follow(struct wa_lazy_functions *f, struct job *job) {
  uint32_t function = job->function;
  f->run = function == f->edge + 1   ? (f->run > 0 ? f->run : 0) + 1
           : function == f->edge - 1 ? (f->run < 0 ? f->run : 0) - 1
                                     : 0;
  uint32_t steps = (uint32_t)(f->run < 0 ? -f->run : f->run);
  uint32_t most = steps == 0 ? 1 : steps < 4 ? 1u << steps : MOST_AT_ONCE;
  uint32_t step = f->run < 0 ? UINT32_MAX : 1; // modulo 2^32: down is below 0 and so not free
  f->edge = function;
  for (uint32_t i = 1; i < most && is_free(f, f->edge + step); i++) {
    f->edge += step;
    f->states[f->edge] = COMPILING;
  }
  job->first = f->run < 0 ? f->edge : function;
  job->end = (f->run < 0 ? function : f->edge) + 1;
}

// The next function that somebody waits for; false when it is over.
static bool next(struct wa_lazy_functions *f, struct job *job) {
  (void)pthread_mutex_lock(&f->lock);
  while (!f->stopped && f->first == f->after) {
    (void)pthread_cond_wait(&f->called, &f->lock);
  }
  bool goes_on = !f->stopped;
  if (goes_on) {
    job->function = f->queue[f->first++];
    f->states[job->function] = COMPILING;
    follow(f, job);
  }
  (void)pthread_mutex_unlock(&f->lock);
  return goes_on;
}

// Neighbours that were left out come when they are called.
static void settle(struct wa_lazy_functions *f, const struct job *job,
                   const struct wa_lazy_code *made, const struct wa_error *failure) {
  (void)pthread_mutex_lock(&f->lock);
  for (uint32_t i = job->first; i < job->end; i++) {
    f->states[i] = NOT_CALLED;
  }
  for (size_t i = 0; failure == NULL && i < made->map_count; i++) {
    f->states[made->map[i].index] = COMPILED;
    f->compiled_count++;
  }
  if (failure != NULL) {
    f->states[job->function] = FAILED;
    f->failure = *failure;
  }
  (void)pthread_cond_broadcast(&f->compiled);
  (void)pthread_mutex_unlock(&f->lock);
}

static bool add(const struct wa_lazy_functions *f, const struct room *room,
                const struct wa_lazy_code *made, struct wa_error *err) {
  const struct wa_code code = {
      .text = made->text,
      .text_size = made->text_size,
      .unwind = made->unwind,
      .unwind_count = made->unwind_count,
      .eh_frame = made->eh_frame,
      .eh_frame_size = made->eh_frame_size,
      .map = made->map,
      .map_count = made->map_count,
  };
  return wa_parts_add(f->parts, room->part, &code, made->tables, err);
}

// Neighbours that it fails with are not its fault.
static bool compile_job(struct wa_lazy_functions *f, struct wa_lazy_worker *worker,
                        const struct job *job, const struct wa_lazy_room *room,
                        struct wa_lazy_code *made, struct wa_error *err) {
  uint32_t function = job->function;
  bool is_alone = job->end - job->first == 1;
  return f->api->lazy_compile(worker, function, job->first, job->end, room, made, err) ||
         (!is_alone &&
          f->api->lazy_compile(worker, function, function, function + 1, room, made, err));
}

static void make(struct wa_lazy_functions *f, struct wa_lazy_worker *worker,
                 const struct job *job) {
  struct room room = {.parts = f->parts};
  const struct wa_lazy_room find = {.find = find_room, .arg = &room};
  struct wa_lazy_code made = {.text = NULL};
  struct wa_error err;
  wa_error_clear(&err);
  bool done = worker != NULL
                  ? compile_job(f, worker, job, &find, &made, &err) && add(f, &room, &made, &err)
                  : wa_fail(&err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  settle(f, job, &made, done ? NULL : &err);
  free(made.text);
}

static void *work(void *arg) {
  struct wa_lazy_functions *f = arg;
  struct wa_lazy_worker *worker = f->api->lazy_worker_new(f->module);
  struct job job;
  while (next(f, &job)) {
    make(f, worker, &job);
  }
  if (worker != NULL) {
    f->api->lazy_worker_free(worker);
  }
  (void)pthread_mutex_lock(&f->lock);
  f->busy--;
  (void)pthread_cond_signal(&f->ended);
  (void)pthread_mutex_unlock(&f->lock);
  return NULL;
}

static unsigned threads_wanted(const struct wa_lazy_functions *f) {
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  unsigned jobs = f->jobs != 0 ? f->jobs : processors > 0 ? (unsigned)processors : 1;
  return jobs < MAX_THREADS ? jobs : MAX_THREADS;
}

void wa_lazy_functions_start(struct wa_lazy_functions *f) {
  sigset_t all, before;
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (error == 0) {
    error = pthread_attr_setstacksize(&attributes, WA_COMPILE_WORKER_STACK);
  }
  // Signals are the program's.
  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &before);
  for (unsigned wanted = threads_wanted(f); error == 0 && f->thread_count < wanted;) {
    f->busy++;
    error = pthread_create(&f->threads[f->thread_count], &attributes, work, f);
    f->busy -= error != 0;
    f->thread_count += error == 0;
  }
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  (void)pthread_attr_destroy(&attributes);
  if (f->thread_count == 0) {
    (void)wa_fail(&f->failure, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                  "no thread to compile with can be started: %s", strerror(error));
  }
}

bool wa_lazy_functions_stop(struct wa_lazy_functions *f) {
  struct timespec until = wa_clock_after(PATIENCE);
  (void)pthread_mutex_lock(&f->lock);
  f->stopped = true;
  (void)pthread_cond_broadcast(&f->called);
  while (f->busy > 0 && pthread_cond_timedwait(&f->ended, &f->lock, &until) == 0) {
  }
  bool ended = f->busy == 0;
  (void)pthread_mutex_unlock(&f->lock);
  for (unsigned i = 0; ended && i < f->thread_count; i++) {
    (void)pthread_join(f->threads[i], NULL);
  }
  return ended;
}

uint32_t wa_lazy_functions_compiled(struct wa_lazy_functions *f) {
  (void)pthread_mutex_lock(&f->lock);
  uint32_t count = f->compiled_count;
  (void)pthread_mutex_unlock(&f->lock);
  return count;
}

// ---- All of them ----

static bool init(struct wa_lazy_functions *f, struct wa_error *err) {
  uint32_t count = f->artifact->meta->funcs.count;
  f->states = calloc(count, sizeof *f->states);
  f->queue = calloc(count, sizeof *f->queue);
  if (f->states == NULL || f->queue == NULL) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  f->lazy.compile = compile;
  f->lazy.failed = f->artifact->code.text + f->api->lazy_trap(f->module);
  f->parts = wa_parts_new(f->artifact, &f->lazy, err);
  return f->parts != NULL;
}

struct wa_lazy_functions *wa_lazy_functions_new(const struct wa_compiler_api *api,
                                                struct wa_lazy_module *lazy,
                                                struct wa_artifact *artifact, unsigned jobs,
                                                struct wa_error *err) {
  struct wa_lazy_functions *f = calloc(1, sizeof *f);
  pthread_condattr_t attributes;
  if (f == NULL || pthread_condattr_init(&attributes) != 0) {
    free(f);
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
    return NULL;
  }
  (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  (void)pthread_mutex_init(&f->lock, NULL);
  (void)pthread_cond_init(&f->called, NULL);
  (void)pthread_cond_init(&f->compiled, &attributes);
  (void)pthread_cond_init(&f->ended, &attributes);
  (void)pthread_condattr_destroy(&attributes);
  f->api = api;
  f->module = lazy;
  f->artifact = artifact;
  f->jobs = jobs;
  wa_artifact_retain(artifact);
  if (!init(f, err)) {
    wa_lazy_functions_free(f);
    return NULL;
  }
  return f;
}

void wa_lazy_functions_free(struct wa_lazy_functions *f) {
  if (f->parts != NULL) {
    wa_parts_free(f->parts);
  }
  wa_artifact_release(f->artifact);
  free(f->states);
  free(f->queue);
  (void)pthread_mutex_destroy(&f->lock);
  (void)pthread_cond_destroy(&f->called);
  (void)pthread_cond_destroy(&f->compiled);
  (void)pthread_cond_destroy(&f->ended);
  free(f);
}
