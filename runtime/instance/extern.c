#include "runtime/call/hostfunc.h"
#include "runtime/object/memory.h"
#include "runtime/object/store.h"
#include "runtime/object/table.h"

void wa_extern_free(struct wa_store *store, struct wa_extern value) {
  switch (value.kind) {
  case WA_EXTERN_FUNC:
    wa_host_func_free(store, value.func);
    break;
  case WA_EXTERN_TABLE:
    wa_store_disown(store, &value.table->object);
    wa_table_free(value.table);
    break;
  case WA_EXTERN_MEMORY:
    wa_store_disown(store, &value.memory->object);
    wa_memory_free(value.memory);
    break;
  case WA_EXTERN_GLOBAL:
    wa_global_free(store, value.global);
    break;
  case WA_EXTERN_TAG:
  case WA_EXTERN_KIND_COUNT:
    break;
  }
}
