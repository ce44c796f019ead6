#include "compiler/object/object.h"

#include <errno.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum section {
  SECTION_NULL,
  SECTION_TEXT,
  SECTION_RELA_TEXT,
  SECTION_EH_FRAME,
  SECTION_RELA_EH_FRAME,
  SECTION_MODULE,
  SECTION_DATA,
  SECTION_UNWIND,
  SECTION_NOTE,
  SECTION_STACK,
  SECTION_SYMTAB,
  SECTION_STRTAB,
  SECTION_SHSTRTAB,
  SECTION_COUNT_PLAIN, // the rest are there with -g only
  SECTION_DEBUG_INFO = SECTION_COUNT_PLAIN,
  SECTION_DEBUG_ABBREV,
  SECTION_DEBUG_LINE,
  SECTION_DEBUG_RNGLISTS,
  SECTION_DEBUG_LOCLISTS,
  SECTION_BASE,
  SECTION_LINES,
  SECTION_LOCALS,
  SECTION_RELA_DEBUG_INFO,
  SECTION_RELA_DEBUG_LINE,
  SECTION_RELA_DEBUG_LOCLISTS,
  SECTION_COUNT
};

static const struct {
  const char *name;
  uint32_t type;
  uint64_t flags, alignment, entry_size;
} kinds[SECTION_COUNT] = {
    [SECTION_NULL] = {"", SHT_NULL, 0, 0, 0},
    [SECTION_TEXT] = {WA_SECTION_TEXT, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0, 0},
    [SECTION_RELA_TEXT] = {".rela.text", SHT_RELA, SHF_INFO_LINK, 8, sizeof(Elf64_Rela)},
    [SECTION_EH_FRAME] = {".eh_frame", SHT_NULL, SHF_ALLOC, 8, 0},
    [SECTION_RELA_EH_FRAME] = {".rela.eh_frame", SHT_RELA, SHF_INFO_LINK, 8, sizeof(Elf64_Rela)},
    [SECTION_MODULE] = {WA_SECTION_MODULE, SHT_PROGBITS, SHF_ALLOC, 16, 0},
    [SECTION_DATA] = {WA_SECTION_DATA, SHT_PROGBITS, SHF_ALLOC, WA_DATA_ALIGNMENT, 0},
    [SECTION_UNWIND] = {WA_SECTION_UNWIND, SHT_PROGBITS, SHF_ALLOC, 8, 0},
    [SECTION_NOTE] = {WA_SECTION_NOTE, SHT_NOTE, SHF_ALLOC, 8, 0},
    [SECTION_STACK] = {".note.GNU-stack", SHT_PROGBITS, 0, 1, 0},
    [SECTION_SYMTAB] = {".symtab", SHT_SYMTAB, 0, 8, sizeof(Elf64_Sym)},
    [SECTION_STRTAB] = {".strtab", SHT_STRTAB, 0, 1, 0},
    [SECTION_SHSTRTAB] = {".shstrtab", SHT_STRTAB, 0, 1, 0},
    [SECTION_DEBUG_INFO] = {".debug_info", SHT_PROGBITS, 0, 1, 0},
    [SECTION_DEBUG_ABBREV] = {".debug_abbrev", SHT_PROGBITS, 0, 1, 0},
    [SECTION_DEBUG_LINE] = {".debug_line", SHT_PROGBITS, 0, 1, 0},
    [SECTION_DEBUG_RNGLISTS] = {".debug_rnglists", SHT_PROGBITS, 0, 1, 0},
    [SECTION_DEBUG_LOCLISTS] = {".debug_loclists", SHT_PROGBITS, 0, 1, 0},
    [SECTION_BASE] = {WA_SECTION_BASE, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8, 0},
    [SECTION_LINES] = {WA_SECTION_LINES, SHT_PROGBITS, SHF_ALLOC, 4, 0},
    [SECTION_LOCALS] = {WA_SECTION_LOCALS, SHT_PROGBITS, SHF_ALLOC, 8, 0},
    [SECTION_RELA_DEBUG_INFO] = {".rela.debug_info", SHT_RELA, SHF_INFO_LINK, 8,
                                 sizeof(Elf64_Rela)},
    [SECTION_RELA_DEBUG_LINE] = {".rela.debug_line", SHT_RELA, SHF_INFO_LINK, 8,
                                 sizeof(Elf64_Rela)},
    [SECTION_RELA_DEBUG_LOCLISTS] = {".rela.debug_loclists", SHT_RELA, SHF_INFO_LINK, 8,
                                     sizeof(Elf64_Rela)},
};

static enum section debug_section(unsigned section) {
  return (enum section)(SECTION_DEBUG_INFO + section);
}

// Symbols of the sections that are referred to come first, in this order.
enum { TEXT_SYMBOL = 1, EH_FRAME_SYMBOL = 3, FIRST_DEBUG_SYMBOL };

struct writer {
  struct wa_bytes_buffer symbols, strings;
  Elf64_Shdr sections[SECTION_COUNT];
  struct wa_bytes contents[SECTION_COUNT];
  struct wa_bytes_buffer made[SECTION_COUNT]; // contents that nobody else has
  uint64_t end;                               // of the last section in the file
  uint32_t local_symbols;
  const struct wa_module *module;
  const struct wa_layout *layout;
  const struct wa_merged *merged;
  const struct wa_merge_machine *machine;
  const struct wa_debug_output *debug; // WA_DEBUG_SECTION_COUNT of them; NULL without -g
  int section_count;
};

// ---- Symbols: local ones, so that names need not be unique ----

static void add_symbol(struct writer *w, const char *name, size_t name_size, unsigned char info,
                       uint16_t section, const struct wa_text_symbol *at) {
  Elf64_Sym symbol = {
      .st_name = (uint32_t)w->strings.size,
      .st_info = info,
      .st_shndx = section,
      .st_value = at->offset,
      .st_size = at->size,
  };
  wa_bytes_append(&w->strings, name, name_size);
  wa_bytes_append(&w->strings, "", 1);
  wa_bytes_append(&w->symbols, &symbol, sizeof symbol);
}

// A name of the name section may hold a NUL, which ends a symbol's name.
static void add_function_symbols(struct writer *w, const char *prefix,
                                 const struct wa_text_symbol *symbols, uint32_t count,
                                 bool use_names) {
  for (uint32_t i = 0; i < count; i++) {
    if (symbols[i].size == 0) {
      continue;
    }
    char fallback[32];
    struct wa_bytes name = use_names ? w->module->functions[i].name : (struct wa_bytes){0};
    size_t size = name.size ? strnlen((const char *)name.data, name.size)
                            : (size_t)snprintf(fallback, sizeof fallback, "%s[%u]", prefix, i);
    add_symbol(w, name.size ? (const char *)name.data : fallback, size,
               ELF64_ST_INFO(STB_LOCAL, STT_FUNC), SECTION_TEXT, &symbols[i]);
  }
}

// The symbols of sections come first: relocations refer to them by number.
static void build_symbols(struct writer *w) {
  static const struct wa_text_symbol nowhere;
  const struct wa_merged *merged = w->merged;
  add_symbol(w, "", 0, 0, SHN_UNDEF, &nowhere);
  for (int i = SECTION_TEXT; i <= SECTION_EH_FRAME; i++) {
    add_symbol(w, "", 0, ELF64_ST_INFO(STB_LOCAL, STT_SECTION), (uint16_t)i, &nowhere);
  }
  for (unsigned i = 0; w->debug && i < WA_DEBUG_SECTION_COUNT; i++) {
    add_symbol(w, "", 0, ELF64_ST_INFO(STB_LOCAL, STT_SECTION), (uint16_t)debug_section(i),
               &nowhere);
  }
  add_function_symbols(w, "func", merged->functions, w->module->function_count, true);
  add_function_symbols(w, "entry", merged->entries, w->module->type_count, false);
  add_function_symbols(w, "exit", merged->exits, w->module->type_count, false);
  add_function_symbols(w, "import", merged->shims, w->module->function_count, false);
  w->local_symbols = (uint32_t)(w->symbols.size / sizeof(Elf64_Sym));
  for (uint32_t i = 0; i < merged->libcall_count; i++) {
    add_symbol(w, merged->libcalls[i].name, strlen(merged->libcalls[i].name),
               ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), SHN_UNDEF, &nowhere);
  }
}

// ---- Sections ----

static uint64_t align(uint64_t offset, uint64_t alignment) {
  return alignment == 0 ? offset : (offset + alignment - 1) & ~(alignment - 1);
}

// Behind what is there. Two of the kinds differ between machines.
static void place(struct writer *w, enum section section, struct wa_bytes contents) {
  bool is_text = section == SECTION_TEXT, is_frames = section == SECTION_EH_FRAME;
  uint64_t alignment = is_text ? w->machine->text_alignment : kinds[section].alignment;
  w->contents[section] = contents;
  w->sections[section] = (Elf64_Shdr){
      .sh_type = is_frames ? w->machine->eh_frame_type : kinds[section].type,
      .sh_flags = kinds[section].flags,
      .sh_addralign = alignment,
      .sh_entsize = kinds[section].entry_size,
      .sh_offset = align(w->end, alignment),
      .sh_size = contents.size,
  };
  w->end = w->sections[section].sh_offset + contents.size;
}

static void add_section(struct writer *w, enum section section, const void *data, size_t size) {
  place(w, section, (struct wa_bytes){.data = data, .size = size});
}

// What was made for it.
static void add_made(struct writer *w, enum section section) {
  add_section(w, section, w->made[section].data, w->made[section].size);
}

static void add_relocations(struct writer *w, enum section section, enum section target) {
  add_made(w, section);
  w->sections[section].sh_link = SECTION_SYMTAB;
  w->sections[section].sh_info = target;
}

static void add_text_relocations(struct writer *w) {
  const struct wa_merged *merged = w->merged;
  for (uint32_t i = 0; i < merged->libcall_count; i++) {
    Elf64_Rela rela = {.r_offset = merged->libcalls[i].got,
                       .r_info = ELF64_R_INFO((uint64_t)w->local_symbols + i, w->machine->abs64)};
    wa_bytes_append(&w->made[SECTION_RELA_TEXT], &rela, sizeof rela);
  }
  add_relocations(w, SECTION_RELA_TEXT, SECTION_TEXT);
}

static void add_frame_relocations(struct writer *w) {
  const struct wa_bytes_buffer *buffer = &w->merged->frame_relocs;
  const struct wa_frame_reloc *relocs = (const struct wa_frame_reloc *)buffer->data;
  for (size_t i = 0; i < buffer->size / sizeof *relocs; i++) {
    Elf64_Rela rela = {.r_offset = relocs[i].offset,
                       .r_info = ELF64_R_INFO((uint64_t)SECTION_TEXT, w->machine->pcrel32),
                       .r_addend = relocs[i].text_offset};
    wa_bytes_append(&w->made[SECTION_RELA_EH_FRAME], &rela, sizeof rela);
  }
  add_relocations(w, SECTION_RELA_EH_FRAME, SECTION_EH_FRAME);
}

static void add_note(struct writer *w, const struct wa_target *target,
                     const struct wa_compile_options *options) {
  struct wa_note note;
  wa_meta_build_note(&note, w->module, w->layout, target, options->opt_level);
  Elf64_Nhdr header = {
      .n_namesz = sizeof WA_NOTE_NAME, .n_descsz = sizeof note, .n_type = WA_NOTE_TYPE};
  struct wa_bytes_buffer *made = &w->made[SECTION_NOTE];
  wa_bytes_append(made, &header, sizeof header);
  wa_bytes_append(made, WA_NOTE_NAME, sizeof WA_NOTE_NAME);
  wa_bytes_align(made, 4);
  wa_bytes_append(made, &note, sizeof note);
  add_made(w, SECTION_NOTE);
}

static void add_debug_relocations(struct writer *w, enum wa_debug_section of,
                                  enum section section) {
  const struct wa_bytes_buffer *buffer = &w->debug[of].relocs;
  const struct wa_debug_reloc *relocs = (const struct wa_debug_reloc *)buffer->data;
  for (size_t i = 0; i < buffer->size / sizeof *relocs; i++) {
    uint64_t symbol = relocs[i].target == WA_DEBUG_TEXT
                          ? TEXT_SYMBOL
                          : (uint64_t)FIRST_DEBUG_SYMBOL + relocs[i].target;
    uint32_t type = relocs[i].width == 8 ? w->machine->abs64 : w->machine->abs32;
    Elf64_Rela rela = {.r_offset = relocs[i].offset,
                       .r_info = ELF64_R_INFO(symbol, type),
                       .r_addend = (int64_t)relocs[i].addend};
    wa_bytes_append(&w->made[section], &rela, sizeof rela);
  }
  add_relocations(w, section, debug_section(of));
}

static void add_debug_sections(struct writer *w) {
  for (unsigned i = 0; i < WA_DEBUG_SECTION_COUNT; i++) {
    add_section(w, debug_section(i), w->debug[i].bytes.data, w->debug[i].bytes.size);
  }
  add_debug_relocations(w, WA_DEBUG_INFO, SECTION_RELA_DEBUG_INFO);
  add_debug_relocations(w, WA_DEBUG_LINE, SECTION_RELA_DEBUG_LINE);
  add_debug_relocations(w, WA_DEBUG_LOCLISTS, SECTION_RELA_DEBUG_LOCLISTS);
}

static void add_symbol_sections(struct writer *w) {
  add_section(w, SECTION_SYMTAB, w->symbols.data, w->symbols.size);
  w->sections[SECTION_SYMTAB].sh_link = SECTION_STRTAB;
  w->sections[SECTION_SYMTAB].sh_info = w->local_symbols;
  add_section(w, SECTION_STRTAB, w->strings.data, w->strings.size);
  struct wa_bytes_buffer *names = &w->made[SECTION_SHSTRTAB];
  for (int i = 0; i < w->section_count; i++) {
    w->sections[i].sh_name =
        (uint32_t)wa_bytes_append(names, kinds[i].name, strlen(kinds[i].name) + 1);
  }
  uint32_t own = w->sections[SECTION_SHSTRTAB].sh_name; // not placed yet
  add_made(w, SECTION_SHSTRTAB);
  w->sections[SECTION_SHSTRTAB].sh_name = own;
}

static void add_all(struct writer *w, const struct wa_target *target,
                    const struct wa_compile_options *options) {
  const struct wa_merged *merged = w->merged;
  w->end = sizeof(Elf64_Ehdr);
  add_section(w, SECTION_TEXT, merged->text.data, merged->text.size);
  add_text_relocations(w);
  add_section(w, SECTION_EH_FRAME, merged->eh_frame.data, merged->eh_frame.size);
  add_frame_relocations(w);
  wa_meta_build(&w->made[SECTION_MODULE], w->module, w->layout, merged, options);
  add_made(w, SECTION_MODULE);
  wa_meta_build_data(&w->made[SECTION_DATA], w->module);
  add_made(w, SECTION_DATA);
  wa_meta_build_unwind(&w->made[SECTION_UNWIND], merged);
  add_made(w, SECTION_UNWIND);
  add_note(w, target, options);
  add_section(w, SECTION_STACK, NULL, 0);
  if (w->debug) {
    add_debug_sections(w);
  }
  add_symbol_sections(w);
}

// ---- The file ----

static bool fill_header(const struct writer *w, Elf *elf) {
  Elf64_Ehdr *header = elf64_newehdr(elf);
  if (!header) {
    return false;
  }
  header->e_ident[EI_DATA] = ELFDATA2LSB;
  header->e_type = ET_REL;
  header->e_machine = w->machine->machine;
  header->e_flags = w->machine->elf_flags;
  header->e_version = EV_CURRENT;
  header->e_shstrndx = SECTION_SHSTRTAB;
  header->e_shoff = align(w->end, 8);
  return true;
}

static bool fill_section(const struct writer *w, Elf *elf, int section) {
  Elf_Scn *scn = elf_newscn(elf);
  Elf64_Shdr *header = scn ? elf64_getshdr(scn) : NULL;
  Elf_Data *data = header ? elf_newdata(scn) : NULL;
  if (!data) {
    return false;
  }
  *header = w->sections[section];
  data->d_buf = (void *)(uintptr_t)w->contents[section].data; // libelf only reads it
  data->d_size = w->contents[section].size;
  data->d_type = ELF_T_BYTE; // as it is
  data->d_align = 1;
  return true;
}

// libelf writes into a file, where it lays nothing out itself: offsets are part of the artifact.
static bool fill_file(const struct writer *w, int file, size_t *size) {
  Elf *elf = elf_version(EV_CURRENT) == EV_NONE ? NULL : elf_begin(file, ELF_C_WRITE, NULL);
  bool ok = elf && elf_flagelf(elf, ELF_C_SET, ELF_F_LAYOUT) != 0 && fill_header(w, elf);
  for (int i = 1; ok && i < w->section_count; i++) {
    ok = fill_section(w, elf, i);
  }
  int64_t written = ok ? elf_update(elf, ELF_C_WRITE) : -1;
  (void)elf_end(elf);
  *size = written < 0 ? 0 : (size_t)written;
  return written >= 0;
}

static bool read_file(int file, size_t size, struct wa_buffer *object) {
  uint8_t *data = malloc(size);
  size_t done = 0;
  while (data && done < size) {
    ssize_t got = pread(file, data + done, size - done, (off_t)done);
    if (got == 0 || (got < 0 && errno != EINTR)) {
      free(data);
      return false;
    }
    done += got > 0 ? (size_t)got : 0;
  }
  *object = (struct wa_buffer){.data = data, .size = size};
  return data != NULL;
}

static bool write_file(const struct writer *w, struct wa_buffer *object, struct wa_error *err) {
  size_t size;
  int file = memfd_create("object", MFD_CLOEXEC);
  bool done = file >= 0 && fill_file(w, file, &size) && read_file(file, size, object);
  if (file >= 0) {
    (void)close(file);
  }
  return done || wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot write the object: %s",
                         file < 0 ? strerror(errno) : elf_errmsg(-1));
}

static bool has_failed(const struct writer *w) {
  bool failed = w->symbols.failed || w->strings.failed;
  for (int i = 0; i < w->section_count; i++) {
    failed |= w->made[i].failed;
  }
  return failed;
}

static void deinit(struct writer *w) {
  wa_bytes_deinit(&w->symbols);
  wa_bytes_deinit(&w->strings);
  for (int i = 0; i < SECTION_COUNT; i++) {
    wa_bytes_deinit(&w->made[i]);
  }
}

bool wa_object_write(struct wa_buffer *object, const struct wa_module *module,
                     const struct wa_layout *layout, const struct wa_merged *merged,
                     const struct wa_target *target, const struct wa_compile_options *options,
                     const struct wa_debug_output debug[WA_DEBUG_SECTION_COUNT],
                     struct wa_error *err) {
  struct writer w = {.module = module,
                     .layout = layout,
                     .merged = merged,
                     .machine = wa_merge_machine(target->arch->machine),
                     .debug = debug,
                     .section_count = debug ? SECTION_COUNT : SECTION_COUNT_PLAIN};
  build_symbols(&w);
  add_all(&w, target, options);
  bool done = has_failed(&w) ? wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                                       "out of memory while writing the object")
                             : write_file(&w, object, err);
  deinit(&w);
  return done;
}
