#include "compiler/debug/native.h"

#include "compiler/debug/write.h"
#include "compiler/dwarf/dwarf.h"
#include "compiler/dwarf/expression.h"

#include <elf.h>

enum { X86_64_RSP = 7 };

// ---- Registers ----

static bool is_between(uint64_t value, uint64_t first, uint64_t last) {
  return value >= first && value <= last;
}

// By the numbers that the psABIs give them in DWARF. Unsure are those that only calls in the
// convention with guaranteed tail calls do not preserve.
static enum wa_native_life life_of(uint16_t machine, uint64_t reg) {
  bool preserved = false, unsure = false;
  switch (machine) {
  case EM_X86_64: // rbx, rbp, rsp, r12, r15; r13, r14
    preserved = reg == 3 || reg == 6 || reg == 7 || reg == 12 || reg == 15;
    unsure = reg == 13 || reg == 14;
    break;
  case EM_AARCH64: // x19 to x29, sp, d8 to d15; x20, x22
    unsure = reg == 20 || reg == 22;
    preserved = !unsure && (is_between(reg, 19, 29) || reg == 31 || is_between(reg, 72, 79));
    break;
  default: // of RISC-V: sp, gp, tp, s0 to s11, fs0 to fs11
    preserved = is_between(reg, 2, 4) || is_between(reg, 8, 9) || is_between(reg, 18, 27) ||
                is_between(reg, 40, 41) || is_between(reg, 50, 59);
    break;
  }
  return preserved ? WA_NATIVE_PRESERVED : unsure ? WA_NATIVE_UNSURE : WA_NATIVE_CLOBBERED;
}

static bool is_integer_register(uint16_t machine, uint64_t reg) {
  return reg < (machine == EM_X86_64 ? 16 : 32);
}

static void use_register(struct wa_native *native, uint16_t machine, uint64_t reg) {
  enum wa_native_life life = life_of(machine, reg);
  if (life > native->life) {
    native->life = life;
  }
}

static void put_based(struct wa_bytes_buffer *out, uint64_t reg, uint64_t offset) {
  wa_put(out, reg < 32 ? DW_OP_breg0 + reg : DW_OP_bregx, 1);
  if (reg >= 32) {
    wa_put_uleb(out, reg);
  }
  wa_put_sleb(out, (int64_t)offset);
}

// ---- Reading ----

// A function that pushes arguments moves its stack pointer. LLVM then has for a frame base the
// canonical frame address plus a number, which is where the stack pointer is outside of calls; yet
// what it spills it gives by the stack pointer. False when the frame base is no such sum.
static bool frame_from_cfa(const struct wa_map_frame *frame, uint64_t *distance) {
  struct wa_cursor cursor = wa_cursor_at(frame->frame_base, 0);
  struct wa_operation cfa, number, plus;
  if (!wa_operation_read(&cursor, 8, &cfa) || !wa_operation_read(&cursor, 8, &number) ||
      !wa_operation_read(&cursor, 8, &plus) || wa_cursor_left(&cursor) > 0) {
    return false;
  }
  *distance = number.operand;
  return cfa.code == DW_OP_call_frame_cfa && number.code == DW_OP_consts && plus.code == DW_OP_plus;
}

static void put_from_cfa(struct wa_native *native, uint64_t distance) {
  wa_put(&native->bytes, DW_OP_call_frame_cfa, 1);
  wa_put(&native->bytes, DW_OP_consts, 1);
  wa_put_sleb(&native->bytes, (int64_t)distance);
  wa_put(&native->bytes, DW_OP_plus, 1);
}

// Else the frame base is a register, or one plus an offset.
static bool put_from_frame(struct wa_native *native, uint16_t machine,
                           const struct wa_map_frame *frame, uint64_t offset) {
  struct wa_cursor cursor = wa_cursor_at(frame->frame_base, 0);
  struct wa_operation base;
  uint64_t distance;
  if (frame_from_cfa(frame, &distance)) {
    put_from_cfa(native, distance + offset);
    return true;
  }
  if (!wa_operation_read(&cursor, 8, &base) || wa_cursor_left(&cursor) > 0 ||
      !is_between(base.code, DW_OP_reg0, DW_OP_breg31) || !is_integer_register(machine, base.reg)) {
    return false;
  }
  use_register(native, machine, base.reg);
  put_based(&native->bytes, base.reg, base.operand + offset);
  return true;
}

static bool read_operation(struct wa_native *native, uint16_t machine,
                           const struct wa_map_frame *frame, const struct wa_operation *operation,
                           bool is_last) {
  switch (operation->code) {
  case DW_OP_stack_value:
    native->kind = WA_NATIVE_VALUE;
    return is_last;
  case DW_OP_implicit_value:
    native->kind = WA_NATIVE_IMPLICIT;
    wa_bytes_append(&native->bytes, operation->bytes.data, operation->bytes.size);
    return is_last && native->bytes.size == operation->bytes.size;
  case DW_OP_fbreg:
    return put_from_frame(native, machine, frame, operation->operand);
  case DW_OP_addr:
  case DW_OP_addrx:
  case DW_OP_constx:
  case DW_OP_convert:
  case DW_OP_piece:
  case DW_OP_WASM_location:
    return false;
  default:
    break;
  }
  if (is_between(operation->code, DW_OP_reg0, DW_OP_reg31) || operation->code == DW_OP_regx) {
    native->kind = WA_NATIVE_REGISTER;
    native->reg = operation->reg;
    use_register(native, machine, operation->reg);
    return is_last && native->bytes.size == 0;
  }
  if (is_between(operation->code, DW_OP_breg0, DW_OP_breg31) || operation->code == DW_OP_bregx) {
    uint64_t distance;
    if (machine == EM_X86_64 && operation->reg == X86_64_RSP && frame_from_cfa(frame, &distance)) {
      put_from_cfa(native, distance + operation->operand);
      return true;
    }
    use_register(native, machine, operation->reg);
  }
  wa_bytes_append(&native->bytes, operation->bytes.data, operation->bytes.size);
  return true;
}

// Where a vector register was spilled for the number in it, LLVM before 20 loads all of it as a
// number. Takes that off: the number is in memory.
static struct wa_bytes without_wide_load(struct wa_bytes expression) {
  enum { LOAD_SIZE = 3, LARGEST_NUMBER = 8 };
  if (expression.size < LOAD_SIZE) {
    return expression;
  }
  const uint8_t *last = expression.data + expression.size - LOAD_SIZE;
  bool is_wide_load =
      last[0] == DW_OP_deref_size && last[1] > LARGEST_NUMBER && last[2] == DW_OP_stack_value;
  expression.size -= is_wide_load ? LOAD_SIZE : 0;
  return expression;
}

bool wa_native_read(struct wa_native *native, uint16_t machine, const struct wa_map_frame *frame,
                    struct wa_bytes expression) {
  expression = without_wide_load(expression);
  struct wa_cursor cursor = wa_cursor_at(expression, 0);
  struct wa_operation operation;
  native->kind = WA_NATIVE_MEMORY;
  native->life = WA_NATIVE_PRESERVED;
  native->bytes.size = 0;
  while (wa_cursor_left(&cursor) > 0) {
    if (!wa_operation_read(&cursor, 8, &operation) ||
        !read_operation(native, machine, frame, &operation, wa_cursor_left(&cursor) == 0)) {
      return false;
    }
  }
  return !cursor.failed && expression.size > 0 && !native->bytes.failed;
}

void wa_native_deinit(struct wa_native *native) {
  wa_bytes_deinit(&native->bytes);
}

// ---- Writing ----

void wa_native_put_location(const struct wa_native *native, struct wa_bytes_buffer *out) {
  if (native->kind == WA_NATIVE_REGISTER) {
    wa_put(out, native->reg < 32 ? DW_OP_reg0 + native->reg : DW_OP_regx, 1);
    if (native->reg >= 32) {
      wa_put_uleb(out, native->reg);
    }
    return;
  }
  wa_bytes_append(out, native->bytes.data, native->bytes.size);
  if (native->kind == WA_NATIVE_VALUE) {
    wa_put(out, DW_OP_stack_value, 1);
  }
}

// The upper half of a register that holds 32 bits may be anything.
bool wa_native_put_value(const struct wa_native *native, uint16_t machine, unsigned size,
                         struct wa_bytes_buffer *out) {
  switch (native->kind) {
  case WA_NATIVE_REGISTER:
    if (!is_integer_register(machine, native->reg)) {
      return false;
    }
    put_based(out, native->reg, 0);
    break;
  case WA_NATIVE_MEMORY:
    wa_bytes_append(out, native->bytes.data, native->bytes.size);
    wa_put(out, DW_OP_deref_size, 1);
    wa_put(out, size, 1);
    return true;
  case WA_NATIVE_VALUE:
    wa_bytes_append(out, native->bytes.data, native->bytes.size);
    break;
  default:
    return false;
  }
  if (size == 4) {
    wa_put(out, DW_OP_const4u, 1);
    wa_put(out, UINT32_MAX, 4);
    wa_put(out, DW_OP_and, 1);
  }
  return true;
}
