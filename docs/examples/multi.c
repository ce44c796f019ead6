/* Several results, in both directions. */
#include "example.h"

static wasm_trap_t *swap(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  wasm_val_copy(&results->data[0], &args->data[1]);
  wasm_val_copy(&results->data[1], &args->data[0]);
  return NULL;
}

int main(int argc, char **argv) {
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile_file(store, argc > 1 ? argv[1] : "multi.wasm");
  wasm_functype_t *type = wasm_functype_new_2_2(wasm_valtype_new_i32(), wasm_valtype_new_i64(),
                                                wasm_valtype_new_i64(), wasm_valtype_new_i32());
  wasm_func_t *func = wasm_func_new(store, type, swap);
  wasm_functype_delete(type);
  wasm_extern_t *externs[1] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
  check(instance != NULL, "cannot instantiate");
  wasm_func_delete(func);
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);

  wasm_val_t from[3] = {WASM_I32_VAL(1), WASM_I64_VAL(2), WASM_F32_VAL(3.5f)};
  wasm_val_t to[3] = {WASM_INIT_VAL, WASM_INIT_VAL, WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(from);
  wasm_val_vec_t results = WASM_ARRAY_VEC(to);
  check(wasm_func_call(wasm_extern_as_func(exports.data[0]), &args, &results) == NULL, "rotate");
  printf("%lld %d %.1f\n", (long long)to[0].of.i64, to[1].of.i32, (double)to[2].of.f32);

  wasm_val_vec_t many_args;
  wasm_val_vec_t many_results;
  wasm_val_vec_new_uninitialized(&many_args, 6);
  wasm_val_vec_new_uninitialized(&many_results, 6);
  for (int32_t i = 0; i < 6; i++) {
    many_args.data[i].kind = WASM_I32;
    many_args.data[i].of.i32 = i;
  }
  const wasm_func_t *six = wasm_extern_as_func(exports.data[1]);
  check(wasm_func_call(six, &many_args, &many_results) == NULL, "six");
  for (int i = 0; i < 6; i++) {
    printf("%d%s", many_results.data[i].of.i32, i == 5 ? "\n" : " ");
  }
  wasm_val_vec_delete(&many_args);
  wasm_val_vec_delete(&many_results);

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
