#include "compiler/object/object.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

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
  struct wa_bytes_buffer file;
  struct wa_bytes_buffer symbols, strings;
  Elf64_Shdr sections[SECTION_COUNT];
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
  for (uint32_t i = 0; i < merged->stub_count; i++) {
    add_symbol(w, merged->stubs[i].name, strlen(merged->stubs[i].name),
               ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), SHN_UNDEF, &nowhere);
  }
}

// ---- Sections ----

// Two of the kinds differ between machines.
static void begin(struct writer *w, enum section section) {
  bool is_text = section == SECTION_TEXT, is_frames = section == SECTION_EH_FRAME;
  uint64_t alignment = is_text ? w->machine->text_alignment : kinds[section].alignment;
  w->sections[section] = (Elf64_Shdr){
      .sh_type = is_frames ? w->machine->eh_frame_type : kinds[section].type,
      .sh_flags = kinds[section].flags,
      .sh_addralign = alignment,
      .sh_entsize = kinds[section].entry_size,
      .sh_offset = wa_bytes_align(&w->file, alignment ? alignment : 1),
  };
}

static void finish(struct writer *w, enum section section) {
  w->sections[section].sh_size = w->file.size - w->sections[section].sh_offset;
}

static void add_section(struct writer *w, enum section section, const void *data, size_t size) {
  begin(w, section);
  wa_bytes_append(&w->file, data, size);
  finish(w, section);
}

static void add_relocations(struct writer *w, enum section section, enum section target) {
  finish(w, section);
  w->sections[section].sh_link = SECTION_SYMTAB;
  w->sections[section].sh_info = target;
}

static void add_text_relocations(struct writer *w) {
  const struct wa_merged *merged = w->merged;
  begin(w, SECTION_RELA_TEXT);
  for (uint32_t i = 0; i < merged->stub_count; i++) {
    Elf64_Rela rela = {.r_offset = merged->stubs[i].offset,
                       .r_info = ELF64_R_INFO((uint64_t)w->local_symbols + i, w->machine->abs64)};
    wa_bytes_append(&w->file, &rela, sizeof rela);
  }
  add_relocations(w, SECTION_RELA_TEXT, SECTION_TEXT);
}

static void add_frame_relocations(struct writer *w) {
  const struct wa_bytes_buffer *buffer = &w->merged->frame_relocs;
  const struct wa_frame_reloc *relocs = (const struct wa_frame_reloc *)buffer->data;
  begin(w, SECTION_RELA_EH_FRAME);
  for (size_t i = 0; i < buffer->size / sizeof *relocs; i++) {
    Elf64_Rela rela = {.r_offset = relocs[i].offset,
                       .r_info = ELF64_R_INFO((uint64_t)SECTION_TEXT, w->machine->pcrel32),
                       .r_addend = relocs[i].text_offset};
    wa_bytes_append(&w->file, &rela, sizeof rela);
  }
  add_relocations(w, SECTION_RELA_EH_FRAME, SECTION_EH_FRAME);
}

static void add_note(struct writer *w, const struct wa_target *target, int opt_level) {
  struct wa_note note;
  wa_meta_build_note(&note, w->module, w->layout, target, opt_level);
  Elf64_Nhdr header = {
      .n_namesz = sizeof WA_NOTE_NAME, .n_descsz = sizeof note, .n_type = WA_NOTE_TYPE};
  begin(w, SECTION_NOTE);
  wa_bytes_append(&w->file, &header, sizeof header);
  wa_bytes_append(&w->file, WA_NOTE_NAME, sizeof WA_NOTE_NAME);
  wa_bytes_align(&w->file, 4);
  wa_bytes_append(&w->file, &note, sizeof note);
  finish(w, SECTION_NOTE);
}

static void add_debug_relocations(struct writer *w, enum wa_debug_section of,
                                  enum section section) {
  const struct wa_bytes_buffer *buffer = &w->debug[of].relocs;
  const struct wa_debug_reloc *relocs = (const struct wa_debug_reloc *)buffer->data;
  begin(w, section);
  for (size_t i = 0; i < buffer->size / sizeof *relocs; i++) {
    uint64_t symbol = relocs[i].target == WA_DEBUG_TEXT
                          ? TEXT_SYMBOL
                          : (uint64_t)FIRST_DEBUG_SYMBOL + relocs[i].target;
    uint32_t type = relocs[i].width == 8 ? w->machine->abs64 : w->machine->abs32;
    Elf64_Rela rela = {.r_offset = relocs[i].offset,
                       .r_info = ELF64_R_INFO(symbol, type),
                       .r_addend = (int64_t)relocs[i].addend};
    wa_bytes_append(&w->file, &rela, sizeof rela);
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
  begin(w, SECTION_SHSTRTAB);
  uint64_t start = w->file.size;
  for (int i = 0; i < w->section_count; i++) {
    w->sections[i].sh_name = (uint32_t)(w->file.size - start);
    wa_bytes_append(&w->file, kinds[i].name, strlen(kinds[i].name) + 1);
  }
  finish(w, SECTION_SHSTRTAB);
}

static void add_headers(struct writer *w) {
  Elf64_Ehdr header = {
      .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
      .e_type = ET_REL,
      .e_machine = w->machine->machine,
      .e_flags = w->machine->elf_flags,
      .e_version = EV_CURRENT,
      .e_ehsize = sizeof(Elf64_Ehdr),
      .e_shentsize = sizeof(Elf64_Shdr),
      .e_shnum = (uint16_t)w->section_count,
      .e_shstrndx = SECTION_SHSTRTAB,
      .e_shoff = wa_bytes_align(&w->file, 8),
  };
  wa_bytes_append(&w->file, w->sections, (size_t)w->section_count * sizeof *w->sections);
  if (!w->file.failed) {
    memcpy(w->file.data, &header, sizeof header);
  }
}

static void write_all(struct writer *w, const struct wa_target *target, int opt_level) {
  const struct wa_merged *merged = w->merged;
  wa_bytes_append(&w->file, NULL, sizeof(Elf64_Ehdr));
  add_section(w, SECTION_TEXT, merged->text.data, merged->text.size);
  add_text_relocations(w);
  add_section(w, SECTION_EH_FRAME, merged->eh_frame.data, merged->eh_frame.size);
  add_frame_relocations(w);
  struct wa_bytes_buffer meta = {0}; // its offsets count from the start of the section
  wa_meta_build(&meta, w->module, w->layout, merged);
  add_section(w, SECTION_MODULE, meta.data, meta.size);
  w->file.failed |= meta.failed;
  wa_bytes_deinit(&meta);
  begin(w, SECTION_DATA);
  wa_meta_build_data(&w->file, w->module);
  finish(w, SECTION_DATA);
  struct wa_bytes_buffer unwind = {0};
  wa_meta_build_unwind(&unwind, merged);
  add_section(w, SECTION_UNWIND, unwind.data, unwind.size);
  w->file.failed |= unwind.failed;
  wa_bytes_deinit(&unwind);
  add_note(w, target, opt_level);
  add_section(w, SECTION_STACK, NULL, 0);
  if (w->debug) {
    add_debug_sections(w);
  }
  add_symbol_sections(w);
  add_headers(w);
}

bool wa_object_write(struct wa_buffer *object, const struct wa_module *module,
                     const struct wa_layout *layout, const struct wa_merged *merged,
                     const struct wa_target *target, int opt_level,
                     const struct wa_debug_output debug[WA_DEBUG_SECTION_COUNT],
                     struct wa_error *err) {
  struct writer w = {.module = module,
                     .layout = layout,
                     .merged = merged,
                     .machine = wa_merge_machine(target->arch->machine),
                     .debug = debug,
                     .section_count = debug ? SECTION_COUNT : SECTION_COUNT_PLAIN};
  build_symbols(&w);
  write_all(&w, target, opt_level);
  bool failed = w.file.failed || w.symbols.failed || w.strings.failed;
  wa_bytes_deinit(&w.symbols);
  wa_bytes_deinit(&w.strings);
  if (failed) {
    wa_bytes_deinit(&w.file);
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory while writing the object");
  }
  *object = (struct wa_buffer){.data = w.file.data, .size = w.file.size};
  return true;
}
