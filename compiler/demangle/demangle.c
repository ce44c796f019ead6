#include "compiler/demangle/demangle.h"

#include "compiler/demangle/schemes.h"

enum { MAX_NAME = 8192 };

static bool begins(const char *name, size_t size, const char *prefix) {
  size_t length = strlen(prefix);
  return size > length && memcmp(name, prefix, length) == 0;
}

static bool demangle(const char *name, size_t size, struct wa_text *to) {
  if (begins(name, size, "_R")) {
    return wa_demangle_rust(name, size, to);
  }
  return begins(name, size, "_Z") && wa_demangle_itanium(name, size, to);
}

// LLVM and gcc name what they make of a function by a suffix; LLVM's own for what it renamed says
// nothing to anyone.
static void add_suffix(const char *suffix, size_t size, struct wa_text *to) {
  if (size > 0 && !begins(suffix, size, ".llvm.")) {
    wa_text_put(to, " [");
    wa_text_add(to, suffix, size);
    wa_text_put(to, "]");
  }
}

bool wa_demangle(struct wa_bytes name, char to[WA_DEMANGLED_SIZE]) {
  const char *bytes = (const char *)name.data;
  struct wa_text text = {.bytes = to};
  if (name.size > MAX_NAME || name.size < 3 || bytes[0] != '_' ||
      memchr(bytes, '\0', name.size) != NULL) {
    return false;
  }
  const char *dot = memchr(bytes, '.', name.size);
  size_t size = dot == NULL ? name.size : (size_t)(dot - bytes);
  // Legacy names of Rust are names of C++ as well, with a hash at their end, and may have dots.
  if (wa_demangle_rust_legacy(bytes, name.size, &text)) {
    to[text.size] = '\0';
    return true;
  }
  text.size = 0;
  if (!demangle(bytes, size, &text) || text.size == 0) {
    return false;
  }
  add_suffix(bytes + size, name.size - size, &text);
  to[text.size] = '\0';
  return !text.full;
}
