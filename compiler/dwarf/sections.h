// The sections of DWARF that we read.
#ifndef WA_COMPILER_DWARF_SECTIONS_H
#define WA_COMPILER_DWARF_SECTIONS_H

#include "compiler/base/bytes.h"

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

#endif
