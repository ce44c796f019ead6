#include "compiler/source/source.h"

#include "compiler/source/sections.h"

#include "compiler/dwarf/dwarf.h"

#include <stdlib.h>

struct scan {
  struct wa_source *source;
  struct wa_die_reader dies;
  struct wa_bytes_buffer rows; // struct wa_line_row[] of the program at hand
  uint64_t line_budget;
  struct wa_variable_scan variables;
};

// ---- Looking up ----

// Functions lie in the code section in the order of their indexes.
uint32_t wa_source_function(const struct wa_source *source, uint64_t address) {
  const struct wa_module *module = source->module;
  uint64_t position = source->code_start + address;
  uint32_t low = module->imported_functions, high = module->function_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (module->functions[middle].end_offset <= position) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  bool inside = address <= UINT32_MAX && low < module->function_count &&
                position >= module->functions[low].body_offset;
  return inside ? low : WA_NONE;
}

const struct wa_source_row *wa_source_row(const struct wa_source *source, uint32_t address) {
  const struct wa_source_row *rows = (const struct wa_source_row *)source->rows.data;
  size_t low = 0, high = source->rows.size / sizeof *rows;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (rows[middle].address <= address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low == 0 || rows[low - 1].flags & WA_LINE_END ? NULL : &rows[low - 1];
}

// ---- Lines ----

// The linker leaves sequences of functions that it dropped, at addresses where no function is.
static void keep_sequences(struct scan *scan, uint32_t unit) {
  const struct wa_line_row *rows = (const struct wa_line_row *)scan->rows.data;
  size_t count = scan->rows.size / sizeof *rows;
  bool starts = true, kept = false;
  for (size_t i = 0; i < count; i++) {
    if (starts) {
      kept = wa_source_function(scan->source, rows[i].address) != WA_NONE;
    }
    starts = rows[i].flags & WA_LINE_END;
    struct wa_source_row row = {
        .address = rows[i].address,
        .unit = unit,
        .file = rows[i].file,
        .line = rows[i].line,
        .column = rows[i].column,
        .flags = rows[i].flags,
        .order = (uint32_t)(scan->source->rows.size / sizeof row),
    };
    if (kept) {
      wa_bytes_append(&scan->source->rows, &row, sizeof row);
    }
  }
}

static bool read_lines(struct scan *scan, struct wa_source_unit *unit, uint64_t offset) {
  struct wa_source *source = scan->source;
  struct wa_cursor program = wa_cursor_at(source->dwarf.sections[WA_DWARF_LINE], offset);
  uint64_t length = wa_cursor_length(&program);
  // Units may share a program, but none reads them over and over.
  if (program.failed || length > scan->line_budget) {
    return false;
  }
  scan->line_budget -= length;
  scan->rows.size = 0;
  if (!wa_lines_read(&source->dwarf, offset, &source->arena, &unit->table, &scan->rows)) {
    return false;
  }
  if (unit->table.directory_count > 0 && unit->table.directories[0].size == 0) {
    unit->table.directories[0] = unit->directory;
  }
  keep_sequences(scan, wa_source_unit_count(source));
  return true;
}

// The end of a sequence comes before what begins where it ends. Otherwise the last row of an
// address counts, and rows are numbered as they came.
static int by_address(const void *a, const void *b) {
  const struct wa_source_row *x = a, *y = b;
  if (x->address != y->address) {
    return x->address < y->address ? -1 : 1;
  }
  int x_end = x->flags & WA_LINE_END ? 0 : 1, y_end = y->flags & WA_LINE_END ? 0 : 1;
  if (x_end != y_end) {
    return x_end - y_end;
  }
  return (x->order > y->order) - (x->order < y->order);
}

static void sort_rows(struct wa_source *source) {
  size_t count = source->rows.size / sizeof(struct wa_source_row);
  if (count > 0) {
    qsort(source->rows.data, count, sizeof(struct wa_source_row), by_address);
  }
}

// ---- Entries ----

static bool read_unit_entry(struct scan *scan, const struct wa_die *die) {
  struct wa_source_unit unit = {
      .offset = scan->dies.offset,
      .name = wa_die_string(die, DW_AT_name),
      .directory = wa_die_string(die, DW_AT_comp_dir),
  };
  const struct wa_attr *lines = wa_die_attr(die, DW_AT_stmt_list);
  bool has_lines =
      lines && (lines->kind == WA_ATTR_OFFSET || lines->kind == WA_ATTR_UNSIGNED); // DWARF 3
  if (has_lines && !read_lines(scan, &unit, lines->value)) {
    return false;
  }
  wa_bytes_append(&scan->source->units, &unit, sizeof unit);
  return !scan->source->units.failed && !scan->source->rows.failed;
}

// DW_OP_WASM_location with a local, DW_OP_stack_value: what clang and rustc write.
static uint32_t frame_local(const struct wa_attr *attr) {
  enum { LOCAL = 0 };
  if (attr->kind != WA_ATTR_BLOCK || attr->bytes.size == 0) {
    return WA_NONE;
  }
  struct wa_cursor cursor = wa_cursor_at(attr->bytes, 0);
  uint64_t operation = wa_cursor_fixed(&cursor, 1), kind = wa_cursor_fixed(&cursor, 1);
  uint64_t index = wa_cursor_uleb(&cursor);
  bool is_local = !cursor.failed && operation == DW_OP_WASM_location && kind == LOCAL;
  return is_local && index < WA_NONE ? (uint32_t)index : WA_NONE;
}

static void read_subprogram(struct scan *scan, const struct wa_die *die) {
  const struct wa_attr *low_pc = wa_die_attr(die, DW_AT_low_pc);
  const struct wa_attr *frame_base = wa_die_attr(die, DW_AT_frame_base);
  if (!low_pc || !frame_base || low_pc->kind != WA_ATTR_ADDRESS) {
    return;
  }
  uint32_t function = wa_source_function(scan->source, low_pc->value);
  if (function != WA_NONE) {
    scan->source->frame_locals[function] = frame_local(frame_base);
  }
}

static bool read_units(struct scan *scan) {
  bool malformed;
  struct wa_die die;
  while (wa_dies_next_unit(&scan->dies, &malformed)) {
    if (!wa_dies_next(&scan->dies, &die) || !read_unit_entry(scan, &die)) {
      return false;
    }
    wa_variable_scan_unit(&scan->variables);
    wa_types_unit(&scan->source->types, &die);
    while (wa_dies_next(&scan->dies, &die)) {
      if (die.tag == DW_TAG_subprogram) {
        read_subprogram(scan, &die);
      }
      wa_variable_scan_entry(&scan->variables, &scan->dies, &die);
      wa_types_entry(&scan->source->types, &die, scan->dies.address_size);
    }
    if (scan->dies.cursor.failed) {
      return false;
    }
  }
  return !malformed;
}

bool wa_source_init(struct wa_source *source, const struct wa_module *module,
                    struct wa_error *err) {
  *source = (struct wa_source){.module = module};
  wa_arena_init(&source->arena, 0);
  wa_dwarf_find(&source->dwarf, module, &source->code_start);
  if (source->dwarf.sections[WA_DWARF_INFO].size == 0) {
    return wa_fail(err, WA_ERROR_INVALID, WA_NO_OFFSET,
                   "no debug information in the module; build it with -g");
  }
  source->frame_locals =
      wa_arena_alloc(&source->arena, module->function_count, sizeof *source->frame_locals);
  for (uint32_t i = 0; source->frame_locals && i < module->function_count; i++) {
    source->frame_locals[i] = WA_NONE;
  }
  struct scan scan = {.source = source};
  scan.line_budget = 4 * (uint64_t)source->dwarf.sections[WA_DWARF_LINE].size;
  wa_dies_init(&scan.dies, &source->dwarf);
  bool read =
      source->frame_locals && wa_variable_scan_init(&scan.variables, source) && read_units(&scan);
  uint64_t where = scan.dies.offset;
  wa_variable_scan_deinit(&scan.variables);
  wa_dies_deinit(&scan.dies);
  wa_bytes_deinit(&scan.rows);
  if (!read) {
    wa_source_deinit(source);
    return wa_fail(err, WA_ERROR_MALFORMED, WA_NO_OFFSET,
                   "the module's debug information is malformed at .debug_info+0x%llx; going on "
                   "without",
                   (unsigned long long)where);
  }
  sort_rows(source);
  wa_types_settle(&source->types, &source->variables);
  return true;
}

void wa_source_deinit(struct wa_source *source) {
  wa_bytes_deinit(&source->units);
  wa_bytes_deinit(&source->rows);
  wa_variables_deinit(&source->variables);
  wa_types_deinit(&source->types);
  wa_arena_deinit(&source->arena);
  *source = (struct wa_source){0};
}
