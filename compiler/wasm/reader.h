// What the binary format is made of (core spec 5.2): bytes, numbers, names and value types, read
// from a struct wa_reader (instr.h) with one way to fail. `what` names the thing in messages.
#ifndef WA_COMPILER_WASM_READER_H
#define WA_COMPILER_WASM_READER_H

#include "compiler/wasm/instr.h"

static inline size_t wa_reader_left(const struct wa_reader *reader) {
  return reader->end - reader->position;
}

bool wa_reader_byte(struct wa_reader *reader, const char *what, uint8_t *value,
                    struct wa_error *err);
bool wa_reader_long_number(struct wa_reader *reader, const char *what, uint32_t *value,
                           struct wa_error *err);
// A u32 that messages call `what`; wa_reader_u32 calls it "number".
static inline bool wa_reader_number(struct wa_reader *reader, const char *what, uint32_t *value,
                                    struct wa_error *err) {
  // Nearly every number takes one byte.
  if (reader->position < reader->end && reader->start[reader->position] < 0x80) {
    *value = reader->start[reader->position++];
    return true;
  }
  return wa_reader_long_number(reader, what, value, err);
}
bool wa_reader_u64(struct wa_reader *reader, const char *what, uint64_t *value,
                   struct wa_error *err);
// `bits` is 32, 33 or 64.
bool wa_reader_signed(struct wa_reader *reader, unsigned bits, const char *what, int64_t *value,
                      struct wa_error *err);
bool wa_reader_bytes(struct wa_reader *reader, size_t size, const char *what,
                     struct wa_bytes *bytes, struct wa_error *err);
// The length of a vector whose elements take at least `element_size` bytes each: more than fit in
// the bytes left is an error here, so that what callers allocate is bounded by the file.
bool wa_reader_count(struct wa_reader *reader, const char *what, size_t element_size,
                     uint32_t *count, struct wa_error *err);
// A length and that many bytes of UTF-8 (5.2.4), at most WA_LIMIT_STRING.
bool wa_reader_name(struct wa_reader *reader, const char *what, struct wa_bytes *name,
                    struct wa_error *err);
// Value types as abi.h has them; indexes are not checked, and cut to WA_LIMIT_TYPES, which is none.
// A heap type is read as a nullable reference to it.
bool wa_reader_valtype(struct wa_reader *reader, uint32_t *type, struct wa_error *err);
bool wa_reader_reftype(struct wa_reader *reader, uint32_t *type, struct wa_error *err);
bool wa_reader_heaptype(struct wa_reader *reader, uint32_t *type, struct wa_error *err);

// "i32" and so on; "any type" for 0, which is how the validator writes an unknown operand.
const char *wa_valtype_spelling(uint32_t type);

// Fails with WA_ERROR_UNSUPPORTED, naming the proposal that a construct belongs to.
bool wa_fail_proposal(struct wa_error *err, size_t offset, const char *what, const char *proposal);
// Fails with WA_ERROR_UNSUPPORTED, naming the limit that was passed.
bool wa_fail_limit(struct wa_error *err, size_t offset, const char *what, uint64_t found,
                   uint64_t limit);
bool wa_fail_memory(struct wa_error *err);

#endif
