// What a store owns is in its list of objects, each of which knows how to free itself.
#ifndef WA_RUNTIME_OBJECT_OBJECT_H
#define WA_RUNTIME_OBJECT_OBJECT_H

#include "runtime/runtime.h"

struct wa_object {
  struct wa_object *previous;
  struct wa_object *next;
  void (*free)(struct wa_object *object);
};

// Frees a global that wa_global_new made. global.c.
void wa_global_free(struct wa_store *store, struct wa_global_object *global);

#define WA_OBJECT_OF(pointer, type) ((type *)((uint8_t *)(pointer)-offsetof(type, object)))

#endif
