// Calls of WASI that somebody watches.
#include "wasi/internal.h"

#include <string.h>

// The most parameters of a function: path_open's.
enum { MAX_ARGS = 9 };

static bool watch(struct wa_wasi *wasi, const struct wa_host_call *call, const char *name,
                  size_t arg_count, bool unstable, wa_host_fn *function, union wa_cell *cells) {
  union wa_cell args[MAX_ARGS];
  memcpy(args, cells, arg_count * sizeof *args);
  struct wa_memory_object *memory =
      call->instance == NULL ? NULL : wa_instance_memory(call->instance, 0);
  struct wa_wasi_event event = {
      .name = name, .args = args, .tid = wa_group_tid(), .unstable = unstable};
  if (memory != NULL) {
    event.memory = wa_memory_base(memory);
    event.memory_size = wa_memory_size(memory);
  }
  wasi->watch(wasi->watch_arg, &event, false);
  bool returned = function(call, cells);
  event.ended = !returned;
  event.result = returned ? cells[0].i32 : 0;
  event.memory_size = memory == NULL ? 0 : wa_memory_size(memory);
  wasi->watch(wasi->watch_arg, &event, true);
  return returned;
}

static bool call_watched(const struct wa_host_call *call, union wa_cell *cells) {
  const struct wa_wasi_binding *binding = call->env;
  return watch(binding->wasi, call, binding->name, strcspn(binding->signature, ":"),
               binding->unstable, wa_wasi_dispatch, cells);
}

static bool spawn_watched(const struct wa_host_call *call, union wa_cell *cells) {
  return watch(call->env, call, "thread-spawn", 1, false, wa_wasi_thread_spawn, cells);
}

const struct wa_wasi_calls wa_wasi_watched_calls = {call_watched, spawn_watched};
