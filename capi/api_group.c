// Groups of threads: running programs, and stopping them.
#include "capi/api.h"

#include "runtime/call/thrown.h"
#include "runtime/call/trap.h"
#include "runtime/group/threads.h"

#include <stdlib.h>

struct wasmaot_group_t {
  struct wa_group *group;
};

wasmaot_error_t *wasmaot_group_new(const wasmaot_group_options_t *options, wasmaot_group_t **out) {
  struct wa_group_options wanted = {0};
  if (options != NULL) {
    wanted.max_threads = options->max_threads;
    wanted.stack_size = options->stack_size;
    wanted.timeout = options->timeout;
  }
  wasmaot_group_t *group = malloc(sizeof *group);
  if (group == NULL) {
    (void)wa_api_no_memory();
    return wa_api_error();
  }
  group->group = wa_group_new(&wanted, wa_api_last_error());
  if (group->group == NULL) {
    free(group);
    return wa_api_error();
  }
  *out = group;
  return NULL;
}

void wasmaot_group_delete(wasmaot_group_t *group) {
  if (group != NULL) {
    wa_group_free(group->group);
    free(group);
  }
}

void wasmaot_group_stop(wasmaot_group_t *group) {
  struct wa_trap trap;
  wa_trap_init(&trap, WA_TRAP_INTERRUPTED);
  wa_group_end(group->group, &trap);
}

bool wasmaot_group_stopping(void) {
  return wa_group_stopping();
}

// ---- Running ----

struct run {
  wasm_trap_t *(*body)(void *);
  void *arg;
  wasm_trap_t *result;
};

static void call_body(void *arg) {
  struct run *run = arg;
  run->result = run->body(run->arg);
}

// A wa_thread_fn.
static bool run_body(void *arg, int32_t tid, struct wa_trap *trap) {
  struct run *run = arg;
  (void)tid;
  if (!wa_thrown_catch(call_body, run, NULL)) {
    wa_trap_init(trap, WA_TRAP_HOST);
    (void)snprintf(trap->message, sizeof trap->message, "what the group runs threw an exception");
    return false;
  }
  if (run->result == NULL) {
    return true;
  }
  wa_api_trap_get(run->result, trap);
  wasm_trap_delete(run->result);
  return false;
}

wasm_trap_t *wasmaot_group_run(wasmaot_group_t *group, wasm_trap_t *(*body)(void *), void *arg) {
  struct run run = {.body = body, .arg = arg};
  struct wa_trap trap;
  return wa_group_run(group->group, run_body, &run, &trap) ? NULL : wa_api_trap_new(NULL, &trap);
}

struct command {
  wasmaot_linker_t *linker;
  const wasm_module_t *module;
  wasmaot_error_t *error;
};

static wasm_trap_t *call_start(struct command *command, const wasm_instance_t *instance) {
  wasm_extern_t *start = wasmaot_instance_export(instance, "_start");
  const wasm_func_t *func = wasm_extern_as_func_const(start);
  wasm_trap_t *trap = NULL;
  if (func == NULL || wasm_func_param_arity(func) != 0 || wasm_func_result_arity(func) != 0) {
    (void)wa_api_fail(WA_ERROR_UNLINKABLE,
                      "the module is not a command: it exports no function _start without "
                      "parameters and results");
    command->error = wa_api_error();
  } else {
    trap = wa_api_func_call(func, NULL, NULL);
  }
  wasm_extern_delete(start);
  return trap;
}

static wasm_trap_t *run_command(void *arg) {
  struct command *command = arg;
  wasm_instance_t *instance;
  wasm_trap_t *trap;
  command->error = wa_api_linker_instantiate(command->linker, command->module, &instance, &trap);
  if (instance != NULL) {
    trap = call_start(command, instance);
    wasm_instance_delete(instance);
  }
  return trap;
}

wasmaot_error_t *wasmaot_group_run_command(wasmaot_group_t *group, wasmaot_linker_t *linker,
                                           const wasm_module_t *module, int *status,
                                           wasm_trap_t **trap) {
  struct command command = {linker, module, NULL};
  // The program's threads are in what is linked until they have gone, also when the main one has
  // ended and a host function deleted the linker.
  wa_api_ref_retain(&linker->ref);
  *trap = wasmaot_group_run(group, run_command, &command);
  wa_group_stop(group->group, NULL); // a command ends with its main thread
  wa_api_ref_release(&linker->ref);
  *status = 0;
  if (command.error == NULL && *trap != NULL && wasmaot_trap_exit_status(*trap, status)) {
    wasm_trap_delete(*trap);
    *trap = NULL;
  }
  return command.error;
}
