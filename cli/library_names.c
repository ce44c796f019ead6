#include "cli/library_names.h"

#include <stdio.h>
#include <string.h>

// Keywords of C and C++ up to now, and what stddef.h, stdint.h and compilers in their default mode
// define. "wasmaot_library" is what start/shared.c is called by.
static const char *const reserved[] = {"alignas",
                                       "alignof",
                                       "and",
                                       "and_eq",
                                       "asm",
                                       "atomic_cancel",
                                       "atomic_commit",
                                       "atomic_noexcept",
                                       "auto",
                                       "bitand",
                                       "bitor",
                                       "bool",
                                       "break",
                                       "case",
                                       "catch",
                                       "char",
                                       "char8_t",
                                       "char16_t",
                                       "char32_t",
                                       "class",
                                       "co_await",
                                       "co_return",
                                       "co_yield",
                                       "compl",
                                       "concept",
                                       "const",
                                       "const_cast",
                                       "consteval",
                                       "constexpr",
                                       "constinit",
                                       "continue",
                                       "contract_assert",
                                       "decltype",
                                       "default",
                                       "delete",
                                       "do",
                                       "double",
                                       "dynamic_cast",
                                       "else",
                                       "enum",
                                       "explicit",
                                       "export",
                                       "extern",
                                       "false",
                                       "float",
                                       "for",
                                       "friend",
                                       "goto",
                                       "if",
                                       "inline",
                                       "int",
                                       "linux",
                                       "long",
                                       "main",
                                       "max_align_t",
                                       "mutable",
                                       "namespace",
                                       "new",
                                       "noexcept",
                                       "not",
                                       "not_eq",
                                       "nullptr",
                                       "nullptr_t",
                                       "offsetof",
                                       "operator",
                                       "or",
                                       "or_eq",
                                       "private",
                                       "protected",
                                       "pthread",
                                       "ptrdiff_t",
                                       "public",
                                       "reflexpr",
                                       "register",
                                       "reinterpret_cast",
                                       "requires",
                                       "restrict",
                                       "return",
                                       "short",
                                       "signed",
                                       "size_t",
                                       "sizeof",
                                       "static",
                                       "static_assert",
                                       "static_cast",
                                       "struct",
                                       "switch",
                                       "synchronized",
                                       "template",
                                       "this",
                                       "thread_local",
                                       "throw",
                                       "true",
                                       "try",
                                       "typedef",
                                       "typeid",
                                       "typename",
                                       "typeof",
                                       "typeof_unqual",
                                       "union",
                                       "unix",
                                       "unreachable",
                                       "unsigned",
                                       "using",
                                       "virtual",
                                       "void",
                                       "volatile",
                                       "wasmaot_funcref",
                                       "wasmaot_library",
                                       "wasmaot_v128",
                                       "wchar_t",
                                       "while",
                                       "xor",
                                       "xor_eq",
                                       "NULL"};

// Of stdint.h: int8_t, UINT_LEAST16_MAX, INTPTR_MIN, INT64_C, SIZE_MAX and their like.
static bool is_of_stdint(const char *name) {
  static const char *const firsts[] = {"int",     "uint",  "INT",  "UINT",      "SIZE",
                                       "PTRDIFF", "WCHAR", "WINT", "SIG_ATOMIC"};
  static const char *const lasts[] = {"_t", "_MAX", "_MIN", "_C", "_WIDTH"};
  size_t length = strlen(name);
  for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
    for (size_t k = 0; k < sizeof lasts / sizeof lasts[0]; k++) {
      size_t first = strlen(firsts[i]);
      size_t last = strlen(lasts[k]);
      if (length >= first + last && memcmp(name, firsts[i], first) == 0 &&
          strcmp(name + length - last, lasts[k]) == 0) {
        return true;
      }
    }
  }
  return false;
}

static bool is_reserved(const char *name) {
  for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
    if (strcmp(name, reserved[i]) == 0) {
      return true;
    }
  }
  return is_of_stdint(name);
}

static char as_c(char c) {
  bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  if (!letter) {
    return '_';
  }
  return c;
}

static void all_as_c(char *to, struct wa_bytes from) {
  for (size_t i = 0; i < from.size; i++) {
    to[i] = as_c((char)from.data[i]);
  }
}

bool wa_library_names_init(struct wa_library_names *names, struct wa_arena *arena, size_t most) {
  size_t room = 16;
  while (room < most * 2) {
    room *= 2;
  }
  *names = (struct wa_library_names){
      .arena = arena, .slots = wa_arena_alloc(arena, room, sizeof(const char *)), .room = room};
  return names->slots != NULL;
}

// Whether it was not there.
static bool add(struct wa_library_names *names, const char *name) {
  uint64_t hash = 14695981039346656037u; // FNV-1a
  for (const char *at = name; *at != '\0'; at++) {
    hash = (hash ^ (uint8_t)*at) * 1099511628211u;
  }
  size_t slot = hash & (names->room - 1);
  for (; names->slots[slot] != NULL; slot = (slot + 1) & (names->room - 1)) {
    if (strcmp(names->slots[slot], name) == 0) {
      return false;
    }
  }
  names->slots[slot] = name;
  return true;
}

static const char *make(struct wa_library_names *names, const char *front, struct wa_bytes first,
                        struct wa_bytes second, const char *suffix) {
  size_t start = strlen(front);
  size_t length = start + first.size + 1 + second.size + strlen(suffix);
  char *name = wa_arena_alloc(names->arena, length + 12, 1);
  if (name == NULL) {
    return NULL;
  }
  (void)strcpy(name, front);
  all_as_c(name + start, first);
  name[start + first.size] = '_';
  all_as_c(name + start + first.size + 1, second);
  (void)strcpy(name + start + first.size + 1 + second.size, suffix);
  for (uint32_t number = 2; is_reserved(name) || !add(names, name); number++) {
    (void)snprintf(name + length, 12, "_%u", number);
  }
  return name;
}

const char *wa_library_name(struct wa_library_names *names, struct wa_bytes first,
                            struct wa_bytes second, const char *suffix) {
  return make(names, "", first, second, suffix);
}

const char *wa_library_member(struct wa_library_names *names, struct wa_bytes module,
                              struct wa_bytes name) {
  uint8_t first = module.size == 0 ? '_' : module.data[0];
  bool letter = as_c((char)first) != '_' && (first < '0' || first > '9');
  return make(names, letter ? "" : "import_", module, name, "");
}

const char *wa_library_prefix(struct wa_arena *arena, const char *output) {
  const char *slash = strrchr(output, '/');
  const char *base = slash != NULL ? slash + 1 : output;
  if (strncmp(base, "lib", 3) == 0 && base[3] != '.' && base[3] != '\0') {
    base += 3;
  }
  size_t length = strcspn(base, ".");
  char *prefix = wa_arena_alloc(arena, length + 5, 1);
  if (prefix == NULL) {
    return NULL;
  }
  const char *front = "";
  if (length == 0 || (base[0] >= '0' && base[0] <= '9')) {
    front = "_";
  } else if (as_c(base[0]) == '_' && (as_c(base[1]) == '_' || (base[1] >= 'A' && base[1] <= 'Z'))) {
    front = "lib"; // such names are the compiler's
  }
  size_t start = strlen(front);
  (void)strcpy(prefix, front);
  all_as_c(prefix + start, (struct wa_bytes){(const uint8_t *)base, length});
  if (is_reserved(prefix)) {
    (void)strcat(prefix, "_");
  }
  return prefix;
}
