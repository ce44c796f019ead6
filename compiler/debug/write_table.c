// The runtime's table of source lines, and of the calls that the module's compiler had inlined.
#include "compiler/debug/write.h"
#include "compiler/demangle/demangle.h"

#include "runtime/abi.h"

#include <string.h>

struct writer {
  struct wa_debug *debug;
  struct wa_bytes_buffer rows; // struct wa_lines_row[]
  struct wa_bytes_buffer files;
  struct wa_bytes_buffer inlined; // struct wa_lines_inline[]
  struct wa_bytes_buffer strings;
  uint32_t **file_numbers; // per unit and file: in `files`, plus 1
  uint32_t last_file, last_line;
};

// ---- Files ----

static bool is_absolute(struct wa_bytes path) {
  return path.size > 0 && path.data[0] == '/';
}

static void add_path(struct writer *w, struct wa_bytes part, bool slash) {
  wa_bytes_append(&w->strings, part.data, part.size);
  if (slash && part.size > 0) {
    wa_bytes_append(&w->strings, "/", 1);
  }
}

// As a compiler's messages name it: with its directory when that is not the compilation's own.
static uint32_t add_file(struct writer *w, const struct wa_line_table *table, uint32_t index) {
  const struct wa_line_file *file = &table->files[index];
  struct wa_lines_file row = {.path = (uint32_t)w->strings.size};
  if (!is_absolute(file->name) && file->directory > 0 && file->directory < table->directory_count) {
    add_path(w, table->directories[file->directory], true);
  }
  add_path(w, file->name, false);
  row.path_size = (uint32_t)w->strings.size - row.path;
  wa_bytes_append(&w->files, &row, sizeof row);
  return (uint32_t)(w->files.size / sizeof row);
}

static uint32_t file_number(struct writer *w, uint32_t unit, uint32_t file) {
  const struct wa_line_table *table = &wa_source_unit(w->debug->source, unit)->table;
  if (file >= table->file_count) {
    return WA_NONE;
  }
  uint32_t **numbers = &w->file_numbers[unit];
  if (!*numbers) {
    *numbers = wa_arena_alloc(&w->debug->arena, table->file_count, sizeof **numbers);
  }
  if (!*numbers) {
    return WA_NONE;
  }
  if (!(*numbers)[file]) {
    (*numbers)[file] = add_file(w, table, file);
  }
  return (*numbers)[file] - 1;
}

// ---- Lines ----

static void add_row(struct writer *w, uint32_t text, const struct wa_source_row *row) {
  struct wa_lines_row line = {.text_offset = text, .file = WA_NONE};
  if (row && row->line) {
    line.file = file_number(w, row->unit, row->file);
    line.line = row->line;
  }
  if (line.file == w->last_file && line.line == w->last_line) {
    return;
  }
  w->last_file = line.file;
  w->last_line = line.line;
  wa_bytes_append(&w->rows, &line, sizeof line);
}

// Every row of the map, whichever unit it belongs to; code without a source line is said to be so.
static void collect_rows(struct writer *w) {
  const struct wa_map *map = w->debug->map;
  const struct wa_map_row *rows = (const struct wa_map_row *)map->rows.data;
  size_t count = map->rows.size / sizeof *rows;
  for (size_t i = 0; i < count; i++) {
    bool last = i + 1 == count || rows[i + 1].text != rows[i].text;
    if (last && rows[i].wasm == WA_NONE && i + 1 < count) {
      continue;
    }
    if (last) {
      add_row(w, rows[i].text,
              rows[i].wasm == WA_NONE ? NULL : wa_source_row(w->debug->source, rows[i].wasm));
    }
  }
}

// ---- Inlined calls ----

// By entry, in whose order they are.
static struct wa_named *find_name(const struct wa_debug *debug, uint64_t entry) {
  struct wa_named *names = (struct wa_named *)debug->names.data;
  size_t low = 0, count = debug->names.size / sizeof *names, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (names[middle].entry < entry) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < count && names[low].entry == entry ? &names[low] : NULL;
}

// An inlined call leads to its function, and that may lead to its declaration.
static struct wa_named *follow(const struct wa_debug *debug, uint64_t entry) {
  enum { MOST = 4 };
  struct wa_named *found = find_name(debug, entry);
  for (int i = 0; found && found->name.size == 0 && i < MOST; i++) {
    found = find_name(debug, found->other);
  }
  return found && found->name.size > 0 ? found : NULL;
}

// Where the name is in the table, which has it once.
static uint32_t place_name(struct writer *w, struct wa_named *named) {
  char readable[WA_DEMANGLED_SIZE];
  if (!named->placed) {
    if (!w->debug->mangled && wa_demangle(named->name, readable)) {
      named->placed_size = (uint32_t)strlen(readable);
      named->place = (uint32_t)wa_bytes_append(&w->strings, readable, named->placed_size);
    } else {
      named->placed_size = (uint32_t)named->name.size;
      named->place = (uint32_t)wa_bytes_append(&w->strings, named->name.data, named->placed_size);
    }
    named->placed = true;
  }
  return named->place;
}

static void collect_inlined(struct writer *w) {
  const struct wa_inlined_call *calls = (const struct wa_inlined_call *)w->debug->inlined.data;
  size_t count = w->debug->inlined.size / sizeof *calls;
  for (size_t i = 0; i < count; i++) {
    struct wa_named *named = follow(w->debug, calls[i].origin);
    if (!named) {
      continue;
    }
    struct wa_lines_inline row = {.start = calls[i].text.start,
                                  .end = calls[i].text.end,
                                  .name = place_name(w, named),
                                  .file = file_number(w, calls[i].unit, calls[i].file),
                                  .line = calls[i].line};
    row.name_size = named->placed_size;
    wa_bytes_append(&w->inlined, &row, sizeof row);
  }
}

// ---- The table ----

static void write_table(struct writer *w) {
  struct wa_bytes_buffer *out = &w->debug->sections[WA_DEBUG_LINES].bytes;
  struct wa_bytes_buffer *parts[] = {&w->rows, &w->files, &w->inlined, &w->strings};
  struct wa_lines header = {
      .row_count = (uint32_t)(w->rows.size / sizeof(struct wa_lines_row)),
      .file_count = (uint32_t)(w->files.size / sizeof(struct wa_lines_file)),
      .string_size = (uint32_t)w->strings.size,
      .inline_count = (uint32_t)(w->inlined.size / sizeof(struct wa_lines_inline)),
  };
  wa_bytes_append(out, &header, sizeof header);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    wa_bytes_append(out, parts[i]->data, parts[i]->size);
    out->failed |= parts[i]->failed;
    wa_bytes_deinit(parts[i]);
  }
}

bool wa_debug_write_table(struct wa_debug *debug) {
  struct writer w = {.debug = debug, .last_file = WA_NONE};
  uint32_t units = wa_source_unit_count(debug->source);
  w.file_numbers = wa_arena_alloc(&debug->arena, units, sizeof *w.file_numbers);
  if (!w.file_numbers || debug->names.failed || debug->inlined.failed) {
    return false;
  }
  collect_rows(&w);
  collect_inlined(&w);
  write_table(&w);
  return true;
}
