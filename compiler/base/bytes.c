#include "compiler/base/bytes.h"

#include <stdlib.h>
#include <string.h>

void wa_bytes_deinit(struct wa_bytes_buffer *buffer) {
  free(buffer->data);
  *buffer = (struct wa_bytes_buffer){0};
}

static bool reserve(struct wa_bytes_buffer *buffer, size_t size) {
  size_t needed;
  if (buffer->failed || __builtin_add_overflow(buffer->size, size, &needed)) {
    return false;
  }
  if (needed <= buffer->capacity) {
    return true;
  }
  size_t capacity = buffer->capacity ? buffer->capacity : 1024;
  while (capacity < needed) {
    capacity += capacity / 2;
  }
  uint8_t *data = realloc(buffer->data, capacity);
  if (!data) {
    return false;
  }
  buffer->data = data;
  buffer->capacity = capacity;
  return true;
}

size_t wa_bytes_append(struct wa_bytes_buffer *buffer, const void *data, size_t size) {
  size_t offset = buffer->size;
  if (!reserve(buffer, size)) {
    buffer->failed = true;
    return offset;
  }
  if (size == 0) {
    return offset;
  }
  if (data) {
    memcpy(buffer->data + offset, data, size);
  } else {
    memset(buffer->data + offset, 0, size);
  }
  buffer->size += size;
  return offset;
}

size_t wa_bytes_align(struct wa_bytes_buffer *buffer, size_t alignment) {
  size_t rest = buffer->size & (alignment - 1);
  if (rest) {
    wa_bytes_append(buffer, NULL, alignment - rest);
  }
  return buffer->size;
}

void wa_buffer_free(struct wa_buffer *buffer) {
  free(buffer->data);
  *buffer = (struct wa_buffer){0};
}
