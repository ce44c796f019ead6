#include "compiler/object/merge.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

static const char *const libcalls[] = {
#define WA_LIBCALL(name, function) #name,
#include "runtime/libcalls.def"
#undef WA_LIBCALL
};

enum { GOT_ENTRY_SIZE = 8, TEXT_ALIGNMENT = 64 };

enum destination { NOWHERE, TO_TEXT, TO_CONSTANTS, TO_EH_FRAME };

// A section of a partition that goes into the artifact.
struct piece {
  enum destination destination;
  uint32_t offset; // in the text, or in .eh_frame
};

struct part {
  const struct wa_elf_object *object;
  const struct wa_symbols *symbols; // see struct wa_merge_input
  struct piece *pieces;             // per section
};

struct merger {
  struct wa_merged *merged;
  const struct wa_merge_machine *machine;
  const struct wa_module *module;
  const struct wa_layout *layout; // NULL in wa_merge_later
  // What code refers to: by wa_merge the same as `merged`, by wa_merge_later the first text. All
  // addresses count from its start, and `distance` is where the text begins that is merged.
  struct wa_merged *base;
  uint64_t distance;
  struct part *parts;
  uint32_t part_count;
  struct wa_error *err;
};

// LLVM's own output is not checked like a foreign file: what it cannot be is an internal error.
static bool internal(struct merger *m, const char *what, const char *name) {
  return wa_fail(m->err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "internal error: LLVM emitted %s \"%s\"",
                 what, name);
}

static bool unexpected_relocation(struct merger *m, uint32_t type) {
  char number[16];
  snprintf(number, sizeof number, "%u", (unsigned)type);
  return internal(m, "a relocation of unexpected type", number);
}

const struct wa_merge_machine *wa_merge_machine(uint16_t machine) {
  static const struct wa_merge_machine *const machines[] = {
      &wa_merge_x86_64,
      &wa_merge_aarch64,
      &wa_merge_riscv,
  };
  for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
    if (machines[i]->machine == machine) {
      return machines[i];
    }
  }
  return NULL;
}

// ---- Reading a partition ----

static bool open_part(struct merger *m, struct part *part, struct wa_merged_part *merged,
                      const struct wa_merge_input *input) {
  struct wa_arena *arena = &m->merged->arena;
  m->merged->part_count++; // to be closed, whatever comes of it
  if (!wa_elf_open(&merged->object, input->object, arena) ||
      merged->object.machine != m->machine->machine) {
    return internal(m, "an object that is not", "intact ELF for the target");
  }
  part->object = &merged->object;
  part->symbols = input->symbols;
  part->pieces = wa_arena_alloc(arena, part->object->section_count, sizeof *part->pieces);
  merged->text_offsets =
      wa_arena_alloc(arena, part->object->section_count, sizeof *merged->text_offsets);
  return part->pieces && merged->text_offsets
             ? true
             : wa_fail(m->err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
}

static bool starts_with(const char *name, const char *prefix) {
  return strncmp(name, prefix, strlen(prefix)) == 0;
}

static bool classify(struct merger *m, struct part *part) {
  for (uint32_t i = 0; i < part->object->section_count; i++) {
    const Elf64_Shdr *section = part->object->sections[i].header;
    const char *name = part->object->sections[i].name;
    if (!(section->sh_flags & SHF_ALLOC) || section->sh_size == 0) {
      continue;
    }
    if (starts_with(name, ".text")) {
      part->pieces[i].destination = TO_TEXT;
    } else if (starts_with(name, ".rodata") || starts_with(name, ".gcc_except_table") ||
               starts_with(name, ".srodata")) { // RISC-V's small ones
      part->pieces[i].destination = TO_CONSTANTS;
    } else if (strcmp(name, ".eh_frame") == 0) {
      part->pieces[i].destination = TO_EH_FRAME;
    } else if (strstr(name, ".DW.ref.")) {
      continue; // the pointer to the personality, which the runtime does without
    } else {
      return internal(m, "an unexpected section", name);
    }
  }
  return true;
}

// ---- Layout ----

static void place(struct merger *m, enum destination destination) {
  for (uint32_t p = 0; p < m->part_count; p++) {
    struct part *part = &m->parts[p];
    for (uint32_t i = 0; i < part->object->section_count; i++) {
      if (part->pieces[i].destination != destination) {
        continue;
      }
      const struct wa_elf_section *section = &part->object->sections[i];
      uint64_t alignment = section->header->sh_addralign;
      struct wa_bytes_buffer *buffer =
          destination == TO_EH_FRAME ? &m->merged->eh_frame : &m->merged->text;
      wa_bytes_align(buffer, alignment ? alignment : 1);
      part->pieces[i].offset = (uint32_t)buffer->size;
      wa_bytes_append(buffer, section->bytes.data, section->bytes.size);
    }
  }
}

// For whoever reads the rest of the objects.
static void note_places(struct merger *m) {
  for (uint32_t p = 0; p < m->part_count; p++) {
    const struct part *part = &m->parts[p];
    for (uint32_t i = 0; i < part->object->section_count; i++) {
      m->merged->parts[p].text_offsets[i] =
          part->pieces[i].destination == TO_TEXT ? part->pieces[i].offset : WA_NONE;
    }
  }
}

// ---- Symbols ----

static bool read_name(const struct part *part, const char *name, struct wa_symbol *symbol) {
  return part->symbols ? wa_symbols_read(part->symbols, name, symbol)
                       : wa_symbol_read(name, symbol);
}

// Of the module, in the base.
static struct wa_text_symbol *indexed_symbol(struct merger *m, const struct wa_symbol *symbol) {
  uint32_t index = symbol->index;
  bool is_function = index < m->module->function_count, is_type = index < m->module->type_count;
  switch (symbol->kind) {
  case WA_SYMBOL_FUNCTION:
    return is_function ? &m->base->functions[index] : NULL;
  case WA_SYMBOL_SHIM:
    return is_function ? &m->base->shims[index] : NULL;
  case WA_SYMBOL_WRAPPER:
    return is_function ? &m->base->wrappers[index] : NULL;
  case WA_SYMBOL_ENTRY:
    return is_type ? &m->base->entries[index] : NULL;
  case WA_SYMBOL_EXIT:
    return is_type ? &m->base->exits[index] : NULL;
  case WA_SYMBOL_TABLE:
    return index < m->module->table_count ? &m->base->tables[index] : NULL;
  case WA_SYMBOL_FAILED:
    return &m->base->failed;
  case WA_SYMBOL_LANDING_THUNK: // no other partition sees one
  case WA_SYMBOL_LANES:
  case WA_SYMBOL_CONSTANT:
    break;
  }
  return NULL;
}

static bool define_constant(struct merger *m, const char *name, uint32_t offset) {
  struct wa_merged *merged = m->merged;
  if (name[0] != WA_SYMBOL_CONSTANT || merged->constant_count == WA_TEXT_CONSTANTS) {
    return internal(m, "an unexpected symbol", name);
  }
  struct wa_text_constant *constant = &merged->constants[merged->constant_count++];
  snprintf(constant->name, sizeof constant->name, "%s", name);
  constant->offset = offset;
  return true;
}

static bool define_later(struct merger *m, const char *name, const struct wa_symbol *symbol,
                         const struct wa_meta_code *row) {
  if (symbol->kind != WA_SYMBOL_FUNCTION || symbol->index >= m->module->function_count) {
    return internal(m, "an unexpected symbol", name);
  }
  wa_bytes_append(&m->merged->map, row, sizeof *row);
  return true;
}

static bool define(struct merger *m, const struct part *part, const Elf64_Sym *symbol) {
  const char *name = wa_elf_symbol_name(part->object, symbol);
  uint32_t offset = part->pieces[symbol->st_shndx].offset + (uint32_t)symbol->st_value;
  uint32_t size = (uint32_t)symbol->st_size;
  struct wa_symbol known;
  if (!read_name(part, name, &known)) {
    return define_constant(m, name, offset);
  }
  if (m->base != m->merged) {
    const struct wa_meta_code row = {
        .text_offset = offset, .size = size, .kind = WA_CODE_FUNC, .index = known.index};
    return define_later(m, name, &known, &row);
  }
  struct wa_text_symbol *place = indexed_symbol(m, &known);
  if (!place) {
    return internal(m, "an unexpected symbol", name);
  }
  *place = (struct wa_text_symbol){.offset = offset, .size = size};
  return true;
}

static bool define_all(struct merger *m) {
  for (uint32_t p = 0; p < m->part_count; p++) {
    const struct part *part = &m->parts[p];
    for (uint32_t i = 0; i < part->object->symbol_count; i++) {
      const Elf64_Sym *symbol = &part->object->symbols[i];
      if (ELF64_ST_BIND(symbol->st_info) == STB_GLOBAL && wa_elf_section_of(part->object, symbol) &&
          !define(m, part, symbol)) {
        return false;
      }
    }
  }
  return true;
}

// Its entry in the procedure linkage table is filled when it is known where the other table is.
static uint32_t add_libcall(struct merger *m, uint32_t index) {
  struct wa_merged *merged = m->base;
  if (merged->libcall_plt[index] == WA_NONE) {
    uint32_t offset = (uint32_t)wa_bytes_append(&merged->text, NULL, WA_PLT_ENTRY_SIZE);
    merged->libcalls[merged->libcall_count++] =
        (struct wa_libcall_entry){.plt = offset, .name = libcalls[index]};
    merged->libcall_plt[index] = offset;
  }
  return merged->libcall_plt[index];
}

static bool find_undefined(struct merger *m, const struct part *part, const char *name,
                           uint64_t *value) {
  const struct wa_merged *base = m->base;
  struct wa_symbol symbol;
  const struct wa_text_symbol *known =
      read_name(part, name, &symbol) ? indexed_symbol(m, &symbol) : NULL;
  if (known) {
    *value = known->offset;
    return true;
  }
  for (uint32_t i = 0; i < base->constant_count; i++) {
    if (strcmp(base->constants[i].name, name) == 0) {
      *value = base->constants[i].offset;
      return true;
    }
  }
  for (uint32_t i = 0; i < WA_LIBCALL_COUNT; i++) {
    if (strcmp(libcalls[i], name) == 0) {
      *value = add_libcall(m, i);
      return true;
    }
  }
  return internal(m, "a call of an unknown function", name);
}

static bool symbol_value(struct merger *m, const struct part *part, const Elf64_Sym *symbol,
                         uint64_t *value) {
  if (wa_elf_section_of(part->object, symbol) == NULL) {
    return find_undefined(m, part, wa_elf_symbol_name(part->object, symbol), value);
  }
  *value = m->distance + part->pieces[symbol->st_shndx].offset + symbol->st_value;
  return true;
}

// ---- Relocations ----

// A relocation section at work.
struct relas {
  const struct part *part;
  const struct piece *piece;
  const Elf64_Rela *rows;
  size_t count;
};

static uint32_t type_of(const Elf64_Rela *rela) {
  return (uint32_t)ELF64_R_TYPE(rela->r_info);
}

static const Elf64_Sym *symbol_of(const struct relas *relas, const Elf64_Rela *rela) {
  return wa_elf_symbol(relas->part->object, ELF64_R_SYM(rela->r_info));
}

// Whether it is a function of the module that others call by its entry.
static bool has_entry(const struct merger *m, const struct part *part, const Elf64_Sym *symbol,
                      uint64_t *value) {
  struct wa_symbol name;
  if (m->base->plt == WA_NONE || ELF64_ST_BIND(symbol->st_info) != STB_GLOBAL ||
      !read_name(part, wa_elf_symbol_name(part->object, symbol), &name) ||
      name.kind != WA_SYMBOL_FUNCTION || name.index >= m->module->function_count) {
    return false;
  }
  *value = wa_merged_entry(m->base, name.index);
  return true;
}

// What code and constants refer to.
static bool operand(struct merger *m, const struct relas *relas, const Elf64_Rela *rela,
                    uint64_t *S) {
  const Elf64_Sym *symbol = symbol_of(relas, rela);
  if (symbol == NULL) {
    return unexpected_relocation(m, type_of(rela));
  }
  return has_entry(m, relas->part, symbol, S) || symbol_value(m, relas->part, symbol, S);
}

// The first half of the pair whose second half is row `from`: it is at `offset` in the section,
// nearly always just before.
static const Elf64_Rela *first_half(const struct merger *m, const struct relas *relas, size_t from,
                                    uint64_t offset) {
  for (size_t i = 0; i < relas->count; i++) {
    size_t back = i <= from ? from - i : i;
    const Elf64_Rela *row = &relas->rows[back];
    if (row->r_offset == offset && !m->machine->is_second_half(type_of(row))) {
      return row;
    }
  }
  return NULL;
}

// S, A and P all count from the start of the base's text.
static bool relocate_text(struct merger *m, const struct relas *relas, size_t index) {
  const struct wa_merge_machine *machine = m->machine;
  const Elf64_Rela *rela = &relas->rows[index];
  uint32_t type = type_of(rela);
  uint64_t place = relas->piece->offset + rela->r_offset, S = 0;
  uint64_t start = m->distance + relas->piece->offset; // of the section
  if (!operand(m, relas, rela, &S)) {
    return false;
  }
  if (machine->is_second_half && machine->is_second_half(type)) {
    rela = first_half(m, relas, index, S - start);
    if (!rela) {
      return unexpected_relocation(m, type);
    }
    if (!operand(m, relas, rela, &S)) {
      return false;
    }
  }
  uint64_t P = start + rela->r_offset;
  switch (machine->relocate(m->merged->text.data + place, type, S, (uint64_t)rela->r_addend, P)) {
  case WA_RELOCATED:
    return true;
  case WA_RELOCATION_OUT_OF_REACH:
    return wa_fail(m->err, WA_ERROR_UNSUPPORTED, WA_NO_OFFSET,
                   "the code is larger than %s, which is more than calls can reach",
                   machine->reach);
  case WA_RELOCATION_UNKNOWN:
    break;
  }
  return unexpected_relocation(m, type);
}

// What an FDE or CIE refers to: a function, its call-site table, or the personality function.
static bool relocate_frame(struct merger *m, const struct relas *relas, const Elf64_Rela *rela) {
  const struct part *part = relas->part;
  const Elf64_Sym *symbol = symbol_of(relas, rela);
  enum destination target = symbol != NULL && wa_elf_section_of(part->object, symbol) != NULL
                                ? part->pieces[symbol->st_shndx].destination
                                : NOWHERE;
  if (symbol == NULL || rela->r_offset >= m->merged->eh_frame.size) {
    return unexpected_relocation(m, type_of(rela));
  }
  if (target == TO_TEXT && type_of(rela) != m->machine->pcrel32) {
    return unexpected_relocation(m, type_of(rela));
  }
  uint64_t S = 0;
  if (!symbol_value(m, part, symbol, &S)) {
    return false;
  }
  struct wa_frame_reloc frame = {.offset = (uint32_t)(relas->piece->offset + rela->r_offset),
                                 .text_offset =
                                     (uint32_t)(S + (uint64_t)rela->r_addend - m->distance)};
  if (target == TO_TEXT) {
    wa_bytes_append(&m->merged->frame_relocs, &frame, sizeof frame);
  } else if (target == TO_CONSTANTS) {
    wa_bytes_append(&m->merged->lsda_relocs, &frame, sizeof frame);
  }
  return true;
}

static bool relocate_section(struct merger *m, const struct part *part,
                             const struct wa_elf_section *section) {
  struct relas relas = {.part = part, .piece = &part->pieces[section->header->sh_info]};
  relas.count = wa_elf_relocations(section, &relas.rows);
  for (size_t i = 0; i < relas.count; i++) {
    bool ok = relas.piece->destination == TO_EH_FRAME ? relocate_frame(m, &relas, &relas.rows[i])
                                                      : relocate_text(m, &relas, i);
    if (!ok) {
      return false;
    }
  }
  return true;
}

static bool relocate_all(struct merger *m) {
  for (uint32_t p = 0; p < m->part_count; p++) {
    const struct part *part = &m->parts[p];
    for (uint32_t i = 0; i < part->object->section_count; i++) {
      const struct wa_elf_section *section = &part->object->sections[i];
      uint32_t of = section->header->sh_info;
      if (section->header->sh_type == SHT_RELA && of < part->object->section_count &&
          part->pieces[of].destination != NOWHERE && !relocate_section(m, part, section)) {
        return false;
      }
    }
  }
  return true;
}

// ---- Read-only tables ----

// A constant of compiled code, so that nothing has to be relocated: where its code is from the
// table's start, and the canonical type in the module + 1; zeros where there is no function.
struct table_entry {
  int32_t code;
  uint32_t type;
};

static void place_tables(struct merger *m) {
  struct wa_merged *merged = m->merged;
  for (uint32_t i = 0; i < m->module->table_count; i++) {
    if (m->layout->read_only_tables[i]) {
      size_t size = m->module->tables[i].type.limits.min * sizeof(struct table_entry);
      (void)wa_bytes_align(&merged->text, sizeof(struct table_entry));
      merged->tables[i] = (struct wa_text_symbol){.size = (uint32_t)size};
      merged->tables[i].offset = (uint32_t)wa_bytes_append(&merged->text, NULL, size);
    }
  }
}

static struct table_entry entry_of(const struct merger *m, const struct wa_text_symbol *table,
                                   const struct wa_constexpr *item) {
  if (item->kind != WA_EXPR_REF_FUNC) {
    return (struct table_entry){0, 0};
  }
  const struct wa_function *function = &m->module->functions[item->index];
  uint32_t code = function->imported ? m->merged->shims[item->index].offset
                                     : wa_merged_entry(m->merged, item->index);
  return (struct table_entry){(int32_t)(code - table->offset),
                              m->module->types[function->type].canonical + 1};
}

static void fill_tables(struct merger *m) {
  for (uint32_t i = 0; i < m->module->elem_count; i++) {
    const struct wa_elem *elem = &m->module->elems[i];
    if (elem->mode != WA_SEGMENT_ACTIVE || !m->layout->read_only_tables[elem->table]) {
      continue;
    }
    const struct wa_text_symbol *table = &m->merged->tables[elem->table];
    for (uint32_t j = 0; j < elem->count; j++) {
      struct table_entry entry = entry_of(m, table, &elem->items[j]);
      memcpy(m->merged->text.data + table->offset + (elem->offset.bits[0] + j) * sizeof entry,
             &entry, sizeof entry);
    }
  }
}

// ---- Procedure linkage table, global offset table ----

uint32_t wa_merged_entry(const struct wa_merged *merged, uint32_t function) {
  return merged->plt == WA_NONE ? merged->functions[function].offset
                                : merged->plt + function * WA_PLT_ENTRY_SIZE;
}

// The entries of functions that can be replaced.
static void place_plt(struct merger *m) {
  struct wa_merged *merged = m->merged;
  merged->plt = (uint32_t)merged->text.size;
  merged->got_functions = m->module->function_count;
  wa_bytes_append(&merged->text, NULL, (size_t)merged->got_functions * WA_PLT_ENTRY_SIZE);
}

static bool write_plt_entry(struct merger *m, uint32_t entry, uint32_t slot) {
  const struct wa_merge_machine *machine = m->machine;
  uint8_t *bytes = m->merged->text.data + entry;
  memcpy(bytes, machine->plt_entry, WA_PLT_ENTRY_SIZE);
  for (size_t i = 0; i < WA_PLT_RELOCS && machine->plt_relocs[i].type != 0; i++) {
    const struct wa_plt_reloc *reloc = &machine->plt_relocs[i];
    if (machine->relocate(bytes + reloc->at, reloc->type, slot, (uint64_t)reloc->addend,
                          (uint64_t)entry + reloc->origin) != WA_RELOCATED) {
      return unexpected_relocation(m, reloc->type);
    }
  }
  return true;
}

// Behind everything, because the loader writes to it and to nothing else of the text.
static bool add_got(struct merger *m) {
  struct wa_merged *merged = m->merged;
  uint32_t count = merged->got_functions + merged->libcall_count;
  if (count == 0) {
    return true;
  }
  merged->got = (uint32_t)wa_bytes_align(&merged->text, m->machine->text_alignment);
  wa_bytes_append(&merged->text, NULL, (size_t)count * GOT_ENTRY_SIZE);
  if (merged->text.failed || merged->text.size > INT32_MAX) {
    return wa_fail(m->err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "no memory for %zu bytes of code",
                   merged->text.size);
  }
  for (uint32_t i = 0; i < merged->got_functions; i++) {
    if (!write_plt_entry(m, wa_merged_entry(merged, i), merged->got + i * GOT_ENTRY_SIZE)) {
      return false;
    }
  }
  for (uint32_t i = 0; i < merged->libcall_count; i++) {
    struct wa_libcall_entry *libcall = &merged->libcalls[i];
    libcall->got = merged->got + (merged->got_functions + i) * GOT_ENTRY_SIZE;
    if (!write_plt_entry(m, libcall->plt, libcall->got)) {
      return false;
    }
  }
  return true;
}

// ---- The whole ----

static bool open_parts(struct merger *m, const struct wa_merge_input *inputs) {
  struct wa_merged *merged = m->merged;
  m->parts = wa_arena_alloc(&merged->arena, m->part_count, sizeof *m->parts);
  merged->parts = wa_arena_alloc(&merged->arena, m->part_count, sizeof *merged->parts);
  if (!m->parts || !merged->parts) {
    return wa_fail(m->err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  for (uint32_t i = 0; i < m->part_count; i++) {
    if (!open_part(m, &m->parts[i], &merged->parts[i], &inputs[i]) || !classify(m, &m->parts[i])) {
      return false;
    }
  }
  return true;
}

static bool init(struct merger *m) {
  struct wa_merged *merged = m->merged;
  const struct wa_module *module = m->module;
  size_t size = sizeof(struct wa_text_symbol);
  merged->functions = wa_arena_alloc(&merged->arena, module->function_count, size);
  merged->shims = wa_arena_alloc(&merged->arena, module->function_count, size);
  merged->wrappers = wa_arena_alloc(&merged->arena, module->function_count, size);
  merged->entries = wa_arena_alloc(&merged->arena, module->type_count, size);
  merged->exits = wa_arena_alloc(&merged->arena, module->type_count, size);
  merged->tables = wa_arena_alloc(&merged->arena, module->table_count, size);
  if (!merged->functions || !merged->shims || !merged->wrappers || !merged->entries ||
      !merged->exits || !merged->tables) {
    return wa_fail(m->err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  for (uint32_t i = 0; i < WA_LIBCALL_COUNT; i++) {
    merged->libcall_plt[i] = WA_NONE;
  }
  return true;
}

static bool has_room(struct merger *m) {
  const struct wa_merged *merged = m->merged;
  return (!merged->text.failed && !merged->eh_frame.failed && merged->text.size <= INT32_MAX) ||
         wa_fail(m->err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "no memory for %zu bytes of code",
                 merged->text.size);
}

static void place_code(struct merger *m) {
  place(m, TO_TEXT);
  wa_bytes_align(&m->merged->text, TEXT_ALIGNMENT);
  place(m, TO_CONSTANTS);
}

static void place_frames(struct merger *m) {
  place(m, TO_EH_FRAME);
  wa_bytes_append(&m->merged->eh_frame, NULL, 4);
}

static bool resolve(struct merger *m) {
  return define_all(m) && relocate_all(m) &&
         ((!m->merged->frame_relocs.failed && !m->merged->lsda_relocs.failed &&
           !m->merged->map.failed) ||
          wa_fail(m->err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory"));
}

static bool merge(struct merger *m, const struct wa_merge_input *inputs,
                  const struct wa_compile_options *options) {
  struct wa_merged *merged = m->merged;
  if (!init(m) || !open_parts(m, inputs)) {
    return false;
  }
  place_code(m);
  place_tables(m);
  wa_bytes_align(&merged->text, WA_PLT_ENTRY_SIZE);
  if (options->replaceable) {
    place_plt(m);
  }
  // Whoever comes later finds all of them here.
  for (uint32_t i = 0; options->lazy && i < WA_LIBCALL_COUNT; i++) {
    (void)add_libcall(m, i);
  }
  place_frames(m);
  if (!has_room(m) || !resolve(m)) {
    return false;
  }
  fill_tables(m);
  note_places(m);
  return add_got(m) && has_room(m);
}

bool wa_merge(struct wa_merged *merged, const struct wa_module *module,
              const struct wa_layout *layout, const struct wa_merge_machine *machine,
              const struct wa_merge_input *inputs, uint32_t input_count,
              const struct wa_compile_options *options, struct wa_error *err) {
  *merged = (struct wa_merged){.plt = WA_NONE, .got = WA_NONE};
  struct merger m = {.merged = merged,
                     .base = merged,
                     .machine = machine,
                     .module = module,
                     .layout = layout,
                     .part_count = input_count,
                     .err = err};
  wa_arena_init(&merged->arena, 0);
  bool done = merge(&m, inputs, options);
  if (!done) {
    wa_merged_deinit(merged);
  }
  return done;
}

static bool merge_later(struct merger *m, const struct wa_merge_input *inputs,
                        const struct wa_merge_place *where) {
  struct wa_merged *merged = m->merged;
  int64_t distance = 0;
  if (!open_parts(m, inputs)) {
    return false;
  }
  place_code(m);
  place_frames(m);
  if (!has_room(m) || !where->find(where->arg, merged->text.size, &distance, m->err)) {
    return false;
  }
  m->distance = (uint64_t)distance;
  return resolve(m);
}

bool wa_merge_later(struct wa_merged *merged, const struct wa_merged *base,
                    const struct wa_module *module, const struct wa_merge_machine *machine,
                    const struct wa_merge_input *inputs, uint32_t input_count,
                    const struct wa_merge_place *place, struct wa_error *err) {
  *merged = (struct wa_merged){.plt = WA_NONE, .got = WA_NONE};
  struct merger m = {.merged = merged,
                     .base = (struct wa_merged *)(uintptr_t)base, // which has all libcalls
                     .machine = machine,
                     .module = module,
                     .part_count = input_count,
                     .err = err};
  wa_arena_init(&merged->arena, 0);
  bool done = merge_later(&m, inputs, place);
  if (!done) {
    wa_merged_deinit(merged);
  }
  return done;
}

void wa_merged_deinit(struct wa_merged *merged) {
  for (uint32_t i = 0; i < merged->part_count; i++) {
    wa_elf_close(&merged->parts[i].object);
  }
  wa_bytes_deinit(&merged->text);
  wa_bytes_deinit(&merged->eh_frame);
  wa_bytes_deinit(&merged->frame_relocs);
  wa_bytes_deinit(&merged->lsda_relocs);
  wa_bytes_deinit(&merged->map);
  wa_arena_deinit(&merged->arena);
  *merged = (struct wa_merged){.plt = WA_NONE, .got = WA_NONE};
}
