#include "tests/spec/sexpr.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct parser {
  struct wa_arena *arena;
  const char *at, *end;
  unsigned line;
};

// Lists that are open, innermost last: depth comes from the script, so it is no C recursion.
struct open_list {
  struct node *list;
  struct node **tail; // where the next element goes
};

static bool skip_block_comment(struct parser *parser) {
  unsigned depth = 0;
  do {
    if (parser->end - parser->at < 2) {
      return false;
    }
    bool opens = parser->at[0] == '(' && parser->at[1] == ';';
    bool closes = parser->at[0] == ';' && parser->at[1] == ')';
    depth = depth + opens - closes;
    parser->line += *parser->at == '\n';
    parser->at += opens || closes ? 2 : 1;
  } while (depth);
  return true;
}

static bool skip_space(struct parser *parser) {
  while (parser->at < parser->end) {
    char next = (char)(parser->at + 1 < parser->end ? parser->at[1] : '\0');
    if (*parser->at == ';' && next == ';') {
      while (parser->at < parser->end && *parser->at != '\n') {
        parser->at++;
      }
    } else if (*parser->at == '(' && next == ';') {
      if (!skip_block_comment(parser)) {
        return false;
      }
    } else if (isspace((unsigned char)*parser->at)) {
      parser->line += *parser->at++ == '\n';
    } else {
      return true;
    }
  }
  return true;
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  c = (char)tolower((unsigned char)c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t put_utf8(char *out, unsigned long code) {
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  size_t following = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static const unsigned lead[] = {0, 0xc0, 0xe0, 0xf0};
  out[0] = (char)(lead[following] | code >> (6 * following));
  for (size_t i = 1; i <= following; i++) {
    out[i] = (char)(0x80 | ((code >> (6 * (following - i))) & 0x3f));
  }
  return following + 1;
}

// One escape, after its backslash. Writes at most as many bytes as it reads. 0 when it is wrong.
static size_t read_escape(struct parser *parser, char *out) {
  static const char letters[] = "nrt\"'\\", meanings[] = "\n\r\t\"'\\";
  char c = *parser->at++;
  const char *letter = strchr(letters, c);
  if (c && letter) {
    *out = meanings[letter - letters];
    return 1;
  }
  if (c == 'u' && parser->at < parser->end && *parser->at == '{') {
    char *after;
    unsigned long code = strtoul(parser->at + 1, &after, 16);
    if (*after != '}' || code > 0x10ffff) {
      return 0;
    }
    parser->at = after + 1;
    return put_utf8(out, code);
  }
  int high = hex_digit(c), low = parser->at < parser->end ? hex_digit(*parser->at) : -1;
  if (high < 0 || low < 0) {
    return 0;
  }
  parser->at++;
  *out = (char)(high * 16 + low);
  return 1;
}

static bool read_string(struct parser *parser, struct node *node) {
  const char *closing = ++parser->at;
  while (closing < parser->end && *closing != '"') {
    closing += *closing == '\\' ? 2 : 1;
  }
  if (closing >= parser->end) {
    return false;
  }
  char *bytes = wa_arena_alloc(parser->arena, (size_t)(closing - parser->at), 1);
  if (!bytes) {
    return false;
  }
  node->kind = NODE_STRING;
  node->text = bytes;
  while (parser->at < closing) {
    if (*parser->at != '\\') {
      bytes[node->size++] = *parser->at++;
      continue;
    }
    parser->at++;
    size_t written = read_escape(parser, bytes + node->size);
    if (!written) {
      return false;
    }
    node->size += written;
  }
  parser->at = closing + 1;
  return true;
}

static void read_atom(struct parser *parser, struct node *node) {
  node->kind = NODE_ATOM;
  node->text = parser->at;
  while (parser->at < parser->end && !isspace((unsigned char)*parser->at) &&
         !strchr("();\"", *parser->at)) {
    parser->at++;
  }
  node->size = (size_t)(parser->at - node->text);
}

static struct node *read_leaf(struct parser *parser) {
  struct node *node = wa_arena_alloc(parser->arena, 1, sizeof *node);
  if (!node) {
    return NULL;
  }
  node->line = parser->line;
  if (*parser->at == '"') {
    return read_string(parser, node) ? node : NULL;
  }
  read_atom(parser, node);
  return node->size ? node : NULL;
}

struct node *sexpr_parse(struct wa_arena *arena, const char *text, size_t size,
                         unsigned *error_line) {
  struct parser parser = {arena, text, text + size, 1};
  struct node *root = wa_arena_alloc(arena, 1, sizeof *root), *result = NULL;
  size_t depth = 1, capacity = 64;
  struct open_list *open = malloc(capacity * sizeof *open);
  if (!root || !open) {
    goto out;
  }
  open[0] = (struct open_list){root, &root->first};
  while (skip_space(&parser) && parser.at < parser.end) {
    struct open_list *top = &open[depth - 1];
    if (*parser.at == ')') {
      parser.at++;
      if (--depth == 0) {
        goto out;
      }
      continue;
    }
    bool list = *parser.at == '(';
    struct node *node = list ? wa_arena_alloc(arena, 1, sizeof *node) : read_leaf(&parser);
    if (!node) {
      goto out;
    }
    *top->tail = node;
    top->tail = &node->next;
    if (!list) {
      continue;
    }
    parser.at++;
    node->line = parser.line;
    if (depth == capacity) {
      struct open_list *larger = realloc(open, (capacity *= 2) * sizeof *open);
      if (!larger) {
        goto out;
      }
      open = larger;
    }
    open[depth++] = (struct open_list){node, &node->first};
  }
  if (depth == 1 && parser.at == parser.end) {
    result = root;
  }
out:
  free(open);
  *error_line = parser.line;
  return result;
}

bool sexpr_is_atom(const struct node *node, const char *text) {
  return node && node->kind == NODE_ATOM && node->size == strlen(text) &&
         memcmp(node->text, text, node->size) == 0;
}

bool sexpr_is_list(const struct node *node, const char *head) {
  return node && node->kind == NODE_LIST && sexpr_is_atom(node->first, head);
}

bool sexpr_is_name(const struct node *node) {
  return node && node->kind == NODE_ATOM && node->text[0] == '$';
}
