// JSON: a document is written into a buffer, parsed into a tree, and the tree is summed up.
#include "bench.h"

enum { ITEMS = 1500, NODES = 40000, BYTES = 1 << 19 };
enum kind { NONE, BOOLEAN, NUMBER, STRING, ARRAY, OBJECT };

const uint32_t bench_rounds = 400;

struct value {
  enum kind kind;
  const char *name, *text;
  uint32_t name_length, length;
  double number;
  struct value *child, *next;
};

static char document[BYTES];
static struct value nodes[NODES];
static uint32_t written, used;

static void put(const char *text) {
  while (*text != '\0')
    document[written++] = *text++;
}

static void put_number(uint32_t value) {
  char digits[12];
  int count = 0;
  do {
    digits[count++] = (char)('0' + value % 10);
    value /= 10;
  } while (value > 0);
  while (count > 0)
    document[written++] = digits[--count];
}

static void write_document(uint32_t *seed) {
  written = 0;
  put("{\"items\": [");
  for (uint32_t i = 0; i < ITEMS; i++) {
    put(i > 0 ? ",\n  {\"id\": " : "\n  {\"id\": ");
    put_number(i);
    put(", \"name\": \"item ");
    put_number(bench_random(seed));
    put(" \\\"quoted\\\" \\u00e9\", \"price\": -");
    put_number(bench_random(seed) % 10000);
    put(".");
    put_number(bench_random(seed) % 100);
    put("e-1, \"tags\": [\"alpha\", \"beta\", true, null, [");
    put_number(bench_random(seed) % 10);
    put(", 1, 2]], \"in stock\": ");
    put(bench_random(seed) % 2 ? "true}" : "false}");
  }
  put("\n]}");
  document[written] = '\0';
}

static const char *skip_space(const char *at) {
  while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')
    at++;
  return at;
}

static const char *parse_string(const char *at, const char **text, uint32_t *length) {
  *text = ++at;
  while (*at != '"')
    at += *at == '\\' ? 2 : 1;
  *length = (uint32_t)(at - *text);
  return at + 1;
}

static const char *parse_number(const char *at, double *number) {
  bool negative = *at == '-';
  at += negative;
  double value = 0, scale = 1;
  for (; *at >= '0' && *at <= '9'; at++)
    value = value * 10 + (*at - '0');
  if (*at == '.') {
    for (at++; *at >= '0' && *at <= '9'; at++) {
      value = value * 10 + (*at - '0');
      scale *= 10;
    }
  }
  if (*at == 'e') {
    at += 2;
    for (int exponent = *at++ - '0'; exponent > 0; exponent--)
      scale *= 10;
  }
  *number = (negative ? -value : value) / scale;
  return at;
}

static const char *parse_value(const char *at, struct value *value);

static const char *parse_children(const char *at, struct value *parent, char end) {
  struct value **link = &parent->child;
  at = skip_space(at + 1);
  while (*at != end) {
    struct value *child = &nodes[used++];
    *child = (struct value){0};
    if (parent->kind == OBJECT) {
      at = parse_string(at, &child->name, &child->name_length);
      at = skip_space(at) + 1;
    }
    at = skip_space(parse_value(skip_space(at), child));
    *link = child;
    link = &child->next;
    if (*at == ',')
      at = skip_space(at + 1);
  }
  return at + 1;
}

static const char *parse_value(const char *at, struct value *value) {
  switch (*at) {
  case '{':
    value->kind = OBJECT;
    return parse_children(at, value, '}');
  case '[':
    value->kind = ARRAY;
    return parse_children(at, value, ']');
  case '"':
    value->kind = STRING;
    return parse_string(at, &value->text, &value->length);
  case 't':
    value->kind = BOOLEAN;
    value->number = 1;
    return at + 4;
  case 'f':
    value->kind = BOOLEAN;
    return at + 5;
  case 'n':
    return at + 4;
  default:
    value->kind = NUMBER;
    return parse_number(at, &value->number);
  }
}

static uint64_t sum_up(const struct value *value, uint64_t sum) {
  for (; value != NULL; value = value->next) {
    sum = bench_mix(sum, (uint64_t)value->kind + value->name_length);
    if (value->kind == NUMBER)
      sum = bench_mix(sum, bench_bits(value->number));
    for (uint32_t i = 0; i < value->length; i++)
      sum = sum * 31 + (uint8_t)value->text[i];
    sum = sum_up(value->child, sum);
  }
  return sum;
}

uint64_t bench(uint32_t rounds) {
  uint64_t sum = 0;
  uint32_t seed = 11;
  for (uint32_t round = 0; round < rounds; round++) {
    write_document(&seed);
    struct value root = {0};
    used = 0;
    parse_value(document, &root);
    sum = sum_up(&root, sum);
  }
  return sum;
}
