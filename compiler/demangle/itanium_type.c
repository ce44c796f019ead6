// Types, template arguments and substitutions of C++ names (Itanium C++ ABI, 5.1.5 to 5.1.10).
#include "compiler/demangle/itanium.h"

enum { MAX_ARGUMENTS = 32 }; // of one template

static bool set_left(struct wa_itanium *it, struct wa_piece *piece, const char *more) {
  const struct wa_span parts[] = {piece->left, wa_it_span(more)};
  return wa_it_join(it, &piece->left, parts, 2);
}

static bool plain(struct wa_piece *piece, const char *text) {
  *piece = (struct wa_piece){.left = wa_it_span(text)};
  return true;
}

bool wa_it_flatten(struct wa_itanium *it, const struct wa_piece *piece, struct wa_span *to) {
  const struct wa_span parts[] = {
      piece->left, wa_it_span(piece->kind == WA_PIECE_FUNCTION ? " " : ""), piece->right};
  if (piece->right.size == 0) {
    *to = piece->left;
    return true;
  }
  return wa_it_join(it, to, parts, 3);
}

// ---- Built-in types ----

static const char *builtin(char tag) {
  static const char *const names[26] = {"signed char",
                                        "bool",
                                        "char",
                                        "double",
                                        "long double",
                                        "float",
                                        "__float128",
                                        "unsigned char",
                                        "int",
                                        "unsigned int",
                                        NULL,
                                        "long",
                                        "unsigned long",
                                        "__int128",
                                        "unsigned __int128",
                                        NULL,
                                        NULL,
                                        NULL,
                                        "short",
                                        "unsigned short",
                                        NULL,
                                        "void",
                                        "wchar_t",
                                        "long long",
                                        "unsigned long long",
                                        "..."};
  return tag >= 'a' && tag <= 'z' ? names[tag - 'a'] : NULL;
}

static const char *builtin_d(char tag) {
  switch (tag) {
  case 'd':
    return "decimal64";
  case 'e':
    return "decimal128";
  case 'f':
    return "decimal32";
  case 'h':
    return "half";
  case 'i':
    return "char32_t";
  case 's':
    return "char16_t";
  case 'u':
    return "char8_t";
  case 'a':
    return "auto";
  case 'c':
    return "decltype(auto)";
  case 'n':
    return "decltype(nullptr)";
  default:
    return NULL;
  }
}

bool wa_it_qualifiers(struct wa_itanium *it, struct wa_span *to) {
  static const char *const names[][2] = {{"r", " restrict"}, {"V", " volatile"}, {"K", " const"}};
  // Written innermost first, as the type says it.
  bool has[3];
  for (int i = 0; i < 3; i++) {
    has[i] = wa_it_eat(it, names[i][0]);
  }
  struct wa_span parts[3];
  size_t count = 0;
  for (int i = 2; i >= 0; i--) {
    if (has[i]) {
      parts[count++] = wa_it_span(names[i][1]);
    }
  }
  *to = wa_it_span("");
  return count == 0 || wa_it_join(it, to, parts, count);
}

// ---- Compound types ----

static bool read_pointer(struct wa_itanium *it, struct wa_piece *piece, const char *sign) {
  if (!wa_it_type(it, piece)) {
    return false;
  }
  char last = '\0';
  if (piece->left.size > 0) {
    last = piece->left.at[piece->left.size - 1];
  }
  if (piece->kind == WA_PIECE_PLAIN && last == '&' && sign[0] == '&') {
    // References collapse: only && to && stays one.
    bool two = piece->left.size > 1 && piece->left.at[piece->left.size - 2] == '&';
    piece->left.size -= two && sign[1] == '\0' ? 1 : 0;
    return true;
  }
  if (piece->kind == WA_PIECE_PLAIN || piece->kind == WA_PIECE_PACK) {
    return set_left(it, piece, sign);
  }
  piece->kind = WA_PIECE_PLAIN;
  const struct wa_span parts[] = {wa_it_span(")"), piece->right};
  return set_left(it, piece, " (") && set_left(it, piece, sign) &&
         wa_it_join(it, &piece->right, parts, 2);
}

static bool read_member_pointer(struct wa_itanium *it, struct wa_piece *piece) {
  struct wa_piece owner;
  struct wa_span text;
  if (!wa_it_type(it, &owner) || !wa_it_flatten(it, &owner, &text) || !wa_it_type(it, piece)) {
    return false;
  }
  bool around = piece->kind == WA_PIECE_FUNCTION || piece->kind == WA_PIECE_ARRAY;
  const struct wa_span left[] = {piece->left, wa_it_span(around ? " (" : " "), text,
                                 wa_it_span("::*")};
  const struct wa_span right[] = {wa_it_span(around ? ")" : ""), piece->right};
  piece->kind = WA_PIECE_PLAIN;
  return wa_it_join(it, &piece->left, left, 4) && wa_it_join(it, &piece->right, right, 2);
}

static bool read_function_type(struct wa_itanium *it, struct wa_piece *piece, const char *behind) {
  struct wa_span parameters;
  (void)wa_it_eat(it, "Y"); // extern "C"
  if (!wa_it_type(it, piece) || !wa_it_parameters(it, &parameters)) {
    return false;
  }
  const char *reference = wa_it_eat(it, "R") ? " &" : wa_it_eat(it, "O") ? " &&" : "";
  const struct wa_span parts[] = {parameters, wa_it_span(reference), wa_it_span(behind),
                                  piece->right};
  piece->kind = WA_PIECE_FUNCTION;
  return wa_it_eat(it, "E") && wa_it_join(it, &piece->right, parts, 4);
}

static bool read_array(struct wa_itanium *it, struct wa_piece *piece) {
  size_t start = it->at, length;
  bool sized = wa_it_number(it, &length);
  const struct wa_span size = {it->name + start, sized ? it->at - start : 0};
  if (!wa_it_eat(it, "_") || !wa_it_type(it, piece)) {
    return false;
  }
  // Of an array of arrays the outer one stands first.
  bool inner = piece->kind == WA_PIECE_ARRAY;
  struct wa_span rest = piece->right;
  if (inner) {
    rest.at++;
    rest.size--;
  }
  const struct wa_span parts[] = {wa_it_span(" ["), size, wa_it_span("]"), rest};
  piece->kind = WA_PIECE_ARRAY;
  return wa_it_join(it, &piece->right, parts, 4);
}

static bool read_qualified(struct wa_itanium *it, struct wa_piece *piece) {
  struct wa_span qualifiers;
  if (!wa_it_qualifiers(it, &qualifiers) || !wa_it_type(it, piece)) {
    return false;
  }
  bool function = piece->kind == WA_PIECE_FUNCTION;
  struct wa_span *side = function ? &piece->right : &piece->left;
  bool said = side->size >= qualifiers.size && qualifiers.size > 0 &&
              memcmp(side->at + side->size - qualifiers.size, qualifiers.at, qualifiers.size) == 0;
  if (said) { // by a template argument
    return true;
  }
  const struct wa_span parts[] = {*side, qualifiers};
  return wa_it_join(it, side, parts, 2);
}

// A class or enumeration, which arguments may follow.
static bool read_named(struct wa_itanium *it, struct wa_piece *piece) {
  struct wa_name_state state = {.top = false};
  *piece = (struct wa_piece){.kind = WA_PIECE_PLAIN};
  return wa_it_name(it, &piece->left, &state);
}

static bool add_arguments(struct wa_itanium *it, struct wa_piece *piece) {
  struct wa_span arguments;
  if (!wa_it_template_arguments(it, &arguments, false)) {
    return false;
  }
  const struct wa_span parts[] = {piece->left, arguments};
  return wa_it_join(it, &piece->left, parts, 2);
}

// ---- Packs ----

// Dp pattern: the pattern once per element of the pack that it names.
static bool read_expansion(struct wa_itanium *it, struct wa_piece *piece) {
  size_t pattern = it->at;
  struct wa_span all = wa_it_span(""), text;
  if (it->expanding) {
    return false;
  }
  it->expanding = true;
  it->elements = 1;
  it->element = 0;
  unsigned substitutions = 0;
  bool read = true;
  for (; read && it->element < (it->elements > 0 ? it->elements : 1); it->element++) {
    it->at = pattern;
    read = wa_it_type(it, piece) && wa_it_flatten(it, piece, &text);
    // What the pattern may be named by again is its first reading.
    if (it->element == 0) {
      substitutions = it->substitution_count;
    }
    const struct wa_span parts[] = {all, wa_it_span(it->element > 0 ? ", " : ""), text};
    read = read && (it->elements == 0 || wa_it_join(it, &all, parts, 3));
  }
  it->expanding = false;
  it->substitution_count = substitutions;
  *piece = (struct wa_piece){.left = all, .kind = WA_PIECE_PACK};
  return read;
}

bool wa_it_template_parameter(struct wa_itanium *it, struct wa_piece *piece) {
  size_t index;
  if (!wa_it_eat(it, "T") || !wa_it_sequence(it, 10, &index) || index >= it->argument_count) {
    return false;
  }
  *piece = it->arguments[it->argument_first + index];
  if (piece->kind == WA_PIECE_PACK && it->expanding) {
    it->elements = piece->count;
    if (it->element < piece->count) {
      *piece = it->packs[piece->first + it->element];
    } else {
      *piece = (struct wa_piece){.kind = WA_PIECE_PLAIN};
    }
  }
  return true;
}

// ---- Substitutions ----

bool wa_it_substitution(struct wa_itanium *it, struct wa_piece *piece) {
  static const char *const standard[][2] = {{"Sa", "std::allocator"}, {"Sb", "std::basic_string"},
                                            {"Ss", "std::string"},    {"Si", "std::istream"},
                                            {"So", "std::ostream"},   {"Sd", "std::iostream"}};
  size_t index;
  for (size_t i = 0; i < sizeof standard / sizeof standard[0]; i++) {
    if (wa_it_eat(it, standard[i][0])) {
      (void)plain(piece, standard[i][1]);
      if (wa_it_peek(it, 0) != 'B') {
        return true;
      }
      return false; // with a tag: not seen
    }
  }
  if (!wa_it_eat(it, "S") || !wa_it_sequence(it, 36, &index) || index >= it->substitution_count) {
    return false;
  }
  *piece = it->substitutions[index];
  return true;
}

// ---- Types ----

// D...: what has two letters.
static bool read_type_d(struct wa_itanium *it, struct wa_piece *piece, bool *substitutable) {
  const char *name = builtin_d(wa_it_peek(it, 1));
  if (name != NULL) {
    it->at += 2;
    *substitutable = false;
    return plain(piece, name);
  }
  if (wa_it_eat(it, "Dp")) {
    return read_expansion(it, piece);
  }
  return wa_it_eat(it, "DoF") && read_function_type(it, piece, " noexcept");
}

static bool read_substituted(struct wa_itanium *it, struct wa_piece *piece, bool *substitutable) {
  if (wa_it_peek(it, 1) == 't') {
    return read_named(it, piece);
  }
  if (!wa_it_substitution(it, piece)) {
    return false;
  }
  *substitutable = wa_it_peek(it, 0) == 'I';
  return !*substitutable || add_arguments(it, piece);
}

static bool read_parameter(struct wa_itanium *it, struct wa_piece *piece) {
  char kind = wa_it_peek(it, 1);
  if (kind == 's' || kind == 'u' || kind == 'e') { // struct, union, enum
    it->at += 2;
    return read_named(it, piece);
  }
  if (!wa_it_template_parameter(it, piece)) {
    return false;
  }
  return wa_it_peek(it, 0) != 'I' || (wa_it_substitute(it, piece) && add_arguments(it, piece));
}

// Type qualifiers of vendors: address spaces.
static bool read_vendor_qualifier(struct wa_itanium *it, struct wa_piece *piece) {
  struct wa_span name;
  it->at++;
  if (!wa_it_source_name(it, &name) || !wa_it_type(it, piece)) {
    return false;
  }
  const struct wa_span parts[] = {piece->left, wa_it_span(" "), name};
  return wa_it_join(it, &piece->left, parts, 3);
}

static bool read_compound(struct wa_itanium *it, struct wa_piece *piece, bool *substitutable) {
  switch (wa_it_peek(it, 0)) {
  case 'r':
  case 'V':
  case 'K':
    return read_qualified(it, piece);
  case 'P':
    it->at++;
    return read_pointer(it, piece, "*");
  case 'R':
    it->at++;
    return read_pointer(it, piece, "&");
  case 'O':
    it->at++;
    return read_pointer(it, piece, "&&");
  case 'F':
    it->at++;
    return read_function_type(it, piece, "");
  case 'A':
    it->at++;
    return read_array(it, piece);
  case 'M':
    it->at++;
    return read_member_pointer(it, piece);
  case 'D':
    return read_type_d(it, piece, substitutable);
  case 'S':
    return read_substituted(it, piece, substitutable);
  case 'T':
    return read_parameter(it, piece);
  case 'U':
    return read_vendor_qualifier(it, piece);
  default:
    return read_named(it, piece);
  }
}

bool wa_it_type(struct wa_itanium *it, struct wa_piece *piece) {
  char tag = wa_it_peek(it, 0);
  const char *name = builtin(tag);
  *piece = (struct wa_piece){.kind = WA_PIECE_PLAIN};
  if (name != NULL) {
    it->at++;
    return plain(piece, name);
  }
  if (wa_it_eat(it, "u")) {
    return wa_it_source_name(it, &piece->left) && wa_it_substitute(it, piece);
  }
  bool substitutable = true;
  if (!wa_it_enter(it)) {
    return false;
  }
  bool read = read_compound(it, piece, &substitutable);
  it->depth--;
  return read && (!substitutable || wa_it_substitute(it, piece));
}

static bool is_parameter(const struct wa_itanium *it) {
  char tag = wa_it_peek(it, 0), behind = wa_it_peek(it, 1);
  bool reference = (tag == 'R' || tag == 'O') && behind == 'E'; // of the function type itself
  return it->at < it->size && tag != 'E' && tag != '.' && tag != '@' && !reference;
}

bool wa_it_parameters(struct wa_itanium *it, struct wa_span *to) {
  struct wa_piece piece;
  struct wa_span all = wa_it_span("("), text;
  bool first = true, none = wa_it_peek(it, 0) == 'v';
  it->at += none ? 1 : 0;
  while (!none && is_parameter(it)) {
    if (!wa_it_type(it, &piece) || !wa_it_flatten(it, &piece, &text)) {
      return false;
    }
    if (text.size == 0) { // an empty pack
      continue;
    }
    const struct wa_span parts[] = {all, wa_it_span(first ? "" : ", "), text};
    if (!wa_it_join(it, &all, parts, 3)) {
      return false;
    }
    first = false;
  }
  const struct wa_span parts[] = {all, wa_it_span(")")};
  return wa_it_join(it, to, parts, 2);
}

// ---- Template arguments ----

// L type value E.
static bool read_literal(struct wa_itanium *it, struct wa_piece *piece) {
  static const char suffixes[] = "ijlmxy";
  static const char *const spelled[] = {"", "u", "l", "ul", "ll", "ull"};
  struct wa_piece type;
  struct wa_span text;
  if (wa_it_eat(it, "_Z")) {
    *piece = (struct wa_piece){.kind = WA_PIECE_PLAIN};
    return wa_it_encoding(it, &piece->left, true) && wa_it_eat(it, "E");
  }
  char tag = wa_it_peek(it, 0);
  if (!wa_it_type(it, &type) || !wa_it_flatten(it, &type, &text)) {
    return false;
  }
  const char *sign = wa_it_eat(it, "n") ? "-" : "";
  size_t start = it->at;
  while (wa_is_digit(wa_it_peek(it, 0)) || (wa_it_peek(it, 0) >= 'a' && wa_it_peek(it, 0) <= 'f')) {
    it->at++;
  }
  const struct wa_span digits = {it->name + start, it->at - start};
  if (tag == 'b' && digits.size == 1) {
    return plain(piece, digits.at[0] == '0' ? "false" : "true") && wa_it_eat(it, "E");
  }
  const char *known = tag != '\0' ? strchr(suffixes, tag) : NULL;
  struct wa_span none = wa_it_span("");
  const struct wa_span parts[] = {wa_it_span(known ? "" : "("),
                                  known ? none : text,
                                  wa_it_span(known ? "" : ")"),
                                  wa_it_span(sign),
                                  digits,
                                  wa_it_span(known ? spelled[known - suffixes] : "")};
  *piece = (struct wa_piece){.kind = WA_PIECE_PLAIN};
  return wa_it_join(it, &piece->left, parts, 6) && wa_it_eat(it, "E");
}

static bool read_argument(struct wa_itanium *it, struct wa_piece *piece);

// J argument* E.
static bool read_pack(struct wa_itanium *it, struct wa_piece *piece) {
  struct wa_piece elements[MAX_ARGUMENTS];
  unsigned count = 0;
  struct wa_span all = wa_it_span(""), text;
  while (!wa_it_eat(it, "E")) {
    if (count == MAX_ARGUMENTS || !read_argument(it, &elements[count]) ||
        !wa_it_flatten(it, &elements[count], &text)) {
      return false;
    }
    const struct wa_span parts[] = {all, wa_it_span(count > 0 ? ", " : ""), text};
    if (!wa_it_join(it, &all, parts, 3)) {
      return false;
    }
    count++;
  }
  if (count > WA_MAX_PIECES - it->pack_count) {
    return false;
  }
  *piece = (struct wa_piece){
      .left = all, .kind = WA_PIECE_PACK, .first = it->pack_count, .count = count};
  memcpy(&it->packs[it->pack_count], elements, count * sizeof elements[0]);
  it->pack_count += count;
  return true;
}

static bool read_argument(struct wa_itanium *it, struct wa_piece *piece) {
  if (!wa_it_enter(it)) {
    return false;
  }
  bool read;
  if (wa_it_eat(it, "L")) {
    read = read_literal(it, piece);
  } else if (wa_it_eat(it, "J")) {
    read = read_pack(it, piece);
  } else {
    read = wa_it_peek(it, 0) != 'X' && wa_it_type(it, piece);
  }
  it->depth--;
  return read;
}

bool wa_it_template_arguments(struct wa_itanium *it, struct wa_span *to, bool keep) {
  struct wa_piece arguments[MAX_ARGUMENTS];
  unsigned count = 0;
  struct wa_span all = wa_it_span("<"), text;
  if (!wa_it_eat(it, "I")) {
    return false;
  }
  bool first = true;
  while (!wa_it_eat(it, "E")) {
    if (count == MAX_ARGUMENTS || !read_argument(it, &arguments[count]) ||
        !wa_it_flatten(it, &arguments[count], &text)) {
      return false;
    }
    const struct wa_span parts[] = {all, wa_it_span(first || text.size == 0 ? "" : ", "), text};
    if (!wa_it_join(it, &all, parts, 3)) {
      return false;
    }
    first = first && text.size == 0;
    count++;
  }
  const struct wa_span parts[] = {all, wa_it_span(all.at[all.size - 1] == '>' ? " >" : ">")};
  if (keep) {
    if (it->argument_first + it->argument_count + count > WA_MAX_PIECES) {
      return false;
    }
    it->argument_first += it->argument_count;
    it->argument_count = count;
    memcpy(&it->arguments[it->argument_first], arguments, count * sizeof arguments[0]);
  }
  return wa_it_join(it, to, parts, 2);
}
