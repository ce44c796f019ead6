#include "compiler/dwarf/cursor.h"

#include <string.h>

static void fail(struct wa_cursor *cursor) {
  cursor->failed = true;
  cursor->at = cursor->end;
}

struct wa_cursor wa_cursor_at(struct wa_bytes bytes, uint64_t offset) {
  if (offset > bytes.size || !bytes.data) {
    return (struct wa_cursor){.failed = true};
  }
  return (struct wa_cursor){.at = bytes.data + offset, .end = bytes.data + bytes.size};
}

void wa_cursor_skip(struct wa_cursor *cursor, uint64_t size) {
  if (size > wa_cursor_left(cursor)) {
    fail(cursor);
  } else {
    cursor->at += size;
  }
}

struct wa_cursor wa_cursor_take(struct wa_cursor *cursor, uint64_t size) {
  struct wa_cursor taken = {.at = cursor->at};
  wa_cursor_skip(cursor, size);
  taken.failed = cursor->failed;
  taken.end = cursor->failed ? taken.at : cursor->at;
  return taken;
}

uint64_t wa_cursor_fixed(struct wa_cursor *cursor, unsigned size) {
  uint64_t value = 0;
  if (wa_cursor_left(cursor) < size) {
    fail(cursor);
    return 0;
  }
  for (unsigned i = 0; i < size; i++) {
    value |= (uint64_t)*cursor->at++ << (8 * i);
  }
  return value;
}

// What does not fit in 64 bits is cut off.
static uint64_t leb(struct wa_cursor *cursor, bool is_signed) {
  uint64_t value = 0;
  unsigned shift = 0;
  uint8_t byte = 0x80;
  while (byte & 0x80 && !cursor->failed) {
    byte = (uint8_t)wa_cursor_fixed(cursor, 1);
    if (shift < 64) {
      value |= (uint64_t)(byte & 0x7f) << shift;
    }
    shift += 7;
  }
  if (is_signed && byte & 0x40 && shift < 64) {
    value |= ~(uint64_t)0 << shift;
  }
  return cursor->failed ? 0 : value;
}

uint64_t wa_cursor_uleb(struct wa_cursor *cursor) {
  return leb(cursor, false);
}

int64_t wa_cursor_sleb(struct wa_cursor *cursor) {
  return (int64_t)leb(cursor, true);
}

struct wa_bytes wa_cursor_string(struct wa_cursor *cursor) {
  struct wa_bytes string = {.data = cursor->at};
  const uint8_t *nul = cursor->failed || cursor->at == cursor->end
                           ? NULL
                           : memchr(cursor->at, 0, wa_cursor_left(cursor));
  if (!nul) {
    fail(cursor);
    return (struct wa_bytes){0};
  }
  string.size = (size_t)(nul - cursor->at);
  cursor->at = nul + 1;
  return string;
}

uint64_t wa_cursor_length(struct wa_cursor *cursor) {
  uint64_t length = wa_cursor_fixed(cursor, 4);
  if (length >= 0xfffffff0u) { // 64-bit DWARF, and reserved
    fail(cursor);
  }
  return cursor->failed ? 0 : length;
}
