/* Tables: functions that the host looks up, puts in and takes out. */
#include "example.h"

static wasm_trap_t *negate(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  results->data[0].kind = WASM_I32;
  results->data[0].of.i32 = -args->data[0].of.i32;
  return NULL;
}

static void try_call(const wasm_func_t *call, int32_t which, int32_t value) {
  wasm_val_t from[2] = {WASM_I32_VAL(which), WASM_I32_VAL(value)};
  wasm_val_t to[1] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(from);
  wasm_val_vec_t results = WASM_ARRAY_VEC(to);
  wasm_trap_t *trap = wasm_func_call(call, &args, &results);
  if (trap == NULL) {
    printf("call(%d, %d) = %d\n", which, value, to[0].of.i32);
  } else {
    printf("call(%d, %d): ", which, value);
    print_trap(trap);
    wasm_trap_delete(trap);
  }
}

int main(int argc, char **argv) {
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile_file(store, argc > 1 ? argv[1] : "table.wasm");
  wasm_extern_vec_t imports = WASM_EMPTY_VEC;
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
  check(instance != NULL, "cannot instantiate");
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_table_t *table = wasm_extern_as_table(exports.data[0]);
  wasm_func_t *twice = wasm_extern_as_func(exports.data[1]);
  const wasm_func_t *call = wasm_extern_as_func(exports.data[2]);

  try_call(call, 0, 7);
  try_call(call, 1, 7);
  try_call(call, 2, 7);
  wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t *func = wasm_func_new(store, type, negate);
  wasm_functype_delete(type);
  check(wasm_table_grow(table, 2, wasm_func_as_ref(func)), "cannot grow");
  wasm_func_delete(func);
  printf("%u entries\n", wasm_table_size(table));
  try_call(call, 3, 7);
  check(wasm_table_set(table, 0, NULL), "cannot set");
  try_call(call, 0, 7);
  check(wasm_table_set(table, 1, wasm_func_as_ref(twice)), "cannot set");
  try_call(call, 1, 7);
  wasm_ref_t *entry = wasm_table_get(table, 1);
  printf("entry 1 is %s\n", wasm_ref_same(entry, wasm_func_as_ref(twice)) ? "double" : "another");
  wasm_ref_delete(entry);
  printf("growing beyond the maximum: %s\n", wasm_table_grow(table, 3, NULL) ? "done" : "refused");

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
