// Reading C++ names: what the two files of it share. Text is built in a pool that is never freed
// and never grows; a name that needs more of it is not understood.
#ifndef WA_COMPILER_DEMANGLE_ITANIUM_H
#define WA_COMPILER_DEMANGLE_ITANIUM_H

#include "compiler/demangle/schemes.h"

enum { WA_POOL_SIZE = 65536, WA_MAX_PIECES = 512, WA_MAX_DEPTH = 96, WA_MAX_STEPS = 20000 };

// Text in the pool.
struct wa_span {
  const char *at;
  size_t size;
};

enum wa_piece_kind {
  WA_PIECE_PLAIN,
  WA_PIECE_FUNCTION, // a function's type that nothing points to: its declarator goes in brackets
  WA_PIECE_ARRAY,    // an array's
  WA_PIECE_PACK,     // of template arguments: left is all of them
};

// A type or name, around the place where a declarator goes: "int (" and ")(char)".
struct wa_piece {
  struct wa_span left, right;
  enum wa_piece_kind kind;
  unsigned first, count; // of a pack, in `packs`
};

struct wa_itanium {
  const char *name;
  size_t size, at;
  char *pool;
  size_t used;
  unsigned steps, depth;
  struct wa_piece substitutions[WA_MAX_PIECES];
  unsigned substitution_count;
  struct wa_piece arguments[WA_MAX_PIECES]; // that T_ names, of the encoding at hand
  unsigned argument_first, argument_count;
  struct wa_piece packs[WA_MAX_PIECES];
  unsigned pack_count;
  // While the pattern of an expansion is read: which element, and how many the pack turned out to
  // have.
  bool expanding;
  unsigned element, elements;
};

// What a name says about the function type behind it.
struct wa_name_state {
  struct wa_span qualifiers; // " const" of a member function
  bool is_template;          // its own last part has arguments
  bool no_return;            // constructors, destructors and conversions have no return type
  bool top;                  // its template arguments are what T_ names
};

static inline char wa_it_peek(const struct wa_itanium *it, size_t ahead) {
  return it->at + ahead < it->size ? it->name[it->at + ahead] : '\0';
}

static inline bool wa_it_eat(struct wa_itanium *it, const char *text) {
  size_t size = strlen(text);
  bool found = size <= it->size - it->at && memcmp(it->name + it->at, text, size) == 0;
  it->at += found ? size : 0;
  return found;
}

// The texts one behind the other, up to a NULL. False when the pool is full.
bool wa_it_join(struct wa_itanium *it, struct wa_span *to, const struct wa_span *parts,
                size_t count);
struct wa_span wa_it_span(const char *text);
// A type with no declarator.
bool wa_it_flatten(struct wa_itanium *it, const struct wa_piece *piece, struct wa_span *to);
bool wa_it_substitute(struct wa_itanium *it, const struct wa_piece *piece); // may be named by S_
bool wa_it_enter(struct wa_itanium *it);
bool wa_it_number(struct wa_itanium *it, size_t *value);                  // decimal
bool wa_it_sequence(struct wa_itanium *it, unsigned base, size_t *value); // up to '_': S_, T0_

bool wa_it_encoding(struct wa_itanium *it, struct wa_span *to, bool with_return);
bool wa_it_name(struct wa_itanium *it, struct wa_span *to, struct wa_name_state *state);
bool wa_it_source_name(struct wa_itanium *it, struct wa_span *to);
bool wa_it_substitution(struct wa_itanium *it, struct wa_piece *piece);
bool wa_it_type(struct wa_itanium *it, struct wa_piece *piece);
bool wa_it_template_parameter(struct wa_itanium *it, struct wa_piece *piece);
// <...>; with `keep`, they are what T_ names from here on.
bool wa_it_template_arguments(struct wa_itanium *it, struct wa_span *to, bool keep);
// Parameters up to what cannot be a type, or to 'E': "(int, char)".
bool wa_it_parameters(struct wa_itanium *it, struct wa_span *to);
// r, V, K as " const" and the like.
bool wa_it_qualifiers(struct wa_itanium *it, struct wa_span *to);

#endif
