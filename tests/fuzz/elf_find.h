// Sections of an ELF object that may be nonsense: what the harness must find in it to change it.
#ifndef ELF_FIND_H
#define ELF_FIND_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

struct elf_part {
  uint8_t *bytes;
  size_t size;
};

// Section `index`, with the header's own bytes in *header when not NULL; size 0 when it has no
// bytes in the file or is not in it.
struct elf_part elf_section(uint8_t *data, size_t size, unsigned index, Elf64_Shdr *header);
unsigned elf_section_count(const uint8_t *data, size_t size);
// The section of a name.
struct elf_part elf_find(uint8_t *data, size_t size, const char *name);

#endif
