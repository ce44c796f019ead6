// Reading .debug_info (DWARF 5, chapter 7.5; versions 3 to 5, 32-bit format): units, abbreviations
// and entries. Everything is checked against the sections' ends.
#ifndef WA_COMPILER_DWARF_ENTRIES_H
#define WA_COMPILER_DWARF_ENTRIES_H

#include "compiler/base/bytes.h"
#include "compiler/dwarf/cursor.h"
#include "compiler/dwarf/sections.h"

enum { WA_DIE_ATTRIBUTES = 64 }; // of one entry, at most
#define WA_NO_ADDRESS UINT64_MAX

enum wa_attr_class {
  WA_ATTR_ADDRESS,   // value
  WA_ATTR_UNSIGNED,  // value
  WA_ATTR_SIGNED,    // value
  WA_ATTR_STRING,    // bytes
  WA_ATTR_FLAG,      // value
  WA_ATTR_BLOCK,     // bytes: an expression or a constant
  WA_ATTR_REFERENCE, // value: offset in .debug_info
  WA_ATTR_OFFSET,    // value: offset in some section
  WA_ATTR_RANGES,    // value: offset in .debug_rnglists, from an index
  WA_ATTR_LOCATIONS, // value: offset in .debug_loclists, from an index
  WA_ATTR_SIGNATURE, // of a type unit
};

struct wa_attr {
  uint32_t name; // DW_AT_*
  enum wa_attr_class kind;
  uint64_t value;
  struct wa_bytes bytes;
};

struct wa_die {
  uint64_t offset; // in .debug_info
  uint32_t tag;    // DW_TAG_*; 0 ends a list of children
  bool has_children;
  uint32_t attr_count;
  struct wa_attr attrs[WA_DIE_ATTRIBUTES];
};

struct wa_abbrev {
  uint32_t tag, first, count; // of the specs
  bool has_children;
};

struct wa_abbrev_spec {
  uint32_t name, form;
  int64_t constant;
};

// A unit that is open, and the abbreviations that it uses.
struct wa_die_reader {
  const struct wa_dwarf *dwarf;
  struct wa_cursor cursor; // at the next entry
  uint64_t offset, end;    // of the unit in .debug_info
  uint64_t low_pc;         // what its lists count from
  uint64_t str_offsets_base, addr_base, rnglists_base, loclists_base;
  uint32_t version, address_size, unit_type;
  uint64_t abbrev_offset, abbrev_budget;
  struct wa_bytes_buffer abbrevs, specs; // struct wa_abbrev[], struct wa_abbrev_spec[]
};

void wa_dies_init(struct wa_die_reader *reader, const struct wa_dwarf *dwarf);
void wa_dies_deinit(struct wa_die_reader *reader);

// Goes to the unit behind the current one, which is the first after wa_dies_init. False at the end
// and when the unit cannot be read; *malformed tells which.
bool wa_dies_next_unit(struct wa_die_reader *reader, bool *malformed);
// The next entry in the order of the section. False at the unit's end and when it is malformed:
// then reader->cursor.failed.
bool wa_dies_next(struct wa_die_reader *reader, struct wa_die *die);

// NULL when the entry has none of the name.
const struct wa_attr *wa_die_attr(const struct wa_die *die, uint32_t name);
struct wa_bytes wa_die_string(const struct wa_die *die, uint32_t name);

// Entry `index` of the unit's table in .debug_addr, or WA_NO_ADDRESS.
uint64_t wa_dies_address(const struct wa_die_reader *reader, uint64_t index);

#endif
