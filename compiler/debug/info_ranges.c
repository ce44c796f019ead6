// Ranges of code: from a module's (DWARF 5, chapter 2.17) to native ones.
#include "compiler/debug/info.h"
#include "compiler/dwarf/dwarf.h"
#include "compiler/dwarf/lists.h"

#include <stdlib.h>

// ---- The function at hand ----

static int by_wasm(const void *a, const void *b) {
  const struct wa_code_piece *x = a, *y = b;
  if (x->wasm != y->wasm) {
    return x->wasm < y->wasm ? -1 : 1;
  }
  return (x->text.start > y->text.start) - (x->text.start < y->text.start);
}

// Code of no instruction in particular goes with what precedes it.
void wa_info_enter_function(struct wa_info *info, uint32_t function) {
  info->function = function;
  info->pieces.size = 0;
  if (function == WA_NONE) {
    return;
  }
  const struct wa_map *map = info->debug->map;
  const struct wa_map_row *rows = (const struct wa_map_row *)map->rows.data;
  size_t count = map->rows.size / sizeof *rows;
  const struct wa_text_symbol *symbol = &info->debug->merged->functions[function];
  uint32_t end = symbol->offset + symbol->size;
  struct wa_code_piece piece = {.wasm = WA_NONE};
  for (size_t i = wa_map_find(map, symbol->offset); i < count && rows[i].text < end; i++) {
    if (rows[i].wasm == WA_NONE || info->range_budget == 0) {
      continue;
    }
    info->range_budget--;
    piece.text.end = rows[i].text;
    if (piece.wasm != WA_NONE && piece.text.end > piece.text.start) {
      wa_bytes_append(&info->pieces, &piece, sizeof piece);
    }
    piece = (struct wa_code_piece){.wasm = rows[i].wasm, .text = {rows[i].text, end}};
  }
  if (piece.wasm != WA_NONE && piece.text.end > piece.text.start) {
    wa_bytes_append(&info->pieces, &piece, sizeof piece);
  }
  if (info->pieces.size > 0) {
    qsort(info->pieces.data, info->pieces.size / sizeof piece, sizeof piece, by_wasm);
  }
}

static void add_native(struct wa_info *info, uint64_t low, uint64_t high) {
  const struct wa_code_piece *pieces = (const struct wa_code_piece *)info->pieces.data;
  size_t first = 0, end = info->pieces.size / sizeof *pieces, count = end;
  while (first < end) {
    size_t middle = first + (end - first) / 2;
    if (pieces[middle].wasm < low) {
      first = middle + 1;
    } else {
      end = middle;
    }
  }
  // Blocks may nest as deep as they like, but not make this take forever.
  for (; first < count && pieces[first].wasm < high && info->range_budget > 0; first++) {
    info->range_budget--;
    wa_bytes_append(&info->ranges, &pieces[first].text, sizeof pieces[first].text);
  }
}

static int by_start(const void *a, const void *b) {
  const struct wa_text_range *x = a, *y = b;
  return (x->start > y->start) - (x->start < y->start);
}

static void join_adjacent(struct wa_bytes_buffer *buffer) {
  struct wa_text_range *ranges = (struct wa_text_range *)buffer->data;
  size_t count = buffer->size / sizeof *ranges, used = 0;
  if (count == 0) {
    return;
  }
  qsort(ranges, count, sizeof *ranges, by_start);
  for (size_t i = 1; i < count; i++) {
    if (ranges[i].start > ranges[used].end) {
      ranges[++used] = ranges[i];
    } else if (ranges[i].end > ranges[used].end) {
      ranges[used].end = ranges[i].end;
    }
  }
  buffer->size = (used + 1) * sizeof *ranges;
}

static void read_list(struct wa_info *info, struct wa_list *list) {
  struct wa_list_entry entry;
  for (; info->range_budget > 0 && wa_list_next(list, &entry); info->range_budget--) {
    add_native(info, entry.low, entry.high);
  }
}

// ---- Writing ----

void wa_info_begin_lists(struct wa_bytes_buffer *out) {
  wa_put(out, 0, 4); // length
  wa_put(out, 5, 2); // version
  wa_put(out, 8, 1); // bytes of an address
  wa_put(out, 0, 1);
  wa_put(out, 0, 4); // no table of offsets
}

void wa_info_end_lists(struct wa_bytes_buffer *out) {
  wa_patch32(out, 0, out->size - 4);
}

// Every unit begins at the text, so the lists need no base of their own.
uint64_t wa_info_write_ranges(struct wa_info *info, const struct wa_bytes_buffer *ranges) {
  struct wa_bytes_buffer *out = &info->debug->sections[WA_DEBUG_RNGLISTS].bytes;
  const struct wa_text_range *rows = (const struct wa_text_range *)ranges->data;
  uint64_t offset = out->size;
  for (size_t i = 0; i < ranges->size / sizeof *rows; i++) {
    wa_put(out, DW_RLE_offset_pair, 1);
    wa_put_uleb(out, rows[i].start);
    wa_put_uleb(out, rows[i].end);
  }
  wa_put(out, DW_RLE_end_of_list, 1);
  return offset;
}

static uint64_t unsigned_of(const struct wa_die *die, uint32_t name) {
  const struct wa_attr *attr = wa_die_attr(die, name);
  bool is_number = attr && (attr->kind == WA_ATTR_UNSIGNED || attr->kind == WA_ATTR_SIGNED);
  return is_number ? attr->value : 0;
}

// For the runtime's table: `ranges` are the entry's.
static void note_inlined(struct wa_info *info, const struct wa_die *die) {
  const struct wa_attr *origin = wa_die_attr(die, DW_AT_abstract_origin);
  const struct wa_text_range *rows = (const struct wa_text_range *)info->ranges.data;
  uint64_t line = unsigned_of(die, DW_AT_call_line), file = unsigned_of(die, DW_AT_call_file);
  if (!origin || origin->kind != WA_ATTR_REFERENCE || line > UINT32_MAX || file > UINT32_MAX) {
    return;
  }
  for (size_t i = 0; i < info->ranges.size / sizeof *rows; i++) {
    struct wa_inlined_call call = {.text = rows[i],
                                   .origin = origin->value,
                                   .unit = info->unit,
                                   .file = (uint32_t)file,
                                   .line = (uint32_t)line};
    wa_bytes_append(&info->debug->inlined, &call, sizeof call);
  }
}

void wa_info_block_ranges(struct wa_info *info, const struct wa_die *die) {
  const struct wa_attr *ranges = wa_die_attr(die, DW_AT_ranges);
  const struct wa_attr *low = wa_die_attr(die, DW_AT_low_pc);
  const struct wa_attr *high = wa_die_attr(die, DW_AT_high_pc);
  struct wa_list list;
  info->ranges.size = 0;
  if (info->function == WA_NONE) {
    return;
  }
  if (ranges && wa_list_open_ranges(&list, &info->dies, ranges)) {
    read_list(info, &list);
  } else if (low && high && low->kind == WA_ATTR_ADDRESS) {
    add_native(info, low->value,
               high->kind == WA_ATTR_ADDRESS ? high->value : low->value + high->value);
  }
  if (info->ranges.failed || info->ranges.size == 0) {
    return;
  }
  join_adjacent(&info->ranges);
  if (die->tag == DW_TAG_inlined_subroutine) {
    note_inlined(info, die);
  }
  const struct wa_text_range *rows = (const struct wa_text_range *)info->ranges.data;
  if (info->ranges.size > sizeof *rows) {
    wa_info_relocated(info, DW_AT_ranges, WA_DEBUG_RNGLISTS,
                      wa_info_write_ranges(info, &info->ranges));
    return;
  }
  wa_info_relocated(info, DW_AT_low_pc, WA_DEBUG_TEXT, rows->start);
  wa_info_unsigned(info, DW_AT_high_pc, rows->end - rows->start);
}
