// What is to be known of a module's types for writing its variables' locations.
//
// A guest's pointer is a structure to gdb (debug/write_info.c), and gdb calls operators only of
// structures in memory: a pointer in a wasm local would be one that cannot be followed. So the type
// of a variable that is there, even if only in parts of its function, is the host's pointer type,
// and its location computes the host's address. So is that of C++'s `this`, which gdb expects.
#ifndef WA_COMPILER_SOURCE_TYPES_H
#define WA_COMPILER_SOURCE_TYPES_H

#include "compiler/base/bytes.h"
#include "compiler/dwarf/entries.h"

struct wa_variables;

struct wa_types {
  struct wa_bytes_buffer entries; // struct entry[], by offset: variables and types
  bool is_cpp;                    // the unit at hand is C++
};

// At the start of a unit, with its entry, and for every other.
void wa_types_unit(struct wa_types *types, const struct wa_die *die);
void wa_types_entry(struct wa_types *types, const struct wa_die *die, uint32_t address_size);
// When all entries are read: settles which variables are pointers of the host's.
void wa_types_settle(struct wa_types *types, const struct wa_variables *variables);
void wa_types_deinit(struct wa_types *types);

// The entry of the pointer type, or reference type, that a variable's type is, when it is to be the
// host's; else WA_NO_ADDRESS.
uint64_t wa_types_pointer(const struct wa_types *types, uint64_t variable);
// Bytes of a variable, or 0: not known, as of arrays.
uint32_t wa_types_size(const struct wa_types *types, uint64_t variable);
// The size and the encoding (DW_ATE_*) of a base type. False when there is none at the offset.
bool wa_types_base(const struct wa_types *types, uint64_t type, uint32_t *size, uint32_t *encoding);

bool wa_is_cpp(uint64_t language);
bool wa_is_pointer(const struct wa_die *die);

#endif
