// Modules for tests, byte by byte.
#ifndef MODULE_BUILDER_H
#define MODULE_BUILDER_H

#include "compiler/wasm/module.h"

#include <stdlib.h>
#include <string.h>

struct builder {
  uint8_t bytes[262144];
  size_t size;
  size_t section; // where the contents of the open section begin
};

static inline void put(struct builder *builder, const void *bytes, size_t size) {
  if (size > sizeof builder->bytes - builder->size) {
    abort();
  }
  if (size > 0) {
    memcpy(builder->bytes + builder->size, bytes, size);
  }
  builder->size += size;
}

// put_bytes(builder, 0x41, 0x00): the bytes given.
#define put_bytes(builder, ...)                                                                    \
  put(builder, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static inline void put_u32(struct builder *builder, uint32_t value) {
  do {
    uint8_t byte = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    put(builder, &byte, 1);
    value >>= 7;
  } while (value);
}

static inline void put_name(struct builder *builder, const char *name) {
  put_u32(builder, (uint32_t)strlen(name));
  put(builder, name, strlen(name));
}

static inline void begin_module(struct builder *builder) {
  builder->size = 0;
  put_bytes(builder, 0, 'a', 's', 'm', 1, 0, 0, 0);
}

// The size of a section or body is written in five bytes when it ends. They do not nest.
static inline void begin_sized(struct builder *builder) {
  put_bytes(builder, 0x80, 0x80, 0x80, 0x80, 0);
  builder->section = builder->size;
}

static inline void end_sized(struct builder *builder) {
  uint32_t size = (uint32_t)(builder->size - builder->section);
  for (unsigned i = 0; i < 5; i++) {
    builder->bytes[builder->section - 5 + i] =
        (uint8_t)(((size >> (7 * i)) & 0x7f) | (i < 4 ? 0x80 : 0));
  }
}

static inline void begin_section(struct builder *builder, uint8_t id) {
  put(builder, &id, 1);
  begin_sized(builder);
}

// A whole section of the bytes given.
#define put_section(builder, id, ...)                                                              \
  do {                                                                                             \
    begin_section(builder, id);                                                                    \
    put_bytes(builder, __VA_ARGS__);                                                               \
    end_sized(builder);                                                                            \
  } while (0)

static inline bool load(const struct builder *builder, struct wa_module *module,
                        struct wa_error *err) {
  return wa_module_init(module, (struct wa_bytes){builder->bytes, builder->size}, err);
}

#endif
