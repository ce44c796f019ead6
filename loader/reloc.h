// Relocation arithmetic, by machine. Symbols as in the psABIs: S the symbol's address, A the
// addend, P the address of the place.
#ifndef WA_RELOC_H
#define WA_RELOC_H

#include "include/wa_error.h"
#include "loader/image.h"

enum wa_reloc_range { WA_RELOC_ANY, WA_RELOC_SIGNED32, WA_RELOC_UNSIGNED32 };

struct wa_reloc_value {
  uint64_t value;
  uint32_t width; // bytes at the place; 0: nothing to write
  enum wa_reloc_range range;
};

struct wa_reloc_target {
  uint16_t machine; // e_machine
  // False for a type that is not known.
  bool (*compute)(uint32_t type, uint64_t S, uint64_t A, uint64_t P, struct wa_reloc_value *out);
  // The psABI's name of a type we may meet in a foreign object, or NULL.
  const char *(*type_name)(uint32_t type);
};

// NULL for a machine without a table.
const struct wa_reloc_target *wa_reloc_target(uint16_t machine);

extern const struct wa_reloc_target wa_reloc_x86_64;
extern const struct wa_reloc_target wa_reloc_aarch64;
extern const struct wa_reloc_target wa_reloc_riscv;

// Whether a computed value fits its place.
bool wa_reloc_fits(const struct wa_reloc_value *value);

// Where a section's bytes are written and where they will be.
struct wa_reloc_place {
  uint8_t *bytes;   // to write to
  uint64_t address; // P of the first byte
  size_t start;     // only [start, size) may be written to
  size_t size;
};

// Applies all of a SHT_RELA section. Symbols are defined in .text, or undefined and in the list of
// wa_support_symbol.
bool wa_relocate(const struct wa_image *image, const struct wa_section *rela,
                 const struct wa_reloc_place *place, struct wa_error *err);

// The address of a function that LLVM invents calls to; 0 for any other name.
uint64_t wa_support_symbol(const char *name);

#endif
