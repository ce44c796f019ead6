// Running line number programs (DWARF 5, chapter 6.2; versions 2 to 5).
#ifndef WA_COMPILER_DWARF_LINES_H
#define WA_COMPILER_DWARF_LINES_H

#include "compiler/base/arena.h"
#include "compiler/base/bytes.h"
#include "compiler/dwarf/cursor.h"
#include "compiler/dwarf/sections.h"

enum { WA_LINE_IS_STATEMENT = 1, WA_LINE_PROLOGUE_END = 2, WA_LINE_END = 4 };

struct wa_line_row {
  uint32_t address;
  uint32_t file, line;
  uint16_t column;
  uint16_t flags; // WA_LINE_*
};

struct wa_line_file {
  struct wa_bytes name;
  uint32_t directory;
};

// As version 5 counts: directory 0 is the compilation's, which is empty when an older version left
// it to the unit, and file 0 its primary source.
struct wa_line_table {
  struct wa_bytes *directories;
  struct wa_line_file *files;
  uint32_t directory_count, file_count;
};

// Reads the program at `offset`: appends its rows, struct wa_line_row[], in the program's order.
// Sequences whose addresses do not fit in 32 bits are left out. The table's arrays are the arena's.
// False when the program is malformed or memory is out.
bool wa_lines_read(const struct wa_dwarf *dwarf, uint64_t offset, struct wa_arena *arena,
                   struct wa_line_table *table, struct wa_bytes_buffer *rows);

#endif
