// An ELF relocatable object as LLVM emits them, read by libelf.
#ifndef WA_COMPILER_OBJECT_ELF_OBJECT_H
#define WA_COMPILER_OBJECT_ELF_OBJECT_H

#include "compiler/base/arena.h"
#include "compiler/base/bytes.h"

#include <libelf.h>

struct wa_elf_section {
  const char *name;
  const Elf64_Shdr *header;
  struct wa_bytes bytes; // none for a section that the file has nothing of
};

// All that it points to is libelf's, or lies in the object's bytes.
struct wa_elf_object {
  Elf *elf;
  uint16_t machine; // e_machine
  struct wa_elf_section *sections;
  uint32_t section_count;
  const Elf64_Sym *symbols;
  uint32_t symbol_count;
  uint32_t names; // section of the symbols' names
};

// False when the bytes are no intact 64-bit ELF file, or memory is out. They must stay as they are
// until it is closed. The array of sections is the arena's.
bool wa_elf_open(struct wa_elf_object *object, struct wa_bytes bytes, struct wa_arena *arena);
void wa_elf_close(struct wa_elf_object *object); // also after a failure

// NULL when there is no symbol of that index.
const Elf64_Sym *wa_elf_symbol(const struct wa_elf_object *object, uint64_t index);
const char *wa_elf_symbol_name(const struct wa_elf_object *object, const Elf64_Sym *symbol);
// Its section, or NULL: undefined, or none of this object's.
const struct wa_elf_section *wa_elf_section_of(const struct wa_elf_object *object,
                                               const Elf64_Sym *symbol);

// The rows of a section of relocations; 0 of any other.
size_t wa_elf_relocations(const struct wa_elf_section *section, const Elf64_Rela **rows);

#endif
