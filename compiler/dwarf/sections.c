#include "compiler/dwarf/sections.h"

#include <string.h>

static const char *const names[WA_DWARF_SECTION_COUNT] = {
    [WA_DWARF_INFO] = ".debug_info",         [WA_DWARF_ABBREV] = ".debug_abbrev",
    [WA_DWARF_LINE] = ".debug_line",         [WA_DWARF_STR] = ".debug_str",
    [WA_DWARF_LINE_STR] = ".debug_line_str", [WA_DWARF_STR_OFFSETS] = ".debug_str_offsets",
    [WA_DWARF_ADDR] = ".debug_addr",         [WA_DWARF_RANGES] = ".debug_ranges",
    [WA_DWARF_RNGLISTS] = ".debug_rnglists", [WA_DWARF_LOC] = ".debug_loc",
    [WA_DWARF_LOCLISTS] = ".debug_loclists",
};

enum wa_dwarf_section wa_dwarf_section_by_name(const char *name, size_t size) {
  enum wa_dwarf_section id = 0;
  while (id < WA_DWARF_SECTION_COUNT &&
         (strlen(names[id]) != size || memcmp(names[id], name, size) != 0)) {
    id++;
  }
  return id;
}
