// The classic litmus tests, each with atomics, which forbid its outcome, and with plain accesses,
// which mostly allow it; and with fences between plain accesses, which order threads that all have
// one.
#include "tests/litmus/program.h"

#include <stdio.h>
#include <string.h>

// Threads separated by '|', ops by ' ': W or R, the location, what is written or seen in the
// outcome. F is a fence. `end` is what x, y and z hold in the end, '-' for anything.
static const struct {
  const char *name, *text, *end;
  bool fences_forbid, plain_forbids; // it also with fences, with plain accesses alone
} tests[] = {
    {"MP", "Wx1 Wy1|Ry1 Rx0", "---", true, false},
    {"SB", "Wx1 Ry0|Wy1 Rx0", "---", true, false},
    {"LB", "Rx1 Wy1|Ry1 Wx1", "---", true, false},
    {"R", "Wx1 Wy1|Wy2 Rx0", "-2-", true, false},
    {"S", "Wx2 Wy1|Ry1 Wx1", "2--", true, false},
    {"2+2W", "Wx1 Wy2|Wy1 Wx2", "11-", true, false},
    {"CoRR", "Wx1|Rx1 Rx0", "---", false, false},
    {"CoWW", "Wx1 Wx2", "1--", true, true},
    {"CoWR", "Wx1 Rx0|Wx2", "---", true, true},
    {"CoRW", "Rx1 Wx1", "---", true, true},
    {"WRC", "Wx1|Rx1 Wy1|Ry1 Rx0", "---", false, false},
    {"RWC", "Wx1|Rx1 Ry0|Wy1 Rx0", "---", false, false},
    {"ISA2", "Wx1 Wy1|Ry1 Wz1|Rz1 Rx0", "---", true, false},
    {"IRIW", "Wx1|Wy1|Rx1 Ry0|Ry1 Rx0", "---", false, false},
};

enum { TEST_COUNT = sizeof tests / sizeof *tests, PLAIN = 0, ATOMIC = 1, FENCED = 2, STYLES = 3 };

static void add_op(struct program *program, struct outcome *outcome, unsigned thread,
                   const struct op *op, uint64_t seen) {
  unsigned at = program->op_count[thread]++;
  program->ops[thread][at] = *op;
  outcome->seen[thread][at] = seen;
}

static void parse(const char *text, int style, struct program *program, struct outcome *outcome) {
  unsigned thread = 0;
  bool first = true;
  for (; *text != '\0'; text++) {
    if (*text == '|') {
      thread++;
      first = true;
    }
    if (*text != 'W' && *text != 'R') {
      continue;
    }
    if (style == FENCED && !first) {
      add_op(program, outcome, thread, &(struct op){.kind = OP_FENCE}, 0);
    }
    first = false;
    uint64_t number = (uint64_t)(text[2] - '0');
    const struct op op = {.kind = *text == 'W' ? OP_STORE : OP_LOAD,
                          .atomic = style == ATOMIC,
                          .width = 4,
                          .address = (uint8_t)((text[1] - 'x') * 4),
                          .value = number};
    add_op(program, outcome, thread, &op, *text == 'R' ? number : 0);
  }
  program->thread_count = thread + 1;
}

static void parse_end(const char *end, struct classic *classic) {
  for (unsigned i = 0; i < 3; i++) {
    classic->open[i] = end[i] == '-';
    classic->relaxed.memory[i * 4] = end[i] == '-' ? 0 : (uint8_t)(end[i] - '0');
  }
}

size_t classic_count(void) {
  return (size_t)TEST_COUNT * STYLES;
}

void classic_get(size_t index, struct classic *classic) {
  static const char *const styles[] = {"plain", "atomic", "fenced"};
  size_t test = index / STYLES;
  int style = (int)(index % STYLES);
  *classic = (struct classic){.fences = style == FENCED};
  parse(tests[test].text, style, &classic->program, &classic->relaxed);
  parse_end(tests[test].end, classic);
  classic->forbidden = style == ATOMIC || tests[test].plain_forbids ||
                       (style == FENCED && tests[test].fences_forbid);
  (void)snprintf(classic->program.name, sizeof classic->program.name, "%s %s", tests[test].name,
                 styles[style]);
}

bool classic_is_relaxed(const struct classic *classic, const struct outcome *outcome) {
  bool same = memcmp(outcome->seen, classic->relaxed.seen, sizeof outcome->seen) == 0;
  for (unsigned i = 0; same && i < 3; i++) {
    same = classic->open[i] || outcome->memory[i * 4] == classic->relaxed.memory[i * 4];
  }
  return same;
}
