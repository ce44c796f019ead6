// The host module "spectest", as the scripts' README describes it.
#include "tests/spec/scope.h"

#include <string.h>

static bool print(const struct wa_host_call *call, union wa_cell *cells) {
  (void)call;
  (void)cells;
  return true;
}

static bool define(struct wa_linker *linker, const char *name, struct wa_extern value,
                   struct wa_error *err) {
  return wa_linker_define(linker, "spectest", strlen("spectest"), name, strlen(name), value, err);
}

static bool define_global(struct wa_store *store, struct wa_linker *linker, const char *name,
                          uint32_t type, union wa_cell value, struct wa_error *err) {
  struct wa_extern global = {.kind = WA_EXTERN_GLOBAL};
  global.global = wa_global_new(store, type, false, &value, err);
  return global.global && define(linker, name, global, err);
}

static bool define_memory(struct wa_store *store, struct wa_linker *linker, const char *name,
                          bool shared, struct wa_error *err) {
  struct wa_extern memory = {.kind = WA_EXTERN_MEMORY};
  memory.memory = wa_memory_new(store, 1, 2, shared, err);
  return memory.memory && define(linker, name, memory, err);
}

static bool define_table(struct wa_store *store, struct wa_linker *linker, struct wa_error *err) {
  struct wa_extern table = {.kind = WA_EXTERN_TABLE};
  table.table = wa_table_new(store, WA_FUNCREF, 10, 20, err);
  struct wa_extern table64 = {.kind = WA_EXTERN_TABLE};
  table64.table = wa_table_new64(store, WA_FUNCREF, 10, 20, err);
  return table.table && define(linker, "table", table, err) && table64.table &&
         define(linker, "table64", table64, err);
}

bool spectest_define(struct wa_store *store, struct wa_linker *linker, struct wa_error *err) {
  static const struct {
    const char *name, *signature;
  } prints[] = {{"print", ":"},          {"print_i32", "i:"}, {"print_i64", "I:"},
                {"print_f32", "f:"},     {"print_f64", "F:"}, {"print_i32_f32", "if:"},
                {"print_f64_f64", "FF:"}};
  for (size_t i = 0; i < sizeof prints / sizeof *prints; i++) {
    if (!wa_linker_define_func(linker, "spectest", prints[i].name, prints[i].signature, print, NULL,
                               err)) {
      return false;
    }
  }
  // A cell of 4 bytes is the low half of its 8.
  union wa_cell i32 = {.u64 = 0}, i64 = {.i64 = 666}, f32 = {.u64 = 0}, f64 = {.f64 = 666.6};
  i32.i32 = 666;
  f32.f32 = 666.6f;
  return define_global(store, linker, "global_i32", WA_I32, i32, err) &&
         define_global(store, linker, "global_i64", WA_I64, i64, err) &&
         define_global(store, linker, "global_f32", WA_F32, f32, err) &&
         define_global(store, linker, "global_f64", WA_F64, f64, err) &&
         define_table(store, linker, err) && define_memory(store, linker, "memory", false, err) &&
         define_memory(store, linker, "shared_memory", true, err);
}
