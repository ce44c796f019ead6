#include "runtime/code/lines.h"

enum { MAX_PATH = 4096 };

static const struct wa_lines_row *rows_of(const struct wa_lines *lines) {
  return (const struct wa_lines_row *)(lines + 1);
}

static const struct wa_lines_file *files_of(const struct wa_lines *lines) {
  return (const struct wa_lines_file *)(rows_of(lines) + lines->row_count);
}

static const struct wa_lines_inline *inlined_of(const struct wa_lines *lines) {
  return (const struct wa_lines_inline *)(files_of(lines) + lines->file_count);
}

static const char *strings_of(const struct wa_lines *lines) {
  return (const char *)(inlined_of(lines) + lines->inline_count);
}

bool wa_lines_check(const struct wa_lines *lines, size_t size) {
  if (size < sizeof *lines) {
    return false;
  }
  uint64_t need = sizeof *lines + (uint64_t)lines->row_count * sizeof(struct wa_lines_row) +
                  (uint64_t)lines->file_count * sizeof(struct wa_lines_file) +
                  (uint64_t)lines->inline_count * sizeof(struct wa_lines_inline) +
                  lines->string_size;
  return need <= size;
}

uint32_t wa_lines_count(const struct wa_artifact *artifact) {
  return artifact->lines == NULL ? 0 : artifact->lines->row_count;
}

// Whether a part of the names is in them.
static bool is_name(const struct wa_lines *lines, uint32_t offset, uint32_t size) {
  return size <= MAX_PATH && (uint64_t)offset + size <= lines->string_size;
}

// Files and paths are checked here, where they are used: most never are. Once in the library, whose
// size has a limit.
__attribute__((noinline)) static bool find_place(const struct wa_lines *lines, uint32_t file,
                                                 uint32_t number, struct wa_source_line *line) {
  if (number == 0 || file >= lines->file_count) {
    return false;
  }
  const struct wa_lines_file *found = &files_of(lines)[file];
  if (!is_name(lines, found->path, found->path_size)) {
    return false;
  }
  *line = (struct wa_source_line){
      .path = strings_of(lines) + found->path, .path_size = found->path_size, .line = number};
  return true;
}

bool wa_lines_row(const struct wa_artifact *artifact, uint32_t index, uint32_t *text_offset,
                  struct wa_source_line *line) {
  const struct wa_lines_row *row = &rows_of(artifact->lines)[index];
  *text_offset = row->text_offset;
  return find_place(artifact->lines, row->file, row->line, line);
}

bool wa_lines_inlined(const struct wa_artifact *artifact, uint32_t text_offset, uint32_t *index,
                      struct wa_inlined *inlined) {
  const struct wa_lines *lines = artifact->lines;
  uint32_t count = lines == NULL ? 0 : lines->inline_count;
  for (uint32_t i = *index < count ? *index : count; i > 0; i--) {
    const struct wa_lines_inline *row = &inlined_of(lines)[i - 1];
    if (text_offset >= row->start && text_offset < row->end &&
        is_name(lines, row->name, row->name_size)) {
      *index = i - 1;
      *inlined = (struct wa_inlined){strings_of(lines) + row->name, row->name_size, {.path = ""}};
      (void)find_place(lines, row->file, row->line, &inlined->call);
      return true;
    }
  }
  return false;
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
