#include "cli/embed.h"

#include "cli/standalone.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum { NONE, ARTIFACT, TEXTS, SYMTAB, STRTAB, SHSTRTAB, STACK, SECTION_COUNT };
enum { SYMBOL_COUNT = 5 }; // the null symbol first

static const char section_names[] =
    "\0.wasmaot.artifact\0.wasmaot.options\0.symtab\0.strtab\0.shstrtab\0.note.GNU-stack";
static const char symbol_names[] = "\0" WA_EMBEDDED_ARTIFACT "\0" WA_EMBEDDED_ARTIFACT_END
                                   "\0" WA_EMBEDDED_OPTIONS "\0" WA_EMBEDDED_NAME;

// Where the name at `index` of a list of strings begins.
static Elf64_Word name_at(const char *names, int index) {
  const char *at = names;
  for (; index > 0; index--) {
    at += strlen(at) + 1;
  }
  return (Elf64_Word)(at - names);
}

static Elf64_Sym symbol(int index, Elf64_Section section, uint64_t value) {
  return (Elf64_Sym){.st_name = name_at(symbol_names, index),
                     .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
                     .st_other = STV_HIDDEN,
                     .st_shndx = section,
                     .st_value = value};
}

static Elf64_Shdr section(int index, Elf64_Word type, uint64_t flags, uint64_t alignment,
                          uint64_t size, uint64_t *end) {
  Elf64_Shdr made = {.sh_name = name_at(section_names, index),
                     .sh_type = type,
                     .sh_flags = flags,
                     .sh_offset = (*end + alignment - 1) / alignment * alignment,
                     .sh_size = size,
                     .sh_addralign = alignment};
  *end = made.sh_offset + size;
  return made;
}

bool wa_embed(const struct wa_buffer *artifact, const char *options, const char *name,
              struct wa_buffer *object, struct wa_error *err) {
  Elf64_Ehdr header;
  size_t options_size = strlen(options) + 1;
  size_t name_size = strlen(name) + 1;
  const Elf64_Sym symbols[SYMBOL_COUNT] = {
      [1] = symbol(1, ARTIFACT, 0),
      [2] = symbol(2, ARTIFACT, artifact->size),
      [3] = symbol(3, TEXTS, 0),
      [4] = symbol(4, TEXTS, options_size),
  };
  uint64_t end = sizeof header;
  Elf64_Shdr sections[SECTION_COUNT] = {
      [ARTIFACT] = section(ARTIFACT, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, WA_EMBEDDED_ALIGNMENT,
                           artifact->size, &end),
      [TEXTS] = section(TEXTS, SHT_PROGBITS, SHF_ALLOC, 1, options_size + name_size, &end),
      [SYMTAB] = section(SYMTAB, SHT_SYMTAB, 0, 8, sizeof symbols, &end),
      [STRTAB] = section(STRTAB, SHT_STRTAB, 0, 1, sizeof symbol_names, &end),
      [SHSTRTAB] = section(SHSTRTAB, SHT_STRTAB, 0, 1, sizeof section_names, &end),
      [STACK] = section(STACK, SHT_PROGBITS, 0, 1, 0, &end),
  };
  sections[SYMTAB].sh_link = STRTAB;
  sections[SYMTAB].sh_info = 1; // the first global one
  sections[SYMTAB].sh_entsize = sizeof(Elf64_Sym);
  // The machine, its flags and the format are the artifact's.
  memcpy(&header, artifact->data, sizeof header);
  header.e_shoff = (end + 7) / 8 * 8;
  header.e_shnum = SECTION_COUNT;
  header.e_shstrndx = SHSTRTAB;
  *object = (struct wa_buffer){.size = header.e_shoff + sizeof sections};
  object->data = calloc(1, object->size);
  if (object->data == NULL) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  uint8_t *texts = object->data + sections[TEXTS].sh_offset;
  memcpy(object->data, &header, sizeof header);
  memcpy(object->data + sections[ARTIFACT].sh_offset, artifact->data, artifact->size);
  memcpy(texts, options, options_size);
  memcpy(texts + options_size, name, name_size);
  memcpy(object->data + sections[SYMTAB].sh_offset, symbols, sizeof symbols);
  memcpy(object->data + sections[STRTAB].sh_offset, symbol_names, sizeof symbol_names);
  memcpy(object->data + sections[SHSTRTAB].sh_offset, section_names, sizeof section_names);
  memcpy(object->data + header.e_shoff, sections, sizeof sections);
  return true;
}
