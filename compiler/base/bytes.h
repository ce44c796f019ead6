// Bytes: a range of somebody else's, an owned block, and a growing array for building sections.
#ifndef WA_COMPILER_BASE_BYTES_H
#define WA_COMPILER_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A range of bytes that somebody else owns.
struct wa_bytes {
  const uint8_t *data;
  size_t size;
};

// Owned bytes; freed with wa_buffer_free.
struct wa_buffer {
  uint8_t *data;
  size_t size;
};

void wa_buffer_free(struct wa_buffer *buffer); // leaves it empty

struct wa_bytes_buffer {
  uint8_t *data;
  size_t size, capacity;
  bool failed; // memory ran out; every later append is ignored
};

void wa_bytes_deinit(struct wa_bytes_buffer *buffer);
// Appends `size` bytes, zeros when `data` is NULL. Returns the offset at which they lie.
size_t wa_bytes_append(struct wa_bytes_buffer *buffer, const void *data, size_t size);
// Appends zeros up to a multiple of `alignment`, a power of two. Returns the new size.
size_t wa_bytes_align(struct wa_bytes_buffer *buffer, size_t alignment);

#endif
