#include "cli/mistakes.h"

#include <string.h>

// ---- The first bytes ----

struct magic {
  const char *bytes;
  size_t size;
  const char *message;
};

#define MAGIC(bytes, message)                                                                      \
  { (bytes), sizeof(bytes) - 1, (message) }

static const struct magic magics[] = {
    MAGIC("\x1f\x8b", "is compressed (gzip); unpack it first: gunzip"),
    MAGIC("\x28\xb5\x2f\xfd", "is compressed (zstd); unpack it first: unzstd"),
    MAGIC("\xfd"
          "7zXZ",
          "is compressed (xz); unpack it first: unxz"),
    MAGIC("BZh", "is compressed (bzip2); unpack it first: bunzip2"),
    MAGIC("PK\x03\x04", "is a zip archive; unpack it first: unzip"),
    MAGIC("!<arch>\n", "is a static library (ar); link it into a program first"),
    MAGIC("BC\xc0\xde",
          "is LLVM bitcode; compile and link it to a module first: clang --target=wasm32-wasi"),
    MAGIC("\xcf\xfa\xed\xfe", "is native code of macOS (Mach-O); give it a .wasm module"),
    MAGIC("\xca\xfe\xba\xbe", "is native code of macOS or a Java class; give it a .wasm module"),
    MAGIC("MZ", "is native code of Windows (PE); give it a .wasm module"),
    MAGIC("#!", "is a script; give it a .wasm module"),
};

// Past blanks and the comments of the text format, of which the last may be cut off.
static size_t skip_comments(const char *text, size_t size) {
  size_t at = 0;
  while (at < size) {
    if (strchr(" \t\r\n", text[at]) != NULL && text[at] != '\0') {
      at++;
    } else if (at + 1 < size && text[at] == ';' && text[at + 1] == ';') {
      while (at < size && text[at] != '\n') {
        at++;
      }
    } else if (at + 1 < size && text[at] == '(' && text[at + 1] == ';') {
      const char *end = memmem(text + at, size - at, ";)", 2);
      at = end == NULL ? size : (size_t)(end - text) + 2;
    } else {
      break;
    }
  }
  return at;
}

static bool begins(const char *text, size_t size, const char *with) {
  size_t length = strlen(with);
  return size >= length && memcmp(text, with, length) == 0;
}

static bool ends(const char *text, const char *with) {
  size_t size = strlen(text);
  size_t length = strlen(with);
  return size > length && strcmp(text + size - length, with) == 0;
}

// Fields of a module may stand in a file without "(module" around them.
static bool is_text_format(const char *text, size_t size) {
  static const char *const words[] = {"(module", "(func",  "(type", "(import", "(memory", "(export",
                                      "(global", "(table", "(data", "(elem",   "(start"};
  size_t at = skip_comments(text, size);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (begins(text + at, size - at, words[i])) {
      return true;
    }
  }
  return false;
}

bool wa_refuse_start(const char *path, const uint8_t *start, size_t size, struct wa_error *err) {
  const char *text = (const char *)start;
  const char *message = NULL;
  for (size_t i = 0; i < sizeof magics / sizeof *magics && message == NULL; i++) {
    if (size >= magics[i].size && memcmp(start, magics[i].bytes, magics[i].size) == 0) {
      message = magics[i].message;
    }
  }
  size_t at = skip_comments(text, size);
  if (message == NULL && begins(text + at, size - at, "(component")) {
    message = "is the text of a component; build a preview 1 module instead: wasm32-wasip1";
  } else if (message == NULL && (ends(path, ".wat") || is_text_format(text, size))) {
    message = "is WebAssembly text; turn it into a binary first: wat2wasm";
  } else if (message == NULL && (ends(path, ".js") || ends(path, ".mjs"))) {
    message = "is JavaScript; give it the .wasm file beside it, if that is made for WASI";
  } else if (message == NULL && begins(text + at, size - at, "<")) {
    message = "is a page of HTML or XML, perhaps in place of a download; give it a .wasm module";
  } else if (message == NULL && begins(text, size, "version https://git-lfs")) {
    message = "is a pointer of Git LFS and not the file itself; fetch that: git lfs pull";
  }
  if (message == NULL) {
    message = "is neither a WebAssembly module (\\0asm) nor an object of 'wasmaot compile' (ELF)";
  }
  return wa_fail(err, WA_ERROR_MALFORMED, 0, "%s", message);
}

bool wa_refuse_file(const char *path, struct wa_error *err) {
  uint8_t start[512]; // comments may stand before the text that tells
  size_t size = sizeof start;
  return wa_file_start(path, start, &size, err) && wa_refuse_start(path, start, size, err);
}

// ---- Modules ----

bool wa_check_layer(const uint8_t *data, size_t size, struct wa_error *err) {
  // Bytes 6 and 7 of a component's preamble are its layer, 1; of a module's they are 0.
  if (size < 8 || memcmp(data, "\0asm", 4) != 0 || data[6] != 1 || data[7] != 0) {
    return true;
  }
  return wa_fail(err, WA_ERROR_UNSUPPORTED, 4,
                 "a component (WASI 0.2 and later) needs the component model, which wasmaot does "
                 "not have; build for preview 1: wasm32-wasip1 or wasm32-wasip1-threads");
}

// A number of up to 32 bits; false at the end of the bytes.
static bool read_u32(const uint8_t **at, const uint8_t *end, uint32_t *number) {
  uint64_t value = 0;
  for (unsigned shift = 0; *at < end && shift < 35; shift += 7) {
    uint8_t byte = *(*at)++;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *number = (uint32_t)value;
      return value <= UINT32_MAX;
    }
  }
  return false;
}

// Whether a custom section of this name is among a module's sections.
static bool has_custom(const uint8_t *data, size_t size, const char *name) {
  const uint8_t *at = data + 8;
  const uint8_t *end = data + size;
  size_t length = strlen(name);
  while (at < end) {
    uint8_t id = *at++;
    uint32_t bytes;
    if (!read_u32(&at, end, &bytes) || bytes > (size_t)(end - at)) {
      return false;
    }
    const uint8_t *inside = at;
    uint32_t name_size;
    at += bytes;
    if (id == 0 && read_u32(&inside, at, &name_size) && name_size == length &&
        length <= (size_t)(at - inside) && memcmp(inside, name, length) == 0) {
      return true;
    }
  }
  return false;
}

bool wa_check_linked(const uint8_t *data, size_t size, struct wa_error *err) {
  if (size < 8) {
    return true;
  }
  if (has_custom(data, size, "linking")) {
    return wa_fail(err, WA_ERROR_UNSUPPORTED, WA_NO_OFFSET,
                   "is an object file of a compiler, not linked yet (it has a `linking` section); "
                   "link it first: clang --target=wasm32-wasi, rustc, or wasm-ld");
  }
  if (has_custom(data, size, "dylink.0") || has_custom(data, size, "dylink")) {
    return wa_fail(err, WA_ERROR_UNSUPPORTED, WA_NO_OFFSET,
                   "is a library for dynamic linking (it has a `dylink` section), which wasmaot "
                   "does not do; link it into the program: build it without -shared and -fPIC");
  }
  return true;
}

// ---- Objects ----

bool wa_check_ours(const char *path, struct wa_error *err) {
  static const char section[] = ".wasmaot.module";
  struct wa_file file;
  struct wa_error ignored;
  if (err->kind != WA_ERROR_MALFORMED || !wa_file_read(path, &file, &ignored)) {
    return true;
  }
  bool ours = memmem(file.data, file.size, section, sizeof section - 1) != NULL;
  wa_file_deinit(&file);
  return ours ||
         wa_fail(err, WA_ERROR_MALFORMED, WA_NO_OFFSET,
                 "is an ELF file that 'wasmaot compile' did not make, or only a part of one; give "
                 "it a .wasm module, or the object that 'wasmaot compile' makes of it");
}
