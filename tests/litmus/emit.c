#include "tests/litmus/program.h"
#include "tests/unit/module_builder.h"

// ---- Printing ----

static const char *const kinds[] = {"load", "store", "add", "xchg", "cmpxchg", "fence"};

static void print_op(const struct op *op) {
  printf("%s%s", op->atomic && op->kind <= OP_STORE ? "atomic." : "", kinds[op->kind]);
  if (op->kind == OP_FENCE) {
    return;
  }
  printf("%d[%d]", op->width * 8, op->address);
  if (op->kind == OP_CMPXCHG) {
    printf(" %llx ->", (unsigned long long)op->expected);
  }
  if (op->kind != OP_LOAD) {
    printf(" %llx", (unsigned long long)op->value);
  }
}

void program_print(const struct program *program) {
  printf("%s\n", program->name);
  for (unsigned t = 0; t < program->thread_count; t++) {
    printf("  thread %u:", t);
    for (unsigned i = 0; i < program->op_count[t]; i++) {
      printf(i == 0 ? " " : "; ");
      print_op(&program->ops[t][i]);
    }
    printf("\n");
  }
}

void outcome_print(const struct program *program, const struct outcome *outcome) {
  for (unsigned t = 0; t < program->thread_count; t++) {
    for (unsigned i = 0; i < program->op_count[t]; i++) {
      if (op_reads(&program->ops[t][i])) {
        printf(" %u.%u=%llx", t, i, (unsigned long long)outcome->seen[t][i]);
      }
    }
  }
  printf(" memory=");
  for (unsigned i = 0; i < AREA; i++) {
    printf("%02x", outcome->memory[i]);
  }
}

// ---- Instructions ----

static unsigned log2_width(const struct op *op) {
  return (unsigned)__builtin_ctz(op->width);
}

// The order in which the proposal numbers the widths of each atomic.
static uint8_t atomic_variant(const struct op *op) {
  static const uint8_t narrow[] = {2, 3, 0}, wide[] = {4, 5, 6, 1};
  return op->wide ? wide[log2_width(op)] : narrow[log2_width(op)];
}

static void put_opcode(struct builder *b, const struct op *op) {
  static const uint8_t loads[2][4] = {{0x2d, 0x2f, 0x28}, {0x31, 0x33, 0x35, 0x29}};
  static const uint8_t stores[2][4] = {{0x3a, 0x3b, 0x36}, {0x3c, 0x3d, 0x3e, 0x37}};
  static const uint8_t atomics[] = {0x10, 0x17, 0x1e, 0x41, 0x48};
  if (op->atomic) {
    put_bytes(b, 0xfe, (uint8_t)(atomics[op->kind] + atomic_variant(op)));
  } else {
    put_bytes(b, (op->kind == OP_LOAD ? loads : stores)[op->wide][log2_width(op)]);
  }
  put_bytes(b, op->atomic ? (uint8_t)log2_width(op) : 0, op->address);
}

static void put_constant(struct builder *b, const struct op *op, uint64_t value) {
  int64_t rest = op->wide ? (int64_t)value : (int32_t)value;
  put_bytes(b, op->wide ? 0x42 : 0x41);
  for (;;) {
    uint8_t byte = rest & 0x7f;
    rest >>= 7;
    if ((rest == 0 && byte < 0x40) || (rest == -1 && byte >= 0x40)) {
      put_bytes(b, byte);
      return;
    }
    put_bytes(b, (uint8_t)(byte | 0x80));
  }
}

static void put_op(struct builder *b, const struct op *op, uint32_t local) {
  if (op->kind == OP_FENCE) {
    put_bytes(b, 0xfe, 0x03, 0x00);
    return;
  }
  put_bytes(b, 0x20, 0);
  if (op->kind == OP_CMPXCHG) {
    put_constant(b, op, op->expected);
  }
  if (op->kind != OP_LOAD) {
    put_constant(b, op, op->value);
  }
  put_opcode(b, op);
  if (op_reads(op)) {
    if (!op->wide) {
      put_bytes(b, 0xad); // i64.extend_i32_u
    }
    put_bytes(b, 0x21);
    put_u32(b, local);
  }
}

static unsigned read_count(const struct program *program, unsigned thread) {
  unsigned count = 0;
  for (unsigned i = 0; i < program->op_count[thread]; i++) {
    count += op_reads(&program->ops[thread][i]);
  }
  return count;
}

static void put_body(struct builder *b, const struct program *program, unsigned thread) {
  unsigned reads = read_count(program, thread);
  struct builder *body = calloc(1, sizeof *body);
  put_bytes(body, 1, (uint8_t)reads, 0x7e);
  uint32_t local = 1;
  for (unsigned i = 0; i < program->op_count[thread]; i++) {
    const struct op *op = &program->ops[thread][i];
    put_op(body, op, local);
    local += op_reads(op);
  }
  for (unsigned i = 0; i < reads; i++) {
    put_bytes(body, 0x20, (uint8_t)(1 + i));
  }
  put_bytes(body, 0x0b);
  put_u32(b, (uint32_t)body->size);
  put(b, body->bytes, body->size);
  free(body);
}

uint8_t *program_emit(const struct program *program, size_t *size) {
  struct builder *b = calloc(1, sizeof *b);
  uint8_t threads = (uint8_t)program->thread_count;
  begin_module(b);
  begin_section(b, 1);
  put_bytes(b, threads);
  for (unsigned t = 0; t < threads; t++) {
    put_bytes(b, 0x60, 1, 0x7f, (uint8_t)read_count(program, t));
    for (unsigned i = 0; i < read_count(program, t); i++) {
      put_bytes(b, 0x7e);
    }
  }
  end_sized(b);
  put_section(b, 2, 1, 1, 'm', 1, 'm', 2, 3, 1, 16);
  begin_section(b, 3);
  put_bytes(b, threads);
  for (uint8_t t = 0; t < threads; t++) {
    put_bytes(b, t);
  }
  end_sized(b);
  begin_section(b, 7);
  put_bytes(b, threads);
  for (uint8_t t = 0; t < threads; t++) {
    put_bytes(b, 1, (uint8_t)('0' + t), 0, t);
  }
  end_sized(b);
  begin_section(b, 10);
  put_bytes(b, threads);
  for (unsigned t = 0; t < threads; t++) {
    put_body(b, program, t);
  }
  end_sized(b);
  uint8_t *bytes = malloc(b->size);
  memcpy(bytes, b->bytes, b->size);
  *size = b->size;
  free(b);
  return bytes;
}
