#include "tests/litmus/program.h"

#include <stdio.h>

static uint64_t next(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  uint64_t x = *state ^ *state >> 29;
  return (x * 0xbf58476d1ce4e5b9u) >> 33;
}

// Every byte that a program writes tells who wrote it, as long as nothing is added.
static uint64_t marked(unsigned number, uint8_t width) {
  uint64_t value = 0;
  for (unsigned i = 0; i < width; i++) {
    value |= (uint64_t)(number << 3 | i) << (8 * i);
  }
  return value;
}

// The styles: how plain, how wide, how spread a program is.
struct style {
  bool one_width, only_atomic, only_plain;
  uint8_t width, area;
};

static void make_op(uint64_t *random, const struct style *style, unsigned number, struct op *op) {
  *op = (struct op){.width = style->width};
  if (!style->one_width) {
    op->width = (uint8_t)(1u << next(random) % 4);
  }
  op->atomic = style->only_atomic || (!style->only_plain && next(random) % 3 != 0);
  if (next(random) % 16 == 0) {
    *op = (struct op){.kind = OP_FENCE};
    return;
  }
  uint64_t kind = next(random) % (op->atomic ? 10 : 6);
  op->kind = kind < 3   ? OP_LOAD
             : kind < 6 ? OP_STORE
             : kind < 7 ? OP_ADD
             : kind < 8 ? OP_XCHG
                        : OP_CMPXCHG;
  op->wide = op->width == 8 || next(random) % 2 != 0;
  unsigned places = (unsigned)(style->area - op->width) / (op->atomic ? op->width : 1) + 1u;
  op->address = (uint8_t)(next(random) % places * (op->atomic ? op->width : 1));
  if (style->one_width && next(random) % 4 != 0) { // meet at aligned places
    op->address = (uint8_t)(op->address / op->width * op->width);
  }
  op->value = marked(number, op->width);
  op->expected = next(random) % 2 != 0 ? 0 : marked(1 + (unsigned)(next(random) % 12), op->width);
  if (op->kind == OP_ADD) {
    op->value = 1 + next(random) % 3;
  }
}

void program_generate(uint64_t seed, struct program *program) {
  uint64_t random = seed * 0x9e3779b97f4a7c15u + 1;
  struct style style = {.one_width = next(&random) % 2 != 0,
                        .width = (uint8_t)(1u << next(&random) % 4),
                        .area = next(&random) % 2 != 0 ? 8 : 16};
  uint64_t purity = next(&random) % 4;
  style.only_atomic = purity <= 1;
  style.only_plain = purity == 2 && next(&random) % 2 != 0;
  *program = (struct program){.thread_count = 2 + (unsigned)(next(&random) % 5 == 0)};
  (void)snprintf(program->name, sizeof program->name, "seed %llu", (unsigned long long)seed);
  unsigned number = 1;
  for (unsigned t = 0; t < program->thread_count; t++) {
    program->op_count[t] = 1 + (unsigned)(next(&random) % (program->thread_count == 2 ? 5 : 3));
    for (unsigned i = 0; i < program->op_count[t]; i++) {
      make_op(&random, &style, number++, &program->ops[t][i]);
    }
  }
}
