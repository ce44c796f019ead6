// A module that tests edit as a programmer would: functions and whatever they refer to are known by
// an identity, which stays when their index does not.
#ifndef EDITED_MODULE_H
#define EDITED_MODULE_H

#include "tests/unit/module_builder.h"

#include <stdbool.h>
#include <stdint.h>

enum { EDITED_FUNCTIONS = 1200, EDITED_OTHERS = 24 };

struct edited_function {
  uint32_t id;   // callers know it by this
  uint32_t seed; // of its code
};

// Every list is in the order of the module's index space.
struct edited {
  struct edited_function functions[EDITED_FUNCTIONS]; // each (i32) -> i32
  uint32_t function_count;
  uint32_t instrs;                               // of a function, about
  uint32_t imports[EDITED_OTHERS], import_count; // functions of that type
  uint32_t globals[EDITED_OTHERS], global_count; // identities 0 to 3 are used
  uint32_t types[EDITED_OTHERS], type_count; // identity 0 is (i32) -> i32, n takes n values of i64
  uint32_t memory_min, memory_max;           // pages; a maximum of 0: none
  bool shared_memory;                        // which needs a maximum
  bool exported_table;                       // so that it is not read-only
  bool has_tail_call, has_throw;             // in an exported function behind all others
  uint32_t table_start;                      // the first function in the table of four
  uint32_t state;                            // of what is random
};

static inline uint32_t edited_random(uint32_t *state, uint32_t below) {
  *state = *state * 1664525u + 1013904223u;
  return (uint32_t)(((uint64_t)(*state >> 8) * below) >> 24);
}

static inline void edited_init(struct edited *m, uint32_t functions, uint32_t instrs,
                               uint32_t seed) {
  *m = (struct edited){.instrs = instrs, .memory_min = 1, .memory_max = 10, .state = seed};
  for (uint32_t i = 0; i < functions; i++) {
    m->functions[i] = (struct edited_function){.id = i, .seed = seed * 7919u + i};
  }
  m->function_count = functions;
  for (uint32_t i = 0; i < 4; i++) {
    m->globals[m->global_count++] = i;
    m->types[m->type_count++] = i;
  }
  m->imports[m->import_count++] = 0;
}

static inline void edited_insert(uint32_t *list, uint32_t *count, uint32_t at, uint32_t value) {
  memmove(&list[at + 1], &list[at], (*count - at) * sizeof *list);
  list[at] = value;
  ++*count;
}

static inline void edited_insert_function(struct edited *m, uint32_t at, uint32_t id) {
  memmove(&m->functions[at + 1], &m->functions[at],
          (m->function_count - at) * sizeof *m->functions);
  m->functions[at] = (struct edited_function){.id = id, .seed = id * 31u + 5};
  m->function_count++;
}

static inline void edited_remove_function(struct edited *m, uint32_t at) {
  m->function_count--;
  memmove(&m->functions[at], &m->functions[at + 1],
          (m->function_count - at) * sizeof *m->functions);
}

static inline uint32_t edited_find(const uint32_t *list, uint32_t count, uint32_t id) {
  uint32_t at = 0;
  while (at < count && list[at] != id) {
    at++;
  }
  return at;
}

// The index of the function of an identity; of one that is gone, another's.
static inline uint32_t edited_callee(const struct edited *m, uint32_t id) {
  for (uint32_t i = 0; i < m->function_count; i++) {
    if (m->functions[i].id == id) {
      return m->import_count + i;
    }
  }
  return m->import_count;
}

static inline void edited_type(struct builder *b, const struct edited *m) {
  put_u32(b, edited_find(m->types, m->type_count, 0));
}

// An operation on the i32 on top of the stack.
static inline void edited_operation(struct builder *b, const struct edited *m, uint32_t *state) {
  uint32_t kind = edited_random(state, 14), id = edited_random(state, 64);
  switch (kind) {
  case 0:
    put_bytes(b, 0x10); // call
    put_u32(b, edited_callee(m, id));
    break;
  case 1:
    put_bytes(b, 0x10);
    put_u32(b, id % m->import_count);
    break;
  case 2:
    put_bytes(b, 0x23); // global.get, i32.xor
    put_u32(b, edited_find(m->globals, m->global_count, id % 4));
    put_bytes(b, 0x73);
    break;
  case 3:
    put_bytes(b, 0x28, 2); // i32.load
    put_u32(b, id * 4);
    break;
  case 4:
    put_bytes(b, 0x41, 3, 0x71, 0x20, 0, 0x20, 1, 0x6a, 0x6a, 0x41, 3, 0x71); // an index below 4
    put_bytes(b, 0x22, 1, 0x20, 1, 0x11);                                     // call_indirect
    edited_type(b, m);
    put_bytes(b, 0);
    break;
  case 5: // if (x) x = x / local
    put_bytes(b, 0x22, 1, 0x04, 0x40, 0x20, 1, 0x20, 0, 0x6d, 0x21, 1, 0x0b, 0x20, 1);
    break;
  case 6: // a loop that counts to its operand and stores
    put_bytes(b, 0x21, 1, 0x03, 0x40, 0x20, 1, 0x20, 0, 0x36, 2, 16, 0x20, 1, 0x41, 4, 0x6a, 0x22,
              1, 0x20, 0, 0x49, 0x0d, 0, 0x0b, 0x20, 1);
    break;
  case 7: // memory.grow
    put_bytes(b, 0x40, 0);
    break;
  case 8: // load(x) + load(x + 100000): anchored when the memory has so much room behind it
    put_bytes(b, 0x22, 1, 0x28, 2, 0, 0x20, 1, 0x41, 0xa0, 0x8d, 6, 0x6a, 0x28, 2, 0, 0x6a);
    break;
  case 9: // a loop over vectors: v[i] += w[i]
    put_bytes(b, 0x21, 1, 0x03, 0x40, 0x20, 1, 0x20, 1, 0xfd, 0x00, 4, 0, 0x20, 1, 0xfd, 0x00, 4,
              0x80, 0x20, 0xfd, 0xe4, 0x01, 0xfd, 0x0b, 4, 0, 0x20, 1, 0x41, 16, 0x6a, 0x22, 1,
              0x20, 0, 0x49, 0x0d, 0, 0x0b, 0x20, 1);
    break;
  default:
    put_bytes(b, 0x41); // i32.const, and add, sub, mul or xor
    put_u32(b, id);
    put_bytes(b, (uint8_t[]){0x6a, 0x6b, 0x6c, 0x73}[kind % 4]);
    break;
  }
}

static inline void edited_body(struct builder *b, const struct edited *m, uint32_t seed) {
  uint32_t state = seed;
  uint32_t count = m->instrs / 2 + edited_random(&state, m->instrs);
  begin_sized(b);
  put_bytes(b, 1, 1, 0x7f, 0x20, 0); // one local, i32; local.get 0
  for (uint32_t done = 0; done < count; done += 3) {
    edited_operation(b, m, &state);
  }
  put_bytes(b, 0x0b);
  end_sized(b);
}

static inline void edited_types(struct builder *b, const struct edited *m) {
  begin_section(b, 1);
  put_u32(b, m->type_count);
  for (uint32_t i = 0; i < m->type_count; i++) {
    uint32_t id = m->types[i];
    put_bytes(b, 0x60);
    put_u32(b, id ? id : 1);
    for (uint32_t j = 0; j < (id ? id : 1); j++) {
      put_bytes(b, id ? 0x7e : 0x7f);
    }
    if (id) {
      put_bytes(b, 0);
    } else {
      put_bytes(b, 1, 0x7f);
    }
  }
  end_sized(b);
}

static inline void edited_declarations(struct builder *b, const struct edited *m, uint32_t all) {
  begin_section(b, 2);
  put_u32(b, m->import_count);
  for (uint32_t i = 0; i < m->import_count; i++) {
    put_bytes(b, 1, 'm', 1, 'f', 0);
    edited_type(b, m);
  }
  end_sized(b);
  begin_section(b, 3);
  put_u32(b, all);
  for (uint32_t i = 0; i < all; i++) {
    edited_type(b, m);
  }
  end_sized(b);
  put_section(b, 4, 1, 0x70, 1, 4, 4);
  begin_section(b, 5);
  put_bytes(b, 1, (uint8_t)((m->memory_max ? 1 : 0) | (m->shared_memory ? 2 : 0)));
  put_u32(b, m->memory_min);
  if (m->memory_max) {
    put_u32(b, m->memory_max);
  }
  end_sized(b);
  if (m->has_throw) {
    put_section(b, 13, 1, 0, (uint8_t)edited_find(m->types, m->type_count, 1));
  }
  begin_section(b, 6);
  put_u32(b, m->global_count);
  for (uint32_t i = 0; i < m->global_count; i++) {
    put_bytes(b, 0x7f, 1, 0x41, (uint8_t)(m->globals[i] & 31), 0x0b);
  }
  end_sized(b);
}

static inline void edited_exports(struct builder *b, const struct edited *m, uint32_t all) {
  begin_section(b, 7);
  put_u32(b, 2u + m->exported_table);
  put_bytes(b, 1, 'a', 0);
  put_u32(b, m->import_count);
  put_bytes(b, 1, 'z', 0);
  put_u32(b, m->import_count + all - 1);
  if (m->exported_table) {
    put_bytes(b, 1, 't', 1, 0);
  }
  end_sized(b);
  begin_section(b, 9);
  put_bytes(b, 1, 0, 0x41, 0, 0x0b, 4);
  for (uint32_t i = 0; i < 4; i++) {
    put_u32(b, m->import_count + (m->table_start + i) % m->function_count);
  }
  end_sized(b);
}

static inline void edited_build(struct builder *b, const struct edited *m) {
  uint32_t all = m->function_count + m->has_tail_call + m->has_throw;
  begin_module(b);
  edited_types(b, m);
  edited_declarations(b, m, all);
  edited_exports(b, m, all);
  begin_section(b, 10);
  put_u32(b, all);
  // The sizes of bodies are written in five bytes like a section's, which is open meanwhile.
  size_t section = b->section;
  for (uint32_t i = 0; i < m->function_count; i++) {
    edited_body(b, m, m->functions[i].seed);
  }
  if (m->has_tail_call) {
    put_bytes(b, 6, 0, 0x20, 0, 0x12, (uint8_t)m->import_count, 0x0b);
  }
  if (m->has_throw) {
    put_bytes(b, 6, 0, 0x42, 7, 0x08, 0, 0x0b);
  }
  b->section = section;
  end_sized(b);
}

#endif
