#include "compiler/debug/write.h"

#include <string.h>

void wa_put(struct wa_bytes_buffer *to, uint64_t value, unsigned size) {
  uint8_t bytes[8];
  for (unsigned i = 0; i < size; i++) {
    bytes[i] = (uint8_t)(value >> (8 * i));
  }
  wa_bytes_append(to, bytes, size);
}

void wa_put_uleb(struct wa_bytes_buffer *to, uint64_t value) {
  uint8_t bytes[10];
  unsigned size = 0;
  do {
    bytes[size++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>= 7;
  } while (value);
  wa_bytes_append(to, bytes, size);
}

void wa_put_sleb(struct wa_bytes_buffer *to, int64_t value) {
  uint8_t bytes[10];
  unsigned size = 0;
  for (bool more = true; more;) {
    uint8_t low = value & 0x7f;
    value >>= 7;
    more = !((value == 0 && !(low & 0x40)) || (value == -1 && low & 0x40));
    bytes[size++] = (uint8_t)(low | (more ? 0x80 : 0));
  }
  wa_bytes_append(to, bytes, size);
}

void wa_put_string(struct wa_bytes_buffer *to, struct wa_bytes string) {
  wa_bytes_append(to, string.data, string.size);
  wa_put(to, 0, 1);
}

void wa_put_relocated(struct wa_debug_output *to, unsigned width, unsigned target,
                      uint64_t addend) {
  struct wa_debug_reloc reloc = {.offset = (uint32_t)to->bytes.size,
                                 .target = (uint16_t)target,
                                 .width = (uint16_t)width,
                                 .addend = addend};
  wa_bytes_append(&to->relocs, &reloc, sizeof reloc);
  wa_put(&to->bytes, 0, width);
}

void wa_patch32(struct wa_bytes_buffer *in, size_t at, uint64_t value) {
  for (unsigned i = 0; i < 4 && !in->failed; i++) {
    in->data[at + i] = (uint8_t)(value >> (8 * i));
  }
}

// The unit of a function is that of its first line; some compilers begin with the first
// instruction.
static uint32_t unit_of(const struct wa_debug *debug, uint32_t function) {
  const struct wa_source *source = debug->source;
  const struct wa_function *row = &source->module->functions[function];
  if (row->imported || debug->merged->functions[function].size == 0) {
    return WA_NONE;
  }
  const struct wa_source_row *line =
      wa_source_row(source, (uint32_t)(row->body_offset - source->code_start));
  if (!line) {
    line = wa_source_row(source, (uint32_t)(row->code_offset - source->code_start));
  }
  return line ? line->unit : WA_NONE;
}

static bool group_functions(struct wa_debug *debug) {
  uint32_t units = wa_source_unit_count(debug->source);
  uint32_t count = debug->source->module->function_count;
  debug->first_functions = wa_arena_alloc(&debug->arena, units, sizeof(uint32_t));
  debug->next_functions = wa_arena_alloc(&debug->arena, count, sizeof(uint32_t));
  if (!debug->first_functions || !debug->next_functions) {
    return false;
  }
  for (uint32_t i = 0; i < units; i++) {
    debug->first_functions[i] = WA_NONE;
  }
  for (uint32_t i = count; i-- > 0;) {
    uint32_t unit = unit_of(debug, i);
    if (unit == WA_NONE) {
      continue;
    }
    debug->next_functions[i] = debug->first_functions[unit];
    debug->first_functions[unit] = i;
  }
  return true;
}

static bool any_failed(const struct wa_debug *debug) {
  for (int i = 0; i < WA_DEBUG_SECTION_COUNT; i++) {
    if (debug->sections[i].bytes.failed || debug->sections[i].relocs.failed ||
        debug->sections[i].bytes.size > INT32_MAX) {
      return true;
    }
  }
  return false;
}

bool wa_debug_init(struct wa_debug *debug, const struct wa_source *source, const struct wa_map *map,
                   const struct wa_merged *merged, bool mangled, enum wa_debug_locals locals,
                   struct wa_error *err) {
  *debug = (struct wa_debug){
      .source = source, .map = map, .merged = merged, .mangled = mangled, .locals = locals};
  wa_arena_init(&debug->arena, 0);
  wa_error_clear(err);
  wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory for debug information");
  if (group_functions(debug) && wa_debug_write_lines(debug) && wa_debug_write_info(debug, err) &&
      wa_debug_write_table(debug) && wa_debug_write_locals(debug) && !any_failed(debug)) {
    return true;
  }
  wa_debug_deinit(debug);
  return false;
}

void wa_debug_deinit(struct wa_debug *debug) {
  wa_bytes_deinit(&debug->inlined);
  wa_bytes_deinit(&debug->names);
  for (int i = 0; i < WA_DEBUG_SECTION_COUNT; i++) {
    wa_bytes_deinit(&debug->sections[i].bytes);
    wa_bytes_deinit(&debug->sections[i].relocs);
  }
  wa_arena_deinit(&debug->arena);
  *debug = (struct wa_debug){0};
}
