// Shared libraries: C's names for a module's exports and imports, the header that declares them,
// and the glue behind them.
#ifndef WA_CLI_LIBRARY_H
#define WA_CLI_LIBRARY_H

#include "compiler/compile.h"
#include "compiler/glue.h"
#include "compiler/wasm/module.h"

struct wa_library {
  struct wa_arena arena;
  const char *prefix; // of all names, after the library's file: "add" for libadd.so
  struct wa_glue glue;
  uint32_t left_out; // exports that C has no types for
};

// False with err when the module imports what C cannot give: what is neither a function nor a
// memory, or a function with references to exceptions. `module` must outlive the library.
bool wa_library_init(struct wa_library *library, const struct wa_module *module, const char *output,
                     struct wa_error *err);
void wa_library_deinit(struct wa_library *library);

// The text of the header, malloc's; NULL when out of memory. `source` is what it was made from.
// library_header.c.
char *wa_library_header(const struct wa_library *library, const struct wa_module *module,
                        const char *source, size_t *size);

#endif
