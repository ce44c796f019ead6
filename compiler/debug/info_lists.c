// Lists of locations (DWARF 5, 7.29). LLVM says in which part of the text a variable has which of
// its expressions, and in which the operands of that are where: where both are known, the variable
// is too.
#include "compiler/debug/info_location.h"
#include "compiler/dwarf/dwarf.h"
#include "compiler/dwarf/expression.h"

// What is put together for one variable.
struct composition {
  struct wa_info *info;
  const struct wa_variable *variable;
  bool is_pointer;
  struct wa_operands operands;
  const struct wa_kept *kept[WA_MAX_OPERANDS];
  const struct wa_place *places[WA_MAX_OPERANDS]; // that were read last
  struct wa_debug_output expression;
};

// ---- Operands ----

static bool is_frame(const struct composition *c, const struct wa_operation *operation) {
  const struct wa_debug *debug = c->info->debug;
  uint32_t function = c->variable->function;
  return operation->kind == WA_WASM_LOCAL && debug->map->frames[function].slot.size > 0 &&
         operation->operand == debug->source->frame_locals[function];
}

static const struct wa_kept *find_kept(const struct composition *c,
                                       const struct wa_operation *operation) {
  const struct wa_places *places = &c->info->debug->map->places;
  uint32_t index = (uint32_t)operation->operand;
  if (operation->operand > UINT32_MAX) {
    return NULL;
  }
  if (operation->kind == WA_WASM_LOCAL) {
    return wa_places_find(places, c->variable->function, WA_KEPT_LOCAL, index, 0);
  }
  if (operation->kind == WA_WASM_STACK) {
    return wa_places_find(places, c->variable->function, WA_KEPT_OPERAND, c->variable->number,
                          index);
  }
  return NULL;
}

static bool add_operand(struct composition *c, const struct wa_operation *operation) {
  struct wa_operands *operands = &c->operands;
  for (uint32_t i = 0; i < operands->count; i++) {
    if (operands->rows[i].kind == operation->kind &&
        operands->rows[i].index == operation->operand) {
      return true;
    }
  }
  const struct wa_kept *kept = find_kept(c, operation);
  if (!kept) {
    return is_frame(c, operation);
  }
  if (operands->count == WA_MAX_OPERANDS) {
    return false;
  }
  struct wa_operand *row = &operands->rows[operands->count];
  c->kept[operands->count] = kept;
  c->places[operands->count++] = NULL;
  row->kind = operation->kind;
  row->index = operation->operand;
  row->type = kept->type;
  return true;
}

// False when one of them is nowhere.
static bool find_operands(struct composition *c, struct wa_bytes expression) {
  struct wa_cursor cursor = wa_cursor_at(expression, 0);
  struct wa_operation operation;
  c->operands.count = 0;
  while (wa_cursor_left(&cursor) > 0) {
    if (!wa_operation_read(&cursor, c->variable->address_size, &operation)) {
      return false;
    }
    if (operation.code == DW_OP_WASM_location && !add_operand(c, &operation)) {
      return false;
    }
  }
  return true;
}

// Reads where the operands are at `start`; *end becomes how far that holds, or how far some operand
// is nowhere, which gives false.
static bool read_operands(struct composition *c, uint32_t start, uint32_t *end) {
  const struct wa_map *map = c->info->debug->map;
  bool all = true;
  for (uint32_t i = 0; i < c->operands.count; i++) {
    const struct wa_place *place = wa_place_from(&map->places, c->kept[i], start);
    uint32_t limit = !place ? *end : place->start > start ? place->start : place->end;
    *end = limit < *end ? limit : *end;
    if (!place || place->start > start) {
      all = false;
    } else if (place != c->places[i]) {
      c->places[i] = wa_native_read(&c->operands.rows[i].native, map->machine->machine,
                                    &map->frames[c->variable->function], place->expression)
                         ? place
                         : NULL;
    }
    all = all && c->places[i];
  }
  return all;
}

// ---- The list ----

static void put_entry(struct composition *c, uint32_t start, uint32_t end) {
  struct wa_debug_output *out = &c->info->debug->sections[WA_DEBUG_LOCLISTS];
  if (start >= end) {
    return;
  }
  wa_put(&out->bytes, DW_LLE_offset_pair, 1);
  wa_put_uleb(&out->bytes, start);
  wa_put_uleb(&out->bytes, end);
  wa_info_append_expression(out, &c->expression);
}

// In a frame that has called another, debuggers look at the byte before the one that the call
// returns to, and the registers that the callee may have changed are not known there.
static void put_around_calls(struct composition *c, uint32_t start, uint32_t end) {
  enum wa_native_life life = WA_NATIVE_PRESERVED;
  for (uint32_t i = 0; i < c->operands.count; i++) {
    if (c->operands.rows[i].native.life > life) {
      life = c->operands.rows[i].native.life;
    }
  }
  while (life != WA_NATIVE_PRESERVED) {
    uint32_t at = wa_return_behind(&c->info->debug->map->places, start);
    if (at > end) {
      break;
    }
    if (life == WA_NATIVE_CLOBBERED || at == end) {
      put_entry(c, start, at - 1);
      start = at;
    } else {
      uint32_t before = start;
      start = at;
      put_entry(c, before, at);
    }
  }
  put_entry(c, start, end);
}

static void put_range(struct composition *c, uint32_t start, uint32_t end,
                      struct wa_bytes expression) {
  if (!find_operands(c, expression)) {
    return;
  }
  while (start < end && c->info->range_budget > 0) {
    uint32_t until = end;
    c->info->range_budget--;
    if (read_operands(c, start, &until) &&
        wa_info_translate(c->info, c->variable->die, expression, &c->operands, c->is_pointer,
                          &c->expression)) {
      put_around_calls(c, start, until);
    }
    start = until;
  }
}

// LLVM gives a constant as DW_OP_litN or DW_OP_constu, DW_OP_stack_value.
static uint32_t number_of(struct wa_bytes expression) {
  struct wa_cursor cursor = wa_cursor_at(expression, 0);
  struct wa_operation operation, end;
  if (!wa_operation_read(&cursor, 8, &operation) || !wa_operation_read(&cursor, 8, &end) ||
      end.code != DW_OP_stack_value || wa_cursor_left(&cursor) > 0) {
    return WA_NONE;
  }
  if (operation.code >= DW_OP_lit0 && operation.code <= DW_OP_lit31) {
    return operation.code - DW_OP_lit0;
  }
  bool is_constant = operation.code == DW_OP_constu || operation.code == DW_OP_consts;
  return is_constant && operation.operand < WA_NONE ? (uint32_t)operation.operand : WA_NONE;
}

static void put_list(struct composition *c) {
  const struct wa_variables *variables = &c->info->debug->source->variables;
  const struct wa_places *places = &c->info->debug->map->places;
  const struct wa_kept *numbers =
      wa_places_find(places, c->variable->function, WA_KEPT_NUMBER, c->variable->number, 0);
  if (wa_places_find(places, c->variable->function, WA_KEPT_NOTHING, 0, 0)) {
    numbers = NULL;
  }
  for (uint32_t i = 0; numbers && i < numbers->count; i++) {
    const struct wa_place *place =
        (const struct wa_place *)places->places.data + numbers->first + i;
    uint32_t number = number_of(place->expression);
    if (number < c->variable->expression_count) {
      put_range(c, place->start, place->end,
                wa_variable_expression(variables, c->variable, number));
    }
  }
  wa_put(&c->info->debug->sections[WA_DEBUG_LOCLISTS].bytes, DW_LLE_end_of_list, 1);
}

void wa_info_listed_location(struct wa_info *info, const struct wa_variable *variable,
                             bool is_pointer) {
  struct composition c = {.info = info, .variable = variable, .is_pointer = is_pointer};
  wa_info_relocated(info, DW_AT_location, WA_DEBUG_LOCLISTS,
                    info->debug->sections[WA_DEBUG_LOCLISTS].bytes.size);
  put_list(&c);
  for (uint32_t i = 0; i < WA_MAX_OPERANDS; i++) {
    wa_native_deinit(&c.operands.rows[i].native);
  }
  wa_bytes_deinit(&c.expression.bytes);
  wa_bytes_deinit(&c.expression.relocs);
}
