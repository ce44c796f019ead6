#include "runtime/object/bulk.h"

#include "runtime/thread/interrupt.h"

bool wa_bulk_fill_pieces(uint8_t *to, uint8_t value, uint64_t size) {
  for (; size > WA_BULK_PIECE; size -= WA_BULK_PIECE) {
    memset(to, value, WA_BULK_PIECE);
    to += WA_BULK_PIECE;
    if (wa_interrupted()) {
      return false;
    }
  }
  memset(to, value, size);
  return !wa_interrupted();
}

static bool move_up(uint8_t *to, const uint8_t *from, uint64_t size) {
  for (; size > WA_BULK_PIECE; size -= WA_BULK_PIECE) {
    memmove(to, from, WA_BULK_PIECE);
    to += WA_BULK_PIECE;
    from += WA_BULK_PIECE;
    if (wa_interrupted()) {
      return false;
    }
  }
  memmove(to, from, size);
  return !wa_interrupted();
}

static bool move_down(uint8_t *to, const uint8_t *from, uint64_t size) {
  while (size > WA_BULK_PIECE) {
    size -= WA_BULK_PIECE;
    memmove(to + size, from + size, WA_BULK_PIECE);
    if (wa_interrupted()) {
      return false;
    }
  }
  memmove(to, from, size);
  return !wa_interrupted();
}

// Pieces in the order that reads each byte before a later piece writes over it.
bool wa_bulk_move_pieces(uint8_t *to, const uint8_t *from, uint64_t size) {
  return (uintptr_t)to <= (uintptr_t)from ? move_up(to, from, size) : move_down(to, from, size);
}
