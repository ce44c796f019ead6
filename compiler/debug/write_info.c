// Entries: the module's .debug_info again, in DWARF 5 and with native addresses. What is the same
// in native code is copied, so types of any language come through. Guest pointers are 32 bits wide
// and count from the memory's base, which no debugger expects of a pointer: each becomes a
// structure of that size, which the script for gdb makes behave as a pointer.
#include "compiler/debug/info.h"

#include "compiler/dwarf/dwarf.h"

#include <stdio.h>
#include <string.h>

// ---- Units ----

static size_t begin_unit(struct wa_info *info) {
  struct wa_bytes_buffer *out = &info->out->bytes;
  info->unit_start = wa_bytes_append(out, NULL, 4);
  wa_put(out, 5, 2); // version
  wa_put(out, DW_UT_compile, 1);
  wa_put(out, 8, 1); // bytes of an address
  wa_put_relocated(info->out, 4, WA_DEBUG_ABBREV, 0);
  return info->unit_start;
}

static void end_unit(struct wa_info *info) {
  struct wa_bytes_buffer *out = &info->out->bytes;
  wa_patch32(out, info->unit_start, out->size - info->unit_start - 4);
}

static uint64_t write_base_type(struct wa_info *info, const char *name, uint32_t encoding,
                                uint32_t size) {
  uint64_t at = info->out->bytes.size;
  wa_info_begin(info, DW_TAG_base_type, false);
  wa_info_text(info, DW_AT_name, name);
  wa_info_unsigned(info, DW_AT_encoding, encoding);
  wa_info_unsigned(info, DW_AT_byte_size, size);
  wa_info_end(info);
  return at;
}

// A unit of our own, with the variable wasmaot_memory: the first byte of memory 0.
static void write_own_unit(struct wa_info *info) {
  begin_unit(info);
  wa_info_begin(info, DW_TAG_compile_unit, true);
  wa_info_text(info, DW_AT_producer, "wasmaot " WASMAOT_VERSION);
  wa_info_text(info, DW_AT_name, "wasmaot");
  wa_info_unsigned(info, DW_AT_language, DW_LANG_C99);
  wa_info_end(info);
  uint64_t byte = write_base_type(info, "unsigned char", DW_ATE_unsigned_char, 1);
  uint64_t pointer = info->out->bytes.size;
  wa_info_begin(info, DW_TAG_pointer_type, false);
  wa_info_own_reference(info, DW_AT_type, byte);
  wa_info_unsigned(info, DW_AT_byte_size, 8);
  wa_info_end(info);
  wa_info_begin(info, DW_TAG_variable, false);
  wa_info_text(info, DW_AT_name, "wasmaot_memory");
  wa_info_own_reference(info, DW_AT_type, pointer);
  wa_info_unsigned(info, DW_AT_external, 1);
  wa_info_base_location(info);
  wa_info_end(info);
  wa_info_end_children(info);
  end_unit(info);
}

// gdb takes a function's second line for the end of its prologue when the producer is a clang, and
// else looks for instructions that our functions do not have.
static void write_producer(struct wa_info *info, struct wa_bytes original) {
  char text[256];
  int size = (int)(original.size < 160 ? original.size : 160);
  snprintf(text, sizeof text, "clang (wasmaot " WASMAOT_VERSION ") from %.*s", size,
           original.size ? (const char *)original.data : "");
  wa_info_text(info, DW_AT_producer, text);
}

// C is called C++: in C gdb knows no operators of structures, and so no guest pointers.
static void write_language(struct wa_info *info, const struct wa_attr *attr) {
  switch (attr->value) {
  case DW_LANG_C89:
  case DW_LANG_C:
  case DW_LANG_C99:
  case DW_LANG_C11:
  case DW_LANG_C17:
    wa_info_unsigned(info, DW_AT_language, DW_LANG_C_plus_plus_11);
    break;
  default:
    wa_info_unsigned(info, DW_AT_language, attr->value);
  }
}

static bool is_of_unit(uint32_t name) {
  switch (name) {
  case DW_AT_producer:
  case DW_AT_language:
  case DW_AT_stmt_list:
  case DW_AT_low_pc:
  case DW_AT_high_pc:
  case DW_AT_ranges:
    return false;
  default:
    return true;
  }
}

static void write_unit_ranges(struct wa_info *info) {
  const struct wa_debug *debug = info->debug;
  info->unit_ranges.size = 0;
  for (uint32_t i = debug->first_functions[info->unit]; i != WA_NONE;
       i = debug->next_functions[i]) {
    const struct wa_text_symbol *symbol = &debug->merged->functions[i];
    struct wa_text_range range = {symbol->offset, symbol->offset + symbol->size};
    wa_bytes_append(&info->unit_ranges, &range, sizeof range);
  }
  if (info->unit_ranges.size == 0) {
    return;
  }
  wa_info_relocated(info, DW_AT_low_pc, WA_DEBUG_TEXT, 0);
  wa_info_relocated(info, DW_AT_ranges, WA_DEBUG_RNGLISTS,
                    wa_info_write_ranges(info, &info->unit_ranges));
}

static void write_unit_entry(struct wa_info *info, const struct wa_die *die) {
  wa_info_note(info, die->offset);
  wa_info_begin(info, die->tag, true);
  write_producer(info, wa_die_string(die, DW_AT_producer));
  const struct wa_attr *language = wa_die_attr(die, DW_AT_language);
  if (language) {
    write_language(info, language);
  }
  for (uint32_t i = 0; i < die->attr_count; i++) {
    if (is_of_unit(die->attrs[i].name)) {
      wa_info_copy(info, &die->attrs[i]);
    }
  }
  if (wa_die_attr(die, DW_AT_stmt_list)) {
    wa_info_relocated(info, DW_AT_stmt_list, WA_DEBUG_LINE, info->debug->line_programs[info->unit]);
  }
  write_unit_ranges(info);
  wa_info_end(info);
  info->word = write_base_type(info, "guest address", DW_ATE_unsigned, info->address_size);
}

// ---- Pointers ----

// For the variables that source/types.h speaks of.
static void write_native_pointer(struct wa_info *info, const struct wa_die *die,
                                 const struct wa_attr *type) {
  wa_info_note_native(info, die->offset);
  wa_info_begin(info, DW_TAG_pointer_type, false);
  if (type) {
    wa_info_copy(info, type);
  }
  wa_info_unsigned(info, DW_AT_byte_size, 8);
  wa_info_end(info);
}

// gdb shows it with its target: pointer<point>.
static void write_pointer(struct wa_info *info, const struct wa_die *die) {
  const struct wa_attr *type = wa_die_attr(die, DW_AT_type);
  bool is_pointer = die->tag == DW_TAG_pointer_type;
  wa_info_note(info, die->offset);
  wa_info_begin(info, DW_TAG_structure_type, true);
  wa_info_text(info, DW_AT_name, is_pointer ? "pointer" : "reference");
  wa_info_unsigned(info, DW_AT_byte_size, info->address_size);
  wa_info_end(info);
  wa_info_begin(info, DW_TAG_template_type_parameter, false);
  wa_info_text(info, DW_AT_name, "T");
  if (type) {
    wa_info_copy(info, type);
  }
  wa_info_end(info);
  wa_info_begin(info, DW_TAG_member, false);
  wa_info_text(info, DW_AT_name, "guest_address");
  wa_info_own_reference(info, DW_AT_type, info->word);
  wa_info_unsigned(info, DW_AT_data_member_location, 0);
  wa_info_end(info);
  wa_info_end_children(info);
  write_native_pointer(info, die, type);
}

// ---- Other entries ----

static bool has_code(uint32_t tag) {
  return tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block ||
         tag == DW_TAG_inlined_subroutine;
}

// Calls and labels lie at places that native code does not have.
// gdb reads the table that a member `_vptr` points to as the host's.
static bool is_left_out(const struct wa_die *die) {
  struct wa_bytes name = wa_die_string(die, DW_AT_name);
  return die->tag == DW_TAG_call_site || die->tag == DW_TAG_GNU_call_site ||
         die->tag == DW_TAG_label ||
         (die->tag == DW_TAG_member && name.size > 5 && memcmp(name.data, "_vptr", 5) == 0);
}

static bool is_copied(const struct wa_die *die, uint32_t name) {
  switch (name) {
  case DW_AT_sibling:
  case DW_AT_location:
  case DW_AT_frame_base:
  case DW_AT_start_scope:
  case DW_AT_macro_info:
  case DW_AT_macros:
    return false;
  case DW_AT_low_pc:
  case DW_AT_high_pc:
  case DW_AT_entry_pc:
  case DW_AT_ranges:
    return !has_code(die->tag);
  default:
    return true;
  }
}

static void write_code(struct wa_info *info, const struct wa_die *die) {
  if (die->tag != DW_TAG_subprogram) {
    wa_info_block_ranges(info, die);
    return;
  }
  const struct wa_attr *low = wa_die_attr(die, DW_AT_low_pc);
  uint32_t function = low && low->kind == WA_ATTR_ADDRESS
                          ? wa_source_function(info->debug->source, low->value)
                          : WA_NONE;
  if (function != WA_NONE && info->debug->merged->functions[function].size == 0) {
    function = WA_NONE;
  }
  wa_info_enter_function(info, function);
  if (function == WA_NONE) {
    return;
  }
  const struct wa_text_symbol *symbol = &info->debug->merged->functions[function];
  wa_info_relocated(info, DW_AT_low_pc, WA_DEBUG_TEXT, symbol->offset);
  wa_info_unsigned(info, DW_AT_high_pc, symbol->size);
  wa_info_frame_base(info);
}

// What a function that was inlined is called; its entry may lead to another that says it.
static void note_name(struct wa_info *info, const struct wa_die *die) {
  static const uint32_t leads[] = {DW_AT_abstract_origin, DW_AT_specification};
  struct wa_named named = {
      .entry = die->offset, .name = wa_die_string(die, DW_AT_linkage_name), .other = WA_NO_ADDRESS};
  if (named.name.size == 0) {
    named.name = wa_die_string(die, DW_AT_name);
  }
  for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
    const struct wa_attr *attr = wa_die_attr(die, leads[i]);
    if (attr && attr->kind == WA_ATTR_REFERENCE) {
      named.other = attr->value;
    }
  }
  wa_bytes_append(&info->debug->names, &named, sizeof named);
}

static void write_entry(struct wa_info *info, const struct wa_die *die) {
  if (wa_is_pointer(die)) {
    write_pointer(info, die);
    return;
  }
  if (die->tag == DW_TAG_subprogram) {
    note_name(info, die);
  }
  wa_info_note(info, die->offset);
  wa_info_begin(info, die->tag, die->has_children);
  uint64_t pointer = wa_types_pointer(&info->debug->source->types, die->offset);
  for (uint32_t i = 0; i < die->attr_count; i++) {
    if (pointer != WA_NO_ADDRESS && die->attrs[i].name == DW_AT_type) {
      wa_info_native_reference(info, DW_AT_type, pointer);
    } else if (is_copied(die, die->attrs[i].name)) {
      wa_info_copy(info, &die->attrs[i]);
    }
  }
  const struct wa_attr *location = wa_die_attr(die, DW_AT_location);
  if (location) {
    wa_info_location(info, die, location, pointer != WA_NO_ADDRESS);
  }
  if (has_code(die->tag)) {
    write_code(info, die);
  }
  wa_info_end(info);
}

// Reads past an entry's children.
static void skip_children(struct wa_info *info) {
  struct wa_die die;
  for (uint64_t depth = 1; depth > 0 && wa_dies_next(&info->dies, &die);) {
    depth = die.tag == 0 ? depth - 1 : depth + die.has_children;
  }
}

static void write_children(struct wa_info *info) {
  struct wa_die die;
  uint64_t depth = 1;
  while (depth > 0 && wa_dies_next(&info->dies, &die)) {
    if (die.tag == 0) {
      wa_info_end_children(info);
      depth--;
    } else if (!is_left_out(&die)) {
      write_entry(info, &die);
      depth += die.has_children;
    } else if (die.has_children) {
      skip_children(info);
    }
  }
  for (; depth > 0; depth--) {
    wa_info_end_children(info);
  }
  info->malformed |= info->dies.cursor.failed;
}

static void write_units(struct wa_info *info) {
  struct wa_die die;
  bool malformed = false;
  for (; wa_dies_next_unit(&info->dies, &malformed); info->unit++) {
    if (!wa_dies_next(&info->dies, &die) || die.tag == 0) {
      info->malformed = true;
      return;
    }
    info->address_size = info->dies.address_size;
    wa_info_enter_function(info, WA_NONE);
    begin_unit(info);
    write_unit_entry(info, &die);
    if (die.has_children) {
      write_children(info);
    } else {
      wa_info_end_children(info);
    }
    end_unit(info);
  }
  info->malformed |= malformed;
}

static void info_deinit(struct wa_info *info) {
  wa_bytes_deinit(&info->spec);
  wa_bytes_deinit(&info->abbrevs);
  wa_bytes_deinit(&info->known);
  wa_bytes_deinit(&info->natives);
  wa_bytes_deinit(&info->fixups);
  wa_bytes_deinit(&info->unit_ranges);
  wa_bytes_deinit(&info->pieces);
  wa_bytes_deinit(&info->ranges);
  wa_dies_deinit(&info->dies);
}

bool wa_debug_write_info(struct wa_debug *debug, struct wa_error *err) {
  struct wa_info info = {.debug = debug,
                         .out = &debug->sections[WA_DEBUG_INFO],
                         .function = WA_NONE,
                         .range_budget = 1000000 + debug->map->rows.size};
  wa_dies_init(&info.dies, &debug->source->dwarf);
  wa_info_begin_lists(&debug->sections[WA_DEBUG_RNGLISTS].bytes);
  wa_info_begin_lists(&debug->sections[WA_DEBUG_LOCLISTS].bytes);
  write_own_unit(&info);
  write_units(&info);
  bool settled = !info.malformed && wa_info_settle(&info);
  if (info.malformed) {
    wa_fail(err, WA_ERROR_MALFORMED, WA_NO_OFFSET,
            "the module's debug information is malformed in .debug_info; going on without");
  }
  wa_put(&debug->sections[WA_DEBUG_ABBREV].bytes, 0, 1);
  wa_put(&debug->sections[WA_DEBUG_BASE].bytes, 0, 8);
  wa_info_end_lists(&debug->sections[WA_DEBUG_RNGLISTS].bytes);
  wa_info_end_lists(&debug->sections[WA_DEBUG_LOCLISTS].bytes);
  info_deinit(&info);
  return settled;
}
