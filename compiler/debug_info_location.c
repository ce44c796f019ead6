// Location expressions (DWARF 5, chapter 2.5). A module's addresses are offsets in linear memory;
// native ones are that plus what the section WA_DEBUG_BASE holds. A function's frame base is the
// native address of its frame, so what is relative to the frame stays as it is.
#include "debug_info.h"
#include "dwarf.h"

struct translation {
  struct wa_info *info;
  struct wa_cursor cursor;
  struct wa_bytes_buffer *out;
  struct wa_debug_output expression; // its relocations count from its start
};

static bool has_frame(const struct wa_info *info) {
  return info->function != WA_NONE && info->debug->map->frames[info->function].slot.size > 0;
}

static void add_base(struct translation *t) {
  wa_put(t->out, DW_OP_addr, 1);
  wa_put_relocated(&t->expression, 8, WA_DEBUG_BASE, 0);
  wa_put(t->out, DW_OP_deref, 1);
}

// The linker gives what it dropped the highest addresses.
static bool put_address(struct translation *t, uint64_t address) {
  uint64_t highest = t->info->address_size == 8 ? UINT64_MAX : UINT32_MAX;
  if (address >= highest - 1)
    return false;
  add_base(t);
  wa_put(t->out, DW_OP_plus_uconst, 1);
  wa_put_uleb(t->out, address);
  return true;
}

// A wasm local: only the one with the frame's address is kept where a debugger finds it.
static bool put_wasm_location(struct translation *t) {
  enum { LOCAL = 0 };
  uint64_t kind = wa_cursor_fixed(&t->cursor, 1), index = wa_cursor_uleb(&t->cursor);
  if (kind != LOCAL || !has_frame(t->info) ||
      index != t->info->debug->source->frame_locals[t->info->function])
    return false;
  // As a value it would be a guest's address, which a frame base is not.
  const uint8_t *last = t->cursor.end - 1;
  if (wa_cursor_left(&t->cursor) == 0 || *last == DW_OP_stack_value)
    return false;
  wa_put(t->out, DW_OP_fbreg, 1);
  wa_put_sleb(t->out, 0);
  return true;
}

static bool copy_unsigned(struct translation *t, uint64_t operation) {
  wa_put(t->out, operation, 1);
  wa_put_uleb(t->out, wa_cursor_uleb(&t->cursor));
  return true;
}

static bool copy_signed(struct translation *t, uint64_t operation) {
  wa_put(t->out, operation, 1);
  wa_put_sleb(t->out, wa_cursor_sleb(&t->cursor));
  return true;
}

static bool copy_fixed(struct translation *t, uint64_t operation, unsigned size) {
  wa_put(t->out, operation, 1);
  wa_put(t->out, wa_cursor_fixed(&t->cursor, size), size);
  return true;
}

// What is in memory at the address so far is a guest's pointer: makes it the host's.
static void load_pointer(struct translation *t) {
  wa_put(t->out, DW_OP_deref_size, 1);
  wa_put(t->out, t->info->address_size, 1);
  add_base(t);
  wa_put(t->out, DW_OP_plus, 1);
}

static bool translate_one(struct translation *t) {
  uint64_t operation = wa_cursor_fixed(&t->cursor, 1);
  if (operation >= DW_OP_lit0 && operation <= DW_OP_lit31)
    return copy_fixed(t, operation, 0);
  switch (operation) {
  case DW_OP_addr:
    return put_address(t, wa_cursor_fixed(&t->cursor, t->info->address_size));
  case DW_OP_addrx:
    return put_address(t, wa_dies_address(&t->info->dies, wa_cursor_uleb(&t->cursor)));
  case DW_OP_WASM_location:
    return put_wasm_location(t);
  case DW_OP_fbreg:
    return has_frame(t->info) && copy_signed(t, operation);
  case DW_OP_deref: // gives a guest's address
    load_pointer(t);
    return true;
  case DW_OP_plus_uconst:
  case DW_OP_constu:
  case DW_OP_piece:
    return copy_unsigned(t, operation);
  case DW_OP_consts:
    return copy_signed(t, operation);
  case DW_OP_const4u:
  case DW_OP_const4s:
    return copy_fixed(t, operation, 4);
  case DW_OP_dup:
  case DW_OP_minus:
  case DW_OP_plus:
  case DW_OP_stack_value:
    return copy_fixed(t, operation, 0);
  default:
    return false;
  }
}

static void put_expression(struct wa_info *info, uint32_t name,
                           const struct wa_debug_output *expression) {
  wa_put_uleb(&info->spec, name);
  wa_put_uleb(&info->spec, DW_FORM_exprloc);
  wa_put_uleb(&info->out->bytes, expression->bytes.size);
  const struct wa_debug_reloc *relocs = (const struct wa_debug_reloc *)expression->relocs.data;
  for (size_t i = 0; i < expression->relocs.size / sizeof *relocs; i++) {
    struct wa_debug_reloc reloc = relocs[i];
    reloc.offset += (uint32_t)info->out->bytes.size;
    wa_bytes_append(&info->out->relocs, &reloc, sizeof reloc);
  }
  wa_bytes_append(&info->out->bytes, expression->bytes.data, expression->bytes.size);
}

static void write_location(struct wa_info *info, const struct wa_attr *attr, bool is_pointer) {
  if (attr->kind != WA_ATTR_BLOCK || attr->bytes.size == 0)
    return;
  struct translation t = {.info = info, .cursor = wa_cursor_at(attr->bytes, 0)};
  t.out = &t.expression.bytes;
  bool ok = !is_pointer || attr->bytes.data[attr->bytes.size - 1] != DW_OP_stack_value;
  while (ok && wa_cursor_left(&t.cursor) > 0)
    ok = translate_one(&t);
  if (is_pointer) {
    load_pointer(&t);
    wa_put(t.out, DW_OP_stack_value, 1);
  }
  if (!ok || t.cursor.failed || t.expression.bytes.failed || t.expression.relocs.failed)
    t.expression.bytes.size = t.expression.relocs.size = 0; // nowhere: "optimized out"
  put_expression(info, attr->name, &t.expression);
  wa_bytes_deinit(&t.expression.bytes);
  wa_bytes_deinit(&t.expression.relocs);
}

void wa_info_location(struct wa_info *info, const struct wa_attr *attr) {
  write_location(info, attr, false);
}

void wa_info_pointer_location(struct wa_info *info, const struct wa_attr *attr) {
  write_location(info, attr, true);
}

// LLVM gives a slot as an offset from the function's frame base, which is a register.
static bool put_slot_address(struct wa_bytes_buffer *out, const struct wa_map_frame *frame) {
  struct wa_cursor base = wa_cursor_at(frame->frame_base, 0);
  struct wa_cursor slot = wa_cursor_at(frame->slot, 0);
  uint64_t base_op = wa_cursor_fixed(&base, 1), slot_op = wa_cursor_fixed(&slot, 1);
  bool from_frame = slot_op == DW_OP_fbreg;
  if (from_frame && base_op >= DW_OP_reg0 && base_op <= DW_OP_reg31)
    wa_put(out, base_op - DW_OP_reg0 + DW_OP_breg0, 1);
  else if (slot_op >= DW_OP_breg0 && slot_op <= DW_OP_breg31)
    wa_put(out, slot_op, 1);
  else
    return false;
  wa_put_sleb(out, wa_cursor_sleb(&slot));
  return !slot.failed && wa_cursor_left(&slot) == 0;
}

void wa_info_frame_base(struct wa_info *info) {
  struct wa_debug_output expression = {0};
  if (has_frame(info) &&
      put_slot_address(&expression.bytes, &info->debug->map->frames[info->function])) {
    wa_put(&expression.bytes, DW_OP_deref, 1);
    put_expression(info, DW_AT_frame_base, &expression);
  }
  wa_bytes_deinit(&expression.bytes);
}

void wa_info_base_location(struct wa_info *info) {
  struct wa_debug_output expression = {0};
  wa_put(&expression.bytes, DW_OP_addr, 1);
  wa_put_relocated(&expression, 8, WA_DEBUG_BASE, 0);
  put_expression(info, DW_AT_location, &expression);
  wa_bytes_deinit(&expression.bytes);
  wa_bytes_deinit(&expression.relocs);
}
