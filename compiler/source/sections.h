// Where a module's DWARF lies, and the sections of any DWARF that we read.
#ifndef WA_COMPILER_SOURCE_SECTIONS_H
#define WA_COMPILER_SOURCE_SECTIONS_H

#include "compiler/wasm/module.h"

enum wa_dwarf_section {
  WA_DWARF_INFO,
  WA_DWARF_ABBREV,
  WA_DWARF_LINE,
  WA_DWARF_STR,
  WA_DWARF_LINE_STR,
  WA_DWARF_STR_OFFSETS,
  WA_DWARF_ADDR,
  WA_DWARF_RANGES,
  WA_DWARF_RNGLISTS,
  WA_DWARF_LOC,
  WA_DWARF_LOCLISTS,
  WA_DWARF_SECTION_COUNT
};

struct wa_dwarf {
  struct wa_bytes sections[WA_DWARF_SECTION_COUNT];
};

// The section of a name (".debug_info"), or WA_DWARF_SECTION_COUNT.
enum wa_dwarf_section wa_dwarf_section_by_name(const char *name, size_t size);

// Finds the custom sections of a module that was decoded. *code_start is where in the file the
// contents of the code section begin: what the module's DWARF counts addresses from.
void wa_dwarf_find(struct wa_dwarf *dwarf, const struct wa_module *module, size_t *code_start);

#endif
