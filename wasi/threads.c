// wasi-threads: thread-spawn makes an instance of the caller's artifact over the same imported
// memory and calls wasi_thread_start in it on a new thread.
#include "wasi/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

struct thread {
  struct wa_wasi *wasi;
  struct wa_instance *instance;
  struct wa_func_ref *start;
  int32_t arg;
};

// Nothing refers to the instance: it could give its functions to nobody. See wa_artifact_leak.
static void thread_free(struct thread *thread) {
  wa_instance_free(thread->instance);
  free(thread);
}

// The report of a program's end shows one trap; this says whose.
static void name_thread(struct wa_trap *trap, int32_t tid) {
  size_t used = strlen(trap->message);
  if (!trap->exited && trap->code != WA_TRAP_INTERRUPTED) {
    (void)snprintf(trap->message + used, sizeof trap->message - used, " (in thread %d)", tid);
  }
}

// What top -H, perf and debuggers call it.
static void tell_system(int32_t tid) {
  char name[16];
  (void)snprintf(name, sizeof name, "wasm:%d", (int)tid);
  (void)prctl(PR_SET_NAME, name);
}

static bool run(void *arg, int32_t tid, struct wa_trap *trap) {
  struct thread *thread = arg;
  struct wa_wasi *wasi = thread->wasi;
  union wa_cell cells[2] = {{.u64 = (uint32_t)tid}, {.u64 = (uint32_t)thread->arg}};
  if (tid > 0) {
    tell_system(tid);
  }
  bool returned = tid > 0 && wa_func_call(thread->start, cells, trap);
  if (!returned && tid > 0) {
    name_thread(trap, tid);
  }
  thread_free(thread);
  (void)atomic_fetch_sub(&wasi->live_threads, 1);
  return returned;
}

static struct wa_func_ref *find_start(struct wa_instance *instance) {
  static const char name[] = "wasi_thread_start";
  struct wa_extern value;
  if (!wa_instance_export(instance, name, sizeof name - 1, &value) ||
      value.kind != WA_EXTERN_FUNC) {
    return NULL;
  }
  const struct wa_signature *signature = wa_func_signature(value.func);
  bool right = signature->param_count == 2 && signature->result_count == 0 &&
               signature->params[0] == WA_I32 && signature->params[1] == WA_I32;
  return right ? value.func : NULL;
}

// A thread ready to start, or NULL with a wasi_errno.
static struct thread *thread_new(struct wa_wasi *wasi, struct wa_instance *parent, int32_t arg,
                                 int *error) {
  struct wa_trap trap;
  struct wa_error err;
  *error = WASI_EAGAIN;
  struct thread *thread = calloc(1, sizeof *thread);
  if (thread == NULL) {
    return NULL;
  }
  thread->wasi = wasi;
  thread->arg = arg;
  // Here and not on the new thread, so that a failure is this call's result.
  if (wa_instance_new(wa_instance_store(parent), wa_instance_artifact(parent), wasi->linker,
                      &thread->instance, &trap, &err) != WA_INSTANTIATED) {
    thread_free(thread);
    return NULL;
  }
  thread->start = find_start(thread->instance);
  if (thread->start == NULL) {
    *error = WASI_EINVAL;
    thread_free(thread);
    return NULL;
  }
  return thread;
}

// Results below zero are an error by the proposal; the value is a wasi_errno negated.
static int32_t spawn(struct wa_wasi *wasi, struct wa_instance *parent, int32_t arg) {
  struct wa_group *group = wa_group_current();
  int error;
  if (group == NULL || parent == NULL || wa_artifact_leak(wa_instance_artifact(parent)) != NULL) {
    return -WASI_ENOTSUP;
  }
  struct thread *thread = thread_new(wasi, parent, arg, &error);
  if (thread == NULL) {
    return -error;
  }
  (void)atomic_fetch_add(&wasi->live_threads, 1);
  int32_t tid = wa_group_spawn(group, run, thread);
  if (tid > 0) {
    return tid;
  }
  (void)atomic_fetch_sub(&wasi->live_threads, 1);
  thread_free(thread);
  return -wa_wasi_errno(-tid);
}

bool wa_wasi_thread_spawn(const struct wa_host_call *call, union wa_cell *cells) {
  int32_t tid = spawn(call->env, call->instance, cells[0].i32);
  cells[0].u64 = (uint32_t)tid;
  return true;
}

uint32_t wa_wasi_live_threads(const struct wa_wasi *wasi) {
  return atomic_load(&wasi->live_threads);
}
