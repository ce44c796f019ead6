// LEB128 integers as WebAssembly restricts them (core spec 5.2.2): at most ceil(bits / 7) bytes,
// and the unused bits of the last byte zero or copies of the sign.
#ifndef WA_COMPILER_WASM_LEB128_H
#define WA_COMPILER_WASM_LEB128_H

#include <stddef.h>
#include <stdint.h>

enum wa_leb128 {
  WA_LEB128_OK,
  WA_LEB128_TRUNCATED, // the bytes end before the number does
  WA_LEB128_TOO_LONG,  // more bytes than `bits` needs
  WA_LEB128_TOO_LARGE, // the value does not fit `bits`
};

// Both read a number of `bits` bits (1 to 64) at bytes[*position], where bytes[end] is the first
// that must not be read, and leave *position behind it. On failure *position and *value are as
// before.
enum wa_leb128 wa_leb128_unsigned(const uint8_t *bytes, size_t end, size_t *position, unsigned bits,
                                  uint64_t *value);
enum wa_leb128 wa_leb128_signed(const uint8_t *bytes, size_t end, size_t *position, unsigned bits,
                                int64_t *value);

#endif
