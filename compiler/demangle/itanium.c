// C++ names by the Itanium C++ ABI, 5.1:
// https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling Names and encodings; types are in
// itanium_type.c. Expressions in template arguments other than literals are not understood.
#include "compiler/demangle/itanium.h"

#include <stdlib.h>

// ---- Text ----

struct wa_span wa_it_span(const char *text) {
  return (struct wa_span){text, strlen(text)};
}

bool wa_it_join(struct wa_itanium *it, struct wa_span *to, const struct wa_span *parts,
                size_t count) {
  const char *start = it->pool + it->used;
  size_t total = 0;
  for (size_t i = 0; i < count; i++) {
    if (parts[i].size > WA_POOL_SIZE - it->used) {
      return false;
    }
    if (parts[i].size > 0) {
      memcpy(it->pool + it->used, parts[i].at, parts[i].size);
    }
    it->used += parts[i].size;
    total += parts[i].size;
  }
  *to = (struct wa_span){start, total};
  return total < WA_DEMANGLED_SIZE;
}

static bool append(struct wa_itanium *it, struct wa_span *to, const char *separator,
                   struct wa_span more) {
  const struct wa_span parts[] = {*to, wa_it_span(separator), more};
  return wa_it_join(it, to, parts, 3);
}

bool wa_it_substitute(struct wa_itanium *it, const struct wa_piece *piece) {
  if (it->substitution_count == WA_MAX_PIECES) {
    return false;
  }
  it->substitutions[it->substitution_count++] = *piece;
  return true;
}

static bool substitute_name(struct wa_itanium *it, struct wa_span name) {
  const struct wa_piece piece = {.left = name};
  return wa_it_substitute(it, &piece);
}

bool wa_it_enter(struct wa_itanium *it) {
  if (it->depth == WA_MAX_DEPTH || it->steps == WA_MAX_STEPS) {
    return false;
  }
  it->depth++;
  it->steps++;
  return true;
}

// ---- Numbers ----

bool wa_it_number(struct wa_itanium *it, size_t *value) {
  *value = 0;
  if (!wa_is_digit(wa_it_peek(it, 0))) {
    return false;
  }
  while (wa_is_digit(wa_it_peek(it, 0))) {
    *value = *value * 10 + (size_t)(it->name[it->at++] - '0');
    if (*value > 1000000) {
      return false;
    }
  }
  return true;
}

bool wa_it_sequence(struct wa_itanium *it, unsigned base, size_t *value) {
  *value = 0;
  if (wa_it_eat(it, "_")) {
    return true;
  }
  for (char byte = wa_it_peek(it, 0); byte != '_'; byte = wa_it_peek(it, 0)) {
    bool letter = base == 36 && byte >= 'A' && byte <= 'Z';
    if ((!letter && !wa_is_digit(byte)) || *value > WA_MAX_PIECES) {
      return false;
    }
    *value = *value * base + (size_t)(letter ? byte - 'A' + 10 : byte - '0');
    it->at++;
  }
  it->at++;
  ++*value;
  return true;
}

// ---- Parts of names ----

bool wa_it_source_name(struct wa_itanium *it, struct wa_span *to) {
  size_t size;
  if (!wa_it_number(it, &size) || size == 0 || size > it->size - it->at) {
    return false;
  }
  *to = (struct wa_span){it->name + it->at, size};
  it->at += size;
  // What gcc and clang call the namespace without a name.
  if (size >= 10 && memcmp(to->at, "_GLOBAL__N", 10) == 0) {
    *to = wa_it_span("(anonymous namespace)");
  }
  return true;
}

static const char *const operators[][2] = {
    {"nw", "operator new"},      {"na", "operator new[]"},    {"dl", "operator delete"},
    {"da", "operator delete[]"}, {"aw", "operator co_await"}, {"ps", "operator+"},
    {"ng", "operator-"},         {"ad", "operator&"},         {"de", "operator*"},
    {"co", "operator~"},         {"pl", "operator+"},         {"mi", "operator-"},
    {"ml", "operator*"},         {"dv", "operator/"},         {"rm", "operator%"},
    {"an", "operator&"},         {"or", "operator|"},         {"eo", "operator^"},
    {"aS", "operator="},         {"pL", "operator+="},        {"mI", "operator-="},
    {"mL", "operator*="},        {"dV", "operator/="},        {"rM", "operator%="},
    {"aN", "operator&="},        {"oR", "operator|="},        {"eO", "operator^="},
    {"ls", "operator<<"},        {"rs", "operator>>"},        {"lS", "operator<<="},
    {"rS", "operator>>="},       {"eq", "operator=="},        {"ne", "operator!="},
    {"lt", "operator<"},         {"gt", "operator>"},         {"le", "operator<="},
    {"ge", "operator>="},        {"ss", "operator<=>"},       {"nt", "operator!"},
    {"aa", "operator&&"},        {"oo", "operator||"},        {"pp", "operator++"},
    {"mm", "operator--"},        {"cm", "operator,"},         {"pm", "operator->*"},
    {"pt", "operator->"},        {"cl", "operator()"},        {"ix", "operator[]"},
    {"qu", "operator?"},
};

static bool read_operator(struct wa_itanium *it, struct wa_span *to, struct wa_name_state *state) {
  struct wa_piece type;
  struct wa_span text;
  if (wa_it_eat(it, "cv")) {
    state->no_return = true;
    *to = wa_it_span("operator");
    return wa_it_type(it, &type) && wa_it_flatten(it, &type, &text) && append(it, to, " ", text);
  }
  if (wa_it_eat(it, "li")) {
    *to = wa_it_span("operator\"\"");
    return wa_it_source_name(it, &text) && append(it, to, " ", text);
  }
  for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
    if (wa_it_eat(it, operators[i][0])) {
      *to = wa_it_span(operators[i][1]);
      return true;
    }
  }
  return false;
}

// "#2": the number in a scope of what has no name.
static bool read_discriminator(struct wa_itanium *it, struct wa_span *to, const char *what) {
  static const char digits[] = "0123456789";
  size_t number;
  struct wa_span text = {NULL, 0};
  if (!wa_it_sequence(it, 10, &number)) {
    return false;
  }
  number++;
  for (size_t unit = 1000000; unit > 0; unit /= 10) {
    if (number >= unit) {
      const struct wa_span digit = {digits + number / unit % 10, 1};
      if (!append(it, &text, "", digit)) {
        return false;
      }
    }
  }
  const struct wa_span parts[] = {wa_it_span(what), *to, wa_it_span("#"), text, wa_it_span("}")};
  return wa_it_join(it, to, parts, 5);
}

static bool read_unnamed(struct wa_itanium *it, struct wa_span *to) {
  if (wa_it_eat(it, "Ut")) {
    *to = wa_it_span("");
    return read_discriminator(it, to, "{unnamed type");
  }
  return wa_it_eat(it, "Ul") && wa_it_parameters(it, to) && wa_it_eat(it, "E") &&
         read_discriminator(it, to, "{lambda");
}

static bool read_tags(struct wa_itanium *it, struct wa_span *to) {
  struct wa_span tag;
  while (wa_it_eat(it, "B")) {
    if (!wa_it_source_name(it, &tag)) {
      return false;
    }
    const struct wa_span parts[] = {*to, wa_it_span("[abi:"), tag, wa_it_span("]")};
    if (!wa_it_join(it, to, parts, 4)) {
      return false;
    }
  }
  return true;
}

// C1 and D2 are named as the class, whose name without arguments `base` is.
static bool read_structor(struct wa_itanium *it, struct wa_span base, struct wa_span *to,
                          struct wa_name_state *state) {
  bool destructor = wa_it_peek(it, 0) == 'D';
  bool inherits = !destructor && wa_it_peek(it, 1) == 'I';
  struct wa_piece type;
  it->at += inherits ? 2 : 1;
  char number = wa_it_peek(it, 0);
  if (!wa_is_digit(number) || base.size == 0) {
    return false;
  }
  it->at++;
  state->no_return = true;
  const struct wa_span parts[] = {wa_it_span(destructor ? "~" : ""), base};
  return (!inherits || wa_it_type(it, &type)) && wa_it_join(it, to, parts, 2);
}

static bool is_structor(const struct wa_itanium *it) {
  char first = wa_it_peek(it, 0), second = wa_it_peek(it, 1);
  return (first == 'C' && (wa_is_digit(second) || second == 'I')) ||
         (first == 'D' && wa_is_digit(second));
}

static bool read_unqualified(struct wa_itanium *it, struct wa_span base, struct wa_span *to,
                             struct wa_name_state *state) {
  char first = wa_it_peek(it, 0);
  (void)wa_it_eat(it, "L"); // internal linkage
  bool read;
  if (wa_is_digit(wa_it_peek(it, 0))) {
    read = wa_it_source_name(it, to);
  } else if (first == 'U') {
    read = read_unnamed(it, to);
  } else if (is_structor(it)) {
    read = read_structor(it, base, to, state);
  } else {
    read = read_operator(it, to, state);
  }
  return read && read_tags(it, to);
}

// ---- Names ----

// The last part of a name of the standard library that has an abbreviation: what its constructors
// are called.
static struct wa_span last_part(struct wa_span name) {
  size_t start = 0, depth = 0, end = name.size;
  for (size_t i = 0; i < name.size; i++) {
    char byte = name.at[i];
    if (byte == '<' && depth++ == 0) {
      end = i;
    } else if (byte == '>' && depth > 0) {
      depth--;
    } else if (byte == ':' && depth == 0) {
      start = i + 1;
      end = name.size;
    }
  }
  return (struct wa_span){name.at + start, end > start ? end - start : 0};
}

static const char *const full_names[][2] = {
    {"std::string", "std::basic_string<char, std::char_traits<char>, std::allocator<char> >"},
    {"std::istream", "std::basic_istream<char, std::char_traits<char> >"},
    {"std::ostream", "std::basic_ostream<char, std::char_traits<char> >"},
    {"std::iostream", "std::basic_iostream<char, std::char_traits<char> >"},
};

// A constructor shows that std::string is another name.
static void spell_out(struct wa_span *name) {
  for (size_t i = 0; i < sizeof full_names / sizeof full_names[0]; i++) {
    if (name->size == strlen(full_names[i][0]) &&
        memcmp(name->at, full_names[i][0], name->size) == 0) {
      *name = wa_it_span(full_names[i][1]);
    }
  }
}

struct prefix {
  struct wa_span name, base;
  bool plain; // the last part stands without arguments: they may follow
};

// One part of N...E. What it adds to may be named by S_ afterwards, but for the whole.
static bool read_part(struct wa_itanium *it, struct prefix *prefix, struct wa_name_state *state) {
  struct wa_span text;
  struct wa_piece piece;
  char first = wa_it_peek(it, 0), second = wa_it_peek(it, 1);
  if (first == 'I') {
    state->is_template = true;
    return prefix->plain && wa_it_template_arguments(it, &text, state->top) &&
           append(it, &prefix->name, "", text) && substitute_name(it, prefix->name);
  }
  state->is_template = state->no_return = false;
  if (first == 'S' && second == 't') {
    it->at += 2;
    prefix->name = wa_it_span("std");
    prefix->plain = false;
    return true;
  }
  prefix->plain = true;
  if (first == 'S') {
    if (!wa_it_substitution(it, &piece)) {
      return false;
    }
    prefix->name = piece.left;
    prefix->base = last_part(piece.left);
    if (is_structor(it)) {
      spell_out(&prefix->name);
      prefix->base = last_part(prefix->name);
    }
    return true;
  }
  if (first == 'T') {
    if (!wa_it_template_parameter(it, &piece)) {
      return false;
    }
    prefix->name = piece.left;
    return substitute_name(it, prefix->name);
  }
  if (!read_unqualified(it, prefix->base, &text, state)) {
    return false;
  }
  bool first_part = prefix->name.size == 0;
  if (!append(it, &prefix->name, first_part ? "" : "::", text)) {
    return false;
  }
  prefix->base = last_part(text);
  (void)wa_it_eat(it, "M"); // a closure in the initialiser of a member
  return substitute_name(it, prefix->name);
}

static bool read_nested(struct wa_itanium *it, struct wa_span *to, struct wa_name_state *state) {
  struct prefix prefix = {.plain = false};
  if (!wa_it_qualifiers(it, &state->qualifiers)) {
    return false;
  }
  if (wa_it_eat(it, "O")) {
    state->qualifiers = wa_it_span(" &&"); // never seen with const
  } else if (wa_it_eat(it, "R") && !append(it, &state->qualifiers, " &", wa_it_span(""))) {
    return false;
  }
  unsigned before = it->substitution_count;
  while (!wa_it_eat(it, "E")) {
    if (!wa_it_enter(it)) {
      return false;
    }
    bool read = read_part(it, &prefix, state);
    it->depth--;
    if (!read) {
      return false;
    }
  }
  // The whole name is no prefix.
  it->substitution_count -= it->substitution_count > before ? 1 : 0;
  *to = prefix.name;
  return prefix.name.size > 0;
}

// Z encoding E name: something in a function.
static bool read_local(struct wa_itanium *it, struct wa_span *to, struct wa_name_state *state) {
  struct wa_span text;
  size_t number;
  if (!wa_it_encoding(it, to, false) || !wa_it_eat(it, "E")) {
    return false;
  }
  if (wa_it_eat(it, "s")) {
    text = wa_it_span("string literal");
  } else {
    if (wa_it_eat(it, "d")) { // in a default argument
      (void)wa_it_number(it, &number);
      if (!wa_it_eat(it, "_")) {
        return false;
      }
    }
    if (!wa_it_name(it, &text, state)) {
      return false;
    }
  }
  if (wa_it_eat(it, "__")) {
    if (!wa_it_number(it, &number) || !wa_it_eat(it, "_")) {
      return false;
    }
  } else if (wa_it_peek(it, 0) == '_' && wa_is_digit(wa_it_peek(it, 1))) {
    it->at += 2;
  }
  return append(it, to, "::", text);
}

static bool read_arguments_of(struct wa_itanium *it, struct wa_span *to,
                              struct wa_name_state *state) {
  struct wa_span arguments;
  state->is_template = true;
  return wa_it_template_arguments(it, &arguments, state->top) && append(it, to, "", arguments);
}

bool wa_it_name(struct wa_itanium *it, struct wa_span *to, struct wa_name_state *state) {
  struct wa_piece piece;
  state->qualifiers = wa_it_span("");
  if (wa_it_eat(it, "N")) {
    return read_nested(it, to, state);
  }
  if (wa_it_eat(it, "Z")) {
    return read_local(it, to, state);
  }
  if (wa_it_peek(it, 0) == 'S' && wa_it_peek(it, 1) != 't') {
    if (!wa_it_substitution(it, &piece) || wa_it_peek(it, 0) != 'I') {
      return false;
    }
    *to = piece.left;
    return read_arguments_of(it, to, state);
  }
  bool standard = wa_it_eat(it, "St");
  struct wa_span text;
  if (!read_unqualified(it, wa_it_span(""), &text, state)) {
    return false;
  }
  *to = standard ? wa_it_span("std") : text;
  if (standard && !append(it, to, "::", text)) {
    return false;
  }
  return wa_it_peek(it, 0) != 'I' || (substitute_name(it, *to) && read_arguments_of(it, to, state));
}

// ---- Encodings ----

static const char *const specials[][2] = {
    {"TV", "vtable for "},
    {"TT", "VTT for "},
    {"TI", "typeinfo for "},
    {"TS", "typeinfo name for "},
    {"GV", "guard variable for "},
    {"TH", "TLS init function for "},
    {"TW", "TLS wrapper function for "},
};

// An adjustment of `this`: h offset _, or v offset _ offset _.
static bool skip_offset(struct wa_itanium *it) {
  unsigned numbers = wa_it_eat(it, "h") ? 1 : wa_it_eat(it, "v") ? 2 : 0;
  size_t value;
  for (unsigned i = 0; i < numbers; i++) {
    (void)wa_it_eat(it, "n");
    if (!wa_it_number(it, &value) || !wa_it_eat(it, "_")) {
      return false;
    }
  }
  return numbers > 0;
}

static bool read_special(struct wa_itanium *it, struct wa_span *to) {
  struct wa_piece piece;
  struct wa_span text;
  struct wa_name_state state = {.top = true};
  for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++) {
    if (wa_it_eat(it, specials[i][0])) {
      *to = wa_it_span(specials[i][1]);
      bool is_type = i < 4;
      return (is_type ? wa_it_type(it, &piece) && wa_it_flatten(it, &piece, &text)
                      : wa_it_name(it, &text, &state)) &&
             append(it, to, "", text);
    }
  }
  if (!wa_it_eat(it, "T")) {
    return false;
  }
  bool covariant = wa_it_eat(it, "c");
  *to = wa_it_span(covariant                  ? "covariant return thunk to "
                   : wa_it_peek(it, 0) == 'v' ? "virtual thunk to "
                                              : "non-virtual thunk to ");
  return skip_offset(it) && (!covariant || skip_offset(it)) && wa_it_encoding(it, &text, true) &&
         append(it, to, "", text);
}

static bool is_end(const struct wa_itanium *it) {
  return it->at == it->size || wa_it_peek(it, 0) == 'E';
}

static bool read_function(struct wa_itanium *it, struct wa_span *to, bool with_return) {
  struct wa_name_state state = {.top = true};
  struct wa_span parameters;
  struct wa_piece returned = {.kind = WA_PIECE_PLAIN};
  if (!wa_it_name(it, to, &state)) {
    return false;
  }
  if (is_end(it)) { // a variable
    return true;
  }
  bool returns = state.is_template && !state.no_return;
  if ((returns && !wa_it_type(it, &returned)) || !wa_it_parameters(it, &parameters)) {
    return false;
  }
  struct wa_span none = wa_it_span("");
  bool shown = returns && with_return;
  bool around = returned.right.size > 0; // it points to a function or array
  const struct wa_span parts[] = {shown ? returned.left : none,
                                  wa_it_span(shown && !around ? " " : ""),
                                  *to,
                                  parameters,
                                  state.qualifiers,
                                  shown ? returned.right : none};
  return wa_it_join(it, to, parts, 6);
}

bool wa_it_encoding(struct wa_itanium *it, struct wa_span *to, bool with_return) {
  unsigned first = it->argument_first, count = it->argument_count;
  if (!wa_it_enter(it)) {
    return false;
  }
  char start = wa_it_peek(it, 0), behind = wa_it_peek(it, 1);
  bool special = start == 'T' || (start == 'G' && behind == 'V');
  bool read = special ? read_special(it, to) : read_function(it, to, with_return);
  it->argument_first = first;
  it->argument_count = count;
  it->depth--;
  return read;
}

bool wa_demangle_itanium(const char *name, size_t size, struct wa_text *to) {
  struct wa_itanium *it = malloc(sizeof *it);
  char *pool = malloc(WA_POOL_SIZE);
  struct wa_span text = {NULL, 0};
  bool read = false;
  if (it != NULL && pool != NULL) {
    it->name = name;
    it->size = size;
    it->at = 2;
    it->pool = pool;
    it->used = 0;
    it->steps = it->depth = 0;
    it->substitution_count = it->argument_first = it->argument_count = it->pack_count = 0;
    it->expanding = false;
    it->element = it->elements = 0;
    read = wa_it_encoding(it, &text, true) && it->at == size;
  }
  if (read) {
    wa_text_add(to, text.at, text.size);
  }
  free(pool);
  free(it);
  return read;
}
