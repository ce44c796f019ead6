// S-expressions as the specification's test scripts use them: lists, atoms and byte strings.
#ifndef SPEC_SEXPR_H
#define SPEC_SEXPR_H

#include "compiler/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum node_kind { NODE_LIST, NODE_ATOM, NODE_STRING };

struct node {
  enum node_kind kind;
  unsigned line;
  struct node *first; // of a list
  struct node *next;  // in the list it belongs to
  const char *text;   // of an atom or string, escapes decoded; not terminated
  size_t size;
};

// Parses a script into a list of its commands, in the arena; the text must outlive it. NULL when it
// is no S-expression, with the line in *error_line.
struct node *sexpr_parse(struct wa_arena *arena, const char *text, size_t size,
                         unsigned *error_line);

// Whether the node is an atom of exactly this text.
bool sexpr_is_atom(const struct node *node, const char *text);
// Whether the node is a list that begins with this atom.
bool sexpr_is_list(const struct node *node, const char *head);
// Whether the node is an identifier, "$name".
bool sexpr_is_name(const struct node *node);

#endif
