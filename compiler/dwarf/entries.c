#include "compiler/dwarf/entries.h"

#include "compiler/dwarf/dwarf.h"

#include <string.h>

void wa_dies_init(struct wa_die_reader *reader, const struct wa_dwarf *dwarf) {
  *reader = (struct wa_die_reader){.dwarf = dwarf, .abbrev_offset = UINT64_MAX};
  // Units share tables, but none reads them over and over.
  reader->abbrev_budget = 4 * (uint64_t)dwarf->sections[WA_DWARF_ABBREV].size;
}

void wa_dies_deinit(struct wa_die_reader *reader) {
  wa_bytes_deinit(&reader->abbrevs);
  wa_bytes_deinit(&reader->specs);
}

// ---- Abbreviations ----

static bool read_specs(struct wa_die_reader *reader, struct wa_cursor *cursor,
                       struct wa_abbrev *abbrev) {
  abbrev->first = (uint32_t)(reader->specs.size / sizeof(struct wa_abbrev_spec));
  while (!cursor->failed) {
    struct wa_abbrev_spec spec = {.name = (uint32_t)wa_cursor_uleb(cursor)};
    spec.form = (uint32_t)wa_cursor_uleb(cursor);
    if (spec.form == DW_FORM_implicit_const) {
      spec.constant = wa_cursor_sleb(cursor);
    }
    if (spec.name == 0 && spec.form == 0) {
      break;
    }
    if (++abbrev->count > WA_DIE_ATTRIBUTES) {
      return false;
    }
    wa_bytes_append(&reader->specs, &spec, sizeof spec);
  }
  return !cursor->failed;
}

// Codes that do not count up from 1 are allowed, but nobody writes them.
static bool read_abbrevs(struct wa_die_reader *reader, uint64_t offset) {
  if (offset == reader->abbrev_offset) {
    return true;
  }
  reader->abbrevs.size = reader->specs.size = 0;
  reader->abbrev_offset = offset;
  struct wa_cursor cursor = wa_cursor_at(reader->dwarf->sections[WA_DWARF_ABBREV], offset);
  const uint8_t *start = cursor.at;
  for (uint64_t expected = 1;; expected++) {
    uint64_t code = wa_cursor_uleb(&cursor);
    if (cursor.failed || code == 0) {
      break;
    }
    struct wa_abbrev abbrev = {.tag = (uint32_t)wa_cursor_uleb(&cursor)};
    abbrev.has_children = wa_cursor_fixed(&cursor, 1) != 0;
    if (code != expected || abbrev.tag == 0 || !read_specs(reader, &cursor, &abbrev)) {
      return false;
    }
    wa_bytes_append(&reader->abbrevs, &abbrev, sizeof abbrev);
  }
  uint64_t used = cursor.failed ? 0 : (uint64_t)(cursor.at - start);
  if (cursor.failed || reader->abbrevs.failed || reader->specs.failed ||
      used > reader->abbrev_budget) {
    return false;
  }
  reader->abbrev_budget -= used;
  return true;
}

// ---- Values ----

uint64_t wa_dies_address(const struct wa_die_reader *reader, uint64_t index) {
  struct wa_bytes section = reader->dwarf->sections[WA_DWARF_ADDR];
  uint64_t offset = reader->addr_base;
  if (index > section.size || offset > section.size) {
    return WA_NO_ADDRESS;
  }
  struct wa_cursor cursor = wa_cursor_at(section, offset + index * reader->address_size);
  uint64_t address = wa_cursor_fixed(&cursor, reader->address_size);
  return cursor.failed ? WA_NO_ADDRESS : address;
}

// Offset `index` of a table whose base the unit names, plus `base`.
static uint64_t offset_from(struct wa_bytes section, uint64_t base, uint64_t index) {
  if (index > section.size || base > section.size) {
    return UINT64_MAX;
  }
  struct wa_cursor cursor = wa_cursor_at(section, base + index * 4);
  uint64_t offset = wa_cursor_fixed(&cursor, 4);
  return cursor.failed ? UINT64_MAX : offset;
}

// A string elsewhere; one that is not there is empty.
static struct wa_bytes string_at(struct wa_bytes section, uint64_t offset) {
  struct wa_cursor cursor = wa_cursor_at(section, offset);
  return wa_cursor_string(&cursor);
}

static void set(struct wa_attr *attr, enum wa_attr_class kind, uint64_t value) {
  attr->kind = kind;
  attr->value = value;
}

static void set_string(struct wa_die_reader *reader, struct wa_attr *attr,
                       enum wa_dwarf_section section, uint64_t offset) {
  attr->kind = WA_ATTR_STRING;
  attr->bytes = string_at(reader->dwarf->sections[section], offset);
}

static void set_block(struct wa_cursor *cursor, struct wa_attr *attr, uint64_t size) {
  struct wa_cursor block = wa_cursor_take(cursor, size);
  attr->kind = WA_ATTR_BLOCK;
  attr->bytes = (struct wa_bytes){block.at, wa_cursor_left(&block)};
}

static void set_indexed_string(struct wa_die_reader *reader, struct wa_attr *attr, uint64_t index) {
  const struct wa_bytes *sections = reader->dwarf->sections;
  set_string(reader, attr, WA_DWARF_STR,
             offset_from(sections[WA_DWARF_STR_OFFSETS], reader->str_offsets_base, index));
}

static void set_list(struct wa_attr *attr, enum wa_attr_class kind, struct wa_bytes section,
                     uint64_t base, uint64_t index) {
  uint64_t offset = offset_from(section, base, index);
  set(attr, kind, offset == UINT64_MAX ? offset : base + offset);
}

// References within a unit count from its header.
static void set_reference(struct wa_die_reader *reader, struct wa_attr *attr, uint64_t offset) {
  set(attr, WA_ATTR_REFERENCE, offset < reader->end ? reader->offset + offset : UINT64_MAX);
}

static bool read_rare(struct wa_die_reader *reader, uint32_t form, struct wa_attr *attr) {
  struct wa_cursor *cursor = &reader->cursor;
  const struct wa_bytes *sections = reader->dwarf->sections;
  switch (form) {
  case DW_FORM_loclistx:
    set_list(attr, WA_ATTR_LOCATIONS, sections[WA_DWARF_LOCLISTS], reader->loclists_base,
             wa_cursor_uleb(cursor));
    return true;
  case DW_FORM_rnglistx:
    set_list(attr, WA_ATTR_RANGES, sections[WA_DWARF_RNGLISTS], reader->rnglists_base,
             wa_cursor_uleb(cursor));
    return true;
  case DW_FORM_ref_sig8:
    set(attr, WA_ATTR_SIGNATURE, wa_cursor_fixed(cursor, 8));
    return true;
  case DW_FORM_ref_addr:
    set(attr, WA_ATTR_REFERENCE,
        wa_cursor_fixed(cursor, reader->version < 3 ? reader->address_size : 4));
    return true;
  case DW_FORM_data16:
    set_block(cursor, attr, 16);
    return true;
  case DW_FORM_block:
  case DW_FORM_exprloc:
    set_block(cursor, attr, wa_cursor_uleb(cursor));
    return true;
  case DW_FORM_block1:
    set_block(cursor, attr, wa_cursor_fixed(cursor, 1));
    return true;
  case DW_FORM_block2:
    set_block(cursor, attr, wa_cursor_fixed(cursor, 2));
    return true;
  case DW_FORM_block4:
    set_block(cursor, attr, wa_cursor_fixed(cursor, 4));
    return true;
  default:
    return false;
  }
}

// Sizes of what takes a fixed number of bytes and is an index or an offset.
static unsigned fixed_size(uint32_t form) {
  switch (form) {
  case DW_FORM_data1:
  case DW_FORM_ref1:
  case DW_FORM_flag:
  case DW_FORM_strx1:
  case DW_FORM_addrx1:
    return 1;
  case DW_FORM_data2:
  case DW_FORM_ref2:
  case DW_FORM_strx2:
  case DW_FORM_addrx2:
    return 2;
  case DW_FORM_strx3:
  case DW_FORM_addrx3:
    return 3;
  case DW_FORM_data8:
  case DW_FORM_ref8:
    return 8;
  default:
    return 4;
  }
}

static bool read_value(struct wa_die_reader *reader, uint32_t form, int64_t constant,
                       struct wa_attr *attr) {
  struct wa_cursor *cursor = &reader->cursor;
  switch (form) {
  case DW_FORM_addr:
    set(attr, WA_ATTR_ADDRESS, wa_cursor_fixed(cursor, reader->address_size));
    return true;
  case DW_FORM_addrx:
    set(attr, WA_ATTR_ADDRESS, wa_dies_address(reader, wa_cursor_uleb(cursor)));
    return true;
  case DW_FORM_addrx1:
  case DW_FORM_addrx2:
  case DW_FORM_addrx3:
  case DW_FORM_addrx4:
    set(attr, WA_ATTR_ADDRESS, wa_dies_address(reader, wa_cursor_fixed(cursor, fixed_size(form))));
    return true;
  case DW_FORM_data1:
  case DW_FORM_data2:
  case DW_FORM_data4:
  case DW_FORM_data8:
    set(attr, WA_ATTR_UNSIGNED, wa_cursor_fixed(cursor, fixed_size(form)));
    return true;
  case DW_FORM_udata:
    set(attr, WA_ATTR_UNSIGNED, wa_cursor_uleb(cursor));
    return true;
  case DW_FORM_sdata:
    set(attr, WA_ATTR_SIGNED, (uint64_t)wa_cursor_sleb(cursor));
    return true;
  case DW_FORM_implicit_const:
    set(attr, WA_ATTR_SIGNED, (uint64_t)constant);
    return true;
  case DW_FORM_flag:
    set(attr, WA_ATTR_FLAG, wa_cursor_fixed(cursor, 1) != 0);
    return true;
  case DW_FORM_flag_present:
    set(attr, WA_ATTR_FLAG, 1);
    return true;
  case DW_FORM_sec_offset:
    set(attr, WA_ATTR_OFFSET, wa_cursor_fixed(cursor, 4));
    return true;
  case DW_FORM_ref1:
  case DW_FORM_ref2:
  case DW_FORM_ref4:
  case DW_FORM_ref8:
    set_reference(reader, attr, wa_cursor_fixed(cursor, fixed_size(form)));
    return true;
  case DW_FORM_ref_udata:
    set_reference(reader, attr, wa_cursor_uleb(cursor));
    return true;
  case DW_FORM_string:
    attr->kind = WA_ATTR_STRING;
    attr->bytes = wa_cursor_string(cursor);
    return true;
  case DW_FORM_strp:
    set_string(reader, attr, WA_DWARF_STR, wa_cursor_fixed(cursor, 4));
    return true;
  case DW_FORM_line_strp:
    set_string(reader, attr, WA_DWARF_LINE_STR, wa_cursor_fixed(cursor, 4));
    return true;
  case DW_FORM_strx:
    set_indexed_string(reader, attr, wa_cursor_uleb(cursor));
    return true;
  case DW_FORM_strx1:
  case DW_FORM_strx2:
  case DW_FORM_strx3:
  case DW_FORM_strx4:
    set_indexed_string(reader, attr, wa_cursor_fixed(cursor, fixed_size(form)));
    return true;
  default:
    return read_rare(reader, form, attr);
  }
}

// ---- Entries ----

bool wa_dies_next(struct wa_die_reader *reader, struct wa_die *die) {
  struct wa_cursor *cursor = &reader->cursor;
  die->attr_count = 0;
  die->tag = 0;
  die->has_children = false;
  if (cursor->failed || wa_cursor_left(cursor) == 0) {
    return false;
  }
  die->offset = (uint64_t)(cursor->at - reader->dwarf->sections[WA_DWARF_INFO].data);
  uint64_t code = wa_cursor_uleb(cursor);
  if (code == 0) {
    return !cursor->failed;
  }
  if (code > reader->abbrevs.size / sizeof(struct wa_abbrev)) {
    cursor->failed = true;
    return false;
  }
  const struct wa_abbrev *abbrev = &((const struct wa_abbrev *)reader->abbrevs.data)[code - 1];
  const struct wa_abbrev_spec *specs = (const struct wa_abbrev_spec *)reader->specs.data;
  die->tag = abbrev->tag;
  die->has_children = abbrev->has_children;
  for (uint32_t i = 0; i < abbrev->count; i++) {
    const struct wa_abbrev_spec *spec = &specs[abbrev->first + i];
    struct wa_attr *attr = &die->attrs[die->attr_count++];
    *attr = (struct wa_attr){.name = spec->name};
    uint32_t form = spec->form;
    if (form == DW_FORM_indirect) {
      form = (uint32_t)wa_cursor_uleb(cursor);
    }
    if (!read_value(reader, form, spec->constant, attr) || cursor->failed) {
      cursor->failed = true;
      return false;
    }
  }
  return true;
}

const struct wa_attr *wa_die_attr(const struct wa_die *die, uint32_t name) {
  for (uint32_t i = 0; i < die->attr_count; i++) {
    if (die->attrs[i].name == name) {
      return &die->attrs[i];
    }
  }
  return NULL;
}

struct wa_bytes wa_die_string(const struct wa_die *die, uint32_t name) {
  const struct wa_attr *attr = wa_die_attr(die, name);
  return attr && attr->kind == WA_ATTR_STRING ? attr->bytes : (struct wa_bytes){0};
}

// ---- Units ----

// 7.5.1: before version 5 the fields were in another order.
static bool read_header(struct wa_die_reader *reader) {
  struct wa_cursor *cursor = &reader->cursor;
  reader->version = (uint32_t)wa_cursor_fixed(cursor, 2);
  if (reader->version < 3 || reader->version > 5) {
    return false;
  }
  reader->unit_type = DW_UT_compile;
  if (reader->version == 5) {
    reader->unit_type = (uint32_t)wa_cursor_fixed(cursor, 1);
    reader->address_size = (uint32_t)wa_cursor_fixed(cursor, 1);
  }
  uint64_t abbrevs = wa_cursor_fixed(cursor, 4);
  if (reader->version < 5) {
    reader->address_size = (uint32_t)wa_cursor_fixed(cursor, 1);
  }
  if (cursor->failed || (reader->address_size != 4 && reader->address_size != 8)) {
    return false;
  }
  if (reader->unit_type != DW_UT_compile && reader->unit_type != DW_UT_partial) {
    return true; // its header goes on, and nobody reads it
  }
  return read_abbrevs(reader, abbrevs);
}

static void take_base(const struct wa_die *die, uint32_t name, uint64_t *base) {
  const struct wa_attr *attr = wa_die_attr(die, name);
  if (attr && attr->kind == WA_ATTR_OFFSET) {
    *base = attr->value;
  }
}

// The unit's own entry says where its tables begin, and may use them itself.
static void read_bases(struct wa_die_reader *reader) {
  struct wa_cursor start = reader->cursor;
  struct wa_die die;
  reader->str_offsets_base = 8;
  reader->addr_base = 8;
  reader->rnglists_base = reader->loclists_base = 12;
  for (int pass = 0; pass < 2; pass++) {
    reader->cursor = start;
    if (!wa_dies_next(reader, &die)) {
      break;
    }
    take_base(&die, DW_AT_str_offsets_base, &reader->str_offsets_base);
    take_base(&die, DW_AT_addr_base, &reader->addr_base);
    take_base(&die, DW_AT_rnglists_base, &reader->rnglists_base);
    take_base(&die, DW_AT_loclists_base, &reader->loclists_base);
    const struct wa_attr *low_pc = wa_die_attr(&die, DW_AT_low_pc);
    reader->low_pc = low_pc && low_pc->kind == WA_ATTR_ADDRESS ? low_pc->value : 0;
  }
  reader->cursor = start;
}

static struct wa_cursor take_unit(struct wa_cursor *all) {
  uint64_t length = wa_cursor_length(all);
  return wa_cursor_take(all, length);
}

bool wa_dies_next_unit(struct wa_die_reader *reader, bool *malformed) {
  struct wa_bytes section = reader->dwarf->sections[WA_DWARF_INFO];
  *malformed = false;
  for (;;) {
    struct wa_cursor all = wa_cursor_at(section, reader->end);
    if (all.failed || wa_cursor_left(&all) == 0) {
      return false;
    }
    reader->offset = reader->end;
    reader->cursor = take_unit(&all);
    *malformed = all.failed;
    if (all.failed) {
      return false;
    }
    reader->end = (uint64_t)(all.at - section.data);
    *malformed = !read_header(reader);
    if (*malformed) {
      return false;
    }
    if (reader->unit_type != DW_UT_compile && reader->unit_type != DW_UT_partial) {
      continue; // types and skeletons: nothing refers to them but by signature
    }
    read_bases(reader);
    return true;
  }
}
