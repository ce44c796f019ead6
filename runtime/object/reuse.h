// Mappings of instances that are gone, for instances to come: a context, then the reservation of
// memory 0; or a table. Making, protecting and unmaking one costs more than all the rest of an
// instance.
#ifndef WA_RUNTIME_OBJECT_REUSE_H
#define WA_RUNTIME_OBJECT_REUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wa_reusable {
  uint8_t *mapping;
  size_t size;       // bytes of it
  size_t context;    // bytes at its start that are accessible and in use, whole pages
  size_t accessible; // bytes behind them that are, too; the rest is not
};

// The last one left of this size and context: its accessible bytes are zero. False when there is
// none. Thread-safe.
bool wa_reuse_take(size_t size, size_t context, struct wa_reusable *taken);
// Leaves an anonymous mapping with its contents as they are; unmaps it when there are enough.
// Thread-safe.
void wa_reuse_leave(const struct wa_reusable *left);
// Unmaps all that were left: address space is short. Whether there were any. Thread-safe.
bool wa_reuse_clear(void);

#endif
