// Functions: of the host, and calls.
#include "capi/api.h"

#include "runtime/call/binding.h"
#include "runtime/call/thrown.h"
#include "runtime/call/turn.h"
#include "runtime/code/artifact.h"
#include "runtime/group/threads.h"
#include "runtime/instance/instance.h"

#include <stdlib.h>

// Values that a call keeps on the stack; more are allocated.
enum { FEW = 12 };

// ---- The host's side of a call ----

// One call of a callback; `cells` are for those that take them.
struct callback {
  const wasm_func_t *func;
  const wasmaot_caller_t *caller;
  wasm_val_vec_t args;
  wasm_val_vec_t results;
  wasmaot_cell_t *cells;
  wasm_trap_t *trap; // what it returned
};

static void run_callback(void *arg) {
  struct callback *callback = arg;
  const wasm_func_t *func = callback->func;
  switch (func->callee) {
  case WA_API_PLAIN:
    callback->trap = func->plain_callback(&callback->args, &callback->results);
    break;
  case WA_API_WITH_ENV:
    callback->trap = func->env_callback(func->env, &callback->args, &callback->results);
    break;
  case WA_API_CELLS:
    callback->trap = func->cells_callback(func->env, callback->caller, callback->cells);
    break;
  default:
    callback->trap =
        func->caller_callback(func->env, callback->caller, &callback->args, &callback->results);
  }
}

static __attribute__((noinline)) bool raise_thrown(void) {
  return wa_raise(WA_TRAP_HOST, "a host function threw an exception");
}

// False when it threw.
static bool run_here(struct callback *callback) {
  return wa_thrown_catch(run_callback, callback, NULL);
}

// The same on the stack of the host's call, for stores that want it. False also when that has no
// room: then the reason is there already.
static bool run_on_host_stack(struct callback *callback, bool *room) {
  struct wa_thread *thread = wa_thread_peek();
  struct wa_arch_turn turn;
  enum wa_turn found = wa_turn_find(thread, &turn);
  *room = found != WA_TURN_FULL;
  if (found == WA_TURN_FULL) {
    return wa_raise(WA_TRAP_STACK_EXHAUSTED, "the host's stack has no room for a host function");
  }
  struct wa_arch_turn *outer = thread->turn;
  thread->turn = found == WA_TURN_TAKE ? &turn : outer;
  bool returned = wa_thrown_catch(run_callback, callback, found == WA_TURN_TAKE ? &turn : NULL);
  thread->turn = outer;
  return returned;
}

// True when it returned without a trap. What it throws passes no frame of ours.
static bool finish_callback(struct callback *callback) {
  bool on_host_stack = callback->func->base.ref.store->engine->config.caller_stack;
  bool room = true;
  if (!(on_host_stack ? run_on_host_stack(callback, &room) : run_here(callback))) {
    return room && raise_thrown();
  }
  return callback->trap == NULL || wa_api_trap_raise(callback->trap);
}

// Takes the results over.
static bool take_results(const wasm_func_t *func, wasm_val_vec_t *results, union wa_cell *cells) {
  bool ok = true;
  for (size_t i = 0; i < results->size; i++) {
    wasm_val_t *val = &results->data[i];
    ok =
        ok && wa_api_val_to_cell(func->base.ref.store, val, func->signature->results[i], cells + i);
    wasm_val_delete(val);
  }
  return ok;
}

static __attribute__((noinline)) bool raise_error(void) {
  return wa_raise(WA_TRAP_HOST, "a host function's values: %s", wa_api_last_error()->message);
}

static bool call_with(const wasm_func_t *func, const struct wa_host_call *call,
                      union wa_cell *cells, wasm_val_vec_t args, wasm_val_vec_t results) {
  const struct wa_signature *signature = func->signature;
  bool ok = true;
  for (size_t i = 0; i < args.size; i++) {
    args.data[i] = (wasm_val_t)WASM_INIT_VAL;
    ok = ok &&
         wa_api_val_from_cell(func->base.ref.store, &cells[i], signature->params[i], &args.data[i]);
  }
  // Of their kinds beforehand, for callbacks that set the value alone.
  for (size_t i = 0; i < results.size; i++) {
    results.data[i] =
        (wasm_val_t){.kind = wa_api_kind_of_type(signature->results[i]), .of = {.i64 = 0}};
  }
  struct callback callback = {
      .func = func,
      .caller = (const wasmaot_caller_t *)call,
      .args = args,
      .results = results,
  };
  bool finished = !ok || finish_callback(&callback);
  for (size_t i = 0; i < args.size; i++) {
    wasm_val_delete(&args.data[i]);
  }
  return finished && ((ok && take_results(func, &callback.results, cells)) || raise_error());
}

static bool any_reference(const uint32_t *types, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (wa_type_is_ref(types[i])) {
      return true;
    }
  }
  return false;
}

// Handles of references are the store's, and a guest thread is not the store's thread.
static bool may_call(const wasm_func_t *func) {
  const struct wa_signature *signature = func->signature;
  return !wa_group_spawned() || (!any_reference(signature->params, signature->param_count) &&
                                 !any_reference(signature->results, signature->result_count));
}

// A wa_host_fn.
static bool call_vals(const struct wa_host_call *call, union wa_cell *cells) {
  const wasm_func_t *func = call->env;
  uint32_t params = func->signature->param_count;
  uint32_t results = func->signature->result_count;
  wasm_val_t few[FEW];
  wasm_val_t *vals = few;
  if (!may_call(func)) {
    return wa_raise(WA_TRAP_HOST, "a host function with references was called on a thread of "
                                  "wasi-threads; wasmaot_func_new_cells makes one for any thread");
  }
  if (params + results > FEW) {
    vals = malloc((params + results) * sizeof *vals);
    if (vals == NULL) {
      return wa_raise(WA_TRAP_HOST, "out of memory for a host function's values");
    }
  }
  bool ok = call_with(func, call, cells, (wasm_val_vec_t){params, vals},
                      (wasm_val_vec_t){results, vals + params});
  if (vals != few) {
    free(vals);
  }
  return ok;
}

// A wa_host_fn.
static bool call_cells(const struct wa_host_call *call, union wa_cell *cells) {
  struct callback callback = {
      .func = call->env,
      .caller = (const wasmaot_caller_t *)call,
      .cells = (wasmaot_cell_t *)(void *)cells,
  };
  return finish_callback(&callback);
}

// ---- Making ----

static bool all_plain(const uint32_t *types, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (!wa_api_type_is_plain(types[i])) {
      return false;
    }
  }
  return true;
}

void wa_api_func_init(wasm_func_t *func, struct wa_func_ref *ref) {
  func->base.value = (struct wa_extern){.kind = WA_EXTERN_FUNC, .func = ref};
  func->signature = wa_func_signature(ref);
  func->plain = all_plain(func->signature->params, func->signature->param_count) &&
                all_plain(func->signature->results, func->signature->result_count);
}

wasm_func_t *wa_api_own_func(const struct wa_func_ref *func) {
  if (!wa_func_is_host(func)) {
    return NULL;
  }
  const struct wa_binding *binding = func->context;
  bool own = binding->fn == call_vals || binding->fn == call_cells;
  return own ? binding->call.env : NULL;
}

// Without its callback; NULL with the last error.
static wasm_func_t *new_func(wasm_store_t *store, const wasm_functype_t *type, wa_host_fn *fn) {
  uint32_t id = type == NULL ? 0 : wa_api_functype_id(type);
  wasm_func_t *func = id == 0 ? NULL : wa_api_ref_new(store, WA_API_FUNC, NULL);
  if (func == NULL) {
    return NULL;
  }
  struct wa_func_ref *ref = wa_host_func_new(store->store, id, fn, func, wa_api_last_error());
  if (ref == NULL) {
    wasm_func_delete(func);
    return NULL;
  }
  wa_api_func_init(func, ref);
  func->base.own = true;
  if (fn == call_vals && !func->plain) {
    wasm_func_delete(func);
    (void)wa_api_fail(WA_ERROR_USAGE, "a host function of a type that wasm_val_t has no kind for; "
                                      "wasmaot_func_new_cells makes one");
    return NULL;
  }
  return func;
}

// The finalizer runs also when the function cannot be made.
static wasm_func_t *with_env(wasm_func_t *func, void *env, void (*finalizer)(void *)) {
  if (func != NULL) {
    func->env = env;
    func->env_finalizer = finalizer;
  } else if (finalizer != NULL) {
    finalizer(env);
  }
  return func;
}

wasm_func_t *wasm_func_new(wasm_store_t *store, const wasm_functype_t *type,
                           wasm_func_callback_t callback) {
  wasm_func_t *func = new_func(store, type, call_vals);
  if (func != NULL) {
    func->callee = WA_API_PLAIN;
    func->plain_callback = callback;
  }
  return func;
}

wasm_func_t *wasm_func_new_with_env(wasm_store_t *store, const wasm_functype_t *type,
                                    wasm_func_callback_with_env_t callback, void *env,
                                    void (*finalizer)(void *)) {
  wasm_func_t *func = new_func(store, type, call_vals);
  if (func != NULL) {
    func->callee = WA_API_WITH_ENV;
    func->env_callback = callback;
  }
  return with_env(func, env, finalizer);
}

wasm_func_t *wasmaot_func_new(wasm_store_t *store, const wasm_functype_t *type,
                              wasmaot_func_callback_t callback, void *env,
                              void (*finalizer)(void *)) {
  wasm_func_t *func = new_func(store, type, call_vals);
  if (func != NULL) {
    func->callee = WA_API_WITH_CALLER;
    func->caller_callback = callback;
  }
  return with_env(func, env, finalizer);
}

wasm_func_t *wasmaot_func_new_cells(wasm_store_t *store, const wasm_functype_t *type,
                                    wasmaot_cells_callback_t callback, void *env,
                                    void (*finalizer)(void *)) {
  wasm_func_t *func = new_func(store, type, call_cells);
  if (func != NULL) {
    func->callee = WA_API_CELLS;
    func->cells_callback = callback;
  }
  return with_env(func, env, finalizer);
}

// ---- The caller of a host function ----

bool wasmaot_caller_memory(const wasmaot_caller_t *caller, uint8_t **data, size_t *size) {
  const struct wa_host_call *call = (const struct wa_host_call *)caller;
  struct wa_memory_object *memory =
      call->instance == NULL ? NULL : wa_instance_memory(call->instance, 0);
  if (memory == NULL) {
    return wa_api_fail(WA_ERROR_USAGE, "the caller of this host function has no memory");
  }
  *data = wa_memory_base(memory);
  *size = (size_t)wa_memory_size(memory);
  return true;
}

// ---- What a function is ----

wasm_functype_t *wasm_func_type(const wasm_func_t *func) {
  return wa_api_live(&func->base.ref, "function")
             ? wa_api_functype((uint32_t)func->base.value.func->type)
             : NULL;
}

size_t wasm_func_param_arity(const wasm_func_t *func) {
  return func->signature->param_count;
}

size_t wasm_func_result_arity(const wasm_func_t *func) {
  return func->signature->result_count;
}

static size_t cells_of(const wasm_func_t *func) {
  const struct wa_signature *signature = func->signature;
  return signature->param_cells > signature->result_cells ? signature->param_cells
                                                          : signature->result_cells;
}

size_t wasmaot_func_cells(const wasm_func_t *func) {
  return cells_of(func);
}

// ---- Calls ----

static __attribute__((noinline)) wasm_trap_t *trap_of_last_error(void) {
  return wa_api_trap_of_error(wa_api_last_error());
}

wasm_trap_t *wa_api_throw_on(wasm_trap_t *trap) {
  if (__builtin_expect(trap == NULL, 1) || !wa_thrown_pending()) {
    return trap;
  }
  // Before, as nobody would after.
  wasm_trap_delete(trap);
  wa_thrown_go_on();
  return wa_api_trap_say("a host function threw an exception that no caller catches");
}

static wasm_trap_t *call(const wasm_func_t *func, union wa_cell *cells) {
  wasm_store_t *store = func->base.ref.store;
  struct wa_trap trap;
  wa_api_enter(store);
  bool returned = wa_func_call(func->base.value.func, cells, &trap);
  wasm_trap_t *result = returned ? NULL : wa_api_trap_new(store, &trap);
  wa_api_leave(store);
  return result;
}

wasm_trap_t *wa_api_func_call_cells(const wasm_func_t *func, wasmaot_cell_t *cells) {
  return wa_api_live(&func->base.ref, "function") ? call(func, (union wa_cell *)(void *)cells)
                                                  : trap_of_last_error();
}

wasm_trap_t *wasmaot_func_call_cells(const wasm_func_t *func, wasmaot_cell_t *cells) {
  return wa_api_throw_on(wa_api_func_call_cells(func, cells));
}

static bool check_call(const wasm_func_t *func, size_t args, size_t results) {
  if (!wa_api_live(&func->base.ref, "function")) {
    return false;
  }
  if (!func->plain) {
    return wa_api_fail(WA_ERROR_USAGE, "a function with a type that wasm_val_t has no kind for; "
                                       "wasmaot_func_call_cells calls it");
  }
  if (args != func->signature->param_count) {
    return wa_api_fail(WA_ERROR_USAGE, "a call with %zu arguments of a function that takes %u",
                       args, func->signature->param_count);
  }
  return results >= func->signature->result_count ||
         wa_api_fail(WA_ERROR_USAGE, "a call with room for %zu results of a function that gives %u",
                     results, func->signature->result_count);
}

static wasm_trap_t *call_in(const wasm_func_t *func, union wa_cell *cells, const wasm_val_t *args,
                            wasm_val_t *results) {
  const struct wa_signature *signature = func->signature;
  wasm_store_t *store = func->base.ref.store;
  for (uint32_t i = 0; i < signature->param_count; i++) {
    if (!wa_api_val_to_cell(store, &args[i], signature->params[i], &cells[i])) {
      return trap_of_last_error();
    }
  }
  // Not before the results are read may the call in progress end: handles of theirs keep alive
  // what they refer to.
  struct wa_trap trap;
  wasm_trap_t *result = NULL;
  wa_api_enter(store);
  if (!wa_func_call(func->base.value.func, cells, &trap)) {
    result = wa_api_trap_new(store, &trap);
  }
  for (uint32_t i = 0; i < signature->result_count && result == NULL; i++) {
    if (!wa_api_val_from_cell(store, &cells[i], signature->results[i], &results[i])) {
      while (i-- > 0) {
        wasm_val_delete(&results[i]);
      }
      result = trap_of_last_error();
    }
  }
  wa_api_leave(store);
  return result;
}

wasm_trap_t *wa_api_func_call(const wasm_func_t *func, const wasm_val_vec_t *args,
                              wasm_val_vec_t *results) {
  if (!check_call(func, args == NULL ? 0 : args->size, results == NULL ? 0 : results->size)) {
    return trap_of_last_error();
  }
  union wa_cell few[FEW] __attribute__((aligned(16)));
  const wasm_val_t *from = args == NULL ? NULL : args->data;
  wasm_val_t *to = results == NULL ? NULL : results->data;
  size_t count = cells_of(func);
  if (count <= FEW) {
    return call_in(func, few, from, to);
  }
  union wa_cell *cells = aligned_alloc(16, (count * sizeof *cells + 15) / 16 * 16);
  if (cells == NULL) {
    return wa_api_trap_say("out of memory for the values of a call");
  }
  wasm_trap_t *trap = call_in(func, cells, from, to);
  free(cells);
  return trap;
}

wasm_trap_t *wasm_func_call(const wasm_func_t *func, const wasm_val_vec_t *args,
                            wasm_val_vec_t *results) {
  return wa_api_throw_on(wa_api_func_call(func, args, results));
}
