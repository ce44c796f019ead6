// The functions of a shared library, which take C's arguments to a module's exports and its imports
// to C's functions: an object for the linker. What they call is start/shared.c.
#ifndef WA_COMPILER_GLUE_H
#define WA_COMPILER_GLUE_H

#include "compiler/wasm/module.h"

// Numbers, v128 (as a structure of 16 bytes) and references but those of exceptions (as pointers).
// Results after the first go where pointers behind the arguments say.
struct wa_glue_function {
  const char *symbol;             // of C; of imports, a member's name
  const char *module, *name;      // of imports
  const struct wa_functype *type; // NULL: a pointer behind self, and one as the result
  // Of exports. With a type it is (self, row, cells, cells that the results take), else (self, row,
  // pointer).
  const char *callee;
  uint32_t row;        // of the module's exports
  const char *comment; // for who declares it
};

struct wa_glue {
  const struct wa_glue_function *imports; // their order is that of the table of function pointers
  const struct wa_glue_function *exports;
  uint32_t import_count, export_count;
  // Further functions, which pass what they are given on: C names and what they call, in pairs.
  const char *const *forwards;
  uint32_t forward_count;
};

#endif
