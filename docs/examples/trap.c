/* Traps: from the module, with a backtrace, and from the host. */
#include "example.h"

static wasm_trap_t *refuse(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  (void)args;
  (void)results;
  wasm_message_t message;
  wasm_name_new_from_string_nt(&message, "the host does not want to");
  wasm_trap_t *trap = wasm_trap_new((wasm_store_t *)env, &message);
  wasm_name_delete(&message);
  return trap;
}

static void show(wasm_trap_t *trap) {
  check(trap != NULL, "a trap was expected");
  print_trap(trap);
  wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  for (size_t i = 0; i < frames.size; i++) {
    printf("  function %u %s\n", wasm_frame_func_index(frames.data[i]),
           wasmaot_frame_func_name(frames.data[i]));
  }
  wasm_frame_vec_delete(&frames);
  wasm_trap_delete(trap);
}

int main(int argc, char **argv) {
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile_file(store, argc > 1 ? argv[1] : "trap.wasm");
  wasm_functype_t *type = wasm_functype_new_0_0();
  wasm_func_t *func = wasm_func_new_with_env(store, type, refuse, store, NULL);
  wasm_functype_delete(type);
  wasm_extern_t *externs[1] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
  check(instance != NULL, "cannot instantiate");
  wasm_func_delete(func);

  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  const wasm_func_t *divide = wasm_extern_as_func(exports.data[0]);
  const wasm_func_t *refuse_func = wasm_extern_as_func(exports.data[1]);
  printf("divide(4) = %d\n", call_i32(divide, 1, 4, 0));
  wasm_val_t zero[1] = {WASM_I32_VAL(0)};
  wasm_val_t result[1] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(zero);
  wasm_val_vec_t results = WASM_ARRAY_VEC(result);
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  show(wasm_func_call(divide, &args, &results));
  show(wasm_func_call(refuse_func, &none, &none));
  printf("divide(5) = %d\n", call_i32(divide, 1, 5, 0)); /* a trap ends a call, nothing more */

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
