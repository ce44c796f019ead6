#include "runtime/object/object.h"
#include "runtime/object/store.h"

#include <stdlib.h>
#include <string.h>

// A global that the host made. The cells come first: they hold a v128, which is aligned.
struct host_global {
  union wa_cell cells[2];
  struct wa_global_object global;
  struct wa_object object;
};

static void free_object(struct wa_object *object) {
  free(WA_OBJECT_OF(object, struct host_global));
}

struct wa_global_object *wa_global_new(struct wa_store *store, uint32_t type, bool mut,
                                       const union wa_cell *value, struct wa_error *err) {
  struct host_global *made = aligned_alloc(16, (sizeof *made + 15) / 16 * 16);
  if (made == NULL) {
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
    return NULL;
  }
  *made = (struct host_global){.object = {.free = free_object}};
  made->global = (struct wa_global_object){.type = type, .mut = mut, .cell = made->cells};
  memcpy(made->cells, value, type == WA_V128 ? 16 : 8);
  wa_store_own(store, &made->object);
  return &made->global;
}

void wa_global_free(struct wa_store *store, struct wa_global_object *global) {
  struct host_global *made =
      (struct host_global *)((uint8_t *)global - offsetof(struct host_global, global));
  wa_store_disown(store, &made->object);
  free(made);
}
