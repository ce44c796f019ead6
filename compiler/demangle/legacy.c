// Rust's names before v0: those of C++'s nested names, with escapes, and a hash at the end.
#include "compiler/demangle/schemes.h"

static const struct {
  const char *code;
  const char *text;
} escapes[] = {{"SP", "@"}, {"BP", "*"}, {"RF", "&"}, {"LT", "<"},
               {"GT", ">"}, {"LP", "("}, {"RP", ")"}, {"C", ","}};

static unsigned digit_of(char byte) {
  return wa_is_digit(byte) ? (unsigned)(byte - '0') : (unsigned)(byte - 'a' + 10);
}

static bool is_hex(char byte) {
  return wa_is_digit(byte) || (byte >= 'a' && byte <= 'f');
}

// $u20$: one character of ASCII; others are left as they are.
static bool add_character(const char *code, size_t size, struct wa_text *to) {
  unsigned value = 0;
  for (size_t i = 1; i < size; i++) {
    if (!is_hex(code[i]) || size > 4) {
      return false;
    }
    value = value * 16 + digit_of(code[i]);
  }
  char byte = (char)value;
  if (size < 2 || value < 0x20 || value > 0x7e) {
    return false;
  }
  wa_text_add(to, &byte, 1);
  return true;
}

static bool add_escape(const char *code, size_t size, struct wa_text *to) {
  for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++) {
    if (strlen(escapes[i].code) == size && memcmp(escapes[i].code, code, size) == 0) {
      wa_text_put(to, escapes[i].text);
      return true;
    }
  }
  return size > 0 && code[0] == 'u' && add_character(code, size, to);
}

static void add_segment(const char *part, size_t size, struct wa_text *to) {
  size_t at = size > 1 && part[0] == '_' && part[1] == '$' ? 1 : 0;
  while (at < size) {
    const char *end = part[at] == '$' ? memchr(part + at + 1, '$', size - at - 1) : NULL;
    if (end != NULL && add_escape(part + at + 1, (size_t)(end - part) - at - 1, to)) {
      at = (size_t)(end - part) + 1;
    } else if (part[at] == '.' && at + 1 < size && part[at + 1] == '.') {
      wa_text_put(to, "::");
      at += 2;
    } else {
      wa_text_add(to, part + at, 1);
      at++;
    }
  }
}

static bool is_hash(const char *part, size_t size) {
  if (size != 17 || part[0] != 'h') {
    return false;
  }
  for (size_t i = 1; i < size; i++) {
    if (!is_hex(part[i])) {
      return false;
    }
  }
  return true;
}

static bool read_segment(const char *name, size_t size, size_t *at, const char **part,
                         size_t *length) {
  *length = 0;
  while (*at < size && wa_is_digit(name[*at]) && *length < size) {
    *length = *length * 10 + (size_t)(name[(*at)++] - '0');
  }
  if (*length == 0 || *length > size - *at) {
    return false;
  }
  *part = name + *at;
  *at += *length;
  return true;
}

bool wa_demangle_rust_legacy(const char *name, size_t size, struct wa_text *to) {
  size_t at = 3, length;
  const char *part;
  bool hashed = false;
  if (size < 4 || memcmp(name, "_ZN", 3) != 0) {
    return false;
  }
  while (!hashed && read_segment(name, size, &at, &part, &length)) {
    bool last = at < size && name[at] == 'E';
    hashed = last && to->size > 0 && is_hash(part, length);
    if (!hashed) {
      wa_text_put(to, to->size > 0 ? "::" : "");
      add_segment(part, length, to);
    }
    if (last) {
      break;
    }
  }
  bool whole = hashed && (at + 1 == size || name[at + 1] == '.') && !to->full;
  if (!whole) {
    *to = (struct wa_text){.bytes = to->bytes};
  }
  return whole;
}
