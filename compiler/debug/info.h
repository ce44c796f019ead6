// Writing .debug_info: what its files share. Entries are written in the order in which the module
// has them; references are filled in at the end.
#ifndef WA_COMPILER_DEBUG_INFO_H
#define WA_COMPILER_DEBUG_INFO_H

#include "compiler/debug/write.h"

// Code of the function at hand that comes from one wasm instruction.
struct wa_code_piece {
  uint32_t wasm;
  struct wa_text_range text;
};

struct wa_info {
  struct wa_debug *debug;
  struct wa_die_reader dies;
  struct wa_debug_output *out;
  bool malformed;
  // The entry at hand.
  struct wa_bytes_buffer spec;       // its abbreviation: tag, children, attributes
  size_t entry;                      // where it begins
  size_t entry_relocs, entry_fixups; // how many there were before it
  // Abbreviations.
  struct wa_bytes_buffer abbrevs; // struct known_abbrev[]: a hash table
  uint32_t abbrev_count;
  // References.
  struct wa_bytes_buffer known;   // struct known_die[], by `old`
  struct wa_bytes_buffer natives; // the same of pointer types of the host's
  struct wa_bytes_buffer fixups;  // struct fixup[]
  // The unit at hand.
  size_t unit_start; // where it begins
  uint32_t unit;
  uint32_t address_size;              // of the module: bytes of a pointer
  uint64_t word;                      // where the type of a guest's address is
  struct wa_bytes_buffer unit_ranges; // struct wa_text_range[]
  // The function at hand.
  uint32_t function;             // or WA_NONE
  struct wa_bytes_buffer pieces; // struct wa_code_piece[], by `wasm`
  struct wa_bytes_buffer ranges; // struct wa_text_range[]: of the entry at hand
  uint64_t range_budget;
};

// ---- info_entry.c: pieces of entries ----

void wa_info_begin(struct wa_info *info, uint32_t tag, bool has_children);
void wa_info_end(struct wa_info *info);
void wa_info_end_children(struct wa_info *info);
void wa_info_unsigned(struct wa_info *info, uint32_t name, uint64_t value);
void wa_info_text(struct wa_info *info, uint32_t name, const char *text);
// The attribute as the module has it, when it says the same of native code; else nothing.
void wa_info_copy(struct wa_info *info, const struct wa_attr *attr);
// To an entry of the module's .debug_info.
void wa_info_reference(struct wa_info *info, uint32_t name, uint64_t old);
// To the host's pointer type beside what the pointer type at `old` became, when there is one.
void wa_info_native_reference(struct wa_info *info, uint32_t name, uint64_t old);
// To what lies at an offset of the unit at hand.
void wa_info_own_reference(struct wa_info *info, uint32_t name, uint64_t at);
// An address or an offset that is relocated.
void wa_info_relocated(struct wa_info *info, uint32_t name, unsigned target, uint64_t addend);
// Remembers that the next entry is the one at `old`.
void wa_info_note(struct wa_info *info, uint64_t old);
void wa_info_note_native(struct wa_info *info, uint64_t old);
// Fills in references. False when one leads nowhere.
bool wa_info_settle(struct wa_info *info);

// ---- info_location.c ----

// Where a variable is; nothing when it cannot be said. With `is_pointer` its value is made a
// pointer of the host's, as its type is.
void wa_info_location(struct wa_info *info, const struct wa_die *die, const struct wa_attr *attr,
                      bool is_pointer);
// Where the function at hand has its frame.
void wa_info_frame_base(struct wa_info *info);
// Of the place that holds the memory's base.
void wa_info_base_location(struct wa_info *info);

// ---- info_ranges.c ----

// Makes `function` the one at hand.
void wa_info_enter_function(struct wa_info *info, uint32_t function);
// Low and high pc, or ranges, of the native code that the entry's wasm code became.
void wa_info_block_ranges(struct wa_info *info, const struct wa_die *die);
// Writes a list of ranges; returns its offset in .debug_rnglists.
uint64_t wa_info_write_ranges(struct wa_info *info, const struct wa_bytes_buffer *ranges);
// What comes before and after the lists of a section.
void wa_info_begin_lists(struct wa_bytes_buffer *section);
void wa_info_end_lists(struct wa_bytes_buffer *section);

#endif
