// Rust's symbol names, version 0:
// https://rust-lang.github.io/rfcs/2603-rust-symbol-name-mangling-v0.html Printed as it is read. A
// back reference is read again where it is used, so a short name can say something long: STEPS
// bounds what is read, the text what is written.
#include "compiler/demangle/schemes.h"

#include <stdio.h>

enum { STEPS = 4096, DEPTH = 128 };

struct reader {
  const char *name; // behind "_R"
  size_t size, at;
  struct wa_text *to;
  unsigned steps, depth;
  unsigned quiet;     // read, but not printed
  uint64_t lifetimes; // bound around here
  bool failed;
};

static bool fail(struct reader *r) {
  r->failed = true;
  return false;
}

static void put_bytes(struct reader *r, const char *bytes, size_t size) {
  if (r->quiet == 0) {
    wa_text_add(r->to, bytes, size);
  }
}

static void put(struct reader *r, const char *text) {
  put_bytes(r, text, strlen(text));
}

static void put_number(struct reader *r, uint64_t number) {
  char text[24];
  (void)snprintf(text, sizeof text, "%llu", (unsigned long long)number);
  put(r, text);
}

static char peek(const struct reader *r) {
  if (r->at < r->size) {
    return r->name[r->at];
  }
  return '\0';
}

static bool eat(struct reader *r, char byte) {
  bool found = peek(r) == byte && r->at < r->size;
  r->at += found;
  return found;
}

static char next(struct reader *r) {
  if (r->at >= r->size) {
    r->failed = true;
    return '\0';
  }
  return r->name[r->at++];
}

// ---- Numbers and identifiers ----

static uint64_t read_decimal(struct reader *r) {
  uint64_t value = 0;
  if (eat(r, '0')) {
    return 0;
  }
  while (wa_is_digit(peek(r)) && value <= r->size) {
    value = value * 10 + (uint64_t)(next(r) - '0');
  }
  return value;
}

static uint64_t read_base62(struct reader *r) {
  uint64_t value = 0;
  if (eat(r, '_')) {
    return 0;
  }
  for (char byte = next(r); byte != '_'; byte = next(r)) {
    unsigned digit = 0;
    if (wa_is_digit(byte)) {
      digit = (unsigned)(byte - '0');
    } else if (byte >= 'a' && byte <= 'z') {
      digit = (unsigned)(byte - 'a') + 10;
    } else if (byte >= 'A' && byte <= 'Z') {
      digit = (unsigned)(byte - 'A') + 36;
    } else {
      r->failed = true;
    }
    if (r->failed || __builtin_mul_overflow(value, 62u, &value) ||
        __builtin_add_overflow(value, digit, &value)) {
      r->failed = true;
      return 0;
    }
  }
  if (value == UINT64_MAX) {
    r->failed = true;
    return 0;
  }
  return value + 1;
}

static uint64_t read_optional_base62(struct reader *r, char tag) {
  uint64_t value = eat(r, tag) ? read_base62(r) : UINT64_MAX;
  return value + 1; // 0 when it is not there
}

struct identifier {
  const char *bytes;
  size_t size;
  bool punycode;
};

static struct identifier read_identifier(struct reader *r) {
  struct identifier found = {.punycode = eat(r, 'u')};
  uint64_t size = wa_is_digit(peek(r)) ? read_decimal(r) : UINT64_MAX;
  (void)eat(r, '_');
  if (size > r->size - r->at) {
    r->failed = true;
    return found;
  }
  found.bytes = r->name + r->at;
  found.size = (size_t)size;
  r->at += found.size;
  return found;
}

static void put_identifier(struct reader *r, struct identifier name) {
  put(r, name.punycode ? "punycode{" : "");
  put_bytes(r, name.bytes, name.size);
  put(r, name.punycode ? "}" : "");
}

// ---- Recursion ----

static bool read_path(struct reader *r, bool in_value);
static bool read_type(struct reader *r);
static bool read_const(struct reader *r);

static bool enter(struct reader *r) {
  if (r->failed || r->to->full || ++r->steps > STEPS || r->depth >= DEPTH) {
    return fail(r);
  }
  r->depth++;
  return true;
}

static bool leave(struct reader *r, bool read) {
  r->depth--;
  return read && !r->failed;
}

// Goes to an earlier place, reads there, and comes back. `kind`: 'p'ath in a type, 'v'alue's path,
// 't'ype, 'c'onst.
static bool read_back(struct reader *r, char kind) {
  size_t start = r->at - 1;
  uint64_t place = read_base62(r);
  size_t end = r->at;
  if (r->failed || place >= start) {
    return fail(r);
  }
  if (r->quiet > 0) {
    return true;
  }
  r->at = (size_t)place;
  bool read = kind == 't' ? read_type(r) : kind == 'c' ? read_const(r) : read_path(r, kind == 'v');
  r->at = end;
  return read;
}

// ---- Types ----

static const char *basic_type(char tag) {
  static const char *const names[26] = {"i8",   "bool",  "char",  "f64", "str", "f32", NULL,
                                        "u8",   "isize", "usize", NULL,  "i32", "u32", "i128",
                                        "u128", "_",     NULL,    NULL,  "i16", "u16", "()",
                                        "...",  NULL,    "i64",   "u64", "!"};
  return tag >= 'a' && tag <= 'z' ? names[tag - 'a'] : NULL;
}

static void put_lifetime(struct reader *r, uint64_t index) {
  if (index == 0) {
    put(r, "'_");
    return;
  }
  if (index > r->lifetimes) {
    r->failed = true;
    return;
  }
  uint64_t depth = r->lifetimes - index;
  char name[2] = {(char)('a' + depth % 26), '\0'};
  put(r, "'");
  put(r, depth < 26 ? name : "_");
  if (depth >= 26) {
    put_number(r, depth);
  }
}

// for<'a, 'b>; gives how many were bound before.
static uint64_t read_binder(struct reader *r) {
  uint64_t before = r->lifetimes;
  uint64_t count = read_optional_base62(r, 'G');
  if (count > 64) {
    r->failed = true;
    return before;
  }
  for (uint64_t i = 0; i < count; i++) {
    r->lifetimes++;
    put(r, i == 0 ? "for<" : ", ");
    put_lifetime(r, 1);
  }
  put(r, count > 0 ? "> " : "");
  return before;
}

static bool read_list(struct reader *r, bool (*read)(struct reader *), unsigned *count) {
  for (*count = 0; !eat(r, 'E'); ++*count) {
    put(r, *count > 0 ? ", " : "");
    if (r->at >= r->size || !read(r)) {
      return fail(r);
    }
  }
  return true;
}

static void put_abi(struct reader *r) {
  put(r, "extern \"");
  if (eat(r, 'C')) {
    put(r, "C");
  } else {
    struct identifier abi = read_identifier(r);
    for (size_t i = 0; !r->failed && i < abi.size; i++) {
      put_bytes(r, abi.bytes[i] == '_' ? "-" : abi.bytes + i, 1);
    }
  }
  put(r, "\" ");
}

static bool read_function_type(struct reader *r) {
  unsigned count;
  uint64_t before = read_binder(r);
  put(r, eat(r, 'U') ? "unsafe " : "");
  if (eat(r, 'K')) {
    put_abi(r);
  }
  put(r, "fn(");
  bool read = read_list(r, read_type, &count);
  put(r, ")");
  if (read && !eat(r, 'u')) {
    put(r, " -> ");
    read = read_type(r);
  }
  r->lifetimes = before;
  return read;
}

static bool read_arguments(struct reader *r, bool in_value, bool open);

// A trait of `dyn`, whose bindings stand among its arguments.
static bool read_dyn_trait(struct reader *r) {
  bool open = false;
  if (eat(r, 'I')) {
    if (!read_path(r, false) || !read_arguments(r, false, true)) {
      return false;
    }
    open = true;
  } else if (!read_path(r, false)) {
    return false;
  }
  while (eat(r, 'p')) {
    put(r, open ? ", " : "<");
    open = true;
    put_identifier(r, read_identifier(r));
    put(r, " = ");
    if (!read_type(r)) {
      return false;
    }
  }
  put(r, open ? ">" : "");
  return true;
}

static bool read_dyn(struct reader *r) {
  put(r, "dyn ");
  uint64_t before = read_binder(r);
  for (unsigned i = 0; !eat(r, 'E'); i++) {
    put(r, i > 0 ? " + " : "");
    if (!enter(r) || !leave(r, read_dyn_trait(r))) {
      return fail(r);
    }
  }
  r->lifetimes = before;
  if (!eat(r, 'L')) {
    return fail(r);
  }
  uint64_t lifetime = read_base62(r);
  if (lifetime > 0) {
    put(r, " + ");
    put_lifetime(r, lifetime);
  }
  return !r->failed;
}

static bool read_reference(struct reader *r, const char *mutable) {
  put(r, "&");
  if (eat(r, 'L')) {
    uint64_t lifetime = read_base62(r);
    if (lifetime > 0) {
      put_lifetime(r, lifetime);
      put(r, " ");
    }
  }
  put(r, mutable);
  return read_type(r);
}

static bool read_tuple(struct reader *r) {
  unsigned count;
  put(r, "(");
  bool read = read_list(r, read_type, &count);
  put(r, count == 1 ? ",)" : ")");
  return read;
}

static bool read_array(struct reader *r, bool sized) {
  put(r, "[");
  bool read = read_type(r);
  if (read && sized) {
    put(r, "; ");
    read = read_const(r);
  }
  put(r, "]");
  return read;
}

static bool read_tagged_type(struct reader *r, char tag) {
  switch (tag) {
  case 'A':
    return read_array(r, true);
  case 'S':
    return read_array(r, false);
  case 'T':
    return read_tuple(r);
  case 'R':
    return read_reference(r, "");
  case 'Q':
    return read_reference(r, "mut ");
  case 'P':
    put(r, "*const ");
    return read_type(r);
  case 'O':
    put(r, "*mut ");
    return read_type(r);
  case 'F':
    return read_function_type(r);
  case 'D':
    return read_dyn(r);
  case 'B':
    return read_back(r, 't');
  default:
    r->at--;
    return read_path(r, false);
  }
}

static bool read_type(struct reader *r) {
  if (!enter(r)) {
    return false;
  }
  char tag = next(r);
  const char *basic = basic_type(tag);
  if (basic != NULL) {
    put(r, basic);
    return leave(r, true);
  }
  return leave(r, read_tagged_type(r, tag));
}

// ---- Constants ----

static bool read_number(struct reader *r, char type) {
  bool negative = eat(r, 'n');
  size_t start = r->at;
  uint64_t value = 0;
  for (char byte = next(r); byte != '_'; byte = next(r)) {
    bool digit = wa_is_digit(byte);
    if (r->failed || (!digit && (byte < 'a' || byte > 'f'))) {
      return fail(r);
    }
    value = value * 16 + (unsigned)(digit ? byte - '0' : byte - 'a' + 10);
  }
  size_t digits = r->at - 1 - start;
  put(r, negative ? "-" : "");
  if (type == 'b') {
    put(r, value != 0 ? "true" : "false");
  } else if (type == 'c') {
    char text[16];
    bool plain = value >= 0x20 && value < 0x7f && value != '\'' && value != '\\';
    (void)snprintf(text, sizeof text, plain ? "'%c'" : "'\\u{%x}'", (unsigned)(value & 0x1fffff));
    put(r, text);
  } else if (digits > 16) {
    put(r, "0x");
    put_bytes(r, r->name + start, digits);
  } else {
    put_number(r, value);
  }
  return true;
}

// Values of other types than numbers are rare: what holds them keeps its mangled name.
static bool read_const(struct reader *r) {
  if (!enter(r)) {
    return false;
  }
  char tag = next(r);
  if (tag == 'B') {
    return leave(r, read_back(r, 'c'));
  }
  if (tag == 'p') {
    put(r, "_");
    return leave(r, true);
  }
  return leave(r, strchr("ahjlmnostxybci", tag) != NULL && tag != '\0' ? read_number(r, tag)
                                                                       : fail(r));
}

// ---- Paths ----

static bool read_argument(struct reader *r) {
  if (eat(r, 'L')) {
    put_lifetime(r, read_base62(r));
    return !r->failed;
  }
  return eat(r, 'K') ? read_const(r) : read_type(r);
}

// Behind the path that they belong to. `open`: the bracket is closed by who reads more.
static bool read_arguments(struct reader *r, bool in_value, bool open) {
  unsigned count;
  put(r, in_value ? "::<" : "<");
  bool read = read_list(r, read_argument, &count);
  put(r, open ? "" : ">");
  return read;
}

// Where an impl stands says nothing that its type does not.
static bool skip_impl_path(struct reader *r) {
  r->quiet++;
  (void)read_optional_base62(r, 's');
  bool read = read_path(r, false);
  r->quiet--;
  return read;
}

static bool read_qualified(struct reader *r, bool has_trait) {
  put(r, "<");
  bool read = read_type(r);
  if (read && has_trait) {
    put(r, " as ");
    read = read_path(r, false);
  }
  put(r, ">");
  return read;
}

// Closures and shims have numbers, everything else has a name.
static bool read_nested(struct reader *r, bool in_value) {
  char space = next(r);
  if (!read_path(r, in_value)) {
    return false;
  }
  uint64_t number = read_optional_base62(r, 's');
  struct identifier name = read_identifier(r);
  if (r->failed) {
    return false;
  }
  if (space >= 'A' && space <= 'Z') {
    char other[2] = {space, '\0'};
    put(r, "::{");
    put(r, space == 'C' ? "closure" : space == 'S' ? "shim" : other);
    put(r, name.size > 0 ? ":" : "");
    put_identifier(r, name);
    put(r, "#");
    put_number(r, number);
    put(r, "}");
    return true;
  }
  if (name.size > 0) {
    put(r, "::");
    put_identifier(r, name);
  }
  return space >= 'a' && space <= 'z';
}

static bool read_tagged_path(struct reader *r, bool in_value) {
  switch (next(r)) {
  case 'C':
    (void)read_optional_base62(r, 's');
    put_identifier(r, read_identifier(r));
    return !r->failed;
  case 'M':
    return skip_impl_path(r) && read_qualified(r, false);
  case 'X':
    return skip_impl_path(r) && read_qualified(r, true);
  case 'Y':
    return read_qualified(r, true);
  case 'N':
    return read_nested(r, in_value);
  case 'I':
    return read_path(r, in_value) && read_arguments(r, in_value, false);
  case 'B':
    return read_back(r, in_value ? 'v' : 'p');
  default:
    return fail(r);
  }
}

static bool read_path(struct reader *r, bool in_value) {
  return enter(r) && leave(r, read_tagged_path(r, in_value));
}

bool wa_demangle_rust(const char *name, size_t size, struct wa_text *to) {
  struct reader r = {.name = name + 2, .size = size - 2, .to = to};
  // A number ahead of the path would be that of a later version of the scheme.
  if (!read_path(&r, true)) {
    return false;
  }
  if (r.at < r.size) { // the crate that a generic function was made for
    r.quiet++;
    if (!read_path(&r, false)) {
      return false;
    }
  }
  return r.at == r.size && !r.failed;
}
