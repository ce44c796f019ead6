// Regular expressions: each is compiled to a small automaton that is run over a text, all states at
// once. Supports literals, '.', classes, groups, '|', '*', '+' and '?'.
#include "bench.h"

enum { TEXT = 65536, STATES = 256 };
enum kind { CLASS, SPLIT, MATCH };

const uint32_t bench_rounds = 26;

struct state {
  enum kind kind;
  uint8_t set[32];
  int out, alternative;
};

static struct state states[STATES];
static int state_count;

// A piece of automaton whose loose ends are chained through `out` and `alternative`: an end is the
// state's number times two, plus one for the alternative; -1 ends the chain.
struct piece {
  int start, ends;
};

static int new_state(enum kind kind) {
  struct state *state = &states[state_count];
  memset(state, 0, sizeof *state);
  state->kind = kind;
  state->out = state->alternative = -1;
  return state_count++;
}

static int *end_of(int end) {
  return end & 1 ? &states[end / 2].alternative : &states[end / 2].out;
}

static void patch(int ends, int target) {
  while (ends >= 0) {
    int *end = end_of(ends);
    ends = *end;
    *end = target;
  }
}

static int join(int a, int b) {
  if (a < 0)
    return b;
  int last = a;
  while (*end_of(last) >= 0)
    last = *end_of(last);
  *end_of(last) = b;
  return a;
}

static struct piece parse_alternatives(const char **text);

static void add(struct state *state, int byte) {
  state->set[byte / 8] |= (uint8_t)(1 << byte % 8);
}

static struct piece parse_class(const char **text) {
  int number = new_state(CLASS);
  struct state *state = &states[number];
  char c = *(*text)++;
  if (c == '.') {
    memset(state->set, 255, sizeof state->set);
  } else if (c == '[') {
    for (; **text != ']'; (*text)++) {
      int from = **text, to = from;
      if ((*text)[1] == '-') {
        *text += 2;
        to = **text;
      }
      for (int byte = from; byte <= to; byte++)
        add(state, byte);
    }
    (*text)++;
  } else {
    add(state, c);
  }
  return (struct piece){number, number * 2};
}

static struct piece parse_repeat(const char **text) {
  struct piece piece;
  if (**text == '(') {
    (*text)++;
    piece = parse_alternatives(text);
    (*text)++;
  } else {
    piece = parse_class(text);
  }
  while (**text == '*' || **text == '+' || **text == '?') {
    char operator= *(*text)++;
    int split = new_state(SPLIT);
    states[split].out = piece.start;
    if (operator== '?') {
      piece = (struct piece){split, join(piece.ends, split * 2 + 1)};
    } else {
      patch(piece.ends, split);
      piece = (struct piece){operator== '*' ? split : piece.start, split * 2 + 1};
    }
  }
  return piece;
}

static struct piece parse_alternatives(const char **text) {
  struct piece all = {-1, -1};
  for (;;) {
    struct piece sequence = parse_repeat(text);
    while (**text != '\0' && **text != '|' && **text != ')') {
      struct piece next = parse_repeat(text);
      patch(sequence.ends, next.start);
      sequence.ends = next.ends;
    }
    if (all.start >= 0) {
      int split = new_state(SPLIT);
      states[split].out = all.start;
      states[split].alternative = sequence.start;
      sequence = (struct piece){split, join(all.ends, sequence.ends)};
    }
    all = sequence;
    if (**text != '|')
      return all;
    (*text)++;
  }
}

static int compile(const char *text) {
  state_count = 0;
  struct piece piece = parse_alternatives(&text);
  patch(piece.ends, new_state(MATCH));
  return piece.start;
}

struct set {
  int count, states[STATES];
};

static int marks[STATES], mark;

static void follow(struct set *set, int state) {
  if (marks[state] == mark)
    return;
  marks[state] = mark;
  if (states[state].kind == SPLIT) {
    follow(set, states[state].out);
    follow(set, states[state].alternative);
  } else {
    set->states[set->count++] = state;
  }
}

// How many positions of the text a match ends at.
static uint32_t search(int start, const uint8_t *text, int size) {
  static struct set sets[2];
  struct set *now = &sets[0], *next = &sets[1];
  uint32_t matches = 0;
  now->count = 0;
  mark++;
  for (int i = 0; i < size; i++) {
    follow(now, start);
    mark++;
    next->count = 0;
    for (int j = 0; j < now->count; j++) {
      const struct state *state = &states[now->states[j]];
      if (state->kind == MATCH)
        matches++;
      else if (state->set[text[i] / 8] >> text[i] % 8 & 1)
        follow(next, state->out);
    }
    struct set *swap = now;
    now = next;
    next = swap;
  }
  return matches;
}

uint64_t bench(uint32_t rounds) {
  static const char *const expressions[] = {"(a|b)*c[d-f]+g?", "[a-c][d-h]*(ij|k|lm+)n",
                                            "(abc|abd|abe)+.f", "a.*b.c", "((a|e|i|o|u)[b-z])+y"};
  static uint8_t text[TEXT];
  uint64_t sum = 0;
  uint32_t seed = 5;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < TEXT; i++)
      text[i] = (uint8_t)('a' + bench_random(&seed) % 100 * (bench_random(&seed) % 100) / 400);
    for (int i = 0; i < 5; i++)
      sum = bench_mix(sum, search(compile(expressions[i]), text, TEXT));
  }
  return sum;
}
