#include "runtime/code/lines.h"

enum { MAX_PATH = 4096 };

static const struct wa_lines_row *rows_of(const struct wa_lines *lines) {
  return (const struct wa_lines_row *)(lines + 1);
}

bool wa_lines_check(const struct wa_lines *lines, size_t size) {
  if (size < sizeof *lines) {
    return false;
  }
  uint64_t need = sizeof *lines + (uint64_t)lines->row_count * sizeof(struct wa_lines_row) +
                  (uint64_t)lines->file_count * sizeof(struct wa_lines_file) + lines->string_size;
  return need <= size;
}

uint32_t wa_lines_count(const struct wa_artifact *artifact) {
  return artifact->lines == NULL ? 0 : artifact->lines->row_count;
}

// Files and paths are checked here, where they are used: most never are.
bool wa_lines_row(const struct wa_artifact *artifact, uint32_t index, uint32_t *text_offset,
                  struct wa_source_line *line) {
  const struct wa_lines *lines = artifact->lines;
  const struct wa_lines_row *row = &rows_of(lines)[index];
  const struct wa_lines_file *files =
      (const struct wa_lines_file *)(rows_of(lines) + lines->row_count);
  const char *strings = (const char *)(files + lines->file_count);
  *text_offset = row->text_offset;
  if (row->line == 0 || row->file >= lines->file_count) {
    return false;
  }
  const struct wa_lines_file *file = &files[row->file];
  if (file->path_size > MAX_PATH || file->path > lines->string_size ||
      file->path_size > lines->string_size - file->path) {
    return false;
  }
  *line = (struct wa_source_line){
      .path = strings + file->path, .path_size = file->path_size, .line = row->line};
  return true;
}

uint32_t wa_lines_behind(const struct wa_artifact *artifact, uint32_t text_offset) {
  uint32_t low = 0;
  uint32_t high = wa_lines_count(artifact);
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (rows_of(artifact->lines)[middle].text_offset <= text_offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

bool wa_lines_find(const struct wa_artifact *artifact, uint32_t text_offset,
                   struct wa_source_line *line) {
  uint32_t behind = wa_lines_behind(artifact, text_offset);
  uint32_t start;
  return behind != 0 && wa_lines_row(artifact, behind - 1, &start, line);
}
