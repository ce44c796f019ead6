/* Globals: constants for a module, variables that both sides change. */
#include "example.h"

static wasm_global_t *new_global(wasm_store_t *store, wasm_valkind_t kind, wasm_mutability_t mut,
                                 int64_t value) {
  wasm_val_t val;
  val.kind = kind;
  val.of.i64 = value;
  wasm_globaltype_t *type = wasm_globaltype_new(wasm_valtype_new(kind), mut);
  wasm_global_t *global = wasm_global_new(store, type, &val);
  wasm_globaltype_delete(type);
  check(global != NULL, "cannot make a global");
  return global;
}

static long long value_of(const wasm_global_t *global) {
  wasm_val_t val;
  wasm_global_get(global, &val);
  return val.kind == WASM_I32 ? val.of.i32 : val.of.i64;
}

int main(int argc, char **argv) {
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile_file(store, argc > 1 ? argv[1] : "global.wasm");
  wasm_global_t *factor = new_global(store, WASM_I32, WASM_CONST, 3);
  wasm_global_t *total = new_global(store, WASM_I64, WASM_VAR, 0);
  wasm_extern_t *externs[2] = {wasm_global_as_extern(factor), wasm_global_as_extern(total)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
  check(instance != NULL, "cannot instantiate");

  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_global_t *calls = wasm_extern_as_global(exports.data[0]);
  const wasm_func_t *add = wasm_extern_as_func(exports.data[1]);
  (void)call_i32(add, 1, 5, 0);
  (void)call_i32(add, 1, 7, 0);
  printf("total %lld after %lld calls\n", value_of(total), value_of(calls));
  wasm_val_t hundred = WASM_I64_VAL(100);
  wasm_global_set(total, &hundred);
  (void)call_i32(add, 1, 1, 0);
  printf("total %lld after %lld calls\n", value_of(total), value_of(calls));
  wasm_global_set(factor, &hundred); /* does nothing: it is a constant */
  printf("factor %lld\n", value_of(factor));

  wasm_extern_vec_delete(&exports);
  wasm_global_delete(factor);
  wasm_global_delete(total);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
