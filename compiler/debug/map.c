#include "compiler/debug/map.h"

#include "compiler/dwarf/dwarf.h"
#include "compiler/dwarf/entries.h"
#include "compiler/dwarf/lines.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

struct mapper {
  struct wa_map *map;
  const struct wa_merged *merged;
  const struct wa_module *module;
  const struct wa_merge_machine *machine;
  struct wa_text_symbol *functions; // sorted by offset; `size` is the function's index
  uint32_t function_count;
  struct wa_bytes_buffer rows; // struct wa_line_row[] of the part at hand
};

// ---- Sections of a partition's object ----

// The psABIs agree: S + A, in 8 or 4 bytes. S counts from the merged text, or from the start of the
// symbol's section.
static bool relocate(const struct mapper *m, const struct wa_merged_part *part,
                     const struct wa_elf_section *relas, uint8_t *bytes, size_t size) {
  const Elf64_Rela *rows;
  size_t count = wa_elf_relocations(relas, &rows);
  for (size_t i = 0; i < count; i++) {
    const Elf64_Sym *symbol = wa_elf_symbol(&part->object, ELF64_R_SYM(rows[i].r_info));
    uint32_t type = (uint32_t)ELF64_R_TYPE(rows[i].r_info);
    size_t width = type == m->machine->abs64 ? 8 : type == m->machine->abs32 ? 4 : 0;
    if (symbol == NULL || width == 0 || rows[i].r_offset > size ||
        size - rows[i].r_offset < width) {
      return false;
    }
    uint64_t value = symbol->st_value + (uint64_t)rows[i].r_addend;
    if (wa_elf_section_of(&part->object, symbol) != NULL &&
        part->text_offsets[symbol->st_shndx] != WA_NONE) {
      value += part->text_offsets[symbol->st_shndx];
    }
    memcpy(bytes + rows[i].r_offset, &value, width); // hosts are little-endian
  }
  return true;
}

static const struct wa_elf_section *relocations_of(const struct wa_elf_object *object,
                                                   uint32_t section) {
  for (uint32_t i = 0; i < object->section_count; i++) {
    const Elf64_Shdr *header = object->sections[i].header;
    if (header->sh_type == SHT_RELA && header->sh_info == section) {
      return &object->sections[i];
    }
  }
  return NULL;
}

// A copy of each debug section, relocated.
static bool read_sections(const struct mapper *m, const struct wa_merged_part *part,
                          struct wa_dwarf *dwarf) {
  const struct wa_elf_object *object = &part->object;
  *dwarf = (struct wa_dwarf){0};
  for (uint32_t i = 0; i < object->section_count; i++) {
    const struct wa_elf_section *section = &object->sections[i];
    enum wa_dwarf_section id = wa_dwarf_section_by_name(section->name, strlen(section->name));
    if (id == WA_DWARF_SECTION_COUNT || section->header->sh_type == SHT_RELA ||
        section->bytes.size == 0) {
      continue;
    }
    uint8_t *copy = wa_arena_alloc(&m->map->arena, section->bytes.size, 1);
    if (!copy) {
      return false;
    }
    memcpy(copy, section->bytes.data, section->bytes.size);
    const struct wa_elf_section *relas = relocations_of(object, i);
    if (relas && !relocate(m, part, relas, copy, section->bytes.size)) {
      return false;
    }
    dwarf->sections[id] = (struct wa_bytes){copy, section->bytes.size};
  }
  return true;
}

// ---- What they say ----

// Line 0 is code of no instruction in particular.
static bool add_rows(struct mapper *m, const struct wa_dwarf *dwarf, uint64_t offset) {
  struct wa_line_table table;
  m->rows.size = 0;
  if (!wa_lines_read(dwarf, offset, &m->map->arena, &table, &m->rows)) {
    return false;
  }
  const struct wa_line_row *rows = (const struct wa_line_row *)m->rows.data;
  for (size_t i = 0; i < m->rows.size / sizeof *rows; i++) {
    bool known = rows[i].line > 0 && !(rows[i].flags & WA_LINE_END);
    struct wa_map_row row = {.text = rows[i].address, .wasm = known ? rows[i].line - 1 : WA_NONE};
    wa_bytes_append(&m->map->rows, &row, sizeof row);
  }
  return true;
}

static int by_offset(const void *a, const void *b) {
  const struct wa_text_symbol *x = a, *y = b;
  return (x->offset > y->offset) - (x->offset < y->offset);
}

static bool index_functions(struct mapper *m) {
  uint32_t count = m->module->function_count;
  m->functions = wa_arena_alloc(&m->map->arena, count, sizeof *m->functions);
  if (!m->functions) {
    return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (m->merged->functions[i].size) {
      m->functions[m->function_count++] =
          (struct wa_text_symbol){.offset = m->merged->functions[i].offset, .size = i};
    }
  }
  qsort(m->functions, m->function_count, sizeof *m->functions, by_offset);
  return true;
}

static uint32_t function_at(const struct mapper *m, uint64_t text) {
  struct wa_text_symbol key = {.offset = (uint32_t)text};
  const struct wa_text_symbol *found =
      bsearch(&key, m->functions, m->function_count, sizeof key, by_offset);
  return found ? found->size : WA_NONE;
}

static struct wa_bytes block(const struct wa_die *die, uint32_t name) {
  const struct wa_attr *attr = wa_die_attr(die, name);
  return attr && attr->kind == WA_ATTR_BLOCK ? attr->bytes : (struct wa_bytes){0};
}

static void add_variable(struct mapper *m, const struct wa_die_reader *dies,
                         const struct wa_die *die, uint32_t function) {
  const struct wa_text_symbol *symbol = &m->merged->functions[function];
  if (!wa_places_add(&m->map->places, &m->map->arena, dies, die, function, symbol->offset,
                     symbol->offset + symbol->size)) {
    m->map->frames[function].slot = block(die, DW_AT_location);
  }
}

// LLVM writes calls as GNU's extension of DWARF 4 has them.
static void add_return(struct mapper *m, const struct wa_die *die) {
  const struct wa_attr *pc = wa_die_attr(die, DW_AT_low_pc);
  if (!pc) {
    pc = wa_die_attr(die, DW_AT_call_return_pc);
  }
  if (pc && pc->kind == WA_ATTR_ADDRESS) {
    wa_places_add_return(&m->map->places, (uint32_t)pc->value);
  }
}

static void add_entries(struct mapper *m, struct wa_die_reader *dies) {
  struct wa_die die;
  uint32_t function = WA_NONE;
  while (wa_dies_next(dies, &die)) {
    const struct wa_attr *low_pc = wa_die_attr(&die, DW_AT_low_pc);
    if (die.tag == DW_TAG_subprogram) {
      function = low_pc ? function_at(m, low_pc->value) : WA_NONE;
      if (function != WA_NONE) {
        m->map->frames[function].frame_base = block(&die, DW_AT_frame_base);
      }
    } else if (die.tag == DW_TAG_variable && function != WA_NONE) {
      add_variable(m, dies, &die, function);
    } else if (die.tag == DW_TAG_GNU_call_site || die.tag == DW_TAG_call_site) {
      add_return(m, &die);
    }
  }
}

static bool read_part(struct mapper *m, const struct wa_merged_part *part) {
  struct wa_dwarf dwarf;
  if (!read_sections(m, part, &dwarf)) {
    return false;
  }
  struct wa_die_reader dies;
  struct wa_die die;
  bool malformed = false, ok = true;
  wa_dies_init(&dies, &dwarf);
  while (ok && wa_dies_next_unit(&dies, &malformed)) {
    ok = wa_dies_next(&dies, &die);
    const struct wa_attr *lines = ok ? wa_die_attr(&die, DW_AT_stmt_list) : NULL;
    if (lines) {
      ok = add_rows(m, &dwarf, lines->value);
    }
    add_entries(m, &dies);
    ok = ok && !dies.cursor.failed;
  }
  wa_dies_deinit(&dies);
  return ok && !malformed;
}

// ---- The whole ----

static int by_text(const void *a, const void *b) {
  const struct wa_map_row *x = a, *y = b;
  if (x->text != y->text) {
    return x->text < y->text ? -1 : 1;
  }
  return (x->wasm != WA_NONE) - (y->wasm != WA_NONE);
}

static bool is_sorted(const struct wa_map_row *rows, size_t count) {
  for (size_t i = 1; i < count; i++) {
    if (rows[i - 1].text > rows[i].text) {
      return false;
    }
  }
  return true;
}

bool wa_map_init(struct wa_map *map, const struct wa_merged *merged, const struct wa_module *module,
                 const struct wa_merge_machine *machine, struct wa_error *err) {
  *map = (struct wa_map){.machine = machine};
  wa_arena_init(&map->arena, 0);
  struct mapper m = {.map = map, .merged = merged, .module = module, .machine = machine};
  map->frames = wa_arena_alloc(&map->arena, module->function_count, sizeof *map->frames);
  bool ok = map->frames && index_functions(&m);
  for (uint32_t i = 0; ok && i < merged->part_count; i++) {
    ok = read_part(&m, &merged->parts[i]);
  }
  wa_bytes_deinit(&m.rows);
  if (!ok || map->rows.failed || !wa_places_settle(&map->places)) {
    wa_map_deinit(map);
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                   "LLVM's debug information for this target is not as expected");
  }
  size_t count = map->rows.size / sizeof(struct wa_map_row);
  if (!is_sorted((const struct wa_map_row *)map->rows.data, count)) {
    qsort(map->rows.data, count, sizeof(struct wa_map_row), by_text);
  }
  return true;
}

void wa_map_deinit(struct wa_map *map) {
  wa_bytes_deinit(&map->rows);
  wa_places_deinit(&map->places);
  wa_arena_deinit(&map->arena);
  *map = (struct wa_map){0};
}

size_t wa_map_find(const struct wa_map *map, uint32_t text) {
  const struct wa_map_row *rows = (const struct wa_map_row *)map->rows.data;
  size_t low = 0, high = map->rows.size / sizeof *rows;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (rows[middle].text < text) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
