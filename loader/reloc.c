#include "loader/reloc.h"

#include <elf.h>
#include <string.h>

const struct wa_reloc_target *wa_reloc_target(uint16_t machine) {
  static const struct wa_reloc_target *const targets[] = {
      &wa_reloc_x86_64,
      &wa_reloc_aarch64,
      &wa_reloc_riscv,
  };
  for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
    if (targets[i]->machine == machine) {
      return targets[i];
    }
  }
  return NULL;
}

bool wa_reloc_fits(const struct wa_reloc_value *value) {
  switch (value->range) {
  case WA_RELOC_SIGNED32:
    return (int64_t)value->value == (int32_t)value->value;
  case WA_RELOC_UNSIGNED32:
    return value->value <= UINT32_MAX;
  case WA_RELOC_ANY:
    break;
  }
  return true;
}

static bool corrupt(struct wa_error *err, const struct wa_section *rela, size_t entry,
                    const char *what) {
  return wa_fail(err, WA_ERROR_MALFORMED, rela->offset + entry * sizeof(Elf64_Rela),
                 "not an intact artifact: relocation %zu %s; compile it anew", entry, what);
}

// The terminated name at an offset of the string table, or NULL.
static const char *symbol_name(const struct wa_image *image, uint32_t offset) {
  const struct wa_section *strings = &image->sections[WA_SEC_STRTAB];
  if (offset >= strings->size ||
      memchr(strings->bytes + offset, '\0', strings->size - offset) == NULL) {
    return NULL;
  }
  return (const char *)strings->bytes + offset;
}

// S of an entry's symbol.
static bool find_symbol(const struct wa_image *image, const struct wa_section *rela, size_t entry,
                        uint64_t index, uint64_t *S, struct wa_error *err) {
  const struct wa_section *symbols = &image->sections[WA_SEC_SYMTAB];
  const struct wa_section *text = &image->sections[WA_SEC_TEXT];
  Elf64_Sym symbol;
  if (index >= symbols->size / sizeof symbol) {
    return corrupt(err, rela, entry, "names no symbol");
  }
  memcpy(&symbol, symbols->bytes + index * sizeof symbol, sizeof symbol);
  if (symbol.st_shndx == text->index) {
    *S = (uint64_t)(uintptr_t)text->bytes + symbol.st_value;
    return symbol.st_value <= text->size || corrupt(err, rela, entry, "points outside the text");
  }
  const char *name = symbol_name(image, symbol.st_name);
  if (name == NULL || symbol.st_shndx != SHN_UNDEF) {
    return corrupt(err, rela, entry, "has a symbol of another section");
  }
  *S = wa_support_symbol(name);
  if (*S == 0) {
    return wa_fail(err, WA_ERROR_REFUSED, rela->offset,
                   "needs the symbol `%.64s`, which this runtime does not offer; compile it anew "
                   "with this version of wasmaot",
                   name);
  }
  return true;
}

static bool apply(const struct wa_image *image, const struct wa_section *rela, size_t entry,
                  const struct wa_reloc_place *place, struct wa_error *err) {
  const struct wa_reloc_target *target = wa_reloc_target(image->machine);
  Elf64_Rela row;
  memcpy(&row, rela->bytes + entry * sizeof row, sizeof row);
  uint32_t type = (uint32_t)ELF64_R_TYPE(row.r_info);
  uint64_t S = 0;
  struct wa_reloc_value value;
  if (!target->compute(type, 0, 0, 0, &value)) {
    const char *name = target->type_name(type);
    return wa_fail(err, WA_ERROR_REFUSED, rela->offset + entry * sizeof row,
                   "relocation type %u (%s) is not one an artifact may have; compile it anew with "
                   "this version of wasmaot",
                   type, name == NULL ? "unknown" : name);
  }
  if (value.width == 0) {
    return true;
  }
  if (row.r_offset < place->start || row.r_offset > place->size ||
      place->size - row.r_offset < value.width) {
    return corrupt(err, rela, entry, "is outside its section");
  }
  if (!find_symbol(image, rela, entry, ELF64_R_SYM(row.r_info), &S, err)) {
    return false;
  }
  target->compute(type, S, (uint64_t)row.r_addend, place->address + row.r_offset, &value);
  if (!wa_reloc_fits(&value)) {
    return corrupt(err, rela, entry, "does not fit its place");
  }
  memcpy(place->bytes + row.r_offset, &value.value, value.width);
  return true;
}

bool wa_relocate(const struct wa_image *image, const struct wa_section *rela,
                 const struct wa_reloc_place *place, struct wa_error *err) {
  if (rela->size % sizeof(Elf64_Rela) != 0) {
    return corrupt(err, rela, 0, "table has a broken last row");
  }
  for (size_t i = 0; i < rela->size / sizeof(Elf64_Rela); i++) {
    if (!apply(image, rela, i, place, err)) {
      return false;
    }
  }
  return true;
}
