// Reading an artifact's ELF structure (System V gABI, chapter 4). Every offset and size is checked
// before use.
#include "loader/image.h"

#include <elf.h>
#include <stdalign.h>
#include <string.h>
#include <unistd.h>

struct expectation {
  const char *name;
  uint32_t type;
  uint32_t alignment; // of the file offset, for use straight from the mapping
  bool required;
};

// SHT_NULL: any type that has bytes (.eh_frame is SHT_PROGBITS or, on x86-64, SHT_X86_64_UNWIND).
static const struct expectation expectations[WA_SEC_COUNT] = {
    [WA_SEC_TEXT] = {WA_SECTION_TEXT, SHT_PROGBITS, 4096, true},
    [WA_SEC_MODULE] = {WA_SECTION_MODULE, SHT_PROGBITS, 8, true},
    [WA_SEC_DATA] = {WA_SECTION_DATA, SHT_PROGBITS, 1, false},
    [WA_SEC_UNWIND] = {WA_SECTION_UNWIND, SHT_PROGBITS, 4, false},
    [WA_SEC_NOTE] = {WA_SECTION_NOTE, SHT_NOTE, 4, true},
    [WA_SEC_EH_FRAME] = {".eh_frame", SHT_NULL, 1, false},
    [WA_SEC_RELA_TEXT] = {".rela.text", SHT_RELA, 8, false},
    [WA_SEC_RELA_EH_FRAME] = {".rela.eh_frame", SHT_RELA, 8, false},
    [WA_SEC_SYMTAB] = {".symtab", SHT_SYMTAB, 8, false},
    [WA_SEC_STRTAB] = {".strtab", SHT_STRTAB, 1, false},
    [WA_SEC_LINES] = {WA_SECTION_LINES, SHT_PROGBITS, 4, false},
    [WA_SEC_LOCALS] = {WA_SECTION_LOCALS, SHT_PROGBITS, 8, false},
    [WA_SEC_BASE] = {WA_SECTION_BASE, SHT_PROGBITS, 8, false},
};

const char *wa_machine_name(uint16_t machine) {
  switch (machine) {
  case EM_X86_64:
    return "x86-64";
  case EM_AARCH64:
    return "AArch64";
  case EM_RISCV:
    return "RISC-V";
  default:
    return "an unknown processor";
  }
}

static bool corrupt(struct wa_error *err, uint64_t offset, const char *what) {
  return wa_fail(err, WA_ERROR_MALFORMED, offset, "not an intact artifact: %s; compile it anew",
                 what);
}

static bool check_header(const struct wa_image *image, struct wa_error *err) {
  Elf64_Ehdr header;
  if (image->size < SELFMAG || memcmp(image->bytes, ELFMAG, SELFMAG) != 0) {
    return wa_fail(err, WA_ERROR_MALFORMED, 0, "not an ELF object");
  }
  if (image->size < sizeof header) {
    return corrupt(err, image->size, "the file ends inside the ELF header");
  }
  memcpy(&header, image->bytes, sizeof header);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_ident[EI_VERSION] != EV_CURRENT || header.e_version != EV_CURRENT) {
    return wa_fail(err, WA_ERROR_MALFORMED, 4,
                   "not an artifact: not a 64-bit little-endian ELF file");
  }
  if (header.e_type != ET_REL) {
    return wa_fail(err, WA_ERROR_MALFORMED, offsetof(Elf64_Ehdr, e_type),
                   "not an artifact: ELF type %u, where a relocatable object was expected",
                   header.e_type);
  }
  if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shoff % alignof(Elf64_Shdr) != 0) {
    return corrupt(err, offsetof(Elf64_Ehdr, e_shoff), "bad section header table");
  }
  if (header.e_shoff < sizeof header || header.e_shoff > image->size ||
      image->size - header.e_shoff < sizeof(Elf64_Shdr)) {
    return corrupt(err, image->size, "the file is truncated before its section headers");
  }
  return true;
}

// The section header table, all of it inside the file, and the strings that hold sections' names.
struct table {
  const uint8_t *rows; // Elf64_Shdr[], not aligned
  size_t count;
  const char *names;
  size_t names_size;
};

static Elf64_Shdr row_at(const struct table *table, size_t index) {
  Elf64_Shdr row;
  memcpy(&row, table->rows + index * sizeof row, sizeof row);
  return row;
}

// gABI, "ELF Header": numbers that do not fit in the header are in the first row.
static bool find_table(const struct wa_image *image, struct table *table, struct wa_error *err) {
  Elf64_Ehdr header;
  memcpy(&header, image->bytes, sizeof header);
  table->rows = image->bytes + header.e_shoff;
  Elf64_Shdr first = row_at(table, 0);
  table->count = header.e_shnum != 0 ? header.e_shnum : first.sh_size;
  if (table->count > (image->size - header.e_shoff) / sizeof first) {
    return corrupt(err, image->size, "the file is truncated inside its section headers");
  }
  size_t index = header.e_shstrndx == SHN_XINDEX ? first.sh_link : header.e_shstrndx;
  if (index == SHN_UNDEF || index >= table->count) {
    return corrupt(err, WA_NO_OFFSET, "no section names");
  }
  Elf64_Shdr names = row_at(table, index);
  if (names.sh_type != SHT_STRTAB || names.sh_offset > image->size ||
      names.sh_size > image->size - names.sh_offset) {
    return corrupt(err, WA_NO_OFFSET, "no section names");
  }
  table->names = (const char *)image->bytes + names.sh_offset;
  table->names_size = names.sh_size;
  return true;
}

// The terminated name of a section, or NULL.
static const char *section_name(const struct table *table, const Elf64_Shdr *row) {
  if (row->sh_name >= table->names_size) {
    return NULL;
  }
  const char *name = table->names + row->sh_name;
  return memchr(name, '\0', table->names_size - row->sh_name) == NULL ? NULL : name;
}

static bool take_section(struct wa_image *image, enum wa_section_id id, const Elf64_Shdr *header,
                         size_t index, struct wa_error *err) {
  const struct expectation *expected = &expectations[id];
  struct wa_section *section = &image->sections[id];
  if (section->bytes != NULL) {
    return wa_fail(err, WA_ERROR_MALFORMED, WA_NO_OFFSET,
                   "not an intact artifact: two sections %s; compile it anew", expected->name);
  }
  bool wrong_type = expected->type == SHT_NULL ? header->sh_type == SHT_NOBITS
                                               : header->sh_type != expected->type;
  if (wrong_type || (header->sh_flags & SHF_COMPRESSED) != 0) {
    return wa_fail(err, WA_ERROR_MALFORMED, header->sh_offset,
                   "not an intact artifact: section %s has type %u; compile it anew",
                   expected->name, header->sh_type);
  }
  if (header->sh_offset > image->size || header->sh_size > image->size - header->sh_offset) {
    return wa_fail(err, WA_ERROR_MALFORMED, header->sh_offset,
                   "the file is truncated: section %s ends at %#llx, the file at %#llx; compile "
                   "or copy it anew",
                   expected->name, (unsigned long long)header->sh_offset + header->sh_size,
                   (unsigned long long)image->size);
  }
  if (header->sh_offset % expected->alignment != 0) {
    return wa_fail(err, WA_ERROR_MALFORMED, header->sh_offset,
                   "not an intact artifact: section %s is not aligned to %u; compile it anew",
                   expected->name, expected->alignment);
  }
  *section = (struct wa_section){
      .bytes = image->bytes + header->sh_offset,
      .offset = header->sh_offset,
      .size = header->sh_size,
      .index = (uint32_t)index,
  };
  return true;
}

static bool is_text_usable(const Elf64_Shdr *header) {
  uint64_t flags = header->sh_flags & (SHF_ALLOC | SHF_EXECINSTR | SHF_WRITE);
  return flags == (SHF_ALLOC | SHF_EXECINSTR) && header->sh_size != 0 &&
         header->sh_size <= INT32_MAX;
}

static bool find_sections(struct wa_image *image, struct wa_error *err) {
  struct table table = {0};
  if (!find_table(image, &table, err)) {
    return false;
  }
  for (size_t i = 1; i < table.count; i++) {
    Elf64_Shdr header = row_at(&table, i);
    const char *name = section_name(&table, &header);
    if (name == NULL) {
      return corrupt(err, WA_NO_OFFSET, "a section without a name");
    }
    for (int id = 0; id < WA_SEC_COUNT; id++) {
      if (strcmp(name, expectations[id].name) != 0) {
        continue;
      }
      if (id == WA_SEC_TEXT && !is_text_usable(&header)) {
        return corrupt(err, header.sh_offset, "section .text is not plain code below 2 GiB");
      }
      if (!take_section(image, (enum wa_section_id)id, &header, i, err)) {
        return false;
      }
    }
  }
  return true;
}

static bool check_required(const struct wa_image *image, struct wa_error *err) {
  for (int id = 0; id < WA_SEC_COUNT; id++) {
    if (expectations[id].required && image->sections[id].bytes == NULL) {
      return wa_fail(err, WA_ERROR_MALFORMED, WA_NO_OFFSET,
                     "not an artifact of wasmaot: no section %s", expectations[id].name);
    }
  }
  return true;
}

static bool check_overlaps(const struct wa_image *image, struct wa_error *err) {
  for (int a = 0; a < WA_SEC_COUNT; a++) {
    for (int b = a + 1; b < WA_SEC_COUNT; b++) {
      const struct wa_section *left = &image->sections[a];
      const struct wa_section *right = &image->sections[b];
      if (left->size != 0 && right->size != 0 && left->offset < right->offset + right->size &&
          right->offset < left->offset + left->size) {
        return wa_fail(err, WA_ERROR_MALFORMED, left->offset,
                       "not an intact artifact: sections %s and %s overlap; compile it anew",
                       expectations[a].name, expectations[b].name);
      }
    }
  }
  return true;
}

static bool is_terminated(const char *text, size_t size) {
  return memchr(text, '\0', size) != NULL;
}

// One note: header, "wasmaot\0", descriptor. The version comes before everything that it may
// change.
static bool read_note(struct wa_image *image, struct wa_error *err) {
  const struct wa_section *section = &image->sections[WA_SEC_NOTE];
  Elf64_Nhdr header;
  size_t name_size = sizeof WA_NOTE_NAME;
  size_t start = sizeof header + name_size;
  if (section->size < start + sizeof(uint32_t)) {
    return corrupt(err, section->offset, "its note is cut short");
  }
  memcpy(&header, section->bytes, sizeof header);
  if (header.n_namesz != name_size || header.n_type != WA_NOTE_TYPE ||
      memcmp(section->bytes + sizeof header, WA_NOTE_NAME, name_size) != 0) {
    return corrupt(err, section->offset, "its note is not wasmaot's");
  }
  uint32_t version;
  memcpy(&version, section->bytes + start, sizeof version);
  if (version != WA_ABI_VERSION) {
    return wa_fail(err, WA_ERROR_REFUSED, section->offset,
                   "made for ABI version %u, this runtime has %u; compile it anew with this "
                   "version of wasmaot",
                   version, WA_ABI_VERSION);
  }
  if (header.n_descsz != sizeof image->note || section->size - start < sizeof image->note) {
    return corrupt(err, section->offset, "its note has another size");
  }
  memcpy(&image->note, section->bytes + start, sizeof image->note);
  const struct wa_note *note = &image->note;
  if (!is_terminated(note->wasmaot_version, sizeof note->wasmaot_version) ||
      !is_terminated(note->llvm_version, sizeof note->llvm_version) ||
      !is_terminated(note->target_triple, sizeof note->target_triple) ||
      !is_terminated(note->target_cpu, sizeof note->target_cpu)) {
    return corrupt(err, section->offset, "its note has an endless string");
  }
  return true;
}

bool wa_image_read(struct wa_image *image, struct wa_error *err) {
  if (!check_header(image, err)) {
    return false;
  }
  memcpy(&image->machine, image->bytes + offsetof(Elf64_Ehdr, e_machine), sizeof image->machine);
  return find_sections(image, err) && check_required(image, err) && check_overlaps(image, err) &&
         read_note(image, err);
}
