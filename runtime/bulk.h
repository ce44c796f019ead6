// Copying and filling for the bulk instructions, in pieces, so that a thread that is to end does
// not go on for seconds.
#ifndef WA_BULK_H
#define WA_BULK_H

#include <stdbool.h>
#include <stdint.h>

#define WA_BULK_PIECE ((uint64_t)1 << 20)

// As memmove and memset. False when the thread is to end: then any part may be missing.
bool wa_bulk_move(uint8_t *to, const uint8_t *from, uint64_t size);
bool wa_bulk_fill(uint8_t *to, uint8_t value, uint64_t size);

#endif
