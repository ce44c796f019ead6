/* What a module asks for and offers, before and after it is instantiated. */
#include "example.h"

static const char *kind_name(wasm_valkind_t kind) {
  switch (kind) {
  case WASM_I32:
    return "i32";
  case WASM_I64:
    return "i64";
  case WASM_F32:
    return "f32";
  case WASM_F64:
    return "f64";
  case WASM_EXTERNREF:
    return "externref";
  case WASM_FUNCREF:
    return "funcref";
  default:
    return "?";
  }
}

static void print_types(const wasm_valtype_vec_t *types) {
  printf("(");
  for (size_t i = 0; i < types->size; i++) {
    printf("%s%s", i == 0 ? "" : " ", kind_name(wasm_valtype_kind(types->data[i])));
  }
  printf(")");
}

static void print_limits(const wasm_limits_t *limits) {
  printf(" %u", limits->min);
  if (limits->max != wasm_limits_max_default) {
    printf(" to %u", limits->max);
  }
}

static void print_type(const wasm_externtype_t *type) {
  const wasm_functype_t *func = wasm_externtype_as_functype_const(type);
  const wasm_globaltype_t *global = wasm_externtype_as_globaltype_const(type);
  const wasm_tabletype_t *table = wasm_externtype_as_tabletype_const(type);
  const wasm_memorytype_t *memory = wasm_externtype_as_memorytype_const(type);
  if (func != NULL) {
    printf("func ");
    print_types(wasm_functype_params(func));
    printf(" -> ");
    print_types(wasm_functype_results(func));
  } else if (global != NULL) {
    printf("global %s%s", wasm_globaltype_mutability(global) == WASM_VAR ? "mut " : "",
           kind_name(wasm_valtype_kind(wasm_globaltype_content(global))));
  } else if (table != NULL) {
    printf("table");
    print_limits(wasm_tabletype_limits(table));
    printf(" %s", kind_name(wasm_valtype_kind(wasm_tabletype_element(table))));
  } else if (memory != NULL) {
    printf("memory");
    print_limits(wasm_memorytype_limits(memory));
  }
  printf("\n");
}

static void print_name(const wasm_name_t *name) {
  printf("%.*s", (int)name->size, name->data);
}

int main(int argc, char **argv) {
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile_file(store, argc > 1 ? argv[1] : "reflect.wasm");

  wasm_importtype_vec_t imports;
  wasm_module_imports(module, &imports);
  for (size_t i = 0; i < imports.size; i++) {
    printf("import ");
    print_name(wasm_importtype_module(imports.data[i]));
    printf(".");
    print_name(wasm_importtype_name(imports.data[i]));
    printf(": ");
    print_type(wasm_importtype_type(imports.data[i]));
  }
  wasm_exporttype_vec_t exports;
  wasm_module_exports(module, &exports);
  for (size_t i = 0; i < exports.size; i++) {
    printf("export ");
    print_name(wasm_exporttype_name(exports.data[i]));
    printf(": ");
    print_type(wasm_exporttype_type(exports.data[i]));
  }
  wasm_importtype_vec_delete(&imports);
  wasm_exporttype_vec_delete(&exports);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
