// The names of WebAssembly's proposals, and lists of them as people write them.
#ifndef WA_COMPILER_WASM_FEATURES_H
#define WA_COMPILER_WASM_FEATURES_H

#include "include/wa_error.h"
#include "runtime/abi.h"

#include <stdbool.h>
#include <stdint.h>

// What each edition of the specification brought, and everything this compiler knows.
#define WA_FEATURES_MVP UINT64_C(0)
#define WA_FEATURES_WASM2                                                                          \
  (WA_FEATURE_MUTABLE_GLOBALS | WA_FEATURE_SIGN_EXTENSION | WA_FEATURE_SATURATING_FLOAT_TO_INT |   \
   WA_FEATURE_MULTI_VALUE | WA_FEATURE_BULK_MEMORY | WA_FEATURE_REFERENCE_TYPES | WA_FEATURE_SIMD)
#define WA_FEATURES_WASM3                                                                          \
  (WA_FEATURES_WASM2 | WA_FEATURE_EXTENDED_CONST | WA_FEATURE_RELAXED_SIMD |                       \
   WA_FEATURE_MULTI_MEMORY | WA_FEATURE_MEMORY64 | WA_FEATURE_TAIL_CALL |                          \
   WA_FEATURE_FUNCTION_REFERENCES | WA_FEATURE_EXCEPTION_HANDLING | WA_FEATURE_BRANCH_HINTING)

// "simd" of WA_FEATURE_SIMD: one bit's name, or NULL.
const char *wa_feature_name(uint64_t bit);

// Applies a list to a set, from left to right: "threads" or "+threads" adds, "-simd" takes away; so
// do the sets mvp, wasm2, wasm3 and all with a sign, and one without a sign replaces what there
// was. The names that clang and rustc have for proposals are understood, too. Fails with
// WA_ERROR_USAGE on a name that is none, and leaves the set as it was.
bool wa_features_apply(uint64_t *features, const char *list, struct wa_error *err);

#endif
