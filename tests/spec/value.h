// Constants and result patterns of test scripts.
#ifndef SPEC_VALUE_H
#define SPEC_VALUE_H

#include "runtime/runtime.h"
#include "tests/spec/sexpr.h"

enum { MOST_LANES = 16 };

enum lane_match {
  LANE_BITS,           // exactly these
  LANE_NAN_CANONICAL,  // either sign
  LANE_NAN_ARITHMETIC, // quiet, any payload
};

enum ref_match {
  REF_EXACT, // null or a host value
  REF_ANY,   // anything but null
};

// A constant (every match LANE_BITS or REF_EXACT) or a pattern. Scalars have one lane.
struct value {
  uint32_t type; // enum wa_valtype; 0: a null of any reference type
  enum ref_match ref_match;
  void *ref;
  unsigned lanes, lane_bits;
  struct {
    enum lane_match match;
    uint64_t bits;
  } lane[MOST_LANES];
};

// Parses "(i32.const 1)" and its like. When false, *needs names the proposal the constant belongs
// to, or is NULL when it makes no sense.
bool value_parse(const struct node *node, struct value *value, const char **needs);

// Cells that the value takes as an argument or result: 2 for v128, else 1.
size_t value_cells(const struct value *value);
void value_to_cells(const struct value *value, union wa_cell *cells);
// Whether a result of the type given, in cells, is what the pattern allows.
// Whether an argument can be passed as a parameter of the type.
bool value_suits(const struct value *value, uint32_t type);
bool value_matches(const struct value *pattern, uint32_t type, const union wa_cell *cells);
// Writes a result for messages: "i32 0x2a".
void value_print(char *text, size_t size, uint32_t type, const union wa_cell *cells);

#endif
