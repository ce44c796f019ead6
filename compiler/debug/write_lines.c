// Lines: a program of .debug_line per unit of the module, a sequence per function.
#include "compiler/debug/write.h"
#include "compiler/dwarf/dwarf.h"

enum { OPCODE_BASE = 13, LINE_BASE = -5, LINE_RANGE = 14 };
enum { SEARCH_LIMIT = 64 };

struct writer {
  struct wa_debug *debug;
  struct wa_bytes_buffer *out; // .debug_line
  uint32_t text, file, line, column;
  bool is_stmt;
};

// ---- .debug_line ----

static void begin_sequence(struct writer *w, uint32_t text) {
  wa_put(w->out, 0, 1);
  wa_put_uleb(w->out, 9);
  wa_put(w->out, DW_LNE_set_address, 1);
  wa_put_relocated(&w->debug->sections[WA_DEBUG_LINE], 8, WA_DEBUG_TEXT, text);
  w->text = text;
  w->file = w->line = 1;
  w->column = 0;
  w->is_stmt = true;
}

static void end_sequence(struct writer *w, uint32_t text) {
  wa_put(w->out, DW_LNS_advance_pc, 1);
  wa_put_uleb(w->out, text - w->text);
  wa_put(w->out, 0, 1);
  wa_put_uleb(w->out, 1);
  wa_put(w->out, DW_LNE_end_sequence, 1);
}

// 6.2.5.1: a special opcode advances both when they fit.
static void advance(struct writer *w, uint32_t text, uint32_t line) {
  int64_t lines = (int64_t)line - w->line;
  uint64_t bytes = text - w->text;
  w->text = text;
  w->line = line;
  if (lines < LINE_BASE || lines >= LINE_BASE + LINE_RANGE) {
    wa_put(w->out, DW_LNS_advance_line, 1);
    wa_put_sleb(w->out, lines);
    lines = 0;
  }
  uint64_t opcode = (uint64_t)(lines - LINE_BASE) + LINE_RANGE * bytes + OPCODE_BASE;
  if (bytes > 255 || opcode > 255) {
    wa_put(w->out, DW_LNS_advance_pc, 1);
    wa_put_uleb(w->out, bytes);
    opcode = (uint64_t)(lines - LINE_BASE) + OPCODE_BASE;
  }
  wa_put(w->out, opcode, 1);
}

// Where a line begins, what the rows before say of the same line holds too: the instruction that
// they belong to may have become part of this one.
static unsigned flags_of(const struct writer *w, const struct wa_source_row *row) {
  const struct wa_source_row *first = (const struct wa_source_row *)w->debug->source->rows.data;
  unsigned flags = row->flags;
  if (row->line == w->line && row->file == w->file) {
    return flags;
  }
  for (const struct wa_source_row *at = row; at > first && row - at < SEARCH_LIMIT; at--) {
    if (at[-1].line != row->line || at[-1].file != row->file || at[-1].flags & WA_LINE_END) {
      break;
    }
    flags |= at[-1].flags;
  }
  return flags;
}

static void add_row(struct writer *w, uint32_t text, const struct wa_source_row *row) {
  unsigned flags = flags_of(w, row);
  bool is_stmt = flags & WA_LINE_IS_STATEMENT;
  if (row->file != w->file) {
    wa_put(w->out, DW_LNS_set_file, 1);
    wa_put_uleb(w->out, row->file);
    w->file = row->file;
  }
  if (row->column != w->column) {
    wa_put(w->out, DW_LNS_set_column, 1);
    wa_put_uleb(w->out, row->column);
    w->column = row->column;
  }
  if (is_stmt != w->is_stmt) {
    wa_put(w->out, DW_LNS_negate_stmt, 1);
  }
  w->is_stmt = is_stmt;
  if (flags & WA_LINE_PROLOGUE_END) {
    wa_put(w->out, DW_LNS_set_prologue_end, 1);
  }
  advance(w, text, row->line);
}

// Code that comes from no instruction in particular goes with what precedes it, and so does what a
// linker that optimises took from another unit, whose files this program cannot name.
static void write_function(struct writer *w, uint32_t unit, const struct wa_text_symbol *function) {
  const struct wa_map *map = w->debug->map;
  const struct wa_map_row *rows = (const struct wa_map_row *)map->rows.data;
  size_t count = map->rows.size / sizeof *rows;
  const struct wa_source_row *last = NULL;
  begin_sequence(w, function->offset);
  for (size_t i = wa_map_find(map, function->offset);
       i < count && rows[i].text < function->offset + function->size; i++) {
    // Of several rows at one address the last one counts.
    if (rows[i].wasm == WA_NONE ||
        (i + 1 < count && rows[i + 1].text == rows[i].text && rows[i + 1].wasm != WA_NONE)) {
      continue;
    }
    const struct wa_source_row *row = wa_source_row(w->debug->source, rows[i].wasm);
    if (!row || row == last || row->unit != unit) {
      continue;
    }
    last = row;
    add_row(w, rows[i].text, row);
  }
  end_sequence(w, function->offset + function->size);
}

static void write_names(struct writer *w, const struct wa_source_unit *unit) {
  const struct wa_line_table *table = &unit->table;
  struct wa_bytes none = {0};
  wa_put(w->out, 1, 1);
  wa_put_uleb(w->out, DW_LNCT_path);
  wa_put_uleb(w->out, DW_FORM_string);
  wa_put_uleb(w->out, table->directory_count ? table->directory_count : 1);
  for (uint32_t i = 0; i < table->directory_count; i++) {
    wa_put_string(w->out, table->directories[i]);
  }
  if (table->directory_count == 0) {
    wa_put_string(w->out, none);
  }
  wa_put(w->out, 2, 1);
  wa_put_uleb(w->out, DW_LNCT_path);
  wa_put_uleb(w->out, DW_FORM_string);
  wa_put_uleb(w->out, DW_LNCT_directory_index);
  wa_put_uleb(w->out, DW_FORM_udata);
  wa_put_uleb(w->out, table->file_count);
  for (uint32_t i = 0; i < table->file_count; i++) {
    wa_put_string(w->out, table->files[i].name);
    wa_put_uleb(w->out, table->files[i].directory);
  }
}

static void write_header(struct writer *w, const struct wa_source_unit *unit) {
  static const uint8_t operand_counts[OPCODE_BASE - 1] = {0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1};
  wa_put(w->out, 5, 2); // version
  wa_put(w->out, 8, 1); // bytes of an address
  wa_put(w->out, 0, 1);
  size_t length = wa_bytes_append(w->out, NULL, 4);
  wa_put(w->out, 1, 1); // shortest instruction
  wa_put(w->out, 1, 1); // operations in one
  wa_put(w->out, 1, 1); // is_stmt
  wa_put(w->out, (uint8_t)LINE_BASE, 1);
  wa_put(w->out, LINE_RANGE, 1);
  wa_put(w->out, OPCODE_BASE, 1);
  wa_bytes_append(w->out, operand_counts, sizeof operand_counts);
  write_names(w, unit);
  wa_patch32(w->out, length, w->out->size - length - 4);
}

static void write_programs(struct writer *w) {
  struct wa_debug *debug = w->debug;
  for (uint32_t unit = 0; unit < wa_source_unit_count(debug->source); unit++) {
    size_t start = wa_bytes_append(w->out, NULL, 4);
    debug->line_programs[unit] = (uint32_t)start;
    write_header(w, wa_source_unit(debug->source, unit));
    for (uint32_t i = debug->first_functions[unit]; i != WA_NONE; i = debug->next_functions[i]) {
      write_function(w, unit, &debug->merged->functions[i]);
    }
    wa_patch32(w->out, start, w->out->size - start - 4);
  }
}

bool wa_debug_write_lines(struct wa_debug *debug) {
  struct writer w = {.debug = debug, .out = &debug->sections[WA_DEBUG_LINE].bytes};
  uint32_t units = wa_source_unit_count(debug->source);
  debug->line_programs = wa_arena_alloc(&debug->arena, units, sizeof *debug->line_programs);
  if (!debug->line_programs) {
    return false;
  }
  write_programs(&w);
  return true;
}
