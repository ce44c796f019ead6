#include "compiler/wasm/leb128.h"

#include <stdbool.h>

// Whether the last byte that `bits` may use holds nothing above them but zeros or, in a signed
// number, copies of its sign bit. `used` of its seven payload bits belong to the value.
static bool last_byte_fits(uint8_t byte, unsigned used, bool is_signed) {
  uint8_t unused = (uint8_t)(0x7f & (0x7fu << used));
  if ((byte & unused) == 0) {
    return !is_signed || used == 7 || !(byte >> (used - 1) & 1);
  }
  return is_signed && (byte & unused) == unused && (byte >> (used - 1) & 1);
}

static enum wa_leb128 read_leb128(const uint8_t *bytes, size_t end, size_t *position, unsigned bits,
                                  bool is_signed, uint64_t *value) {
  uint64_t result = 0;
  unsigned shift = 0;
  for (size_t at = *position; at < end; at++) {
    uint8_t byte = bytes[at];
    result |= (uint64_t)(byte & 0x7f) << shift;
    if (shift + 7 >= bits) {
      if (byte & 0x80) {
        return WA_LEB128_TOO_LONG;
      }
      if (!last_byte_fits(byte, bits - shift, is_signed)) {
        return WA_LEB128_TOO_LARGE;
      }
    }
    shift += 7;
    if (byte & 0x80) {
      continue;
    }
    if (is_signed && shift < 64 && (byte & 0x40)) {
      result |= UINT64_MAX << shift;
    }
    *value = result;
    *position = at + 1;
    return WA_LEB128_OK;
  }
  return WA_LEB128_TRUNCATED;
}

enum wa_leb128 wa_leb128_unsigned(const uint8_t *bytes, size_t end, size_t *position, unsigned bits,
                                  uint64_t *value) {
  return read_leb128(bytes, end, position, bits, false, value);
}

enum wa_leb128 wa_leb128_signed(const uint8_t *bytes, size_t end, size_t *position, unsigned bits,
                                int64_t *value) {
  uint64_t result;
  enum wa_leb128 status = read_leb128(bytes, end, position, bits, true, &result);
  if (status == WA_LEB128_OK) {
    *value = (int64_t)result;
  }
  return status;
}
