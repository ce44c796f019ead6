/* Objects of the host that a module keeps and gives back, without seeing into them. */
#include "example.h"

static const char *name_of(const wasm_ref_t *ref) {
  return ref == NULL ? "nothing" : (const char *)wasm_ref_get_host_info(ref);
}

static wasm_trap_t *show(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  (void)results;
  printf("the last is %s\n", name_of(args->data[0].of.ref));
  return NULL;
}

static void keep(const wasm_func_t *func, int32_t at, wasm_ref_t *ref) {
  wasm_val_t from[2] = {WASM_I32_VAL(at), WASM_REF_VAL(ref)};
  wasm_val_vec_t args = WASM_ARRAY_VEC(from);
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  check(wasm_func_call(func, &args, &none) == NULL, "keep");
}

static wasm_ref_t *kept(const wasm_func_t *func, int32_t at) {
  wasm_val_t from[1] = {WASM_I32_VAL(at)};
  wasm_val_t to[1] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(from);
  wasm_val_vec_t results = WASM_ARRAY_VEC(to);
  check(wasm_func_call(func, &args, &results) == NULL, "kept");
  return to[0].of.ref;
}

static wasm_foreign_t *new_foreign(wasm_store_t *store, const char *name) {
  static char names[2][8];
  static int count;
  char *copy = names[count++];
  snprintf(copy, sizeof names[0], "%s", name);
  wasm_foreign_t *foreign = wasm_foreign_new(store);
  wasm_foreign_set_host_info(foreign, copy);
  return foreign;
}

int main(int argc, char **argv) {
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile_file(store, argc > 1 ? argv[1] : "hostref.wasm");
  wasm_functype_t *type = wasm_functype_new_1_0(wasm_valtype_new_externref());
  wasm_func_t *func = wasm_func_new(store, type, show);
  wasm_functype_delete(type);
  wasm_extern_t *externs[1] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
  check(instance != NULL, "cannot instantiate");
  wasm_func_delete(func);
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  const wasm_func_t *keep_func = wasm_extern_as_func(exports.data[0]);
  const wasm_func_t *kept_func = wasm_extern_as_func(exports.data[1]);
  const wasm_func_t *show_func = wasm_extern_as_func(exports.data[2]);

  wasm_foreign_t *apple = new_foreign(store, "apple");
  wasm_foreign_t *pear = new_foreign(store, "pear");
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  check(wasm_func_call(show_func, &none, &none) == NULL, "show");
  keep(keep_func, 0, wasm_foreign_as_ref(apple));
  keep(keep_func, 1, wasm_foreign_as_ref(pear));
  check(wasm_func_call(show_func, &none, &none) == NULL, "show");
  wasm_ref_t *ref = kept(kept_func, 0);
  printf("entry 0 is %s, %s\n", name_of(ref),
         wasm_ref_same(ref, wasm_foreign_as_ref(apple)) ? "the same" : "another");
  wasm_ref_delete(ref);
  keep(keep_func, 0, NULL);
  printf("entry 0 is %s\n", name_of(kept(kept_func, 0)));

  wasm_foreign_delete(apple);
  wasm_foreign_delete(pear);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
