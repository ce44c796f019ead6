#include "compiler/wasm/reader.h"

#include "compiler/base/utf8.h"

#include "compiler/wasm/leb128.h"

#include <inttypes.h>

bool wa_fail_proposal(struct wa_error *err, size_t offset, const char *what, const char *proposal) {
  return wa_fail(err, WA_ERROR_UNSUPPORTED, offset,
                 "%s needs the %s proposal, which this version does not compile", what, proposal);
}

bool wa_fail_limit(struct wa_error *err, size_t offset, const char *what, uint64_t found,
                   uint64_t limit) {
  return wa_fail(err, WA_ERROR_UNSUPPORTED, offset, "%" PRIu64 " %s: the limit is %" PRIu64, found,
                 what, limit);
}

bool wa_fail_memory(struct wa_error *err) {
  return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
}

static bool fail_end(const struct wa_reader *reader, const char *what, struct wa_error *err) {
  return wa_fail(err, WA_ERROR_MALFORMED, reader->end, "unexpected end: expected %s", what);
}

bool wa_reader_byte(struct wa_reader *reader, const char *what, uint8_t *value,
                    struct wa_error *err) {
  if (reader->position == reader->end) {
    return fail_end(reader, what, err);
  }
  *value = reader->start[reader->position++];
  return true;
}

static bool fail_leb128(const struct wa_reader *reader, enum wa_leb128 status, unsigned bits,
                        const char *what, struct wa_error *err) {
  if (status == WA_LEB128_TRUNCATED) {
    return fail_end(reader, what, err);
  }
  return wa_fail(err, WA_ERROR_MALFORMED, reader->position,
                 status == WA_LEB128_TOO_LONG ? "%s takes more bytes than a %u-bit integer can"
                                              : "%s does not fit %u bits",
                 what, bits);
}

bool wa_reader_long_number(struct wa_reader *reader, const char *what, uint32_t *value,
                           struct wa_error *err) {
  uint64_t wide = 0;
  enum wa_leb128 status =
      wa_leb128_unsigned(reader->start, reader->end, &reader->position, 32, &wide);
  if (status != WA_LEB128_OK) {
    return fail_leb128(reader, status, 32, what, err);
  }
  *value = (uint32_t)wide;
  return true;
}

bool wa_reader_u32(struct wa_reader *reader, uint32_t *value, struct wa_error *err) {
  return wa_reader_number(reader, "number", value, err);
}

bool wa_reader_u64(struct wa_reader *reader, const char *what, uint64_t *value,
                   struct wa_error *err) {
  enum wa_leb128 status =
      wa_leb128_unsigned(reader->start, reader->end, &reader->position, 64, value);
  return status == WA_LEB128_OK || fail_leb128(reader, status, 64, what, err);
}

bool wa_reader_signed(struct wa_reader *reader, unsigned bits, const char *what, int64_t *value,
                      struct wa_error *err) {
  enum wa_leb128 status =
      wa_leb128_signed(reader->start, reader->end, &reader->position, bits, value);
  return status == WA_LEB128_OK || fail_leb128(reader, status, bits, what, err);
}

bool wa_reader_bytes(struct wa_reader *reader, size_t size, const char *what,
                     struct wa_bytes *bytes, struct wa_error *err) {
  if (size > wa_reader_left(reader)) {
    return wa_fail(err, WA_ERROR_MALFORMED, reader->position,
                   "length out of bounds: %s takes %zu bytes, found %zu", what, size,
                   wa_reader_left(reader));
  }
  *bytes = (struct wa_bytes){reader->start + reader->position, size};
  reader->position += size;
  return true;
}

bool wa_reader_count(struct wa_reader *reader, const char *what, size_t element_size,
                     uint32_t *count, struct wa_error *err) {
  size_t offset = reader->position;
  if (!wa_reader_number(reader, what, count, err)) {
    return false;
  }
  if (*count > wa_reader_left(reader) / element_size) {
    return wa_fail(err, WA_ERROR_MALFORMED, offset,
                   "length out of bounds: %s is %" PRIu32 ", more than fit the %zu bytes left",
                   what, *count, wa_reader_left(reader));
  }
  return true;
}

bool wa_reader_name(struct wa_reader *reader, const char *what, struct wa_bytes *name,
                    struct wa_error *err) {
  uint32_t size = 0;
  if (!wa_reader_number(reader, what, &size, err)) {
    return false;
  }
  size_t offset = reader->position;
  if (!wa_reader_bytes(reader, size, what, name, err)) {
    return false;
  }
  if (!wa_utf8_valid(*name)) {
    return wa_fail(err, WA_ERROR_MALFORMED, offset, "%s is not valid UTF-8", what);
  }
  if (size > WA_LIMIT_STRING) {
    return wa_fail_limit(err, offset, "bytes of a name", size, WA_LIMIT_STRING);
  }
  return true;
}

const char *wa_valtype_spelling(uint32_t type) {
  bool non_null = type & WA_REF_NON_NULL;
  switch (type & 0xff) {
  case 0:
    return non_null ? "any reference" : "any type";
#define WA_VALTYPE(id, spelling, non_null_spelling)                                                \
  case id:                                                                                         \
    return non_null ? (non_null_spelling) : (spelling);
#include "runtime/valtypes.def"
#undef WA_VALTYPE
  case WA_REF_INDEX:
    return non_null ? "(ref of a function type)" : "(ref null of a function type)";
  default:
    return "unknown type";
  }
}

// The proposal that a byte in the place of a value type belongs to, or NULL.
static const char *type_proposal(uint8_t byte) {
  switch (byte) {
  case 0x6a:
  case 0x6b:
  case 0x6c:
  case 0x6d:
  case 0x6e:
  case 0x71:
    return "garbage collection";
  case 0x62:
    return "custom descriptors";
  case 0x65:
    return "shared-everything threads";
  case 0x68:
  case 0x75:
    return "stack switching";
  default:
    return NULL;
  }
}

static bool fail_type(uint8_t byte, size_t offset, const char *what, struct wa_error *err) {
  const char *proposal = type_proposal(byte);
  if (!proposal) {
    return wa_fail(err, WA_ERROR_MALFORMED, offset, "expected a %s type, found byte 0x%02x", what,
                   byte);
  }
  char name[32];
  (void)snprintf(name, sizeof name, "type 0x%02x", byte);
  return wa_fail_proposal(err, offset, name, proposal);
}

static bool is_abstract(uint8_t byte) {
  return byte == WA_FUNCREF || byte == WA_EXTERNREF || byte == WA_NULLFUNCREF ||
         byte == WA_NULLEXTERNREF || byte == WA_EXNREF || byte == WA_NULLEXNREF;
}

// 5.3.3: abstract heap types are negative s33, type indexes are not.
bool wa_reader_heaptype(struct wa_reader *reader, uint32_t *type, struct wa_error *err) {
  size_t offset = reader->position;
  int64_t number;
  if (!wa_reader_signed(reader, 33, "a heap type", &number, err)) {
    return false;
  }
  if (number >= 0) {
    uint32_t index = number < WA_LIMIT_TYPES ? (uint32_t)number : WA_LIMIT_TYPES;
    *type = wa_type_with_index(WA_REF_INDEX, index);
    return true;
  }
  uint8_t byte = number >= -64 ? (uint8_t)(number & 0x7f) : 0;
  *type = byte;
  return is_abstract(byte) || fail_type(byte, offset, "heap", err);
}

static bool read_reference(struct wa_reader *reader, uint8_t byte, uint32_t *type,
                           struct wa_error *err) {
  if (!wa_reader_heaptype(reader, type, err)) {
    return false;
  }
  if (byte == 0x64) {
    *type |= WA_REF_NON_NULL;
  }
  return true;
}

bool wa_reader_valtype(struct wa_reader *reader, uint32_t *type, struct wa_error *err) {
  uint8_t byte = 0;
  if (!wa_reader_byte(reader, "a value type", &byte, err)) {
    return false;
  }
  *type = byte;
  if ((byte >= WA_V128 && byte <= WA_I32) || is_abstract(byte)) {
    return true;
  }
  if (byte == 0x63 || byte == 0x64) {
    return read_reference(reader, byte, type, err);
  }
  return fail_type(byte, reader->position - 1, "value", err);
}

bool wa_reader_reftype(struct wa_reader *reader, uint32_t *type, struct wa_error *err) {
  uint8_t byte = 0;
  if (!wa_reader_byte(reader, "a reference type", &byte, err)) {
    return false;
  }
  *type = byte;
  if (is_abstract(byte)) {
    return true;
  }
  if (byte == 0x63 || byte == 0x64) {
    return read_reference(reader, byte, type, err);
  }
  return fail_type(byte, reader->position - 1, "reference", err);
}
