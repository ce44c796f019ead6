#include "compiler/debug/info.h"

#include "compiler/dwarf/dwarf.h"

#include <stdlib.h>
#include <string.h>

struct known_abbrev {
  uint32_t code;   // 0: free
  uint32_t offset; // of the tag in .debug_abbrev
  uint32_t size;
};

struct known_die {
  uint64_t old;
  uint64_t new;
};

struct fixup {
  uint64_t old;
  uint32_t at;
  uint32_t unit_start;
  uint32_t reloc; // of a reference to another unit: which one, or WA_NONE
  bool native;    // prefers the host's pointer type
};

// ---- Abbreviations ----

enum { CODE_ROOM = 5 }; // bytes for an abbreviation's code, which is known last

static uint32_t hash(const uint8_t *bytes, size_t size) {
  uint32_t value = 2166136261u; // FNV-1a
  for (size_t i = 0; i < size; i++) {
    value = (value ^ bytes[i]) * 16777619u;
  }
  return value;
}

static struct known_abbrev *slot_of(const struct wa_info *info, const uint8_t *spec, size_t size) {
  struct known_abbrev *table = (struct known_abbrev *)info->abbrevs.data;
  const struct wa_bytes_buffer *section = &info->debug->sections[WA_DEBUG_ABBREV].bytes;
  size_t mask = info->abbrevs.size / sizeof *table - 1;
  for (size_t i = hash(spec, size) & mask;; i = (i + 1) & mask) {
    struct known_abbrev *slot = &table[i];
    if (slot->code == 0 ||
        (slot->size == size && memcmp(section->data + slot->offset, spec, size) == 0)) {
      return slot;
    }
  }
}

// At most half full.
static bool grow_table(struct wa_info *info) {
  size_t count = info->abbrevs.size / sizeof(struct known_abbrev);
  if (info->abbrev_count < count / 2) {
    return true;
  }
  struct wa_bytes_buffer old = info->abbrevs;
  info->abbrevs = (struct wa_bytes_buffer){0};
  wa_bytes_append(&info->abbrevs, NULL, (count ? 2 * count : 256) * sizeof(struct known_abbrev));
  const struct known_abbrev *rows = (const struct known_abbrev *)old.data;
  const struct wa_bytes_buffer *section = &info->debug->sections[WA_DEBUG_ABBREV].bytes;
  for (size_t i = 0; i < count && !info->abbrevs.failed; i++) {
    if (rows[i].code) {
      *slot_of(info, section->data + rows[i].offset, rows[i].size) = rows[i];
    }
  }
  wa_bytes_deinit(&old);
  return !info->abbrevs.failed;
}

static uint32_t abbrev_code(struct wa_info *info) {
  struct wa_bytes_buffer *section = &info->debug->sections[WA_DEBUG_ABBREV].bytes;
  if (section->failed || info->spec.failed || !grow_table(info)) {
    section->failed = true;
    return 0;
  }
  struct known_abbrev *slot = slot_of(info, info->spec.data, info->spec.size);
  if (slot->code) {
    return slot->code;
  }
  wa_put_uleb(section, ++info->abbrev_count);
  slot->code = info->abbrev_count;
  slot->size = (uint32_t)info->spec.size;
  slot->offset = (uint32_t)wa_bytes_append(section, info->spec.data, info->spec.size);
  wa_put(section, 0, 2);
  return slot->code;
}

// ---- Entries ----

void wa_info_begin(struct wa_info *info, uint32_t tag, bool has_children) {
  info->spec.size = 0;
  wa_put_uleb(&info->spec, tag);
  wa_put(&info->spec, has_children, 1);
  info->entry = wa_bytes_append(&info->out->bytes, NULL, CODE_ROOM);
  info->entry_relocs = info->out->relocs.size / sizeof(struct wa_debug_reloc);
  info->entry_fixups = info->fixups.size / sizeof(struct fixup);
}

// Moves the attributes down to the code, and with them what refers to their places.
static void close_gap(struct wa_info *info, uint32_t gap) {
  struct wa_bytes_buffer *out = &info->out->bytes;
  struct wa_debug_reloc *relocs = (struct wa_debug_reloc *)info->out->relocs.data;
  struct fixup *fixups = (struct fixup *)info->fixups.data;
  uint8_t *values = out->data + info->entry + CODE_ROOM;
  memmove(values - gap, values, out->size - info->entry - CODE_ROOM);
  out->size -= gap;
  for (size_t i = info->entry_relocs; i < info->out->relocs.size / sizeof *relocs; i++) {
    relocs[i].offset -= gap;
  }
  for (size_t i = info->entry_fixups; i < info->fixups.size / sizeof *fixups; i++) {
    fixups[i].at -= gap;
  }
}

// Readers expect the shortest form of a code.
void wa_info_end(struct wa_info *info) {
  uint32_t code = abbrev_code(info), size = 0;
  if (info->out->bytes.failed || info->out->relocs.failed || info->fixups.failed) {
    return;
  }
  uint8_t *at = info->out->bytes.data + info->entry;
  do {
    at[size++] = (uint8_t)((code & 0x7f) | (code > 0x7f ? 0x80 : 0));
    code >>= 7;
  } while (code);
  close_gap(info, CODE_ROOM - size);
}

void wa_info_end_children(struct wa_info *info) {
  wa_put(&info->out->bytes, 0, 1);
}

static void begin_attribute(struct wa_info *info, uint32_t name, uint32_t form) {
  wa_put_uleb(&info->spec, name);
  wa_put_uleb(&info->spec, form);
}

void wa_info_unsigned(struct wa_info *info, uint32_t name, uint64_t value) {
  begin_attribute(info, name, DW_FORM_udata);
  wa_put_uleb(&info->out->bytes, value);
}

void wa_info_text(struct wa_info *info, uint32_t name, const char *text) {
  begin_attribute(info, name, DW_FORM_string);
  wa_bytes_append(&info->out->bytes, text, strlen(text) + 1);
}

void wa_info_relocated(struct wa_info *info, uint32_t name, unsigned target, uint64_t addend) {
  bool is_address = target == WA_DEBUG_TEXT;
  begin_attribute(info, name, is_address ? DW_FORM_addr : DW_FORM_sec_offset);
  wa_put_relocated(info->out, is_address ? 8 : 4, target, addend);
}

void wa_info_own_reference(struct wa_info *info, uint32_t name, uint64_t at) {
  begin_attribute(info, name, DW_FORM_ref4);
  wa_put(&info->out->bytes, at - info->unit_start, 4);
}

void wa_info_reference(struct wa_info *info, uint32_t name, uint64_t old) {
  struct fixup fixup = {.old = old,
                        .at = (uint32_t)info->out->bytes.size,
                        .unit_start = (uint32_t)info->unit_start,
                        .reloc = WA_NONE};
  if (old >= info->dies.offset && old < info->dies.end) {
    begin_attribute(info, name, DW_FORM_ref4);
    fixup.at = (uint32_t)wa_bytes_append(&info->out->bytes, NULL, 4);
  } else {
    begin_attribute(info, name, DW_FORM_ref_addr);
    fixup.reloc = (uint32_t)(info->out->relocs.size / sizeof(struct wa_debug_reloc));
    wa_put_relocated(info->out, 4, WA_DEBUG_INFO, 0);
  }
  wa_bytes_append(&info->fixups, &fixup, sizeof fixup);
}

void wa_info_native_reference(struct wa_info *info, uint32_t name, uint64_t old) {
  wa_info_reference(info, name, old);
  struct fixup *fixups = (struct fixup *)info->fixups.data;
  if (!info->fixups.failed) {
    fixups[info->fixups.size / sizeof *fixups - 1].native = true;
  }
}

static void copy_block(struct wa_info *info, const struct wa_attr *attr) {
  begin_attribute(info, attr->name, DW_FORM_block);
  wa_put_uleb(&info->out->bytes, attr->bytes.size);
  wa_bytes_append(&info->out->bytes, attr->bytes.data, attr->bytes.size);
}

// Addresses, offsets and expressions say nothing of native code; whoever writes the entry has to.
void wa_info_copy(struct wa_info *info, const struct wa_attr *attr) {
  switch (attr->kind) {
  case WA_ATTR_UNSIGNED:
    wa_info_unsigned(info, attr->name, attr->value);
    break;
  case WA_ATTR_SIGNED:
    begin_attribute(info, attr->name, DW_FORM_sdata);
    wa_put_sleb(&info->out->bytes, (int64_t)attr->value);
    break;
  case WA_ATTR_STRING:
    begin_attribute(info, attr->name, DW_FORM_string);
    wa_put_string(&info->out->bytes, attr->bytes);
    break;
  case WA_ATTR_FLAG:
    begin_attribute(info, attr->name, DW_FORM_flag);
    wa_put(&info->out->bytes, attr->value, 1);
    break;
  case WA_ATTR_REFERENCE:
    wa_info_reference(info, attr->name, attr->value);
    break;
  case WA_ATTR_BLOCK:
    if (attr->name == DW_AT_const_value) {
      copy_block(info, attr);
    }
    break;
  default:
    break;
  }
}

// ---- References ----

void wa_info_note(struct wa_info *info, uint64_t old) {
  struct known_die known = {.old = old, .new = info->out->bytes.size};
  wa_bytes_append(&info->known, &known, sizeof known);
}

void wa_info_note_native(struct wa_info *info, uint64_t old) {
  struct known_die known = {.old = old, .new = info->out->bytes.size};
  wa_bytes_append(&info->natives, &known, sizeof known);
}

static int by_old(const void *a, const void *b) {
  const struct known_die *x = a, *y = b;
  return (x->old > y->old) - (x->old < y->old);
}

static const struct known_die *find(const struct wa_bytes_buffer *known, uint64_t old) {
  struct known_die key = {.old = old};
  return known->size == 0
             ? NULL
             : bsearch(&key, known->data, known->size / sizeof key, sizeof key, by_old);
}

bool wa_info_settle(struct wa_info *info) {
  const struct fixup *fixups = (const struct fixup *)info->fixups.data;
  struct wa_debug_reloc *relocs = (struct wa_debug_reloc *)info->out->relocs.data;
  if (info->known.failed || info->natives.failed || info->fixups.failed ||
      info->out->relocs.failed || info->out->bytes.failed) {
    return false;
  }
  for (size_t i = 0; i < info->fixups.size / sizeof *fixups; i++) {
    const struct known_die *found = fixups[i].native ? find(&info->natives, fixups[i].old) : NULL;
    if (!found) {
      found = find(&info->known, fixups[i].old);
    }
    if (!found) {
      info->malformed = true;
      return false;
    }
    if (fixups[i].reloc != WA_NONE) {
      relocs[fixups[i].reloc].addend = found->new;
    } else {
      wa_patch32(&info->out->bytes, fixups[i].at, found->new - fixups[i].unit_start);
    }
  }
  return true;
}
