// Reading the fields of DWARF sections, whatever those contain. Async-signal-safe.
#ifndef WA_RUNTIME_CODE_CFI_CURSOR_H
#define WA_RUNTIME_CODE_CFI_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Reads little-endian fields up to an end; past it everything is zero and `bad` is set.
struct wa_cfi_cursor {
  const uint8_t *at;
  const uint8_t *end;
  bool bad;
};

static inline uint64_t wa_cfi_fixed(struct wa_cfi_cursor *cursor, size_t size) {
  uint64_t value = 0;
  if ((size_t)(cursor->end - cursor->at) < size) {
    cursor->bad = true;
    cursor->at = cursor->end;
    return 0;
  }
  memcpy(&value, cursor->at, size);
  cursor->at += size;
  return value;
}

// All 64 bits: LLVM writes a negative number in ten bytes where the format has an unsigned one.
static inline uint64_t wa_cfi_uleb(struct wa_cfi_cursor *cursor) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    uint64_t byte = wa_cfi_fixed(cursor, 1);
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) == 0 && (shift < 63 || byte <= 1)) {
      return value;
    }
  }
  cursor->bad = true;
  return 0;
}

static inline int64_t wa_cfi_sleb(struct wa_cfi_cursor *cursor) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 63; shift += 7) {
    uint64_t byte = wa_cfi_fixed(cursor, 1);
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) {
      bool negative = (byte & 0x40) != 0;
      return (int64_t)(negative ? value | (UINT64_MAX << (shift + 7)) : value);
    }
  }
  cursor->bad = true;
  return 0;
}

static inline void wa_cfi_skip(struct wa_cfi_cursor *cursor, uint64_t size) {
  if ((uint64_t)(cursor->end - cursor->at) < size) {
    cursor->bad = true;
    cursor->at = cursor->end;
  } else {
    cursor->at += size;
  }
}

#endif
