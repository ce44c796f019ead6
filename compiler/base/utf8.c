#include "compiler/base/utf8.h"

size_t wa_utf8_length(const uint8_t *bytes, size_t size) {
  uint8_t lead = bytes[0];
  if (lead < 0x80) {
    return 1;
  }
  size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || length > size) {
    return 0;
  }
  uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  for (size_t i = 1; i < length; i++, low = 0x80, high = 0xbf) {
    if (bytes[i] < low || bytes[i] > high) {
      return 0;
    }
  }
  return length;
}

bool wa_utf8_valid(struct wa_bytes bytes) {
  for (size_t i = 0; i < bytes.size;) {
    size_t length = wa_utf8_length(bytes.data + i, bytes.size - i);
    if (length == 0) {
      return false;
    }
    i += length;
  }
  return true;
}
