#include "compiler/source/sections.h"

#include "compiler/dwarf/cursor.h"

// Core spec 5.5.2: the decoder has seen that the sections are in order and in the file.
void wa_dwarf_find(struct wa_dwarf *dwarf, const struct wa_module *module, size_t *code_start) {
  enum { PREAMBLE = 8, CUSTOM = 0, CODE = 10 };
  *dwarf = (struct wa_dwarf){0};
  *code_start = 0;
  struct wa_cursor cursor = wa_cursor_at(module->bytes, PREAMBLE);
  while (!cursor.failed && wa_cursor_left(&cursor) > 0) {
    uint64_t kind = wa_cursor_fixed(&cursor, 1);
    uint64_t size = wa_cursor_uleb(&cursor);
    struct wa_cursor section = wa_cursor_take(&cursor, size);
    if (kind == CODE) {
      *code_start = (size_t)(section.at - module->bytes.data);
    }
    if (kind != CUSTOM) {
      continue;
    }
    uint64_t name_size = wa_cursor_uleb(&section);
    struct wa_cursor name = wa_cursor_take(&section, name_size);
    enum wa_dwarf_section id =
        wa_dwarf_section_by_name((const char *)name.at, wa_cursor_left(&name));
    if (!section.failed && id < WA_DWARF_SECTION_COUNT) {
      dwarf->sections[id] = (struct wa_bytes){section.at, wa_cursor_left(&section)};
    }
  }
}
