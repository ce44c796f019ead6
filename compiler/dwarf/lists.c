#include "compiler/dwarf/lists.h"

#include "compiler/dwarf/dwarf.h"

static bool open_list(struct wa_list *list, const struct wa_die_reader *dies, uint64_t offset,
                      enum wa_dwarf_section section, bool has_locations) {
  *list = (struct wa_list){.dies = dies, .base = dies->low_pc, .has_locations = has_locations};
  list->cursor = wa_cursor_at(dies->dwarf->sections[section], offset);
  return true;
}

// DWARF 3 had no form of its own for offsets.
static bool is_offset(const struct wa_die_reader *dies, const struct wa_attr *attr) {
  return attr->kind == WA_ATTR_OFFSET || (dies->version == 3 && attr->kind == WA_ATTR_UNSIGNED);
}

bool wa_list_open_ranges(struct wa_list *list, const struct wa_die_reader *dies,
                         const struct wa_attr *attr) {
  return (is_offset(dies, attr) || attr->kind == WA_ATTR_RANGES) &&
         open_list(list, dies, attr->value, dies->version < 5 ? WA_DWARF_RANGES : WA_DWARF_RNGLISTS,
                   false);
}

bool wa_list_open_locations(struct wa_list *list, const struct wa_die_reader *dies,
                            const struct wa_attr *attr) {
  return (is_offset(dies, attr) || attr->kind == WA_ATTR_LOCATIONS) &&
         open_list(list, dies, attr->value, dies->version < 5 ? WA_DWARF_LOC : WA_DWARF_LOCLISTS,
                   true);
}

static void take_expression(struct wa_list *list, uint64_t size, struct wa_list_entry *entry) {
  struct wa_cursor block = wa_cursor_take(&list->cursor, size);
  entry->expression = (struct wa_bytes){block.at, wa_cursor_left(&block)};
}

static bool next_old(struct wa_list *list, struct wa_list_entry *entry) {
  unsigned size = list->dies->address_size;
  uint64_t highest = size == 8 ? UINT64_MAX : UINT32_MAX;
  uint64_t low = wa_cursor_fixed(&list->cursor, size);
  uint64_t high = wa_cursor_fixed(&list->cursor, size);
  *entry = (struct wa_list_entry){0};
  if (list->cursor.failed || (low == 0 && high == 0)) {
    return false;
  }
  if (low == highest) {
    list->base = high;
    return true;
  }
  *entry = (struct wa_list_entry){.low = list->base + low, .high = list->base + high};
  if (list->has_locations) {
    take_expression(list, wa_cursor_fixed(&list->cursor, 2), entry);
  }
  return !list->cursor.failed;
}

// The kinds of both lists have the same numbers, but that one for a default location is between
// those of locations.
static uint64_t read_kind(struct wa_list *list) {
  uint64_t kind = wa_cursor_fixed(&list->cursor, 1);
  if (!list->has_locations || kind < DW_LLE_default_location) {
    return kind;
  }
  return kind == DW_LLE_default_location ? DW_RLE_end_of_list : kind - 1;
}

static bool next_new(struct wa_list *list, struct wa_list_entry *entry) {
  const struct wa_die_reader *dies = list->dies;
  struct wa_cursor *cursor = &list->cursor;
  *entry = (struct wa_list_entry){0};
  switch (read_kind(list)) {
  case DW_RLE_base_addressx:
    list->base = wa_dies_address(dies, wa_cursor_uleb(cursor));
    return !cursor->failed;
  case DW_RLE_base_address:
    list->base = wa_cursor_fixed(cursor, dies->address_size);
    return !cursor->failed;
  case DW_RLE_startx_endx:
    entry->low = wa_dies_address(dies, wa_cursor_uleb(cursor));
    entry->high = wa_dies_address(dies, wa_cursor_uleb(cursor));
    break;
  case DW_RLE_startx_length:
    entry->low = wa_dies_address(dies, wa_cursor_uleb(cursor));
    entry->high = entry->low + wa_cursor_uleb(cursor);
    break;
  case DW_RLE_offset_pair:
    entry->low = list->base + wa_cursor_uleb(cursor);
    entry->high = list->base + wa_cursor_uleb(cursor);
    break;
  case DW_RLE_start_end:
    entry->low = wa_cursor_fixed(cursor, dies->address_size);
    entry->high = wa_cursor_fixed(cursor, dies->address_size);
    break;
  case DW_RLE_start_length:
    entry->low = wa_cursor_fixed(cursor, dies->address_size);
    entry->high = entry->low + wa_cursor_uleb(cursor);
    break;
  default:
    return false;
  }
  if (list->has_locations) {
    take_expression(list, wa_cursor_uleb(cursor), entry);
  }
  return !cursor->failed;
}

bool wa_list_next(struct wa_list *list, struct wa_list_entry *entry) {
  return list->dies->version < 5 ? next_old(list, entry) : next_new(list, entry);
}
