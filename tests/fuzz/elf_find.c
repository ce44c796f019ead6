#include "tests/fuzz/elf_find.h"

#include <string.h>

unsigned elf_section_count(const uint8_t *data, size_t size) {
  Elf64_Ehdr elf;
  if (size < sizeof elf) {
    return 0;
  }
  memcpy(&elf, data, sizeof elf);
  if (elf.e_shoff > size) {
    return 0;
  }
  size_t fit = (size - elf.e_shoff) / sizeof(Elf64_Shdr);
  return fit < elf.e_shnum ? (unsigned)fit : elf.e_shnum;
}

struct elf_part elf_section(uint8_t *data, size_t size, unsigned index, Elf64_Shdr *header) {
  Elf64_Ehdr elf;
  Elf64_Shdr section;
  if (index >= elf_section_count(data, size)) {
    return (struct elf_part){0};
  }
  memcpy(&elf, data, sizeof elf);
  memcpy(&section, data + elf.e_shoff + index * sizeof section, sizeof section);
  if (header != NULL) {
    *header = section;
  }
  if (section.sh_type == SHT_NOBITS || section.sh_offset > size ||
      section.sh_size > size - section.sh_offset) {
    return (struct elf_part){0};
  }
  return (struct elf_part){data + section.sh_offset, section.sh_size};
}

struct elf_part elf_find(uint8_t *data, size_t size, const char *name) {
  Elf64_Ehdr elf;
  if (elf_section_count(data, size) == 0) {
    return (struct elf_part){0};
  }
  memcpy(&elf, data, sizeof elf);
  struct elf_part names = elf_section(data, size, elf.e_shstrndx, NULL);
  size_t length = strlen(name) + 1;
  for (unsigned i = 0; i < elf_section_count(data, size); i++) {
    Elf64_Shdr header = {0};
    struct elf_part part = elf_section(data, size, i, &header);
    if (names.size >= length && header.sh_name <= names.size - length &&
        memcmp(names.bytes + header.sh_name, name, length) == 0) {
      return part;
    }
  }
  return (struct elf_part){0};
}
