#include "compiler/debug/places.h"

#include "compiler/dwarf/dwarf.h"
#include "compiler/dwarf/lists.h"
#include "runtime/abi.h"

#include <stdlib.h>

// ---- Names ----

static bool take_number(struct wa_cursor *cursor, uint32_t *number) {
  bool any = false;
  for (*number = 0; cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9';
       any = true) {
    *number = *number * 10 + (uint32_t)(*cursor->at++ - '0');
  }
  return any;
}

static bool read_name(struct wa_bytes name, struct wa_kept *kept) {
  if (name.size < 2) {
    return false;
  }
  struct wa_cursor cursor = wa_cursor_at(name, 0);
  kept->kind = (uint32_t)wa_cursor_fixed(&cursor, 1);
  if (!take_number(&cursor, &kept->index)) {
    return false;
  }
  if (kept->kind == WA_KEPT_OPERAND && wa_cursor_fixed(&cursor, 1) == '.' &&
      !take_number(&cursor, &kept->depth)) {
    return false;
  }
  kept->type = 'i';
  if (kept->kind != WA_KEPT_NUMBER && kept->kind != WA_KEPT_NOTHING) {
    kept->type = (char)wa_cursor_fixed(&cursor, 1);
  }
  return !cursor.failed && wa_cursor_left(&cursor) == 0;
}

// ---- Reading ----

static void add_place(struct wa_places *places, struct wa_kept *kept, uint64_t start, uint64_t end,
                      struct wa_bytes expression) {
  struct wa_place place = {(uint32_t)start, (uint32_t)end, expression};
  if (start >= end || end > UINT32_MAX || expression.size == 0) {
    return;
  }
  wa_bytes_append(&places->places, &place, sizeof place);
  kept->count++;
}

// What is the same everywhere has an attribute of its own.
static struct wa_bytes constant(struct wa_arena *arena, const struct wa_attr *attr) {
  enum { MOST = 12 };
  uint8_t *bytes = wa_arena_alloc(arena, MOST, 1);
  bool is_number = attr->kind == WA_ATTR_UNSIGNED || attr->kind == WA_ATTR_SIGNED;
  uint64_t value = attr->value;
  size_t size = 0;
  if (!bytes || !is_number) {
    return (struct wa_bytes){0};
  }
  bytes[size++] = DW_OP_constu;
  do {
    bytes[size++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>= 7;
  } while (value);
  bytes[size++] = DW_OP_stack_value;
  return (struct wa_bytes){bytes, size};
}

bool wa_places_add(struct wa_places *places, struct wa_arena *arena,
                   const struct wa_die_reader *dies, const struct wa_die *die, uint32_t function,
                   uint32_t start, uint32_t end) {
  struct wa_kept kept = {.function = function,
                         .first = (uint32_t)(places->places.size / sizeof(struct wa_place))};
  const struct wa_attr *location = wa_die_attr(die, DW_AT_location);
  const struct wa_attr *value = wa_die_attr(die, DW_AT_const_value);
  struct wa_list list;
  struct wa_list_entry entry;
  struct wa_bytes name = wa_die_string(die, DW_AT_name);
  if (name.size == 0) {
    return true; // of a load: see accesses.c
  }
  if (!read_name(name, &kept)) {
    return false;
  }
  if (location && location->kind == WA_ATTR_BLOCK) {
    add_place(places, &kept, start, end, location->bytes);
  } else if (location && wa_list_open_locations(&list, dies, location)) {
    while (wa_list_next(&list, &entry)) {
      add_place(places, &kept, entry.low, entry.high, entry.expression);
    }
  } else if (value) {
    add_place(places, &kept, start, end, constant(arena, value));
  }
  if (kept.count > 0 || kept.kind == WA_KEPT_NOTHING) {
    wa_bytes_append(&places->kept, &kept, sizeof kept);
  }
  return true;
}

void wa_places_add_return(struct wa_places *places, uint32_t text) {
  wa_bytes_append(&places->returns, &text, sizeof text);
}

// ---- Order ----

static int by_key(const void *a, const void *b) {
  const struct wa_kept *x = a, *y = b;
  if (x->function != y->function) {
    return x->function < y->function ? -1 : 1;
  }
  if (x->kind != y->kind) {
    return x->kind < y->kind ? -1 : 1;
  }
  if (x->index != y->index) {
    return x->index < y->index ? -1 : 1;
  }
  return (x->depth > y->depth) - (x->depth < y->depth);
}

static int by_start(const void *a, const void *b) {
  const struct wa_place *x = a, *y = b;
  return (x->start > y->start) - (x->start < y->start);
}

static int by_text(const void *a, const void *b) {
  const uint32_t *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

bool wa_places_settle(struct wa_places *places) {
  struct wa_kept *kept = (struct wa_kept *)places->kept.data;
  size_t count = places->kept.size / sizeof *kept;
  size_t returns = places->returns.size / sizeof(uint32_t);
  if (places->kept.failed || places->places.failed || places->returns.failed) {
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    qsort(places->places.data + kept[i].first * sizeof(struct wa_place), kept[i].count,
          sizeof(struct wa_place), by_start);
  }
  if (count > 0) {
    qsort(kept, count, sizeof *kept, by_key);
  }
  if (returns > 0) {
    qsort(places->returns.data, returns, sizeof(uint32_t), by_text);
  }
  return true;
}

void wa_places_deinit(struct wa_places *places) {
  wa_bytes_deinit(&places->kept);
  wa_bytes_deinit(&places->places);
  wa_bytes_deinit(&places->returns);
}

// ---- Looking up ----

const struct wa_kept *wa_places_find(const struct wa_places *places, uint32_t function,
                                     enum wa_kept_kind kind, uint32_t index, uint32_t depth) {
  struct wa_kept key = {.function = function, .kind = kind, .index = index, .depth = depth};
  return places->kept.size == 0
             ? NULL
             : bsearch(&key, places->kept.data, places->kept.size / sizeof key, sizeof key, by_key);
}

const struct wa_place *wa_place_from(const struct wa_places *places, const struct wa_kept *kept,
                                     uint32_t text) {
  const struct wa_place *rows = (const struct wa_place *)places->places.data + kept->first;
  uint32_t low = 0, high = kept->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (rows[middle].end <= text) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < kept->count ? &rows[low] : NULL;
}

uint32_t wa_return_behind(const struct wa_places *places, uint32_t text) {
  const uint32_t *rows = (const uint32_t *)places->returns.data;
  size_t low = 0, high = places->returns.size / sizeof *rows, count = high;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (rows[middle] <= text) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < count ? rows[low] : WA_NONE;
}
