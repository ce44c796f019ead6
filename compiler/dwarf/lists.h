// Reading lists of ranges of code, with or without a location each: .debug_rnglists and
// .debug_loclists (DWARF 5, 7.25 and 7.29), .debug_ranges and .debug_loc (DWARF 4, 2.17.3 and
// 2.6.2).
#ifndef WA_COMPILER_DWARF_LISTS_H
#define WA_COMPILER_DWARF_LISTS_H

#include "compiler/dwarf/entries.h"

struct wa_list {
  const struct wa_die_reader *dies;
  struct wa_cursor cursor;
  uint64_t base;
  bool has_locations;
};

struct wa_list_entry {
  uint64_t low, high;         // empty where the list only changes its base
  struct wa_bytes expression; // of a list of locations
};

// False when the attribute is not a list. `dies` is at the unit that the attribute is from, and
// must stay there.
bool wa_list_open_ranges(struct wa_list *list, const struct wa_die_reader *dies,
                         const struct wa_attr *attr);
bool wa_list_open_locations(struct wa_list *list, const struct wa_die_reader *dies,
                            const struct wa_attr *attr);
// False at the end and where the list is malformed.
bool wa_list_next(struct wa_list *list, struct wa_list_entry *entry);

#endif
