// The functions of a shared library, which take C's arguments to a module's exports and its imports
// to C's functions: an object for the linker. What they call is start/shared.c.
#ifndef WA_GLUE_H
#define WA_GLUE_H

#include "module.h"

// i32, i64, f32 and f64 only. Results after the first go where pointers behind the arguments say.
struct wa_glue_function {
  const char *symbol;             // of C; NULL for imports
  const char *module, *name;      // of the import; of the export, name only
  const struct wa_functype *type; // NULL: `name` is of another kind, and `callee` is called
  const char *callee;             // (self, row of the export, pointer behind self)
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
