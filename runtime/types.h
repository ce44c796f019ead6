// Words for types in messages; the registry itself is in runtime.h.
#ifndef WA_TYPES_H
#define WA_TYPES_H

#include "runtime.h"

const char *wa_valtype_name(uint8_t type);
bool wa_valtype_is_valid(uint32_t type);
static inline uint32_t wa_valtype_cells(uint8_t type) {
  return type == WA_V128 ? 2 : 1;
}

// "[i32 i64] -> [f32]", cut to fit. Returns buffer.
const char *wa_type_format(uint32_t id, char *buffer, size_t size);

#endif
