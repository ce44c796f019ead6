// Location expressions (DWARF 5, chapters 2.5 and 2.6). A module's addresses are offsets in linear
// memory; native ones are that plus what the section WA_DEBUG_BASE holds. A function's frame base
// is the native address of its frame, so what is relative to the frame stays as it is.
#include "compiler/debug/info_location.h"

#include "compiler/dwarf/dwarf.h"
#include "compiler/dwarf/expression.h"

enum { MAX_DEPTH = 32 };

// What an element of the expression's stack is.
enum element {
  GUEST,   // a number or an address of the guest's; bits above the size of one may be anything
  CLEAN,   // the same, without such bits
  ADDRESS, // of the host's
};

struct translation {
  struct wa_info *info;
  struct wa_cursor cursor;
  const struct wa_operands *operands;
  bool is_pointer;
  uint32_t size;              // bytes of the variable, or 0
  struct wa_debug_output *to; // its relocations count from its start
  struct wa_bytes_buffer *out;
  enum element stack[MAX_DEPTH];
  unsigned depth;
};

// ---- The stack ----

static bool push(struct translation *t, enum element element) {
  if (t->depth == MAX_DEPTH) {
    return false;
  }
  t->stack[t->depth++] = element;
  return true;
}

static bool put_constant(struct translation *t, const struct wa_operation *operation) {
  wa_bytes_append(t->out, operation->bytes.data, operation->bytes.size);
  return push(t, GUEST);
}

static bool has_frame(const struct wa_info *info) {
  return info->function != WA_NONE && info->debug->map->frames[info->function].slot.size > 0;
}

static void put_base(struct translation *t) {
  wa_put(t->out, DW_OP_addr, 1);
  wa_put_relocated(t->to, 8, WA_DEBUG_BASE, 0);
  wa_put(t->out, DW_OP_deref, 1);
}

static void put_mask(struct translation *t, unsigned size) {
  if (size >= 8) {
    return;
  }
  wa_put(t->out, DW_OP_constu, 1);
  wa_put_uleb(t->out, ((uint64_t)1 << (8 * size)) - 1);
  wa_put(t->out, DW_OP_and, 1);
}

// Makes the top of the stack an address of the host's, or a number.
static bool make_address(struct translation *t) {
  if (t->depth == 0) {
    return false;
  }
  enum element *top = &t->stack[t->depth - 1];
  if (*top == GUEST) {
    put_mask(t, t->info->address_size);
  }
  if (*top != ADDRESS) {
    put_base(t);
    wa_put(t->out, DW_OP_plus, 1);
  }
  *top = ADDRESS;
  return true;
}

static bool make_number(struct translation *t) {
  if (t->depth == 0) {
    return false;
  }
  enum element *top = &t->stack[t->depth - 1];
  if (*top == ADDRESS) {
    put_base(t);
    wa_put(t->out, DW_OP_minus, 1);
    *top = CLEAN;
  }
  return true;
}

static bool load(struct translation *t, uint64_t size) {
  if (size == 0 || size > 8 || !make_address(t)) {
    return false;
  }
  wa_put(t->out, DW_OP_deref_size, 1);
  wa_put(t->out, size, 1);
  t->stack[t->depth - 1] = size <= t->info->address_size ? CLEAN : GUEST;
  return true;
}

// ---- Operations ----

// The linker gives what it dropped the highest addresses.
static bool put_address(struct translation *t, uint64_t address) {
  uint64_t highest = t->info->address_size == 8 ? UINT64_MAX : UINT32_MAX;
  if (address >= highest - 1) {
    return false;
  }
  put_base(t);
  wa_put(t->out, DW_OP_plus_uconst, 1);
  wa_put_uleb(t->out, address);
  return push(t, ADDRESS);
}

static bool put_frame(struct translation *t, uint64_t offset) {
  if (!has_frame(t->info)) {
    return false;
  }
  wa_put(t->out, DW_OP_fbreg, 1);
  wa_put_sleb(t->out, (int64_t)offset);
  return push(t, ADDRESS);
}

static const struct wa_operand *find_operand(const struct translation *t,
                                             const struct wa_operation *operation) {
  for (uint32_t i = 0; t->operands && i < t->operands->count; i++) {
    if (t->operands->rows[i].kind == operation->kind &&
        t->operands->rows[i].index == operation->operand) {
      return &t->operands->rows[i];
    }
  }
  return NULL;
}

// A wasm local or something on the operand stack. The local with the frame's address is always
// kept.
static bool put_wasm_location(struct translation *t, const struct wa_operation *operation) {
  const struct wa_source *source = t->info->debug->source;
  const struct wa_operand *operand = find_operand(t, operation);
  if (operation->kind == WA_WASM_LOCAL && has_frame(t->info) &&
      operation->operand == source->frame_locals[t->info->function]) {
    return put_frame(t, 0);
  }
  bool is_wide = operand && operand->type == 'j';
  if (!operand || (operand->type != 'i' && !is_wide)) {
    return false;
  }
  return wa_native_put_value(&operand->native, t->info->debug->map->machine->machine,
                             is_wide ? 8 : 4, t->out) &&
         push(t, is_wide ? GUEST : CLEAN);
}

// An address and a number make an address, and the difference of two addresses is a number.
static bool put_sum(struct translation *t, uint8_t code) {
  if (t->depth < 2) {
    return false;
  }
  bool first = t->stack[t->depth - 2] == ADDRESS, second = t->stack[t->depth - 1] == ADDRESS;
  if (second && (first == (code == DW_OP_plus))) {
    return false;
  }
  wa_put(t->out, code, 1);
  t->stack[--t->depth - 1] = first != second ? ADDRESS : GUEST;
  return true;
}

// Operations whose lower bits depend on nothing but lower bits.
static bool put_arithmetic(struct translation *t, uint8_t code, unsigned operands) {
  if (t->depth < operands) {
    return false;
  }
  for (unsigned i = 1; i <= operands; i++) {
    if (t->stack[t->depth - i] == ADDRESS) {
      return false;
    }
  }
  wa_put(t->out, code, 1);
  t->depth -= operands - 1;
  t->stack[t->depth - 1] = GUEST;
  return true;
}

// To an integer type, with what is above its sign or zero.
static bool convert(struct translation *t, uint64_t type) {
  uint32_t size = t->info->address_size, encoding = DW_ATE_unsigned;
  if (type != 0 && !wa_types_base(&t->info->debug->source->types, t->info->dies.offset + type,
                                  &size, &encoding)) {
    return false;
  }
  bool is_signed = encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
  bool is_unsigned =
      encoding == DW_ATE_unsigned || encoding == DW_ATE_unsigned_char || encoding == DW_ATE_boolean;
  if (size == 0 || size > 8 || (!is_signed && !is_unsigned) || !make_number(t)) {
    return false;
  }
  if (is_unsigned) {
    put_mask(t, size);
    t->stack[t->depth - 1] = size <= t->info->address_size ? CLEAN : GUEST;
    return true;
  }
  for (int i = 0; i < 2 && size < 8; i++) {
    wa_put(t->out, DW_OP_constu, 1);
    wa_put_uleb(t->out, 64 - 8 * size);
    wa_put(t->out, i == 0 ? DW_OP_shl : DW_OP_shra, 1);
  }
  t->stack[t->depth - 1] = GUEST;
  return true;
}

static bool rearrange(struct translation *t, uint8_t code) {
  if (t->depth < (code == DW_OP_over || code == DW_OP_swap ? 2u : 1u)) {
    return false;
  }
  wa_put(t->out, code, 1);
  enum element *top = &t->stack[t->depth - 1];
  enum element other = *top;
  switch (code) {
  case DW_OP_drop:
    t->depth--;
    return true;
  case DW_OP_dup:
    return push(t, *top);
  case DW_OP_over:
    return push(t, top[-1]);
  default: // swap
    *top = top[-1];
    top[-1] = other;
    return true;
  }
}

static bool translate_one(struct translation *t, const struct wa_operation *operation) {
  switch (operation->code) {
  case DW_OP_addr:
    return put_address(t, operation->operand);
  case DW_OP_addrx:
    return put_address(t, wa_dies_address(&t->info->dies, operation->operand));
  case DW_OP_WASM_location:
    return put_wasm_location(t, operation);
  case DW_OP_fbreg:
    return put_frame(t, operation->operand);
  case DW_OP_deref:
    return load(t, t->info->address_size);
  case DW_OP_deref_size:
    return load(t, operation->operand);
  case DW_OP_plus_uconst:
    if (t->depth == 0) {
      return false;
    }
    if (t->stack[t->depth - 1] == CLEAN) {
      t->stack[t->depth - 1] = GUEST;
    }
    wa_bytes_append(t->out, operation->bytes.data, operation->bytes.size);
    return true;
  case DW_OP_plus:
  case DW_OP_minus:
    return put_sum(t, operation->code);
  case DW_OP_and:
  case DW_OP_or:
  case DW_OP_xor:
  case DW_OP_mul:
  case DW_OP_shl:
    return put_arithmetic(t, operation->code, 2);
  case DW_OP_neg:
  case DW_OP_not:
    return put_arithmetic(t, operation->code, 1);
  case DW_OP_convert:
    return convert(t, operation->operand);
  case DW_OP_dup:
  case DW_OP_drop:
  case DW_OP_over:
  case DW_OP_swap:
    return rearrange(t, operation->code);
  case DW_OP_shr: // these depend on higher bits, too
  case DW_OP_shra:
  case DW_OP_constx: // of the TLS
    return false;
  default:
    return operation->code < DW_OP_reg0 && put_constant(t, operation);
  }
}

// ---- Simple locations, and what is made of them (2.6) ----

// What is the value of one operand and nothing else is where that is.
static bool put_whole_operand(struct translation *t) {
  struct wa_cursor cursor = t->cursor;
  struct wa_operation operation, end;
  if (t->is_pointer || !wa_operation_read(&cursor, t->info->address_size, &operation) ||
      operation.code != DW_OP_WASM_location ||
      !wa_operation_read(&cursor, t->info->address_size, &end) || end.code != DW_OP_stack_value) {
    return false;
  }
  const struct wa_operand *operand = find_operand(t, &operation);
  if (!operand) {
    return false;
  }
  wa_native_put_location(&operand->native, t->out);
  t->cursor = cursor;
  return true;
}

// The host's pointer of the guest's on top of the stack: a null pointer stays one.
static bool make_pointer(struct translation *t) {
  enum { SKIP_SIZE = 3 };
  if (!make_number(t)) {
    return false;
  }
  if (t->stack[t->depth - 1] == GUEST) {
    put_mask(t, t->info->address_size);
  }
  t->stack[t->depth - 1] = CLEAN;
  wa_put(t->out, DW_OP_dup, 1);
  wa_put(t->out, DW_OP_bra, 1);
  wa_put(t->out, SKIP_SIZE, 2);
  wa_put(t->out, DW_OP_skip, 1);
  size_t skip = wa_bytes_append(t->out, NULL, 2);
  make_address(t);
  if (!t->out->failed) {
    t->out->data[skip] = (uint8_t)(t->out->size - skip - 2);
  }
  return true;
}

static bool put_end(struct translation *t, bool is_value) {
  if (t->is_pointer && !(is_value || load(t, t->info->address_size))) {
    return false;
  }
  if (!t->is_pointer && !is_value) {
    return make_address(t);
  }
  if (t->is_pointer ? !make_pointer(t) : !make_number(t)) {
    return false;
  }
  wa_put(t->out, DW_OP_stack_value, 1);
  return true;
}

static bool is_at(const struct translation *t, uint8_t code) {
  return wa_cursor_left(&t->cursor) > 0 && *t->cursor.at == code;
}

// Up to a piece or the end. A bare wasm location is what some old compilers wrote for its value,
// and others for its being an address: it is neither.
static bool put_simple(struct translation *t) {
  struct wa_operation operation = {0};
  uint32_t count = 0;
  t->depth = 0;
  if (is_at(t, DW_OP_piece) || put_whole_operand(t)) {
    return true;
  }
  for (; wa_cursor_left(&t->cursor) > 0 && !is_at(t, DW_OP_piece); count++) {
    if (!wa_operation_read(&t->cursor, t->info->address_size, &operation)) {
      return false;
    }
    if (operation.code == DW_OP_stack_value) {
      return put_end(t, true);
    }
    if (operation.code == DW_OP_implicit_value) {
      wa_bytes_append(t->out, operation.bytes.data, operation.bytes.size);
      return count == 0 && !t->is_pointer;
    }
    if (!translate_one(t, &operation)) {
      return false;
    }
  }
  return !(count == 1 && operation.code == DW_OP_WASM_location) && put_end(t, false);
}

// What the pieces of a variable do not reach is nowhere, but gdb takes it for zeros unless it is
// told, and more than all for an error.
static bool put_pieces(struct translation *t) {
  struct wa_operation piece;
  uint64_t reached = 0;
  if (!put_simple(t)) {
    return false;
  }
  if (wa_cursor_left(&t->cursor) == 0) {
    return true;
  }
  while (wa_cursor_left(&t->cursor) > 0) {
    if (t->is_pointer || (reached > 0 && !put_simple(t)) ||
        !wa_operation_read(&t->cursor, t->info->address_size, &piece) ||
        piece.code != DW_OP_piece || piece.operand == 0 || piece.operand > t->size - reached) {
      return false;
    }
    wa_bytes_append(t->out, piece.bytes.data, piece.bytes.size);
    reached += piece.operand;
  }
  if (reached < t->size) {
    wa_put(t->out, DW_OP_piece, 1);
    wa_put_uleb(t->out, t->size - reached);
  }
  return true;
}

bool wa_info_translate(struct wa_info *info, uint64_t variable, struct wa_bytes expression,
                       const struct wa_operands *operands, bool is_pointer,
                       struct wa_debug_output *to) {
  struct translation t = {.info = info,
                          .cursor = wa_cursor_at(expression, 0),
                          .operands = operands,
                          .is_pointer = is_pointer,
                          .size = wa_types_size(&info->debug->source->types, variable),
                          .to = to,
                          .out = &to->bytes};
  to->bytes.size = to->relocs.size = 0;
  return expression.size > 0 && put_pieces(&t) && !t.cursor.failed && !to->bytes.failed &&
         !to->relocs.failed;
}

// ---- Attributes ----

static void append(struct wa_debug_output *out, const struct wa_debug_output *expression) {
  const struct wa_debug_reloc *relocs = (const struct wa_debug_reloc *)expression->relocs.data;
  for (size_t i = 0; i < expression->relocs.size / sizeof *relocs; i++) {
    struct wa_debug_reloc reloc = relocs[i];
    reloc.offset += (uint32_t)out->bytes.size;
    wa_bytes_append(&out->relocs, &reloc, sizeof reloc);
  }
  wa_bytes_append(&out->bytes, expression->bytes.data, expression->bytes.size);
}

void wa_info_append_expression(struct wa_debug_output *out,
                               const struct wa_debug_output *expression) {
  wa_put_uleb(&out->bytes, expression->bytes.size);
  append(out, expression);
}

static void put_expression(struct wa_info *info, uint32_t name,
                           const struct wa_debug_output *expression) {
  wa_put_uleb(&info->spec, name);
  wa_put_uleb(&info->spec, DW_FORM_exprloc);
  wa_info_append_expression(info->out, expression);
}

void wa_info_location(struct wa_info *info, const struct wa_die *die, const struct wa_attr *attr,
                      bool is_pointer) {
  const struct wa_variable *variable =
      wa_variable_find(&info->debug->source->variables, die->offset);
  struct wa_debug_output expression = {0};
  if (variable && variable->function == info->function) {
    wa_info_listed_location(info, variable, is_pointer);
    return;
  }
  if (attr->kind != WA_ATTR_BLOCK || attr->bytes.size == 0) {
    return;
  }
  if (!wa_info_translate(info, die->offset, attr->bytes, NULL, is_pointer, &expression)) {
    expression.bytes.size = expression.relocs.size = 0; // nowhere: "optimized out"
  }
  put_expression(info, attr->name, &expression);
  wa_bytes_deinit(&expression.bytes);
  wa_bytes_deinit(&expression.relocs);
}

// What LLVM's slot is for holds the frame's native address.
void wa_info_frame_base(struct wa_info *info) {
  struct wa_debug_output expression = {0};
  struct wa_native slot = {0};
  const struct wa_map *map = info->debug->map;
  if (has_frame(info) &&
      wa_native_read(&slot, map->machine->machine, &map->frames[info->function],
                     map->frames[info->function].slot) &&
      slot.kind == WA_NATIVE_MEMORY) {
    wa_native_put_location(&slot, &expression.bytes);
    wa_put(&expression.bytes, DW_OP_deref, 1);
    put_expression(info, DW_AT_frame_base, &expression);
  }
  wa_native_deinit(&slot);
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
