// The runtime's table of where functions keep their wasm locals, for core dumps: of LLVM's places
// those that a signal handler can look up.
#include "compiler/debug/native.h"
#include "compiler/debug/write.h"
#include "compiler/dwarf/dwarf.h"
#include "compiler/dwarf/expression.h"
#include "compiler/wasm/instr.h"

#include "runtime/abi.h"

#include <elf.h>

struct writer {
  struct wa_debug *debug;
  struct wa_native native;
  struct wa_bytes_buffer functions; // struct wa_locals_function[]
  struct wa_bytes_buffer places;    // struct wa_locals_place[]
};

static uint8_t type_of(char letter) {
  switch (letter) {
  case 'i':
    return WA_LOCAL_I32;
  case 'j':
    return WA_LOCAL_I64;
  case 'f':
    return WA_LOCAL_F32;
  default:
    return WA_LOCAL_F64;
  }
}

static bool is_number(const struct wa_operation *operation, int64_t *number) {
  if (operation->code >= DW_OP_lit0 && operation->code <= DW_OP_lit31) {
    *number = operation->code - DW_OP_lit0;
    return true;
  }
  *number = (int64_t)operation->operand;
  return operation->code == DW_OP_constu || operation->code == DW_OP_consts;
}

static bool is_based(const struct wa_operation *operation) {
  return (operation->code >= DW_OP_breg0 && operation->code <= DW_OP_breg31) ||
         operation->code == DW_OP_bregx;
}

// An address or a value that is a constant, or a register or the canonical frame address plus one.
static bool read_sum(struct wa_bytes expression, struct wa_locals_place *place) {
  struct wa_cursor cursor = wa_cursor_at(expression, 0);
  struct wa_operation first, number, plus;
  if (!wa_operation_read(&cursor, 8, &first)) {
    return false;
  }
  if (wa_cursor_left(&cursor) == 0) {
    place->base = WA_BASE_REGISTER;
    place->reg = (uint8_t)first.reg;
    place->value = (int64_t)first.operand;
    if (is_based(&first)) {
      return first.reg <= UINT8_MAX;
    }
    place->base = WA_BASE_NONE;
    return is_number(&first, &place->value);
  }
  place->base = WA_BASE_FRAME;
  return first.code == DW_OP_call_frame_cfa && wa_operation_read(&cursor, 8, &number) &&
         is_number(&number, &place->value) && wa_operation_read(&cursor, 8, &plus) &&
         plus.code == DW_OP_plus && wa_cursor_left(&cursor) == 0;
}

static bool read_place(const struct wa_native *native, unsigned registers,
                       struct wa_locals_place *place) {
  place->in_memory = native->kind == WA_NATIVE_MEMORY;
  place->preserved = native->life == WA_NATIVE_PRESERVED;
  if (native->kind == WA_NATIVE_REGISTER) {
    place->base = WA_BASE_REGISTER;
    place->reg = (uint8_t)native->reg;
    return native->reg < registers;
  }
  return native->kind != WA_NATIVE_IMPLICIT &&
         read_sum((struct wa_bytes){native->bytes.data, native->bytes.size}, place) &&
         place->reg < registers;
}

static void add_local(struct writer *w, uint32_t function, uint32_t local) {
  const struct wa_map *map = w->debug->map;
  const struct wa_kept *kept = wa_places_find(&map->places, function, WA_KEPT_LOCAL, local, 0);
  const struct wa_place *places = (const struct wa_place *)map->places.places.data;
  unsigned registers = map->machine->machine == EM_X86_64 ? 16 : 32;
  for (uint32_t i = 0; kept && i < kept->count; i++) {
    const struct wa_place *at = &places[kept->first + i];
    struct wa_locals_place place = {
        .start = at->start, .end = at->end, .local = local, .type = type_of(kept->type)};
    if (wa_native_read(&w->native, map->machine->machine, &map->frames[function], at->expression) &&
        read_place(&w->native, registers, &place)) {
      wa_bytes_append(&w->places, &place, sizeof place);
    }
  }
}

static bool add_function(struct writer *w, uint32_t function) {
  const struct wa_module *module = w->debug->source->module;
  const struct wa_function *body = &module->functions[function];
  struct wa_locals_function row = {.function = function,
                                   .local_count = module->types[body->type].param_count,
                                   .first_place =
                                       (uint32_t)(w->places.size / sizeof(struct wa_locals_place))};
  uint32_t runs = 0;
  const struct wa_local_run *run = wa_function_locals(module, body, &w->debug->arena, &runs);
  if (!run) {
    return false;
  }
  for (uint32_t i = 0; i < runs; i++) {
    row.local_count += run[i].count;
  }
  bool known = w->debug->locals == WA_LOCALS_PLACED &&
               !wa_places_find(&w->debug->map->places, function, WA_KEPT_NOTHING, 0, 0);
  for (uint32_t i = 0; known && i < row.local_count; i++) {
    add_local(w, function, i);
  }
  row.place_count = (uint32_t)(w->places.size / sizeof(struct wa_locals_place)) - row.first_place;
  wa_bytes_append(&w->functions, &row, sizeof row);
  return true;
}

bool wa_debug_write_locals(struct wa_debug *debug) {
  const struct wa_module *module = debug->source->module;
  struct wa_bytes_buffer *out = &debug->sections[WA_DEBUG_LOCALS].bytes;
  struct writer w = {.debug = debug};
  bool ok = true;
  bool any = debug->locals != WA_LOCALS_LEFT_OUT;
  for (uint32_t i = module->imported_functions; any && ok && i < module->function_count; i++) {
    ok = add_function(&w, i);
  }
  struct wa_locals header = {
      .function_count = (uint32_t)(w.functions.size / sizeof(struct wa_locals_function)),
      .place_count = (uint32_t)(w.places.size / sizeof(struct wa_locals_place))};
  wa_bytes_append(out, &header, sizeof header);
  wa_bytes_append(out, w.functions.data, w.functions.size);
  wa_bytes_append(out, w.places.data, w.places.size);
  out->failed |= w.functions.failed || w.places.failed;
  wa_bytes_deinit(&w.functions);
  wa_bytes_deinit(&w.places);
  wa_native_deinit(&w.native);
  return ok;
}
