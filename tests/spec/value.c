#include "tests/spec/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NUMBER = 512 };

// ---- Numbers ----

// The number without underscores, terminated.
static bool plain_number(const struct node *node, char *text) {
  size_t size = 0;
  if (!node || node->kind != NODE_ATOM || node->size >= LONGEST_NUMBER) {
    return false;
  }
  for (size_t i = 0; i < node->size; i++) {
    if (node->text[i] != '_') {
      text[size++] = node->text[i];
    }
  }
  text[size] = '\0';
  return size != 0;
}

static bool parse_integer(const struct node *node, unsigned bits, uint64_t *value) {
  char text[LONGEST_NUMBER], *end;
  if (!plain_number(node, text)) {
    return false;
  }
  bool negative = text[0] == '-';
  const char *digits = text + (text[0] == '-' || text[0] == '+');
  *value = strtoull(digits, &end, digits[0] == '0' && digits[1] == 'x' ? 16 : 10);
  if (negative) {
    *value = 0 - *value;
  }
  if (bits < 64) {
    *value &= (UINT64_C(1) << bits) - 1;
  }
  return end != digits && !*end;
}

// What stands behind "nan": nothing, ":canonical", ":arithmetic" or ":0x" and the payload.
static bool parse_nan(const char *text, unsigned bits, uint64_t *value, enum lane_match *match) {
  unsigned mantissa = bits == 32 ? 23 : 52;
  uint64_t exponent = bits == 32 ? UINT64_C(0x7f800000) : UINT64_C(0x7ff0000000000000);
  uint64_t payload = UINT64_C(1) << (mantissa - 1);
  char *end = NULL;
  if (strcmp(text, ":canonical") == 0) {
    *match = LANE_NAN_CANONICAL;
  } else if (strcmp(text, ":arithmetic") == 0) {
    *match = LANE_NAN_ARITHMETIC;
  } else if (strncmp(text, ":0x", 3) == 0) {
    payload = strtoull(text + 1, &end, 16);
  } else if (*text) {
    return false;
  }
  *value = exponent | payload;
  return !end || !*end;
}

static bool parse_float(const struct node *node, unsigned bits, uint64_t *value,
                        enum lane_match *match) {
  char text[LONGEST_NUMBER], *end;
  if (!plain_number(node, text)) {
    return false;
  }
  const char *digits = text + (text[0] == '-' || text[0] == '+');
  uint64_t sign = text[0] == '-' ? UINT64_C(1) << (bits - 1) : 0;
  if (strncmp(digits, "nan", 3) == 0) {
    if (!parse_nan(digits + 3, bits, value, match)) {
      return false;
    }
    *value |= sign;
    return true;
  }
  if (bits == 32) {
    float number = strtof(digits, &end);
    uint32_t pattern;
    memcpy(&pattern, &number, sizeof pattern);
    *value = pattern | sign;
  } else {
    double number = strtod(digits, &end);
    memcpy(value, &number, sizeof number);
    *value |= sign;
  }
  return end != digits && !*end;
}

// ---- Constants ----

static bool parse_scalar(const struct node *node, struct value *value, uint32_t type, unsigned bits,
                         bool is_float) {
  value->type = type;
  value->lanes = 1;
  value->lane_bits = bits;
  return !node->next &&
         (is_float ? parse_float(node, bits, &value->lane[0].bits, &value->lane[0].match)
                   : parse_integer(node, bits, &value->lane[0].bits));
}

static bool parse_vector(const struct node *shape, struct value *value) {
  static const struct {
    const char *name;
    unsigned lanes;
    bool is_float;
  } shapes[] = {{"i8x16", 16, false}, {"i16x8", 8, false}, {"i32x4", 4, false},
                {"i64x2", 2, false},  {"f32x4", 4, true},  {"f64x2", 2, true}};
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    if (!sexpr_is_atom(shape, shapes[i].name)) {
      continue;
    }
    value->type = WA_V128;
    value->lanes = shapes[i].lanes;
    value->lane_bits = 128 / shapes[i].lanes;
    const struct node *lane = shape->next;
    for (unsigned n = 0; n < value->lanes; n++, lane = lane->next) {
      if (!lane) {
        return false;
      }
      if (shapes[i].is_float
              ? !parse_float(lane, value->lane_bits, &value->lane[n].bits, &value->lane[n].match)
              : !parse_integer(lane, value->lane_bits, &value->lane[n].bits)) {
        return false;
      }
    }
    return !lane;
  }
  return false;
}

// A host reference is any pointer but null: number n becomes n + 1.
static bool parse_extern(const struct node *number, struct value *value) {
  value->type = WA_EXTERNREF;
  value->ref_match = REF_ANY;
  if (!number) {
    return true;
  }
  uint64_t bits;
  if (!parse_integer(number, 32, &bits)) {
    return false;
  }
  value->ref_match = REF_EXACT;
  value->ref = (void *)(uintptr_t)(bits + 1);
  return true;
}

static bool parse_ref_null(const struct node *type, struct value *value, const char **needs) {
  if (!type) {
    return true;
  }
  if (sexpr_is_atom(type, "func")) {
    value->type = WA_FUNCREF;
  } else if (sexpr_is_atom(type, "extern")) {
    value->type = WA_EXTERNREF;
  } else if (sexpr_is_atom(type, "nofunc")) {
    value->type = WA_NULLFUNCREF;
  } else if (sexpr_is_atom(type, "noextern")) {
    value->type = WA_NULLEXTERNREF;
  } else if (sexpr_is_atom(type, "exn")) {
    value->type = WA_EXNREF;
  } else if (sexpr_is_atom(type, "noexn")) {
    value->type = WA_NULLEXNREF;
  } else {
    *needs = "garbage collection";
  }
  return !*needs;
}

bool value_parse(const struct node *node, struct value *value, const char **needs) {
  *value = (struct value){0};
  *needs = NULL;
  if (!node || node->kind != NODE_LIST || !node->first) {
    return false;
  }
  const struct node *head = node->first, *rest = head->next;
  if (sexpr_is_atom(head, "ref.null")) {
    return parse_ref_null(rest, value, needs);
  }
  if (sexpr_is_atom(head, "ref.extern")) {
    return parse_extern(rest, value);
  }
  if (sexpr_is_atom(head, "ref.func")) {
    value->type = WA_FUNCREF;
    value->ref_match = REF_ANY;
    return !rest;
  }
  if (head->kind == NODE_ATOM && head->size > 4 && memcmp(head->text, "ref.", 4) == 0) {
    *needs = "garbage collection";
    return false;
  }
  if (!rest) {
    return false;
  }
  if (sexpr_is_atom(head, "i32.const")) {
    return parse_scalar(rest, value, WA_I32, 32, false);
  }
  if (sexpr_is_atom(head, "i64.const")) {
    return parse_scalar(rest, value, WA_I64, 64, false);
  }
  if (sexpr_is_atom(head, "f32.const")) {
    return parse_scalar(rest, value, WA_F32, 32, true);
  }
  if (sexpr_is_atom(head, "f64.const")) {
    return parse_scalar(rest, value, WA_F64, 64, true);
  }
  return sexpr_is_atom(head, "v128.const") && parse_vector(rest, value);
}

// ---- Cells ----

size_t value_cells(const struct value *value) {
  return value->type == WA_V128 ? 2 : 1;
}

void value_to_cells(const struct value *value, union wa_cell *cells) {
  if (!value->lanes) {
    cells[0].ref = value->ref;
    return;
  }
  uint64_t words[2] = {0, 0};
  for (unsigned i = 0; i < value->lanes; i++) {
    unsigned at = i * value->lane_bits;
    words[at / 64] |= value->lane[i].bits << (at % 64);
  }
  cells[0].u64 = words[0];
  if (value->type == WA_V128) {
    cells[1].u64 = words[1];
  }
}

static bool lane_matches(enum lane_match match, uint64_t expected, uint64_t found, unsigned bits) {
  uint64_t canonical = bits == 32 ? UINT64_C(0x7fc00000) : UINT64_C(0x7ff8000000000000);
  uint64_t sign = UINT64_C(1) << (bits - 1);
  switch (match) {
  case LANE_BITS:
    return expected == found;
  case LANE_NAN_CANONICAL:
    return (found & ~sign) == canonical;
  case LANE_NAN_ARITHMETIC:
    return (found & canonical) == canonical;
  }
  return false;
}

static bool same_hierarchy(uint32_t a, uint32_t b) {
  return wa_type_is_func(a) == wa_type_is_func(b) && wa_type_is_extern(a) == wa_type_is_extern(b);
}

bool value_suits(const struct value *value, uint32_t type) {
  return value->type == type ||
         (wa_type_is_ref(type) && wa_type_is_ref(value->type) &&
          same_hierarchy(value->type, type) && (value->ref || !(type & WA_REF_NON_NULL)));
}

bool value_matches(const struct value *pattern, uint32_t type, const union wa_cell *cells) {
  if (!pattern->lanes) {
    if (!wa_type_is_ref(type) || (pattern->type && !same_hierarchy(pattern->type, type))) {
      return false;
    }
    return pattern->ref_match == REF_ANY ? cells[0].ref != NULL : cells[0].ref == pattern->ref;
  }
  if (pattern->type != type) {
    return false;
  }
  for (unsigned i = 0; i < pattern->lanes; i++) {
    unsigned at = i * pattern->lane_bits;
    uint64_t found = cells[at / 64].u64 >> (at % 64);
    if (pattern->lane_bits < 64) {
      found &= (UINT64_C(1) << pattern->lane_bits) - 1;
    }
    if (!lane_matches(pattern->lane[i].match, pattern->lane[i].bits, found, pattern->lane_bits)) {
      return false;
    }
  }
  return true;
}

void value_print(char *text, size_t size, uint32_t type, const union wa_cell *cells) {
  switch (type) {
  case WA_I32:
    (void)snprintf(text, size, "i32 0x%" PRIx32, cells[0].u32);
    break;
  case WA_I64:
    (void)snprintf(text, size, "i64 0x%" PRIx64, cells[0].u64);
    break;
  case WA_F32:
    (void)snprintf(text, size, "f32 %a (0x%08" PRIx32 ")", (double)cells[0].f32, cells[0].u32);
    break;
  case WA_F64:
    (void)snprintf(text, size, "f64 %a (0x%016" PRIx64 ")", cells[0].f64, cells[0].u64);
    break;
  case WA_V128:
    (void)snprintf(text, size, "v128 0x%016" PRIx64 "%016" PRIx64, cells[1].u64, cells[0].u64);
    break;
  default:
    (void)snprintf(text, size, "%s %p", type == WA_FUNCREF ? "funcref" : "externref", cells[0].ref);
    break;
  }
}
