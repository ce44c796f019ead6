// Copying and filling for the bulk instructions, in pieces, so that a thread that is to end does
// not go on for seconds.
#ifndef WA_BULK_H
#define WA_BULK_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define WA_BULK_PIECE ((uint64_t)1 << 20)
// Up to this size nobody looks whether the thread is to end: the signal that says so, which is
// repeated, soon comes to compiled code, where it takes effect at once. Not with AddressSanitizer,
// whose memset takes nearly all of such a loop's time.
#ifdef __SANITIZE_ADDRESS__
#define WA_BULK_SMALL ((uint64_t)0)
#else
#define WA_BULK_SMALL ((uint64_t)256)
#endif

bool wa_bulk_move_pieces(uint8_t *to, const uint8_t *from, uint64_t size);
bool wa_bulk_fill_pieces(uint8_t *to, uint8_t value, uint64_t size);

// As memmove and memset. False when the thread is to end: then any part may be missing.
static inline bool wa_bulk_move(uint8_t *to, const uint8_t *from, uint64_t size) {
  if (size > WA_BULK_SMALL) {
    return wa_bulk_move_pieces(to, from, size);
  }
  memmove(to, from, size);
  return true;
}

static inline bool wa_bulk_fill(uint8_t *to, uint8_t value, uint64_t size) {
  if (size > WA_BULK_SMALL) {
    return wa_bulk_fill_pieces(to, value, size);
  }
  memset(to, value, size);
  return true;
}

#endif
