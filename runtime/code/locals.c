#include "runtime/code/locals.h"

#include <string.h>

static const struct wa_locals_function *functions_of(const struct wa_locals *locals) {
  return (const struct wa_locals_function *)(locals + 1);
}

static const struct wa_locals_place *places_of(const struct wa_locals *locals) {
  return (const struct wa_locals_place *)(functions_of(locals) + locals->function_count);
}

bool wa_locals_check(const struct wa_locals *locals, size_t size) {
  return size >= sizeof *locals &&
         sizeof *locals + (uint64_t)locals->function_count * sizeof(struct wa_locals_function) +
                 (uint64_t)locals->place_count * sizeof(struct wa_locals_place) <=
             size;
}

// By its number, in whose order they are.
static const struct wa_locals_function *find(const struct wa_locals *locals, uint32_t function) {
  uint32_t low = 0, high = locals->function_count;
  const struct wa_locals_function *rows = functions_of(locals);
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (rows[middle].function < function) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < locals->function_count && rows[low].function == function ? &rows[low] : NULL;
}

static unsigned size_of(uint8_t type) {
  return type == WA_LOCAL_I32 || type == WA_LOCAL_F32 ? 4 : 8;
}

static bool read_memory(const struct wa_locals_frame *frame, uintptr_t address, unsigned size,
                        uint64_t *bits) {
  if (address < frame->stack_low || address > frame->stack_high - size) {
    return false;
  }
  memcpy(bits, (const void *)address, size);
  return true;
}

static bool read_place(const struct wa_locals_frame *frame, const struct wa_locals_place *place,
                       uint64_t *bits) {
  uint64_t base = 0;
  if (place->base == WA_BASE_REGISTER) {
    if (place->reg >= WA_DWARF_REGISTERS || (!frame->innermost && place->preserved == 0)) {
      return false;
    }
    base = frame->registers[place->reg];
  } else if (place->base == WA_BASE_FRAME) {
    if (frame->cfa == 0) {
      return false;
    }
    base = frame->cfa;
  }
  *bits = base + (uint64_t)place->value;
  if (place->in_memory != 0) {
    uintptr_t address = (uintptr_t)*bits;
    *bits = 0;
    return read_memory(frame, address, size_of(place->type), bits);
  }
  *bits &= size_of(place->type) == 4 ? UINT32_MAX : UINT64_MAX;
  return true;
}

uint32_t wa_locals_read(const struct wa_artifact *artifact, uint32_t function, uint32_t text_offset,
                        const struct wa_locals_frame *frame, struct wa_local_value *values,
                        uint32_t room) {
  const struct wa_locals *locals = artifact->locals;
  const struct wa_locals_function *row = locals == NULL ? NULL : find(locals, function);
  if (row == NULL || row->first_place > locals->place_count ||
      row->place_count > locals->place_count - row->first_place || row->local_count > room) {
    return 0;
  }
  memset(values, 0, row->local_count * sizeof *values);
  const struct wa_locals_place *places = places_of(locals) + row->first_place;
  for (uint32_t i = 0; i < row->place_count; i++) {
    const struct wa_locals_place *place = &places[i];
    uint64_t bits;
    if (place->start <= text_offset && text_offset < place->end &&
        place->local < row->local_count && read_place(frame, place, &bits)) {
      values[place->local] = (struct wa_local_value){.type = place->type, .bits = bits};
    }
  }
  return row->local_count;
}
