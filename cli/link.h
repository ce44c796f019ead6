// Linking what was compiled into a program or a shared library, by lld and with the start files of
// the target.
#ifndef WA_CLI_LINK_H
#define WA_CLI_LINK_H

#include "compiler/compile.h"

struct wa_link {
  const struct wa_buffer *artifact;
  const struct wa_buffer *glue; // of a shared library: its functions, an object; else NULL
  const char *exports;          // of a shared library: a linker's version script with its symbols
  const char *target;           // as --target has it; NULL: this host
  const char *options;          // of the program, as text
  const char *name;             // of the module, for reports
  bool debug;                   // keep the symbols of the result, which gdb finds the module by
};

// Whether the parts are there, before minutes go into compiling.
bool wa_link_check(const char *target, bool shared, struct wa_error *err);
// Writes the file, in one step, executable by whom the umask allows. The error says which part is
// missing, or the first line of what lld said.
bool wa_link(const struct wa_link *link, const char *output, struct wa_error *err);

#endif
