// DWARF of a module: any bytes give debug sections or are refused, and take no longer than they are
// long. The input is custom sections, as they follow each other in a module; the code that they
// speak of is made up.
#include "tests/fuzz/fuzz.h"

#include "compiler/debug/write.h"
#include "compiler/dwarf/dwarf.h"

#include <stdlib.h>
#include <string.h>

enum { PREFIX = 12, FUNCTIONS = 64, FUNCTION_SIZE = 128, PIECE = 8 };
enum { CODE_SIZE = FUNCTIONS * FUNCTION_SIZE };

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  return 0;
}

// The preamble and a code section of which nobody reads the contents.
static uint8_t *make_bytes(const uint8_t *data, size_t size) {
  static const uint8_t prefix[PREFIX] = {0, 'a', 's', 'm', 1, 0, 0, 0, 10, 0x80, 0xc0, 0};
  uint8_t *bytes = calloc(1, PREFIX + CODE_SIZE + size);
  if (!bytes) {
    abort();
  }
  memcpy(bytes, prefix, PREFIX);
  if (size) {
    memcpy(bytes + PREFIX + CODE_SIZE, data, size);
  }
  return bytes;
}

// Whatever variables there are, they have their expressions in turn, and what those may name is in
// registers and on the stack.
static void add_kept(struct wa_places *places, uint32_t function, enum wa_kept_kind kind,
                     uint32_t index, uint32_t depth) {
  static const uint8_t numbers[3][2] = {{DW_OP_lit0, DW_OP_stack_value},
                                        {DW_OP_lit0 + 1, DW_OP_stack_value},
                                        {DW_OP_lit0 + 2, DW_OP_stack_value}};
  static const uint8_t values[3][2] = {
      {DW_OP_reg0, 0}, {DW_OP_fbreg, 8}, {DW_OP_lit0, DW_OP_stack_value}};
  static const char types[] = "ijfd";
  struct wa_kept kept = {.function = function,
                         .kind = kind,
                         .index = index,
                         .depth = depth,
                         .type = types[kind == WA_KEPT_NUMBER ? 0 : index % 4],
                         .first = (uint32_t)(places->places.size / sizeof(struct wa_place)),
                         .count = 3};
  for (uint32_t i = 0; i < 3; i++) {
    uint32_t start = function * FUNCTION_SIZE + 32 * i + (kind == WA_KEPT_NUMBER ? 0 : index % 16);
    struct wa_bytes number = {numbers[i], 2}, value = {values[i], i == 0 ? 1 : 2};
    struct wa_place place = {start, start + 24, kind == WA_KEPT_NUMBER ? number : value};
    wa_bytes_append(&places->places, &place, sizeof place);
  }
  wa_bytes_append(&places->kept, &kept, sizeof kept);
}

static void make_places(struct wa_places *places) {
  for (uint32_t function = 0; function < FUNCTIONS; function++) {
    for (uint32_t i = 0; i < 8; i++) {
      add_kept(places, function, WA_KEPT_NUMBER, i, 0);
      add_kept(places, function, WA_KEPT_LOCAL, i, 0);
      add_kept(places, function, WA_KEPT_OPERAND, i, 0);
      add_kept(places, function, WA_KEPT_OPERAND, i, 1);
    }
    wa_places_add_return(places, function * FUNCTION_SIZE + 20);
  }
  if (!wa_places_settle(places)) {
    abort();
  }
}

// Native code is as long as the wasm code, in pieces of eight bytes.
static void make_map(struct wa_map *map) {
  static const uint8_t base[] = {0x57}, slot[] = {0x91, 0x10};
  static struct wa_map_frame frames[FUNCTIONS];
  *map = (struct wa_map){.frames = frames, .machine = &wa_merge_x86_64};
  make_places(&map->places);
  for (uint32_t i = 0; i < FUNCTIONS; i++) {
    frames[i] =
        (struct wa_map_frame){.frame_base = {base, sizeof base}, .slot = {slot, sizeof slot}};
  }
  for (uint32_t at = 0; at < CODE_SIZE; at += PIECE) {
    struct wa_map_row row = {.text = at, .wasm = at % 48 == 0 ? WA_NONE : at ^ PIECE};
    wa_bytes_append(&map->rows, &row, sizeof row);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct wa_function functions[FUNCTIONS] = {0};
  struct wa_text_symbol symbols[FUNCTIONS];
  for (uint32_t i = 0; i < FUNCTIONS; i++) {
    functions[i].body_offset = functions[i].code_offset = PREFIX + i * FUNCTION_SIZE;
    functions[i].end_offset = functions[i].body_offset + FUNCTION_SIZE;
    symbols[i] = (struct wa_text_symbol){i * FUNCTION_SIZE, FUNCTION_SIZE};
  }
  uint8_t *bytes = make_bytes(data, size);
  struct wa_module module = {.bytes = {bytes, PREFIX + CODE_SIZE + size},
                             .functions = functions,
                             .function_count = FUNCTIONS};
  struct wa_merged merged = {.functions = symbols};
  struct wa_source source;
  struct wa_map map;
  struct wa_debug debug;
  struct wa_error err;
  make_map(&map);
  if (wa_source_init(&source, &module, &err)) {
    if (wa_debug_init(&debug, &source, &map, &merged, false, WA_LOCALS_LEFT_OUT, &err)) {
      wa_debug_deinit(&debug);
    } else if (err.message[0] == '\0') {
      abort();
    }
    wa_source_deinit(&source);
  }
  wa_bytes_deinit(&map.rows);
  wa_places_deinit(&map.places);
  free(bytes);
  return 0;
}
