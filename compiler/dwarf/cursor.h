// Reading DWARF byte by byte. Past the end every read gives 0 and sets `failed`, so a reader checks
// once, after a group of reads; loops over a count must look at `failed` as they go.
#ifndef WA_COMPILER_DWARF_CURSOR_H
#define WA_COMPILER_DWARF_CURSOR_H

#include "compiler/base/bytes.h"

struct wa_cursor {
  const uint8_t *at, *end;
  bool failed;
};

// Starts at `offset` of `bytes`; failed when that is behind the end.
struct wa_cursor wa_cursor_at(struct wa_bytes bytes, uint64_t offset);
// Cuts off `size` bytes as a cursor of their own.
struct wa_cursor wa_cursor_take(struct wa_cursor *cursor, uint64_t size);
void wa_cursor_skip(struct wa_cursor *cursor, uint64_t size);
static inline size_t wa_cursor_left(const struct wa_cursor *cursor) {
  return (size_t)(cursor->end - cursor->at);
}

uint64_t wa_cursor_fixed(struct wa_cursor *cursor, unsigned size); // little-endian, 1 to 8 bytes
uint64_t wa_cursor_uleb(struct wa_cursor *cursor);
int64_t wa_cursor_sleb(struct wa_cursor *cursor);
// Up to a NUL, which it skips and leaves out.
struct wa_bytes wa_cursor_string(struct wa_cursor *cursor);
// The length of a unit of 32-bit DWARF (DWARF 5, 7.4); other lengths fail.
uint64_t wa_cursor_length(struct wa_cursor *cursor);

#endif
