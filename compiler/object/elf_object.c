#include "compiler/object/elf_object.h"

#include <string.h>

static bool read_section(struct wa_elf_object *object, Elf_Scn *scn, size_t names) {
  struct wa_elf_section *section = &object->sections[elf_ndxscn(scn)];
  section->header = elf64_getshdr(scn);
  section->name =
      section->header == NULL ? NULL : elf_strptr(object->elf, names, section->header->sh_name);
  Elf_Data *data = section->name == NULL ? NULL : elf_getdata(scn, NULL);
  if (section->name == NULL || (data == NULL && section->header->sh_size != 0)) {
    return false;
  }
  if (data != NULL && data->d_buf != NULL) {
    section->bytes = (struct wa_bytes){.data = data->d_buf, .size = data->d_size};
  }
  if (section->header->sh_type == SHT_SYMTAB) {
    object->symbols = (const Elf64_Sym *)(const void *)section->bytes.data;
    object->symbol_count = (uint32_t)(section->bytes.size / sizeof *object->symbols);
    object->names = section->header->sh_link;
  }
  return true;
}

static bool read_header(struct wa_elf_object *object, size_t *names) {
  const Elf64_Ehdr *header = elf64_getehdr(object->elf);
  size_t count;
  if (header == NULL || elf_getshdrnum(object->elf, &count) != 0 ||
      elf_getshdrstrndx(object->elf, names) != 0) {
    return false;
  }
  object->machine = header->e_machine;
  object->section_count = (uint32_t)count;
  return true;
}

bool wa_elf_open(struct wa_elf_object *object, struct wa_bytes bytes, struct wa_arena *arena) {
  size_t names;
  *object = (struct wa_elf_object){.elf = NULL};
  if (elf_version(EV_CURRENT) == EV_NONE) {
    return false;
  }
  // libelf only reads it.
  object->elf = elf_memory((char *)(uintptr_t)bytes.data, bytes.size);
  if (object->elf == NULL || !read_header(object, &names)) {
    return false;
  }
  object->sections = wa_arena_alloc(arena, object->section_count, sizeof *object->sections);
  if (object->sections == NULL) {
    return false;
  }
  static const Elf64_Shdr none;
  object->sections[0] = (struct wa_elf_section){.name = "", .header = &none};
  for (Elf_Scn *scn = NULL; (scn = elf_nextscn(object->elf, scn)) != NULL;) {
    if (!read_section(object, scn, names)) {
      return false;
    }
  }
  return true;
}

void wa_elf_close(struct wa_elf_object *object) {
  (void)elf_end(object->elf);
  object->elf = NULL;
}

const Elf64_Sym *wa_elf_symbol(const struct wa_elf_object *object, uint64_t index) {
  return index < object->symbol_count ? &object->symbols[index] : NULL;
}

const char *wa_elf_symbol_name(const struct wa_elf_object *object, const Elf64_Sym *symbol) {
  const char *name = elf_strptr(object->elf, object->names, symbol->st_name);
  return name == NULL ? "" : name;
}

const struct wa_elf_section *wa_elf_section_of(const struct wa_elf_object *object,
                                               const Elf64_Sym *symbol) {
  return symbol->st_shndx != SHN_UNDEF && symbol->st_shndx < object->section_count
             ? &object->sections[symbol->st_shndx]
             : NULL;
}

size_t wa_elf_relocations(const struct wa_elf_section *section, const Elf64_Rela **rows) {
  *rows = (const Elf64_Rela *)(const void *)section->bytes.data;
  return section->header->sh_type == SHT_RELA ? section->bytes.size / sizeof **rows : 0;
}
