// Words for types in messages; the registry itself is in runtime.h.
#ifndef WA_RUNTIME_OBJECT_TYPES_H
#define WA_RUNTIME_OBJECT_TYPES_H

#include "runtime/runtime.h"

const char *wa_valtype_name(uint32_t type);
bool wa_valtype_is_valid(uint32_t type);
// Whether a value of one type can stand where another is expected (core spec 3.3); of types whose
// indexes are canonical ids. Thread-safe.
bool wa_valtype_matches(uint32_t type, uint32_t expected);
// The same of function types by their canonical ids: equal, or declared so.
bool wa_type_id_matches(uint32_t id, uint32_t expected);

// In a definition, in the place of WA_REF_INDEX: the index is a place in the definition's group.
#define WA_REF_IN_GROUP 0x65u

struct wa_type_def {
  const uint32_t *params; // value types whose indexes are canonical ids, or places in the group
  const uint32_t *results;
  uint32_t param_count;
  uint32_t result_count;
  uint32_t supertype; // canonical id, 0 for none; or place in the group
  bool super_in_group;
  bool is_final;
};

// The id of the first type of a recursion group, the others follow it; the same for equal groups.
// Thread-safe. 0 when out of memory.
uint32_t wa_type_intern_group(const struct wa_type_def *defs, uint32_t count);
static inline uint32_t wa_valtype_cells(uint32_t type) {
  return type == WA_V128 ? 2 : 1;
}

// As the text format has it, "(func (param i32 i64) (result f32))"; the end of a long one is left
// out. Returns buffer; 32 bytes at least.
const char *wa_signature_text(const struct wa_signature *signature, char *buffer, size_t size);
// "[i32 i64] -> [f32]", cut to fit. Returns buffer.
const char *wa_type_format(uint32_t id, char *buffer, size_t size);

#endif
