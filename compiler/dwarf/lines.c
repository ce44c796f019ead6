#include "compiler/dwarf/lines.h"

#include "compiler/dwarf/dwarf.h"

#include <string.h>

struct program {
  const struct wa_dwarf *dwarf;
  struct wa_cursor cursor;
  struct wa_arena *arena;
  struct wa_line_table *table;
  struct wa_bytes_buffer *rows;
  unsigned version, min_length, line_range, opcode_base;
  int line_base;
  bool default_is_stmt;
  uint8_t operand_counts[256];
  // The registers of the state machine.
  uint64_t address;
  uint32_t file, line, column;
  bool is_stmt, prologue_end;
  size_t sequence; // bytes of rows before the sequence began
  bool left_out;
};

// ---- Tables of names ----

static bool grow(struct program *p, void **array, uint32_t count, size_t size) {
  if (count & (count - 1)) { // room for the next power of two
    return true;
  }
  void *larger = wa_arena_alloc(p->arena, count ? (size_t)count * 2 : 1, size);
  if (!larger) {
    return false;
  }
  if (count) {
    memcpy(larger, *array, count * size);
  }
  *array = larger;
  return true;
}

static bool add_directory(struct program *p, struct wa_bytes name) {
  struct wa_line_table *table = p->table;
  void *array = table->directories;
  if (!grow(p, &array, table->directory_count, sizeof name)) {
    return false;
  }
  table->directories = array;
  table->directories[table->directory_count++] = name;
  return true;
}

static bool add_file(struct program *p, struct wa_bytes name, uint64_t directory) {
  struct wa_line_table *table = p->table;
  void *array = table->files;
  if (!grow(p, &array, table->file_count, sizeof *table->files)) {
    return false;
  }
  table->files = array;
  table->files[table->file_count++] =
      (struct wa_line_file){.name = name, .directory = (uint32_t)directory};
  return true;
}

// Versions 2 to 4: lists that end in an empty name, counted from 1.
static bool read_old_tables(struct program *p) {
  struct wa_cursor *cursor = &p->cursor;
  struct wa_bytes name;
  if (!add_directory(p, (struct wa_bytes){0}) || !add_file(p, (struct wa_bytes){0}, 0)) {
    return false;
  }
  while ((name = wa_cursor_string(cursor)).size) {
    if (!add_directory(p, name)) {
      return false;
    }
  }
  while ((name = wa_cursor_string(cursor)).size) {
    uint64_t directory = wa_cursor_uleb(cursor);
    wa_cursor_uleb(cursor); // time
    wa_cursor_uleb(cursor); // size
    if (!add_file(p, name, directory)) {
      return false;
    }
  }
  if (p->table->file_count > 1) {
    p->table->files[0] = p->table->files[1];
  }
  return !cursor->failed;
}

static struct wa_bytes string_at(struct program *p, enum wa_dwarf_section section) {
  uint64_t offset = wa_cursor_fixed(&p->cursor, 4);
  struct wa_cursor cursor = wa_cursor_at(p->dwarf->sections[section], offset);
  return wa_cursor_string(&cursor);
}

// A field of an entry of version 5's tables.
static bool read_field(struct program *p, uint64_t form, struct wa_bytes *string,
                       uint64_t *number) {
  struct wa_cursor *cursor = &p->cursor;
  switch (form) {
  case DW_FORM_string:
    *string = wa_cursor_string(cursor);
    return true;
  case DW_FORM_line_strp:
    *string = string_at(p, WA_DWARF_LINE_STR);
    return true;
  case DW_FORM_strp:
    *string = string_at(p, WA_DWARF_STR);
    return true;
  case DW_FORM_udata:
    *number = wa_cursor_uleb(cursor);
    return true;
  case DW_FORM_data1:
    *number = wa_cursor_fixed(cursor, 1);
    return true;
  case DW_FORM_data2:
    *number = wa_cursor_fixed(cursor, 2);
    return true;
  case DW_FORM_data4:
    *number = wa_cursor_fixed(cursor, 4);
    return true;
  case DW_FORM_data8:
    *number = wa_cursor_fixed(cursor, 8);
    return true;
  case DW_FORM_data16:
    wa_cursor_skip(cursor, 16);
    return true;
  case DW_FORM_block:
    *number = wa_cursor_uleb(cursor);
    wa_cursor_skip(cursor, *number);
    return true;
  default:
    return false;
  }
}

enum { MAX_FIELDS = 16 };

static bool read_new_table(struct program *p, bool files) {
  struct wa_cursor *cursor = &p->cursor;
  uint64_t fields[MAX_FIELDS][2];
  uint64_t field_count = wa_cursor_fixed(cursor, 1);
  if (field_count > MAX_FIELDS) {
    return false;
  }
  for (uint64_t i = 0; i < field_count; i++) {
    fields[i][0] = wa_cursor_uleb(cursor);
    fields[i][1] = wa_cursor_uleb(cursor);
  }
  uint64_t count = wa_cursor_uleb(cursor);
  if (field_count == 0) {
    return count == 0;
  }
  for (uint64_t i = 0; i < count; i++) {
    const uint8_t *before = cursor->at;
    struct wa_bytes name = {0};
    uint64_t directory = 0;
    for (uint64_t j = 0; j < field_count; j++) {
      struct wa_bytes string = {0};
      uint64_t number = 0;
      if (!read_field(p, fields[j][1], &string, &number)) {
        return false;
      }
      if (fields[j][0] == DW_LNCT_path) {
        name = string;
      } else if (fields[j][0] == DW_LNCT_directory_index) {
        directory = number;
      }
    }
    // An entry takes at least a byte, so that the count is bounded by the section.
    if (cursor->failed || cursor->at == before) {
      return false;
    }
    if (files ? !add_file(p, name, directory) : !add_directory(p, name)) {
      return false;
    }
  }
  return true;
}

// ---- Header ----

static bool read_header(struct program *p) {
  struct wa_cursor *cursor = &p->cursor;
  p->version = (unsigned)wa_cursor_fixed(cursor, 2);
  if (p->version < 2 || p->version > 5) {
    return false;
  }
  if (p->version == 5) {
    wa_cursor_skip(cursor, 2); // sizes of addresses and of segment selectors
  }
  uint64_t header_length = wa_cursor_fixed(cursor, 4);
  struct wa_cursor after = *cursor;
  wa_cursor_skip(&after, header_length);
  p->min_length = (unsigned)wa_cursor_fixed(cursor, 1);
  if (p->version >= 4) {
    wa_cursor_skip(cursor, 1); // operations per instruction, of VLIW machines
  }
  p->default_is_stmt = wa_cursor_fixed(cursor, 1) != 0;
  p->line_base = (int)((wa_cursor_fixed(cursor, 1) ^ 0x80)) - 0x80; // one byte with a sign
  p->line_range = (unsigned)wa_cursor_fixed(cursor, 1);
  p->opcode_base = (unsigned)wa_cursor_fixed(cursor, 1);
  for (unsigned i = 1; i < p->opcode_base; i++) {
    p->operand_counts[i] = (uint8_t)wa_cursor_fixed(cursor, 1);
  }
  if (cursor->failed || after.failed || p->line_range == 0 || p->opcode_base == 0) {
    return false;
  }
  bool read =
      p->version == 5 ? read_new_table(p, false) && read_new_table(p, true) : read_old_tables(p);
  if (!read || cursor->failed) {
    return false;
  }
  *cursor = after;
  return true;
}

// ---- The state machine ----

static void reset(struct program *p) {
  p->address = 0;
  p->file = 1;
  p->line = 1;
  p->column = 0;
  p->is_stmt = p->default_is_stmt;
  p->prologue_end = false;
  p->left_out = false;
  p->sequence = p->rows->size;
}

static void add_row(struct program *p, uint32_t flags) {
  flags |= p->is_stmt ? WA_LINE_IS_STATEMENT : 0;
  flags |= p->prologue_end ? WA_LINE_PROLOGUE_END : 0;
  struct wa_line_row row = {.address = (uint32_t)p->address,
                            .file = p->file,
                            .line = p->line,
                            .column = p->column < UINT16_MAX ? (uint16_t)p->column : UINT16_MAX,
                            .flags = (uint16_t)flags};
  p->left_out |= p->address > UINT32_MAX;
  wa_bytes_append(p->rows, &row, sizeof row);
  p->prologue_end = false;
}

static void end_sequence(struct program *p) {
  add_row(p, WA_LINE_END);
  if (p->left_out && !p->rows->failed) {
    p->rows->size = p->sequence;
  }
  reset(p);
}

static void run_extended(struct program *p) {
  uint64_t size = wa_cursor_uleb(&p->cursor);
  struct wa_cursor operation = wa_cursor_take(&p->cursor, size);
  switch (wa_cursor_fixed(&operation, 1)) {
  case DW_LNE_end_sequence:
    end_sequence(p);
    break;
  case DW_LNE_set_address:
    if (wa_cursor_left(&operation) <= 8) {
      p->address = wa_cursor_fixed(&operation, (unsigned)wa_cursor_left(&operation));
    }
    break;
  default:
    break;
  }
}

static void run_standard(struct program *p, unsigned opcode) {
  struct wa_cursor *cursor = &p->cursor;
  switch (opcode) {
  case DW_LNS_copy:
    add_row(p, 0);
    break;
  case DW_LNS_advance_pc:
    p->address += wa_cursor_uleb(cursor) * p->min_length;
    break;
  case DW_LNS_advance_line:
    p->line += (uint32_t)wa_cursor_sleb(cursor);
    break;
  case DW_LNS_set_file:
    p->file = (uint32_t)wa_cursor_uleb(cursor);
    break;
  case DW_LNS_set_column:
    p->column = (uint32_t)wa_cursor_uleb(cursor);
    break;
  case DW_LNS_negate_stmt:
    p->is_stmt = !p->is_stmt;
    break;
  case DW_LNS_const_add_pc:
    p->address += (uint64_t)((255 - p->opcode_base) / p->line_range) * p->min_length;
    break;
  case DW_LNS_fixed_advance_pc:
    p->address += wa_cursor_fixed(cursor, 2);
    break;
  case DW_LNS_set_prologue_end:
    p->prologue_end = true;
    break;
  default:
    for (unsigned i = 0; i < p->operand_counts[opcode]; i++) {
      wa_cursor_uleb(cursor);
    }
  }
}

static void run(struct program *p) {
  reset(p);
  while (!p->cursor.failed && wa_cursor_left(&p->cursor) > 0) {
    unsigned opcode = (unsigned)wa_cursor_fixed(&p->cursor, 1);
    if (opcode == 0) {
      run_extended(p);
    } else if (opcode < p->opcode_base) {
      run_standard(p, opcode);
    } else {
      unsigned special = opcode - p->opcode_base;
      p->address += (uint64_t)(special / p->line_range) * p->min_length;
      p->line += (uint32_t)(p->line_base + (int)(special % p->line_range));
      add_row(p, 0);
    }
  }
  if (!p->rows->failed) {
    p->rows->size = p->sequence; // of a sequence without an end
  }
}

bool wa_lines_read(const struct wa_dwarf *dwarf, uint64_t offset, struct wa_arena *arena,
                   struct wa_line_table *table, struct wa_bytes_buffer *rows) {
  struct wa_cursor all = wa_cursor_at(dwarf->sections[WA_DWARF_LINE], offset);
  uint64_t length = wa_cursor_length(&all);
  *table = (struct wa_line_table){0};
  struct program program = {.dwarf = dwarf,
                            .cursor = wa_cursor_take(&all, length),
                            .arena = arena,
                            .table = table,
                            .rows = rows};
  if (program.cursor.failed || !read_header(&program)) {
    return false;
  }
  run(&program);
  return !program.cursor.failed && !rows->failed;
}
