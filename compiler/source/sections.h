// Where a module's DWARF lies.
#ifndef WA_COMPILER_SOURCE_SECTIONS_H
#define WA_COMPILER_SOURCE_SECTIONS_H

#include "compiler/dwarf/sections.h"
#include "compiler/wasm/module.h"

// Finds the custom sections of a module that was decoded. *code_start is where in the file the
// contents of the code section begin: what the module's DWARF counts addresses from.
void wa_dwarf_find(struct wa_dwarf *dwarf, const struct wa_module *module, size_t *code_start);

#endif
